/*
 * journal_place.c - where a row stands on the server, once a move or copy of it was sent or answered.
 *
 * A sync may have found the message at that place before the answer came, and made a row of it: one message,
 * two rows, of which the older one stays.
 */
#include "store/txn.h"

/* Whether that row is itself on its way into the folder: a message that is the same as another. 1, 0, -1. */
static int is_on_its_way(StoreTxn *txn, int64_t id, int64_t folder, GError **error)
{
    int64_t one[1];
    const int moved = STORE_GET(txn->db, SQL_SENT_INTO, error, one, id, folder);

    return moved ? moved : STORE_GET(txn->db, SQL_JOURNAL_COPY_ENTRY, error, one, id);
}

static gboolean set_place(StoreTxn *txn, StoreRowData *row, int64_t folder, uint32_t uid, GError **error)
{
    row->server_folder = folder;
    row->uid = uid;
    return STORE_RUN(txn->db, SQL_ROW_SET_SERVER, error, row->key, folder, uid);
}

/* `other` is the same message, found by a sync before the answer to the command came: the server's half is
 * from there, and what the user has done to it meanwhile goes on. */
static gboolean join(StoreTxn *txn, StoreRowData *row, const StoreRowData *other, GError **error)
{
    g_auto(GStrv) keywords = store_keywords_read(txn, other->id, error);
    const int64_t folder = other->server_folder;
    gboolean is_changed;

    return keywords && STORE_RUN(txn->db, SQL_JOURNAL_JOIN, error, other->id, row->id) &&
           store_row_delete(txn, other, error) &&
           store_row_by_id(txn, row->id, row, error) == 1 && /* its top may have moved to it */
           set_place(txn, row, folder, other->uid, error) &&
           store_row_set_server(txn, row, other->uid, other->server_flags | STORE_WITH_LABELS,
                                (const char *const *)keywords, &is_changed, error);
}

gboolean store_row_place(StoreTxn *txn, StoreRowData *row, int64_t folder, uint32_t uid, GError **error)
{
    StoreRowData other;
    const int found = uid ? store_row_by_uid(txn, folder, uid, &other, error) : 0;

    if (found < 0)
        return FALSE;
    if (found == 0 || other.id == row->id)
        return set_place(txn, row, folder, uid, error);
    const int is_same = is_on_its_way(txn, other.id, folder, error);
    if (is_same == 1)
        return set_place(txn, &other, folder, 0, error) && set_place(txn, row, folder, uid, error);
    return is_same == 0 && join(txn, row, &other, error);
}
