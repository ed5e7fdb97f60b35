/*
 * watch.h - hearing of changes at once: IDLE (RFC 2177) on the selected folder, NOTIFY (RFC 5465) on all.
 *
 *     imap_idle_start(session, error)                         or once imap_notify(), which needs no IDLE
 *     while (imap_listen(session, wake, deadline, error) …)   the listener hears what comes
 *     imap_idle_stop(session, error)                          before the next command; costs no round trip
 *
 * Worker thread; errors as in session.h.
 */
#ifndef TERN_IMAP_WATCH_H
#define TERN_IMAP_WATCH_H

#include "imap/session.h"

/* Sends IDLE; only where IMAP_CAN_IDLE is offered. Does not wait for the server's agreement; a refusal comes
 * from imap_listen(). Until imap_idle_stop() no other command may be called, but imap_logout(). */
gboolean imap_idle_start(ImapSession *session, GError **error);

/* Waits, with or without IDLE, for something from the server, for `wake` (may be NULL; still set, the caller
 * clears it), or for the deadline, by which whoever idles renews it. All that has come is handed to the
 * listener before this returns: a set of NetReady, NET_ERROR and an error when the session is dead or IDLE
 * was refused. */
int imap_listen(ImapSession *session, Wake *wake, int64_t deadline_us, GError **error);

/* Sends DONE; what the server answers is read with the next command. Nothing where IDLE does not run. */
gboolean imap_idle_stop(ImapSession *session, GError **error);

/* What NOTIFY is to tell; a set. */
typedef enum {
    IMAP_NOTIFY_SELECTED = 1, /* new, expunged and changed messages of the selected folder */
    IMAP_NOTIFY_OTHERS = 2,   /* the same of all personal folders, as STATUS */
    IMAP_NOTIFY_FOLDERS = 4,  /* folders made, renamed, deleted, subscribed, as LIST */
    IMAP_NOTIFY_STATUS = 8,   /* once now: STATUS of each folder */
} ImapNotify;
/* Asks for it, in place of what was asked for before; nothing (0) for silence. Only where IMAP_CAN_NOTIFY is
 * offered. */
gboolean imap_notify(ImapSession *session, guint what, GError **error);

#endif
