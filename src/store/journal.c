/*
 * journal.c - entries as they are written with each change, and as the writer reads them again (journal.h).
 *
 * What becomes of one is journal_settle.c's; where that leaves its row, journal_place.c's.
 */
#include "store/journal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/txn.h"

#define COMMANDS_MAKER 0

static const char *const VERBS[] = {
    [STORE_VERB_FLAGS] = "flags",   [STORE_VERB_KEYWORD] = "keyword", [STORE_VERB_MOVE] = "move",
    [STORE_VERB_COPY] = "copy",     [STORE_VERB_EXPUNGE] = "expunge", [STORE_VERB_CREATE] = "create",
    [STORE_VERB_RENAME] = "rename", [STORE_VERB_DELETE] = "delete",   [STORE_VERB_SUBSCRIBE] = "subscribe",
    [STORE_VERB_FETCH] = "fetch",   [STORE_VERB_APPEND] = "append",
};

static const char *const STATES[] = {
    [STORE_ENTRY_WAITING] = "waiting", [STORE_ENTRY_HELD] = "held",     [STORE_ENTRY_SENT] = "sent",
    [STORE_ENTRY_DONE] = "done",       [STORE_ENTRY_UNDONE] = "undone", [STORE_ENTRY_REFUSED] = "refused",
};

const char *store_verb_name(StoreVerb verb)
{
    return (guint)verb < G_N_ELEMENTS(VERBS) ? VERBS[verb] : "unknown";
}

StoreVerb store_verb_of(const char *name)
{
    StoreVerb verb = 0;

    while (verb < STORE_VERBS && g_strcmp0(name, VERBS[verb]))
        verb++;
    return verb;
}

const char *store_entry_state_name(StoreEntryState state)
{
    return (guint)state < G_N_ELEMENTS(STATES) ? STATES[state] : "unknown";
}

/* ---- reading ---- */

void store_entry_data_clear(StoreEntryData *entry)
{
    g_clear_pointer(&entry->name, g_free);
    g_clear_pointer(&entry->old_name, g_free);
}

void store_entry_data_free(void *data)
{
    store_entry_data_clear(data);
    g_free(data);
}

static void entry_at(sqlite3_stmt *statement, StoreEntryData *entry)
{
    *entry = (StoreEntryData){.id = sqlite3_column_int64(statement, 0),
                              .group = sqlite3_column_int64(statement, 1),
                              .account = sqlite3_column_int64(statement, 2),
                              .verb = store_verb_of((const char *)sqlite3_column_text(statement, 3)),
                              .message = sqlite3_column_int64(statement, 4),
                              .folder = sqlite3_column_int64(statement, 5),
                              .set = sqlite3_column_int64(statement, 6),
                              .clear = sqlite3_column_int64(statement, 7),
                              .copy = sqlite3_column_int64(statement, 8),
                              .old_folder = sqlite3_column_int64(statement, 9),
                              .old_uid = sqlite3_column_type(statement, 10) == SQLITE_NULL
                                             ? STORE_OLD_UID_GONE
                                             : sqlite3_column_int64(statement, 10),
                              .state = (StoreEntryState)sqlite3_column_int(statement, 11),
                              .name = g_strdup((const char *)sqlite3_column_text(statement, 12)),
                              .old_name = g_strdup((const char *)sqlite3_column_text(statement, 13))};
}

int store_entry_get(StoreTxn *txn, int64_t id, StoreEntryData *entry, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_GET, error, id);
    const int row = statement ? store_db_step(txn->db, statement, error) : -1;

    if (row == 1) {
        entry_at(statement, entry);
        sqlite3_reset(statement);
    }
    return row;
}

static GPtrArray *read_entries(StoreTxn *txn, sqlite3_stmt *statement, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(store_entry_data_free);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        StoreEntryData *entry = g_new(StoreEntryData, 1);
        entry_at(statement, entry);
        g_ptr_array_add(entries, entry);
    }
    return row == 0 ? g_steal_pointer(&entries) : NULL;
}

GPtrArray *store_entries_of_group(StoreTxn *txn, int64_t group, GError **error)
{
    return read_entries(txn, STORE_START(txn->db, SQL_JOURNAL_OF_GROUP, error, group), error);
}

GPtrArray *store_entries_by_id(StoreTxn *txn, const int64_t *ids, guint n, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(store_entry_data_free);

    for (guint i = 0; i < n; i++) {
        StoreEntryData *entry = g_new0(StoreEntryData, 1);
        const int found = store_entry_get(txn, ids[i], entry, error);
        if (found == 1)
            g_ptr_array_add(entries, entry);
        else
            g_free(entry);
        if (found < 0)
            return NULL;
    }
    return g_steal_pointer(&entries);
}

GPtrArray *store_entries_about_folders(StoreTxn *txn, int64_t account, GError **error)
{
    return read_entries(txn, STORE_START(txn->db, SQL_JOURNAL_ABOUT_FOLDERS, error, account), error);
}

/* ---- writing ---- */

int64_t store_txn_maker(const StoreTxn *txn)
{
    return txn->is_command ? COMMANDS_MAKER : txn->maker;
}

/* One job, one group: what one key did is undone together. A new change ends what could be redone. */
gboolean store_journal_group(StoreTxn *txn, GError **error)
{
    enum { UNDOABLE, NEITHER = 2 };

    if (txn->group)
        return TRUE;
    if (!txn->is_durable) {
        tern_error_set(error, TERN_ERROR_BUG, _("a change was not handed in as durable"));
        return FALSE;
    }
    if (store_db_get(txn->db, store_db_start(txn->db, SQL_GROUP_NEXT, 0, NULL, error), 1, &txn->group,
                     error) != 1)
        return FALSE;
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_GROUP_ADD, error, txn->group, store_txn_maker(txn), txn->change, 0,
                    clock_wall_s(), txn->way == STORE_WAY_UNDO || txn->is_aside ? NEITHER : UNDOABLE);
    store_db_bind_text(statement, 4, txn->change_name);
    return store_db_finish(txn->db, statement, error) &&
           (txn->way != STORE_WAY_NEW || txn->is_aside ||
            STORE_RUN(txn->db, SQL_GROUP_END_REDO, error, store_txn_maker(txn)));
}

gboolean store_journal_add(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    if (!store_journal_group(txn, error))
        return FALSE;
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_JOURNAL_ADD, error, txn->group, store_txn_maker(txn), entry->account, 0,
                    entry->message, entry->folder, entry->set, entry->clear, 0, 0, entry->copy,
                    entry->old_folder, entry->state, entry->not_before_s, clock_wall_s());
    store_db_bind_text(statement, 4, store_verb_name(entry->verb));
    store_db_bind_text(statement, 9, entry->name);
    store_db_bind_text(statement, 10, entry->old_name);
    return store_db_finish(txn->db, statement, error);
}
