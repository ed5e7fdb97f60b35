/*
 * link.h - from an account's configuration to a logged-in IMAP session; private to the engine, on a worker's thread.
 *
 * The place where backoff and retrying will live.
 */
#ifndef TERN_ENGINE_LINK_H
#define TERN_ENGINE_LINK_H

#include "config/config.h"
#include "imap/session.h"

/* Resolves the password, connects, shakes TLS, logs in; 30 s for the connection. `listener` is copied. The caller frees
 * the session. Errors as auth_password_get(), net_stream_open(), imap_greet() and imap_login(). */
ImapSession *link_open_imap(const ConfigAccount *account, const ImapListener *listener, Cancel *cancel,
                            GError **error);

/* Whether after this error the connection is still good: the server, or our own disk, only refused one thing,
 * or what was asked for does not exist. */
gboolean link_survives(const GError *error);

#endif
