/* lint.c: the checks of the chapters. */
#include "lint.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, CHUNK_LINES = 40, NEAR_NAMES = 3 };

static bool
starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Reports at the first place where the chunk is defined or, failing that,
 * used. */
#define CHUNK_ERROR(book, chunk, ...)                                          \
    book_error(book, first_place(book, chunk)->file,                           \
               first_place(book, chunk)->line, __VA_ARGS__)

static const struct token *
first_place(const struct book *book, const struct chunk *chunk)
{
    if (chunk->ndefs > 0)
        return &book->tokens[book->defs[chunk->defs[0]].first - 1];
    return &book->tokens[chunk->uses[0].token];
}

/*
 * Names: what they may look like, and how alike they are.
 */

static int
min(int a, int b)
{
    return a < b ? a : b;
}

/* Levenshtein's: how many letters to insert, delete or change. */
static int
distance(const char *a, const char *b)
{
    int n = strlen(b), previous, above;
    int *row = xrealloc(NULL, (n + 1) * sizeof *row);

    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 0; a[i]; i++) {
        previous = row[0]++;
        for (int j = 1; j <= n; j++) {
            above = row[j];
            row[j] =
                min(previous + (a[i] != b[j - 1]), 1 + min(above, row[j - 1]));
            previous = above;
        }
    }
    previous = row[n];
    free(row);
    return previous;
}

static bool
is_plain(const struct chunk *chunk)
{
    return chunk->kind == CHUNK_FILE || chunk->kind == CHUNK_PART;
}

const char *
near_names(const struct book *book, const char *name)
{
    int length = strlen(name), found = 0;
    char *s = xstrdup("");

    for (int d = 1; d <= 2 + length / 4; d++) {
        for (int i = 0; i < book->nchunks && found < NEAR_NAMES; i++) {
            const struct chunk *c = &book->chunks[i];

            if (is_plain(c) && c->ndefs > 0 && distance(name, c->name) == d)
                s = xformat("%s%s<<%s>>", s,
                            found++ ? " or " : "; did you mean ", c->name);
        }
    }
    return found ? xformat("%s?", s) : s;
}

/* Equal but for case, blanks and punctuation. */
static bool
same_letters(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a && !isalnum((unsigned char)*a))
            a++;
        while (*b && !isalnum((unsigned char)*b))
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == '\0')
            return true;
    }
}

/* One letter of a word of five or more: "save the frame", "save the frames".
 * Short words are registers and numbers, which differ on purpose. */
static bool
one_letter_apart(const char *a, const char *b)
{
    int before = 0, length;

    if (distance(a, b) != 1)
        return false;
    while (a[before] == b[before])
        before++;
    while (before > 0 && isalpha((unsigned char)a[before - 1]))
        before--;
    for (length = 0; isalpha((unsigned char)a[before + length]); length++)
        if (!isalpha((unsigned char)b[before + length]))
            break;
    return length >= 5;
}

static void
check_twins(const struct book *book)
{
    for (int i = 0; i < book->nchunks; i++) {
        const struct chunk *a = &book->chunks[i];

        for (int j = 0; j < i && a->ndefs > 0 && is_plain(a); j++) {
            const struct chunk *b = &book->chunks[j];

            if (b->ndefs == 0 || a->kind != b->kind)
                continue;
            if (same_letters(a->name, b->name) ||
                (a->kind == CHUNK_PART && one_letter_apart(a->name, b->name)))
                CHUNK_ERROR(book, a,
                            "<<%s>> is nearly the same name as <<%s>> "
                            "(%s:%d): make them equal, or more different",
                            a->name, b->name,
                            book->files[first_place(book, b)->file].path,
                            first_place(book, b)->line);
        }
    }
}

static const char *
fault_of_file_name(const char *s)
{
    const char *fault = NULL;
    char *copy = xformat("%s/", s);
    char *component = copy, *slash;

    for (; (slash = strchr(component, '/')) && !fault; component = slash + 1) {
        *slash = '\0';
        if (*component == '\0')
            fault = component == copy ? "be absolute" : "have an empty part";
        else if (strcmp(component, ".") == 0 || strcmp(component, "..") == 0)
            fault = "have a part . or ..";
    }
    for (; *s && !fault; s++)
        if (!isalnum((unsigned char)*s) && !strchr("._/+-", *s))
            fault = "contain other than letters, digits and . _ + - /";
    free(copy);
    return fault;
}

static const char *
fault_of_part_name(const char *s)
{
    size_t n = strlen(s);

    if (n == 0)
        return "be empty";
    if (isspace((unsigned char)s[0]) || isspace((unsigned char)s[n - 1]))
        return "begin or end with a blank";
    if (isdigit((unsigned char)s[0]) || isdigit((unsigned char)s[n - 1]))
        return "begin or end with a digit";
    if (strchr(s, ' ') == NULL)
        return "be a single word";
    return NULL;
}

static bool
is_folder_of(const char *a, const char *b)
{
    return starts(b, a) && b[strlen(a)] == '/';
}

static void
check_file_names(const struct book *book)
{
    for (int i = 0; i < book->nchunks; i++) {
        const struct chunk *c = &book->chunks[i];
        const char *fault;

        if (c->kind != CHUNK_FILE || c->ndefs == 0)
            continue;
        fault = fault_of_file_name(c->name);
        if (fault)
            CHUNK_ERROR(book, c,
                        "<<%s>>: the name of a file can't %s; write it "
                        "from the source tree's top, like kernel/init.c",
                        c->name, fault);
        for (int j = 0; j < book->nchunks; j++)
            if (book->chunks[j].kind == CHUNK_FILE &&
                book->chunks[j].ndefs > 0 &&
                is_folder_of(c->name, book->chunks[j].name))
                CHUNK_ERROR(book, c,
                            "the file <<%s>> would also be the folder "
                            "of <<%s>>: rename one",
                            c->name, book->chunks[j].name);
    }
}

/* Says so if a part's name looks like something else, mostly a shift. */
static bool
bad_part_name(const struct book *book, const struct chunk *c,
              const struct token *t)
{
    const char *fault =
        c->kind == CHUNK_PART ? fault_of_part_name(c->name) : NULL;

    if (fault)
        book_error(book, t->file, t->line,
                   "<<%s>>: the name of a chunk can't %s; write a shift as "
                   "@<<, a name as a verb phrase",
                   c->name, fault);
    return fault != NULL;
}

static void
check_part_names(const struct book *book)
{
    for (int i = 0; i < book->nchunks; i++)
        bad_part_name(book, &book->chunks[i],
                      first_place(book, &book->chunks[i]));
}

/*
 * The graph of chunks.
 */

static void
undefined(const struct book *book, const struct chunk *c, const struct token *t)
{
    const char *near = near_names(book, c->name);

    if (!bad_part_name(book, c, t))
        book_error(book, t->file, t->line, "<<%s>> is not defined anywhere%s",
                   c->name, *near ? near : ": define it, or correct the name");
}

struct walk {
    const struct book *book;
    enum { NEW, OPEN, DONE } * state; /* of each chunk */
    int *path, depth;
};

static void
report_cycle(const struct walk *w, int chunk, const struct token *t)
{
    char *s = xstrdup("");
    int i = w->depth;

    while (w->path[i - 1] != chunk)
        i--;
    for (i--; i < w->depth; i++)
        s = xformat("%s<<%s>> -> ", s, w->book->chunks[w->path[i]].name);
    book_error(w->book, t->file, t->line,
               "chunks use each other in a circle: "
               "%s<<%s>>; take one use out",
               s, t->text);
}

/* Depth first, from the chunk down. */
static void
visit(struct walk *w, int chunk)
{
    const struct book *book = w->book;
    const struct chunk *c = &book->chunks[chunk];

    w->state[chunk] = OPEN;
    w->path[w->depth++] = chunk;
    for (int i = 0; i < c->ndefs; i++) {
        const struct definition *def = &book->defs[c->defs[i]];

        for (int j = def->first; j < def->end; j++) {
            const struct token *t = &book->tokens[j];
            int used = t->kind == T_USE ? book_chunk(book, t->text) : -1;

            if (used < 0)
                continue;
            if (book->chunks[used].ndefs == 0)
                undefined(book, &book->chunks[used], t);
            else if (w->state[used] == OPEN)
                report_cycle(w, used, t);
            else if (w->state[used] == NEW)
                visit(w, used);
        }
    }
    w->depth--;
    w->state[chunk] = DONE;
}

/* Walks from the files, or from every chunk. */
static void
check_graph(const struct book *book, bool everything)
{
    size_t n = book->nchunks + 1;
    struct walk w = {.book = book};

    w.state = xrealloc(NULL, n * sizeof *w.state);
    w.path = xrealloc(NULL, n * sizeof *w.path);
    memset(w.state, 0, n * sizeof *w.state);
    for (int i = 0; i < book->nchunks; i++)
        if (w.state[i] == NEW &&
            (everything || book->chunks[i].kind == CHUNK_FILE))
            visit(&w, i);
    free(w.state);
    free(w.path);
}

static void
check_uses(const struct book *book)
{
    for (int i = 0; i < book->nchunks; i++) {
        const struct chunk *c = &book->chunks[i];

        if (c->kind == CHUNK_PART && c->nuses == 0 &&
            !fault_of_part_name(c->name))
            CHUNK_ERROR(book, c, "<<%s>> is never used: use it, or remove it%s",
                        c->name, near_names(book, c->name));
        if (!is_plain(c) && c->nuses > 0) {
            const struct token *t = &book->tokens[c->uses[0].token];

            book_error(book, t->file, t->line,
                       "<<%s>> can't be used: use the "
                       "chunk that it stands for",
                       c->name);
        }
    }
}

/* A part defined before the definition d, in the order of the book. */
static bool
defined_before(const struct book *book, const char *part, int d)
{
    int c = book_chunk(book, part);

    return c >= 0 && book->chunks[c].ndefs > 0 && book->chunks[c].defs[0] < d;
}

static void
check_replacements(const struct book *book)
{
    for (int i = 0; i < book->ndefs; i++) {
        const struct definition *d = &book->defs[i];
        const struct chunk *c = &book->chunks[d->chunk];

        if (c->kind == CHUNK_REPLACE && !defined_before(book, c->part, i))
            book_error(book, d->file, d->line,
                       "<<%s>> replaces a chunk that is "
                       "not defined before%s",
                       c->name, near_names(book, c->part));
        if (c->kind == CHUNK_VARIANT &&
            !defined_before(book, c->part, book->ndefs))
            book_error(book, d->file, d->line,
                       "<<%s>> changes a chunk that is "
                       "not defined%s",
                       c->name, near_names(book, c->part));
    }
}

/*
 * The text of chunks.
 */

static void
check_chinese_names(const struct book *book)
{
    for (int i = 0; i < book->nchunks; i++) {
        const struct chunk *c = &book->chunks[i];

        if (c->kind == CHUNK_PART && c->ndefs > 0 && c->zh == NULL)
            CHUNK_ERROR(book, c,
                        "<<%s>> has no Chinese name: add a line "
                        "`@ %%zh NAME' behind it",
                        c->name);
        for (int j = 0; j < i && c->zh; j++)
            if (book->chunks[j].zh && strcmp(c->zh, book->chunks[j].zh) == 0)
                CHUNK_ERROR(book, c,
                            "<<%s>> and <<%s>> have the same Chinese "
                            "name: change one",
                            c->name, book->chunks[j].name);
    }
}

static const char *
fault_of_text(const char *s)
{
    for (; *s; s++) {
        if (*s == '\t')
            return "has a tab: write blanks";
        if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
            return "is not ASCII: explain it in the prose";
    }
    return NULL;
}

/* How many columns a token takes in the chapter. */
static int
width(const struct token *t)
{
    if (t->kind == T_USE)
        return strlen("<<") + strlen(t->text) + strlen(">>");
    return t->kind == T_TEXT ? strlen(t->text) : 0;
}

static void
check_code_lines(const struct book *book, const struct definition *def)
{
    int columns = 0, lines = 0;

    for (int i = def->first; i < def->end; i++) {
        const struct token *t = &book->tokens[i];

        if (t->kind == T_TEXT && fault_of_text(t->text))
            book_error(book, t->file, t->line, "this line of code %s",
                       fault_of_text(t->text));
        columns += width(t);
        if (t->kind != T_NL)
            continue;
        if (columns > COLUMNS)
            book_error(book, t->file, t->line,
                       "this line of code has %d "
                       "columns: break it, %d is the limit",
                       columns, COLUMNS);
        columns = 0;
        lines++;
    }
    if (lines > CHUNK_LINES)
        book_error(book, def->file, def->line,
                   "this chunk has %d lines: divide "
                   "it, %d is the limit",
                   lines, CHUNK_LINES);
}

/* An indented `<<name>>=' defines nothing, `<<name>>=x' neither. */
static void
check_lost_definitions(const struct book *book, const struct definition *def)
{
    for (int i = def->first; i + 1 < def->end; i++)
        if (book->tokens[i].kind == T_USE &&
            book->tokens[i + 1].kind == T_TEXT &&
            starts(book->tokens[i + 1].text, "="))
            book_error(book, book->tokens[i].file, book->tokens[i].line,
                       "<<%s>>= defines no chunk here: put it on a line of its "
                       "own, without blanks before it",
                       book->tokens[i].text);
}

/* `[[' that is closed only by the `]]' of the next one. */
static void
check_quotes(const struct book *book)
{
    const struct token *quote = NULL;

    for (int i = 0; i < book->ntokens; i++) {
        const struct token *t = &book->tokens[i];

        if (t->kind == T_QUOTE)
            quote = t;
        else if (t->kind == T_ENDQUOTE || t->kind == T_END_DOCS)
            quote = NULL;
        else if (quote && ((t->kind == T_TEXT && strstr(t->text, "[[")) ||
                           (t->kind == T_NL && t[-1].text[0] == '\0' &&
                            t[-1].kind == T_TEXT))) {
            book_error(book, quote->file, quote->line,
                       "[[ is not closed: "
                       "write ]] behind it, or @[[");
            quote = NULL;
        }
    }
}

/*
 * What is defined by %def.
 */

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool
has_word(const char *s, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = s; (p = strstr(p, word)); p++)
        if ((p == s || !is_word(p[-1])) && !is_word(p[n]))
            return true;
    return false;
}

static bool
mentions(const struct book *book, const struct definition *def,
         const char *word)
{
    for (int i = def->first; i < def->end; i++)
        if (book->tokens[i].kind == T_TEXT &&
            has_word(book->tokens[i].text, word))
            return true;
    return false;
}

/* The first file that a chunk ends up in, or NULL. */
static const char *
file_of(const struct book *book, const struct chunk *c, int depth)
{
    const char *path = NULL;

    if (c->kind == CHUNK_FILE)
        return c->name;
    for (int i = 0; i < c->nuses && depth < book->nchunks && !path; i++)
        path = file_of(book, &book->chunks[book->defs[c->uses[i].def].chunk],
                       depth + 1);
    return path;
}

/* Two machines, two user programs or two kernels may each have a main(). */
static bool
apart(const char *a, const char *b)
{
    static const char *const kernel[] = {"kernel/", "lib/", "arch/"};
    bool a_in = false, b_in = false;

    for (int i = 0; i < 3; i++) {
        a_in |= starts(a, kernel[i]);
        b_in |= starts(b, kernel[i]);
    }
    if (starts(a, "arch/") && starts(b, "arch/"))
        return strncmp(a, b, strlen("arch/") + strcspn(a + 5, "/") + 1) != 0;
    return !(a_in && b_in) && strcmp(a, b) != 0;
}

struct identifier {
    const struct token *token;
    int chunk;
};

static void
check_twice(const struct book *book, const struct identifier *ids, int n)
{
    const struct identifier *x = &ids[n];
    const char *file = file_of(book, &book->chunks[x->chunk], 0);

    for (int i = 0; i < n && file; i++) {
        const struct identifier *y = &ids[i];
        const char *other;

        if (strcmp(x->token->text, y->token->text) != 0 || x->chunk == y->chunk)
            continue;
        other = file_of(book, &book->chunks[y->chunk], 0);
        if (other == NULL || apart(file, other))
            continue;
        book_error(book, x->token->file, x->token->line,
                   "%s is defined in "
                   "<<%s>> already (%s:%d): leave it in one %%def",
                   x->token->text, book->chunks[y->chunk].name,
                   book->files[y->token->file].path, y->token->line);
        return;
    }
}

static void
check_identifiers(const struct book *book)
{
    struct identifier *ids = NULL;
    int n = 0;

    for (int d = 0; d < book->ndefs; d++) {
        const struct definition *def = &book->defs[d];

        for (int i = def->first; i < def->end; i++) {
            const struct token *t = &book->tokens[i];

            if (t->kind != T_INDEX_DEFN)
                continue;
            if (strchr(t->text, ','))
                book_error(book, t->file, t->line,
                           "%%def %s: set identifiers "
                           "apart by blanks, not by commas",
                           t->text);
            else if (!mentions(book, def, t->text))
                book_error(book, t->file, t->line,
                           "%s does not occur in the "
                           "chunk before: correct the %%def",
                           t->text);
            if (!is_plain(&book->chunks[def->chunk]))
                continue; /* stands for a chunk that defines it, too */
            GROW(ids, n);
            ids[n] = (struct identifier){t, def->chunk};
            check_twice(book, ids, n++);
        }
    }
    free(ids);
}

/* %def elsewhere than at the end of a chunk defines nothing. */
static void
check_lost_identifiers(const struct book *book)
{
    bool code = false;

    for (int i = 0; i < book->ntokens; i++) {
        const struct token *t = &book->tokens[i];

        if (t->kind == T_BEGIN_CODE || t->kind == T_BEGIN_DOCS)
            code = t->kind == T_BEGIN_CODE;
        else if (t->kind == T_INDEX_DEFN && !code)
            book_error(book, t->file, t->line,
                       "%%def %s belongs to no chunk: "
                       "put it right behind one, before any %%zh",
                       t->text);
    }
}

/*
 * Experiments.
 */

enum value { CHAPTER, TEXT, WORD };

static const struct {
    const char *key;
    enum value value;
    bool once, required;
    bool change;       /* by itself something to try */
    const char *words; /* of which a WORD is one, between blanks */
} keys[] = {
    {"through", CHAPTER, .once = true},
    {"arch", WORD, .once = true, .words = " i386 riscv64 "},
    {"boot", WORD, .once = true, .change = true, .words = " image multiboot "},
    {"exit", WORD, .once = true, .required = true,
     .words = " pass fail reset hang refused "},
    {"must", .value = TEXT},
    {"must not", .value = TEXT},
    {"qemu", TEXT, .once = true, .change = true},
};

enum { NKEYS = sizeof keys / sizeof *keys };

static bool
has_chapter(const struct book *book, const char *s)
{
    char *end;
    long n = strtol(s, &end, 10);

    for (int i = 0; i < book->nfiles; i++)
        if (isdigit((unsigned char)*s) && *end == '\0' &&
            book->files[i].chapter == n)
            return true;
    return false;
}

static void
check_value(const struct book *book, const struct token *t, int key,
            const char *value)
{
    const char *words = keys[key].words;

    if (*value == '\0')
        book_error(book, t->file, t->line,
                   "`%s:' has no value: write one "
                   "behind it",
                   keys[key].key);
    else if (keys[key].value == CHAPTER && !has_chapter(book, value))
        book_error(book, t->file, t->line,
                   "there is no chapter %s: name one "
                   "by its number",
                   value);
    else if (keys[key].value == WORD &&
             (strchr(value, ' ') || !strstr(words, xformat(" %s ", value))))
        book_error(book, t->file, t->line,
                   "`%s: %s' is not known: write one "
                   "of%.*s",
                   keys[key].key, value, (int)strlen(words) - 1, words);
}

/* Checks one line of a spec; returns its key, or -1. */
static int
check_spec_line(const struct book *book, const struct token *t)
{
    const char *colon = strchr(t->text, ':');
    const char *value;

    for (int i = 0; colon && i < NKEYS; i++) {
        if (strncmp(t->text, keys[i].key, colon - t->text) != 0 ||
            keys[i].key[colon - t->text] != '\0')
            continue;
        value = colon + 1;
        check_value(book, t, i, value + strspn(value, " "));
        return i;
    }
    book_error(book, t->file, t->line,
               "`%s' is no line of an experiment: "
               "write KEY: VALUE with a key of chapters/README.md",
               t->text);
    return -1;
}

static void
check_spec(const struct book *book, const struct chunk *c, bool changed)
{
    int seen[NKEYS] = {0}, key;

    for (int i = 0; i < c->ndefs; i++) {
        const struct definition *def = &book->defs[c->defs[i]];

        for (int j = def->first; j < def->end; j++) {
            const struct token *t = &book->tokens[j];

            if (t->kind != T_TEXT || t->text[strspn(t->text, " ")] == '\0')
                continue;
            key = check_spec_line(book, t);
            if (key < 0)
                continue;
            changed |= keys[key].change;
            if (seen[key]++ && keys[key].once)
                book_error(book, t->file, t->line, "a second `%s:': leave one",
                           keys[key].key);
        }
    }
    if (!changed)
        CHUNK_ERROR(book, c,
                    "<<%s>> changes nothing: add a chunk "
                    "<<%s: PART>>, or a line `boot:' or `qemu:'",
                    c->name, c->name);
    for (key = 0; key < NKEYS; key++)
        if (keys[key].required && !seen[key])
            CHUNK_ERROR(book, c, "<<%s>> expects nothing: add a line `%s:'",
                        c->name, keys[key].key);
}

static void
check_experiments(const struct book *book)
{
    for (int i = 0; i < book->nchunks; i++) {
        const struct chunk *c = &book->chunks[i];
        bool changed = false;
        int spec;

        if (c->kind == CHUNK_VARIANT && c->ndefs > 0) {
            spec = book_chunk(book, xformat("experiment %s", c->target));
            if (spec < 0 || book->chunks[spec].ndefs == 0)
                CHUNK_ERROR(book, c,
                            "the experiment %s expects nothing: add a "
                            "chunk <<experiment %s>>",
                            c->target, c->target);
        }
        for (int j = 0; j < book->nchunks && c->kind == CHUNK_SPEC; j++)
            changed |= book->chunks[j].kind == CHUNK_VARIANT &&
                       book->chunks[j].ndefs > 0 &&
                       strcmp(book->chunks[j].target, c->target) == 0;
        if (c->kind == CHUNK_SPEC && c->ndefs > 0)
            check_spec(book, c, changed);
    }
}

void
lint_roots(const struct book *book)
{
    check_file_names(book);
    check_graph(book, false);
}

void
lint_book(const struct book *book)
{
    check_file_names(book);
    check_part_names(book);
    check_graph(book, true);
    check_uses(book);
    check_twins(book);
    check_replacements(book);
    check_chinese_names(book);
    check_quotes(book);
    check_identifiers(book);
    check_lost_identifiers(book);
    check_experiments(book);
    for (int i = 0; i < book->ndefs; i++) {
        check_code_lines(book, &book->defs[i]);
        check_lost_definitions(book, &book->defs[i]);
    }
}
