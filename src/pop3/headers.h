/*
 * headers.h - by what a message is known again when its UIDL cannot be trusted: a hash of its header fields.
 *
 * It comes out the same from RETR and from TOP (RFC 1939, section 7): it ends with the header, and passes
 * over the fields that servers write into messages themselves as somebody reads them (Status, X-UIDL …), and
 * over the number and kind of blanks. Fed in pieces of any size. Any thread.
 */
#ifndef TERN_POP3_HEADERS_H
#define TERN_POP3_HEADERS_H

#include <glib.h>

typedef struct Pop3Headers Pop3Headers;

Pop3Headers *pop3_headers_new(void);
void pop3_headers_free(Pop3Headers *headers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pop3Headers, pop3_headers_free)

/* A new message begins. */
void pop3_headers_begin(Pop3Headers *headers);
/* More of it, as the parser's sink gets it. What is past the header (or LIMIT_HEADER_BYTES of it) costs
 * nothing. */
void pop3_headers_take(Pop3Headers *headers, const char *bytes, gsize size);
/* The hash: 64 bits of SHA-256. 0 for a message without a header field, which nobody could tell from
 * another. */
guint64 pop3_headers_end(Pop3Headers *headers);

#endif
