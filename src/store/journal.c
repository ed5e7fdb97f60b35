/*
 * journal.c - entries: written with each change, settled by whoever plays them (journal.h).
 *
 * Settling an entry never touches what is shown by itself: it changes the server's half or takes the entry
 * away, and what is shown is computed again from both.
 */
#include "store/journal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/txn.h"

#include <string.h>

#define COMMANDS_MAKER 0
#define KEPT_S (30 * 86400)

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

/* ---- reading and writing ---- */

void store_entry_data_clear(StoreEntryData *entry)
{
    g_clear_pointer(&entry->name, g_free);
    g_clear_pointer(&entry->old_name, g_free);
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

void store_entry_data_free(void *data)
{
    store_entry_data_clear(data);
    g_free(data);
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

/* For a statement that is run before the text goes. */
static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

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
    if (statement)
        bind_text(statement, 4, txn->change_name);
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
    if (statement) {
        bind_text(statement, 4, store_verb_name(entry->verb));
        bind_text(statement, 9, entry->name);
        bind_text(statement, 10, entry->old_name);
    }
    return store_db_finish(txn->db, statement, error);
}

static gboolean settle(StoreTxn *txn, int64_t id, StoreEntryState state, const char *why, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_SETTLE, error, id, state);

    if (statement)
        bind_text(statement, 3, why);
    return store_db_finish(txn->db, statement, error);
}

/* ---- rows and folders that go ---- */

static gboolean delete_row(StoreTxn *txn, int64_t id, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    return found == 0 || (found == 1 && store_row_delete(txn, &row, error));
}

gboolean store_journal_row_gone(StoreTxn *txn, int64_t id, GError **error)
{
    g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_JOURNAL_COPIES_OF, error, id), copies, error))
        return FALSE;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_ROW_GONE, error, id);
    if (statement)
        bind_text(statement, 2, _("the message is not on the server any more"));
    if (!store_db_finish(txn->db, statement, error))
        return FALSE;
    for (guint i = 0; i < copies->len; i++) {
        if (!delete_row(txn, g_array_index(copies, int64_t, i), error))
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
    return found >= 0 && delete_row(txn, id, error);
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

/* ---- what became of an entry ---- */

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

gboolean store_journal_show(StoreTxn *txn, int64_t id, StoreVerb verb, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    if (found <= 0)
        return found == 0;
    return !row.server_folder || store_row_compute(txn, &row, verb == STORE_VERB_KEYWORD, NULL, error);
}

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
           store_row_set_server(txn, row, other->uid, other->server_flags, (const char *const *)keywords,
                                &is_changed, error);
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

/* A sent move that was not made: back to where it stood; where that folder is gone, the message went with it.
 * */
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
        return delete_row(txn, entry->copy, error);
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
    if (statement)
        bind_text(statement, 3, why);
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
