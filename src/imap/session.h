/*
 * session.h - an IMAP conversation (RFC 3501, 9051) in straight-line code: greet, log in, and what belongs to
 * no command in particular. The commands stand in headers by topic:
 *
 *     folder.h   LIST, STATUS, CREATE, RENAME …         select.h   SELECT, resync, sequence numbers
 *     access.h   rights and quota                       search.h   UID SEARCH
 *     change.h   STORE, COPY, MOVE, UID EXPUNGE         fetch.h    UID FETCH, a message to a file
 *     append.h   APPEND                                 watch.h    IDLE, NOTIFY
 *
 * A session stands on a NetStream and belongs to the same worker thread. Each function sends one command (or
 * a pipeline of them), waits for its tagged answer and hands on what came untagged meanwhile: data of the
 * folder that is selected (EXISTS, EXPUNGE, FETCH nobody asked for) goes to the session's listener, data of
 * the command to its own handler. Before login nothing but capabilities is believed. The session knows no
 * store and no screen.
 *
 * Errors: REFUSED is a tagged NO (the session goes on; the sentence holds the server's text, made safe,
 * imap_session_refusal() its response code, imap_session_refusal_may_pass() whether to try again later), AUTH
 * a refused login, PROTOCOL a BAD or nonsense, NETWORK a cut or BYE. A BAD ends nothing either:
 * imap_session_is_alive() tells.
 */
#ifndef TERN_IMAP_SESSION_H
#define TERN_IMAP_SESSION_H

#include "auth/auth.h"
#include "imap/uidset.h"
#include "net/stream.h"

#include <glib.h>
#include <stdint.h>

typedef struct ImapSession ImapSession;
struct ImapFolder; /* folder.h */

/* Capabilities that change what tern sends, for imap_session_can(). */
typedef enum {
    IMAP_CAN_ANYWAY, /* what every server can */
    IMAP_CAN_LITERAL_PLUS,
    IMAP_CAN_LITERAL_MINUS,
    IMAP_CAN_ID,
    IMAP_CAN_NAMESPACE,
    IMAP_CAN_LIST_EXTENDED,
    IMAP_CAN_SPECIAL_USE,
    IMAP_CAN_LIST_STATUS,
    IMAP_CAN_CONDSTORE,
    IMAP_CAN_QRESYNC,
    IMAP_CAN_ESEARCH,
    IMAP_CAN_IDLE,
    IMAP_CAN_NOTIFY,
    IMAP_CAN_UIDPLUS,
    IMAP_CAN_MOVE,
    IMAP_CAN_UNSELECT,
    IMAP_CAN_COMPRESS,
    IMAP_CAN_SASL_IR,
    IMAP_CAN_STATUS_SIZE,
    IMAP_CAN_REV2,
    IMAP_CAN_OBJECTID,
    IMAP_CAN_ENABLE,
    IMAP_CAN_STARTTLS,
    IMAP_CAN_UTF8_ACCEPT,
    IMAP_CAN_MULTIAPPEND,
    IMAP_CAN_APPENDLIMIT,
    IMAP_CAN_CREATE_SPECIAL_USE,
    IMAP_CAN_ACL,
    IMAP_CAN_QUOTA,
    IMAP_CAN_BINARY,
    IMAP_CAN_PARTIAL,
    IMAP_CAN_GMAIL, /* X-GM-EXT-1: labels, X-GM-MSGID, X-GM-THRID */
} ImapCapability;

/* What the server says between and during commands. All functions are called on the worker thread, inside
 * whichever session call reads the answer; `data` is the listener's. NULL members are left out. */
typedef struct {
    /* ---- of the selected folder ---- */
    void (*exists)(uint32_t count, void *data);
    /* Messages are gone: by VANISHED (`is_earlier`: before this SELECT), or one by EXPUNGE, which has its UID
     * here where imap_map() was called. NULL: one is gone and it is not known which. */
    void (*gone)(ImapUidSet *uids, gboolean is_earlier, void *data);
    /* uid 0: not said, and not known by imap_map(). */
    void (*flags)(uint32_t seq, uint32_t uid, const char *const *flags, uint64_t modseq, void *data);
    /* It is selected no more, for whatever reason; borrowed. */
    void (*left)(const char *raw_name, void *data);
    /* ---- of others, by NOTIFY; borrowed ---- */
    void (*status)(const struct ImapFolder *folder, void *data); /* raw_name, and what `told` says */
    /* A folder was made, renamed (then old_raw_name is not NULL), subscribed, or is no more (is_gone). */
    void (*listed)(const struct ImapFolder *folder, const char *old_raw_name, gboolean is_gone, void *data);
    void (*overflow)(void *data); /* the server gave NOTIFY up: look for everything, and ask for it again */
    /* ---- for people; made safe, and only after login ---- */
    void (*alert)(const char *text, void *data);
    void (*warning)(const char *text, void *data); /* what was passed over; see imap_session_skipped() */
    void *data;
} ImapListener;

/* Takes the stream over. `listener` is copied. Does no I/O. */
ImapSession *imap_session_new(NetStream *stream, const ImapListener *listener);
/* Without LOGOUT; closes the stream. NULL is allowed. */
void imap_session_free(ImapSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapSession, imap_session_free)

/* Greeting, STARTTLS where the stream was opened for it, capabilities. PREAUTH with STARTTLS wanted is a TLS
 * error, without a tunnel or a certificate of one's own an AUTH error. */
gboolean imap_greet(ImapSession *session, GError **error);
/* After the greeting: whether imap_login() needs one. Not after PREAUTH, nor where one's certificate is
 * enough. */
gboolean imap_session_needs_password(const ImapSession *session);

/* Before imap_login(): the least that the server has to offer (AuthRequest). */
void imap_session_expect(ImapSession *session, AuthStrength least);
/* After it: what it did offer; AUTH_UNKNOWN after PREAUTH. */
AuthStrength imap_session_strength(const ImapSession *session);

/* SASL or LOGIN with the strongest mechanism, then capabilities (asked for only when the OK did not bring
 * them). ID, NAMESPACE and ENABLE, where offered, go in the flight of the next command. `password` may be
 * NULL when none is needed. */
gboolean imap_login(ImapSession *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error);
/* After login: "SCRAM-SHA-256", "LOGIN command" … */
const char *imap_session_mechanism(const ImapSession *session);

/* After login: COMPRESS=DEFLATE (RFC 4978), where offered, in the flight of the next command; it costs no
 * round trip. A server that refuses changes nothing. */
void imap_compress(ImapSession *session);

gboolean imap_session_can(const ImapSession *session, ImapCapability capability);
/* Whether the server said ENABLED to QRESYNC, CONDSTORE, UTF8_ACCEPT or REV2 (RFC 5161). Not known before the
 * first command after the login was answered. */
gboolean imap_session_is_enabled(const ImapSession *session, ImapCapability capability);
/* All of them as announced, NULL-terminated, the session's. */
const char *const *imap_session_capabilities(const ImapSession *session);
/* What the server greeted with, as it came: "Gimap ready for requests …"; "" before that. The session's. */
const char *imap_session_greeting(const ImapSession *session);
/* "Dovecot 2.3.19", or NULL: the server's ID, made safe. The session's. */
const char *imap_session_server(const ImapSession *session);
NetStream *imap_session_stream(ImapSession *session);
/* FALSE once it was cut, cancelled or lost its framing: only imap_session_free() is left. */
gboolean imap_session_is_alive(const ImapSession *session);

/* The response code of the last REFUSED ("NONEXISTENT", "OVERQUOTA" …; RFC 5530), or NULL. */
const char *imap_session_refusal(const ImapSession *session);
/* Whether it says that the same may work later (UNAVAILABLE, INUSE, SERVERBUG, LIMIT): no reason to give a
 * change up. */
gboolean imap_session_refusal_may_pass(const ImapSession *session);
/* FETCH responses so far that made no sense and were passed over. Whoever keeps a HIGHESTMODSEQ does not let
 * it advance over an answer in which this number grew. The listener's `warning` is told once for each
 * command. */
guint imap_session_skipped(const ImapSession *session);

gboolean imap_noop(ImapSession *session, GError **error);
/* LOGOUT, with DONE before it where IDLE runs, and waits for its end until `deadline_us` at most; errors do
 * not matter any more, and the session is dead after it. */
void imap_logout(ImapSession *session, int64_t deadline_us);

#endif
