/*
 * index.c: the book from end to end, and the lists at its end.
 */
#include "weave.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char raw_fence[] = "\n```````` {=latex}\n";
static const char raw_close[] = "````````\n";

/* The chapters */

static void
emit_pair(struct weave *w, const struct item *item)
{
    if (w->options.edition != ONLY_EN)
        emit_side(w, &item->side[ZH], ZH);
    if (w->options.edition != ONLY_ZH)
        emit_side(w, &item->side[EN], EN);
}

static void
open_box(struct weave *w, const struct box *box)
{
    static const char *const names[] = {
        [TRY] = "Try",
        [ELSEWHERE] = "Elsewhere",
        [MIND] = "Mind",
        [FIGURE] = "Figure",
        [EXERCISE] = "Exercise",
        [ANSWER] = "Answer",
        [EXPERIMENT] = "Experiment",
    };

    fprintf(w->out, "\\Box%s{%s}{%s}{%d}\n", names[box->kind], box->number,
            box->id, box->stars);
    if (box->kind == FIGURE)
        emit_figure(w, box);
    if (box->kind == FIGURE)
        fputs("\\FigureCaption\n", w->out);
}

static void
close_box(struct weave *w, const struct box *box)
{
    if (box->kind == EXPERIMENT && box->spec >= 0)
        emit_outcome(w, box);
    fputs("\\BoxEnd\n", w->out);
}

/* A chunk, a capture or a box's edge: raw LaTeX. */
static void
emit_raw(struct weave *w, const struct item *item)
{
    const struct line *line = &w->lines[item->line];

    fputs(raw_fence, w->out);
    fprintf(w->out, "\\At{%d}%%\n", line->line);
    if (item->kind == OPEN)
        open_box(w, item->box);
    else if (item->kind == CLOSE)
        close_box(w, item->box);
    else if (item->kind == CAPTURE)
        emit_capture(w, line, item->box != NULL);
    else
        emit_chunk(w, line->def);
    fputs(raw_close, w->out);
}

/* Does the item go into this edition? */
static bool
printed(const struct weave *w, const struct item *item)
{
    if (item->box != NULL && item->box->kind == ANSWER)
        return w->options.answers || w->options.check;
    return item->kind != CHUNK || item->box == NULL ||
           item->box->spec != w->lines[item->line].def;
}

/* Does the pair end in a heading, with a box right behind it? */
static bool
heads_box(const struct weave *w, int i)
{
    const struct side *side = &w->items[i].side[ZH];

    return w->items[i].kind == PAIR && i + 1 < w->nitems &&
           w->items[i + 1].kind == OPEN && side->nblocks > 0 &&
           side->blocks[side->nblocks - 1].kind == HEADING;
}

static void
emit_items(struct weave *w)
{
    int file = -1;

    for (int i = 0; i < w->nitems; i++) {
        const struct item *item = &w->items[i];
        const struct line *line = &w->lines[item->line];

        if (line->file != file) {
            file = line->file;
            fprintf(w->out, "%s\\AtFile{%s}\n%s", raw_fence,
                    w->book.files[file].path, raw_close);
        }
        if (!printed(w, item))
            continue;
        if (heads_box(w, i))
            fprintf(w->out, "%s\\BoxFollows\n%s", raw_fence, raw_close);
        if (item->kind == PAIR)
            emit_pair(w, item);
        else
            emit_raw(w, item);
    }
}

/* The lists */

typedef int (*order)(const struct weave *w, int a, int b);

/* Sorts n numbers in place; few enough for the simplest way. */
static void
sort(const struct weave *w, int *a, int n, order compare)
{
    for (int i = 1; i < n; i++) {
        int x = a[i];
        int k = i;

        for (; k > 0 && compare(w, a[k - 1], x) > 0; k--)
            a[k] = a[k - 1];
        a[k] = x;
    }
}

static int *
count_up(int n)
{
    int *a = xrealloc(NULL, ((size_t)n + 1) * sizeof *a);

    for (int i = 0; i < n; i++)
        a[i] = i;
    return a;
}

static const char *
term_field(const struct weave *w, int i, int field)
{
    return w->glossary.records[i].field[field];
}

static int
by_pinyin(const struct weave *w, int a, int b)
{
    return strcasecmp(term_field(w, a, TERM_PINYIN),
                      term_field(w, b, TERM_PINYIN));
}

static int
by_english(const struct weave *w, int a, int b)
{
    return strcasecmp(term_field(w, a, TERM_EN), term_field(w, b, TERM_EN));
}

static void
put_arg(struct weave *w, const char *s)
{
    fputc('{', w->out);
    if (s != NULL)
        put_tex(w->out, s, (int)strlen(s), " ", NULL);
    fputc('}', w->out);
}

/* The places where the term is introduced: \TermAt{1}\TermAt{9} */
static void
put_term_places(struct weave *w, int term)
{
    fputc('{', w->out);
    for (int i = 0; i < w->nterms; i++)
        if (w->terms[i] == term)
            fprintf(w->out, "\\TermAt{%d}", i + 1);
    fputc('}', w->out);
}

static void
emit_glossary(struct weave *w)
{
    int n = w->glossary.nrecords;
    int *terms = count_up(n);

    sort(w, terms, n, w->options.edition == ONLY_ZH ? by_pinyin : by_english);
    fputs("\\Glossary\n", w->out);
    for (int i = 0; i < n; i++) {
        const char **field = w->glossary.records[terms[i]].field;

        fputs("\\GlossaryEntry", w->out);
        for (int k = 0; k <= TERM_DEF_ZH; k++)
            if (k != TERM_PINYIN)
                put_arg(w, field[k]);
        put_term_places(w, terms[i]);
        fputc('\n', w->out);
    }
    fputs("\\EndList\n", w->out);
    free(terms);
}

/* The address, and once more as it is printed, with places to break it. */
static void
put_url(struct weave *w, const char *url)
{
    put_arg(w, url);
    fputc('{', w->out);
    put_tex(w->out, url, (int)strlen(url), " ", "\\J ");
    fputs("}\n", w->out);
}

static void
emit_bibliography(struct weave *w)
{
    fputs("\\Bibliography\n", w->out);
    for (int i = 0; i < w->bibliography.nrecords; i++) {
        struct record *r = &w->bibliography.records[i];
        const char **field = r->field;

        if (!r->used)
            continue;
        if (field[CITE_LABEL_ZH] == NULL)
            field[CITE_LABEL_ZH] = field[CITE_LABEL];
        if (field[CITE_ZH] == NULL)
            field[CITE_ZH] = field[CITE_EN];
        fputs("\\BibliographyEntry", w->out);
        for (int k = 0; k < CITE_URL; k++)
            put_arg(w, field[k]);
        put_url(w, field[CITE_URL] ? field[CITE_URL] : "");
    }
    fputs("\\EndList\n", w->out);
}

/* Files first; then by the name that is printed. */
static int
by_name(const struct weave *w, int a, int b)
{
    const struct chunk *x = &w->book.chunks[a], *y = &w->book.chunks[b];

    if ((x->kind == CHUNK_FILE) != (y->kind == CHUNK_FILE))
        return x->kind == CHUNK_FILE ? -1 : 1;
    if (w->options.edition == ONLY_ZH && x->zh != NULL && y->zh != NULL)
        return strcoll(x->zh, y->zh);
    return strcasecmp(x->name, y->name);
}

static void
emit_chunk_index(struct weave *w)
{
    int n = w->book.nchunks;
    int *chunks = count_up(n);

    sort(w, chunks, n, by_name);
    fputs("\\ChunkIndex\n", w->out);
    for (int i = 0; i < n; i++) {
        const struct chunk *c = &w->book.chunks[chunks[i]];

        if (c->ndefs == 0 || (c->kind != CHUNK_FILE && c->kind != CHUNK_PART))
            continue;
        fputs(c->kind == CHUNK_FILE ? "\\FileEntry" : "\\ChunkEntry", w->out);
        put_arg(w, c->zh ? c->zh : c->name);
        put_arg(w, c->name);
        fputc('{', w->out);
        for (int d = 0; d < w->book.ndefs; d++)
            if (w->places[d].part == chunks[i])
                fprintf(w->out, "\\Number{%s}", chunk_number(w, d));
        fputs("}\n", w->out);
    }
    fputs("\\EndList\n", w->out);
    free(chunks);
}

static void
put_ident_uses(struct weave *w, const char *name)
{
    fputc('{', w->out);
    for (int i = 0; i < w->nuses; i++)
        if (strcmp(w->uses[i].name, name) == 0)
            fprintf(w->out, "\\Number{%s}", chunk_number(w, w->uses[i].at));
    fputs("}\n", w->out);
}

static void
emit_ident_index(struct weave *w)
{
    fputs("\\IdentifierIndex\n", w->out);
    for (int i = 0; i < w->nidents; i++) {
        const char *name = w->idents[i].name;

        fputs("\\IdentifierEntry", w->out);
        put_arg(w, name);
        fprintf(w->out, "{\\Number{%s}", chunk_number(w, w->idents[i].def));
        for (; i + 1 < w->nidents && strcmp(w->idents[i + 1].name, name) == 0;
             i++)
            fprintf(w->out, "\\Number{%s}",
                    chunk_number(w, w->idents[i + 1].def));
        fputc('}', w->out);
        put_ident_uses(w, name);
    }
    fputs("\\EndList\n", w->out);
}

/* The terms that are introduced, in one language's order. */
static void
emit_term_list(struct weave *w, order compare, const char *macro)
{
    int n = w->glossary.nrecords;
    int *terms = count_up(n);

    sort(w, terms, n, compare);
    for (int i = 0; i < n; i++) {
        bool introduced = false;

        for (int k = 0; k < w->nterms; k++)
            introduced |= w->terms[k] == terms[i];
        if (!introduced)
            continue;
        fprintf(w->out, "\\%s", macro);
        put_arg(w, term_field(w, terms[i], TERM_EN));
        put_arg(w, term_field(w, terms[i], TERM_ZH));
        put_term_places(w, terms[i]);
        fputc('\n', w->out);
    }
    free(terms);
}

static void
emit_term_index(struct weave *w)
{
    fputs("\\TermIndex\n", w->out);
    if (w->options.edition != ONLY_EN)
        emit_term_list(w, by_pinyin, "TermEntryZh");
    if (w->options.edition == BILINGUAL)
        fputs("\\TermIndexGap\n", w->out);
    if (w->options.edition != ONLY_ZH)
        emit_term_list(w, by_english, "TermEntryEn");
    fputs("\\EndList\n", w->out);
}

void
emit_book(struct weave *w)
{
    static const char *const editions[] = {
        [BILINGUAL] = "bilingual", [ONLY_ZH] = "zh", [ONLY_EN] = "en"};

    fprintf(w->out,
            "%s\\def\\Edition{%s}\\def\\Digest{%s}\\def\\Answers{%d}\n"
            "\\input{lockstep.tex}\n\\BookBegin\n%s",
            raw_fence, editions[w->options.edition], w->options.digest,
            w->options.answers, raw_close);
    emit_items(w);
    fprintf(w->out, "%s\\AtFile{the lists at the end}\\At{0}\n", raw_fence);
    emit_glossary(w);
    emit_bibliography(w);
    emit_chunk_index(w);
    emit_ident_index(w);
    emit_term_index(w);
    fprintf(w->out, "\\BookEnd\n%s", raw_close);
}
