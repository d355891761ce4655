/*
 * tangle.c: chapters to source trees.
 *
 *      tangle -o DIR       writes DIR/src, DIR/line, DIR/src.map, DIR/digest
 *      tangle --check      only looks for mistakes
 *      tangle --list       prints the experiments: NAME CHAPTER:LINE
 *      tangle --spec NAME  prints what the experiment NAME expects
 *
 * Each reads a markup stream: the first from the variant filter, the others
 * straight from noweb's markup.
 */
#include "noweb.h"
#include "lint.h"
#include "tree.h"

#include <stdlib.h>
#include <string.h>

static struct book book;

static int
write_trees(const char *folder)
{
    lint_roots(&book);
    book_stop_on_errors();
    tree_write(&book, folder);
    return 0;
}

static int
check(const char *unused)
{
    (void)unused;
    lint_book(&book);
    book_stop_on_errors();
    return 0;
}

static int
list_experiments(const char *unused)
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

static int
print_spec(const char *name)
{
    int c = book_chunk(&book, xformat("experiment %s", name));

    book_stop_on_errors();
    if (c < 0 || book.chunks[c].ndefs == 0) {
        fprintf(stderr, "there is no experiment %s: see `tangle --list'\n",
                name);
        return 1;
    }
    for (int i = 0; i < book.chunks[c].ndefs; i++) {
        const struct definition *def = &book.defs[book.chunks[c].defs[i]];

        for (int j = def->first; j < def->end; j++) {
            if (book.tokens[j].kind == T_TEXT)
                fputs(book.tokens[j].text, stdout);
            else if (book.tokens[j].kind == T_NL)
                putchar('\n');
        }
    }
    return 0;
}

static const struct {
    const char *option;
    int argc;
    int (*run)(const char *argument);
} modes[] = {{"-o", 3, write_trees},
             {"--check", 2, check},
             {"--list", 2, list_experiments},
             {"--spec", 3, print_spec}};

int
main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (argc != modes[i].argc || strcmp(argv[1], modes[i].option) != 0)
            continue;
        book_read(&book, stdin);
        return modes[i].run(argv[2]);
    }
    fputs("usage: tangle -o DIR | --check | --list | --spec NAME <STREAM\n",
          stderr);
    return 2;
}
