/*
 * sent.c - moves that are on their way: where their messages stood on the server, and may stand still.
 *
 * From `sent` on a row waits in the destination (journal_settle.c), and its entry remembers the old place:
 * old_uid, 0 once UIDVALIDITY took it, NULL once the message is known to have left. What a sync hears of that
 * place in between belongs to this row and is no new message; without that a refusal would put the row back
 * with flags of long ago, or at the place of another message, or of none.
 */
#include "store/change.h"
#include "store/journal.h"
#include "store/txn.h"

#include <string.h>

int store_sent_any(StoreTxn *txn, int64_t folder, GError **error)
{
    int64_t one[1];

    return STORE_GET(txn->db, SQL_SENT_ANY, error, one, folder);
}

/* 1 with the entry and its row; 0, -1. */
static int sent_row(StoreTxn *txn, sqlite3_stmt *statement, int64_t *entry_out, StoreRowData *row,
                    GError **error)
{
    int64_t found[2];
    const int has = store_db_get(txn->db, statement, 2, found, error);

    if (has <= 0)
        return has;
    *entry_out = found[0];
    return store_row_by_id(txn, found[1], row, error);
}

/* A row that was found in the destination already has its flags from there. */
static gboolean take_flags(StoreTxn *txn, StoreRowData *row, uint32_t flags, const char *const *keywords,
                           gboolean *changed_out, GError **error)
{
    *changed_out = FALSE;
    return row->uid || store_row_set_server(txn, row, 0, flags, keywords, changed_out, error);
}

int store_sent_flags(StoreTxn *txn, int64_t folder, uint32_t uid, uint32_t flags, const char *const *keywords,
                     gboolean *changed_out, GError **error)
{
    StoreRowData row;
    int64_t entry;
    const int found =
        sent_row(txn, STORE_START(txn->db, SQL_SENT_AT, error, folder, uid), &entry, &row, error);

    return found != 1 || take_flags(txn, &row, flags, keywords, changed_out, error) ? found : -1;
}

int store_sent_adopt(StoreTxn *txn, int64_t folder, int64_t account, const StoreNewMessage *message,
                     gboolean *changed_out, GError **error)
{
    const char *id = message->message_id ? message->message_id : "";
    const int64_t mid = *id ? store_db_hash(txn->db, account, id, strlen(id)) : 0;
    StoreRowData row;
    int64_t entry;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_SENT_MATCH, error, folder, mid, message->size_bytes,
                                          message->date_s, message->arrival_s);
    if (statement && !message->has_date)
        sqlite3_bind_null(statement, 4);
    const int found = sent_row(txn, statement, &entry, &row, error);
    if (found != 1)
        return found;
    return STORE_RUN(txn->db, SQL_SENT_SET_UID, error, entry, message->uid) &&
                   take_flags(txn, &row, message->flags, message->keywords, changed_out, error)
               ? 1
               : -1;
}

gboolean store_sent_expunged(StoreTxn *txn, int64_t folder, uint32_t uid, GError **error)
{
    int64_t entry[2];
    const int found = STORE_GET(txn->db, SQL_SENT_AT, error, entry, folder, uid);

    return found == 0 || (found == 1 && STORE_RUN(txn->db, SQL_SENT_GONE, error, entry[0]));
}

gboolean store_sent_forget_uids(StoreTxn *txn, int64_t folder, GError **error)
{
    return STORE_RUN(txn->db, SQL_SENT_FORGET, error, folder);
}

gboolean store_sent_drop_orphans(StoreTxn *txn, int64_t folder, GError **error)
{
    return STORE_RUN(txn->db, SQL_SENT_LOST, error, folder);
}

/* ---- what a copy leaves behind ---- */

/* The row of the message that stands there: one that a sync has made meanwhile, or a new one, shown
 * nowhere. */
static gboolean row_left_at(StoreTxn *txn, const StoreRowData *moved, int64_t folder, uint32_t uid,
                            StoreRowData *row, GError **error)
{
    int64_t id;
    const int found = store_row_by_uid(txn, folder, uid, row, error);

    if (found)
        return found == 1;
    return store_row_copy(txn, moved, STORE_NOWHERE, folder, uid, &id, error) &&
           store_row_by_id(txn, id, row, error) == 1;
}

gboolean store_journal_left_behind(StoreTxn *txn, int64_t id, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    StoreRowData moved, left;
    int found = store_entry_get(txn, id, &entry, error);

    if (found <= 0 || entry.state != STORE_ENTRY_SENT || entry.verb != STORE_VERB_MOVE || entry.old_uid <= 0)
        return found >= 0;
    found = store_row_by_id(txn, entry.message, &moved, error);
    if (found <= 0)
        return found == 0;
    if (!row_left_at(txn, &moved, entry.old_folder, (uint32_t)entry.old_uid, &left, error) ||
        !STORE_RUN(txn->db, SQL_SENT_GONE, error, id))
        return FALSE;
    store_change_call(txn, STORE_CHANGE_EXPUNGE, NULL);
    store_change_aside(txn);
    const StoreEntryData expunge = {.verb = STORE_VERB_EXPUNGE,
                                    .account = entry.account,
                                    .message = left.id,
                                    .old_folder = entry.old_folder};
    return store_journal_add(txn, &expunge, error) && store_row_compute(txn, &left, FALSE, NULL, error);
}
