/*
 * script-play.h - plays all conversations of a folder (imap-script.h) with a client's session: as written;
 * with the server's bytes one at a time; cut off in each thing the server says; and with a server that
 * falls silent there. In the last two each call must come out as written or end with a network error, and
 * the one that was cut must end so, unless it is written to fail and had reason enough before.
 */
#ifndef TERN_TESTS_SCRIPT_PLAY_H
#define TERN_TESTS_SCRIPT_PLAY_H

#include "net/stream.h"

/* A protocol's client. */
typedef struct {
    /* Takes the stream over. What is heard without being asked for goes to `out`, which lives as long. */
    void *(*begin)(NetStream *stream, GString *out);
    /* Does what a line says: adds what came of it, and last "ok" or "error KIND: sentence". */
    void (*call)(void *session, const char *line, int64_t patience_us, GString *out);
    /* Whether a line is one that cannot notice a broken connection. */
    gboolean (*is_pure)(const char *line);
    void (*end)(void *session);
} ScriptClient;

/* tests/unit/NAME/; the test program's exit status. */
int script_play_folder(const char *name_of_folder, const ScriptClient *client);

#endif
