/*
 * dial.h - from an account's configuration to a logged-in session; private to the engine, on a worker's
 * thread.
 */
#ifndef TERN_ENGINE_DIAL_H
#define TERN_ENGINE_DIAL_H

#include "config/config.h"
#include "imap/session.h"
#include "pop3/session.h"

/* Asked once the server has greeted, before the password goes to it: whether it may; it may wait for that.
 * FALSE and an error: it may not. */
typedef struct {
    gboolean (*may_log_in)(Cancel *cancel, void *data, GError **error);
    void *data;
} DialTurn;

/* Resolves the password, connects (or starts the tunnel), shakes TLS, logs in; 30 s for the connection. A
 * password is asked for before connecting, but where the server may not want one (a tunnel, a certificate of
 * the account's own): then after its greeting. `listener` is copied. `turn` is borrowed for the call.
 * `least`: what the server has to offer. The caller frees the session. *is_crowded_out: it failed since the
 * server has too many connections or logins of this user. Errors as auth_password_get(), net_stream_open(),
 * imap_greet() and imap_login(). */
ImapSession *dial_imap(const ConfigAccount *account, const ImapListener *listener, AuthStrength least,
                       const DialTurn *turn, Cancel *cancel, gboolean *is_crowded_out, GError **error);

/* The same for POP3. *wait_us_out: how long the server wants nobody to try again; 0: it said nothing of
 * that. */
Pop3Session *dial_pop3(const ConfigAccount *account, AuthStrength least, Cancel *cancel, int64_t *wait_us_out,
                       GError **error);

#endif
