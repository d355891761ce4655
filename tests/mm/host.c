#include "host.h"
#include "kernel/machine.h"
#include "kernel/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

jmp_buf after_panic;
bool expecting_panic;
char panic_text[256];
static uint64_t state;

/* Interrupts, of which there are none. */
bool
machine_intr_off(void)
{
    return false;
}

void
machine_intr_on(void)
{
}

_Noreturn void
__panic(const char *function, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(panic_text, sizeof panic_text, format, ap);
    va_end(ap);
    if (expecting_panic)
        longjmp(after_panic, 1);
    printf("panic in %s: %s\n", function, panic_text);
    exit(1);
}

void
expect_text(const char *what, const char *format, ...)
{
    char text[sizeof panic_text];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (strcmp(text, panic_text) != 0)
        die(what, "says \"%s\", not \"%s\"", panic_text, text);
}

_Noreturn void
die(const char *what, const char *format, ...)
{
    va_list ap;

    printf("%s: ", what);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
    exit(1);
}

void
seed(uint64_t n)
{
    state = n * 0x9E3779B97F4A7C15 | 1;
}

uint32_t
below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state * 0x2545F4914F6CDD1D >> 32) % n;
}
