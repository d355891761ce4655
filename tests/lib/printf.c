/* printf: the kernel's printf engine against the C library's.
 *
 *   printf check SEED COUNT          runs the engine here
 *   printf write SEED COUNT FILE     writes the cases for an i386
 *
 * Compiled with -Dsnprintf=k_snprintf, as is the engine; the C library's own
 * is called libc_format here. */
#include "case.h"
#include "lib/printfmt.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef snprintf

static char *unended;           /* on the heap, where a sanitizer watches */
static char pointer_text[64];   /* as the engine must show a pointer */
static const char *const strings[STRINGS] = STRING_TABLE;
static bool ilp32;              /* the machine's long has 32 bits */
enum { POINTER_TEXT = STRINGS, NULL_TEXT, ENDED };

static const char *
string(uint64_t number)
{
    switch (number) {
    case UNENDED:      return unended;
    case POINTER_TEXT: return pointer_text;
    case NULL_TEXT:    return "(null)";
    case ENDED:        return "unend";
    default:           return strings[number];
    }
}

static int
libc_format(char *buffer, size_t size, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(buffer, size, format, ap);
    va_end(ap);
    return n;
}

DEFINE_CALL(call_engine, k_snprintf)
DEFINE_CALL(call_libc, libc_format)

/* --- Random choices --- */

static uint64_t state;

static uint64_t
random64(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545F4914F6CDD1D;
}

static int
below(int n)
{
    return (random64() >> 33) % n;
}

static uint64_t
random_value(void)
{
    static const uint64_t edges[] = {
        0, 1, -1, 7, 8, 9, 10, 15, 16, 99, 100, INT8_MIN, INT8_MAX, UINT8_MAX,
        INT16_MIN, INT16_MAX, UINT16_MAX, INT32_MIN, INT32_MAX, UINT32_MAX,
        0x100000000, INT64_MIN, INT64_MAX, UINT64_MAX, 9999999999, 01234567
    };

    switch (below(4)) {
    case 0:  return edges[below(sizeof edges / sizeof *edges)];
    case 1:  return below(1000);
    case 2:  return random64() >> below(64);
    default: return random64();
    }
}

/* --- One conversion --- */

/* What is appended to the case under test, and to what the C library is given
 * to say what must come out. */
struct conversion {
    char flags[8], width[8], precision[8], size[4], letter;
    int stars, star[2];
    enum shape shape;
    uint64_t value;
};

static void
random_flags(struct conversion *c, const char *allowed)
{
    int n = 0;

    for (int i = below(4); i > 0; i--)
        c->flags[n++] = allowed[below(strlen(allowed))];
}

static void
random_field(struct conversion *c, char *field, const char *dot, int limit,
             bool stars)
{
    switch (below(4)) {
    case 0:
        return;
    case 1:
        if (stars) {
            libc_format(field, 8, "%s*", dot);
            c->star[c->stars++] = below(2 * limit) - limit / 2;
            return;
        }
        /* fall through */
    default:
        /* A width that began with 0 would be a flag. */
        if (*dot == '\0' || below(8) > 0)
            libc_format(field, 8, "%s%d", dot, 1 + below(limit));
        else
            libc_format(field, 8, "%s%s", dot, below(2) ? "0" : "");
    }
}

/* An integer of a given shape, or of any if it is NONE. */
static void
random_integer(struct conversion *c, enum shape shape, int limit, bool stars)
{
    static const struct { const char *size; enum shape shape; } sizes[] = {
        { "", INT }, { "hh", INT }, { "h", INT }, { "ll", LLONG },
        { "l", LONG }, { "z", SIZE }, { "t", PTRDIFF }
    };
    int i;

    do
        i = below(sizeof sizes / sizeof *sizes);
    while (shape != NONE && sizes[i].shape != shape);
    strcpy(c->size, sizes[i].size);
    c->shape = sizes[i].shape;
    c->letter = "ddiuoxX"[below(7)];
    c->value = random_value();
    random_flags(c, strchr("oxX", c->letter) ? "-0+ #" : "-0+ ");
    random_field(c, c->width, "", limit, stars);
    random_field(c, c->precision, ".", limit, stars);
}

static void
random_string(struct conversion *c, int limit, bool stars)
{
    c->letter = 's';
    c->shape = STRING;
    c->value = below(STRINGS);
    random_flags(c, "-+ ");
    random_field(c, c->width, "", limit, stars);
    random_field(c, c->precision, ".", limit, stars);
    if (c->value == UNENDED)    /* must not be looked at beyond its 5 bytes */
        libc_format(c->precision, 8, ".%d", below(6));
    if (c->value == UNENDED && c->stars == 2)
        c->stars = 1;
    if (c->value == UNENDED && c->stars == 1 && !strchr(c->width, '*'))
        c->stars = 0;
}

static void
random_character(struct conversion *c, int limit, bool stars)
{
    c->letter = 'c';
    c->shape = INT;
    c->value = random_value();
    random_flags(c, "-+ ");
    random_field(c, c->width, "", limit, stars);
}

static void
random_pointer(struct conversion *c, int limit, bool stars)
{
    c->letter = 'p';
    c->shape = POINTER;
    c->value = ilp32 ? (uint32_t)random_value() : random_value();
    random_flags(c, "-");
    random_field(c, c->width, "", limit, stars);
}

static void
random_unknown(struct conversion *c)
{
    static const char unknown[] = "nfgeakmqrvwybBDEGHIKMNOPQRSTUVWYZ!&,/:;?@_~";

    c->letter = unknown[below(sizeof unknown - 1)];
    c->shape = NONE;
    if (below(8) == 0)
        c->letter = '%';
}

/* --- One case: the conversions, with text around them --- */

static void
append(char *to, const char *format, ...)
{
    size_t n = strlen(to);
    va_list ap;

    va_start(ap, format);
    vsnprintf(to + n, 64 - n, format, ap);
    va_end(ap);
}

/* Appends the conversion, and what the C library must be told to make the
 * same of it. */
static void
add(struct test_case *t, struct test_case *reference, int i,
    const struct conversion *c)
{
    const char *size = c->size;
    char letter[] = { c->letter, '\0' };

    append(t->format, "%%%s%s%s%s%c", c->flags, c->width, c->precision,
           c->size, c->letter);
    t->value[i] = reference->value[i] = c->value;
    if (c->shape == NONE) {
        append(reference->format, c->letter == '%' ? "%s" : "%s%c", "%%",
               c->letter);
        return;
    }
    if (ilp32 && (c->shape == LONG || c->shape == SIZE || c->shape == PTRDIFF))
        size = "";              /* an int's size here is a long's there */
    if (c->letter == 'p') {
        letter[0] = 's';
        reference->value[i] = POINTER_TEXT;
        libc_format(pointer_text, sizeof pointer_text, "0x%0*llx",
                    ilp32 ? 8 : 16, (unsigned long long)c->value);
    } else if (c->shape == STRING && c->value == NULL_STRING) {
        reference->value[i] = NULL_TEXT;
    } else if (c->shape == STRING && c->value == UNENDED) {
        reference->value[i] = ENDED;
    }
    append(reference->format, "%%%s%s%s%s%s", c->flags, c->width, c->precision,
           size, letter);
}

static enum shape
libc_shape(enum shape shape)
{
    if (shape == POINTER)
        return STRING;
    if (ilp32 && (shape == LONG || shape == SIZE || shape == PTRDIFF))
        return INT;
    return shape;
}

static void
random_text(struct test_case *t, struct test_case *reference)
{
    static const char *const texts[] = { "", "", "", "x", "|", "a b ", "\n" };
    const char *s = texts[below(sizeof texts / sizeof *texts)];

    append(t->format, "%s", s);
    append(reference->format, "%s", s);
}

static void
one_conversion(struct test_case *t, struct test_case *reference)
{
    struct conversion c = { .letter = 0 };
    int kind = below(16);

    if (kind < 10)
        random_integer(&c, NONE, 40, true);
    else if (kind < 12)
        random_string(&c, 40, true);
    else if (kind < 13)
        random_character(&c, 40, true);
    else if (kind < 15)
        random_pointer(&c, 40, true);
    else
        random_unknown(&c);
    add(t, reference, 0, &c);
    t->stars = reference->stars = c.stars;
    memcpy(t->star, c.star, sizeof t->star);
    memcpy(reference->star, c.star, sizeof t->star);
    t->shape = c.shape;
    reference->shape = libc_shape(c.shape);
}

static void
three_conversions(struct test_case *t, struct test_case *reference)
{
    static const struct { enum shape shape, part[3]; } triples[] = {
        { INT3, { INT, INT, INT } },
        { LLONG3, { LLONG, LLONG, LLONG } },
        { STRING3, { STRING, STRING, STRING } },
        { INT_LLONG_STRING, { INT, LLONG, STRING } },
        { LLONG_STRING_INT, { LLONG, STRING, INT } },
        { STRING_INT_LLONG, { STRING, INT, LLONG } },
    };
    int kind = below(sizeof triples / sizeof *triples);

    t->shape = reference->shape = triples[kind].shape;
    for (int i = 0; i < 3; i++) {
        struct conversion c = { .letter = 0 };

        if (triples[kind].part[i] == STRING)
            random_string(&c, 20, false);
        else
            random_integer(&c, triples[kind].part[i], 20, false);
        add(t, reference, i, &c);
        random_text(t, reference);
    }
}

static void
random_case(struct test_case *t)
{
    struct test_case reference = { .shape = NONE };

    memset(t, 0, sizeof *t);
    random_text(t, &reference);
    if (below(4) > 0)
        one_conversion(t, &reference);
    else
        three_conversions(t, &reference);
    random_text(t, &reference);
    if (below(32) == 0) {       /* a format that stops in the middle */
        static const char *const stops[] = {
            "%", "%-", "%5", "%.", "%.3", "%l", "%hh", "%+ #0-12.3ll"
        };
        append(t->format, "%s", stops[below(sizeof stops / sizeof *stops)]);
    }
    t->size = below(3) > 0 ? TEXT : below(24);
    reference.size = t->size;
    t->length = call_libc(&reference, t->expected);
}

/* --- The two commands --- */

static void
print_bytes(const char *what, const char *s, int n)
{
    fprintf(stderr, "  %s \"", what);
    for (int i = 0; i < n; i++)
        fprintf(stderr, s[i] >= ' ' && s[i] < 127 ? "%c" : "\\%03o",
                (unsigned char)s[i]);
    fprintf(stderr, "\"\n");
}

/* Bytes of the expected text, with the final 0: %c can print a 0, too. */
static int
stored(const struct test_case *t)
{
    return t->length < t->size ? t->length + 1 : t->size;
}

static bool
check(const struct test_case *t)
{
    char *buffer = t->size > 0 ? malloc(t->size) : NULL;
    int n, m = stored(t);
    bool ok;

    if (m > 0)
        memset(buffer, '#', t->size);
    n = call_engine(t, buffer);
    ok = n == t->length && (m == 0 || memcmp(buffer, t->expected, m) == 0);
    for (int i = m; i < t->size; i++)
        ok = ok && buffer[i] == '#';
    if (!ok) {
        print_bytes("format  ", t->format, strlen(t->format));
        fprintf(stderr, "  stars %d, %d; values 0x%llx, 0x%llx, 0x%llx; size %d\n",
                t->star[0], t->star[1], (unsigned long long)t->value[0],
                (unsigned long long)t->value[1],
                (unsigned long long)t->value[2], t->size);
        print_bytes("expected", t->expected, m);
        print_bytes("got     ", buffer, m);
        fprintf(stderr, "  lengths %d and %d\n\n", t->length, n);
    }
    free(buffer);
    return ok;
}

int
main(int argc, char **argv)
{
    static const char unended_bytes[] = UNENDED_BYTES;
    bool writing = argc == 5 && strcmp(argv[1], "write") == 0;
    FILE *f = writing ? fopen(argv[4], "wb") : NULL;
    int wrong = 0, count;

    if ((argc != 4 && !writing) || (writing && f == NULL)) {
        fprintf(stderr, "usage: printf check|write SEED COUNT [FILE]\n");
        return 2;
    }
    unended = malloc(sizeof unended_bytes);
    memcpy(unended, unended_bytes, sizeof unended_bytes);
    state = 88172645463325252 + strtoull(argv[2], NULL, 0);
    count = atoi(argv[3]);
    ilp32 = writing;
    for (int i = 0; i < count && wrong < 5; i++) {
        struct test_case t;

        random_case(&t);
        if (t.length >= TEXT) {
            fprintf(stderr, "case %d: its text is too long\n", i);
            return 2;
        }
        if (writing)
            fwrite(&t, sizeof t, 1, f);
        else
            wrong += !check(&t);
    }
    free(unended);
    if (f != NULL && fclose(f) != 0)
        return 2;
    return wrong > 0;
}
