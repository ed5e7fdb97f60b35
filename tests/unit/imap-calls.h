/*
 * imap-calls.h - what the conversations in imap/ can tell a session to do, and how what came of it reads as
 * text.
 */
#ifndef TERN_TESTS_IMAP_CALLS_H
#define TERN_TESTS_IMAP_CALLS_H

#include "imap/session.h"
#include "tests/unit/script-play.h"

/* Opens such a session, and does what a line says ("select INBOX"; imap-calls.c has the table): adds what
 * came of it, and last "ok" or "error KIND CODE: sentence"; before that a line "! …" for each thing that the
 * listener hears. A "listen" that hears nothing for the patience is a network error. */
extern const ScriptClient IMAP_CLIENT;

#endif
