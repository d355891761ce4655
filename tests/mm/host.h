/* What the tests of memory management share: a panic that can be survived, and
 * random numbers that repeat. */
#ifndef HOST_H
#define HOST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

extern jmp_buf after_panic;
extern bool expecting_panic;
extern char panic_text[256];    /* the last one, without the function's name */

/* Does STATEMENT panic, and say this?  printf's arguments. */
#define PANICS(statement, ...)                                               \
    do {                                                                     \
        expecting_panic = true;                                              \
        panic_text[0] = '\0';                                                \
        if (setjmp(after_panic) == 0) {                                      \
            statement;                                                       \
        }                                                                    \
        expecting_panic = false;                                             \
        expect_text(#statement, __VA_ARGS__);                                \
    } while (0)

#define CHECK(condition, ...)                                                \
    do {                                                                     \
        if (!(condition))                                                    \
            die(#condition, __VA_ARGS__);                                    \
    } while (0)

void expect_text(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void die(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void seed(uint64_t n);
uint32_t below(uint32_t n);     /* 0 to n - 1 */

#endif
