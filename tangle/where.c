/*
 * where.c: leads a line of a tangled file back to its chapter.
 *
 *      where -m DIR/src.map [-m ...] -- COMMAND [ARGUMENT ...]
 *      where -m DIR/src.map [-m ...] FILE:LINE
 *
 * The first runs the command, and in what it says on stderr gives each
 * FILE:LINE of a tree DIR/src as CHAPTER:LINE; gcc's margin of line numbers
 * follows.  It ends with the command's own code.  The second prints
 * `CHAPTER:LINE (chunk 2.17, print the backtrace)'.
 */
#define _GNU_SOURCE
#include "noweb.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One line of a src.map, see tree.h. */
struct run {
    const char *tree; /* the real path of DIR/src */
    char *file;       /* relative to it */
    int first, n;
    char *chapter;
    int line;
    char *number, *name;
};

static struct run *runs;
static int nruns;

/* The run last used in a message: gcc's margin is about its file. */
static const struct run *current;

static void
read_map(const char *path)
{
    FILE *f = fopen(path, "r");
    const char *slash = strrchr(path, '/');
    char *folder = xformat("%.*s/src", slash ? (int)(slash - path) : 1,
                           slash ? path : ".");
    char *tree = realpath(folder, NULL);
    struct run r;

    if (f == NULL) {
        fprintf(stderr, "%s: %s: run make to write it\n", path,
                strerror(errno));
        exit(1);
    }
    for (;;) {
        r = (struct run){.tree = tree ? tree : folder};
        if (fscanf(f, "%ms %d %d %ms %d %ms %m[^\n]", &r.file, &r.first, &r.n,
                   &r.chapter, &r.line, &r.number, &r.name) != 7)
            break;
        GROW(runs, nruns);
        runs[nruns++] = r;
    }
    fclose(f);
}

static const struct run *
find_in(const char *tree, const char *file, int line)
{
    for (const struct run *r = runs; r < runs + nruns; r++)
        if (line >= r->first && line < r->first + r->n &&
            strcmp(r->file, file) == 0 && (!tree || strcmp(r->tree, tree) == 0))
            return r;
    return NULL;
}

/* The run that holds the line of a file, given by any path that leads there, or
 * by its name in the tree. */
static const struct run *
find(const char *path, int line)
{
    char real[PATH_MAX];
    const char *tree = NULL;

    /* Debugging information has names like ./kernel/init.c. */
    if (realpath(path, real) == NULL)
        return find_in(NULL, path + 2 * (strncmp(path, "./", 2) == 0), line);
    for (int i = 0; i < nruns; i++) {
        size_t n = strlen(runs[i].tree);

        /* All runs of one map share their tree. */
        if (runs[i].tree == tree)
            continue;
        tree = runs[i].tree;
        if (strncmp(real, tree, n) == 0 && real[n] == '/')
            return find_in(tree, real + n + 1, line);
    }
    return NULL;
}

/* gcc's margin, `   12 | code': a number of the current file, its width kept. */
static const char *
print_margin(const char *s)
{
    char *end;
    long line = strtol(s, &end, 10);
    const struct run *r;

    if (current == NULL || end == s || strncmp(end, " |", 2) != 0)
        return s;
    r = find_in(current->tree, current->file, line);
    if (r == NULL)
        return s;
    fprintf(stderr, "%*ld", (int)(end - s), r->line + line - r->first);
    return end;
}

/* Prints FILE or, if :LINE follows and is known, its place in the chapter.
 * Returns what follows. */
static const char *
print_place(const char *s, size_t n)
{
    char *path = xformat("%.*s", (int)n, s), *end;
    const struct run *r = NULL;
    long line;

    if (s[n] == ':' && isdigit((unsigned char)s[n + 1])) {
        line = strtol(s + n + 1, &end, 10);
        r = find(path, line);
        current = r;
    }
    free(path);
    if (r == NULL) {
        fwrite(s, 1, n, stderr);
        return s + n;
    }
    fprintf(stderr, "%s:%ld", r->chapter, r->line + line - r->first);
    return end;
}

static bool
is_path(char c)
{
    return c && (isalnum((unsigned char)c) || strchr("._/+-", c));
}

static void
print_message(const char *s)
{
    size_t n;

    for (s = print_margin(s); *s; s += n) {
        for (n = 0; is_path(s[n]); n++)
            ;
        if (n > 0) {
            s = print_place(s, n);
            n = 0;
        } else {
            fputc(*s, stderr);
            n = 1;
        }
    }
}

/* Runs the command with its stderr in a pipe; returns the pipe's other end. */
static FILE *
start(char **command, pid_t *pid)
{
    int ends[2];

    if (pipe(ends) < 0 || (*pid = fork()) < 0) {
        perror("where");
        exit(1);
    }
    if (*pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

static int
run(char **command)
{
    char *s = NULL;
    size_t size = 0;
    int status;
    pid_t pid;
    FILE *f = start(command, &pid);

    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    while (getline(&s, &size, f) > 0)
        print_message(s);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
look_up(const char *place)
{
    const char *colon = strrchr(place, ':');
    int line = colon ? atoi(colon + 1) : 0;
    const struct run *r;

    r = colon ? find(xformat("%.*s", (int)(colon - place), place), line) : NULL;
    if (r == NULL) {
        fprintf(stderr,
                "%s: no line of a chapter: give FILE:LINE, like "
                "kernel/init.c:12\n",
                place);
        return 1;
    }
    printf("%s:%d (chunk %s, %s)\n", r->chapter, r->line + line - r->first,
           r->number, r->name);
    return 0;
}

int
main(int argc, char **argv)
{
    int i;

    for (i = 1; i + 1 < argc && strcmp(argv[i], "-m") == 0; i += 2)
        read_map(argv[i + 1]);
    if (i > 1 && i + 1 < argc && strcmp(argv[i], "--") == 0)
        return run(argv + i + 1);
    if (i > 1 && i + 1 == argc && strcmp(argv[i], "--") != 0)
        return look_up(argv[i]);
    fputs("usage: where -m DIR/src.map ... -- COMMAND | FILE:LINE\n", stderr);
    return 2;
}
