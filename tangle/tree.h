/*
 * tree.h: what tangling leaves in a folder.
 *
 *      src/        the clean tree: to read, and to compile
 *      line/       the same with #line directives: for the debugger
 *      src.map     where the lines of src/ come from
 *      digest      SHA-256 of src/: the first 16 digits, then all 64
 *      spec        of an experiment: what should come out
 *
 * src.map has one line for each run of lines that follow one another both in
 * the file and in the chapter, with seven fields set apart by one blank:
 *
 *      FILE FIRST-LINE LINES CHAPTER CHAPTER-LINE CHUNK-NUMBER CHUNK NAME
 *      kernel/panic.c 12 4 chapters/02-console.nw 345 2.17 print the backtrace
 *
 * Heads, and the blank lines between the parts of a file, are in no run.
 *
 * The digest is that of the lines which `sha256sum` prints for the files of
 * src/, named from there and sorted by byte.
 */
#ifndef TREE_H
#define TREE_H

#include "noweb.h"

/* Tangles all files of the book into the folder, with that spec unless it is
 * NULL.  Files that stay the same are not touched, files of an earlier run that
 * are no longer made are removed. */
void tree_write(const struct book *book, const char *folder, const char *spec);

#endif
