/*
 * change_folder_mail.c - see change.h: all that a folder shows, marked read or deleted.
 *
 * These may be tens of thousands of messages, and other changes wait meanwhile. Where one statement can do it
 * for all, it does: 50,000 messages are marked read in a quarter of the time that one after the other takes.
 */
#include "store/change.h"

#include "base/clock.h"
#include "store/ids.h"
#include "store/txn.h"

/* Nothing is unread in the folder afterwards. *n_out: how many were. */
static gboolean count_unread(StoreTxn *txn, int64_t folder, guint *n_out, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_UNREAD_KEYS, error, folder), keys, error))
        return FALSE;
    for (guint i = 0; i < keys->len; i++)
        store_counts_add(txn, g_array_index(keys, int64_t, i), 0, -1, 0);
    *n_out = keys->len;
    return TRUE;
}

gboolean store_change_read_all(StoreTxn *txn, int64_t folder_id, GError **error)
{
    int64_t account;
    guint n = 0;

    if (!count_unread(txn, folder_id, &n, error) || !n)
        return n == 0 && (!error || !*error);
    return store_folder_account(txn, folder_id, &account, error) && store_journal_group(txn, error) &&
           STORE_RUN(txn->db, SQL_UNREAD_JOURNAL, error, folder_id, txn->group, store_txn_maker(txn), account,
                     clock_wall_s()) &&
           STORE_RUN(txn->db, SQL_UNREAD_SHOW, error, folder_id) &&
           STORE_RUN(txn->db, SQL_UNREAD_TOPS, error, folder_id);
}

gboolean store_change_empty(StoreTxn *txn, int64_t folder_id, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_txn_folder_ids(txn, folder_id, INT64_MAX, 0, ids, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++) {
        if (!store_change_expunge(txn, g_array_index(ids, int64_t, i), error))
            return FALSE;
    }
    return TRUE;
}
