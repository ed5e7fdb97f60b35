/* folder.c - accounts and folders as the writer keeps them. */
#include "base/error.h"
#include "base/i18n.h"
#include "store/txn.h"

static sqlite3_stmt *start_with_name(StoreTxn *txn, StoreSql which, const char *name, GError **error)
{
    sqlite3_stmt *statement = store_db_start(txn->db, which, 0, NULL, error);

    store_db_bind_text(statement, 1, name);
    return statement;
}

gboolean store_txn_account(StoreTxn *txn, const char *name, int64_t *account_id_out, GError **error)
{
    int found =
        store_db_get(txn->db, start_with_name(txn, SQL_ACCOUNT_GET, name, error), 1, account_id_out, error);

    if (found != 0)
        return found == 1;
    if (!store_db_finish(txn->db, start_with_name(txn, SQL_ACCOUNT_ADD, name, error), error))
        return FALSE;
    *account_id_out = sqlite3_last_insert_rowid(txn->db->handle);
    return TRUE;
}

/* A number that no folder has: new ones as long as there are some, then the lowest that is free. */
gboolean store_folder_number(StoreTxn *txn, int64_t *id_out, GError **error)
{
    int row = -1;

    if (!store_meta_get(txn, "next-folder", id_out, error))
        return FALSE;
    if (*id_out <= KEY_FOLDERS_MAX)
        return store_meta_set(txn, "next-folder", *id_out + 1, error);
    sqlite3_stmt *statement = store_db_start(txn->db, SQL_FOLDER_IDS, 0, NULL, error);
    *id_out = 1;
    while (statement && (row = store_db_step(txn->db, statement, error)) == 1 &&
           sqlite3_column_int64(statement, 0) == *id_out)
        (*id_out)++;
    if (statement)
        sqlite3_reset(statement);
    if (row >= 0 && *id_out > KEY_FOLDERS_MAX)
        tern_error_set(error, TERN_ERROR_LIMIT, _("there are more than %d folders; unsubscribe from some"),
                       KEY_FOLDERS_MAX);
    return row >= 0 && *id_out <= KEY_FOLDERS_MAX;
}

static gboolean add_folder(StoreTxn *txn, int64_t account_id, const StoreListed *listed, int64_t *id_out,
                           GError **error)
{
    if (!store_folder_number(txn, id_out, error))
        return FALSE;
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_FOLDER_ADD, error, *id_out, account_id, 0, 0,
                    (unsigned char)listed->delimiter, listed->role, listed->selectable, listed->subscribed,
                    listed->has_status ? listed->messages : INT64_C(-1),
                    listed->has_status ? listed->unseen : INT64_C(-1), listed->space);
    store_db_bind_text(statement, 3, listed->name);
    store_db_bind_text(statement, 4, listed->raw_name);
    return store_db_finish(txn->db, statement, error);
}

static gboolean update_folder(StoreTxn *txn, int64_t id, const StoreListed *listed, GError **error)
{
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_FOLDER_UPDATE, error, id, 0, (unsigned char)listed->delimiter, listed->role,
                    listed->selectable, listed->subscribed, listed->space);

    store_db_bind_text(statement, 2, listed->name);
    return store_db_finish(txn->db, statement, error) &&
           (!listed->has_status ||
            STORE_RUN(txn->db, SQL_FOLDER_STATUS, error, id, listed->messages, listed->unseen));
}

/* raw name -> id of the account's folders. */
static GHashTable *known_folders(StoreTxn *txn, int64_t account_id, GError **error)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_RAW_NAMES, error, account_id);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        int64_t id = sqlite3_column_int64(statement, 0);
        g_hash_table_insert(known, g_strdup((const char *)sqlite3_column_text(statement, 1)),
                            g_memdup2(&id, sizeof id));
    }
    return row == 0 ? g_steal_pointer(&known) : NULL;
}

static gboolean set_raw_name(StoreTxn *txn, int64_t id, const StoreListed *listed, GError **error)
{
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_FOLDER_SET_RAW, error, id, 0, (unsigned char)listed->delimiter);

    store_db_bind_text(statement, 2, listed->raw_name);
    return store_db_finish(txn->db, statement, error);
}

/* A folder that was made here, and is there before its making was heard of: the known one of that name. */
static gboolean take_new(StoreTxn *txn, int64_t account_id, GHashTable *known, const StoreListed *listed,
                         int64_t **id_out, GError **error)
{
    int64_t id[1];
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_NEW, error, account_id);

    store_db_bind_text(statement, 2, listed->name);
    const int found = store_db_get(txn->db, statement, 1, id, error);
    if (found <= 0)
        return found == 0;
    *id_out = g_memdup2(id, sizeof id[0]);
    g_hash_table_insert(known, g_strdup(listed->raw_name), *id_out);
    return set_raw_name(txn, id[0], listed, error);
}

/* A name that a server lists twice is one folder. */
static gboolean take_listed(StoreTxn *txn, int64_t account_id, GHashTable *known, const StoreListed *listed,
                            GError **error)
{
    int64_t *id = g_hash_table_lookup(known, listed->raw_name), new_id;

    if (!id && !take_new(txn, account_id, known, listed, &id, error))
        return FALSE;
    if (id)
        return update_folder(txn, *id, listed, error);
    if (!add_folder(txn, account_id, listed, &new_id, error))
        return FALSE;
    g_hash_table_insert(known, g_strdup(listed->raw_name), g_memdup2(&new_id, sizeof new_id));
    return TRUE;
}

static GHashTable *raw_names_of(const StoreListed *listed, guint n)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < n; i++)
        g_hash_table_add(names, (void *)listed[i].raw_name);
    return names;
}

/* The known folder that the server calls so and does not list by its old name: that, to be freed, or NULL. */
static char *find_renamed(StoreTxn *txn, int64_t account_id, const char *mailbox_id, GHashTable *seen,
                          int64_t *id_out, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_BY_MAILBOX_ID, error, account_id);
    char *old_name = NULL;

    store_db_bind_text(statement, 2, mailbox_id);
    while (statement && !old_name && store_db_step(txn->db, statement, error) == 1) {
        const char *raw_name = (const char *)sqlite3_column_text(statement, 1);
        if (g_hash_table_contains(seen, raw_name) || store_raw_name_is_new(raw_name))
            continue;
        old_name = g_strdup(raw_name);
        *id_out = sqlite3_column_int64(statement, 0);
    }
    if (statement)
        sqlite3_reset(statement);
    return old_name;
}

/* Folders that another client has renamed are known by their new names. */
static gboolean take_renamed(StoreTxn *txn, int64_t account_id, GHashTable *known, const StoreListed *listed,
                             guint n, GError **error)
{
    g_autoptr(GHashTable) seen = raw_names_of(listed, n);

    for (guint i = 0; i < n; i++) {
        GError *failed = NULL;
        int64_t id;
        if (!listed[i].mailbox_id || g_hash_table_contains(known, listed[i].raw_name))
            continue;
        g_autofree char *old_name = find_renamed(txn, account_id, listed[i].mailbox_id, seen, &id, &failed);
        if (failed) {
            g_propagate_error(error, failed);
            return FALSE;
        }
        if (!old_name)
            continue;
        if (!set_raw_name(txn, id, &listed[i], error))
            return FALSE;
        g_hash_table_remove(known, old_name);
        g_hash_table_insert(known, g_strdup(listed[i].raw_name), g_memdup2(&id, sizeof id));
    }
    return TRUE;
}

/* Before others are added, so that the numbers of empty ones are free for those. */
static gboolean delete_gone(StoreTxn *txn, GHashTable *known, const StoreListed *listed, guint n,
                            GError **error)
{
    g_autoptr(GHashTable) seen = raw_names_of(listed, n);
    GHashTableIter iter;
    void *name, *id;

    g_hash_table_iter_init(&iter, known);
    while (g_hash_table_iter_next(&iter, &name, &id)) {
        if (!g_hash_table_contains(seen, name) && !store_raw_name_is_new(name) &&
            !store_folder_cast_off(txn, *(int64_t *)id, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_list(StoreTxn *txn, int64_t account_id, const StoreListed *listed, guint n,
                           gboolean is_whole, GError **error)
{
    if (!n) {
        tern_error_set(error, TERN_ERROR_PROTOCOL,
                       _("the server lists no folder at all; the known ones are kept"));
        return FALSE;
    }
    /* Names that are missing tell of folders that were renamed only where none is. */
    if (is_whole && !store_folders_take_renamed(txn, account_id, listed, n, error))
        return FALSE;
    g_autoptr(GHashTable) known = known_folders(txn, account_id, error);
    if (!known || (is_whole && (!take_renamed(txn, account_id, known, listed, n, error) ||
                                !delete_gone(txn, known, listed, n, error))))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        if (!take_listed(txn, account_id, known, &listed[i], error))
            return FALSE;
    }
    return store_email_forget_departed(txn, error) && store_folders_compute(txn, account_id, error);
}

gboolean store_txn_folders(StoreTxn *txn, int64_t account_id, const StoreListed *listed, guint n,
                           GError **error)
{
    return write_list(txn, account_id, listed, n, TRUE, error);
}

gboolean store_txn_folders_seen(StoreTxn *txn, int64_t account_id, const StoreListed *listed, guint n,
                                GError **error)
{
    return write_list(txn, account_id, listed, n, FALSE, error);
}

gboolean store_txn_set_mailbox_id(StoreTxn *txn, int64_t folder_id, const char *mailbox_id, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_SET_MAILBOX_ID, error, folder_id);

    store_db_bind_text(statement, 2, mailbox_id);
    return store_db_finish(txn->db, statement, error);
}

gboolean store_txn_set_sync(StoreTxn *txn, int64_t folder_id, const StoreSync *sync, GError **error)
{
    return STORE_RUN(txn->db, SQL_FOLDER_SYNC, error, folder_id, sync->uid_validity, sync->uid_next,
                     sync->backfill_uid, (int64_t)sync->highest_modseq, sync->synced_s);
}
