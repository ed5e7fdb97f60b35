/*
 * session.h - what a command works with: the store, a reader, and the engine with the signals that end it.
 *
 *     requests ──> engine ──> events ──> the command's function, until each request is done or a signal comes
 */
#ifndef TERN_CLI_SESSION_H
#define TERN_CLI_SESSION_H

#include "cli/cli.h"
#include "engine/engine.h"
#include "store/read.h"

typedef struct {
    CliContext *context;
    Store *store;
    StoreReader *reader;
    Engine *engine; /* NULL until cli_session_connect() */
    int signal_fd;  /* SIGINT, SIGTERM, SIGHUP; -1 until then */
} CliSession;

/* Opens the store. NULL and STORE. */
CliSession *cli_session_open(CliContext *context, GError **error);
/* Starts the engine; from now on the ending signals only end cli_session_wait(). FALSE and NETWORK with
 * --offline, else STORE. */
gboolean cli_session_connect(CliSession *session, GError **error);
/* The same for what is asked of that account only: one whose mail is on this disk needs no network. */
gboolean cli_session_connect_for(CliSession *session, const char *account, GError **error);
/* Whether it is such a one: maildir, mbox. */
gboolean cli_is_on_disk(const ConfigAccount *account);
void cli_session_close(CliSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliSession, cli_session_close)

/* Events that belong to one of the requests, in order; DONE last. */
typedef void (*CliEventFunc)(const EngineEvent *event, void *data);

/* Waits until all `requests` (guint64) are done. FALSE and CANCELLED after a signal: the requests were given
 * up. */
gboolean cli_session_wait(CliSession *session, const GArray *requests, CliEventFunc func, void *data,
                          GError **error);

/* The same with an end: at `deadline_us` the requests are given up, and what cannot be broken off any more is
 * waited for. TRUE then too. */
gboolean cli_session_wait_until(CliSession *session, const GArray *requests, int64_t deadline_us,
                                CliEventFunc func, void *data, GError **error);

/* Hands on all events until an ending signal comes. */
void cli_session_serve(CliSession *session, CliEventFunc func, void *data);

#endif
