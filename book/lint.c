/*
 * lint.c: do the two sides of a pair match, and is their text in order?
 */
#include "weave.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
describe(const struct block *block)
{
    switch (block->kind) {
    case HEADING:
        return xformat("a heading of level %d", block->count);
    case BULLETS:
        return xformat("a list of %d items", block->count);
    case NUMBERED:
        return xformat("a numbered list of %d items", block->count);
    case TABLE:
        return xformat("a table of %d lines", block->count);
    case CODE:
        return "a listing";
    case QUOTATION:
        return "a quotation";
    default:
        return "a paragraph";
    }
}

static void
lint_blocks(struct weave *w, const struct block *zh, const struct block *en)
{
    const struct line *line = &w->lines[en->line];
    const char *id[2] = {zh->id ? zh->id : "", en->id ? en->id : ""};

    if (zh->kind != en->kind || zh->count != en->count)
        error_at(w, line,
                 "%s faces %s at line %d: both sides need the same "
                 "blocks",
                 describe(en), describe(zh), w->lines[zh->line].line);
    else if (strcmp(id[0], id[1]) != 0)
        error_at(w, line,
                 "the heading's id is \"%s\", at line %d it is \"%s\":"
                 " both sides need the same",
                 id[1], w->lines[zh->line].line, id[0]);
    else if (zh->notes != en->notes)
        error_at(w, line,
                 "%d footnotes face %d at line %d: both sides need "
                 "the same",
                 en->notes, zh->notes, w->lines[zh->line].line);
}

void
lint_pair(struct weave *w, const struct item *item)
{
    const struct side *zh = &item->side[ZH];
    const struct side *en = &item->side[EN];

    for (int i = 0; i < zh->nblocks && i < en->nblocks; i++)
        lint_blocks(w, &zh->blocks[i], &en->blocks[i]);
    if (zh->nblocks != en->nblocks)
        error_at(w, &w->lines[en->first - 1],
                 "%d blocks here, %d on the "
                 "Chinese side: both need the same",
                 en->nblocks, zh->nblocks);
    if (zh->nblocks == 0)
        error_at(w, &w->lines[zh->first - 1],
                 "an empty block: write it or "
                 "remove the pair");
    lint_text(w, zh, ZH);
    lint_text(w, en, EN);
}

/* Code, directives and attributes are no text: blanks them out of the copy. */
static void
blank_code(char *s)
{
    static const struct {
        const char *open, *close;
    } spans[] = {
        {"`", "`"}, {"\1", "\2"}, {"{{", "}}"}, {"{", "}"}, {"](", ")"},
    };

    for (; *s != '\0'; s++)
        for (size_t i = 0; i < LENGTH(spans); i++) {
            char *end;

            if (!starts(s, spans[i].open))
                continue;
            end = strstr(s + strlen(spans[i].open), spans[i].close);
            for (; end != NULL && s < end; s++)
                *s = '~';
            break;
        }
}

/* The character before s, which lies in line. */
static uint32_t
rune_before(const char *line, const char *s)
{
    uint32_t rune = 0;

    if (s == line)
        return 0;
    for (s--; s > line && ((unsigned char)*s & 0xC0) == 0x80; s--)
        continue;
    decode(s, &rune);
    return rune;
}

/* In Chinese, a half-width mark beside a Han character is a slip. */
static void
lint_chinese(struct weave *w, const struct line *line, const char *text)
{
    static const char marks[] = ",;:?!.";
    uint32_t after;

    for (const char *s = strpbrk(text, marks); s; s = strpbrk(s + 1, marks)) {
        decode(s + 1, &after);
        if (is_han(rune_before(text, s)) &&
            (is_han(after) || after == ' ' || after == 0))
            error_at(w, line,
                     "\"%c\" behind a Chinese character: use the "
                     "full-width mark",
                     *s);
    }
}

static void
lint_english(struct weave *w, const struct line *line, const char *text)
{
    static const char *const marks[] = {"，", "。", "；", "：", "？",
                                        "！", "（", "）", "、"};

    for (size_t i = 0; i < LENGTH(marks); i++)
        if (strstr(text, marks[i]) != NULL)
            error_at(w, line, "\"%s\" in English text: use the ASCII mark",
                     marks[i]);
}

/* Does the English form stand in text as words of their own? */
static bool
contains_words(const char *text, const char *form)
{
    size_t n = strlen(form);

    for (const char *s = text; *s != '\0'; s++)
        if (strncasecmp(s, form, n) == 0 &&
            (s == text || !isalnum((unsigned char)s[-1])) &&
            !isalnum((unsigned char)s[n]))
            return true;
    return false;
}

/* forms: what may not be written, separated by commas. */
static void
lint_term(struct weave *w, const struct line *line, const char *text,
          const struct record *term, enum language lang)
{
    const char *forms = term->field[lang == ZH ? TERM_NOT_ZH : TERM_NOT_EN];
    char *copy, *form, *rest;

    if (forms == NULL)
        return;
    copy = xstrdup(forms);
    for (form = strtok_r(copy, ",", &rest); form != NULL;
         form = strtok_r(NULL, ",", &rest)) {
        form = trim(form);
        if (lang == ZH ? strstr(text, form) != NULL
                       : contains_words(text, form))
            error_at(w, line, "\"%s\": this book says \"%s\"", form,
                     term->field[lang == ZH ? TERM_ZH : TERM_EN]);
    }
}

void
lint_text(struct weave *w, const struct side *side, enum language lang)
{
    bool code = false;

    for (int i = side->first; i < side->end; i++) {
        const struct line *line = &w->lines[i];
        char *text = xstrdup(line->text);

        code ^= starts(text, "```") || starts(text, "~~~");
        if (code)
            continue;
        blank_code(text);
        if (strstr(text, "[^") != NULL)
            error_at(w, line,
                     "a labelled footnote: write ^[its text] where "
                     "it belongs");
        if (lang == ZH)
            lint_chinese(w, line, text);
        else
            lint_english(w, line, text);
        for (int k = 0; k < w->glossary.nrecords; k++)
            lint_term(w, line, text, &w->glossary.records[k], lang);
    }
}
