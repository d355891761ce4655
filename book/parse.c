/*
 * parse.c: cuts the chapters into pairs, boxes, chunks and captures.
 */
#include "weave.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *prefix; /* `::: name`; its id begins with prefix     */
    bool need_id;
} classes[] = {
    [TRY] = {"try", "try:", false},
    [ELSEWHERE] = {"elsewhere", "else:", false},
    [MIND] = {"mind", "mind:", false},
    [FIGURE] = {"figure", "fig:", true},
    [EXERCISE] = {"exercise", "ex:", true},
    [ANSWER] = {"answer", "", false},
    [EXPERIMENT] = {"experiment", "exp:", true},
};

enum { INTRODUCED = 3 }; /* chunks that one pair can introduce */

/* Where the parser stands in a chapter. */
struct parser {
    struct weave *w;
    int i; /* the line that is read                 */
    struct box *box;
    int introduced; /* chunks that the last pair still covers */
    int chapter;
    int serial[EXPERIMENT + 1]; /* boxes of each kind so far             */
    int heading[7];             /* number of the last heading per level  */
    bool titled;                /* the chapter's own heading was there   */
};

static const char stray_def[] =
    "this %def belongs to no chunk or names nothing: put it directly behind a "
    "chunk's last line";

static void
add_line(struct weave *w, char *text, const struct token *t, int def)
{
    GROW(w->lines, w->nlines);
    w->lines[w->nlines++] = (struct line){
        .text = text, .file = t->file, .line = t->line, .def = def};
}

/* One token of prose, as it goes into a line. */
static void
put_token(struct weave *w, FILE *text, const struct token *t)
{
    static const char *const marks[][2] = {
        [T_QUOTE] = {"\1", ""},
        [T_ENDQUOTE] = {"\2", ""},
        [T_USE] = {"\3", "\4"},
        [T_TEXT] = {"", ""},
    };

    for (const char *s = t->text; *s; s++)
        if ((unsigned char)*s < ' ' && *s != '\t') {
            book_error(&w->book, t->file, t->line,
                       "a control character: "
                       "remove it");
            return;
        }
    fprintf(text, "%s%s%s", marks[t->kind][0], t->text, marks[t->kind][1]);
}

/* The lines of prose, and between them one for each definition. */
static void
split_lines(struct weave *w)
{
    FILE *text = NULL;
    char *buffer;
    size_t size;
    int def = 0;
    int quotes = 0;

    for (int i = 0; i < w->book.ntokens; i++) {
        const struct token *t = &w->book.tokens[i];

        if (t->kind == T_DEFN) {
            add_line(w, xstrdup(""), t, def);
            i = w->book.defs[def++].end;
        }
        if (t->kind == T_INDEX_DEFN)
            book_error(&w->book, t->file, t->line, "%s", stray_def);
        if (t->kind != T_TEXT && t->kind != T_USE && t->kind != T_NL &&
            t->kind != T_QUOTE && t->kind != T_ENDQUOTE)
            continue;
        if (text == NULL)
            text = open_memstream(&buffer, &size);
        quotes += (t->kind == T_QUOTE) - (t->kind == T_ENDQUOTE);
        if (t->kind != T_NL) {
            put_token(w, text, t);
            continue;
        }
        fclose(text);
        text = NULL;
        add_line(w, buffer, t, -1);
        if (quotes > 0)
            error_at(w, &w->lines[w->nlines - 1],
                     "[[ goes on past the end of "
                     "its line: keep [[ and ]] on one line");
        quotes = 0;
    }
    if (text != NULL) {
        fclose(text);
        free(buffer);
    }
}

static struct line *
line_of(struct parser *p)
{
    return &p->w->lines[p->i];
}

static struct item *
add_item(struct parser *p, enum item_kind kind)
{
    struct weave *w = p->w;

    GROW(w->items, w->nitems);
    w->items[w->nitems] =
        (struct item){.kind = kind, .line = p->i, .box = p->box};
    return &w->items[w->nitems++];
}

static void
add_id(struct weave *w, const char *name, const char *number, int line)
{
    const struct id *other = find_id(w, name);

    if (other != NULL) {
        error_at(w, &w->lines[line],
                 "the id %s is taken by line %d of %s: "
                 "choose another",
                 name, w->lines[other->line].line,
                 w->book.files[w->lines[other->line].file].path);
        return;
    }
    GROW(w->ids, w->nids);
    w->ids[w->nids++] = (struct id){name, number, line};
}

/* The value of key in `{.class #id key=value}`: "id" is what follows #. */
static char *
attribute(const char *s, const char *key)
{
    const char *at = strstr(s, key);
    size_t n;

    if (at == NULL)
        return xstrdup("");
    at += strlen(key);
    n = strcspn(at, " \t}");
    return xformat("%.*s", (int)n, at);
}

/* Headings */

static void
number_heading(struct parser *p, struct block *heading)
{
    int level = heading->count;
    char *number = xformat("%d", p->chapter);

    if ((level == 1) == p->titled)
        error_at(p->w, &p->w->lines[heading->line],
                 p->titled
                     ? "a second heading of level 1: a file is one chapter"
                     : "the chapter's own heading, of level 1, comes first");
    p->titled = true;
    if (level > 1) {
        p->heading[level]++;
        for (int i = level + 1; i < (int)LENGTH(p->heading); i++)
            p->heading[i] = 0;
    }
    for (int i = 2; i <= level; i++)
        number = xformat("%s.%d", number, p->heading[i]);
    heading->number = number;
    if (heading->id != NULL)
        add_id(p->w, heading->id, number, heading->line);
}

static const char *
heading_id(const char *s)
{
    const char *brace = strrchr(s, '{');

    if (brace == NULL || strstr(brace, "#") == NULL)
        return NULL;
    return attribute(brace, "#");
}

/* Blocks of one side, as pandoc will see them */

bool
is_blank(const char *s)
{
    return s[strspn(s, " \t")] == '\0';
}

bool
is_fence(const char *s)
{
    return starts(s, "```") || starts(s, "~~~");
}

/* Does a bullet or a number with its dot begin the line? */
bool
is_item(const char *s, enum block_kind *kind)
{
    size_t digits = strspn(s, "0123456789");

    *kind = digits > 0 ? NUMBERED : BULLETS;
    if (digits > 0)
        return (s[digits] == '.' || s[digits] == ')') && s[digits + 1] == ' ';
    return strchr("-*+", *s) != NULL && *s != '\0' && s[1] == ' ';
}

static int
heading_level(const char *s)
{
    size_t level = strspn(s, "#");

    return level >= 1 && level <= 6 && s[level] == ' ' ? (int)level : 0;
}

static enum block_kind
kind_of(const char *s)
{
    enum block_kind kind;

    if (heading_level(s) > 0)
        return HEADING;
    if (is_fence(s))
        return CODE;
    if (is_item(s, &kind))
        return kind;
    return *s == '|' ? TABLE : *s == '>' ? QUOTATION : PARAGRAPH;
}

/* The line behind the list that begins at line i; counts its items. */
static int
list_end(const struct weave *w, int i, int end, struct block *list)
{
    enum block_kind kind;
    bool blank = false;

    for (; i < end; i++) {
        const char *s = w->lines[i].text;

        if (is_blank(s)) {
            blank = true;
            continue;
        }
        if (is_item(s, &kind) && kind == list->kind)
            list->count++;
        else if (blank && *s != ' ')
            break;
        blank = false;
    }
    return i;
}

static int
block_end(const struct weave *w, int i, int end, struct block *block)
{
    const char *first = w->lines[i].text;

    switch (block->kind) {
    case HEADING:
        block->count = heading_level(first);
        block->id = heading_id(first);
        return i + 1;
    case CODE:
        for (i++; i < end && strncmp(w->lines[i].text, first, 3) != 0; i++)
            continue;
        return i < end ? i + 1 : end;
    case BULLETS:
    case NUMBERED:
        return list_end(w, i, end, block);
    default:
        for (; i < end && !is_blank(w->lines[i].text); i++)
            block->count += block->kind == TABLE;
        return i;
    }
}

static void
split_blocks(struct weave *w, struct side *side)
{
    int i = side->first;

    while (i < side->end) {
        const char *s = w->lines[i].text;
        struct block *block;
        int next;

        if (is_blank(s)) {
            i++;
            continue;
        }
        GROW(side->blocks, side->nblocks);
        block = &side->blocks[side->nblocks++];
        *block = (struct block){.kind = kind_of(s), .line = i};
        next = block_end(w, i, side->end, block);
        for (; i < next; i++)
            for (s = strstr(w->lines[i].text, "^["); s; s = strstr(s + 1, "^["))
                block->notes++;
    }
}

/* Reads one side up to its :::, which is where p->i is left. */
static bool
read_side(struct parser *p, struct side *side)
{
    struct weave *w = p->w;
    bool code = false;

    side->first = p->i + 1;
    side->hash = fnv(0, "");
    while (++p->i < w->nlines) {
        struct line *line = line_of(p);

        if (line->def >= 0 || line->file != w->lines[side->first - 1].file)
            break;
        if (!code && starts(line->text, ":::"))
            break;
        if (is_fence(line->text))
            code = !code;
        side->hash = fnv(side->hash, line->text);
    }
    side->end = p->i;
    if (p->i < w->nlines && strcmp(line_of(p)->text, ":::") == 0) {
        split_blocks(w, side);
        return true;
    }
    error_at(w, &w->lines[side->first - 1],
             "this block is not closed: end it "
             "with a line that is just :::");
    p->i--;
    return false;
}

static void
read_pair(struct parser *p)
{
    struct weave *w = p->w;
    struct item item = {.kind = PAIR, .line = p->i, .box = p->box};
    int first = p->i;
    int closed;

    if (!read_side(p, &item.side[ZH]))
        return;
    closed = p->i++;
    while (p->i < w->nlines && line_of(p)->def < 0 &&
           is_blank(line_of(p)->text))
        p->i++;
    if (p->i >= w->nlines || line_of(p)->def >= 0 ||
        line_of(p)->file != w->lines[first].file ||
        strcmp(line_of(p)->text, "::: en") != 0) {
        error_at(w, &w->lines[first],
                 "::: zh without its ::: en: the English "
                 "side comes directly behind the Chinese one");
        p->i = closed;
        return;
    }
    if (!read_side(p, &item.side[EN]))
        return;
    p->introduced = INTRODUCED;
    if (p->box != NULL)
        p->box->npairs++;
    for (int i = 0; i < item.side[ZH].nblocks; i++)
        if (item.side[ZH].blocks[i].kind == HEADING)
            number_heading(p, &item.side[ZH].blocks[i]);
    for (int i = 0; i < item.side[EN].nblocks && i < item.side[ZH].nblocks; i++)
        item.side[EN].blocks[i].number = item.side[ZH].blocks[i].number;
    GROW(w->items, w->nitems);
    w->items[w->nitems++] = item;
    lint_pair(w, &w->items[w->nitems - 1]);
}

/* Boxes */

static int
box_class(const char *s)
{
    char *name = xstrdup(s[0] == '{' ? attribute(s, ".") : s);

    trim(name);
    for (size_t i = 0; i < LENGTH(classes); i++)
        if (strcmp(classes[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void
check_nesting(struct parser *p, const struct box *box)
{
    const struct box *outer = box->outer;

    if (box->kind == ANSWER && (outer == NULL || outer->kind != EXERCISE))
        error_at(p->w, line_of(p), "::: answer stands inside an exercise");
    else if (box->kind != ANSWER && box->kind != FIGURE && outer != NULL)
        error_at(p->w, line_of(p),
                 "a box inside the one that begins at line "
                 "%d: close that one first with :::",
                 p->w->lines[outer->line].line);
}

static void
name_box(struct parser *p, struct box *box, const char *attributes)
{
    const char *prefix = classes[box->kind].prefix;

    box->id = attributes[0] == '{' ? attribute(attributes, "#") : "";
    box->name = starts(box->id, prefix) ? box->id + strlen(prefix) : "";
    box->number = "";
    if (classes[box->kind].need_id) {
        box->number = xformat("%d.%d", p->chapter, ++p->serial[box->kind]);
        if (*box->name == '\0')
            error_at(p->w, line_of(p),
                     "this box needs an id: "
                     "::: {.%s #%sNAME}",
                     classes[box->kind].name, prefix);
    }
    if (*box->id != '\0')
        add_id(p->w, box->id, box->number, p->i);
}

static void
open_box(struct parser *p, const char *attributes)
{
    struct box *box;
    int kind = box_class(attributes);

    if (kind < 0) {
        error_at(p->w, line_of(p),
                 "::: %s is no box: try, elsewhere, mind, "
                 "figure, exercise, answer, experiment, or zh and en",
                 attributes);
        kind = TRY;
    }
    box = xrealloc(NULL, sizeof *box);
    *box = (struct box){
        .kind = (enum box_kind)kind, .line = p->i, .outer = p->box, .spec = -1};
    name_box(p, box, attributes);
    check_nesting(p, box);
    if (box->kind == EXERCISE) {
        const char *stars = attribute(attributes, "stars=");

        box->stars = *stars ? *stars - '0' : 0;
        if (box->stars < 1 || box->stars > 3)
            error_at(p->w, line_of(p), "an exercise has stars=1, 2 or 3");
    }
    p->box = box;
    add_item(p, OPEN);
}

static void
close_box(struct parser *p)
{
    struct box *box = p->box;

    if (box == NULL) {
        error_at(p->w, line_of(p), "::: closes nothing: remove it");
        return;
    }
    if (box->npairs != 1)
        error_at(p->w, &p->w->lines[box->line],
                 "this box holds %d pairs; it "
                 "must hold one",
                 box->npairs);
    if (box->kind == EXPERIMENT && box->spec < 0)
        error_at(p->w, &p->w->lines[box->line],
                 "this experiment lacks its "
                 "chunk <<experiment %s>>=",
                 box->name);
    add_item(p, CLOSE);
    p->box = box->outer;
}

static void
fence(struct parser *p)
{
    char *s = xstrdup(line_of(p)->text + strspn(line_of(p)->text, ":"));

    s = trim(s);
    if (*s == '\0') {
        close_box(p);
    } else if (strcmp(s, "zh") == 0) {
        read_pair(p);
    } else if (strcmp(s, "en") == 0) {
        error_at(p->w, line_of(p),
                 "::: en without its ::: zh: the Chinese "
                 "side comes directly before the English one");
        read_side(p, &(struct side){0});
    } else {
        open_box(p, s);
    }
}

/* Chunks */

static void
chunk(struct parser *p)
{
    const struct definition *d = &p->w->book.defs[line_of(p)->def];
    const struct chunk *c = &p->w->book.chunks[d->chunk];
    bool experiment = c->kind == CHUNK_SPEC || c->kind == CHUNK_VARIANT;

    if (c->kind == CHUNK_IDLE)
        return;
    if (experiment && (p->box == NULL || p->box->kind != EXPERIMENT ||
                       strcmp(p->box->name, c->target) != 0))
        error_at(p->w, line_of(p),
                 "<<%s>> stands in the box "
                 "::: {.experiment #exp:%s}",
                 c->name, c->target);
    else if (!experiment && p->introduced-- <= 0 && p->w->options.check)
        error_at(p->w, line_of(p),
                 "no prose in front of <<%s>>: introduce it in both "
                 "languages (a pair stands for three chunks at most)",
                 c->name);
    if (c->kind == CHUNK_SPEC && p->box != NULL)
        p->box->spec = line_of(p)->def;
    add_item(p, CHUNK);
}

static void
stray(struct parser *p, const char *s)
{
    if (starts(s, "{{capture "))
        add_item(p, CAPTURE);
    else if (starts(s, "%def"))
        error_at(p->w, line_of(p), "%s", stray_def);
    else if (!starts(s, "%zh "))
        error_at(p->w, line_of(p),
                 "prose outside a pair: put it between "
                 "::: zh and ::: and its translation into ::: en");
}

static void
end_chapter(struct parser *p)
{
    for (; p->box != NULL; p->box = p->box->outer)
        error_at(p->w, &p->w->lines[p->box->line],
                 "this box is not closed: "
                 "end it with a line that is just :::");
}

void
parse(struct weave *w)
{
    struct parser p = {.w = w};
    int file = -1;

    split_lines(w);
    for (; p.i < w->nlines; p.i++) {
        const struct line *line = line_of(&p);

        if (line->file != file) {
            end_chapter(&p);
            file = line->file;
            p = (struct parser){
                .w = w, .i = p.i, .chapter = w->book.files[file].chapter};
        }
        if (line->def >= 0)
            chunk(&p);
        else if (starts(line->text, ":::"))
            fence(&p);
        else if (!is_blank(line->text))
            stray(&p, line->text);
    }
    end_chapter(&p);
}
