/*
 * journal_settle.c - what became of an entry: sent, done, refused, taken back, or put off (journal.h).
 *
 * Settling an entry never touches what is shown by itself: it changes the server's half or takes the entry
 * away, and what is shown is computed again from both.
 */
#include "base/clock.h"
#include "base/i18n.h"
#include "store/txn.h"

#define KEPT_S (30 * 86400)

/* The entry, if it is unsettled: 1; else 0; -1. */
static int open_entry(StoreTxn *txn, int64_t id, StoreEntryData *entry, GError **error)
{
    const int found = store_entry_get(txn, id, entry, error);

    if (found == 1 && entry->state > STORE_ENTRY_SENT) {
        store_entry_data_clear(entry);
        return 0;
    }
    return found;
}

static gboolean settle(StoreTxn *txn, int64_t id, StoreEntryState state, const char *why, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_SETTLE, error, id, state);

    store_db_bind_text(statement, 3, why);
    return store_db_finish(txn->db, statement, error);
}

gboolean store_journal_show(StoreTxn *txn, int64_t id, StoreVerb verb, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    if (found <= 0)
        return found == 0;
    return !row.server_folder || store_row_compute(txn, &row, verb == STORE_VERB_KEYWORD, NULL, error);
}

int store_journal_stands(StoreTxn *txn, const StoreEntry *read, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    StoreRowData row;
    int64_t goes[1];
    const int is_open = open_entry(txn, read->id, &entry, error);

    if (is_open <= 0)
        return is_open;
    const int is_going = STORE_GET(txn->db, SQL_JOURNAL_GOES, error, goes, read->id);
    if (is_going || !read->message)
        return is_going < 0 ? -1 : !is_going;
    const int has_row = store_row_by_id(txn, read->message, &row, error);
    return has_row == 1 ? row.server_folder == read->server_folder && row.uid == read->uid : has_row;
}

gboolean store_journal_sent(StoreTxn *txn, int64_t id, uint32_t uid_validity, uint32_t uid_next,
                            GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    StoreRowData row;
    const int found = open_entry(txn, id, &entry, error);

    if (found <= 0 || entry.state == STORE_ENTRY_SENT)
        return found >= 0;
    if (entry.verb == STORE_VERB_EXPUNGE) /* which keeps where it was shown */
        return settle(txn, id, STORE_ENTRY_SENT, NULL, error);
    const int has_row = store_row_by_id(txn, entry.message, &row, error);
    if (has_row <= 0)
        return has_row == 0;
    const int is_across = store_across_is(txn, &entry, &row, error);
    if (is_across) /* it stands where it stood until it is known to be there */
        return is_across == 1 &&
               STORE_RUN(txn->db, SQL_JOURNAL_SENT_ACROSS, error, id, uid_validity, uid_next);
    if (!STORE_RUN(txn->db, SQL_JOURNAL_SENT, error, id, row.server_folder, row.uid, uid_validity, uid_next))
        return FALSE;
    return entry.verb != STORE_VERB_MOVE || store_row_place(txn, &row, entry.folder, 0, error);
}

/* ---- done ---- */

static gboolean done_flags(StoreTxn *txn, const StoreEntryData *entry, StoreRowData *row, GError **error)
{
    const uint32_t flags = (row->server_flags | (uint32_t)entry->set) & ~(uint32_t)entry->clear;

    row->server_flags = flags;
    return STORE_RUN(txn->db, SQL_ROW_SET_SERVER_FLAGS, error, row->key, flags);
}

static gboolean done_keyword(StoreTxn *txn, const StoreEntryData *entry, StoreRowData *row, GError **error)
{
    if (!store_row_set_keyword(txn, row, entry->name, entry->set != 0, TRUE, error))
        return FALSE;
    return store_keyword_bits(txn, row->id, TRUE, &row->server_flags, error) &&
           STORE_RUN(txn->db, SQL_ROW_SET_SERVER_FLAGS, error, row->key, row->server_flags);
}

static gboolean done_copy(StoreTxn *txn, const StoreEntryData *entry, uint32_t uid, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, entry->copy, &row, error);

    /* One that was adopted meanwhile stays as it is; else it has its UID, or waits for it. */
    return found == 0 || (found == 1 && (row.uid || store_row_place(txn, &row, entry->folder, uid, error)));
}

/* To another account: what it leaves behind has to go there. */
static gboolean done_move(StoreTxn *txn, const StoreEntryData *entry, StoreRowData *row, uint32_t uid,
                          GError **error)
{
    const int64_t from = row->server_folder;
    const uint32_t from_uid = row->uid;
    const int is_across = store_across_is(txn, entry, row, error);

    return is_across >= 0 && store_row_place(txn, row, entry->folder, uid, error) &&
           (!is_across || store_across_left(txn, row, from, from_uid, error));
}

static gboolean done_row(StoreTxn *txn, const StoreEntryData *entry, uint32_t uid, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, entry->message, &row, error);

    if (found <= 0)
        return found == 0;
    switch (entry->verb) {
    case STORE_VERB_FLAGS:
        return done_flags(txn, entry, &row, error);
    case STORE_VERB_KEYWORD:
        return done_keyword(txn, entry, &row, error);
    case STORE_VERB_MOVE:
        return (row.server_folder == entry->folder && row.uid) || /* a sync was quicker */
               done_move(txn, entry, &row, uid, error);
    case STORE_VERB_COPY:
    case STORE_VERB_APPEND:
        return done_copy(txn, entry, uid, error);
    case STORE_VERB_EXPUNGE:
        return store_row_delete(txn, &row, error);
    default:
        return TRUE;
    }
}

/* Its row waits for a UID: a sync that began before this must not take it for one that will not come. */
static gboolean note_untold(StoreTxn *txn, int64_t id, GError **error)
{
    int64_t untold;

    return store_meta_get(txn, "untold", &untold, error) &&
           store_meta_set(txn, "untold", untold + 1, error) &&
           STORE_RUN(txn->db, SQL_JOURNAL_SET_UNTOLD, error, id, untold + 1);
}

gboolean store_journal_done(StoreTxn *txn, int64_t id, uint32_t uid, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    const int found = open_entry(txn, id, &entry, error);

    if (found <= 0)
        return found == 0;
    if (entry.message && !done_row(txn, &entry, uid, error))
        return FALSE;
    if (!uid &&
        (entry.verb == STORE_VERB_MOVE || entry.verb == STORE_VERB_COPY || entry.verb == STORE_VERB_APPEND) &&
        !note_untold(txn, id, error))
        return FALSE;
    return settle(txn, id, STORE_ENTRY_DONE, NULL, error) &&
           (entry.verb != STORE_VERB_DELETE || store_folder_cast_off(txn, entry.folder, error)) &&
           (!entry.message || store_journal_show(txn, entry.message, entry.verb, error)) &&
           (!entry.copy || store_journal_show(txn, entry.copy, STORE_VERB_COPY, error));
}

/* ---- not done ---- */

/* A sent move that was not made: back to where it stood. Where that folder is gone, the message went with
 * it. */
static gboolean put_back(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    StoreRowData row;

    if (entry->state != STORE_ENTRY_SENT || entry->verb != STORE_VERB_MOVE || !entry->old_folder)
        return TRUE;
    const int found = store_row_by_id(txn, entry->message, &row, error);
    /* One that goes to another account stands where it stood. */
    if (found <= 0 || row.uid || row.server_folder != entry->folder)
        return found >= 0;
    int64_t about[1];
    const int is_there = STORE_GET(txn->db, SQL_FOLDER_ACCOUNT, error, about, entry->old_folder);
    if (is_there < 0)
        return FALSE;
    if (entry->old_uid == STORE_OLD_UID_GONE || !is_there)
        return store_row_delete(txn, &row, error);
    return store_row_place(txn, &row, entry->old_folder, (uint32_t)entry->old_uid, error);
}

gboolean store_journal_take_back(StoreTxn *txn, int64_t group, GError **error)
{
    return STORE_RUN(txn->db, SQL_JOURNAL_TAKE_BACK, error, group);
}

gboolean store_entry_take_back(StoreTxn *txn, const StoreEntryData *entry, StoreEntryState state,
                               const char *why, GError **error)
{
    if (!put_back(txn, entry, error) || !settle(txn, entry->id, state, why, error))
        return FALSE;
    if (entry->copy)
        return store_row_delete_by_id(txn, entry->copy, error);
    if (entry->verb == STORE_VERB_MOVE && !store_across_rehome(txn, entry->message, error))
        return FALSE;
    if (entry->message)
        return store_journal_show(txn, entry->message, entry->verb, error);
    return store_folder_take_back(txn, entry, error) && store_folders_compute(txn, entry->account, error);
}

/* What could not be taken out of its folder stays in it: so does the folder, if it was to be deleted
 * afterwards. */
static gboolean keep_folder(StoreTxn *txn, const StoreEntryData *refused, GError **error)
{
    g_autoptr(GArray) deletes = g_array_new(FALSE, FALSE, sizeof(int64_t));
    StoreRowData row;

    if (refused->verb != STORE_VERB_MOVE && refused->verb != STORE_VERB_COPY)
        return TRUE;
    const int found = store_row_by_id(txn, refused->message, &row, error);
    if (found <= 0 || !row.server_folder)
        return found >= 0;
    if (!store_db_numbers(txn->db,
                          STORE_START(txn->db, SQL_JOURNAL_DELETES, error, row.server_folder, refused->id),
                          deletes, error))
        return FALSE;
    for (guint i = 0; i < deletes->len; i++)
        if (!store_journal_refused(
                txn, g_array_index(deletes, int64_t, i),
                _("a message that was to be moved or copied out of the folder is still in it"), error))
            return FALSE;
    return TRUE;
}

gboolean store_journal_refused(StoreTxn *txn, int64_t id, const char *why, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    const int found = open_entry(txn, id, &entry, error);

    return found == 0 || (found == 1 && store_entry_take_back(txn, &entry, STORE_ENTRY_REFUSED, why, error) &&
                          (entry.verb != STORE_VERB_FETCH || store_across_refuse(txn, &entry, why, error)) &&
                          keep_folder(txn, &entry, error));
}

gboolean store_journal_later(StoreTxn *txn, int64_t id, const char *why, int64_t not_before_s, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    const int found = open_entry(txn, id, &entry, error);

    if (found <= 0)
        return found == 0;
    if (!put_back(txn, &entry, error))
        return FALSE;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_LATER, error, id, not_before_s);
    store_db_bind_text(statement, 3, why);
    return store_db_finish(txn->db, statement, error) &&
           (!entry.message || store_journal_show(txn, entry.message, STORE_VERB_MOVE, error));
}

gboolean store_journal_prune(StoreTxn *txn, gboolean *is_done_out, GError **error)
{
    const int64_t before_s = clock_wall_s() - KEPT_S;

    if (!STORE_RUN(txn->db, SQL_JOURNAL_OLD, error, before_s, STORE_PIECE_ROWS))
        return FALSE;
    *is_done_out = sqlite3_changes(txn->db->handle) < STORE_PIECE_ROWS;
    return !*is_done_out || STORE_RUN(txn->db, SQL_GROUP_OLD, error, before_s);
}
