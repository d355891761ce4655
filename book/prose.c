/*
 * prose.c: one side of a pair, as Markdown in which quotes and directives have
 * become raw LaTeX.
 */
#include "weave.h"

#include <ctype.h>
#include <string.h>

/* The side that is being written, and the line of it. */
struct scribe {
    struct weave *w;
    const struct line *line;
    enum language lang;
    bool heading;      /* no raw LaTeX: it goes into bookmarks too */
    const char *after; /* the text behind the directive */
    int *skip;         /* how much of that is done with */
};

static void
raw_begin(const struct scribe *s)
{
    fputs("`", s->w->out);
}

static void
raw_end(const struct scribe *s)
{
    fputs("`{=latex}", s->w->out);
}

/* A LaTeX macro with its arguments, each escaped. */
static void
put_macro(const struct scribe *s, const char *name, const char *const *args,
          int nargs)
{
    raw_begin(s);
    fprintf(s->w->out, "\\%s", name);
    for (int i = 0; i < nargs; i++) {
        fputc('{', s->w->out);
        put_tex(s->w->out, args[i], (int)strlen(args[i]), " ", NULL);
        fputc('}', s->w->out);
    }
    raw_end(s);
}

/* [[x]] */

/* Every word of the quote must be one that the code knows.  Returns where the
 * first that has a definition is defined, or -1. */
static int
check_words(const struct scribe *s, const char *quote, int n)
{
    int found = -1;

    for (int i = 0; i < n;) {
        int k = 0;
        char *word;

        while (i + k < n && is_word((unsigned char)quote[i + k]))
            k++;
        if (k > 0 && !isdigit((unsigned char)quote[i])) {
            word = xformat("%.*s", k, quote + i);
            if (found < 0)
                found = find_ident(s->w, word, k, -1);
            if (!known_word(s->w, word, k) && !is_keyword(word))
                error_at(s->w, s->line,
                         "[[%.*s]]: no chunk contains \"%s\"; "
                         "code that is not ours stands in `backticks`",
                         n, quote, word);
        }
        i += k > 0 ? k : 1;
    }
    return found;
}

static void
put_code(const struct scribe *s, int def, const char *quote, int n)
{
    FILE *out = s->w->out;

    raw_begin(s);
    if (def >= 0)
        fprintf(out, "\\CodeLink{%s}{", chunk_number(s->w, def));
    else
        fputs("\\Code{", out);
    put_tex(out, quote, n, " ", n > 12 ? "\\J " : NULL);
    fputs("}", out);
    raw_end(s);
}

static void
quote_chunk(const struct scribe *s, const char *name)
{
    const struct book *book = &s->w->book;
    int c = book_chunk(book, name);
    const struct chunk *chunk;

    if (c < 0 || book->chunks[c].ndefs == 0) {
        error_at(s->w, s->line, "[[<<%s>>]]: no such chunk", name);
        return;
    }
    chunk = &book->chunks[c];
    if (chunk->kind == CHUNK_FILE)
        put_macro(s, "FileRef",
                  (const char *[]){chunk_number(s->w, chunk->defs[0]), name},
                  2);
    else
        put_macro(s, "ChunkRef",
                  (const char *[]){chunk_number(s->w, chunk->defs[0]),
                                   chunk->zh ? chunk->zh : name, name},
                  3);
}

/* The quote of n characters without its marks. */
static void
put_quote(const struct scribe *s, const char *quote, int n)
{
    char *text = xformat("%.*s", n, quote);
    int c;

    if (*text == USE) {
        text[strcspn(text, "\4")] = '\0';
        quote_chunk(s, text + 1);
        return;
    }
    c = book_chunk(&s->w->book, text);
    if (s->heading)
        fprintf(s->w->out, "`%s`", text);
    else if (c >= 0 && s->w->book.chunks[c].ndefs > 0)
        put_code(s, s->w->book.chunks[c].defs[0], text, n);
    else
        put_code(s, check_words(s, text, n), text, n);
}

/* {{directive}} */

static void
put_ref(const struct scribe *s, char *text)
{
    const struct id *id = find_id(s->w, text);

    if (id == NULL || *id->number == '\0')
        error_at(s->w, s->line, "{{ref %s}}: %s", text,
                 id ? "what has this id has no number" : "nothing has this id");
    else
        put_macro(s, "RefTo", (const char *[]){id->name, id->number}, 2);
}

static const char *
value_of(const struct scribe *s, const char *key)
{
    const char *value = NULL;

    if (s->w->options.captures != NULL)
        value = find_value(s->w, s->w->book.files[s->line->file].path,
                           s->line->line, key);
    return value ? value : "";
}

static void
put_value(const struct scribe *s, char *text)
{
    put_macro(s, "Value", (const char *[]){value_of(s, text)}, 1);
}

static void
put_cite(const struct scribe *s, char *text)
{
    size_t n = strcspn(text, ":");
    struct record *entry;
    const char *label;
    int i = find_entry(s->w, text, (int)n);

    if (i < 0) {
        error_at(s->w, s->line, "{{cite %s}}: %s has no such entry", text,
                 s->w->bibliography.path);
        return;
    }
    entry = &s->w->bibliography.records[i];
    entry->used = true;
    label = entry->field[CITE_LABEL];
    if (s->lang == ZH && entry->field[CITE_LABEL_ZH] != NULL)
        label = entry->field[CITE_LABEL_ZH];
    put_macro(s, "Cite",
              (const char *[]){entry->field[CITE_KEY], label,
                               text[n] ? trim(text + n + 1) : ""},
              3);
}

/* The term is introduced here.  In the bilingual edition its Chinese side
 * stands for both. */
static const char *
add_place(const struct scribe *s, int term)
{
    struct weave *w = s->w;

    if (s->lang == EN && w->options.edition == BILINGUAL)
        return "";
    GROW(w->terms, w->nterms);
    w->terms[w->nterms++] = term;
    return xformat("%d", w->nterms);
}

/* What stands in parentheses behind a term of the Chinese edition: its English
 * name, unless the text says it, and what the text puts there itself. */
static const char *
put_english(const struct scribe *s, const char **field, const char **close)
{
    static const char open[] = "（";

    *close = "）";
    if (s->lang == EN || s->w->options.edition != ONLY_ZH ||
        strcmp(field[TERM_ZH], field[TERM_EN]) == 0)
        return "";
    if (!starts(s->after, open))
        return field[TERM_EN];
    if (starts(s->after + strlen(open), field[TERM_EN]))
        return "";
    *s->skip += (int)strlen(open);
    *close = "，";
    return field[TERM_EN];
}

/* `{{term shown}}` or `{{term shown|looked up}}`. */
static void
put_term(const struct scribe *s, char *text)
{
    char *bar = strchr(text, '|');
    const char **field, *english, *close;
    int i = find_term(s->w, bar ? trim(bar + 1) : text, s->lang);

    if (i < 0) {
        error_at(s->w, s->line, "{{term %s}}: %s has no such term", text,
                 s->w->glossary.path);
        return;
    }
    if (bar != NULL)
        *bar = '\0';
    field = s->w->glossary.records[i].field;
    english = put_english(s, field, &close);
    put_macro(s, s->lang == ZH ? "TermZh" : "TermEn",
              (const char *[]){add_place(s, i), field[TERM_KEY], trim(text),
                               english, close},
              s->lang == ZH ? 5 : 3);
}

static const struct {
    const char *name;
    void (*put)(const struct scribe *s, char *text);
} directives[] = {
    {"ref ", put_ref},
    {"value ", put_value},
    {"cite ", put_cite},
    {"term ", put_term},
};

static void
put_directive(const struct scribe *s, const char *text, int n)
{
    char *copy = trim(xformat("%.*s", n, text));

    for (size_t i = 0; i < LENGTH(directives); i++)
        if (starts(copy, directives[i].name)) {
            directives[i].put(s, trim(copy + strlen(directives[i].name)));
            return;
        }
    error_at(s->w, s->line,
             starts(copy, "capture")
                 ? "{{%s}} stands on a line of its own, outside the pairs"
                 : "{{%s}} is unknown: ref, value, term or cite",
             copy);
}

/* Text */

/* Writes n characters with noweb's marks as they were typed. */
static void
put_verbatim(const struct scribe *s, const char *text, int n)
{
    static const char *const marks[] = {
        [QUOTE] = "[[", [ENDQUOTE] = "]]", [USE] = "<<", [ENDUSE] = ">>"};

    for (int i = 0; i < n; i++)
        if (text[i] >= QUOTE && text[i] <= ENDUSE)
            fputs(marks[(int)text[i]], s->w->out);
        else
            fputc(text[i], s->w->out);
}

/* Length of the code span at text, with its backticks; 1 if it isn't closed. */
static int
code_span(const char *text)
{
    size_t n = strspn(text, "`");

    for (const char *s = text + n; *s != '\0'; s += strspn(s, "`")) {
        s += strcspn(s, "`");
        if (strspn(s, "`") == n)
            return (int)(s - text) + (int)n;
    }
    return 1;
}

/* A code span of n characters.  Values are filled in, in it as elsewhere. */
static void
put_span(const struct scribe *s, const char *text, int n)
{
    static const char open[] = "{{value ";

    for (int i = 0; i < n; i++) {
        const char *at = text + i;
        const char *end = starts(at, open) ? strstr(at, "}}") : NULL;

        if (end == NULL || end > text + n) {
            put_verbatim(s, at, 1);
            continue;
        }
        at += strlen(open);
        fputs(value_of(s, xformat("%.*s", (int)(end - at), at)), s->w->out);
        i = (int)(end - text) + 1;
    }
}

static void
put_text(struct scribe *s, const char *text)
{
    const char *end;
    int n;

    for (; *text != '\0'; text += n) {
        n = 1;
        if (*text == '`') {
            n = code_span(text);
            put_span(s, text, n);
        } else if (*text == '\\' && text[1] != '\0') {
            put_verbatim(s, text, n = 2);
        } else if (*text == QUOTE && (end = strchr(text, ENDQUOTE)) != NULL) {
            put_quote(s, text + 1, (int)(end - text) - 1);
            n = (int)(end - text) + 1;
        } else if (starts(text, "{{") && (end = strstr(text, "}}")) != NULL) {
            n = (int)(end - text) + 2;
            s->after = text + n;
            s->skip = &n;
            put_directive(s, text + 2, (int)(end - text) - 2);
        } else {
            put_verbatim(s, text, 1);
        }
    }
}

/* Is there a {{ without its }}? */
static bool
goes_on(const char *text)
{
    const char *open = NULL;

    for (const char *s = text; (s = strstr(s, "{{")) != NULL; s += 2)
        open = s;
    return open != NULL && strstr(open, "}}") == NULL;
}

/* Tells the log which line comes now, so that LaTeX's errors find it. */
static void
put_mark(const struct scribe *s)
{
    fprintf(s->w->out, "`\\At{%d}`{=latex}", s->line->line);
}

static void
put_heading(struct scribe *s, const struct block *block)
{
    char *text = xstrdup(s->line->text);
    char *brace = strrchr(text, '{');

    if (brace != NULL && brace[1] != '\0' && strchr("#.-", brace[1]) != NULL)
        *brace = '\0';
    s->heading = true;
    put_text(s, text);
    s->heading = false;
    fputs(" {", s->w->out);
    if (block->id != NULL &&
        (s->lang == ZH || s->w->options.edition == ONLY_EN))
        fprintf(s->w->out, "#%s ", block->id);
    fprintf(s->w->out, "number=%s}\n", block->number ? block->number : "");
}

/* The line's beginning that Markdown needs, with a mark behind it. */
static const char *
put_opening(const struct scribe *s, const struct block *block, const char *text)
{
    enum block_kind kind;
    size_t n = 0;

    if (is_item(text, &kind) && kind == block->kind)
        n = strcspn(text, " ") + 1;
    else if (block->kind == QUOTATION && starts(text, "> "))
        n = 2;
    else if (block->kind != PARAGRAPH)
        return text;
    put_verbatim(s, text, (int)n);
    put_mark(s);
    return text + n;
}

static void
put_block(struct scribe *s, const struct block *block, int end)
{
    struct weave *w = s->w;

    s->line = &w->lines[block->line];
    if (block->kind == HEADING) {
        put_heading(s, block);
        return;
    }
    for (int i = block->line; i < end; i++) {
        const char *text = w->lines[i].text;
        enum block_kind kind;

        s->line = &w->lines[i];
        if (block->kind == CODE) {
            put_verbatim(s, text, (int)strlen(text));
            fputc('\n', w->out);
            continue;
        }
        while (goes_on(text) && i + 1 < end)
            text = xformat("%s %s", text, w->lines[++i].text);
        if (goes_on(text))
            error_at(w, s->line, "{{ is not closed by }}");
        if (i == block->line || is_item(text, &kind))
            text = put_opening(s, block, text);
        put_text(s, text);
        fputc('\n', w->out);
    }
}

void
emit_side(struct weave *w, const struct side *side, enum language lang)
{
    struct scribe s = {.w = w, .lang = lang};

    fprintf(w->out, "\n::: {.%s at=%d}\n", lang == ZH ? "zh" : "en",
            w->lines[side->first].line);
    for (int i = 0; i < side->nblocks; i++) {
        int end = i + 1 < side->nblocks ? side->blocks[i + 1].line : side->end;

        put_block(&s, &side->blocks[i], end);
        fputc('\n', w->out);
    }
    fputs(":::\n", w->out);
}
