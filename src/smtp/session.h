/*
 * session.h - an SMTP conversation with a submission server (RFC 5321, 6409) in straight-line code: greet,
 * log in, then send one message after the other (send.h) and leave.
 *
 *     smtp_greet()  220, EHLO, and STARTTLS where the stream was opened for it
 *     smtp_login()  AUTH, by src/auth
 *     smtp_send()   any number of times
 *     smtp_quit()
 *
 * A session stands on a NetStream and belongs to the same thread. It names itself by the address literal
 * [127.0.0.1], so that neither the machine's name nor its address gets into a header. It knows no store, no
 * folder and no screen.
 *
 * Errors: REFUSED is a 5xx, NETWORK a 4xx ("later"), a cut or a silence; AUTH a refused login; PROTOCOL
 * nonsense. Their sentences say what it means and then the server's words, made safe. After a 4xx or 5xx
 * the session goes on, unless the server said that it leaves (421): smtp_session_is_alive() tells.
 */
#ifndef TERN_SMTP_SESSION_H
#define TERN_SMTP_SESSION_H

#include "auth/auth.h"
#include "net/stream.h"

#include <glib.h>
#include <stdint.h>

typedef struct SmtpSession SmtpSession;

/* What the server announced (its EHLO keywords). */
typedef enum {
    SMTP_CAN_PIPELINING,
    SMTP_CAN_CHUNKING,
    SMTP_CAN_8BITMIME,
    SMTP_CAN_SMTPUTF8,
    SMTP_CAN_SIZE,
    SMTP_CAN_DSN,
    SMTP_CAN_REQUIRETLS,
    SMTP_CAN_STARTTLS,
    SMTP_CAN_AUTH,
} SmtpCapability;

/* Takes the stream over. Does no I/O. */
SmtpSession *smtp_session_new(NetStream *stream);
/* Without QUIT; closes the stream. NULL is allowed. */
void smtp_session_free(SmtpSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpSession, smtp_session_free)

/* How long the server may think about a command, and about a whole message (RFC 5321, 4.5.3.2); 2 and 10
 * minutes by default. */
void smtp_session_set_patience(SmtpSession *session, int64_t command_us, int64_t message_us);

/* Greeting, EHLO (HELO where that is not known), STARTTLS and EHLO again. TLS where STARTTLS was wanted and
 * is not offered, refused, or something was slipped in before it. */
gboolean smtp_greet(SmtpSession *session, GError **error);
/* After the greeting: whether smtp_login() is to be called (the server offers AUTH), and whether with a
 * password. */
gboolean smtp_session_offers_login(const SmtpSession *session);
gboolean smtp_session_needs_password(const SmtpSession *session);

/* Before smtp_login(): the least that the server has to offer (AuthRequest). */
void smtp_session_expect(SmtpSession *session, AuthStrength least);
/* After it: what it did offer. */
AuthStrength smtp_session_strength(const SmtpSession *session);
/* SASL (RFC 4954) with the strongest mechanism. `password` may be NULL when none is needed. NETWORK where
 * the refusal may pass. */
gboolean smtp_login(SmtpSession *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error);
/* After login: "SCRAM-SHA-256" … or NULL. */
const char *smtp_session_mechanism(const SmtpSession *session);

gboolean smtp_session_can(const SmtpSession *session, SmtpCapability capability);
/* The most bytes of one message (RFC 1870); 0: not told. */
uint64_t smtp_session_size_limit(const SmtpSession *session);
NetStream *smtp_session_stream(SmtpSession *session);
/* FALSE once it was cut, cancelled, left by the server or lost its place: only smtp_session_free() is
 * left. */
gboolean smtp_session_is_alive(const SmtpSession *session);

/* NOOP: whether the server is still there. */
gboolean smtp_noop(SmtpSession *session, GError **error);
/* QUIT, and waits for its answer until `deadline_us` at most; errors do not matter any more. Where the next
 * message was begun (send.h) there is no place for it: nothing but smtp_session_free() takes that back. */
void smtp_quit(SmtpSession *session, int64_t deadline_us);

#endif
