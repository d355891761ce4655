/*
 * code.c: chunks, captures and figures, as LaTeX.
 */
#include "weave.h"

#include <stdlib.h>
#include <string.h>

enum {
    WHOLE = 12,      /* shorter chunks stay on one page           */
    TOGETHER = 4,    /* lines that stay together at either end    */
    AFTER_BLANK = 3, /* lines that stay with the blank one above  */
    TERMINAL = 86,   /* columns of a transcript ...               */
    BOXED = 82,      /* ... and of one in a box                   */
    INDENTED = 4,    /* those of a line that goes on below        */
    SHORT = 12       /* lines of a transcript printed as a whole  */
};

static void
put_code(struct weave *w, const char *s, int n)
{
    put_tex(w->out, s, n, "~", NULL);
}

static void
put_name(struct weave *w, const char *s)
{
    put_tex(w->out, s, (int)strlen(s), " ", "\\J ");
}

/* A path, which breaks behind its slashes. */
static void
put_path(struct weave *w, const char *s)
{
    while (*s != '\0') {
        size_t n = strcspn(s, "/");

        n += s[n] == '/';
        put_tex(w->out, s, (int)n, " ", NULL);
        s += n;
        if (*s != '\0')
            fputs("\\J ", w->out);
    }
}

/* \macro{n.m}, or nothing for -1 */
static void
put_number(struct weave *w, const char *macro, int def)
{
    if (def >= 0)
        fprintf(w->out, "\\%s{%s}\n", macro, chunk_number(w, def));
}

/* Which identifiers does each definition use? */

static bool
used_already(const struct weave *w, const char *name, int at)
{
    for (int i = w->nuses - 1; i >= 0 && w->uses[i].at == at; i--)
        if (strcmp(w->uses[i].name, name) == 0)
            return true;
    return false;
}

/* Which of the identifiers that def's %def names is it?  -1: none */
static int
defines(const struct weave *w, int def, const char *s, int n)
{
    int index = 0;

    for (int i = w->book.defs[def].first; i < w->book.defs[def].end; i++) {
        const struct token *t = &w->book.tokens[i];

        if (t->kind != T_INDEX_DEFN)
            continue;
        if ((int)strlen(t->text) == n && strncmp(t->text, s, (size_t)n) == 0)
            return index;
        index++;
    }
    return -1;
}

/* Does the line declare the word s[0..n) for its own function?  That is, does
 * it stand behind a type, not at file scope, and before one of , ; ) = [ */
static bool
declares(const char *line, const char *s, int n)
{
    static const char *const types[] = {"int",   "char", "unsigned", "long",
                                        "short", "void", "bool"};
    const char *end = s, *begin;
    size_t length;

    line += strspn(line, " ");
    if (starts(line, "extern") || starts(line, "static") ||
        strchr(",;)=[", s[n + (int)strspn(s + n, " ")]) == NULL)
        return false;
    while (end > line && (end[-1] == ' ' || end[-1] == '*'))
        end--;
    for (begin = end; begin > line && is_word((unsigned char)begin[-1]);
         begin--)
        continue;
    length = (size_t)(end - begin);
    if (end == s || length == 0)
        return false;
    if (length > 2 && strncmp(end - 2, "_t", 2) == 0)
        return true;
    if (begin - line >= 7 && strncmp(begin - 7, "struct ", 7) == 0)
        return true;
    for (size_t i = 0; i < LENGTH(types); i++)
        if (strlen(types[i]) == length && strncmp(begin, types[i], length) == 0)
            return true;
    return false;
}

/* Does the definition, or a piece of code that uses it, declare the name for
 * its own function? */
static bool
is_local(const struct weave *w, int def, const char *name, int n, int depth)
{
    const struct chunk *chunk = &w->book.chunks[w->places[def].part];

    if (defines(w, def, name, n) >= 0)
        return false;
    for (int i = w->book.defs[def].first; i < w->book.defs[def].end; i++) {
        const char *text = w->book.tokens[i].text;

        if (w->book.tokens[i].kind != T_TEXT)
            continue;
        for (const char *s = text; *s != '\0'; s++)
            if (strncmp(s, name, (size_t)n) == 0 &&
                !is_word((unsigned char)s[n]) &&
                (s == text || !is_word((unsigned char)s[-1])) &&
                declares(text, s, n))
                return true;
    }
    for (int i = 0; depth > 0 && i < chunk->nuses; i++)
        if (is_local(w, chunk->uses[i].def, name, n, depth - 1))
            return true;
    return false;
}

/* What the word s[0..n) of that line, in definition at, means: the definition
 * of an identifier, or -1.  What a function declares for itself means nothing
 * elsewhere, nor do members unless a header names them. */
static int
meaning(const struct weave *w, const char *line, const char *s, int n, int at)
{
    int def = find_ident(w, s, n, at);
    bool member = (s > line && s[-1] == '.') ||
                  (s > line + 1 && s[-2] == '-' && s[-1] == '>');

    if (def < 0 || (member && is_in_c_file(w, def)) ||
        (!member && is_local(w, at, s, n, 3)))
        return -1;
    return def;
}

static void
gather_word(struct weave *w, const char *line, const char *s, int n, int at)
{
    int def = meaning(w, line, s, n, at);
    char *name;

    if (def < 0 || def == at)
        return;
    name = xformat("%.*s", n, s);
    if (used_already(w, name, at))
        return;
    GROW(w->uses, w->nuses);
    w->uses[w->nuses++] = (struct ident_use){name, def, at};
}

static struct lexer
lexer_of(const struct weave *w, int def)
{
    int root = w->places[def].root;

    return begin_lexing(root >= 0 ? w->book.chunks[root].name : "");
}

static void
gather_definition(struct weave *w, int def)
{
    struct lexer lexer = lexer_of(w, def);
    const char *text = "";
    int n;

    for (int i = w->book.defs[def].first; i < w->book.defs[def].end; i++) {
        const struct token *t = &w->book.tokens[i];

        if (t->kind == T_NL)
            lex_newline(&lexer, text);
        text = t->kind == T_TEXT ? t->text : "";
        for (const char *s = text; *s != '\0'; s += n)
            if (lex(&lexer, s, &n) == C_WORD)
                gather_word(w, text, s, n, def);
    }
}

void
gather_uses(struct weave *w)
{
    for (int def = 0; def < w->book.ndefs; def++)
        if (w->book.chunks[w->book.defs[def].chunk].kind != CHUNK_SPEC)
            gather_definition(w, def);
}

/* A chunk's lines */

/* A definition on its way to the page. */
struct painter {
    struct weave *w;
    int def;
    struct lexer lexer;
    uint64_t seen; /* identifiers whose definition was met */
};

/* Is the word, which the chunk defines as its own-th, met where it does? */
static bool
meets_definition(struct painter *p, int own, const char *s, int n)
{
    uint64_t bit = (uint64_t)1 << (own & 63);
    bool meets =
        may_define(&p->lexer, s, n) && ((p->seen & bit) == 0 || s[n] == ':');

    if (meets)
        p->seen |= bit;
    return meets;
}

/* A word: what the chunk defines is marked where it does, the rest linked. */
static void
put_word(struct painter *p, const char *line, const char *s, int n)
{
    struct weave *w = p->w;
    int own = defines(w, p->def, s, n);
    int def = own < 0 ? meaning(w, line, s, n, p->def) : -1;
    bool bold = own >= 0 && meets_definition(p, own, s, n);

    if (bold)
        fputs("\\D{", w->out);
    else if (def >= 0)
        fprintf(w->out, "\\I{%s}{", chunk_number(w, def));
    put_code(w, s, n);
    if (bold || def >= 0)
        fputc('}', w->out);
}

static void
put_pieces(struct painter *p, const char *line)
{
    static const char *const macros[] = {
        [C_KEYWORD] = "\\K{",
        [C_COMMENT] = "\\C{",
        [C_STRING] = "\\S{",
        [C_DIRECTIVE] = "\\P{",
    };
    int n;

    for (const char *s = line; *s != '\0'; s += n) {
        enum code_class class = lex(&p->lexer, s, &n);

        if (class == C_WORD) {
            put_word(p, line, s, n);
        } else if (class == C_BLANK || class == C_PLAIN) {
            put_code(p->w, s, n);
        } else {
            fputs(macros[class], p->w->out);
            put_code(p->w, s, n);
            fputc('}', p->w->out);
        }
    }
}

/* The definition of the chunk that counts in the chapter of definition def: its
 * first, or what has replaced that by then. */
static int
in_force(const struct weave *w, const struct chunk *chunk, int def)
{
    int d = chunk->defs[0];
    int next;

    while ((next = w->places[d].replaced_by) >= 0 &&
           w->book.defs[next].chapter <= w->book.defs[def].chapter)
        d = next;
    return d;
}

static void
put_use(struct weave *w, int def, const struct token *t)
{
    int c = book_chunk(&w->book, t->text);
    const struct chunk *chunk = &w->book.chunks[c];

    if (chunk->ndefs == 0) {
        book_error(&w->book, t->file, t->line,
                   "<<%s>> is not defined: define "
                   "it, or correct the name",
                   t->text);
        return;
    }
    fprintf(w->out, "\\Use{%s}{", chunk_number(w, in_force(w, chunk, def)));
    put_name(w, chunk->zh ? chunk->zh : chunk->name);
    fputs("}{", w->out);
    put_name(w, chunk->name);
    fputc('}', w->out);
}

/* Is the line whose tokens begin at i a blank one? */
static bool
blank_line(const struct weave *w, int i)
{
    const struct token *t = &w->book.tokens[i];

    return t->kind == T_NL ||
           (t->kind == T_TEXT && t[1].kind == T_NL && is_blank(t->text));
}

static int
next_line(const struct weave *w, int i)
{
    while (w->book.tokens[i].kind != T_NL)
        i++;
    return i + 1;
}

/* The body's lines [*first, returned) without blank ones at the ends; the
 * number of lines goes to *n. */
static int
body(const struct weave *w, int def, int *first, int *n)
{
    int end = w->book.defs[def].first;
    int lines = 0;

    *first = end;
    *n = 0;
    for (int i = *first; w->book.tokens[i].kind <= T_ENDQUOTE &&
                         w->book.tokens[i].kind != T_END_CODE;) {
        bool blank = blank_line(w, i);
        int next = next_line(w, i);

        if (blank && *n == 0) {
            *first = end = next;
        } else {
            lines++;
            if (!blank) {
                *n = lines;
                end = next;
            }
        }
        i = next;
    }
    return end;
}

static void
put_line(struct painter *p, int i)
{
    const char *text = "";

    fputs("\\L{", p->w->out);
    for (; p->w->book.tokens[i].kind != T_NL; i++) {
        const struct token *t = &p->w->book.tokens[i];

        text = t->kind == T_TEXT ? t->text : "";
        if (t->kind == T_USE)
            put_use(p->w, p->def, t);
        else
            put_pieces(p, text);
    }
    lex_newline(&p->lexer, text);
    fputs("}\n", p->w->out);
}

/* By how many blanks the line whose tokens begin at i is indented. */
static int
indentation(const struct weave *w, int i)
{
    return w->book.tokens[i].kind == T_TEXT
               ? (int)strspn(w->book.tokens[i].text, " ")
               : 0;
}

/* May a page end before the line of code whose tokens begin at i, and before
 * which the one at `before` stands?  Not within what belongs together. */
static bool
may_break(const struct painter *p, int before, int i)
{
    const struct weave *w = p->w;
    const char *text = w->book.tokens[before].text;
    size_t n = strlen(text);
    bool comment =
        p->lexer.comment || (n > 1 && strcmp(text + n - 2, "*/") == 0 &&
                             starts(text + strspn(text, " "), "/*"));

    return !comment && indentation(w, i) > 0 &&
           indentation(w, i) <= indentation(w, before) &&
           w->book.tokens[i].text[indentation(w, i)] != '}';
}

/* The macro for a page's end before line i, or NULL if none may be there.  It is
 * a blank line, best between functions, or some line well after one. */
static const char *
page_end(const struct painter *p, int before, int i, int since_blank)
{
    if (since_blank == 0 && !p->lexer.comment)
        return indentation(p->w, next_line(p->w, i)) > 0 ? "BI" : "BB";
    return since_blank > AFTER_BLANK && may_break(p, before, i) ? "B" : NULL;
}

/* Does the line hold nothing but uses of chunks? */
static bool
only_uses(const struct weave *w, int i)
{
    bool any = false;

    for (; w->book.tokens[i].kind != T_NL; i++) {
        const struct token *t = &w->book.tokens[i];

        if (t->kind == T_TEXT && !is_blank(t->text))
            return false;
        any |= t->kind == T_USE;
    }
    return any;
}

/* All lines, with the places where a long chunk may go on overleaf: best at a
 * blank line. */
static void
put_lines(struct weave *w, int def)
{
    struct painter painter = {.w = w, .def = def, .lexer = lexer_of(w, def)};
    int i, n, before = -1, since_blank = 0;
    int end = body(w, def, &i, &n);

    for (int line = 0; i < end; before = i, i = next_line(w, i), line++) {
        bool blank = blank_line(w, i);
        const char *macro = NULL;

        since_blank = blank ? 0 : since_blank + 1;
        if (n >= WHOLE && line >= TOGETHER && n - line >= TOGETHER)
            macro = page_end(&painter, before, i, since_blank);
        if (macro != NULL)
            fprintf(w->out, "\\%s\n", macro);
        if (blank) {
            lex_newline(&painter.lexer, "");
            if (!only_uses(w, before) || !only_uses(w, next_line(w, i)))
                fputs("\\E\n", w->out);
        } else {
            put_line(&painter, i);
        }
    }
}

/* A chunk's head and foot */

static void
put_where(struct weave *w, const struct place *place)
{
    if (place->nroots > 1) {
        fputs("\\ChunkShared\n", w->out);
    } else if (place->root >= 0) {
        fputs("\\ChunkWhere{", w->out);
        put_path(w, w->book.chunks[place->root].name);
        fputs("}{", w->out);
        if (!place->unsure)
            put_name(w, place->function);
        fputs("}\n", w->out);
    }
}

static void
put_head(struct weave *w, int def)
{
    const struct definition *d = &w->book.defs[def];
    const struct chunk *chunk = &w->book.chunks[d->chunk];
    const struct place *place = &w->places[def];
    int part = chunk->part ? book_chunk(&w->book, chunk->part) : -1;
    const struct chunk *named = part >= 0 ? &w->book.chunks[part] : chunk;

    put_number(w, "ChunkPrev", place->prev);
    put_number(w, "ChunkNext", place->next);
    put_number(w, "ChunkReplaces", place->replaces);
    put_number(w, "ChunkReplacedBy", place->replaced_by);
    if (chunk->kind == CHUNK_VARIANT && named->ndefs > 0)
        put_number(w, "ChunkVariant", in_force(w, named, def));
    if (chunk->kind != CHUNK_FILE)
        put_where(w, place);
    fprintf(w->out, "\\ChunkBegin{%s}{", chunk_number(w, def));
    fputs(named->kind == CHUNK_FILE ? "\\ChunkFile{" : "\\ChunkName{", w->out);
    put_name(w,
             named->zh && named->kind != CHUNK_FILE ? named->zh : named->name);
    fputs("}{", w->out);
    put_name(w, named->name);
    fprintf(w->out, "}}{%s}\n", place->prev >= 0 ? "+" : "");
}

static void
put_defined(struct weave *w, int def)
{
    bool any = false;

    for (int i = w->book.defs[def].first; i < w->book.defs[def].end; i++) {
        const struct token *t = &w->book.tokens[i];

        if (t->kind != T_INDEX_DEFN)
            continue;
        fputs(any ? "\\Item" : "\\ChunkDefines{\\Item", w->out);
        fputs("{", w->out);
        put_name(w, t->text);
        fputs("}", w->out);
        any = true;
    }
    if (any)
        fputs("}\n", w->out);
}

static void
put_used_in(struct weave *w, int def)
{
    const struct chunk *chunk = &w->book.chunks[w->places[def].part];
    int last = -1;

    for (int i = 0; i < chunk->nuses; i++) {
        int at = chunk->uses[i].def;

        if (at == last || !is_kernel(w, at))
            continue;
        fprintf(w->out, "%s{%s}",
                last < 0 ? "\\ChunkUsedIn{\\Number" : "\\Number",
                chunk_number(w, at));
        last = at;
    }
    if (last >= 0)
        fputs("}\n", w->out);
}

static void
put_uses(struct weave *w, int def)
{
    bool any = false;

    for (int i = 0; i < w->nuses; i++) {
        const struct ident_use *use = &w->uses[i];

        if (use->at != def ||
            defines(w, def, use->name, (int)strlen(use->name)) >= 0)
            continue;
        fputs(any ? "\\Item{" : "\\ChunkUses{\\Item{", w->out);
        put_name(w, use->name);
        fprintf(w->out, "}\\Number{%s}", chunk_number(w, use->def));
        any = true;
    }
    if (any)
        fputs("}\n", w->out);
}

void
emit_chunk(struct weave *w, int def)
{
    put_head(w, def);
    put_lines(w, def);
    put_defined(w, def);
    if (is_kernel(w, def))
        put_used_in(w, def);
    put_uses(w, def);
    fputs("\\ChunkEnd\n", w->out);
}

/* Transcripts */

static void
put_row(struct weave *w, int indent, const char *s, int n)
{
    fputs("\\T{", w->out);
    for (; indent > 0; indent--)
        fputc('~', w->out);
    put_code(w, s, n);
    fputs("}\n", w->out);
}

/* Where the last column of a table begins, behind two blanks or more; INDENTED
 * if that is too far to the right, or nowhere. */
static int
last_column(const char *s, int n)
{
    int column = 0;

    for (int i = 2; i < n; i++)
        if (s[i] != ' ' && s[i - 1] == ' ' && s[i - 2] == ' ')
            column = i;
    return column > 0 && column <= TERMINAL / 2 ? column : INDENTED;
}

/* One line of n characters; what is wider than the columns there are goes on
 * below, from a blank if there is one. */
static void
put_terminal_line(struct weave *w, const char *s, int n, int columns)
{
    int below = last_column(s, n), indent = 0;

    while (indent + n > columns) {
        int room = columns - indent, fits = room;

        while (fits > room / 2 && s[fits] != ' ')
            fits--;
        if (s[fits] != ' ')
            fits = room;
        put_row(w, indent, s, fits);
        fits += s[fits] == ' ';
        s += fits;
        n -= fits;
        indent = below;
    }
    put_row(w, indent, s, n);
}

/* What is no printable ASCII becomes a dot, tabs become blanks. */
static char *
clean(const char *text)
{
    char *clean = NULL;
    size_t size;
    FILE *f = open_memstream(&clean, &size);
    int column = 0;

    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '\r')
            continue;
        if (*s == '\t')
            column += fprintf(f, "%*s", 8 - column % 8, "");
        else
            column +=
                fputc(*s == '\n' || (*s >= ' ' && *s < 127) ? *s : '.', f) > 0;
        if (*s == '\n')
            column = 0;
    }
    fclose(f);
    return clean;
}

static char *
capture_text(struct weave *w, const struct line *line, const char *name)
{
    char *path = xformat("%s/%s.txt", w->options.captures, name);
    char *text = read_file(path);

    if (text == NULL)
        error_at(w, line, "no %s: has that run been captured?", path);
    return text ? clean(text) : NULL;
}

/* Where a long transcript may go on overleaf: before line i of n, from 0. */
static void
put_terminal_break(struct weave *w, int i, int n)
{
    if (n > SHORT && i >= TOGETHER && n - i >= TOGETHER)
        fputs("\\TB\n", w->out);
}

static int
count_lines(const char *text)
{
    int lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void
put_capture(struct weave *w, const char *text, int first, int last, bool whole,
            int columns)
{
    int line = 0, end = count_lines(text);

    if (end > last)
        end = last;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        if (++line >= first && line <= last) {
            if (!whole)
                put_terminal_break(w, line - first, end - first + 1);
            put_terminal_line(w, text, (int)n, columns);
        }
        text += n + (text[n] == '\n');
    }
}

/* line holds {{capture NAME}} or {{capture NAME FIRST-LAST}}, either perhaps with
 * `whole' behind it. */
void
emit_capture(struct weave *w, const struct line *line, bool boxed)
{
    char name[64];
    char *text;
    int first = 1, last = 1 << 30, end = 0;
    const char *rest;
    bool whole;

    if (sscanf(line->text, "{{capture %63[^} ]%n %d-%d%n", name, &end, &first,
               &last, &end) < 1)
        end = 0;
    rest = line->text + end;
    whole = starts(rest, " whole");
    if (whole)
        rest += strlen(" whole");
    if (end == 0 || first > last || strcmp(rest, "}}") != 0) {
        error_at(w, line, "write {{capture NAME}} or {{capture NAME 3-9}}");
        return;
    }
    if (w->options.captures == NULL)
        return;
    text = capture_text(w, line, name);
    if (text == NULL)
        return;
    fputs("\\CaptureBegin\n", w->out);
    put_capture(w, text, first, last, whole, boxed ? BOXED : TERMINAL);
    fputs("\\CaptureEnd\n", w->out);
}

/* Experiments */

/* The outcome's line `key: value` as \Outcome...{value}. */
static void
put_condition(struct weave *w, const char *text)
{
    static const struct {
        const char *key, *macro;
    } keys[] = {
        {"exit: ", "OutcomeExit"},
        {"must: ", "OutcomeMust"},
        {"must not: ", "OutcomeMustNot"},
        {"boot: ", "OutcomeBoot"},
    };

    for (size_t i = 0; i < LENGTH(keys); i++) {
        size_t n = strlen(keys[i].key);

        if (!starts(text, keys[i].key))
            continue;
        fprintf(w->out, "\\%s{", keys[i].macro);
        put_code(w, text + n, (int)strlen(text + n));
        fputs("}\n", w->out);
    }
}

/* Does the line of n characters contain what some `must:` wants? */
static bool
wanted(const struct weave *w, const struct definition *d, const char *line,
       size_t n)
{
    char *copy = xformat("%.*s", (int)n, line);

    for (int i = d->first; i < d->end; i++) {
        const char *text = w->book.tokens[i].text;

        if (starts(text, "must: ") && strstr(copy, text + 6) != NULL)
            return true;
    }
    return false;
}

static void
check_wanted(struct weave *w, const struct definition *d, const char *capture)
{
    for (int i = d->first; i < d->end; i++) {
        const struct token *t = &w->book.tokens[i];

        if (starts(t->text, "must: ") && strstr(capture, t->text + 6) == NULL)
            book_error(&w->book, t->file, t->line,
                       "the captured run does not "
                       "say \"%s\"",
                       t->text + 6);
    }
}

/* The capture, or of a long one the lines that matter. */
static void
put_witness(struct weave *w, const struct definition *d, const char *capture)
{
    bool all = count_lines(capture) <= SHORT;
    char *shown = NULL;
    size_t size;
    FILE *f = open_memstream(&shown, &size);

    while (*capture != '\0') {
        size_t n = strcspn(capture, "\n");

        if (all || wanted(w, d, capture, n))
            fprintf(f, "%.*s\n", (int)n, capture);
        capture += n + (capture[n] == '\n');
    }
    fclose(f);
    fputs("\\CaptureBegin\n", w->out);
    put_capture(w, shown, 1, count_lines(shown), false, BOXED);
    fputs("\\CaptureEnd\n", w->out);
    free(shown);
}

/* What came out of the experiment in the box. */
void
emit_outcome(struct weave *w, const struct box *box)
{
    const struct definition *d = &w->book.defs[box->spec];
    const char *capture = NULL;

    fputs("\\OutcomeBegin\n", w->out);
    for (int i = d->first; i < d->end; i++)
        put_condition(w, w->book.tokens[i].text);
    fputs("\\OutcomeText\n", w->out);
    if (w->options.captures != NULL)
        capture =
            capture_text(w, &w->lines[box->line], xformat("exp-%s", box->name));
    if (capture != NULL && *capture != '\0') {
        check_wanted(w, d, capture);
        put_witness(w, d, capture);
    }
    fputs("\\OutcomeEnd\n", w->out);
}

/* Figures */

/* The figure's source with each \captured{KEY} replaced by its value. */
void
emit_figure(struct weave *w, const struct box *box)
{
    static const char macro[] = "\\captured{";
    char *path = xformat("%s/%s.tex", w->options.figures, box->name);
    char *text = read_file(path);
    int line = 1;

    if (text == NULL && *box->name != '\0')
        error_at(w, &w->lines[box->line], "no %s: draw it", path);
    if (text == NULL)
        return;
    fprintf(w->out, "\\AtFile{%s}\\At{1}%%\n", path);
    for (const char *s = text; *s != '\0'; s++) {
        const char *end = starts(s, macro) ? strchr(s, '}') : NULL;

        line += *s == '\n';
        if (end == NULL) {
            fputc(*s, w->out);
            continue;
        }
        s += strlen(macro);
        if (w->options.captures != NULL) {
            char *key = xformat("%.*s", (int)(end - s), s);
            const char *value = find_value(w, path, line, key);

            if (value != NULL)
                put_tex(w->out, value, (int)strlen(value), " ", NULL);
        }
        s = end;
    }
    fprintf(w->out, "\\par\\AtFile{%s}%%\n",
            w->book.files[w->lines[box->line].file].path);
}
