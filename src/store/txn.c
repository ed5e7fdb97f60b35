/* txn.c - see txn.h: the transaction as its jobs see it. */
#include "store/txn.h"

#include "base/error.h"
#include "base/i18n.h"

StoreTxn *store_txn_new(StoreDb *db, int64_t maker)
{
    StoreTxn *txn = g_new0(StoreTxn, 1);

    txn->db = db;
    txn->maker = maker;
    txn->counts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    txn->thread_sizes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    txn->full_seconds = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    txn->deleted = g_array_new(FALSE, FALSE, sizeof(int64_t));
    return txn;
}

void store_txn_free(StoreTxn *txn)
{
    if (!txn)
        return;
    g_hash_table_unref(txn->counts);
    g_hash_table_unref(txn->thread_sizes);
    g_hash_table_unref(txn->full_seconds);
    g_array_unref(txn->deleted);
    g_clear_error(&txn->failure);
    g_clear_error(&txn->broken.why);
    g_free(txn->change_name);
    g_free(txn);
}

int store_txn_lost(const StoreTxn *txn)
{
    return txn->lost;
}

int store_txn_taken_back(const StoreTxn *txn)
{
    return txn->taken_back;
}

void store_txn_forget_folders(StoreTxn *txn)
{
    txn->known.folder = txn->target.folder = 0;
}

void store_txn_forget_learnt(StoreTxn *txn)
{
    store_txn_forget_folders(txn);
    g_hash_table_remove_all(txn->counts);
    g_hash_table_remove_all(txn->thread_sizes);
    g_hash_table_remove_all(txn->full_seconds);
}

void store_txn_forget(StoreTxn *txn)
{
    store_txn_forget_learnt(txn);
    txn->group = txn->unfinished = 0;
    g_clear_error(&txn->failure);
    txn->taken_back = txn->lost = 0;
    txn->is_command = txn->is_aside = txn->keeps_bodies = FALSE;
    txn->change = STORE_CHANGE_FLAGS;
    txn->way = STORE_WAY_NEW;
    g_clear_pointer(&txn->change_name, g_free);
}

int64_t store_txn_total_changes(StoreTxn *txn)
{
    /* Counts are written at the end of a job; here they are due now. */
    store_counts_flush(txn, NULL);
    return sqlite3_total_changes64(txn->db->handle) - txn->changes_before;
}

gboolean store_meta_get(StoreTxn *txn, const char *name, int64_t *value_out, GError **error)
{
    sqlite3_stmt *statement = store_db_start(txn->db, SQL_META_GET, 0, NULL, error);

    if (!statement)
        return FALSE;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    int row = store_db_get(txn->db, statement, 1, value_out, error);
    if (row == 0)
        store_db_error(txn->db, SQLITE_CORRUPT, error);
    return row == 1;
}

gboolean store_meta_set(StoreTxn *txn, const char *name, int64_t value, GError **error)
{
    sqlite3_stmt *statement = store_db_start(txn->db, SQL_META_SET, 0, NULL, error);

    if (!statement)
        return FALSE;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, value);
    return store_db_finish(txn->db, statement, error);
}

gboolean store_folder_account(StoreTxn *txn, int64_t folder, int64_t *account_out, GError **error)
{
    int64_t values[1];
    int row = 1;

    if (!folder || folder != txn->known.folder) {
        row = STORE_GET(txn->db, SQL_FOLDER_ACCOUNT, error, values, folder);
        if (row == 1) {
            txn->known.folder = folder;
            txn->known.account = values[0];
        }
    }
    if (row == 0)
        tern_error_set(error, TERN_ERROR_STORE, _("the folder is no longer there"));
    if (row == 1)
        *account_out = txn->known.account;
    return row == 1;
}
