/*
 * imap-calls.h - what the conversations in imap/ can tell a session to do, and how what came of it reads as text.
 */
#ifndef TERN_TESTS_IMAP_CALLS_H
#define TERN_TESTS_IMAP_CALLS_H

#include "imap/session.h"

/* Adds a line "! …" to `out` for each thing that it hears. */
ImapListener calls_listener(GString *out);

/* Does what a line says ("select INBOX"; imap-calls.c has the table): adds what came of it, and last "ok" or "error KIND
 * CODE: sentence". A "listen" that hears nothing for `patience_us` is a network error. */
void calls_do(ImapSession *session, const char *line, int64_t patience_us, GString *out);

/* Whether a line is one that says nothing to the server, and so cannot notice a broken connection. */
gboolean calls_is_pure(const char *line);

#endif
