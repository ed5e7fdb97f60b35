/*
 * auth.h - who one is: passwords from the configuration or a command, and SASL (RFC 4422) by libgsasl.
 *
 * A client session picks the strongest mechanism that both sides have, then answers challenges; it knows no
 * protocol. IMAP, POP3 and SMTP carry its base64 lines. One worker thread; auth_password_get() blocks on the
 * command.
 */
#ifndef TERN_AUTH_AUTH_H
#define TERN_AUTH_AUTH_H

#include "base/cancel.h"
#include "config/config.h"
#include "net/stream.h"

#include <glib.h>

/* The account's password: the one set for this run, else `password`, else what `password-command` prints (its
 * first line, within 30 s). To be freed by auth_secret_free(), which wipes it. NULL and AUTH (how the command
 * failed, or that there is neither), or CANCELLED. */
char *auth_password_get(const ConfigAccount *account, Cancel *cancel, GError **error);
/* Whether there is one of these. */
gboolean auth_password_is_set(const ConfigAccount *account);
void auth_secret_free(char *secret);

/* Runs the account's password-command, which it has, in the foreground of tern's terminal, where it may ask
 * whatever it wants (spawn.h). What it prints, as above. Blocks until it ends. */
char *auth_password_ask(const ConfigAccount *account, GError **error);

/* Sets the password of an account (by id) for this run: a prompt's answer. NULL forgets it. Any thread. */
void auth_password_set(const char *account_id, const char *password);
/* How many times a password was set, of any account: what was refused was perhaps the one before. Any
 * thread. */
guint auth_password_version(void);

/* How much a login gives away, by the strongest that a server offers. The numbers are kept on disk. */
typedef enum {
    AUTH_UNKNOWN = 0,
    AUTH_SHOWS_PASSWORD = 1, /* PLAIN, LOGIN: whoever is at the other end has it */
    AUTH_PROVES = 2,         /* SCRAM: both sides prove that they know it */
    AUTH_BINDS = 3,          /* -PLUS: to this TLS connection and no other */
} AuthStrength;
AuthStrength auth_strength_of(const char *const *offered);

/* Which kind of channel binding the last login at that host had that succeeded, where there was a choice: a
 * number to be kept on disk; 0: none yet. Any thread. */
int auth_binding(const char *host);
/* What auth_binding() said in an earlier run, for the first login of this one; nonsense counts for nothing.
 * It decides which kind is tried first, and nothing else: the others are tried as before, each binds as well,
 * and whatever failed before, a login without binding is no nearer. So neither who writes to the disk nor who
 * makes logins fail gains by it. */
void auth_expect_binding(const char *host, int kind);

typedef struct AuthSasl AuthSasl;

/* What a session needs to know. Borrowed for the call. */
typedef struct {
    const char *const *offered; /* mechanism names as the server spelled them, NULL-terminated */
    gboolean login_offered; /* the protocol's own LOGIN command may be used (IMAP without LOGINDISABLED) */
    const char *user;
    const char *password; /* NULL: there is none; only EXTERNAL will do */
    const char *service;  /* "imap", "pop", "smtp" */
    const char *host;
    NetStream *stream;        /* for the channel binding, and to know whether TLS is on */
    AuthStrength least;       /* what the server offered before; offering less is an error */
    gboolean allow_cleartext; /* PLAIN and LOGIN without TLS: loopback, or insecure = yes */
} AuthRequest;

/* Chooses EXTERNAL where the stream has shown a certificate (the server knows by it who one is; no other
 * identity is asked for), SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN and,
 * last, the protocol's own LOGIN command, in this order. NULL and AUTH, naming what the server offers and
 * what to do, when none is both offered and safe, or what is offered is weaker than before (somebody in the
 * middle takes the stronger ones away). The stream must live as long. */
AuthSasl *auth_sasl_new(const AuthRequest *request, GError **error);
void auth_sasl_free(AuthSasl *sasl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthSasl, auth_sasl_free)

/* The mechanism to ask for; "LOGIN command" (auth_sasl_is_login_command()) when user and password are to be
 * sent by the protocol's own command and there are no steps. Changes with auth_sasl_retry(). */
const char *auth_sasl_mechanism(const AuthSasl *sasl);
gboolean auth_sasl_is_login_command(const AuthSasl *sasl);
/* Whether the client speaks first, so that SASL-IR saves a round trip. */
gboolean auth_sasl_is_client_first(const AuthSasl *sasl);

/* One step: the server's challenge in base64 ("" at first), the answer in base64 in *answer_out
 * (auth_secret_free()). AUTH on a bad challenge, or when the server did not prove that it knows the password
 * (SCRAM). */
gboolean auth_sasl_step(AuthSasl *sasl, const char *challenge, char **answer_out, GError **error);

/* To be asked once the server said OK: whether the mechanism is complete, the server's signature checked
 * included. */
gboolean auth_sasl_finish(AuthSasl *sasl, GError **error);

/* To be asked when the server refused (NO, -ERR, 5xx) before telling the user. TRUE: begin again with
 * auth_sasl_mechanism() and auth_sasl_step(sasl, ""), on the same connection: what was refused may be the
 * kind of channel binding, which no client can know beforehand, and another attempt is as safe. FALSE after
 * three attempts at most, after one for mechanisms without binding. */
gboolean auth_sasl_retry(AuthSasl *sasl);
/* After a refusal that stands: what the user should know about this attempt beside "check user and password"
 * (a sentence, static or the session's), or NULL. */
const char *auth_sasl_hint(const AuthSasl *sasl);

/* ---- what a refusal means ---- */

/* What somebody is to do who was refused with those words by that host, where that is known to want another
 * password, or something else instead of it. Static, translated; NULL: nothing is known ("check user and
 * password"). */
const char *auth_refusal_advice(const char *words, const char *host);
/* Whether the words say that there are too many connections or logins: the password may be right. */
gboolean auth_refusal_is_crowded(const char *words);

#endif
