/*
 * session.h - a POP3 conversation (RFC 1939) in straight-line code: greet, log in, look what there is, end.
 * Messages stand in retrieve.h, what to do with them in download.h.
 *
 * A session stands on a NetStream and belongs to the same worker thread. POP3 has no tags: answers come in
 * the order of the commands, and nothing comes that was not asked for; whatever does, ends the session. A
 * message is deleted on the server only when QUIT is answered (RFC 1939, section 6), so nothing is lost by a
 * session that ends earlier.
 *
 *     pop3_session_new ── pop3_greet ── pop3_login ── pop3_survey ── … ── pop3_quit ── pop3_session_free
 *
 * Errors: REFUSED is an -ERR (the session goes on; the sentence holds the server's text, made safe), AUTH a
 * refused login, PROTOCOL nonsense, NETWORK a cut, or a refusal that passes: a mailbox in use, a login too
 * early, a server in trouble (RFC 2449, 3206). pop3_session_refusal() and pop3_session_wait_s() say which,
 * and when to try again.
 */
#ifndef TERN_POP3_SESSION_H
#define TERN_POP3_SESSION_H

#include "auth/auth.h"
#include "net/stream.h"
#include "pop3/syntax.h"

#include <glib.h>
#include <stdint.h>

typedef struct Pop3Session Pop3Session;

/* Takes the stream over. Does no I/O. */
Pop3Session *pop3_session_new(NetStream *stream);
/* Without QUIT: what was to be deleted stays. Closes the stream. NULL is allowed. */
void pop3_session_free(Pop3Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pop3Session, pop3_session_free)

/* Greeting, STLS where the stream was opened for it (RFC 2595), CAPA. */
gboolean pop3_greet(Pop3Session *session, GError **error);
/* After it: whether pop3_login() needs one. Not where one's certificate is enough. */
gboolean pop3_session_needs_password(const Pop3Session *session);
/* Before pop3_login(): the least that the server has to offer (AuthRequest). */
void pop3_session_expect(Pop3Session *session, AuthStrength least);
/* After it: what it did offer. */
AuthStrength pop3_session_strength(const Pop3Session *session);

/* UTF8 where offered, then SASL (RFC 5034) or USER and PASS with the strongest mechanism; APOP only under TLS
 * and when the server has nothing else. `password` may be NULL when none is needed. CAPA is asked again in
 * the flight of the next command. */
gboolean pop3_login(Pop3Session *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error);
/* After login: "SCRAM-SHA-256", "USER command", "APOP" … */
const char *pop3_session_mechanism(const Pop3Session *session);

gboolean pop3_session_can(const Pop3Session *session, Pop3Capability capability);
/* Whether headers cost little more than their bytes: the server has said that it has TOP and PIPELINING. */
gboolean pop3_session_can_look_ahead(const Pop3Session *session);
/* How many days mail stays on the server (EXPIRE); or POP3_EXPIRE_NEVER, POP3_EXPIRE_UNKNOWN. */
int pop3_session_expire_days(const Pop3Session *session);
/* Seconds that have to lie between two logins; 0: not told. */
int pop3_session_login_delay_s(const Pop3Session *session);
/* What the server says it is (IMPLEMENTATION), made safe, or NULL. The session's. */
const char *pop3_session_server(const Pop3Session *session);
NetStream *pop3_session_stream(Pop3Session *session);
/* FALSE once it was cut, cancelled, ended or lost its framing: only pop3_session_free() is left. */
gboolean pop3_session_is_alive(const Pop3Session *session);

/* The response code of the last -ERR ("IN-USE", "SYS/TEMP" …; RFC 2449, section 8), or NULL. */
const char *pop3_session_refusal(const Pop3Session *session);
/* How long to wait before the next attempt because of it; 0: as after any failure. */
int pop3_session_wait_s(const Pop3Session *session);

/* ---- what there is ---- */

typedef struct {
    guint number;     /* in this session; from 1 on, with gaps where a listing had them */
    uint64_t octets;  /* as LIST says, which may lie */
    const char *uidl; /* NULL: none, or none that can be used. The list's. */
} Pop3Message;

typedef struct {
    Pop3Message *messages; /* by number, ascending */
    guint n;
    gboolean has_uidls; /* the server knows UIDL */
    GStringChunk *texts;
} Pop3List;
void pop3_list_free(Pop3List *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pop3List, pop3_list_free)

/* LIST and UIDL, with CAPA, in one round trip where the server takes that. A server without UIDL is no error.
 * To be freed. LIMIT past LIMIT_POP3_MESSAGES. */
Pop3List *pop3_survey(Pop3Session *session, GError **error);
/* STAT: how many, and their octets together. */
gboolean pop3_stat(Pop3Session *session, guint *messages_out, uint64_t *octets_out, GError **error);

gboolean pop3_noop(Pop3Session *session, GError **error);
/* RSET: what was to be deleted in this session is not. */
gboolean pop3_reset(Pop3Session *session, GError **error);
/* QUIT; only its TRUE says that the messages are deleted. REFUSED: some of them are not (RFC 1939, 6). The
 * session is dead after it. */
gboolean pop3_quit(Pop3Session *session, GError **error);

#endif
