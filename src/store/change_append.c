/* change_append.c - see change.h: messages from elsewhere that a server is to get. */
#include "store/change.h"
#include "store/txn.h"

#include <string.h>

gboolean store_txn_alike(StoreTxn *txn, int64_t folder_id, const StoreNewMessage *message, int64_t *count_out,
                         GError **error)
{
    const char *id = message->message_id ? message->message_id : "";
    int64_t account, thread, count[1];

    *count_out = 0;
    if (!*id) {
        const int64_t first = key_make(folder_id, store_message_seconds(message), 0);
        if (STORE_GET(txn->db, SQL_ALIKE_IN_SECOND, error, count, first, first + KEY_TIES - 1,
                      message->size_bytes) != 1)
            return FALSE;
        *count_out = count[0];
        return TRUE;
    }
    if (!store_folder_account(txn, folder_id, &account, error))
        return FALSE;
    const int64_t mid = store_db_hash(txn->db, account, id, strlen(id));
    if (!store_thread_find(txn, mid, &thread, error))
        return FALSE;
    if (STORE_GET(txn->db, SQL_ALIKE_IN_THREAD, error, count, thread, mid, message->size_bytes,
                  STORE_ROLE_TRASH, STORE_ROLE_JUNK, folder_id) != 1)
        return FALSE;
    *count_out = count[0];
    return TRUE;
}

gboolean store_change_append(StoreTxn *txn, int64_t folder_id, const StoreNewMessage *message,
                             const char *file, GError **error)
{
    StoreNewMessage without_uid = *message;
    StoreEntryData entry = {.verb = STORE_VERB_APPEND, .folder = folder_id, .name = (char *)file};
    StoreRowData row;

    /* Without a UID it is taken for no other message's, so it gets the next id. */
    without_uid.uid = 0;
    if (!store_folder_account(txn, folder_id, &entry.account, error) ||
        !store_meta_get(txn, "next-id", &entry.message, error) ||
        !store_txn_add(txn, folder_id, &without_uid, 1, NULL, error) ||
        store_row_by_id(txn, entry.message, &row, error) != 1 ||
        !STORE_RUN(txn->db, SQL_ROW_SET_SERVER, error, row.key, folder_id, 0))
        return FALSE;
    entry.copy = entry.message;
    return store_journal_add(txn, &entry, error);
}
