/* fdt: the reader of device trees, on a real tree and on damaged ones.
 *
 *   fdt TREE              prints what the kernel asks of it
 *   fdt TREE SEED COUNT   damages it COUNT times; a read out of bounds is for
 *                         the sanitizers to see
 */
#include "arch/riscv64/fdt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *path, *name; } questions[] = {
    { "", "compatible" }, { "/memory", "reg" }, { "/memory@80000000", "reg" },
    { "/chosen", "stdout-path" }, { "/chosen", "bootargs" },
    { "/cpus", "timebase-frequency" }, { "/cpus/cpu", "riscv,isa" },
    { "/cpus/*/interrupt-controller", "compatible" }, { "/soc/test", "reg" },
    { "/soc/*", "reg" }, { "/no/such/node", "reg" }, { "*", "*" },
};

enum { QUESTIONS = sizeof questions / sizeof *questions };

static unsigned long long state;

static unsigned
below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state * 0x2545F4914F6CDD1D >> 32) % n;
}

static unsigned
number_at(const unsigned char *p)
{
    return (unsigned)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Without the megabyte of zeros that QEMU puts behind the names. */
static size_t
pack(unsigned char *tree, size_t size)
{
    size_t used = (size_t)number_at(tree + 12) + number_at(tree + 32);

    if (used >= size || used < number_at(tree + 8) + number_at(tree + 36))
        return size;
    for (int i = 0; i < 4; i++)
        tree[4 + i] = used >> (24 - 8 * i);
    return used;
}

/* Asks everything, and touches each byte of each answer; returns their sum. */
static unsigned
ask(const unsigned char *blob, size_t size, bool say)
{
    struct fdt fdt;
    struct fdt_value value;
    uint64_t base, length;
    unsigned sum = 0;

    if (!fdt_open(&fdt, blob, size)) {
        if (say)
            printf("no tree\n");
        return 0;
    }
    for (int i = 0; i < QUESTIONS; i++) {
        for (int n = 0; fdt_find(&fdt, questions[i].path, questions[i].name, n,
                                 &value); n++) {
            for (size_t j = 0; j < value.length; j++)
                sum += value.bytes[j];
            if (say && fdt_is_text(&value))
                printf("%s %s: %s\n", questions[i].path, questions[i].name,
                       (const char *)value.bytes);
            sum += fdt_number(&value, 1 + i % 2);
            sum += value.length > 0 && fdt_is_text(&value);
        }
        if (fdt_reg(&fdt, questions[i].path, 0, &base, &length) && say)
            printf("%s reg: %llx %llx\n", questions[i].path,
                   (unsigned long long)base, (unsigned long long)length);
    }
    return sum;
}

/* A few bytes changed, at the beginning more often than elsewhere; or a word
 * that means something; or the end cut off. */
static size_t
damage(unsigned char *copy, size_t size)
{
    for (unsigned n = 1 + below(4); n > 0; n--) {
        size_t at = below(2) ? below(size) : below(64);
        unsigned word = below(2) ? below(12) : ~below(12);

        switch (below(3)) {
        case 0: copy[at] = below(256); break;
        case 1:
            for (size_t i = 0; i < 4 && (at & ~3ul) + i < size; i++)
                copy[(at & ~3ul) + i] = word >> (24 - 8 * i);
            break;
        case 2: copy[at] ^= 1 << below(8); break;
        }
    }
    return below(4) ? size : below(size);
}

/* A tree whose last bytes are a text without its zero: reading on is a read out
 * of bounds. */
static bool
ends_in_half_a_text(void)
{
    static const unsigned char tree[] = {
        0xD0, 0x0D, 0xFE, 0xED, 0, 0, 0, 89, 0, 0, 0, 52, 0, 0, 0, 40,
        0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 16, 0, 0, 0, 0,
        0, 0, 0, 9, 0, 0, 0, 37,
        'b', 'o', 'o', 't', 'a', 'r', 'g', 's', 0, 0, 0, 0,
        0, 0, 0, 1, 0, 0, 0, 0,
        0, 0, 0, 1, 'c', 'h', 'o', 's', 'e', 'n', 0, 0,
        0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 0, 't', 'e', 's', 't', '!',
    };
    unsigned char *copy = malloc(sizeof tree);
    struct fdt fdt;
    struct fdt_value value;
    bool right;

    memcpy(copy, tree, sizeof tree);
    right = fdt_open(&fdt, copy, sizeof tree) &&
            fdt_find(&fdt, "/chosen", "bootargs", 0, &value) &&
            value.length == 5 && !fdt_is_text(&value);
    free(copy);
    return right;
}

int
main(int argc, char *argv[])
{
    static unsigned char tree[1 << 21];
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    size_t size = f != NULL ? fread(tree, 1, sizeof tree, f) : 0;
    unsigned sum = 0;

    if (size == 0 || (argc != 2 && argc != 4)) {
        fprintf(stderr, "usage: fdt TREE [SEED COUNT]\n");
        return 2;
    }
    if (!ends_in_half_a_text()) {
        fprintf(stderr, "half a text is taken for a text, or not found\n");
        return 1;
    }
    size = pack(tree, size);
    if (argc == 2) {
        ask(tree, size, true);
        return 0;
    }
    state = strtoull(argv[2], NULL, 10) * 0x9E3779B97F4A7C15 | 1;
    for (long n = strtol(argv[3], NULL, 10); n > 0; n--) {
        unsigned char *copy = malloc(size);
        size_t left;

        memcpy(copy, tree, size);
        left = damage(copy, size);
        copy = realloc(copy, left > 0 ? left : 1); /* bounds to be watched */
        sum += ask(copy, left, false);
        free(copy);
    }
    printf("sum %u\n", sum);
    return 0;
}
