/*
 * change.h - changing messages of the selected folder: flags, copies, moves, expunges (RFC 3501, 6.4; 6851;
 * 4315).
 *
 * Each change is sent without waiting and waited for later, in the order sent, so that many cost one round
 * trip:
 *
 *     imap_store_send(session, seen, IMAP_STORE_ADD, (const char *[]){"\\Seen", NULL}, 0, error)
 *     imap_move_send(session, old, "Archive", error)
 *     imap_change_wait(session, &changed, error)     the first
 *     imap_change_wait(session, &changed, error)     the second
 *
 * A set that is too long for one line goes as several commands, which count as one change here. Any other
 * command first reads and drops the answers to changes that nobody waited for. Worker thread; errors as in
 * session.h.
 */
#ifndef TERN_IMAP_CHANGE_H
#define TERN_IMAP_CHANGE_H

#include "imap/copied.h"
#include "imap/session.h"

typedef enum { IMAP_STORE_ADD, IMAP_STORE_REMOVE } ImapStore;

/* UID STORE ±FLAGS.SILENT. Flags that the folder does not keep (imap_session_keeps_flag()) are left out;
 * REFUSED when none is left. Where `unchanged_since` is not 0 and the folder keeps a HIGHESTMODSEQ, messages
 * changed by others since are left alone and told as `modified`. The answers are no news to the listener, but
 * for their MODSEQ. */
gboolean imap_store_send(ImapSession *session, ImapUidSet *uids, ImapStore how, const char *const *flags,
                         uint64_t unchanged_since, GError **error);
/* UID STORE ±X-GM-LABELS; labels in UTF-8. REFUSED where the server has none (IMAP_CAN_GMAIL). */
gboolean imap_labels_send(ImapSession *session, ImapUidSet *uids, ImapStore how, const char *const *labels,
                          GError **error);
gboolean imap_copy_send(ImapSession *session, ImapUidSet *uids, const char *raw_name, GError **error);
/* Only where IMAP_CAN_MOVE is offered; elsewhere it is a copy, then \Deleted, then imap_expunge_send(). */
gboolean imap_move_send(ImapSession *session, ImapUidSet *uids, const char *raw_name, GError **error);
/* UID EXPUNGE, of these alone. Only where IMAP_CAN_UIDPLUS is offered: REFUSED elsewhere, and nothing is
 * sent. */
gboolean imap_expunge_send(ImapSession *session, ImapUidSet *uids, GError **error);

/* UID SEARCH of these UIDs alone: which of them there are, in the flight of the changes sent before it. A
 * STORE of a UID that is gone is answered with OK and says nothing (RFC 3501, 6.4.8). */
gboolean imap_look_send(ImapSession *session, ImapUidSet *uids, GError **error);

/* EXPUNGE: of all in the folder that is marked \Deleted, whoever marked it. For a server without UIDPLUS,
 * once SEARCH DELETED has found nothing but what is to go. Its answers are news to the listener. */
gboolean imap_expunge_all(ImapSession *session, GError **error);

/* What came of a change. */
typedef struct {
    ImapUidSet *modified; /* STORE: left alone, since others changed them */
    ImapUidSet
        *refused; /* of commands that were refused; of others in the same change it may have been done */
    ImapCopied *copied; /* COPY, MOVE: where they are now, as far as the server tells (UIDPLUS) */
    ImapUidSet *absent; /* of imap_look_send(): those that were not found */
} ImapChanged;
void imap_changed_clear(ImapChanged *changed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImapChanged, imap_changed_clear)

/* Waits for the oldest change sent and not yet waited for. FALSE and REFUSED when the server refused it, or a
 * part of it. *out is filled in either case, to be cleared. */
gboolean imap_change_wait(ImapSession *session, ImapChanged *out, GError **error);

/* ---- one change at a time ---- */

gboolean imap_store(ImapSession *session, ImapUidSet *uids, ImapStore how, const char *const *flags,
                    uint64_t unchanged_since, ImapChanged *out, GError **error);
gboolean imap_copy(ImapSession *session, ImapUidSet *uids, const char *raw_name, ImapChanged *out,
                   GError **error);
gboolean imap_move(ImapSession *session, ImapUidSet *uids, const char *raw_name, ImapChanged *out,
                   GError **error);
gboolean imap_expunge(ImapSession *session, ImapUidSet *uids, ImapChanged *out, GError **error);

#endif
