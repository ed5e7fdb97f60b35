/*
 * read.h - single things out of the store, by a reader of the calling thread: accounts, folders, messages.
 *
 * NULL with no error set means that there is no such thing.
 */
#ifndef TERN_STORE_READ_H
#define TERN_STORE_READ_H

#include "store/store.h"

/* Folders of an account (NULL: of all, accounts in the order they were added), in the order to be shown: each
 * after its parent, siblings with Inbox first, then those with other roles, then by name. StoreFolder * with
 * a free function. Costs folders, not messages. */
GPtrArray *store_read_folders(StoreReader *reader, const char *account, GError **error);
StoreFolder *store_read_folder(StoreReader *reader, const char *account, const char *name, GError **error);
StoreFolder *store_read_folder_by_id(StoreReader *reader, int64_t folder_id, GError **error);

StoreMessage *store_read_message(StoreReader *reader, int64_t id, GError **error);

/* The server's half of a folder's rows, ascending by UID: for syncs without QRESYNC. */
typedef struct {
    uint32_t uid, flags; /* flags: the server's */
    int64_t id;
} StoreUid;
GArray *store_read_uids(StoreReader *reader, int64_t folder_id, uint32_t from_uid, uint32_t to_uid,
                        GError **error);

/* Where a message stands in its folder by date: 1 is the newest. 0: not there. Costs buckets. */
int64_t store_read_ordinal(StoreReader *reader, int64_t folder_id, int64_t key, gboolean threaded,
                           GError **error);

/* The newest messages of a folder whose structure (attachments) is not known yet: StoreUid, at most `limit`.
 * */
GArray *store_read_unstructured(StoreReader *reader, int64_t folder_id, int limit, GError **error);

#endif
