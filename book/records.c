/*
 * records.c: the glossary, the bibliography and what runs have left behind.
 *
 * Both tables are text: entries of `field: value` lines, a blank line between
 * two entries, # before a comment, an indented line continues the one above.
 */
#include "weave.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const glossary_fields[] = {
    [TERM_KEY] = "key",       [TERM_EN] = "en",
    [TERM_ZH] = "zh",         [TERM_PINYIN] = "pinyin",
    [TERM_ABBR] = "abbr",     [TERM_DEF_EN] = "def en",
    [TERM_DEF_ZH] = "def zh", [TERM_NOT_EN] = "not en",
    [TERM_NOT_ZH] = "not zh",
};

static const char *const bibliography_fields[] = {
    [CITE_KEY] = "key", [CITE_LABEL] = "label", [CITE_LABEL_ZH] = "label zh",
    [CITE_EN] = "en",   [CITE_ZH] = "zh",       [CITE_URL] = "url",
};

/* The whole file with a 0 at its end, or NULL if it can't be read. */
char *
read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *s = NULL;
    size_t size = 0, n;

    if (f == NULL)
        return NULL;
    do {
        s = xrealloc(s, size + 4097);
        n = fread(s + size, 1, 4096, f);
        size += n;
    } while (n > 0);
    s[size] = '\0';
    fclose(f);
    return s;
}

/* Takes one line `field: value`; returns where the value is to be kept. */
static const char **
read_field(struct weave *w, const struct table *table, struct record *record,
           const char *const *fields, int nfields, char *s, int line)
{
    char *colon = strchr(s, ':');

    if (colon != NULL)
        *colon = '\0';
    for (int i = 0; colon != NULL && i < nfields; i++) {
        if (strcmp(fields[i], s) != 0)
            continue;
        record->field[i] = trim(colon + 1);
        return &record->field[i];
    }
    book_error(&w->book, -1, 0,
               "%s:%d: no field is called %s: see the head of "
               "the file",
               table->path, line, s);
    return NULL;
}

static struct record *
add_record(struct table *table, int nfields, int line)
{
    const char **field = xrealloc(NULL, (size_t)nfields * sizeof *field);

    memset(field, 0, (size_t)nfields * sizeof *field);
    GROW(table->records, table->nrecords);
    table->records[table->nrecords] =
        (struct record){.line = line, .field = field};
    return &table->records[table->nrecords++];
}

static void
read_table(struct weave *w, struct table *table, const char *path,
           const char *const *fields, int nfields)
{
    char *text = path ? read_file(path) : xstrdup("");
    struct record *record = NULL;
    const char **value = NULL;
    char *s, *next;
    int line = 0;

    table->path = path;
    if (text == NULL) {
        book_error(&w->book, -1, 0, "%s:1: can't be read", path);
        return;
    }
    for (s = text; *s != '\0'; s = next) {
        size_t n = strcspn(s, "\n");

        next = s + n + (s[n] == '\n');
        s[n] = '\0';
        line++;
        if (*s == '#')
            continue;
        if (*s == '\0') {
            record = NULL;
        } else if (*s == ' ' && record != NULL && value != NULL) {
            *value = xformat("%s %s", *value, trim(s));
        } else {
            if (record == NULL)
                record = add_record(table, nfields, line);
            value = read_field(w, table, record, fields, nfields, s, line);
        }
    }
}

/* Every entry has the first n fields, and a key of its own. */
static void
check_table(struct weave *w, struct table *table, const char *const *fields,
            const bool *needed, int nfields)
{
    for (int i = 0; i < table->nrecords; i++) {
        struct record *r = &table->records[i];

        for (int k = 0; k < nfields; k++) {
            if (!needed[k] || r->field[k] != NULL)
                continue;
            book_error(&w->book, -1, 0, "%s:%d: this entry lacks its \"%s\"",
                       table->path, r->line, fields[k]);
            r->field[k] = "";
        }
        for (int k = 0; k < i; k++)
            if (strcmp(table->records[k].field[0], r->field[0]) == 0)
                book_error(&w->book, -1, 0,
                           "%s:%d: the key %s is taken by "
                           "line %d",
                           table->path, r->line, r->field[0],
                           table->records[k].line);
    }
}

void
read_tables(struct weave *w)
{
    static const bool term[] = {true, true, true,  true, false,
                                true, true, false, false};
    static const bool entry[] = {true, true, false, true, false, false};

    read_table(w, &w->glossary, w->options.glossary, glossary_fields,
               LENGTH(glossary_fields));
    check_table(w, &w->glossary, glossary_fields, term, LENGTH(term));
    read_table(w, &w->bibliography, w->options.bibliography,
               bibliography_fields, LENGTH(bibliography_fields));
    check_table(w, &w->bibliography, bibliography_fields, entry, LENGTH(entry));
}

/* Is text the form, give or take an English plural and a capital? */
static bool
same_term(const char *text, const char *form)
{
    size_t n = strlen(form);

    if (form == NULL || strncasecmp(text, form, n) != 0)
        return false;
    return text[n] == '\0' || strcmp(text + n, "s") == 0 ||
           strcmp(text + n, "es") == 0;
}

/* The glossary's entry for text, its key or its abbreviation, or -1. */
int
find_term(const struct weave *w, const char *text, enum language lang)
{
    for (int i = 0; i < w->glossary.nrecords; i++) {
        const char **field = w->glossary.records[i].field;

        if (lang == ZH ? strcmp(text, field[TERM_ZH]) == 0
                       : same_term(text, field[TERM_EN]))
            return i;
        if (strcmp(text, field[TERM_KEY]) == 0 ||
            (field[TERM_ABBR] && strcmp(text, field[TERM_ABBR]) == 0))
            return i;
    }
    return -1;
}

int
find_entry(const struct weave *w, const char *key, int n)
{
    for (int i = 0; i < w->bibliography.nrecords; i++) {
        const char *other = w->bibliography.records[i].field[CITE_KEY];

        if (strncmp(other, key, (size_t)n) == 0 && other[n] == '\0')
            return i;
    }
    return -1;
}

/* CAPTURE.KEY's value from CAPTURE.values; what is missing is reported for
 * path:line, and NULL returned. */
char *
find_value(struct weave *w, const char *path, int line, const char *key)
{
    size_t n = strcspn(key, ".");
    char *file = xformat("%s/%.*s.values", w->options.captures, (int)n, key);
    char *text = read_file(file);
    char *s, *want;

    if (text == NULL) {
        book_error(&w->book, -1, 0, "%s:%d: no %s: has that run been captured?",
                   path, line, file);
        return NULL;
    }
    want = xformat("%s=", key[n] ? key + n + 1 : "");
    for (s = strtok(text, "\n"); s != NULL; s = strtok(NULL, "\n"))
        if (starts(s, want))
            return s + strlen(want);
    book_error(&w->book, -1, 0, "%s:%d: %s holds no value \"%s\"", path, line,
               file, key[n] ? key + n + 1 : "");
    return NULL;
}
