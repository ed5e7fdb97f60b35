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

/* ---- read ---- */

gboolean store_change_read_all(StoreTxn *txn, int64_t folder_id, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t account;

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_UNREAD_KEYS, error, folder_id), keys, error))
        return FALSE;
    for (guint i = 0; i < keys->len; i++)
        store_counts_add(txn, g_array_index(keys, int64_t, i), 0, -1, 0);
    return !keys->len ||
           (store_folder_account(txn, folder_id, &account, error) && store_journal_group(txn, error) &&
            STORE_RUN(txn->db, SQL_UNREAD_JOURNAL, error, folder_id, txn->group, store_txn_maker(txn),
                      account, clock_wall_s()) &&
            STORE_RUN(txn->db, SQL_UNREAD_SHOW, error, folder_id) &&
            STORE_RUN(txn->db, SQL_UNREAD_TOPS, error, folder_id));
}

/* ---- deleted ---- */

static gboolean expunge_each(StoreTxn *txn, int64_t folder, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_txn_folder_ids(txn, folder, INT64_MAX, 0, ids, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++) {
        if (!store_change_expunge(txn, g_array_index(ids, int64_t, i), error))
            return FALSE;
    }
    return TRUE;
}

/* The counts that follow when a folder's rows are shown nowhere. 1; 0: it has none; -1. */
static int move_counts(StoreTxn *txn, int64_t first, int64_t last, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_EMPTY_COUNTS, error, first, last);
    int row = -1, has_some = 0;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        const int64_t key = sqlite3_column_int64(statement, 0);
        const int unread = !sqlite3_column_int(statement, 1), threads = sqlite3_column_int(statement, 2);
        store_counts_add(txn, key, -1, -unread, -threads);
        store_counts_add(txn, key - first, 1, unread, threads);
        has_some = 1;
    }
    return row < 0 ? -1 : has_some;
}

gboolean store_change_empty(StoreTxn *txn, int64_t folder_id, GError **error)
{
    const int64_t first = key_folder_first(folder_id), last = key_folder_last(folder_id),
                  now_s = clock_wall_s();
    int64_t account, one[1];
    const int is_taken = STORE_GET(txn->db, SQL_KEYS_ANY, error, one, key_folder_first(STORE_NOWHERE),
                                   key_folder_last(STORE_NOWHERE));

    /* Where others are hidden already, keys and threads may meet. */
    if (is_taken)
        return is_taken > 0 && expunge_each(txn, folder_id, error);
    const int has_some = move_counts(txn, first, last, error);
    if (has_some <= 0)
        return has_some == 0;
    return store_folder_account(txn, folder_id, &account, error) && store_journal_group(txn, error) &&
           STORE_RUN(txn->db, SQL_EMPTY_JOURNAL, error, first, last, txn->group, store_txn_maker(txn),
                     account, now_s + STORE_HELD_S, now_s) &&
           STORE_RUN(txn->db, SQL_EMPTY_HIDE, error, first, last);
}
