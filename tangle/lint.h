/* lint.h: what must hold of the chapters, apart from what noweb itself checks.
 * Mistakes are reported with book_error(). */
#ifndef LINT_H
#define LINT_H

#include "noweb.h"

/* What would make a tangled file wrong: undefined chunks, cycles, names that
 * are no files' names.  For the stream behind the variant filter. */
void lint_roots(const struct book *book);

/* Everything.  For the stream of all chapters as they stand. */
void lint_book(const struct book *book);

/* The names of defined chunks most like this one, at most three, as the end of
 * a message: "; did you mean <<a>> or <<b>>?".  Empty if nothing is near. */
const char *near_names(const struct book *book, const char *name);

#endif
