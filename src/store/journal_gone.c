/* journal_gone.c - entries about a row or a folder that goes: what was still to be done there is settled; and
 * what was to be done to a message's flags goes on where it comes again (email.c). */
#include "base/i18n.h"
#include "store/txn.h"

#define WHY_ROW_GONE _("the message is not on the server any more")

int store_journal_changes(StoreTxn *txn, int64_t id, int64_t *entry_out, int64_t *next_id_out, GError **error)
{
    int64_t values[2] = {0};
    const int found = STORE_GET(txn->db, SQL_JOURNAL_CHANGES, error, values, id);

    *entry_out = values[0];
    *next_id_out = values[1];
    return found;
}

gboolean store_journal_revive(StoreTxn *txn, int64_t id, int64_t entry, GError **error)
{
    if (!entry)
        return TRUE;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_REVIVE, error, id, entry);
    store_db_bind_text(statement, 3, WHY_ROW_GONE);
    return store_db_finish(txn->db, statement, error) &&
           store_journal_show(txn, id, STORE_VERB_KEYWORD, error);
}

gboolean store_journal_row_gone(StoreTxn *txn, int64_t id, GError **error)
{
    g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_JOURNAL_COPIES_OF, error, id), copies, error))
        return FALSE;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_ROW_GONE, error, id);
    store_db_bind_text(statement, 2, WHY_ROW_GONE);
    if (!store_db_finish(txn->db, statement, error))
        return FALSE;
    for (guint i = 0; i < copies->len; i++) {
        if (!store_row_delete_by_id(txn, g_array_index(copies, int64_t, i), error))
            return FALSE;
    }
    /* A copy that was found on the server, and is gone from there, was made. */
    return STORE_RUN(txn->db, SQL_JOURNAL_COPY_GONE, error, id);
}

/* A row that was to leave the folder. What was to be deleted for good has its wish. */
static gboolean take_moved_away(StoreTxn *txn, int64_t id, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    txn->lost += found == 1 && key_folder(row.key) != STORE_NOWHERE;
    return found >= 0 && store_row_delete_by_id(txn, id, error);
}

/* Refuses the entries that the statement names; how many, -1. */
static int refuse_all(StoreTxn *txn, sqlite3_stmt *statement, const char *why, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(txn->db, statement, entries, error))
        return -1;
    for (guint i = 0; i < entries->len; i++) {
        if (!store_journal_refused(txn, g_array_index(entries, int64_t, i), why, error))
            return -1;
    }
    return (int)entries->len;
}

gboolean store_journal_folder_gone(StoreTxn *txn, int64_t folder, GError **error)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_across_save(txn, folder, error) || !store_across_redirect(txn, folder, error))
        return FALSE;
    const int to_it = refuse_all(txn, STORE_START(txn->db, SQL_JOURNAL_TO_FOLDER, error, folder),
                                 _("the folder is not there any more"), error);
    const int from_it = to_it < 0
                            ? -1
                            : refuse_all(txn, STORE_START(txn->db, SQL_JOURNAL_COPIES_FROM, error, folder),
                                         _("the message is not on the server any more"), error);

    if (from_it < 0)
        return FALSE;
    txn->taken_back += to_it;
    txn->lost += from_it;
    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_JOURNAL_AWAY_FROM, error, folder), rows, error))
        return FALSE;
    for (guint i = 0; i < rows->len; i++) {
        if (!take_moved_away(txn, g_array_index(rows, int64_t, i), error))
            return FALSE;
    }
    return TRUE;
}
