/*
 * parser.h - POP3's syntax (RFC 1939, section 3): from bytes, as they come, to one event after the other.
 *
 * The parser knows no socket and no command. Only whoever sent a command knows what kind of answer it has,
 * and says so before the first byte of that answer (pop3_parser_begin()):
 *
 *     POP3_LINE     +OK 2 320                    a status
 *     POP3_LINES    +OK / 1 120 / 2 200 / .      a status, lines, an end; after "-ERR" the status alone
 *     POP3_BODY     +OK / Subject: … / .         the same, its bytes to a sink: no message is in memory
 *
 * Lines are unstuffed and have lost their line end. So has a body: what the sink gets is what lies on the
 * server, with CRLF made LF; CR or LF alone stay what they are.
 *
 * Where a body ends is a matter of safety: whoever writes a message must not be able to end it, and go on as
 * the server. So only CRLF "." CRLF ends one. A server that ends its lines by LF is taken as it is: that
 * shows in the status line of the answer, which no message can forge. A line that begins with "." and was not
 * stuffed keeps that ".".
 *
 * Errors: PROTOCOL for what is no POP3, LIMIT for a body longer than it may be; a parser is dead after one.
 */
#ifndef TERN_POP3_PARSER_H
#define TERN_POP3_PARSER_H

#include <glib.h>
#include <stdint.h>

typedef enum { POP3_LINE, POP3_LINES, POP3_BODY } Pop3Shape;

/* Where a body's bytes go. */
typedef struct {
    void (*take)(const char *bytes, gsize size, void *data); /* NULL: nowhere */
    /* Behind all that a feed has handed on, once. May be NULL. */
    void (*came)(uint64_t octets, void *data);
    void *data;
    uint64_t most_octets; /* of one body */
} Pop3Sink;

typedef enum {
    POP3_PARSE_FAILED,
    POP3_PARSE_MORE,     /* all bytes were taken, there is no event yet */
    POP3_PARSE_OK,       /* "+OK"; the end of a POP3_LINE */
    POP3_PARSE_ERR,      /* "-ERR", the end of any answer */
    POP3_PARSE_CONTINUE, /* "+": the server waits for an answer (RFC 5034); the end of this line only */
    POP3_PARSE_ITEM,     /* a line of POP3_LINES */
    POP3_PARSE_END,      /* "." */
} Pop3Parse;

/* The parser's, until it is fed again. */
typedef struct {
    const char *text; /* what stands behind the status, or the line; ended by a NUL that does not count */
    gsize bytes;      /* of it; a line may hold NUL, a status does not */
    uint64_t octets;  /* END of a body: its size as LIST counts it, line ends as they came */
} Pop3Event;

typedef struct Pop3Parser Pop3Parser;

Pop3Parser *pop3_parser_new(void);
void pop3_parser_free(Pop3Parser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pop3Parser, pop3_parser_free)

/* What comes next is an answer of this shape. `sink` (copied) is for POP3_BODY, else it may be NULL. */
void pop3_parser_begin(Pop3Parser *parser, Pop3Shape shape, const Pop3Sink *sink);

/* Takes bytes up to the end of an event; *used_out says how many. After the end of an answer it is not fed
 * until pop3_parser_begin(). */
Pop3Parse pop3_parser_feed(Pop3Parser *parser, const char *bytes, gsize size, gsize *used_out,
                           Pop3Event *event_out, GError **error);

#endif
