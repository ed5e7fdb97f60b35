/*
 * imap-script.h - conversations with a server as data files, played over a socket pair.
 *
 *     # anything                      a comment
 *     starttls                        the stream is to be secured by STARTTLS (else plain)
 *     whole                           played as written only: not by byte, cut or silent
 *     open                            the server stays when it has nothing more to say
 *     > fetch uid 1:5 envelope        what the client is told to do (test-imap-session.c has the table)
 *     C: A1 NOOP                      what it must then say, and CRLF; "c:" without; "C~:" starts like this,
 *                                     "C*9:" nine times
 *     S: * OK [X] hello               what the server says, and CRLF; "s:" without CRLF; "S*9:" nine times
 *     = ok                            what comes of the call, each line
 *
 * Escapes in S and C: \r \n \0 \\ \xNN.
 */
#ifndef TERN_TESTS_IMAP_SCRIPT_H
#define TERN_TESTS_IMAP_SCRIPT_H

#include <glib.h>

typedef struct {
    char kind;        /* '>', 'C', 'S', '=' */
    gboolean is_open; /* C: only the start of a line */
    guint times;      /* S */
    guint call;       /* index of the call it belongs to */
    GString *bytes;
} ScriptStep;

typedef struct {
    char *name;
    gboolean wants_starttls;
    gboolean stays_open;
    gboolean is_whole; /* also one that says something very often */
    GPtrArray *steps;  /* ScriptStep * */
    guint n_calls, n_said;
} Script;

Script *script_read(const char *path);
void script_free(Script *script);

/* How the server plays it. */
typedef struct {
    guint most_said; /* S steps that are played */
    gboolean is_cut; /* then: ends the connection, in the middle of the next one; else falls silent */
    gboolean is_silent;
    gboolean by_byte;
} ScriptMode;

typedef struct ScriptServer ScriptServer;

/* Starts a server on one end of a socket pair; the other end is *client_fd_out. */
ScriptServer *script_server_start(const Script *script, ScriptMode mode, int *client_fd_out);
/* After the client closed: what it said wrongly, to be freed, or NULL. */
char *script_server_end(ScriptServer *server);

#endif
