/* tree.c: renders the tangled files, and brings the folder up to date. */
#define _GNU_SOURCE
#include "tree.h"
#include "expand.h"
#include "sha256.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file to be: all of them are made in memory before anything is written. */
struct product {
    const char *path;
    char *data;
    size_t size;
};

static struct product *products;
static int nproducts;

static void
fail(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(1);
}

/* One more product: what the caller prints into the stream, until fclose(). */
static FILE *
begin_product(const char *path)
{
    struct product *p;
    FILE *stream;

    p = &products[nproducts++];
    p->path = path;
    stream = open_memstream(&p->data, &p->size);
    if (stream == NULL)
        fail(path);
    return stream;
}

/* What a line of C leaves open: a comment, or the logical line itself. */
struct lexer {
    bool comment, continued;
};

static void
scan(struct lexer *lexer, const char *s)
{
    char quote = '\0';

    lexer->continued = s[0] && s[strlen(s) - 1] == '\\';
    for (; *s; s++) {
        if (lexer->comment) {
            if (s[0] == '*' && s[1] == '/')
                lexer->comment = false, s++;
        } else if (quote) {
            if (*s == '\\' && s[1])
                s++;
            else if (*s == quote)
                quote = '\0';
        } else if (s[0] == '/' && s[1] == '/') {
            return;
        } else if (s[0] == '/' && s[1] == '*') {
            lexer->comment = true, s++;
        } else if (*s == '"' || *s == '\'') {
            quote = *s;
        }
    }
}

static void
print_clean(FILE *out, const struct source *source)
{
    for (int i = 0; i < source->nlines; i++)
        fprintf(out, "%s\n", source->lines[i].text);
}

/* Prints the source with a #line wherever the compiler would count on wrongly.
 * Inside of comments and continued lines it has to wait. */
static void
print_with_lines(FILE *out, const struct book *book,
                 const struct source *source)
{
    struct lexer lexer = {0};
    int file = -1, line = 0; /* where the compiler believes to be */

    for (int i = 0; i < source->nlines; i++) {
        const struct line *l = &source->lines[i];
        int origin = l->def < 0 ? -1 : book->defs[l->def].file;

        if (origin >= 0 && (origin != file || l->line != line) && l->text[0] &&
            !lexer.comment && !lexer.continued) {
            file = origin;
            line = l->line;
            fprintf(out, "#line %d \"%s\"\n", line, book->files[file].path);
        }
        fprintf(out, "%s\n", l->text);
        scan(&lexer, l->text);
        line++;
    }
}

static void
print_map(FILE *out, const struct book *book, const struct source *source)
{
    int i, n;

    for (i = 0; i < source->nlines; i += n) {
        const struct line *l = &source->lines[i];
        const struct definition *def;

        n = 1;
        if (l->def < 0)
            continue;
        def = &book->defs[l->def];
        while (i + n < source->nlines && l[n].def == l->def &&
               l[n].line == l->line + n)
            n++;
        fprintf(out, "%s %d %d %s %d %d.%d %s\n", source->path, i + 1, n,
                book->files[def->file].path, l->line, def->chapter, def->serial,
                book->chunks[def->chunk].name);
    }
}

static int
compare_paths(const void *a, const void *b)
{
    const struct product *x = a, *y = b;

    return strcmp(x->path, y->path);
}

/* p[0..n) are the clean tree, in the folder src. */
static void
print_digest(FILE *out, const char *src, struct product *p, int n)
{
    char *list = NULL, hex[65];
    size_t size;
    FILE *f = open_memstream(&list, &size);

    if (f == NULL)
        fail("digest");
    qsort(p, n, sizeof *p, compare_paths);
    for (int i = 0; i < n; i++) {
        sha256(p[i].data, p[i].size, hex);
        fprintf(f, "%s  %s\n", hex, p[i].path + strlen(src));
    }
    fclose(f);
    sha256(list, size, hex);
    free(list);
    fprintf(out, "%.16s\n%s\n", hex, hex);
}

static void
render(const struct book *book, const char *folder, const char *spec)
{
    char *src = xformat("%s/src/", folder);
    struct source *sources =
        xrealloc(NULL, (book->nchunks + 1) * sizeof *sources);
    int n = 0;
    FILE *f;

    products = xrealloc(NULL, (2 * book->nchunks + 3) * sizeof *products);
    for (int i = 0; i < book->nchunks; i++)
        if (book->chunks[i].kind == CHUNK_FILE && book->chunks[i].ndefs > 0)
            expand(book, i, &sources[n++]);
    f = begin_product(xformat("%s/src.map", folder));
    for (int i = 0; i < n; i++)
        print_map(f, book, &sources[i]);
    fclose(f);
    for (int i = 0; i < n; i++) {
        f = begin_product(xformat("%s%s", src, sources[i].path));
        print_clean(f, &sources[i]);
        fclose(f);
    }
    for (int i = 0; i < n; i++) {
        const char *mark = comment_mark(sources[i].path);

        f = begin_product(xformat("%s/line/%s", folder, sources[i].path));
        if (mark && mark[0] == '/')
            print_with_lines(f, book, &sources[i]);
        else
            print_clean(f, &sources[i]);
        fclose(f);
    }
    f = begin_product(xformat("%s/digest", folder));
    print_digest(f, src, products + 1, n);
    fclose(f);
    if (spec) {
        f = begin_product(xformat("%s/spec", folder));
        fputs(spec, f);
        fclose(f);
    }
    free(src);
    free(sources);
}

/* What is removed below must be ours: no tree without its map, which is the
 * first file that is ever written. */
static void
check_ours(const char *folder)
{
    char *src = xformat("%s/src", folder), *map = xformat("%s/src.map", folder);

    if (access(src, F_OK) == 0 && access(map, F_OK) != 0) {
        fprintf(stderr,
                "%s: not written by tangle, as there is no %s: remove "
                "it, or give another folder to -o\n",
                src, map);
        exit(1);
    }
    free(src);
    free(map);
}

static bool
is_product(const char *path)
{
    for (int i = 0; i < nproducts; i++)
        if (strcmp(products[i].path, path) == 0)
            return true;
    return false;
}

/* For nftw(), contents before their folder: removes what is no product, such
 * as files of an earlier run or of one that was interrupted. */
static int
remove_stale(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (type == FTW_DP)
        rmdir(path); /* fails, as it should, unless it is empty */
    else if (!is_product(path) && unlink(path) < 0)
        fail(path);
    return 0;
}

static void
remove_stale_under(const char *folder, const char *tree)
{
    char *path = xformat("%s/%s", folder, tree);

    if (nftw(path, remove_stale, 16, FTW_DEPTH | FTW_PHYS) < 0 &&
        errno != ENOENT)
        fail(path);
    free(path);
}

static bool
unchanged(const struct product *p)
{
    FILE *f = fopen(p->path, "r");
    char *old;
    size_t n;

    if (f == NULL)
        return false;
    old = xrealloc(NULL, p->size + 1);
    n = fread(old, 1, p->size + 1, f);
    fclose(f);
    n = n == p->size && memcmp(old, p->data, n) == 0;
    free(old);
    return n;
}

static void
make_folders(const char *path)
{
    char *s = xstrdup(path);

    for (char *slash = s + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        if (mkdir(s, 0777) < 0 && errno != EEXIST)
            fail(s);
        *slash = '/';
    }
    free(s);
}

static void
update(const struct product *p)
{
    char *temporary = xformat("%s.new", p->path);
    FILE *f;

    make_folders(p->path);
    f = fopen(temporary, "w");
    if (f == NULL)
        fail(temporary);
    fwrite(p->data, 1, p->size, f);
    if (fclose(f) != 0)
        fail(temporary);
    if (rename(temporary, p->path) < 0)
        fail(p->path);
    free(temporary);
}

void
tree_write(const struct book *book, const char *folder, const char *spec)
{
    render(book, folder, spec);
    check_ours(folder);
    remove_stale_under(folder, "src");
    remove_stale_under(folder, "line");
    for (int i = 0; i < nproducts; i++)
        if (!unchanged(&products[i]))
            update(&products[i]);
}
