/*
 * way.h - how the engine comes to a server of an account: the same for reading (IMAP, POP3) and for sending
 * (SMTP).
 *
 *     account->incoming ─┐                 ┌─ tunnel (only where mail is read) ─┐
 *                        ├─ ConfigServer ──┼─ SOCKS5 proxy ─────────────────────┼─ TLS ─ greeting ─ login
 *     account->outgoing ─┘                 └─ straight ─────────────────────────┘
 *
 * Private to the engine; on the thread of whoever dials, which it blocks.
 */
#ifndef TERN_ENGINE_WAY_H
#define TERN_ENGINE_WAY_H

#include "config/config.h"
#include "net/stream.h"

/* Whether the account can be connected as it asks to be: with a mistyped pin, say, it would be another way
 * than the one asked for. FALSE: CONFIG, which names `config_path`, or NETWORK where it is set to offline. */
gboolean way_check(const ConfigAccount *account, const char *config_path, GError **error);

/* Connects (or starts the tunnel) and shakes TLS where that comes first; 30 s for all of it. `server` is one
 * of the account's two, `protocol` is for the trace ("imap"). Errors as net_stream_open(). */
NetStream *way_open(const ConfigAccount *account, const ConfigServer *server, const char *protocol,
                    Cancel *cancel, GError **error);

/* Who logs in there; the account's. */
const char *way_user(const ConfigAccount *account, const ConfigServer *server);

/* A session's login, as imap_login() and its like have it. `session` is the caller's. */
typedef gboolean (*WayLogin)(void *session, const char *user, const char *password,
                             gboolean may_send_cleartext, GError **error);

/* Logs in as the server's user. `password` NULL: it was not asked for yet, and is now where `needs_password`.
 * What was asked for here is wiped afterwards. Errors as auth_password_get() and the login's. */
gboolean way_log_in(const ConfigAccount *account, const ConfigServer *server, const char *password,
                    gboolean needs_password, WayLogin login, void *session, Cancel *cancel, GError **error);

#endif
