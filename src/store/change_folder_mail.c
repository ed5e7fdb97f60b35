/*
 * change_folder_mail.c - see change.h: all that a folder shows, marked read or deleted.
 *
 * Where one statement can do it for all, it does: that takes a quarter of the time that one after the other
 * does. But these may be tens of thousands of messages, and others wait meanwhile: so many go in pieces.
 */
#include "store/change.h"

#include "base/clock.h"
#include "store/ids.h"
#include "store/txn.h"

/* As many as one statement does in some 20 ms. */
#define AT_ONCE (5 * STORE_PIECE_ROWS)

/* ---- read ---- */

static gboolean read_each(StoreTxn *txn, int64_t folder, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const StoreEachChange change = {.what = STORE_EACH_FLAGS, .set = STORE_SEEN};

    return store_db_numbers(txn->db, STORE_START(txn->db, SQL_UNREAD_IDS, error, folder), ids, error) &&
           store_change_each(txn, &change, (const int64_t *)(const void *)ids->data, ids->len, error);
}

gboolean store_change_read_all(StoreTxn *txn, int64_t folder_id, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t account;

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_UNREAD_KEYS, error, folder_id), keys, error))
        return FALSE;
    if (keys->len > AT_ONCE)
        return read_each(txn, folder_id, error);
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
    const StoreEachChange change = {.what = STORE_EACH_EXPUNGE};

    return store_txn_folder_ids(txn, folder, INT64_MAX, 0, ids, error) &&
           store_change_each(txn, &change, (const int64_t *)(const void *)ids->data, ids->len, error);
}

/* Whether so many messages are in it that they cannot go at once: 1, 0, -1. */
static int are_many(StoreTxn *txn, int64_t folder, GError **error)
{
    int64_t counts[3];
    const int found = STORE_GET(txn->db, SQL_FOLDER_COUNTS, error, counts, folder);

    return found == 1 ? counts[0] > AT_ONCE : found;
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
    const int is_each = is_taken ? is_taken : are_many(txn, folder_id, error);
    if (is_each)
        return is_each > 0 && expunge_each(txn, folder_id, error);
    const int has_some = move_counts(txn, first, last, error);
    if (has_some <= 0)
        return has_some == 0;
    return store_folder_account(txn, folder_id, &account, error) && store_journal_group(txn, error) &&
           STORE_RUN(txn->db, SQL_EMPTY_JOURNAL, error, first, last, txn->group, store_txn_maker(txn),
                     account, now_s + STORE_HELD_S, now_s) &&
           STORE_RUN(txn->db, SQL_EMPTY_HIDE, error, first, last);
}
