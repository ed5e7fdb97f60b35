/*
 * parser_private.h - what the files of the parser share.
 *
 *     parser.c          its life, and feeding it: which state's turn it is, limits of a line
 *     parser_states.c   values, strings, lists, statuses: a function for each state
 *     parser_skip.c     reading over a FETCH response that is wrong
 */
#ifndef TERN_IMAP_PARSER_PRIVATE_H
#define TERN_IMAP_PARSER_PRIVATE_H

#include "base/error.h"
#include "base/limits.h"
#include "imap/parser.h"

/* Of a literal's size: as many as fit 64 bits. */
#define IMAP_MOST_DIGITS 19

typedef enum {
    AT_START,   /* before a tag */
    AT_GAP,     /* a value may start */
    AT_AFTER,   /* a value has ended, something must part it from the next */
    AT_ATOM,    /* within an atom, the tag too */
    AT_SECTION, /* within the brackets of BODY[…] */
    AT_QUOTED,
    AT_ESCAPE, /* after a backslash in it */
    AT_SIZE,   /* within {123} */
    AT_SIZE_END,
    AT_SIZE_LF,
    AT_LITERAL,
    AT_STATUS, /* after OK, NO, BAD, BYE, PREAUTH or "+" */
    AT_CODE,
    AT_CODE_END,
    AT_TEXT,
    AT_LF,
    AT_END,
    AT_SKIP,         /* within a line that is read over */
    AT_SKIP_SIZE,    /* within {123} in it */
    AT_SKIP_CR,      /* after the brace */
    AT_SKIP_LF,      /* after CR behind the brace */
    AT_SKIP_LITERAL, /* within the literal */
    AT_SKIPPED,
} ImapParserState;

struct ImapParser {
    ImapParserState state;
    ImapValue *values;
    guint n, values_size;
    char *bytes;
    gsize used, bytes_size;
    guint32 open[LIMIT_IMAP_DEPTH]; /* the lists not yet closed */
    guint depth;
    gsize line_bytes, literal_bytes; /* of this response, without and within literals */
    int64_t skipped_bytes;           /* of one that is read over, with its literals and the lines behind it */
    uint64_t literal_left;
    guint digits;
    gboolean in_quotes;    /* of a section */
    gboolean is_streaming; /* to the sink */
    ImapSink sink;
    TernErrorKind kind;
    const char *problem;    /* why it is dead */
    gboolean is_after_skip; /* lines that start as no response does belong to the one read over */
    const char *problem_at; /* the byte where that was seen; NULL: nothing to go on from */
};

/* A state's turn: takes as many bytes from `at` on as it can, at least one, or changes the state; `at` is
 * before `end`. What it returns is where the next one goes on; NULL: it failed. */
typedef const char *(*ImapTakeFunc)(ImapParser *parser, const char *at, const char *end);

/* ---- parser.c ---- */

/* Returns NULL. `at`: the byte where reading over can begin; NULL where framing is lost. */
const char *imap_parser_fail(ImapParser *parser, const char *at, const char *problem);

/* ---- parser_states.c ---- */

/* Those of the states that are not parser_skip.c's; NULL for AT_END and AT_LITERAL. */
extern const ImapTakeFunc IMAP_PARSER_STATES[AT_END + 1];
/* Not limited by the line. */
const char *imap_parser_take_literal(ImapParser *parser, const char *at, const char *end);
ImapTree imap_parser_tree(const ImapParser *parser);
gboolean imap_parser_is_word(const ImapParser *parser, const ImapValue *value, const char *word);
/* FALSE: no digit, or one too many. */
gboolean imap_parser_take_digit(ImapParser *parser, char c);

/* ---- parser_skip.c ---- */

/* In place of failing, where that can be: goes on from the byte before which all was well. NULL: it
 * cannot. */
const char *imap_parser_read_over(ImapParser *parser);
/* A literal that is too large for memory: what is left of the response is read over, the literal first. `at`
 * is the end of its line. */
const char *imap_parser_skip_literal(ImapParser *parser, const char *at, const char *problem);
/* A line that is too long: what is left of the response is read over, from `at` on, behind the last byte that
 * was taken. NULL: it is none that may be missed. */
const char *imap_parser_skip_rest(ImapParser *parser, const char *at);
/* The states from AT_SKIP on. */
const char *imap_parser_take_skip(ImapParser *parser, const char *at, const char *end);
const char *imap_parser_take_skip_literal(ImapParser *parser, const char *at, const char *end);

#endif
