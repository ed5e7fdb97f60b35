/*
 * across.c - messages that go from one account to another (journal.h: three entries).
 *
 *      change                        the target has it               the source is rid of it
 *      row: shown there,        ──>  row: stands there          ──>
 *           stands here              a row of what is left: stands here, shown nowhere ──> gone
 *
 * A row keeps its id wherever it goes, so its file in the cache stays its own. Threads are an account's: a
 * row that is shown in another one leaves its thread and joins those there. Entries are of the account that
 * plays them, and the order of a row's entries holds between accounts too (SQL_ENTRY_WAITS).
 */
#include "base/error.h"
#include "base/i18n.h"
#include "store/change.h"
#include "store/text_list.h"
#include "store/txn.h"

#include <string.h>

/* ---- threads ---- */

/* The account of a folder; 0: there is no such folder. */
static gboolean account_of(StoreTxn *txn, int64_t folder, int64_t *account_out, GError **error)
{
    int64_t account[1];
    const int found = STORE_GET(txn->db, SQL_FOLDER_ACCOUNT, error, account, folder);

    *account_out = found == 1 ? account[0] : 0;
    return found >= 0;
}

/* The Message-ID, NULL: none, and the references of a row's envelope, to be freed. */
static gboolean read_names(StoreTxn *txn, int64_t id, char **message_id_out, char ***references_out,
                           GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_ENVELOPE_NAMES, error, id);
    const int found = statement ? store_db_step(txn->db, statement, error) : -1;

    if (found != 1) {
        *message_id_out = NULL;
        *references_out = g_new0(char *, 1);
        return found == 0;
    }
    *message_id_out = g_strdup((const char *)sqlite3_column_text(statement, 0));
    *references_out =
        text_list_read_strings(sqlite3_column_blob(statement, 1), (gsize)sqlite3_column_bytes(statement, 1));
    sqlite3_reset(statement);
    return TRUE;
}

/* Of a row that is shown nowhere: it may have been shown in any account. */
static gboolean is_of_account(StoreTxn *txn, const StoreRowData *row, int64_t account, gboolean *is_of_out,
                              GError **error)
{
    g_autofree char *id = NULL;
    g_auto(GStrv) references = NULL;

    if (!read_names(txn, row->id, &id, &references, error))
        return FALSE;
    *is_of_out = id && *id && row->mid == store_db_hash(txn->db, account, id, strlen(id));
    return TRUE;
}

gboolean store_across_account(StoreTxn *txn, const StoreRowData *row, int64_t folder, int64_t *account_out,
                              GError **error)
{
    const int64_t now = key_folder(row->key);
    int64_t before, after;
    gboolean is_of;

    *account_out = 0;
    if (folder == STORE_NOWHERE || folder == now)
        return TRUE;
    if (!account_of(txn, now ? now : row->server_folder, &before, error) ||
        !account_of(txn, folder, &after, error))
        return FALSE;
    if (!now && after == before) {
        if (!is_of_account(txn, row, after, &is_of, error))
            return FALSE;
        before = is_of ? after : 0;
    }
    *account_out = after != before ? after : 0;
    return TRUE;
}

gboolean store_across_join(StoreTxn *txn, int64_t account, int64_t like, StoreRowData *row,
                           gboolean *is_new_thread_out, GError **error)
{
    g_autofree char *id = NULL;
    g_auto(GStrv) references = NULL;
    StoreRowData joined = *row;
    int64_t number;

    /* A thread is called by the id of the message that began it, and this one may have begun one where it
     * was. */
    if (!read_names(txn, like, &id, &references, error) ||
        !store_meta_get(txn, "next-thread", &number, error))
        return FALSE;
    const StoreNewMessage message = {.message_id = id, .references = (const char *const *)references};
    joined.id = number;
    if (!store_thread_join(txn, account, &message, &joined, is_new_thread_out, error))
        return FALSE;
    g_hash_table_remove(txn->thread_sizes, &row->thread);
    row->thread = joined.thread;
    row->mid = joined.mid;
    row->parent = joined.parent;
    return !*is_new_thread_out || store_meta_set(txn, "next-thread", number + 1, error);
}

/* ---- entries ---- */

int store_across_is(StoreTxn *txn, const StoreEntryData *entry, const StoreRowData *row, GError **error)
{
    int64_t account;

    if (!row->server_folder)
        return 0;
    if (!account_of(txn, row->server_folder, &account, error))
        return -1;
    return account && account != entry->account;
}

gboolean store_across_fetch(StoreTxn *txn, const StoreRowData *row, GError **error)
{
    StoreEntryData entry = {.verb = STORE_VERB_FETCH, .message = row->id};
    int64_t one[1];

    if (!row->server_folder)
        return TRUE;
    const int has_file = STORE_GET(txn->db, SQL_FILE_ANY, error, one, row->server_folder, row->uid);
    if (has_file)
        return has_file == 1;
    return account_of(txn, row->server_folder, &entry.account, error) &&
           (!entry.account || store_journal_add(txn, &entry, error));
}

gboolean store_across_left(StoreTxn *txn, const StoreRowData *row, int64_t folder, uint32_t uid,
                           GError **error)
{
    StoreEntryData entry = {.verb = STORE_VERB_EXPUNGE, .old_folder = folder};

    if (!account_of(txn, folder, &entry.account, error))
        return FALSE;
    if (!entry.account) /* the folder is gone, and what was in it */
        return TRUE;
    if (!store_row_copy(txn, row, STORE_NOWHERE, folder, uid, &entry.message, error))
        return FALSE;
    store_change_call(txn, STORE_CHANGE_EXPUNGE, NULL);
    store_change_aside(txn);
    return store_journal_add(txn, &entry, error);
}

/* ---- when the folder that it comes from goes ---- */

void store_txn_save(StoreTxn *txn, const GArray *saved)
{
    txn->saved = saved;
}

/* The row that is on its way: it stands where it goes to, and waits for its UID. */
static gboolean stand_there(StoreTxn *txn, const StoreEntryData *entry, int64_t id, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    if (found <= 0)
        return found == 0;
    return (row.server_folder == entry->folder && row.uid) ||
           STORE_RUN(txn->db, SQL_ROW_SET_SERVER, error, row.key, entry->folder, 0);
}

/* Out of its group: what it did cannot be taken back, there being no place to go back to. */
static gboolean go_on_from(StoreTxn *txn, const StoreEntryData *entry, const char *file, GError **error)
{
    const int64_t id = entry->verb == STORE_VERB_COPY ? entry->copy : entry->message,
                  old_group = entry->group;

    store_change_call(txn, STORE_CHANGE_MOVE, NULL);
    store_change_aside(txn);
    if (!stand_there(txn, entry, id, error) || !store_journal_group(txn, error))
        return FALSE;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_SAVE, error, entry->id, txn->group, id);
    if (statement)
        sqlite3_bind_text(statement, 4, file, -1, SQLITE_TRANSIENT);
    return store_db_finish(txn->db, statement, error) &&
           STORE_RUN(txn->db, SQL_JOURNAL_SAVE_FETCH, error, old_group, entry->message) &&
           STORE_RUN(txn->db, SQL_GROUP_DROP_EMPTY, error, old_group);
}

gboolean store_across_save(StoreTxn *txn, int64_t folder, GError **error)
{
    for (guint i = 0; txn->saved && i < txn->saved->len; i++) {
        const StoreSaved *saved = &g_array_index(txn->saved, StoreSaved, i);
        g_auto(StoreEntryData) entry = {0};
        StoreRowData row;
        int found = store_entry_get(txn, saved->entry, &entry, error);

        if (found == 1 && entry.state > STORE_ENTRY_SENT)
            continue;
        if (found == 1 && (entry.verb == STORE_VERB_MOVE || entry.verb == STORE_VERB_COPY))
            found = store_row_by_id(txn, entry.message, &row, error);
        else if (found == 1)
            continue;
        if (found < 0 ||
            (found == 1 && row.server_folder == folder && !go_on_from(txn, &entry, saved->file, error)))
            return FALSE;
    }
    return TRUE;
}

/* What is nowhere else goes to the account's Inbox where the folder that it was to go to is gone. */
static gboolean redirect(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    int64_t inbox[1];
    StoreRowData row;
    int found = STORE_GET(txn->db, SQL_FOLDER_FOR_ROLE, error, inbox, entry->account, STORE_ROLE_INBOX);

    if (found == 1 && inbox[0] != entry->folder)
        found = store_row_by_id(txn, entry->message, &row, error);
    else if (found == 1)
        return TRUE;
    if (found <= 0)
        return found == 0;
    row.server_folder = inbox[0];
    row.uid = 0;
    return STORE_RUN(txn->db, SQL_ROW_SET_SERVER, error, row.key, inbox[0], 0) &&
           STORE_RUN(txn->db, SQL_JOURNAL_SAVED_TO, error, entry->id, inbox[0]) &&
           store_row_compute(txn, &row, TRUE, NULL, error);
}

gboolean store_across_redirect(StoreTxn *txn, int64_t folder, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_JOURNAL_SAVED_INTO, error, folder), ids, error))
        return FALSE;
    for (guint i = 0; i < ids->len; i++) {
        g_auto(StoreEntryData) entry = {0};
        const int found = store_entry_get(txn, g_array_index(ids, int64_t, i), &entry, error);
        if (found < 0 || (found == 1 && !redirect(txn, &entry, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean store_across_rehome(StoreTxn *txn, int64_t message, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, message, &row, error);
    int64_t account;

    if (found <= 0 || !row.server_folder)
        return found >= 0;
    if (!account_of(txn, row.server_folder, &account, error))
        return FALSE;
    if (!account)
        return TRUE;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_HOMELESS, error, message, account);
    if (statement)
        sqlite3_bind_text(statement, 3, _("the message is not in that account"), -1, SQLITE_TRANSIENT);
    return store_db_finish(txn->db, statement, error) &&
           STORE_RUN(txn->db, SQL_JOURNAL_REHOME, error, message, account);
}

gboolean store_across_refuse(StoreTxn *txn, const StoreEntryData *fetch, const char *why, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(
            txn->db,
            STORE_START(txn->db, SQL_JOURNAL_WAITS_FOR, error, fetch->message, fetch->id, fetch->account),
            entries, error))
        return FALSE;
    for (guint i = 0; i < entries->len; i++)
        if (!store_journal_refused(txn, g_array_index(entries, int64_t, i), why, error))
            return FALSE;
    return TRUE;
}

/* ---- what the target says ---- */

gboolean store_journal_set_size(StoreTxn *txn, int64_t id, int64_t size_bytes, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    const int found = store_entry_get(txn, id, &entry, error);

    if (found <= 0 || entry.state > STORE_ENTRY_SENT)
        return found >= 0;
    return STORE_RUN(txn->db, SQL_MESSAGE_SET_SIZE, error, entry.copy ? entry.copy : entry.message,
                     size_bytes);
}

gboolean store_journal_fetch_again(StoreTxn *txn, int64_t id, int64_t not_before_s, GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    StoreRowData row;
    int64_t account;
    int found = store_entry_get(txn, id, &entry, error);

    if (found == 1)
        found = store_row_by_id(txn, entry.message, &row, error);
    if (found <= 0 || !row.server_folder)
        return found >= 0;
    return account_of(txn, row.server_folder, &account, error) &&
           (!account ||
            STORE_RUN(txn->db, SQL_JOURNAL_FETCH_AGAIN, error, entry.message, id, not_before_s, account));
}
