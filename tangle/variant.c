/*
 * variant.c: a noweb filter that chooses which definitions count.
 *
 *      variant [--through NN] [--experiment NAME] <STREAM >STREAM
 *
 * choose.h says what becomes of each definition's name.  Lines are renamed,
 * never dropped or added, so that others can go on counting them; only at the
 * end come empty definitions for the forward hooks, chunks that are used
 * through chapter NN but defined later.
 */
#define _GNU_SOURCE
#include "choose.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static struct book book;
static const char *experiment;
static int through = ALL_CHAPTERS;

static bool written;

/* At exit: the rest of the pipeline must not go on with half a stream. */
static void
tell_failure(void)
{
    if (!written)
        puts("@fatal variant has failed");
}

static void
fail(const char *message, const char *argument)
{
    fprintf(stderr, "%s %s\n", message, argument);
    exit(1);
}

static char *
read_all(FILE *f, size_t *size)
{
    char *s = NULL;
    size_t n;

    *size = 0;
    do {
        s = xrealloc(s, *size + 65536 + 1);
        n = fread(s + *size, 1, 65536, f);
        *size += n;
    } while (n > 0);
    s[*size] = '\0';
    return s;
}

/* Writes the stream with its definitions renamed. */
static void
write_stream(char *stream, const char **names)
{
    int d = 0;

    for (char *s = strtok(stream, "\n"); s; s = strtok(NULL, "\n")) {
        if (strncmp(s, "@defn ", 6) == 0 && d < book.ndefs)
            printf("@defn %s\n", names[d++]);
        else
            puts(s);
    }
    for (int i = 0; i < book.nchunks; i++)
        if (is_hook(&book, names, &book.chunks[i]))
            printf("@begin code %d\n@defn %s\n@nl\n@end code %d\n", d + i,
                   book.chunks[i].name, d + i);
}

static void
read_options(int argc, char **argv)
{
    char *end;

    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && strcmp(argv[i], "--experiment") == 0) {
            experiment = argv[i + 1];
        } else if (i + 1 < argc && strcmp(argv[i], "--through") == 0 &&
                   isdigit((unsigned char)argv[i + 1][0])) {
            through = strtol(argv[i + 1], &end, 10);
            if (*end != '\0')
                fail("--through wants a chapter's number, not", argv[i + 1]);
        } else {
            fail("usage: variant [--through NN] [--experiment NAME]",
                 "<STREAM >STREAM");
        }
    }
}

int
main(int argc, char **argv)
{
    const char **names;
    size_t size;
    char *stream;
    FILE *f;

    atexit(tell_failure);
    read_options(argc, argv);
    stream = read_all(stdin, &size);
    f = fmemopen(stream, size, "r");
    if (f == NULL)
        fail("standard input:", "cannot be read");
    book_read(&book, f);
    book_stop_on_errors();
    names = choose(&book, through, experiment);
    book_stop_on_errors();
    written = true;
    write_stream(stream, names);
    return 0;
}
