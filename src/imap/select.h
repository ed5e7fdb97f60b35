/*
 * select.h - opening a folder (SELECT, EXAMINE) and learning what has changed in it since (CONDSTORE and
 * QRESYNC, RFC 7162).
 *
 * One folder is selected at a time; opening another closes it. It is never closed by CLOSE, which expunges.
 * Worker thread; errors as in session.h.
 */
#ifndef TERN_IMAP_SELECT_H
#define TERN_IMAP_SELECT_H

#include "imap/fetch.h"

/* What SELECT or EXAMINE says. */
typedef struct {
    uint32_t exists, uid_next, uid_validity; /* uid_next 0: not told */
    uint64_t highest_modseq;                 /* 0: none (NOMODSEQ) */
    gboolean is_read_only;
    gboolean is_resynced; /* QRESYNC was asked for and taken: what changed went to the listener */
    gboolean has_page;    /* imap_examine_page() */
    char mailbox_id[256]; /* the same through renames (OBJECTID); "": not told */
} ImapSelected;
gboolean imap_select(ImapSession *session, const char *raw_name, gboolean read_only, ImapSelected *out,
                     GError **error);

/* A folder's newest messages, to be fetched in the flight that opens it. */
typedef struct {
    guint most;    /* of them */
    uint32_t told; /* as many messages are there, by LIST or STATUS; 0: not known */
    ImapFetchItems items;
} ImapPage;
/* imap_select() for reading, and a FETCH of the page behind it where that can be said beforehand: with PARTIAL
 * (RFC 9394, 3.3), or where it is known how many messages there are. out->has_page: it is under way, and
 * imap_fetch_wait() brings it, if it is called before any other command, which would drop it. That fails when
 * the server refuses the FETCH, and the session goes on. FALSE in out->has_page also where there turn out to
 * be none, or another number than was told. */
gboolean imap_examine_page(ImapSession *session, const char *raw_name, const ImapPage *page,
                           ImapSelected *out, GError **error);

/* Sends EXAMINE in the flight of the next command, and costs no round trip: imap_select() for reading of the
 * same folder, if it comes before another is opened, finds the answer here; imap_examine_page() also the page
 * (NULL: none), for which is asked behind that next command, if no other comes between. Nothing where a folder
 * is selected already; a folder that is not there is told of by imap_select(). */
gboolean imap_examine_ahead(ImapSession *session, const char *raw_name, const ImapPage *page, GError **error);

/* What is known of a folder from the last time. */
typedef struct {
    uint32_t uid_validity;
    uint64_t modseq;
    ImapUidSet *known; /* the UIDs known, so that the server need not tell of others; NULL: it is not said */
    const char *match_seqs; /* a few sequence numbers and … */
    const char *match_uids; /* … the UIDs they had, both ascending, as many; NULL: none */
} ImapResync;
/* imap_select() and, where QRESYNC is enabled, in the same round trip what has changed since `resync`:
 * expunged UIDs by the listener's gone (is_earlier), changed flags by its flags. out->is_resynced tells; it
 * is FALSE with another UIDVALIDITY and without QRESYNC (also one whose server refuses what it announced),
 * where the folder is just selected. */
gboolean imap_select_resync(ImapSession *session, const char *raw_name, gboolean read_only,
                            const ImapResync *resync, ImapSelected *out, GError **error);

/* Closes it without expunging anything (RFC 3691); where UNSELECT is missing nothing is sent, it stays open
 * at the server and what it tells is not listened to. */
gboolean imap_unselect(ImapSession *session, GError **error);

/* The raw name of the selected folder, or NULL. */
const char *imap_session_selected(const ImapSession *session);
/* Whether it was opened by EXAMINE (also one that went ahead), or the server lets nothing be changed in it.
 * Dovecot 2.3.19 answers a STORE there with OK and does nothing. FALSE where none is selected. */
gboolean imap_session_is_read_only(const ImapSession *session);
/* Its UIDVALIDITY as it was told when it was opened; 0: none is selected, or it was not told. */
uint32_t imap_session_uid_validity(const ImapSession *session);
/* Whether it keeps this flag or keyword for good (PERMANENTFLAGS; all where the server told none). */
gboolean imap_session_keeps_flag(const ImapSession *session, const char *flag);

/* From now on sequence numbers of the selected folder are known as UIDs, until another is selected, so that
 * the listener hears which message an EXPUNGE means: asks for all UIDs (some bytes for each gap between
 * them). Not needed where QRESYNC is enabled, since the server then speaks of UIDs. Memory: 8 bytes for each
 * run of UIDs. */
gboolean imap_map(ImapSession *session, GError **error);

#endif
