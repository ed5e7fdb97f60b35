/*
 * talk.h - a session told what to do on standard input: for tests of each command against real servers
 * (talk.py).
 *
 *     PROTOCOL-talk tls|starttls|plain HOST PORT CA-FILE|-
 *
 * Each line is a call of the client ("greet", "login-safely ada secret" …); what came of it is printed, "ok"
 * or "error …" last. "bytes" prints what went over the wire so far.
 */
#ifndef TERN_TESTS_TALK_H
#define TERN_TESTS_TALK_H

#include "tests/unit/script-play.h"

/* For main(): its exit status. */
int talk_main(int argc, char **argv, const ScriptClient *client);

#endif
