/*
 * cast_off.c - folders that are deleted: their rows go in pieces, behind.
 *
 * A deleted folder keeps its row of table folder, with account 0 and its number as its name, until the last
 * of its messages is gone: so it is in nobody's list from the first moment, its number is not given to
 * another one, and whoever opens the store next sees what is left to do. Counts and tops are not kept up in
 * it any more. Threads keep their messages elsewhere; nothing of those has to change.
 */
#include "store/txn.h"

/* The first rows that are left: their ids are noted as deleted. *last_out: the key of the last one. -1, or
 * how many. */
static int note_piece(StoreTxn *txn, int64_t folder, int64_t *last_out, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_ROWS, error, key_folder_first(folder),
                                          key_folder_last(folder), STORE_PIECE_ROWS);
    int row = -1, n = 0;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        const int64_t id = sqlite3_column_int64(statement, 1);
        *last_out = sqlite3_column_int64(statement, 0);
        g_array_append_val(txn->deleted, id);
        n++;
    }
    return row < 0 ? -1 : n;
}

/* TRUE in *is_empty_out when that was the last piece. */
static gboolean delete_piece(StoreTxn *txn, int64_t folder, gboolean *is_empty_out, GError **error)
{
    static const StoreSql STEPS[] = {SQL_FOLDER_DELETE_ENVELOPES, SQL_FOLDER_DELETE_KEYWORDS,
                                     SQL_FOLDER_DELETE_EMAILS, SQL_FOLDER_DELETE_MESSAGES};
    int64_t last = 0;
    const int n = note_piece(txn, folder, &last, error);

    if (n < 0)
        return FALSE;
    *is_empty_out = n < STORE_PIECE_ROWS;
    for (guint i = 0; i < G_N_ELEMENTS(STEPS) && n > 0; i++) {
        if (!STORE_RUN(txn->db, STEPS[i], error, key_folder_first(folder), last))
            return FALSE;
    }
    return TRUE;
}

static gboolean delete_folder(StoreTxn *txn, int64_t folder, GError **error)
{
    /* What this job has counted there is written first, or it would be what is left of it. */
    return store_counts_flush(txn, error) && store_counts_delete_folder(txn, folder, error) &&
           STORE_RUN(txn->db, SQL_FILE_DROP_FOLDER, error, folder) &&
           STORE_RUN(txn->db, SQL_FOLDER_DELETE, error, folder);
}

gboolean store_folder_cast_off(StoreTxn *txn, int64_t folder, GError **error)
{
    int64_t row[2];

    store_txn_forget_folders(txn);
    if (!store_journal_folder_gone(txn, folder, error))
        return FALSE;
    store_txn_forget_folders(txn);
    const int found =
        STORE_GET(txn->db, SQL_FOLDER_ROWS, error, row, key_folder_first(folder), key_folder_last(folder), 1);

    if (found <= 0)
        return found == 0 && delete_folder(txn, folder, error);
    txn->has_cast_off = TRUE;
    return STORE_RUN(txn->db, SQL_FOLDER_CAST_OFF, error, folder);
}

gboolean store_cast_off_piece(StoreTxn *txn, GError **error)
{
    int64_t folder[1];
    gboolean is_empty;
    const int found = store_db_get(txn->db, store_db_start(txn->db, SQL_FOLDER_CAST_OFF_ANY, 0, NULL, error),
                                   1, folder, error);

    txn->has_cast_off = found == 1;
    if (found <= 0)
        return found == 0;
    g_hash_table_remove_all(txn->thread_sizes);
    return delete_piece(txn, folder[0], &is_empty, error) &&
           (!is_empty || delete_folder(txn, folder[0], error));
}
