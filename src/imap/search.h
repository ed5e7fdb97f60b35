/*
 * search.h - finding messages of the selected folder (UID SEARCH, RFC 3501, 6.4.4; ESEARCH, RFC 4731).
 *
 * `criteria` is IMAP syntax of tern's own making, without literals. Worker thread; errors as in session.h.
 */
#ifndef TERN_IMAP_SEARCH_H
#define TERN_IMAP_SEARCH_H

#include "imap/session.h"

/* UIDs found, as ranges. To be freed. More than the folder can have is PROTOCOL. *is_told_out (or NULL): the
 * server said something at all, which it has to also where nothing is found (RFC 3501, 7.2.5; 4731, 3.1): an
 * answer that is missing is not an empty one. */
ImapUidSet *imap_search(ImapSession *session, const char *criteria, gboolean *is_told_out, GError **error);

/* Messages from `from_uid` on with this Message-ID (with its angle brackets): for finding one again whose
 * APPEND, COPY or MOVE got no answer. To be freed. */
ImapUidSet *imap_search_message_id(ImapSession *session, uint32_t from_uid, const char *message_id,
                                   gboolean *is_told_out, GError **error);

#endif
