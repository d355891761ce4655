/* string: the kernel's string functions against the C library's.
 *
 * Compiled with -DNAME=k_NAME for each of them, as is lib/string.c. */
#include "lib/string.h"
#undef memset
#undef memcpy
#undef memmove
#undef memcmp
#undef strlen
#undef strcmp
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong;

#define CHECK(condition, ...)                                                \
    do {                                                                     \
        if (!(condition) && wrong++ < 10) {                                  \
            fprintf(stderr, __VA_ARGS__);                                    \
            fprintf(stderr, ": not so: %s\n", #condition);                   \
        }                                                                    \
    } while (0)

static int
sign(int n)
{
    return (n > 0) - (n < 0);
}

static void
fill(unsigned char *p, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = rand();
}

/* Every overlap within 24 bytes. */
static void
test_memmove(void)
{
    enum { SIZE = 24 };
    unsigned char *a = malloc(SIZE), *b = malloc(SIZE);

    for (int to = 0; to <= SIZE; to++)
        for (int from = 0; from <= SIZE; from++)
            for (int n = 0; n <= SIZE - (to > from ? to : from); n++) {
                fill(a, SIZE);
                memcpy(b, a, SIZE);
                CHECK(k_memmove(a + to, a + from, n) == a + to, "memmove");
                memmove(b + to, b + from, n);
                CHECK(memcmp(a, b, SIZE) == 0, "memmove to %d from %d, %d bytes",
                      to, from, n);
            }
    free(a);
    free(b);
}

static void
test_memcpy(void)
{
    for (int n = 0; n < 300; n++) {
        unsigned char *a = malloc(n + 1), *b = malloc(n + 1);

        fill(a, n + 1);
        b[n] = a[n];
        CHECK(k_memcpy(b, a, n) == b, "memcpy");
        CHECK(memcmp(a, b, n + 1) == 0, "memcpy of %d bytes", n);
        free(a);
        free(b);
    }
}

static void
test_memset(void)
{
    static const int values[] = { 0, 1, 127, 128, 255, 256, -1, 0x12345678 };

    for (int n = 0; n < 100; n++)
        for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
            unsigned char *a = malloc(n + 2), *b = malloc(n + 2);

            memset(a, 0x55, n + 2);
            memset(b, 0x55, n + 2);
            CHECK(k_memset(a + 1, values[i], n) == a + 1, "memset");
            memset(b + 1, values[i], n);
            CHECK(memcmp(a, b, n + 2) == 0, "memset of %d bytes to %d", n,
                  values[i]);
            free(a);
            free(b);
        }
}

/* Few different bytes, among them some above 127, so that much is equal. */
static void
test_comparisons(void)
{
    static const unsigned char bytes[] = { 1, 2, 127, 128, 255 };

    for (int round = 0; round < 50000; round++) {
        int n = rand() % 6, m = rand() % 6, shorter = n < m ? n : m;
        char *a = malloc(n + 1), *b = malloc(m + 1);

        for (int i = 0; i < n; i++)
            a[i] = bytes[rand() % sizeof bytes];
        for (int i = 0; i < m; i++)
            b[i] = i < n && rand() % 4 ? a[i] : bytes[rand() % sizeof bytes];
        a[n] = b[m] = '\0';
        CHECK((int)k_strlen(a) == n, "strlen of %d", n);
        CHECK(sign(k_strcmp(a, b)) == sign(strcmp(a, b)), "strcmp");
        if (n > 0 && rand() % 4 == 0)
            a[rand() % n] = '\0'; /* not the end for memcmp */
        CHECK(sign(k_memcmp(a, b, shorter)) == sign(memcmp(a, b, shorter)),
              "memcmp of %d", shorter);
        free(a);
        free(b);
    }
}

int
main(void)
{
    srand(1);
    test_memmove();
    test_memcpy();
    test_memset();
    test_comparisons();
    return wrong > 0;
}
