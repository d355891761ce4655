/*
 * lex.c: cuts code into blanks, words, strings, comments and the rest.
 *
 * Enough for C, GNU assembly behind the C preprocessor, linker scripts and
 * makefiles to be coloured and searched for identifiers.  A chunk is lexed
 * piece by piece; what may stay open from one to the next is in the lexer.
 */
#include "weave.h"

#include <ctype.h>
#include <string.h>

struct syntax {
    const char *suffixes; /* " .c .h ", or a file's whole name */
    const char *keywords; /* with a blank around each */
    const char *line_comment[2];
    const char *quotes; /* what begins a string */
    bool block_comment;
    bool preprocessor; /* lines may begin with #include */
    bool functions;    /* braces may be function bodies */
    bool assembly;     /* .text is a directive, %esp a register */
    enum {
        ANY,
        LINKED,
        MAKE,
        SHELL,
        MODEL
    } world; /* that shares identifiers */
};

static const char c_words[] =
    " _Alignas _Alignof _Noreturn _Static_assert __asm__ __attribute__ asm bool"
    " break case char const continue default do double else enum extern false"
    " float for goto if inline int int16_t int32_t int64_t int8_t intptr_t long"
    " offsetof ptrdiff_t register restrict return short signed size_t sizeof"
    " static struct switch true typedef typeof uint16_t uint32_t uint64_t"
    " uint8_t uintptr_t union unsigned va_list void volatile while ";

static const char ld_words[] =
    " ADDR ALIGN ASSERT AT BYTE COMMON ENTRY FILEHDR FLAGS INCLUDE INPUT KEEP"
    " LENGTH LOADADDR LONG MAX MEMORY MIN NOLOAD ORIGIN OUTPUT_ARCH"
    " OUTPUT_FORMAT PHDRS PROVIDE PROVIDE_HIDDEN PT_LOAD QUAD SECTIONS SHORT"
    " SIZEOF SIZEOF_HEADERS SORT ";

static const char make_words[] =
    " -include define else endef endif export ifdef ifeq ifndef ifneq include"
    " override private unexport ";

static const char promela_words[] =
    " active atomic bit bool break byte d_step do else fi for goto if inline "
    "int"
    " ltl mtype od of proctype run short skip typedef ";

static const char cpp_words[] =
    " define elif else endif error if ifdef ifndef include line pragma undef"
    " warning ";

static const struct syntax syntaxes[] = {
    {.suffixes = " .c .h ",
     .keywords = c_words,
     .line_comment = {"//"},
     .quotes = "\"'",
     .block_comment = true,
     .preprocessor = true,
     .functions = true,
     .world = LINKED},
    {.suffixes = " .S .s ",
     .keywords = "",
     .line_comment = {"#", "//"},
     .quotes = "\"'",
     .block_comment = true,
     .preprocessor = true,
     .assembly = true,
     .world = LINKED},
    {.suffixes = " .ld .lds ",
     .keywords = ld_words,
     .quotes = "\"",
     .block_comment = true,
     .preprocessor = true,
     .world = LINKED},
    {.suffixes = " .pml ",
     .keywords = promela_words,
     .quotes = "\"",
     .block_comment = true,
     .preprocessor = true,
     .world = MODEL},
    {.suffixes = " .mk Makefile ",
     .keywords = make_words,
     .line_comment = {"#"},
     .quotes = "",
     .world = MAKE},
    {.suffixes = " .sh .gdb .awk ",
     .keywords = "",
     .line_comment = {"#"},
     .quotes = "\"'",
     .world = SHELL},
};

static const struct syntax plain = {
    .suffixes = "", .keywords = "", .quotes = ""};

/* The syntax of a file of that name; plain text if it says nothing. */
static const struct syntax *
syntax_of(const char *path)
{
    const char *base = strrchr(path, '/');
    const char *dot;
    char *key;

    base = base ? base + 1 : path;
    dot = strrchr(base, '.');
    key = xformat(" %s ", dot ? dot : base);
    for (size_t i = 0; i < LENGTH(syntaxes); i++)
        if (strstr(syntaxes[i].suffixes, key) != NULL)
            return &syntaxes[i];
    return &plain;
}

struct lexer
begin_lexing(const char *path)
{
    return (struct lexer){
        .syntax = syntax_of(path), .line_start = true, .statement = true};
}

bool
is_function_syntax(const struct syntax *syntax)
{
    return syntax->functions;
}

/* Can what one of the files defines be what the other uses? */
bool
share_identifiers(const char *path, const char *other)
{
    int world = syntax_of(path)->world;
    int other_world = syntax_of(other)->world;

    return world == other_world || !world || !other_world;
}

static bool
listed(const char *words, const char *s, int n)
{
    return n > 0 && strstr(words, xformat(" %.*s ", n, s)) != NULL;
}

/* Is it a keyword of any language? */
bool
is_keyword(const char *word)
{
    for (size_t i = 0; i < LENGTH(syntaxes); i++)
        if (listed(syntaxes[i].keywords, word, (int)strlen(word)))
            return true;
    return false;
}

static int
word_length(const char *s)
{
    int n = 0;

    while (is_word((unsigned char)s[n]))
        n++;
    return n;
}

/* Length of the string that begins at s with its quotation mark. */
static int
string_length(const struct lexer *lexer, const char *s)
{
    int n = 1;

    if (lexer->syntax->assembly && *s == '\'') { /* 'A has no second mark */
        n += s[n] == '\\';
        n += s[n] != '\0';
        return n + (s[n] == '\'');
    }
    while (s[n] != '\0' && s[n] != *s)
        n += s[n] == '\\' && s[n + 1] ? 2 : 1;
    return n + (s[n] != '\0');
}

static enum code_class
lex_comment(struct lexer *lexer, const char *s, int from, int *n)
{
    const char *end = strstr(s + from, "*/");

    lexer->comment = end == NULL;
    *n = end ? (int)(end - s) + 2 : (int)strlen(s);
    return C_COMMENT;
}

/* A line that begins with # : length of `#  include`, or 0 if it isn't one. */
static int
directive_length(const struct lexer *lexer, const char *s)
{
    int blanks = 1 + (int)strspn(s + 1, " ");
    int n = word_length(s + blanks);

    if (!lexer->syntax->preprocessor || !lexer->line_start || *s != '#' ||
        !listed(cpp_words, s + blanks, n))
        return 0;
    return blanks + n;
}

static bool
comment_begins(const struct lexer *lexer, const char *s)
{
    for (size_t i = 0; i < LENGTH(lexer->syntax->line_comment); i++) {
        const char *mark = lexer->syntax->line_comment[i];

        if (mark != NULL && starts(s, mark))
            return true;
    }
    return false;
}

/* At the beginning of an assembler's statement: an instruction, or a label? */
static enum code_class
lex_statement(struct lexer *lexer, const char *s, int n)
{
    bool label = s[n] == ':';

    lexer->statement = label;
    return label || !lexer->syntax->assembly ? C_WORD : C_PLAIN;
}

/* Words, with the signs that assemblers and makefiles put before them. */
static enum code_class
lex_word(struct lexer *lexer, const char *s, int *n)
{
    const struct syntax *syntax = lexer->syntax;
    bool statement = lexer->statement;
    int sign = strchr(".%@-", *s) != NULL;

    *n = sign + word_length(s + sign);
    if (isdigit((unsigned char)*s))
        return C_PLAIN;
    lexer->statement = false;
    if (listed(syntax->keywords, s, *n))
        return C_KEYWORD;
    if (syntax->assembly && sign && *n > 1) {
        lexer->directive |= *s == '.' && s[1] != 'L';
        return *s == '.' && s[1] != 'L' ? C_DIRECTIVE : C_PLAIN;
    }
    if (!sign)
        return statement ? lex_statement(lexer, s, *n) : C_WORD;
    *n = 1;
    return C_PLAIN;
}

/* The class of the piece at s, which is not empty; its length goes to *n. */
enum code_class
lex(struct lexer *lexer, const char *s, int *n)
{
    if (lexer->comment)
        return lex_comment(lexer, s, 0, n);
    if ((*n = (int)strspn(s, " \t")) > 0)
        return C_BLANK;
    if ((*n = directive_length(lexer, s)) > 0) {
        lexer->line_start = lexer->statement = false;
        lexer->directive = true;
        lexer->include = strstr(s, "include") != NULL;
        return C_DIRECTIVE;
    }
    lexer->line_start = false;
    if (comment_begins(lexer, s)) {
        *n = (int)strlen(s);
        return C_COMMENT;
    }
    if (lexer->syntax->block_comment && starts(s, "/*"))
        return lex_comment(lexer, s, 2, n);
    if (lexer->include && *s == '<' && strchr(s, '>') != NULL) {
        *n = (int)(strchr(s, '>') - s) + 1;
        return C_STRING;
    }
    if (strchr(lexer->syntax->quotes, *s) != NULL) {
        *n = string_length(lexer, s);
        return C_STRING;
    }
    if (is_word((unsigned char)*s) || strchr(".%@-", *s) != NULL)
        return lex_word(lexer, s, n);
    *n = 1;
    lexer->statement |= *s == ';';
    return C_PLAIN;
}

/* The line ends; `line` is what it held last. */
void
lex_newline(struct lexer *lexer, const char *line)
{
    size_t n = strlen(line);
    bool continued = n > 0 && line[n - 1] == '\\';

    lexer->line_start = lexer->statement = !continued;
    lexer->include = lexer->directive = false;
}

/* Can the word s[0..n), just read, be where it is defined?  In assembly labels
 * and directives define; elsewhere the first occurrence counts. */
bool
may_define(const struct lexer *lexer, const char *s, int n)
{
    return !lexer->syntax->assembly || s[n] == ':' || lexer->directive;
}
