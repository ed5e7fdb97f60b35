/*
 * session.h - an IMAP conversation (RFC 3501, 9051) in straight-line code: greet, log in, list, select,
 * fetch.
 *
 * A session stands on a NetStream and belongs to the same worker thread. Each function sends one command (or
 * a pipeline of them), waits for its tagged answer and hands on what came untagged meanwhile: data of the
 * folder that is selected (EXISTS, EXPUNGE, FETCH nobody asked for) goes to the session's listener, data of
 * the command to its own handler. Before login nothing but capabilities is believed. The session knows no
 * store and no screen.
 *
 * Errors: REFUSED is a tagged NO (the session goes on; the sentence holds the server's text, made safe, and
 * imap_session_refusal() its response code), AUTH a refused login, PROTOCOL a BAD or nonsense, NETWORK a cut
 * or BYE.
 */
#ifndef TERN_IMAP_SESSION_H
#define TERN_IMAP_SESSION_H

#include "auth/auth.h"
#include "net/stream.h"

#include <glib.h>
#include <stdint.h>

typedef struct ImapSession ImapSession;

/* Capabilities that change what tern sends; bits for imap_session_can(). */
typedef enum {
    IMAP_CAN_LITERAL_PLUS = 1 << 0,
    IMAP_CAN_LITERAL_MINUS = 1 << 1,
    IMAP_CAN_ID = 1 << 2,
    IMAP_CAN_NAMESPACE = 1 << 3,
    IMAP_CAN_LIST_EXTENDED = 1 << 4,
    IMAP_CAN_SPECIAL_USE = 1 << 5,
    IMAP_CAN_LIST_STATUS = 1 << 6,
    IMAP_CAN_CONDSTORE = 1 << 7,
    IMAP_CAN_QRESYNC = 1 << 8,
    IMAP_CAN_ESEARCH = 1 << 9,
    IMAP_CAN_IDLE = 1 << 10,
    IMAP_CAN_NOTIFY = 1 << 11,
    IMAP_CAN_UIDPLUS = 1 << 12,
    IMAP_CAN_MOVE = 1 << 13,
    IMAP_CAN_UNSELECT = 1 << 14,
    IMAP_CAN_COMPRESS = 1 << 15,
    IMAP_CAN_SASL_IR = 1 << 16,
    IMAP_CAN_STATUS_SIZE = 1 << 17,
    IMAP_CAN_REV2 = 1 << 18,
    IMAP_CAN_OBJECTID = 1 << 19,
    IMAP_CAN_ENABLE = 1 << 20,
    IMAP_CAN_STARTTLS = 1 << 21,
    IMAP_CAN_UTF8_ACCEPT = 1 << 22,
} ImapCapability;

/* What the server says about the selected folder between and during commands. All functions are called on the
 * worker thread, inside whichever session call reads the answer; `data` is the listener's. NULL members are
 * left out. */
typedef struct {
    void (*exists)(uint32_t count, void *data);
    void (*expunge)(uint32_t seq, void *data);
    void (*vanished)(const char *uid_set, gboolean earlier, void *data);
    void (*flags)(uint32_t seq, uint32_t uid /* 0: not said */, const char *const *flags, uint64_t modseq,
                  void *data);
    void (*alert)(const char *text, void *data); /* made safe; only after login */
    void *data;
} ImapListener;

/* Takes the stream over. `listener` is copied. Does no I/O. */
ImapSession *imap_session_new(NetStream *stream, const ImapListener *listener);
/* Without LOGOUT; closes the stream. NULL is allowed. */
void imap_session_free(ImapSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapSession, imap_session_free)

/* Greeting, STARTTLS where the stream was opened for it, capabilities. PREAUTH with STARTTLS wanted is a TLS
 * error. */
gboolean imap_greet(ImapSession *session, GError **error);

/* SASL or LOGIN with the strongest mechanism, then capabilities (asked for only when the OK did not bring
 * them). ID and NAMESPACE, where offered, go in the flight of the next command. */
gboolean imap_login(ImapSession *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error);
const char *imap_session_mechanism(
    const ImapSession *session); /* after login: "SCRAM-SHA-256", "LOGIN command" … */

gboolean imap_session_can(const ImapSession *session, ImapCapability capability);
/* All of them as announced, NULL-terminated, the session's. */
const char *const *imap_session_capabilities(const ImapSession *session);
/* "Dovecot 2.3.19", or NULL: the server's ID, made safe. The session's. */
const char *imap_session_server(const ImapSession *session);
NetStream *imap_session_stream(ImapSession *session);

/* The response code of the last REFUSED ("NONEXISTENT", "OVERQUOTA" …), or NULL. */
const char *imap_session_refusal(const ImapSession *session);

gboolean imap_noop(ImapSession *session, GError **error);
/* LOGOUT, and waits for its end for 2 s at most; errors do not matter any more. */
void imap_logout(ImapSession *session);

/* ---- folders ---- */

typedef enum {
    IMAP_ROLE_NONE,
    IMAP_ROLE_INBOX,
    IMAP_ROLE_SENT,
    IMAP_ROLE_DRAFTS,
    IMAP_ROLE_TRASH,
    IMAP_ROLE_JUNK,
    IMAP_ROLE_ARCHIVE,
    IMAP_ROLE_ALL,
    IMAP_ROLE_FLAGGED
} ImapRole;

/* One folder as LIST and LIST-STATUS tell it. */
typedef struct {
    char *raw_name; /* exactly as the server spells it, for commands */
    char *name;     /* decoded to UTF-8, levels parted by '/'; "INBOX" in any case is "INBOX" */
    char delimiter; /* 0: flat */
    ImapRole role;  /* by SPECIAL-USE only */
    gboolean selectable, subscribed, has_children;
    gboolean has_status; /* the next four were told */
    uint32_t messages, unseen, uid_next, uid_validity;
    uint64_t highest_modseq; /* 0: not told */
} ImapFolder;
void imap_folder_free(ImapFolder *folder);

/* All folders of all namespaces, with their status in the same answer where LIST-STATUS is offered:
 * ImapFolder *, with a free function. NULL and an error otherwise. */
GPtrArray *imap_list(ImapSession *session, GError **error);
/* STATUS of each of `folders` (n of them), pipelined: fills their numbers and has_status, which stays as it
 * was for one that the server refuses. For servers without LIST-STATUS, where each one costs the server an
 * open folder. FALSE only when the session is dead. */
gboolean imap_status(ImapSession *session, ImapFolder *const *folders, guint n, GError **error);

/* What SELECT or EXAMINE says. */
typedef struct {
    uint32_t exists, uid_next, uid_validity; /* uid_next 0: not told */
    uint64_t highest_modseq;                 /* 0: none */
    gboolean is_read_only;
} ImapSelected;
gboolean imap_select(ImapSession *session, const char *raw_name, gboolean read_only, ImapSelected *out,
                     GError **error);
/* The raw name of the selected folder, or NULL. */
const char *imap_session_selected(const ImapSession *session);

/* ---- messages ---- */

/* What one FETCH response said. Borrowed for the call of the handler. */
typedef struct {
    uint32_t seq, uid; /* uid 0: not told */
    gboolean has_flags;
    const char *const *flags; /* as spelled, "\\Seen" included; NULL-terminated */
    gboolean has_date;
    int64_t internal_date_s;
    gboolean has_size;
    int64_t size_bytes;
    const char *header; /* BODY[HEADER…], NULL: not told */
    gsize header_bytes;
    gboolean has_attachments_count; /* from BODYSTRUCTURE */
    int attachments;                /* parts a person would call attachments */
    uint64_t modseq;                /* 0: not told */
} ImapFetched;
/* FALSE and an error ends the fetch, which then fails with that error: the rest of its answer is read and
 * dropped, so the session stays usable. */
typedef gboolean (*ImapFetchFunc)(const ImapFetched *message, void *data, GError **error);

typedef enum {
    IMAP_FETCH_FLAGS = 1,
    IMAP_FETCH_ENVELOPE = 2,  /* INTERNALDATE, RFC822.SIZE and the header fields that the store keeps */
    IMAP_FETCH_STRUCTURE = 4, /* BODYSTRUCTURE, for the number of attachments */
} ImapFetchItems;

/* Pipelining: sends a FETCH (by UID, or by sequence number) without waiting; up to the caller how many are
 * under way. */
gboolean imap_fetch_send(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                         GError **error);
/* Waits for the oldest FETCH sent and not yet waited for; its responses go to `handle`. Any other command first
 * reads and drops the answers to those that nobody waited for. */
gboolean imap_fetch_wait(ImapSession *session, ImapFetchFunc handle, void *data, GError **error);
/* Both in one. */
gboolean imap_fetch(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                    ImapFetchFunc handle, void *data, GError **error);

/* Streams a message's bytes (BODY.PEEK[], CRLF made LF) to `fd` as they arrive. *found_out tells whether the
 * server had it; *bytes_out what was written. */
gboolean imap_fetch_body(ImapSession *session, uint32_t uid, int fd, gboolean *found_out, int64_t *bytes_out,
                         GError **error);

/* UIDs that a UID SEARCH finds, ascending (guint32 in a GArray). `criteria` is IMAP syntax of tern's own
 * making. */
GArray *imap_search(ImapSession *session, const char *criteria, GError **error);

#endif
