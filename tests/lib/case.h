/* One call of snprintf and what must come out; written by the host, checked by
 * the host and by the machine itself. */
#ifndef CASE_H
#define CASE_H

#include <stddef.h>
#include <stdint.h>

enum shape {                    /* the arguments behind the stars */
    NONE, INT, LONG, LLONG, SIZE, PTRDIFF, POINTER, STRING,
    INT3, LLONG3, STRING3,
    INT_LLONG_STRING, LLONG_STRING_INT, STRING_INT_LLONG
};

enum { TEXT = 160, STRINGS = 8, UNENDED = 6, NULL_STRING = 7 };

struct test_case {
    uint8_t shape, stars;
    int16_t size;               /* of the buffer */
    int32_t star[2];
    int32_t length;             /* what is to be returned */
    uint64_t value[3];          /* 16 bytes from the start on any machine; a
                                 * string is given by its number */
    char format[64];
    char expected[TEXT];
};

/* Calls FUNCTION with the case's arguments; string() turns a number into a
 * string. */
#define CALL1(function, c, buffer, v)                                        \
    ((c)->stars == 0 ? function(buffer, (c)->size, (c)->format, v)           \
     : (c)->stars == 1                                                       \
         ? function(buffer, (c)->size, (c)->format, (c)->star[0], v)         \
         : function(buffer, (c)->size, (c)->format, (c)->star[0],            \
                    (c)->star[1], v))
#define CALL3(function, c, buffer, x, y, z)                                  \
    function(buffer, (c)->size, (c)->format, x, y, z)

#define DEFINE_CALL(name, function)                                          \
    static int name(const struct test_case *c, char *b)                      \
    {                                                                        \
        const uint64_t *v = c->value;                                        \
                                                                             \
        switch (c->shape) {                                                  \
        case INT:      return CALL1(function, c, b, (int)v[0]);              \
        case LONG:     return CALL1(function, c, b, (long)v[0]);             \
        case LLONG:    return CALL1(function, c, b, (long long)v[0]);        \
        case SIZE:     return CALL1(function, c, b, (size_t)v[0]);           \
        case PTRDIFF:  return CALL1(function, c, b, (ptrdiff_t)v[0]);        \
        case POINTER:                                                        \
            return CALL1(function, c, b, (void *)(uintptr_t)v[0]);           \
        case STRING:   return CALL1(function, c, b, string(v[0]));           \
        case INT3:                                                           \
            return CALL3(function, c, b, (int)v[0], (int)v[1], (int)v[2]);   \
        case LLONG3:                                                         \
            return CALL3(function, c, b, (long long)v[0], (long long)v[1],   \
                         (long long)v[2]);                                   \
        case STRING3:                                                        \
            return CALL3(function, c, b, string(v[0]), string(v[1]),         \
                         string(v[2]));                                      \
        case INT_LLONG_STRING:                                               \
            return CALL3(function, c, b, (int)v[0], (long long)v[1],         \
                         string(v[2]));                                      \
        case LLONG_STRING_INT:                                               \
            return CALL3(function, c, b, (long long)v[0], string(v[1]),      \
                         (int)v[2]);                                         \
        case STRING_INT_LLONG:                                               \
            return CALL3(function, c, b, string(v[0]), (int)v[1],            \
                         (long long)v[2]);                                   \
        default:       return CALL1(function, c, b, 0);                      \
        }                                                                    \
    }

/* The strings by number; UNENDED has no final 0, NULL_STRING is no string. */
#define STRING_TABLE                                                         \
    { "", "a", "lockstep", "a%d\n\t\x7f", "\xe5\x88\x87\xe6\x8d\xa2",        \
      "the quick brown fox jumps over", NULL, NULL }
#define UNENDED_BYTES { 'u', 'n', 'e', 'n', 'd' }

#endif
