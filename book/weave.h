/*
 * weave.h: what the parts of the weaver share.
 *
 * parse.c cuts the chapters into items (pairs, boxes, chunks, captures) and
 * lint.c holds them against the notation.  place.c finds out where each chunk
 * goes, lex.c what its characters are.  prose.c, code.c and index.c write
 * Markdown in which everything that Markdown can't say is raw LaTeX: calls of
 * the macros of lockstep.tex.
 */
#ifndef WEAVE_H
#define WEAVE_H

#include "../tangle/noweb.h"

#include <stdint.h>

#define LENGTH(a) (sizeof(a) / sizeof *(a))

enum edition { BILINGUAL, ONLY_ZH, ONLY_EN };
enum language { ZH, EN };

struct options {
    enum edition edition;
    bool answers, check, strict, record;
    const char *captures, *glossary, *bibliography, *digest, *figures;
    const char *reviewed, *locale;
};

/* In a line of prose, [[ ]] and << >> have become control characters. */
enum { QUOTE = 1, ENDQUOTE = 2, USE = 3, ENDUSE = 4 };

struct line {
    const char *text;
    int file, line;
    int def;                    /* a chunk's definition stands here, or -1 */
};

enum block_kind { PARAGRAPH, HEADING, BULLETS, NUMBERED, TABLE, CODE, QUOTATION };

struct block {
    enum block_kind kind;
    int line;                   /* index into weave.lines              */
    int count;                  /* level of a heading, items, rows     */
    int notes;                  /* footnotes                           */
    const char *id;             /* of a heading, or NULL               */
    const char *number;
};

struct side {
    int first, end;             /* weave.lines [first, end)            */
    struct block *blocks;
    int nblocks;
    uint64_t hash;
};

enum box_kind { TRY, ELSEWHERE, MIND, FIGURE, EXERCISE, ANSWER, EXPERIMENT };

struct box {
    enum box_kind kind;
    const char *id, *name;      /* fig:stack, stack; "" without one    */
    const char *number;         /* chapter.n, or ""                    */
    int stars, line;
    int npairs, spec;           /* spec: definition of the experiment  */
    struct box *outer;
};

enum item_kind { PAIR, OPEN, CLOSE, CAPTURE, CHUNK };

struct item {
    enum item_kind kind;
    int line;                   /* index into weave.lines              */
    struct side side[2];        /* PAIR                                */
    struct box *box;            /* the innermost box it belongs to     */
};

struct id {
    const char *name, *number;
    int line;
};

/* A glossary's or bibliography's entry: the fields by their index. */
struct record {
    int line;
    const char **field;
    bool used;
};

struct table {
    const char *path;
    struct record *records;
    int nrecords;
};

enum { TERM_KEY, TERM_EN, TERM_ZH, TERM_PINYIN, TERM_ABBR, TERM_DEF_EN,
       TERM_DEF_ZH, TERM_NOT_EN, TERM_NOT_ZH };
enum { CITE_KEY, CITE_LABEL, CITE_LABEL_ZH, CITE_EN, CITE_ZH, CITE_URL };

/* What place.c finds out about a definition. */
struct place {
    int part;                   /* the chunk it is a part of           */
    int prev, next;             /* of the same generation, or -1       */
    int replaces, replaced_by;  /* definitions, or -1                  */
    int root;                   /* chunk of the file, or -1            */
    int nroots;
    const char *function;       /* "" if none or unsure                */
    bool visited, unsure;
    bool open;                  /* being expanded                      */
};

/* An identifier that some chunk's %def names. */
struct ident {
    const char *name;
    int def;
    bool exported;              /* other files can mean it, too */
};

struct ident_use;
struct weave {
    struct options options;
    struct book book;
    struct line *lines;         int nlines;
    struct item *items;         int nitems;
    struct id *ids;             int nids;
    struct place *places;       /* one for each of book.defs           */
    struct ident *idents;       int nidents;    /* sorted by name      */
    struct ident_use *uses;     int nuses;      /* in the book's order */
    const char **words;         /* hash table of the words in code     */
    int nwords;                 /* a power of two                      */
    struct table glossary, bibliography;
    int *terms, nterms;         /* the terms as they are introduced    */
    FILE *out;
};

/* lex.c: what code is made of. */
enum code_class { C_BLANK, C_PLAIN, C_WORD, C_KEYWORD, C_COMMENT, C_STRING,
                  C_DIRECTIVE };

struct syntax;
struct lexer {
    const struct syntax *syntax;
    bool comment;               /* inside a block comment              */
    bool directive, include;    /* in a line with one                  */
    bool line_start, statement; /* nothing yet in this line; statement */
};

struct lexer begin_lexing(const char *path);
bool share_identifiers(const char *path, const char *other);
bool is_keyword(const char *word);
bool is_function_syntax(const struct syntax *syntax);
enum code_class lex(struct lexer *lexer, const char *s, int *n);
bool may_define(const struct lexer *lexer, const char *s, int n);
void lex_newline(struct lexer *lexer, const char *line_before);

/* An identifier stands in the code of a definition. */
struct ident_use {
    const char *name;
    int def, at;                /* defined in def, used in at          */
};

/* The passes. */
void parse(struct weave *w);
void lint_pair(struct weave *w, const struct item *item);
void lint_text(struct weave *w, const struct side *side, enum language lang);
void place_chunks(struct weave *w);
void gather_words(struct weave *w);
void gather_uses(struct weave *w);
void review(struct weave *w);
void emit_book(struct weave *w);

/* parse.c: how a line begins. */
bool is_blank(const char *s);
bool is_fence(const char *s);
bool is_item(const char *s, enum block_kind *kind);

/* prose.c, code.c, index.c: parts of emit_book. */
void emit_side(struct weave *w, const struct side *side, enum language lang);
void emit_chunk(struct weave *w, int def);
void emit_outcome(struct weave *w, const struct box *box);
void emit_capture(struct weave *w, const struct line *line, bool boxed);
void emit_figure(struct weave *w, const struct box *box);
void emit_back_matter(struct weave *w);

/* Lookups; all return NULL or -1 for what is not there. */
const struct id *find_id(const struct weave *w, const char *name);
int find_ident(const struct weave *w, const char *name, int n, int near);
/* Does the file that definition d goes to end in .c? */
bool is_in_c_file(const struct weave *w, int d);
bool known_word(const struct weave *w, const char *word, int n);
int find_term(const struct weave *w, const char *text, enum language lang);
int find_entry(const struct weave *w, const char *key, int n);
char *find_value(struct weave *w, const char *path, int line, const char *key);
char *read_file(const char *path);

/* records.c */
void read_tables(struct weave *w);

/* Small things. */
void error_at(struct weave *w, const struct line *line, const char *format,
              ...) __attribute__((format(printf, 3, 4)));
bool is_kernel(const struct weave *w, int def);
const char *chunk_number(const struct weave *w, int def);
bool is_word(int c);
bool starts(const char *s, const char *prefix);
char *trim(char *s);
int decode(const char *s, uint32_t *rune);
bool is_han(uint32_t rune);
uint64_t fnv(uint64_t hash, const char *s);
void put_tex(FILE *out, const char *s, int n, const char *space,
             const char *joint);

#endif
