/*
 * noweb.h: the chapters as noweb's `markup` sees them.
 *
 * `markup` writes one token a line (@text, @nl, @defn, @use, ...).  book_read()
 * takes that stream in and keeps it as an array of tokens, each with the file
 * and line it came from, and a table of chunks with their definitions.  All
 * memory belongs to the book and lives until the program ends.
 */
#ifndef NOWEB_H
#define NOWEB_H

#include <stdbool.h>
#include <stdio.h>

enum token_kind {
    T_FILE,         /* text: path of the chapter                              */
    T_BEGIN_DOCS, T_END_DOCS, T_BEGIN_CODE, T_END_CODE,
    T_TEXT,         /* text: characters of one line, never a newline          */
    T_NL,           /* the end of a line                                      */
    T_DEFN,         /* text: the chunk defined here, as written               */
    T_USE,          /* text: the chunk used here (in code, or quoted in docs) */
    T_QUOTE, T_ENDQUOTE,
    T_INDEX_DEFN    /* text: one identifier of a %def line                    */
};

struct token {
    enum token_kind kind;
    const char *text;       /* "" where the kind has none */
    int file;               /* index into book.files      */
    int line;               /* 1-based                    */
};

/* What a chunk's name says it is.  A chunk is looked up by `name`. */
enum chunk_kind {
    CHUNK_FILE,             /* <<kernel/init.c>>: becomes a file              */
    CHUNK_PART,             /* <<save the registers>>: used by other chunks   */
    CHUNK_SPEC,             /* <<experiment NAME>>: what should come out      */
    CHUNK_VARIANT,          /* <<experiment NAME: part>>: what is changed     */
    CHUNK_REPLACE,          /* <<replace: part>>: stands for it from here on  */
    CHUNK_IDLE              /* set aside by the variant filter                */
};

struct definition {
    int chunk;              /* index into book.chunks                          */
    int first, end;         /* tokens [first, end): the body, without the NL
                               that follows the name                           */
    int file, line;         /* of the line <<name>>=                           */
    int chapter, serial;    /* printed as chapter.serial                       */
};

struct use {
    int def;                /* in the body of this definition: book.defs       */
    int token;
};

struct chunk {
    const char *name;       /* as written                                      */
    const char *zh;         /* Chinese name from `@ %zh ...`, or NULL          */
    enum chunk_kind kind;
    const char *target;     /* SPEC, VARIANT: the experiment; REPLACE: the part */
    const char *part;       /* VARIANT, REPLACE: the part it stands for        */
    int *defs, ndefs;       /* indexes into book.defs, in order                */
    struct use *uses;       /* where code uses it                              */
    int nuses;
};

struct file {
    const char *path;       /* chapters/01-boot.nw                             */
    int chapter;            /* the number its name begins with                 */
};

struct book {
    struct token *tokens;       int ntokens;
    struct file *files;         int nfiles;
    struct chunk *chunks;       int nchunks;
    struct definition *defs;    int ndefs;
    int *slots;                 int nslots;     /* chunks, by name's hash */
};

/* Reads a markup stream up to its end.  A malformed stream, or noweb's own
 * @fatal, is an error: reported, and the program ends with code 1. */
void book_read(struct book *book, FILE *stream);

/* Fills in chunks and defs of a book that has files and tokens. */
void book_build(struct book *book);

/* The chunk of that name, or -1. */
int book_chunk(const struct book *book, const char *name);

/* Keeps `path:line: message` for stderr and counts it.  When the program ends,
 * all messages come out in the order of the chapters.  file may be -1 for a
 * message without a place. */
void book_error(const struct book *book, int file, int line,
                const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Ends the program with code 1 if any error was reported. */
void book_stop_on_errors(void);

/* Memory that never fails: allocation errors end the program. */
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xformat(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Room for one more element in a growing array (doubling from 16). */
#define GROW(array, n)                                                  \
    do {                                                                \
        if (((n) & ((n) - 1)) == 0 && ((n) == 0 || (n) >= 16))          \
            (array) = xrealloc((array), sizeof *(array) *               \
                               ((n) ? 2 * (size_t)(n) : 16));           \
    } while (0)

#endif
