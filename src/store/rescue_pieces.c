/*
 * rescue_pieces.c - see rescue.h: what was left to do of a change of thousands (pieces.h).
 *
 * It is done here, at once, so that nothing but entries and their rows has to be kept: each piece names rows,
 * or entries of a change that was being taken back, settled ones among them.
 */
#include "store/pieces.h"
#include "store/rescue_private.h"

#include "base/i18n.h"

#include <string.h>

static void take_ids(Rescue *rescue, sqlite3_stmt *row, gboolean are_entries)
{
    const unsigned char *bytes = sqlite3_column_blob(row, 2);
    const int n = sqlite3_column_bytes(row, 2) / (int)sizeof(int64_t);
    GArray *into = are_entries ? rescue->entries : rescue->messages;

    for (int i = 0; i < n; i++) {
        int64_t id;
        memcpy(&id, bytes + (gsize)i * sizeof id, sizeof id);
        id = GINT64_FROM_BE(id);
        g_array_append_val(into, id);
    }
}

static void take_piece(Rescue *rescue, sqlite3_stmt *row, void *data)
{
    const int what = sqlite3_column_int(row, 1);

    (void)data;
    rescue_copy(rescue, "piece", row);
    take_ids(rescue, row, what == STORE_EACH_UNDO || what == STORE_EACH_REDO);
}

static void copy_entry(Rescue *rescue, sqlite3_stmt *row, void *data)
{
    (void)data;
    rescue_copy(rescue, "journal", row);
}

/* The rows that those entries name; entries that came, settled or not. */
static void add_rows_of_entries(Rescue *rescue)
{
    for (guint i = 0; i < rescue->entries->len && !rescue->failure; i++) {
        g_auto(StoreEntryData) entry = {0};
        const int64_t id = g_array_index(rescue->entries, int64_t, i);
        if (store_entry_get(rescue->txn, id, &entry, &rescue->failure) != 1)
            continue;
        if (entry.message)
            g_array_append_val(rescue->messages, entry.message);
        if (entry.copy)
            g_array_append_val(rescue->messages, entry.copy);
    }
}

void rescue_copy_pieces(Rescue *rescue)
{
    rescue_walk(rescue,
                "SELECT id, what, ids, grp, set_flags, clear_flags, folder, undoes, keywords FROM piece NOT "
                "INDEXED WHERE id >= ?1 ORDER BY id",
                take_piece, NULL);
    for (guint i = 0; i < rescue->entries->len; i++)
        rescue_each(rescue, "SELECT * FROM journal NOT INDEXED WHERE id = ?1",
                    g_array_index(rescue->entries, int64_t, i), copy_entry, NULL);
    add_rows_of_entries(rescue);
}

/* Rows that were to be changed, and are not there. */
static void lose_missing(Rescue *rescue)
{
    for (guint i = 0; i < rescue->messages->len && !rescue->failure; i++) {
        const int64_t id = g_array_index(rescue->messages, int64_t, i);
        StoreRowData row;
        if (store_row_by_id(rescue->txn, id, &row, &rescue->failure) == 0)
            rescue_lose(rescue, _("change"), TRUE, id);
    }
}

void rescue_do_pieces(Rescue *rescue)
{
    StoreTxn *txn = rescue->txn;

    lose_missing(rescue);
    if (rescue->failure || !store_pieces_finish(txn, &rescue->failure) || !txn->broken.why)
        return;
    rescue_lose(rescue, _("change"), FALSE, txn->broken.group);
    txn->broken.group = 0;
    g_clear_error(&txn->broken.why);
}
