/* noweb.c: reads noweb's markup stream into a struct book. */
#include "noweb.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Errors are kept until the program ends, and then come out in the order of
 * the chapters. */
struct error {
    int file, line, order;
    char *text;
};

static struct error *errors;
static int nerrors;

void *
xrealloc(void *p, size_t size)
{
    p = realloc(p, size);
    if (p == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

char *
xstrdup(const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(xrealloc(NULL, size), s, size);
}

static char *vxformat(const char *format, va_list ap)
    __attribute__((format(printf, 1, 0), nonnull(1)));

static char *
vxformat(const char *format, va_list ap)
{
    va_list copy;
    char *s;
    int n;

    va_copy(copy, ap);
    n = vsnprintf(NULL, 0, format, copy);
    va_end(copy);
    s = xrealloc(NULL, (size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, format, ap);
    return s;
}

char *
xformat(const char *format, ...)
{
    va_list ap;
    char *s;

    va_start(ap, format);
    s = vxformat(format, ap);
    va_end(ap);
    return s;
}

static int
compare_errors(const void *a, const void *b)
{
    const struct error *x = a, *y = b;

    if (x->file != y->file)
        return x->file - y->file;
    return x->line != y->line ? x->line - y->line : x->order - y->order;
}

static void
print_errors(void)
{
    qsort(errors, nerrors, sizeof *errors, compare_errors);
    for (int i = 0; i < nerrors; i++)
        if (i == 0 || strcmp(errors[i].text, errors[i - 1].text) != 0)
            fprintf(stderr, "%s\n", errors[i].text);
}

void
book_error(const struct book *book, int file, int line, const char *format, ...)
{
    va_list ap;
    char *message;

    va_start(ap, format);
    message = vxformat(format, ap);
    va_end(ap);
    if (nerrors == 0)
        atexit(print_errors);
    GROW(errors, nerrors);
    errors[nerrors] = (struct error){file, line, nerrors, message};
    if (file >= 0) {
        errors[nerrors].text =
            xformat("%s:%d: %s", book->files[file].path, line, message);
        free(message);
    }
    nerrors++;
}

void
book_stop_on_errors(void)
{
    if (nerrors > 0)
        exit(1);
}

/* Where in book->slots the name is, or where it would go: open addressing,
 * FNV-1a.  There is always an empty slot, which holds -1. */
static int
find_slot(const struct book *book, const char *name)
{
    unsigned hash = 2166136261u;
    int i;

    for (const char *s = name; *s; s++)
        hash = (hash ^ (unsigned char)*s) * 16777619u;
    for (i = hash % book->nslots; book->slots[i] >= 0;
         i = (i + 1) % book->nslots)
        if (strcmp(book->chunks[book->slots[i]].name, name) == 0)
            break;
    return i;
}

int
book_chunk(const struct book *book, const char *name)
{
    return book->nslots ? book->slots[find_slot(book, name)] : -1;
}

/* Room for one chunk more: at most half of the slots are taken. */
static void
grow_slots(struct book *book)
{
    if (2 * (book->nchunks + 1) <= book->nslots)
        return;
    book->nslots = book->nslots ? 2 * book->nslots : 256;
    book->slots =
        xrealloc(book->slots, (size_t)book->nslots * sizeof *book->slots);
    memset(book->slots, -1, (size_t)book->nslots * sizeof *book->slots);
    for (int i = 0; i < book->nchunks; i++)
        book->slots[find_slot(book, book->chunks[i].name)] = i;
}

static bool
starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* A file's name has a dot or a slash and no blank: kernel/init.c, kernel.mk. */
static bool
names_file(const char *s)
{
    return strpbrk(s, "./") != NULL && strpbrk(s, " :") == NULL;
}

/* Fills in kind, target and part from the chunk's name. */
static void
classify(struct chunk *chunk)
{
    const char *name = chunk->name;
    const char *colon;

    chunk->kind = names_file(name) ? CHUNK_FILE : CHUNK_PART;
    if (starts(name, "replace: ")) {
        chunk->kind = CHUNK_REPLACE;
        chunk->part = chunk->target = name + strlen("replace: ");
    } else if (starts(name, "replaced: ") || starts(name, "later: ")) {
        chunk->kind = CHUNK_IDLE;
    } else if (starts(name, "experiment ")) {
        name += strlen("experiment ");
        colon = strstr(name, ": ");
        chunk->kind = colon ? CHUNK_VARIANT : CHUNK_SPEC;
        chunk->part = colon ? colon + 2 : NULL;
        chunk->target = xformat(
            "%.*s", colon ? (int)(colon - name) : (int)strlen(name), name);
    }
}

static int
intern(struct book *book, const char *name)
{
    int i = book_chunk(book, name);

    if (i >= 0)
        return i;
    grow_slots(book);
    book->slots[find_slot(book, name)] = book->nchunks;
    GROW(book->chunks, book->nchunks);
    book->chunks[book->nchunks] = (struct chunk){.name = name};
    classify(&book->chunks[book->nchunks]);
    return book->nchunks++;
}

static void
add_token(struct book *book, enum token_kind kind, const char *text, int line)
{
    GROW(book->tokens, book->ntokens);
    book->tokens[book->ntokens++] = (struct token){
        .kind = kind, .text = text, .file = book->nfiles - 1, .line = line};
}

static void
add_file(struct book *book, const char *path)
{
    const char *slash = strrchr(path, '/');

    GROW(book->files, book->nfiles);
    book->files[book->nfiles++] =
        (struct file){.path = path, .chapter = atoi(slash ? slash + 1 : path)};
}

static const struct {
    const char *name;
    enum token_kind kind;
} keywords[] = {
    {"@begin docs", T_BEGIN_DOCS},
    {"@end docs", T_END_DOCS},
    {"@begin code", T_BEGIN_CODE},
    {"@end code", T_END_CODE},
    {"@text", T_TEXT},
    {"@nl", T_NL},
    {"@defn", T_DEFN},
    {"@use", T_USE},
    {"@quote", T_QUOTE},
    {"@endquote", T_ENDQUOTE},
    {"@index defn", T_INDEX_DEFN},
};

/* Takes one line of the stream; *line is the line of the chapter it is on. */
static void
read_token(struct book *book, const char *s, int *line)
{
    if (starts(s, "@file ")) {
        add_file(book, xstrdup(s + 6));
        *line = 1;
        add_token(book, T_FILE, book->files[book->nfiles - 1].path, 1);
        return;
    }
    if (strcmp(s, "@index nl") == 0) {
        ++*line;
        return;
    }
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        size_t n = strlen(keywords[i].name);

        if (strncmp(s, keywords[i].name, n) != 0 || (s[n] && s[n] != ' '))
            continue;
        if (book->nfiles == 0)
            break;
        add_token(book, keywords[i].kind, s[n] ? xstrdup(s + n + 1) : "",
                  *line);
        *line += keywords[i].kind == T_NL;
        return;
    }
    if (starts(s, "@fatal"))
        exit(1); /* noweb has said why, on stderr */
    book_error(book, book->nfiles - 1, *line, "unknown markup token: %s", s);
    book_stop_on_errors();
}

/* One definition begins at the T_DEFN token at; returns the token behind it. */
static int
add_definition(struct book *book, int at)
{
    struct token *t = &book->tokens[at];
    int c = intern(book, t->text);
    int d = book->ndefs;
    int chapter = book->files[t->file].chapter;
    /* A spec is not printed and takes no number. */
    int printed = book->chunks[c].kind != CHUNK_SPEC;
    int serial = printed;
    int first = at + 1;
    int i;

    if (d > 0 && book->defs[d - 1].file == t->file)
        serial = book->defs[d - 1].serial + printed;
    if (first < book->ntokens && book->tokens[first].kind == T_NL)
        first++;
    for (i = first; i < book->ntokens; i++) {
        if (book->tokens[i].kind == T_END_CODE)
            break;
        if (book->tokens[i].kind == T_USE) {
            int u = intern(book, book->tokens[i].text);
            struct chunk *used = &book->chunks[u];

            GROW(used->uses, used->nuses);
            used->uses[used->nuses++] = (struct use){d, i};
        }
    }
    GROW(book->defs, book->ndefs);
    book->defs[book->ndefs++] = (struct definition){.chunk = c,
                                                    .first = first,
                                                    .end = i,
                                                    .file = t->file,
                                                    .line = t->line,
                                                    .chapter = chapter,
                                                    .serial = serial};
    GROW(book->chunks[c].defs, book->chunks[c].ndefs);
    book->chunks[c].defs[book->chunks[c].ndefs++] = d;
    return i;
}

/* `@ %zh NAME` gives the chunk defined last its Chinese name. */
static void
add_chinese_name(struct book *book, const struct token *t)
{
    struct chunk *chunk;
    const char *name;

    if (book->ndefs == 0 || book->defs[book->ndefs - 1].file != t->file) {
        book_error(book, t->file, t->line,
                   "%%zh before any chunk: put it "
                   "behind the chunk that it names");
        return;
    }
    chunk = &book->chunks[book->defs[book->ndefs - 1].chunk];
    name = t->text + strlen("%zh");
    name += strspn(name, " ");
    if (*name == '\0')
        book_error(book, t->file, t->line,
                   "%%zh without a name: write the Chinese name behind it");
    else if (chunk->zh != NULL && strcmp(chunk->zh, name) != 0)
        book_error(book, t->file, t->line,
                   "<<%s>> has a Chinese name already, %s: remove one",
                   chunk->name, chunk->zh);
    else
        chunk->zh = name;
}

void
book_build(struct book *book)
{
    for (int i = 0; i < book->ntokens; i++) {
        struct token *t = &book->tokens[i];

        if (t->kind == T_DEFN)
            i = add_definition(book, i);
        else if (t->kind == T_BEGIN_DOCS && i + 1 < book->ntokens &&
                 starts(t[1].text, "%zh") && strchr(" ", t[1].text[3]))
            add_chinese_name(book, t + 1);
    }
}

/* A stream cut short, by a filter that failed, must not pass for a book. */
static void
check_end(const struct book *book)
{
    enum token_kind last;

    if (book->nfiles > 0) {
        last = book->tokens[book->ntokens - 1].kind;
        if (last == T_END_DOCS || last == T_END_CODE || last == T_FILE)
            return;
    }
    book_error(book, book->nfiles - 1,
               book->nfiles ? book->tokens[book->ntokens - 1].line : 0,
               "the markup stream ends here: see what the program that "
               "writes it has to say");
    book_stop_on_errors();
}

void
book_read(struct book *book, FILE *stream)
{
    char *s = NULL;
    size_t size = 0;
    ssize_t n;
    int line = 1;

    *book = (struct book){0};
    while ((n = getline(&s, &size, stream)) > 0) {
        if (s[n - 1] == '\n')
            s[n - 1] = '\0';
        read_token(book, s, &line);
    }
    free(s);
    check_end(book);
    book_build(book);
}
