/* undo.c - see undo.h. */
#include "store/undo.h"

#include "base/error.h"
#include "base/i18n.h"
#include "store/pieces.h"

#include <string.h>

enum { GROUP_UNDOABLE, GROUP_REDOABLE, GROUP_SPENT };

void store_group_free(StoreGroup *group)
{
    if (!group)
        return;
    g_free(group->name);
    g_free(group->why);
    g_free(group);
}

/* ---- words ---- */

/* %d: messages, %s: the name. Those about folders have no number. */
static const struct {
    const char *one, *many;
    gboolean has_name;
} WORDS[STORE_CHANGES_END] = {
    [STORE_CHANGE_FLAGS] = {N_("%d message changed"), N_("%d messages changed"), FALSE},
    [STORE_CHANGE_READ] = {N_("%d message marked read"), N_("%d messages marked read"), FALSE},
    [STORE_CHANGE_UNREAD] = {N_("%d message marked unread"), N_("%d messages marked unread"), FALSE},
    [STORE_CHANGE_FLAG] = {N_("%d message flagged"), N_("%d messages flagged"), FALSE},
    [STORE_CHANGE_UNFLAG] = {N_("%d message unflagged"), N_("%d messages unflagged"), FALSE},
    [STORE_CHANGE_TAG] = {N_("%d message tagged %s"), N_("%d messages tagged %s"), TRUE},
    [STORE_CHANGE_UNTAG] = {N_("tag %2$s taken from %1$d message"), N_("tag %2$s taken from %1$d messages"),
                            TRUE},
    [STORE_CHANGE_MOVE] = {N_("%d message moved to %s"), N_("%d messages moved to %s"), TRUE},
    [STORE_CHANGE_COPY] = {N_("%d message copied to %s"), N_("%d messages copied to %s"), TRUE},
    [STORE_CHANGE_ARCHIVE] = {N_("%d message archived"), N_("%d messages archived"), FALSE},
    [STORE_CHANGE_DELETE] = {N_("%d message deleted"), N_("%d messages deleted"), FALSE},
    [STORE_CHANGE_UNDELETE] = {N_("%d message undeleted"), N_("%d messages undeleted"), FALSE},
    [STORE_CHANGE_JUNK] = {N_("%d message marked as junk"), N_("%d messages marked as junk"), FALSE},
    [STORE_CHANGE_NOT_JUNK] = {N_("%d message marked as no junk"), N_("%d messages marked as no junk"),
                               FALSE},
    [STORE_CHANGE_EXPUNGE] = {N_("%d message deleted for good"), N_("%d messages deleted for good"), FALSE},
    [STORE_CHANGE_READ_ALL] = {N_("%d message of %s marked read"), N_("%d messages of %s marked read"), TRUE},
    [STORE_CHANGE_IMPORT] = {N_("%d message imported into %s"), N_("%d messages imported into %s"), TRUE},
    [STORE_CHANGE_EMPTY] = {N_("%d message of %s deleted for good"), N_("%d messages of %s deleted for good"),
                            TRUE},
};
static const char *const FOLDER_WORDS[STORE_CHANGES_END] = {
    [STORE_CHANGE_CREATE] = N_("folder %s made"),
    [STORE_CHANGE_RENAME] = N_("folder renamed to %s"),
    [STORE_CHANGE_DELETE_FOLDER] = N_("folder %s deleted"),
    [STORE_CHANGE_SUBSCRIBE] = N_("subscribed to %s"),
    [STORE_CHANGE_UNSUBSCRIBE] = N_("unsubscribed from %s"),
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
char *store_group_describe(const StoreGroup *group)
{
    const StoreChangeKind kind = group->kind < STORE_CHANGES_END ? group->kind : STORE_CHANGE_FLAGS;
    const char *name = group->name ? group->name : "";

    if (FOLDER_WORDS[kind])
        return g_strdup_printf(_(FOLDER_WORDS[kind]), name);
    const char *format = ngettext_(WORDS[kind].one, WORDS[kind].many, group->messages);
    return WORDS[kind].has_name ? g_strdup_printf(format, group->messages, name)
                                : g_strdup_printf(format, group->messages);
}
#pragma GCC diagnostic pop

/* ---- groups ---- */

/* The first row of a statement that gives id, kind, name; with its size. NULL without an error: none. */
static StoreGroup *read_group(StoreTxn *txn, sqlite3_stmt *statement, GError **error)
{
    const int row = statement ? store_db_step(txn->db, statement, error) : -1;
    int64_t size[2];

    if (row != 1)
        return NULL;
    g_autoptr(StoreGroup) group = g_new0(StoreGroup, 1);
    group->id = sqlite3_column_int64(statement, 0);
    group->kind = (StoreChangeKind)sqlite3_column_int(statement, 1);
    group->name = g_strdup((const char *)sqlite3_column_text(statement, 2));
    sqlite3_reset(statement);
    if (STORE_GET(txn->db, SQL_GROUP_SIZE, error, size, group->id) != 1)
        return NULL;
    group->messages = (int)size[0];
    group->is_held = size[1] != 0;
    return g_steal_pointer(&group);
}

StoreGroup *store_txn_group(StoreTxn *txn, GError **error)
{
    return txn->group ? read_group(txn, STORE_START(txn->db, SQL_GROUP_GET, error, txn->group), error) : NULL;
}

/* ---- back ---- */

static gboolean is_for_good(const StoreEntryData *entry)
{
    if (entry->verb == STORE_VERB_EXPUNGE)
        return entry->state == STORE_ENTRY_SENT || entry->state == STORE_ENTRY_DONE;
    return entry->verb == STORE_VERB_DELETE && entry->state == STORE_ENTRY_DONE;
}

/* 1: the row has no server's half; 0; -1. Gone: 0. */
static int is_local(StoreTxn *txn, int64_t id, StoreRowData *row, GError **error)
{
    const int found = store_row_by_id(txn, id, row, error);

    return found == 1 ? !row->server_folder : found;
}

/* Why a folder that an entry has made is not to be deleted for its undo, *why_out, to be freed; NULL: it is.
 * What others have put into it since is in no Trash then. */
static gboolean why_kept(StoreTxn *txn, const StoreEntryData *entry, char **why_out, GError **error)
{
    int64_t counts[3];

    *why_out = entry->clear > 0 ? g_strdup(_("it was there before")) : NULL;
    if (*why_out)
        return TRUE;
    if (!store_counts_flush(txn, error))
        return FALSE;
    const int found = STORE_GET(txn->db, SQL_FOLDER_COUNTS, error, counts, entry->folder);
    if (found == 1 && counts[0] > 0)
        *why_out = g_strdup_printf(
            ngettext_(
                "it holds %d message by now, which would go with it; delete the folder if that is meant",
                "it holds %d messages by now, which would go with it; delete the folder if that is meant",
                (int)counts[0]),
            (int)counts[0]);
    return found >= 0;
}

/* One that was made for something else stays then, without a word. */
static gboolean unmake(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    g_autofree char *why = NULL;

    return why_kept(txn, entry, &why, error) && (why || store_change_unmake_folder(txn, entry, error));
}

/* The same change the other way round, for what is settled or on its way. */
static gboolean invert(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    switch (entry->verb) {
    case STORE_VERB_FLAGS:
        return store_change_flags(txn, entry->message, (uint32_t)entry->clear, (uint32_t)entry->set, error);
    case STORE_VERB_KEYWORD:
        return store_change_name(txn, entry->message, entry->name, !entry->set, error);
    case STORE_VERB_COPY:
        return store_change_expunge(txn, entry->copy, error);
    case STORE_VERB_APPEND:
        return store_change_expunge(txn, entry->message, error);
    case STORE_VERB_CREATE:
        return unmake(txn, entry, error);
    case STORE_VERB_RENAME:
        return store_change_rename_folder(txn, entry->folder, entry->old_name, error);
    case STORE_VERB_SUBSCRIBE:
        return store_change_subscribe(txn, entry->folder, !entry->set, error);
    default:
        return TRUE;
    }
}

/* Where a move came from: the place it was shown at, which a sent entry keeps no more; its group's earlier
 * entry, or what the entry itself remembers. */
static gboolean invert_move(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    return !entry->old_folder || store_change_move(txn, entry->message, entry->old_folder, error);
}

/* What exists only here: nothing was ever sent. */
static gboolean invert_local(StoreTxn *txn, const StoreEntryData *entry, StoreRowData *row, GError **error)
{
    if (entry->verb == STORE_VERB_EXPUNGE)
        return key_folder(row->key) != STORE_NOWHERE || store_row_move(txn, row, entry->old_folder, error);
    return entry->verb == STORE_VERB_MOVE ? invert_move(txn, entry, error) : invert(txn, entry, error);
}

static gboolean undo_entry(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    StoreRowData row;

    if (entry->state >= STORE_ENTRY_UNDONE)
        return TRUE;
    const int local = entry->message ? is_local(txn, entry->message, &row, error) : 0;
    if (local < 0)
        return FALSE;
    if (local)
        return invert_local(txn, entry, &row, error) &&
               (entry->state == STORE_ENTRY_DONE ||
                store_entry_take_back(txn, entry, STORE_ENTRY_UNDONE, NULL, error));
    if (entry->state == STORE_ENTRY_WAITING || entry->state == STORE_ENTRY_HELD)
        return store_entry_take_back(txn, entry, STORE_ENTRY_UNDONE, NULL, error);
    return entry->verb == STORE_VERB_MOVE ? invert_move(txn, entry, error) : invert(txn, entry, error);
}

/* Rows whose entries store_journal_take_back() has taken: each is computed once. */
static gboolean show_taken(StoreTxn *txn, const GPtrArray *entries, GError **error)
{
    g_autoptr(GHashTable) shown = g_hash_table_new(g_int64_hash, g_int64_equal);

    /* Keywords first: they need more to be computed, which does for the rest too. */
    for (int rest = 0; rest < 2; rest++) {
        for (guint i = 0; i < entries->len; i++) {
            StoreEntryData *entry = entries->pdata[i];
            if (entry->state == STORE_ENTRY_UNDONE && entry->message && !entry->copy &&
                (rest || entry->verb == STORE_VERB_KEYWORD) && g_hash_table_add(shown, &entry->message) &&
                (!store_across_rehome(txn, entry->message, error) ||
                 !store_journal_show(txn, entry->message, entry->verb, error)))
                return FALSE;
        }
    }
    return TRUE;
}

/* What was not played comes after what was in the life of a row, so it may go first. */
static gboolean undo_entries(StoreTxn *txn, const GPtrArray *entries, GError **error)
{
    if (!show_taken(txn, entries, error))
        return FALSE;
    for (guint i = entries->len; i > 0; i--) {
        if (!undo_entry(txn, entries->pdata[i - 1], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean all_for_good(const GPtrArray *entries)
{
    guint n = 0;

    for (guint i = 0; i < entries->len; i++)
        n += is_for_good(entries->pdata[i]);
    return n > 0 && n == entries->len;
}

/* Whether the row that a change would be made to goes by that verb, and is not there: another client has deleted it
 * for good. 1, 0, -1. */
static int is_gone(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    StoreRowData row;

    if (entry->verb != STORE_VERB_FLAGS && entry->verb != STORE_VERB_KEYWORD &&
        entry->verb != STORE_VERB_MOVE)
        return 0;
    const int found = store_row_by_id(txn, entry->message, &row, error);
    return found < 0 ? -1 : !found;
}

/* Nothing is left of what a group was about: group->why says so. */
static gboolean learn_whether_gone(StoreTxn *txn, StoreGroup *group, const GPtrArray *entries, GError **error)
{
    for (guint i = 0; i < entries->len; i++) {
        const int gone = is_gone(txn, entries->pdata[i], error);
        if (gone != 1)
            return gone == 0;
    }
    if (entries->len && !group->why)
        group->why = g_strdup(ngettext_("the message is not there any more",
                                        "the messages are not there any more", group->messages));
    return TRUE;
}

/* Of the making of a folder: whether it is to stay, which group->why says. */
static gboolean learn_why_kept(StoreTxn *txn, StoreGroup *group, const GPtrArray *entries, GError **error)
{
    const StoreEntryData *made =
        group->kind == STORE_CHANGE_CREATE && entries->len == 1 ? entries->pdata[0] : NULL;

    return !made || made->verb != STORE_VERB_CREATE ||
           (made->state != STORE_ENTRY_SENT && made->state != STORE_ENTRY_DONE) ||
           why_kept(txn, made, &group->why, error);
}

/* A group of many entries: what is too late is found, and the rest put aside, without reading them. */
static gboolean undo_many(StoreTxn *txn, StoreGroup *group, const int64_t size[3], GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    group->is_too_late = size[0] == size[1];
    return group->is_too_late ||
           (store_db_numbers(txn->db, STORE_START(txn->db, SQL_JOURNAL_IDS_BACK, error, group->id), ids,
                             error) &&
            store_pieces_add(txn, STORE_EACH_UNDO, &(StoreEachChange){0}, group->id,
                             (const int64_t *)(const void *)ids->data, ids->len, error));
}

static gboolean undo_few(StoreTxn *txn, StoreGroup *group, GError **error)
{
    g_autoptr(GPtrArray) entries =
        store_journal_take_back(txn, group->id, error) ? store_entries_of_group(txn, group->id, error) : NULL;

    if (!entries)
        return FALSE;
    if (!learn_why_kept(txn, group, entries, error) || !learn_whether_gone(txn, group, entries, error))
        return FALSE;
    group->is_too_late = group->why || all_for_good(entries);
    return group->is_too_late || undo_entries(txn, entries, error);
}

gboolean store_undo_entries(StoreTxn *txn, const int64_t *ids, guint n, GError **error)
{
    g_autofree int64_t *upwards = g_new(int64_t, n);

    for (guint i = 0; i < n; i++) {
        upwards[n - 1 - i] = ids[i];
        if (!STORE_RUN(txn->db, SQL_JOURNAL_TAKE_BACK_ONE, error, ids[i]))
            return FALSE;
    }
    g_autoptr(GPtrArray) entries = store_entries_by_id(txn, upwards, n, error);
    return entries && undo_entries(txn, entries, error);
}

/* The newest group of which anything stands: what a server refused was computed back then. Its size in
 * entries: all, those that are final, refused ones. */
static StoreGroup *newest_standing(StoreTxn *txn, int64_t size[static 3], GError **error)
{
    for (;;) {
        g_autoptr(StoreGroup) group = read_group(
            txn, STORE_START(txn->db, SQL_GROUP_NEWEST, error, store_txn_maker(txn), GROUP_UNDOABLE), error);
        int64_t counted[3];
        if (!group || STORE_GET(txn->db, SQL_JOURNAL_FOR_GOOD, error, counted, group->id) != 1)
            return NULL;
        memcpy(size, counted, sizeof counted);
        if (!size[0] || size[2] < size[0])
            return g_steal_pointer(&group);
        if (!STORE_RUN(txn->db, SQL_GROUP_SET, error, group->id, GROUP_SPENT))
            return NULL;
    }
}

StoreGroup *store_undo(StoreTxn *txn, GError **error)
{
    int64_t size[3];

    if (!store_pieces_finish(txn, error))
        return NULL;
    g_autoptr(StoreGroup) group = newest_standing(txn, size, error);
    if (!group)
        return NULL;
    txn->way = STORE_WAY_UNDO;
    store_change_call(txn, group->kind, group->name);
    if (!(size[0] > STORE_PIECE_ROWS ? undo_many(txn, group, size, error) : undo_few(txn, group, error)) ||
        !(group->is_too_late ? STORE_RUN(txn->db, SQL_GROUP_SET, error, group->id, GROUP_SPENT)
                             : STORE_RUN(txn->db, SQL_GROUP_SET_UNDONE, error, group->id)))
        return NULL;
    return g_steal_pointer(&group);
}

/* ---- and forth ---- */

static gboolean redo_entry(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    switch (entry->verb) {
    case STORE_VERB_FLAGS:
        return store_change_flags(txn, entry->message, (uint32_t)entry->set, (uint32_t)entry->clear, error);
    case STORE_VERB_KEYWORD:
        return store_change_name(txn, entry->message, entry->name, entry->set != 0, error);
    case STORE_VERB_MOVE:
        return store_change_move(txn, entry->message, entry->folder, error);
    case STORE_VERB_COPY:
        return store_change_copy(txn, entry->message, entry->folder, NULL, error);
    case STORE_VERB_EXPUNGE:
        return store_change_expunge(txn, entry->message, error);
    case STORE_VERB_CREATE:
        return store_change_create_folder(txn, entry->account, entry->name, (StoreRole)entry->set, NULL,
                                          error);
    case STORE_VERB_RENAME:
        return store_change_rename_folder(txn, entry->folder, entry->name, error);
    case STORE_VERB_DELETE:
        return store_change_delete_folder(txn, entry->folder, error);
    case STORE_VERB_SUBSCRIBE:
        return store_change_subscribe(txn, entry->folder, entry->set != 0, error);
    default:
        return TRUE;
    }
}

static gboolean redo_entries(StoreTxn *txn, const GPtrArray *entries, GError **error)
{
    for (guint i = 0; i < entries->len; i++)
        if (!redo_entry(txn, entries->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean store_redo_entries(StoreTxn *txn, const int64_t *ids, guint n, GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries_by_id(txn, ids, n, error);

    return entries && redo_entries(txn, entries, error);
}

static gboolean redo_group(StoreTxn *txn, StoreGroup *group, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (!store_db_numbers(txn->db, STORE_START(txn->db, SQL_JOURNAL_IDS_OF_GROUP, error, group->id), ids,
                          error))
        return FALSE;
    const int64_t *all = (const int64_t *)(const void *)ids->data;
    if (ids->len > STORE_PIECE_ROWS)
        return store_pieces_add(txn, STORE_EACH_REDO, &(StoreEachChange){0}, 0, all, ids->len, error);
    g_autoptr(GPtrArray) entries = store_entries_by_id(txn, all, ids->len, error);
    if (!entries || !learn_whether_gone(txn, group, entries, error))
        return FALSE;
    group->is_too_late = group->why != NULL;
    return group->is_too_late || redo_entries(txn, entries, error);
}

StoreGroup *store_redo(StoreTxn *txn, GError **error)
{
    if (!store_pieces_finish(txn, error))
        return NULL;
    g_autoptr(StoreGroup) group = read_group(
        txn, STORE_START(txn->db, SQL_GROUP_UNDONE_LAST, error, store_txn_maker(txn), GROUP_REDOABLE), error);

    if (!group)
        return NULL;
    txn->way = STORE_WAY_REDO;
    store_change_call(txn, group->kind, group->name);
    group->is_too_late = group->kind == STORE_CHANGE_IMPORT;
    return STORE_RUN(txn->db, SQL_GROUP_SET, error, group->id, GROUP_SPENT) &&
                   (group->is_too_late || redo_group(txn, group, error))
               ? g_steal_pointer(&group)
               : NULL;
}
