/*
 * quirks.h - servers that do not do what they announce, or more than that, and the ways around; private to
 * the engine.
 *
 * Only what needs another way at some servers stands in the table of quirks.c: a row says how the server is
 * recognised, what it does, where that was seen, and which Quirk it is. What is no harm anywhere is done at
 * all servers, where it belongs: a STATUS of the selected folder is not believed (sync_imap.c), a
 * HIGHESTMODSEQ without CONDSTORE neither (imap/select.c), that nothing is found only after a second look
 * (find.h). Of two that Debian has:
 *
 *      Cyrus 3.6.1     MAILBOXID in STATUS holds bytes of something else: asked of SELECT      imap/status.c
 *                      CREATE with USE is refused by any NO, not by USEATTR: again without     imap/folder.c
 *                      -PLUS by tls-unique only, under TLS 1.3 too: kinds are tried in turn    auth/choice.c
 *                      "too many open connections" in the text of a refusal                    auth/refusal.c
 *      Courier 5.0.13  no CONDSTORE: all flags are compared                                    sync_compare.c
 *                      no LIST-EXTENDED: LIST and LSUB                                         imap/list.c
 *                      one's own folders are below "INBOX.": new ones get that prefix          play_folder.c
 *                      "too many connections" in the text of a refusal                         auth/refusal.c
 *
 * On a connection's thread.
 */
#ifndef TERN_ENGINE_QUIRKS_H
#define TERN_ENGINE_QUIRKS_H

#include "imap/session.h"

typedef enum {
    QUIRK_NO_QRESYNC = 1 << 0,   /* later visits go by CONDSTORE and the number of messages */
    QUIRK_BLIND_SEARCH = 1 << 1, /* SEARCH does not find by header fields: find.h */
    QUIRK_ROUGH_SIZES = 1 << 2,  /* no message is known by its size: it is not that of what was appended */
} Quirk;

/* A set of Quirk, after login. */
guint quirks_of(const ImapSession *session);

/* After login: whether the server puts what goes out by that host into the folder for sent mail by itself. */
gboolean quirks_files_sent(const ImapSession *session, const char *incoming_host, const char *outgoing_host);

#endif
