/*
 * variant.c: a noweb filter that chooses which definitions count.
 *
 *      variant [--through NN] [--experiment NAME] <STREAM >STREAM
 *
 * A definition that counts gets the name of the part it stands for, one that
 * does not gets a name that nobody uses:
 *
 *      <<replace: X>>          X; earlier definitions of X: `replaced: X'
 *      in chapters after NN    `later: X'
 *      <<experiment NAME: X>>  X; all other definitions of X: `replaced: X'
 *
 * Lines are renamed, never dropped or added, so that others can go on counting
 * them; only at the end come empty definitions for the forward hooks, chunks
 * that are used through chapter NN but defined later.
 */
#define _GNU_SOURCE
#include "noweb.h"
#include "lint.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static struct book book;
static const char **names; /* what each of book.defs is now called */
static const char *experiment;
static int through = INT_MAX;

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

static bool
chosen(const struct chunk *c)
{
    return experiment && (c->kind == CHUNK_VARIANT || c->kind == CHUNK_SPEC) &&
           strcmp(c->target, experiment) == 0;
}

/* Renames the definitions before d that are now called name. */
static void
set_aside(const char *name, int d)
{
    for (int i = 0; i < d; i++)
        if (strcmp(names[i], name) == 0)
            names[i] = xformat("replaced: %s", name);
}

static void
choose_chapters(void)
{
    for (int d = 0; d < book.ndefs; d++) {
        const struct chunk *c = &book.chunks[book.defs[d].chunk];

        names[d] = c->name;
        if (book.defs[d].chapter > through) {
            names[d] = xformat("later: %s", c->name);
        } else if (c->kind == CHUNK_REPLACE) {
            set_aside(c->part, d);
            names[d] = c->part;
        }
    }
}

static bool
is_defined(const char *name)
{
    for (int d = 0; d < book.ndefs; d++)
        if (strcmp(names[d], name) == 0)
            return true;
    return false;
}

/* A definition that counts, or another experiment's, for another kernel. */
static bool
counts(int d)
{
    return strncmp(names[d], "later: ", 7) != 0 &&
           strncmp(names[d], "replaced: ", 10) != 0 &&
           strncmp(names[d], "experiment ", 11) != 0;
}

static bool
is_hook(const struct chunk *c)
{
    if (c->ndefs == 0 || is_defined(c->name))
        return false;
    for (int i = 0; i < c->nuses; i++)
        if (counts(c->uses[i].def))
            return true;
    return false;
}

/* Gives the experiment's chunks the names of the parts they stand for.  All of
 * a part's variants together are its definition. */
static void
choose_experiment(void)
{
    bool known = false;

    for (int d = 0; d < book.ndefs; d++) {
        const struct chunk *c = &book.chunks[book.defs[d].chunk];
        int part;

        if (!chosen(c))
            continue;
        known = true;
        if (c->kind != CHUNK_VARIANT)
            continue;
        part = book_chunk(&book, c->part);
        if (!is_defined(c->part) && (part < 0 || !is_hook(&book.chunks[part])))
            book_error(&book, book.defs[d].file, book.defs[d].line,
                       "<<%s>> changes a chunk that is not defined%s", c->name,
                       near_names(&book, c->part));
    }
    if (!known)
        fail("`tangle --list' prints all experiments, but not", experiment);
    for (int d = 0; d < book.ndefs; d++) {
        const struct chunk *c = &book.chunks[book.defs[d].chunk];

        if (chosen(c) && c->kind == CHUNK_VARIANT)
            set_aside(c->part, book.ndefs);
    }
    for (int d = 0; d < book.ndefs; d++) {
        const struct chunk *c = &book.chunks[book.defs[d].chunk];

        if (chosen(c) && c->kind == CHUNK_VARIANT)
            names[d] = c->part;
    }
}

/* Writes the stream with its definitions renamed. */
static void
write_stream(char *stream)
{
    int d = 0;

    for (char *s = strtok(stream, "\n"); s; s = strtok(NULL, "\n")) {
        if (strncmp(s, "@defn ", 6) == 0 && d < book.ndefs)
            printf("@defn %s\n", names[d++]);
        else
            puts(s);
    }
    for (int i = 0; i < book.nchunks; i++)
        if (is_hook(&book.chunks[i]))
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

static void
check_through(void)
{
    for (int i = 0; i < book.nfiles; i++)
        if (book.files[i].chapter == through)
            return;
    if (through != INT_MAX)
        fail("--through wants the number of a chapter, not",
             xformat("%02d", through));
}

int
main(int argc, char **argv)
{
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
    check_through();
    names = xrealloc(NULL, (book.ndefs + 1) * sizeof *names);
    choose_chapters();
    if (experiment)
        choose_experiment();
    book_stop_on_errors();
    written = true;
    write_stream(stream);
    return 0;
}
