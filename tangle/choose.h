/* choose.h: which definitions count in a snapshot or in an experiment. */
#ifndef CHOOSE_H
#define CHOOSE_H

#include "noweb.h"

#include <limits.h>

enum { ALL_CHAPTERS = INT_MAX };

/*
 * What each of book->defs is called then, so that only what counts has a name
 * that anybody uses:
 *
 *      <<replace: X>>          X; earlier definitions of X: `replaced: X'
 *      in chapters > through   `later: X'
 *      <<experiment NAME: X>>  X; all other definitions of X: `replaced: X'
 *
 * experiment may be NULL.  An experiment that does not exist, one that changes
 * what is not there, or a chapter that does not exist, is an error as with
 * book_error().  The array lives until the program ends.
 */
const char **choose(const struct book *book, int through,
                    const char *experiment);

/* Is the chunk, under those names, a forward hook: used, but defined only in
 * chapters that do not count?  Then it is to have an empty definition. */
bool is_hook(const struct book *book, const char **names,
             const struct chunk *chunk);

/* The book with its definitions under those names, and its hooks empty: what
 * book_read() makes of the stream that the variant filter writes.  It shares
 * the memory of the book. */
struct book choose_book(const struct book *book, const char **names);

#endif
