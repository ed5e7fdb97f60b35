/*
 * quirks.h - servers that do not do what they announce, or more than that, and the ways around; private to
 * the engine.
 *
 * Only what needs another way at some servers stands in the table of quirks.c: a row says how the server is
 * recognised, what it does, where that was seen, and which Quirk it is. What is no harm anywhere is done at
 * all servers, where it belongs: a STATUS of the selected folder is not believed (sync_imap.c), a
 * HIGHESTMODSEQ without CONDSTORE neither (imap/select.c), that nothing is found only after a second look
 * (find.h), MAILBOXID is asked for by SELECT only (imap/status.c). On a connection's thread.
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
