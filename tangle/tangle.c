/*
 * tangle.c: chapters to source trees.
 *
 *      tangle -o DIR               writes DIR/src, DIR/line, DIR/src.map and
 *                                  DIR/digest
 *      tangle --trees DIR NAME...  the same in each DIR/NAME: for chNN the book
 *                                  through chapter NN, for experiments/X the
 *                                  kernel of that experiment, and DIR/NAME/spec;
 *                                  for any other name the whole book
 *      tangle --check              only looks for mistakes
 *      tangle --list               prints the experiments: NAME CHAPTER:LINE
 *
 * Each reads a markup stream, -o usually that of the variant filter, the others
 * straight from noweb's markup.
 */
#define _GNU_SOURCE
#include "choose.h"
#include "lint.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct book book;

static int
write_tree(char **argv)
{
    lint_roots(&book);
    book_stop_on_errors();
    tree_write(&book, argv[0], NULL);
    return 0;
}

/* The text of the chunk <<experiment NAME>>, which must be there. */
static char *
spec_text(const char *name)
{
    const struct chunk *c =
        &book.chunks[book_chunk(&book, xformat("experiment %s", name))];
    char *text = xstrdup("");

    for (int i = 0; i < c->ndefs; i++) {
        const struct definition *def = &book.defs[c->defs[i]];

        for (int j = def->first; j < def->end; j++) {
            const struct token *t = &book.tokens[j];

            if (t->kind == T_TEXT || t->kind == T_NL)
                text = xformat("%s%s", text, t->kind == T_NL ? "\n" : t->text);
        }
    }
    return text;
}

/* The number behind the key `through:' of a spec. */
static int
spec_through(const char *spec)
{
    const char *line =
        strncmp(spec, "through:", 8) == 0 ? spec : strstr(spec, "\nthrough:");

    return line ? atoi(strchr(line, ':') + 1) : ALL_CHAPTERS;
}

/* The name of a tree says what it is of. */
static void
write_variant(const char *folder, const char *name)
{
    const char *experiment = NULL;
    char *spec = NULL;
    const char **names;
    struct book chosen;
    int through = ALL_CHAPTERS, n = 0;

    if (strncmp(name, "experiments/", 12) == 0) {
        experiment = name + 12;
        if (book_chunk(&book, xformat("experiment %s", experiment)) >= 0) {
            spec = spec_text(experiment);
            through = spec_through(spec);
        }
    } else if (sscanf(name, "ch%2d%n", &through, &n) != 1 || name[n]) {
        through = ALL_CHAPTERS;
    }
    names = choose(&book, through, experiment);
    book_stop_on_errors();
    chosen = choose_book(&book, names);
    lint_roots(&chosen);
    book_stop_on_errors();
    tree_write(&chosen, xformat("%s/%s", folder, name), spec);
}

/* Waits for one process.  Returns whether it ended well. */
static bool
reap(void)
{
    int status;

    return wait(&status) >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* One process for each tree, as many at a time as there are processors. */
static int
write_trees(char **argv)
{
    long most = sysconf(_SC_NPROCESSORS_ONLN), running = 0;
    bool good = true;

    book_stop_on_errors();
    for (char **name = argv + 1; *name; name++) {
        pid_t pid;

        if (running >= most) {
            good &= reap();
            running--;
        }
        pid = fork();
        if (pid == 0) {
            write_variant(argv[0], *name);
            exit(0);
        }
        good &= pid > 0;
        running += pid > 0;
    }
    while (running-- > 0)
        good &= reap();
    return good ? 0 : 1;
}

static int
check(char **unused)
{
    (void)unused;
    lint_book(&book);
    book_stop_on_errors();
    return 0;
}

static int
list_experiments(char **unused)
{
    (void)unused;
    book_stop_on_errors();
    for (int i = 0; i < book.nchunks; i++) {
        const struct chunk *c = &book.chunks[i];

        if (c->kind == CHUNK_SPEC && c->ndefs > 0)
            printf("%s %s:%d\n", c->target,
                   book.files[book.defs[c->defs[0]].file].path,
                   book.defs[c->defs[0]].line);
    }
    return 0;
}

static const struct {
    const char *option;
    int least, most; /* arguments behind it */
    int (*run)(char **arguments);
} modes[] = {{"-o", 1, 1, write_tree},
             {"--trees", 2, 100000, write_trees},
             {"--check", 0, 0, check},
             {"--list", 0, 0, list_experiments}};

int
main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (argc - 2 < modes[i].least || argc - 2 > modes[i].most ||
            strcmp(argv[1], modes[i].option) != 0)
            continue;
        book_read(&book, stdin);
        return modes[i].run(argv + 2);
    }
    fputs("usage: tangle -o DIR | --trees DIR NAME... | --check | --list "
          "<STREAM\n",
          stderr);
    return 2;
}
