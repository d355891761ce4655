/*
 * expand.h: root chunks to lines of source, each with the place in the chapters
 * that it comes from.
 */
#ifndef EXPAND_H
#define EXPAND_H

#include "noweb.h"

struct line {
    char *text; /* no newline, no blanks at the end              */
    int def;    /* whose line it is: book.defs; -1 for the head
                               and for the blank line between two parts      */
    int line;   /* in the chapter of that definition             */
};

struct source {
    const char *path; /* kernel/init.c                                 */
    struct line *lines;
    int nlines;
};

/* Expands a CHUNK_FILE as notangle does, but tidies the blanks, and puts a
 * comment in front that names the chapters.  The book must have neither cycles
 * nor undefined chunks. */
void expand(const struct book *book, int chunk, struct source *source);

/* The mark that begins a comment in a file of that name: a C comment's, "#",
 * or NULL where none is known. */
const char *comment_mark(const char *path);

#endif
