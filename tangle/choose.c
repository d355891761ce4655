/* choose.c: gives definitions the names under which they count, or do not. */
#include "choose.h"
#include "lint.h"

#include <stdlib.h>
#include <string.h>

static bool
belongs(const struct chunk *c, const char *experiment)
{
    return experiment && (c->kind == CHUNK_VARIANT || c->kind == CHUNK_SPEC) &&
           strcmp(c->target, experiment) == 0;
}

static bool
is_set_aside(const char *name)
{
    return strncmp(name, "later: ", 7) == 0 ||
           strncmp(name, "replaced: ", 10) == 0;
}

/* Renames the definitions before d that are now called name. */
static void
set_aside(const char **names, const char *name, int d)
{
    for (int i = 0; i < d; i++)
        if (strcmp(names[i], name) == 0)
            names[i] = xformat("replaced: %s", name);
}

static void
choose_chapters(const struct book *book, const char **names, int through)
{
    for (int d = 0; d < book->ndefs; d++) {
        const struct chunk *c = &book->chunks[book->defs[d].chunk];

        names[d] = c->name;
        if (book->defs[d].chapter > through) {
            names[d] = xformat("later: %s", c->name);
        } else if (c->kind == CHUNK_REPLACE) {
            set_aside(names, c->part, d);
            names[d] = c->part;
        }
    }
}

static bool
is_defined(const struct book *book, const char **names, const char *name)
{
    for (int d = 0; d < book->ndefs; d++)
        if (strcmp(names[d], name) == 0)
            return true;
    return false;
}

/* Its own first definition is the likeliest to have its name. */
static bool
is_chunk_defined(const struct book *book, const char **names,
                 const struct chunk *c)
{
    return strcmp(names[c->defs[0]], c->name) == 0 ||
           is_defined(book, names, c->name);
}

/* A definition that counts, or another experiment's, for another kernel. */
static bool
counts(const char *name)
{
    return !is_set_aside(name) && strncmp(name, "experiment ", 11) != 0;
}

bool
is_hook(const struct book *book, const char **names, const struct chunk *chunk)
{
    if (chunk->ndefs == 0 || chunk->nuses == 0 ||
        is_chunk_defined(book, names, chunk))
        return false;
    for (int i = 0; i < chunk->nuses; i++)
        if (counts(names[chunk->uses[i].def]))
            return true;
    return false;
}

/* Is there something that an experiment may change? */
static bool
has_part(const struct book *book, const char **names, const char *part)
{
    int c = book_chunk(book, part);

    return is_defined(book, names, part) ||
           (c >= 0 && is_hook(book, names, &book->chunks[c]));
}

/* Gives the experiment's chunks the names of the parts they stand for.  All of
 * a part's variants together are its definition. */
static void
choose_experiment(const struct book *book, const char **names,
                  const char *experiment)
{
    bool known = false;

    for (int d = 0; d < book->ndefs; d++) {
        const struct chunk *c = &book->chunks[book->defs[d].chunk];

        if (!belongs(c, experiment))
            continue;
        known = true;
        if (c->kind == CHUNK_VARIANT && !has_part(book, names, c->part))
            book_error(book, book->defs[d].file, book->defs[d].line,
                       "<<%s>> changes a chunk that is not defined%s", c->name,
                       near_names(book, c->part));
    }
    if (!known)
        book_error(book, -1, 0,
                   "`tangle --list' prints all experiments, but not %s",
                   experiment);
    for (int d = 0; d < book->ndefs; d++) {
        const struct chunk *c = &book->chunks[book->defs[d].chunk];

        if (c->kind == CHUNK_VARIANT && belongs(c, experiment))
            set_aside(names, c->part, book->ndefs);
    }
    for (int d = 0; d < book->ndefs; d++) {
        const struct chunk *c = &book->chunks[book->defs[d].chunk];

        if (c->kind == CHUNK_VARIANT && belongs(c, experiment))
            names[d] = c->part;
    }
}

static void
check_through(const struct book *book, int through)
{
    for (int i = 0; i < book->nfiles; i++)
        if (book->files[i].chapter == through)
            return;
    if (through != ALL_CHAPTERS)
        book_error(book, -1, 0, "there is no chapter %02d", through);
}

const char **
choose(const struct book *book, int through, const char *experiment)
{
    const char **names = xrealloc(NULL, (book->ndefs + 1) * sizeof *names);

    check_through(book, through);
    choose_chapters(book, names, through);
    if (experiment)
        choose_experiment(book, names, experiment);
    return names;
}

/* The tokens of an empty definition, at the end of the book. */
static void
add_empty(struct book *book, const char *name)
{
    const struct token empty[] = {{.kind = T_BEGIN_CODE, .text = ""},
                                  {.kind = T_DEFN, .text = name},
                                  {.kind = T_NL, .text = ""},
                                  {.kind = T_END_CODE, .text = ""}};
    struct token last = book->tokens[book->ntokens - 1];

    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        GROW(book->tokens, book->ntokens);
        book->tokens[book->ntokens] = empty[i];
        book->tokens[book->ntokens].file = last.file;
        book->tokens[book->ntokens].line = last.line;
        book->ntokens++;
    }
}

struct book
choose_book(const struct book *book, const char **names)
{
    struct book chosen = {.files = book->files, .nfiles = book->nfiles};
    int d = 0;

    for (int i = 0; i < book->ntokens; i++) {
        GROW(chosen.tokens, chosen.ntokens);
        chosen.tokens[i] = book->tokens[i];
        if (chosen.tokens[i].kind == T_DEFN)
            chosen.tokens[i].text = names[d++];
        chosen.ntokens++;
    }
    for (int i = 0; i < book->nchunks; i++)
        if (is_hook(book, names, &book->chunks[i]))
            add_empty(&chosen, book->chunks[i].name);
    book_build(&chosen);
    return chosen;
}
