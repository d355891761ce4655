/* expand.c: expands root chunks, line by line. */
#include "expand.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80 };

/* The line being put together, and where finished ones go. */
struct writer {
    const struct book *book;
    struct source *out;
    char *text;
    int len;
    bool started;       /* its indentation has been written */
    bool used;          /* a chunk is used on it */
    struct line origin; /* of its first text */
};

static void expand_chunk(struct writer *, int chunk, int indent, bool root);

static void
add_line(struct source *out, char *text, int def, int line)
{
    GROW(out->lines, out->nlines);
    out->lines[out->nlines++] = (struct line){text, def, line};
}

static void
put(struct writer *w, const char *s, int n)
{
    for (; n > 0; n--) {
        GROW(w->text, w->len);
        w->text[w->len++] = *s++;
    }
}

static void
start_line(struct writer *w, int indent)
{
    if (w->started)
        return;
    w->started = true;
    for (; indent > 0; indent--)
        put(w, " ", 1);
}

static bool
last_is_blank(const struct source *out)
{
    return out->nlines == 0 || out->lines[out->nlines - 1].text[0] == '\0';
}

/* Ends the line at the newline of that origin. */
static void
end_line(struct writer *w, struct line *newline)
{
    bool vanishes;

    while (w->len > 0 && strchr(" \t", w->text[w->len - 1]))
        w->len--;
    /* Uses of empty chunks leave no line, and blank lines never two. */
    vanishes = w->len == 0 && (w->used || last_is_blank(w->out));
    if (w->origin.def < 0)
        w->origin = *newline;
    if (!vanishes)
        add_line(w->out, xformat("%.*s", w->len, w->text), w->origin.def,
                 w->origin.line);
    w->len = 0;
    w->started = w->used = false;
    w->origin.def = newline->def = -1;
}

static void
put_text(struct writer *w, int def, const struct token *t, int indent)
{
    if (t->text[0] == '\0')
        return;
    start_line(w, indent);
    put(w, t->text, strlen(t->text));
    if (w->origin.def < 0 && t->text[strspn(t->text, " \t")] != '\0')
        w->origin = (struct line){.def = def, .line = t->line};
}

/*
 * As in notangle: a nested chunk stands at the column of its use in the chapter,
 * and the last newline of a chunk belongs to whoever uses it.  So a newline
 * waits until something follows it.
 */
static void
expand_definition(struct writer *w, int d, int indent, struct line *newline)
{
    const struct book *book = w->book;
    const struct definition *def = &book->defs[d];
    int column = 0;

    for (int i = def->first; i < def->end; i++) {
        const struct token *t = &book->tokens[i];

        if (t->kind == T_INDEX_DEFN)
            continue;
        if (newline->def >= 0) {
            end_line(w, newline);
            column = 0;
        }
        if (t->kind == T_NL) {
            *newline = (struct line){.def = d, .line = t->line};
        } else if (t->kind == T_TEXT) {
            put_text(w, d, t, indent);
            column += strlen(t->text);
        } else if (t->kind == T_USE) {
            start_line(w, indent);
            w->used = true;
            expand_chunk(w, book_chunk(book, t->text), indent + column, false);
            column += strlen("<<") + strlen(t->text) + strlen(">>");
        }
    }
}

static void
expand_chunk(struct writer *w, int chunk, int indent, bool root)
{
    const struct chunk *c = &w->book->chunks[chunk];
    struct line newline = {.def = -1};

    for (int i = 0; i < c->ndefs; i++) {
        expand_definition(w, c->defs[i], indent, &newline);
        if (root && newline.def >= 0)
            end_line(w, &newline);
        if (root && !last_is_blank(w->out))
            add_line(w->out, xstrdup(""), -1, 0);
    }
}

static const struct {
    const char *ending, *mark;
} marks[] = {{".c", "/*"},  {".h", "/*"},  {".S", "/*"}, {".ld", "/*"},
             {".mk", "#"},  {".sh", "#"},  {".py", "#"}, {"/Makefile", "#"},
             {".gdb", "#"}, {".lds", "/*"}};

const char *
comment_mark(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i].ending);

        if (length > n && strcmp(path + length - n, marks[i].ending) == 0)
            return marks[i].mark;
    }
    return NULL;
}

/* Adds one word to the head's last line, or begins a new line with it. */
static void
add_word(struct source *head, const char *word, const char *margin)
{
    struct line *last = &head->lines[head->nlines - 1];

    if (strlen(last->text) + 1 + strlen(word) <= COLUMNS)
        last->text = xformat("%s %s", last->text, word);
    else
        add_line(head, xformat("%s %s", margin, word), -1, 0);
}

/* Which chapters a file's lines come from, as a set over book.files. */
static int
contributors(const struct book *book, int chunk, const struct source *body,
             bool *from)
{
    int n = 0;

    for (int i = 0; i < body->nlines; i++)
        if (body->lines[i].def >= 0)
            from[book->defs[body->lines[i].def].file] = true;
    if (body->nlines == 0)
        from[book->defs[book->chunks[chunk].defs[0]].file] = true;
    for (int i = 0; i < book->nfiles; i++)
        n += from[i];
    return n;
}

/* Writes "kernel/init.c, from chapters/01-boot.nw and ..." as a comment. */
static void
add_head(const struct book *book, int chunk, const struct source *body,
         struct source *head)
{
    const char *mark = comment_mark(head->path);
    const char *margin = mark && mark[0] == '#' ? "#" : "  ";
    bool *from = xrealloc(NULL, book->nfiles * sizeof *from);
    int n;

    if (mark == NULL)
        return;
    memset(from, 0, book->nfiles * sizeof *from);
    n = contributors(book, chunk, body, from);
    add_line(head, xformat("%s %s, from", mark, head->path), -1, 0);
    for (int i = 0; i < book->nfiles; i++) {
        if (!from[i])
            continue;
        n--;
        add_word(head, xformat("%s%s", book->files[i].path, n > 1 ? "," : ""),
                 margin);
        if (n == 1)
            add_word(head, "and", margin);
    }
    if (mark[0] == '/')
        add_word(head, "*/", margin);
}

void
expand(const struct book *book, int chunk, struct source *source)
{
    struct source body = {0};
    struct writer w = {.book = book, .out = &body, .origin.def = -1};
    int i = 0;

    *source = (struct source){.path = book->chunks[chunk].name};
    expand_chunk(&w, chunk, 0, true);
    while (body.nlines > 0 && last_is_blank(&body))
        body.nlines--;
    /* The kernel of the host looks for #! at the very beginning. */
    if (body.nlines > 0 && strncmp(body.lines[0].text, "#!", 2) == 0) {
        add_line(source, body.lines[0].text, body.lines[0].def,
                 body.lines[0].line);
        i++;
    }
    add_head(book, chunk, &body, source);
    if (source->nlines > 0 && i < body.nlines && body.lines[i].text[0] != '\0')
        add_line(source, xstrdup(""), -1, 0);
    for (; i < body.nlines; i++)
        add_line(source, body.lines[i].text, body.lines[i].def,
                 body.lines[i].line);
}
