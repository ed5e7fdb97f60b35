/*
 * find.h - whether messages are there, where much hangs on the answer: what is not found is dropped from a
 * folder, or sent a second time; private to the engine.
 *
 * By SEARCH first. That it finds nothing is believed only after a look at the messages themselves (FETCH),
 * since servers leave its line out (RFC 3501, 7.2.5 demands one), search an index that is behind, or do not
 * find by header fields (quirks.h). What is looked at is small: a range of UIDs, or what came since a UID. In
 * the selected folder; errors as in imap/session.h. On a connection's thread.
 */
#ifndef TERN_ENGINE_FIND_H
#define TERN_ENGINE_FIND_H

#include "imap/session.h"

/* Which of a set of UIDs there are. To be freed. */
ImapUidSet *find_uids(ImapSession *session, const char *set, GError **error);

/* Messages from `from_uid` on whose Message-ID holds this text ("<" and ">" are part of it). With 1, which is
 * all of the folder, a search that found none is believed where it was answered and the server can search. To
 * be freed. */
ImapUidSet *find_message_id(ImapSession *session, uint32_t from_uid, const char *message_id, GError **error);

/* The same by size. To be freed. */
ImapUidSet *find_size(ImapSession *session, uint32_t from_uid, int64_t size_bytes, GError **error);

#endif
