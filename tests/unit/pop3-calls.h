/*
 * pop3-calls.h - what the conversations in pop3/ can tell a session to do, and how what came of it reads as
 * text.
 */
#ifndef TERN_TESTS_POP3_CALLS_H
#define TERN_TESTS_POP3_CALLS_H

#include "pop3/session.h"
#include "tests/unit/script-play.h"

/* Does what a line says ("login ada secret"; pop3-calls.c has the table): adds what came of it, and last "ok"
 * or "error KIND CODE (wait S s): sentence". */
extern const ScriptClient POP3_CLIENT;

#endif
