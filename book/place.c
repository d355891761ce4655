/*
 * place.c: where does each chunk go?
 *
 * Every file of the kernel is expanded once, as the tangler does it, while the
 * lexer and a count of braces tell in which function the expansion stands.
 * What can't be known for certain is not said.
 */
#include "weave.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* How far the expansion of a file has come. */
struct walk {
    struct weave *w;
    int root;
    struct lexer lexer;
    int braces, parens;
    char word[64];     /* the last word outside of parentheses */
    char name[64];     /* the one before the last ( ) pair     */
    bool called;       /* ) was the last sign but blanks       */
    bool macro;        /* in a preprocessor line               */
    char function[64]; /* the body that is open, or ""         */
};

static void walk_chunk(struct walk *walk, int chunk);

/* Is it surely a function's name?  Macros may look like one. */
static bool
is_function_name(const char *s)
{
    bool lower = false;

    for (; *s != '\0'; s++)
        lower |= islower((unsigned char)*s) != 0;
    return lower;
}

static void
see_sign(struct walk *walk, char sign)
{
    if (sign == '(' && walk->parens++ == 0 && walk->braces == 0)
        strcpy(walk->name, walk->word);
    if (sign == ')')
        walk->parens--;
    if (sign == '{' && walk->braces++ == 0 && walk->called &&
        is_function_name(walk->name))
        strcpy(walk->function, walk->name);
    if (sign == '}' && --walk->braces == 0)
        walk->function[0] = '\0';
    if (strchr(";}", sign) != NULL)
        walk->word[0] = '\0';
    walk->called = sign == ')' && walk->parens == 0;
}

static void
see_word(struct walk *walk, const char *s, int n)
{
    if (walk->parens > 0 || walk->braces > 0 || n >= (int)sizeof walk->word)
        return;
    if (strncmp(s, "__attribute__", (size_t)n) == 0)
        return;
    snprintf(walk->word, sizeof walk->word, "%.*s", n, s);
    walk->called = false;
}

/* Macros are skipped: they may open what they don't close. */
static void
walk_text(struct walk *walk, const char *s)
{
    int n;

    for (; *s != '\0'; s += n) {
        enum code_class class = lex(&walk->lexer, s, &n);

        walk->macro |= class == C_DIRECTIVE;
        if (walk->macro)
            continue;
        if (class == C_WORD || class == C_KEYWORD)
            see_word(walk, s, n);
        else if (class == C_PLAIN)
            see_sign(walk, *s);
    }
}

/* Notes where definition d begins.  Two places that differ are no place. */
static void
visit(struct walk *walk, int d)
{
    struct place *place = &walk->w->places[d];
    const char *function = walk->parens == 0 ? walk->function : "";

    if (!place->visited) {
        place->visited = true;
        place->root = walk->root;
        place->nroots = 1;
        place->function = xstrdup(function);
        return;
    }
    place->nroots += place->root != walk->root && place->nroots == 1;
    if (strcmp(place->function, function) != 0)
        place->unsure = true;
}

static void
walk_definition(struct walk *walk, int d)
{
    const struct definition *def = &walk->w->book.defs[d];
    struct place *place = &walk->w->places[d];
    const char *text = "";

    if (place->open)
        return; /* it uses itself; the tangler says so */
    place->open = true;
    visit(walk, d);
    for (int i = def->first; i < def->end; i++) {
        const struct token *t = &walk->w->book.tokens[i];

        if (t->kind == T_TEXT) {
            walk_text(walk, text = t->text);
        } else if (t->kind == T_USE) {
            walk_chunk(walk, book_chunk(&walk->w->book, t->text));
        } else if (t->kind == T_NL) {
            lex_newline(&walk->lexer, text);
            walk->macro &= !walk->lexer.line_start;
            text = "";
        }
    }
    place->open = false;
}

/* Expands a part: first as it was, then what replaces it, from there again. */
static void
walk_chunk(struct walk *walk, int chunk)
{
    struct walk before = *walk;

    for (int d = 0; d < walk->w->book.ndefs; d++) {
        const struct place *place = &walk->w->places[d];

        if (place->part != chunk)
            continue;
        if (place->replaces >= 0)
            *walk = before;
        walk_definition(walk, d);
    }
}

/* Braces that don't close say that the count was wrong: forget what it said. */
static void
forget_functions(struct weave *w, int root)
{
    for (int d = 0; d < w->book.ndefs; d++)
        if (w->places[d].root == root)
            w->places[d].unsure = true;
}

static void
walk_file(struct weave *w, int root)
{
    struct walk walk = {.w = w, .root = root};

    walk.lexer = begin_lexing(w->book.chunks[root].name);
    walk_chunk(&walk, root);
    if (walk.braces != 0 || walk.parens != 0 ||
        !is_function_syntax(walk.lexer.syntax))
        forget_functions(w, root);
}

/* Puts definition d behind the last one of its part. */
static void
chain(struct weave *w, int d)
{
    const struct book *book = &w->book;
    const struct definition *def = &book->defs[d];
    const struct chunk *chunk = &book->chunks[def->chunk];
    struct place *place = &w->places[d];
    int last = d - 1;

    *place = (struct place){.part = def->chunk,
                            .prev = -1,
                            .next = -1,
                            .replaces = -1,
                            .replaced_by = -1,
                            .root = -1,
                            .function = ""};
    if (chunk->kind == CHUNK_REPLACE && book_chunk(book, chunk->part) >= 0)
        place->part = book_chunk(book, chunk->part);
    while (last >= 0 && w->places[last].part != place->part)
        last--;
    if (last < 0)
        return;
    if (chunk->kind != CHUNK_REPLACE || (book->defs[last].chunk == def->chunk &&
                                         book->defs[last].file == def->file)) {
        place->prev = last;
        w->places[last].next = d;
        return;
    }
    while (w->places[last].prev >= 0)
        last = w->places[last].prev;
    place->replaces = last;
    for (; last >= 0; last = w->places[last].next)
        w->places[last].replaced_by = d;
}

/* A variant stands where its part stands. */
static void
place_variant(struct weave *w, int d)
{
    const struct chunk *chunk = &w->book.chunks[w->book.defs[d].chunk];
    int part = chunk->part ? book_chunk(&w->book, chunk->part) : -1;
    struct place *place = &w->places[d];

    if (chunk->kind != CHUNK_VARIANT || part < 0 ||
        w->book.chunks[part].ndefs == 0)
        return;
    part = w->book.chunks[part].defs[0];
    place->root = w->places[part].root;
    place->nroots = w->places[part].nroots;
    place->function = w->places[part].function;
    place->unsure = w->places[part].unsure;
}

void
place_chunks(struct weave *w)
{
    const struct book *book = &w->book;

    w->places = xrealloc(NULL, ((size_t)book->ndefs + 1) * sizeof *w->places);
    for (int d = 0; d < book->ndefs; d++)
        chain(w, d);
    for (int c = 0; c < book->nchunks; c++)
        if (book->chunks[c].kind == CHUNK_FILE)
            walk_file(w, c);
    for (int d = 0; d < book->ndefs; d++)
        place_variant(w, d);
}

/* Identifiers */

/* Is the definition code of the kernel, not of an experiment? */
bool
is_kernel(const struct weave *w, int def)
{
    enum chunk_kind kind = w->book.chunks[w->book.defs[def].chunk].kind;

    return kind == CHUNK_FILE || kind == CHUNK_PART || kind == CHUNK_REPLACE;
}

static int
compare_idents(const void *a, const void *b)
{
    const struct ident *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : x->def - y->def;
}

static void
gather_idents(struct weave *w)
{
    for (int d = 0; d < w->book.ndefs; d++)
        for (int i = w->book.defs[d].first; i < w->book.defs[d].end; i++) {
            const struct token *t = &w->book.tokens[i];

            if (t->kind != T_INDEX_DEFN || !is_kernel(w, d))
                continue;
            GROW(w->idents, w->nidents);
            w->idents[w->nidents++] = (struct ident){t->text, d, true};
        }
    if (w->nidents > 0)
        qsort(w->idents, (size_t)w->nidents, sizeof *w->idents, compare_idents);
}

bool
is_in_c_file(const struct weave *w, int d)
{
    int root = w->places[d].root;
    const char *name = root < 0 ? "" : w->book.chunks[root].name;
    size_t n = strlen(name);

    return n > 2 && strcmp(name + n - 2, ".c") == 0;
}

static const char *
find_word(const char *line, const char *word)
{
    size_t n = strlen(word);

    for (const char *s = line; (s = strstr(s, word)) != NULL; s++)
        if (!is_word((unsigned char)s[n]) &&
            (s == line || !is_word((unsigned char)s[-1])))
            return s;
    return NULL;
}

/* Is what the line of C declares, behind an earlier line at column 0, known in
 * its own file only: static, a macro, a type or a constant? */
static bool
is_private(const char *line, const char *before, const char *name)
{
    const char *next = find_word(line, name) + strlen(name);
    bool goes_on = starts(line, "}") || starts(line, name);

    return starts(line, "static") || starts(line, "#") || *line == ' ' ||
           next[strspn(next, " ")] == '{' ||
           (goes_on && starts(before, "static"));
}

/* Can other files mean it?  Not what is private to a C file. */
static bool
is_exported(const struct weave *w, const struct ident *ident)
{
    const struct definition *d = &w->book.defs[ident->def];
    const char *before = "";

    if (!is_in_c_file(w, ident->def))
        return true;
    for (int i = d->first; i < d->end; i++) {
        const char *line = w->book.tokens[i].text;
        const char *text = line + strspn(line, " ");

        if (w->book.tokens[i].kind != T_TEXT || starts(text, "#include") ||
            starts(text, "/*") || starts(text, "*"))
            continue;
        if (find_word(line, ident->name) != NULL)
            return !is_private(line, before, ident->name);
        if (strchr("{} ", *line) == NULL)
            before = line;
    }
    return true;
}

/* Are the files those of two machines: arch/A/... and arch/B/...? */
static bool
are_strangers(const char *path, const char *other)
{
    size_t n = starts(path, "arch/") ? 5 + strcspn(path + 5, "/") : 0;

    return n > 0 && starts(other, "arch/") && strncmp(path, other, n + 1) != 0;
}

/* Can that identifier be meant in the code of `near`? */
static bool
in_reach(const struct weave *w, const struct ident *ident, int near)
{
    int root = w->places[ident->def].root;
    int near_root = near < 0 ? -1 : w->places[near].root;

    return root < 0 || near_root < 0 || root == near_root ||
           (ident->exported &&
            !are_strangers(w->book.chunks[root].name,
                           w->book.chunks[near_root].name) &&
            share_identifiers(w->book.chunks[root].name,
                              w->book.chunks[near_root].name));
}

/* The definition of name[0..n), of several the one in near's file; or -1. */
int
find_ident(const struct weave *w, const char *name, int n, int near)
{
    int low = 0, high = w->nidents;
    int found = -1;

    while (low < high) {
        int middle = (low + high) / 2;

        if (strncmp(w->idents[middle].name, name, (size_t)n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < w->nidents; low++) {
        const char *other = w->idents[low].name;
        int d = w->idents[low].def;

        if (strncmp(other, name, (size_t)n) != 0)
            break;
        if (other[n] != '\0' || !in_reach(w, &w->idents[low], near))
            continue;
        if (found < 0)
            found = d;
        if (near >= 0 && w->places[d].root == w->places[near].root)
            return d;
    }
    return found;
}

/* Words */

static bool
is_spec(const struct weave *w, int def)
{
    return w->book.chunks[w->book.defs[def].chunk].kind == CHUNK_SPEC;
}

static uint64_t
hash_word(const char *word, int n)
{
    uint64_t hash = 0xCBF29CE484222325;

    for (int i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)word[i]) * 0x100000001B3;
    return hash;
}

static const char **
word_slot(const struct weave *w, const char *word, int n)
{
    size_t i = hash_word(word, n);

    for (;; i++) {
        const char **slot = &w->words[i & ((size_t)w->nwords - 1)];

        if (*slot == NULL ||
            (strncmp(*slot, word, (size_t)n) == 0 && !is_word((*slot)[n])))
            return slot;
    }
}

static void
add_words(struct weave *w, const char *s)
{
    while (*s != '\0') {
        int n = 0;

        while (is_word((unsigned char)s[n]))
            n++;
        if (n > 0)
            *word_slot(w, s, n) = s;
        s += n ? n : 1;
    }
}

bool
known_word(const struct weave *w, const char *word, int n)
{
    return *word_slot(w, word, n) != NULL;
}

/* Every word of the code, and what %def says is defined. */
void
gather_words(struct weave *w)
{
    size_t size = 0;

    gather_idents(w);
    for (int i = 0; i < w->nidents; i++)
        w->idents[i].exported = is_exported(w, &w->idents[i]);
    for (int i = 0; i < w->book.ntokens; i++)
        size += strlen(w->book.tokens[i].text);
    for (w->nwords = 1024; (size_t)w->nwords < size; w->nwords *= 2)
        continue;
    w->words = xrealloc(NULL, (size_t)w->nwords * sizeof *w->words);
    memset(w->words, 0, (size_t)w->nwords * sizeof *w->words);
    for (int d = 0; d < w->book.ndefs; d++)
        for (int i = w->book.defs[d].first; i < w->book.defs[d].end; i++)
            if (w->book.tokens[i].kind == T_TEXT && !is_spec(w, d))
                add_words(w, w->book.tokens[i].text);
}
