/*
 * review.c: has one side of a pair changed since both were compared?
 *
 * The record holds a line for each pair that was found to match:
 * `01-boot HASH-OF-ZH HASH-OF-EN`, sorted, so that it merges well.
 */
#include "weave.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct reviewed {
    uint64_t hash[2];
};

static int
compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
record_line(const struct weave *w, const struct item *item)
{
    const char *path = w->book.files[w->lines[item->line].file].path;
    const char *base = strrchr(path, '/');

    base = base ? base + 1 : path;
    return xformat("%.*s %016" PRIx64 " %016" PRIx64, (int)strcspn(base, "."),
                   base, item->side[ZH].hash, item->side[EN].hash);
}

static void
write_record(struct weave *w)
{
    char **lines = xrealloc(NULL, ((size_t)w->nitems + 1) * sizeof *lines);
    size_t n = 0;
    FILE *f = fopen(w->options.reviewed, "w");

    if (f == NULL) {
        book_error(&w->book, -1, 0, "%s: can't be written",
                   w->options.reviewed);
        return;
    }
    for (int i = 0; i < w->nitems; i++)
        if (w->items[i].kind == PAIR)
            lines[n++] = record_line(w, &w->items[i]);
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0)
            fprintf(f, "%s\n", lines[i]);
    fclose(f);
    free(lines);
}

static int
read_record(struct weave *w, struct reviewed **pairs)
{
    char *text = read_file(w->options.reviewed);
    struct reviewed pair;
    int n = 0;

    for (char *s = strtok(text ? text : xstrdup(""), "\n"); s != NULL;
         s = strtok(NULL, "\n")) {
        if (sscanf(s, "%*s %" SCNx64 " %" SCNx64, &pair.hash[ZH],
                   &pair.hash[EN]) != 2)
            continue;
        GROW(*pairs, n);
        (*pairs)[n++] = pair;
    }
    return n;
}

static void
report(struct weave *w, const struct line *line, const char *message)
{
    if (w->options.strict)
        error_at(w, line, "%s", message);
    else
        fprintf(stderr, "%s:%d: warning: %s\n", w->book.files[line->file].path,
                line->line, message);
}

static void
check_pair(struct weave *w, const struct item *item,
           const struct reviewed *pairs, int npairs)
{
    bool zh = false, en = false;

    for (int i = 0; i < npairs; i++) {
        bool same_zh = pairs[i].hash[ZH] == item->side[ZH].hash;
        bool same_en = pairs[i].hash[EN] == item->side[EN].hash;

        if (same_zh && same_en)
            return;
        zh |= same_zh;
        en |= same_en;
    }
    if (zh)
        report(w, &w->lines[item->side[EN].first - 1],
               "drift: the English "
               "side has changed, the Chinese has not: revise it, then "
               "`make reviewed`");
    else if (en)
        report(w, &w->lines[item->line],
               "drift: the Chinese side has changed, "
               "the English has not: revise it, then `make reviewed`");
}

void
review(struct weave *w)
{
    struct reviewed *pairs = NULL;
    int n;

    if (w->options.record) {
        book_stop_on_errors();
        write_record(w);
        return;
    }
    n = read_record(w, &pairs);
    for (int i = 0; i < w->nitems; i++)
        if (w->items[i].kind == PAIR)
            check_pair(w, &w->items[i], pairs, n);
    free(pairs);
}
