/*
 * weave.c: chapters (noweb's markup stream) on stdin, Markdown on stdout.
 */
#define _GNU_SOURCE
#include "weave.h"

#include <ctype.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Small things */

bool
is_word(int c)
{
    return isalnum(c) || c == '_';
}

bool
starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Cuts the blanks off both ends, in place. */
char *
trim(char *s)
{
    size_t n;

    s += strspn(s, " \t");
    n = strlen(s);
    while (n > 0 && strchr(" \t", s[n - 1]) != NULL)
        n--;
    s[n] = '\0';
    return s;
}

/* The UTF-8 character at s; returns its bytes, 0 at the end or for a wrong
 * one. */
int
decode(const char *s, uint32_t *rune)
{
    static const struct {
        uint32_t mask, bits, least;
    } forms[] = {
        {0x80, 0x00, 0x00},
        {0xE0, 0xC0, 0x80},
        {0xF0, 0xE0, 0x800},
        {0xF8, 0xF0, 0x10000},
    };
    uint32_t lead = (unsigned char)*s;

    *rune = 0;
    for (size_t i = 0; i < LENGTH(forms) && lead != 0; i++) {
        uint32_t value = lead & ~forms[i].mask & 0xFF;
        size_t k = 1;

        if ((lead & forms[i].mask) != forms[i].bits)
            continue;
        for (; k <= i && ((unsigned char)s[k] & 0xC0) == 0x80; k++)
            value = value << 6 | ((unsigned char)s[k] & 0x3F);
        if (k <= i || value < forms[i].least || value > 0x10FFFF)
            return 0;
        *rune = value;
        return (int)k;
    }
    return 0;
}

bool
is_han(uint32_t rune)
{
    return rune >= 0x4E00 && rune <= 0x9FFF;
}

/* FNV-1a over everything but blanks; the hash of the text before, or 0. */
uint64_t
fnv(uint64_t hash, const char *s)
{
    if (hash == 0)
        hash = 0xCBF29CE484222325;
    for (; *s != '\0'; s++)
        if (!isspace((unsigned char)*s))
            hash = (hash ^ (unsigned char)*s) * 0x100000001B3;
    return hash;
}

/* Writes s as TeX, blanks as `space`; `joint` goes behind _ - / . where a long
 * word may break. */
void
put_tex(FILE *out, const char *s, int n, const char *space, const char *joint)
{
    static const char *const names[128] = {
        ['\\'] = "\\textbackslash{}",
        ['{'] = "\\{",
        ['}'] = "\\}",
        ['$'] = "\\$",
        ['&'] = "\\&",
        ['#'] = "\\#",
        ['%'] = "\\%",
        ['_'] = "\\_",
        ['^'] = "\\textasciicircum{}",
        ['~'] = "\\textasciitilde{}",
        ['`'] = "\\textasciigrave{}",
        ['|'] = "\\textbar{}",
    };

    for (int i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == ' ')
            fputs(space, out);
        else if (c < 128 && names[c] != NULL)
            fputs(names[c], out);
        else if (c >= ' ' && c != 127)
            fputc(c, out);
        if (joint != NULL && c != ' ' && strchr("_-/.", c) && i + 1 < n)
            fputs(joint, out);
    }
}

void
error_at(struct weave *w, const struct line *line, const char *format, ...)
{
    va_list ap;
    char *message = NULL;
    size_t size;
    FILE *f = open_memstream(&message, &size);

    va_start(ap, format);
    vfprintf(f, format, ap);
    va_end(ap);
    fclose(f);
    book_error(&w->book, line->file, line->line, "%s", message);
    free(message);
}

const struct id *
find_id(const struct weave *w, const char *name)
{
    for (int i = 0; i < w->nids; i++)
        if (strcmp(w->ids[i].name, name) == 0)
            return &w->ids[i];
    return NULL;
}

const char *
chunk_number(const struct weave *w, int def)
{
    const struct definition *d = &w->book.defs[def];

    return xformat("%d.%d", d->chapter, d->serial);
}

/* The command line */

static void
usage(void)
{
    fputs("usage: weave [--edition bilingual|zh|en] [--answers] [--check]\n"
          "             [--captures DIR] [--figures DIR] [--digest HEX]\n"
          "             [--locale DIR]\n"
          "             [--glossary FILE] [--bibliography FILE]\n"
          "             [--reviewed FILE [--record | --strict]]\n"
          "             < markup-stream > book.md\n",
          stderr);
    exit(2);
}

static enum edition
edition_of(const char *name)
{
    static const char *const names[] = {
        [BILINGUAL] = "bilingual", [ONLY_ZH] = "zh", [ONLY_EN] = "en"};

    for (size_t i = 0; i < LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum edition)i;
    usage();
    return BILINGUAL;
}

static void
read_options(struct options *o, char **argv)
{
    const struct {
        const char *name;
        bool *flag;
        const char **value;
    } all[] = {
        {"--answers", &o->answers, NULL},
        {"--check", &o->check, NULL},
        {"--strict", &o->strict, NULL},
        {"--record", &o->record, NULL},
        {"--captures", NULL, &o->captures},
        {"--figures", NULL, &o->figures},
        {"--digest", NULL, &o->digest},
        {"--locale", NULL, &o->locale},
        {"--glossary", NULL, &o->glossary},
        {"--bibliography", NULL, &o->bibliography},
        {"--reviewed", NULL, &o->reviewed},
    };

    while (*++argv != NULL) {
        size_t i = 0;

        if (strcmp(*argv, "--edition") == 0 && argv[1] != NULL) {
            o->edition = edition_of(*++argv);
            continue;
        }
        while (i < LENGTH(all) && strcmp(all[i].name, *argv) != 0)
            i++;
        if (i == LENGTH(all) || (all[i].value != NULL && argv[1] == NULL))
            usage();
        if (all[i].flag != NULL)
            *all[i].flag = true;
        else
            *all[i].value = *++argv;
    }
}

/* Chinese names are sorted as the locale says, which is by pinyin. */
static void
set_locale(const char *folder)
{
    setenv("LOCPATH", folder ? folder : "", 1);
    if (setlocale(LC_COLLATE, "zh_CN.UTF-8") != NULL)
        return;
    fputs("weave: the Chinese edition wants --locale DIR, where localedef has "
          "put zh_CN.UTF-8\n",
          stderr);
    exit(2);
}

int
main(int argc, char **argv)
{
    struct weave w = {.options = {.figures = "figures", .digest = ""}};
    char *text;
    size_t size;

    (void)argc;
    read_options(&w.options, argv);
    if (w.options.record && w.options.reviewed == NULL)
        usage();
    if (w.options.edition == ONLY_ZH)
        set_locale(w.options.locale);
    book_read(&w.book, stdin);
    read_tables(&w);
    parse(&w);
    place_chunks(&w);
    gather_words(&w);
    gather_uses(&w);
    if (w.options.reviewed != NULL)
        review(&w);
    if (w.options.record)
        return 0;
    w.out = open_memstream(&text, &size);
    emit_book(&w);
    fclose(w.out);
    book_stop_on_errors();
    if (!w.options.check)
        fwrite(text, 1, size, stdout);
    free(text);
    return fflush(stdout) == 0 ? 0 : 1;
}
