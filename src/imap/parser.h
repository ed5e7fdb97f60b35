/*
 * parser.h - IMAP's syntax (RFC 3501 and 9051, section 9): from bytes, as they come, to one response after
 * the other.
 *
 * The parser knows no socket and no command. It is pushed any number of bytes at a time and stops at the end
 * of each response, which then stands as a flat array of values, each list before what is in it:
 *
 *     * LIST (\Noselect) "/" foo     index  0    1     2     3          4    5
 *                                    kind   ATOM ATOM  LIST  ATOM       QUOTED ATOM
 *                                    end    1    2     4     4          5    6
 *
 * `end` is the index behind a value and all that it holds, so values[i].end is its next sibling. Texts lie in
 * one block of bytes. Both are reused from response to response and grow with what arrived, never with what a
 * server announces. There is no recursion. A literal (a message's body) may go to a sink instead of to
 * memory.
 *
 * Tolerated, since servers in the field send it: spaces where there should be one or none (before and after
 * parentheses, at the end of a line), LF for CRLF, a status or "+" without text, a backslash in a quoted
 * string before something else than '"' and '\' (it then stands for itself), 8-bit bytes in atoms and quoted
 * strings, "]" "*" "%" and "\" in atoms. A FETCH response that is wrong otherwise, or whose line
 * is too long, is read over up to its end (LIMIT_IMAP_SKIPPED_BYTES), as lines with the literals that they
 * announce, and told as IMAP_PARSE_SKIPPED (lines behind it that start neither with "*", "+" nor "A", as
 * answers to tern's tags do, belong to it): one message's broken structure must not lose the folder. Whatever
 * else is wrong ends the conversation: TERN_ERROR_PROTOCOL, after which a parser is dead.
 */
#ifndef TERN_IMAP_PARSER_H
#define TERN_IMAP_PARSER_H

#include <glib.h>
#include <stdint.h>

typedef enum {
    IMAP_ATOM,     /* also flags, "BODY[…]<0>" as one, and the tag, "*" or "+" at index 0 */
    IMAP_NUMBER,   /* an atom of digits that fits 64 bits */
    IMAP_QUOTED,   /* unescaped; holds no NUL, CR or LF */
    IMAP_LITERAL,  /* may hold NUL */
    IMAP_STREAMED, /* a literal that went to the sink: no text here */
    IMAP_NIL,
    IMAP_LIST,
    IMAP_CODE, /* what stood within "[…]" after a status, as it is */
    IMAP_TEXT, /* the rest of a status or continuation line; left out when there is none */
} ImapValueKind;

typedef struct {
    uint32_t text;  /* where its text starts in `bytes`; ended by a NUL that does not count */
    uint32_t bytes; /* length of the text */
    uint32_t end;   /* index behind it and all that it holds */
    ImapValueKind kind;
} ImapValue;

/* One response. The parser's, until it is fed again. */
typedef struct {
    const ImapValue *values; /* at least two, or one for a "+" without text */
    guint n;
    const char *bytes;
} ImapTree;

/* Where literals go that are not wanted in memory. */
typedef struct {
    /* A literal of that size begins; its name is the last value of what there is so far. TRUE: to the
     * sink. */
    gboolean (*wants)(const ImapTree *so_far, uint64_t size_bytes, void *data);
    void (*take)(const char *bytes, gsize size, void *data);
    void *data;
} ImapSink;

typedef struct ImapParser ImapParser;

ImapParser *imap_parser_new(void);
void imap_parser_free(ImapParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapParser, imap_parser_free)

/* NULL: all literals to memory. Copied. A literal in the sink may have LIMIT_MESSAGE_BYTES. */
void imap_parser_set_sink(ImapParser *parser, const ImapSink *sink);

typedef enum {
    IMAP_PARSE_FAILED,
    IMAP_PARSE_MORE,    /* all bytes were taken, the response is not complete */
    IMAP_PARSE_DONE,    /* one response is in *tree_out; bytes may be left */
    IMAP_PARSE_SKIPPED, /* one was read over; *tree_out holds nothing */
} ImapParse;

/* Takes bytes up to the end of a response; *used_out says how many. Errors: PROTOCOL, or LIMIT for a literal
 * that is too large for the sink; the parser fails in the same way from then on. */
ImapParse imap_parser_feed(ImapParser *parser, const char *bytes, gsize size, gsize *used_out,
                           ImapTree *tree_out, GError **error);

/* What it has allocated, for the tests of the promise above. */
gsize imap_parser_memory_bytes(const ImapParser *parser);

/* ---- reading a tree; an index past the end is no value and fits no question ---- */

/* The text, NUL-terminated; "" for lists and for what is not there. */
const char *imap_tree_text(const ImapTree *tree, guint index);
/* An atom, in any case. */
gboolean imap_tree_is(const ImapTree *tree, guint index, const char *atom);
gboolean imap_tree_is_kind(const ImapTree *tree, guint index, ImapValueKind kind);
/* A string in the sense of RFC 3501's astring: atom, number, quoted, literal, and NIL as the word. */
gboolean imap_tree_is_astring(const ImapTree *tree, guint index);
/* A number up to `most`. */
gboolean imap_tree_number(const ImapTree *tree, guint index, uint64_t most, uint64_t *number_out);
/* Digits and nothing else, as a number up to `most`; the one place where numbers from a server are read. */
gboolean imap_digits(const char *text, gsize bytes, uint64_t most, uint64_t *number_out);
/* Index behind the value: its next sibling or the end of its list. */
guint imap_tree_end(const ImapTree *tree, guint index);

#endif
