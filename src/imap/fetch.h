/*
 * fetch.h - messages of the selected folder: rows for the list, many commands under way at once (FETCH, RFC
 * 3501, 6.4.5 and 7.4.2). Whole messages: body.h.
 *
 * A response that makes no sense is passed over, and counted by imap_session_skipped(). Worker thread; errors
 * as in session.h.
 */
#ifndef TERN_IMAP_FETCH_H
#define TERN_IMAP_FETCH_H

#include "imap/session.h"

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
    gboolean has_attachments_count;   /* from BODYSTRUCTURE */
    int attachments;                  /* parts a person would call attachments */
    uint64_t modseq;                  /* 0: not told */
    const char *email_id, *thread_id; /* OBJECTID's, or Gmail's; NULL: not told */
    gboolean has_labels;
    const char *const
        *labels; /* Gmail's as spelled: "\\Inbox" …, others in modified UTF-7; NULL-terminated */
} ImapFetched;
/* FALSE and an error ends the fetch, which then fails with that error: the rest of its answer is read and
 * dropped, so the session stays usable. */
typedef gboolean (*ImapFetchFunc)(const ImapFetched *message, void *data, GError **error);

typedef enum {
    IMAP_FETCH_FLAGS = 1,
    IMAP_FETCH_ENVELOPE = 2,  /* INTERNALDATE, RFC822.SIZE and the header fields that the store keeps */
    IMAP_FETCH_STRUCTURE = 4, /* BODYSTRUCTURE, for the number of attachments */
    IMAP_FETCH_IDS = 8,       /* EMAILID, or Gmail's, where the server has them; else nothing */
    IMAP_FETCH_LABELS = 16,   /* Gmail's labels; elsewhere nothing */
    IMAP_FETCH_THREADS = 32,  /* THREADID, or Gmail's; the store goes by References */
} ImapFetchItems;

/* Pipelining: sends a FETCH (by UID, or by sequence number) without waiting; up to the caller how many are
 * under way. */
gboolean imap_fetch_send(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                         GError **error);
/* Waits for the oldest FETCH sent and not yet waited for; its responses go to `handle`. Any other command
 * first reads and drops the answers to those that nobody waited for. */
gboolean imap_fetch_wait(ImapSession *session, ImapFetchFunc handle, void *data, GError **error);
/* Both in one. */
gboolean imap_fetch(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                    ImapFetchFunc handle, void *data, GError **error);

/* Flags of those of `set` (UIDs) that changed since `modseq` (CONDSTORE; REFUSED where the folder keeps
 * none); where QRESYNC is enabled, the listener hears which of the set are gone since then. */
gboolean imap_fetch_changes(ImapSession *session, const char *set, uint64_t modseq, ImapFetchFunc handle,
                            void *data, GError **error);

#endif
