/* rescue_rows.c - see rescue.h: the rows that unsettled entries name. */
#include "store/rescue_private.h"
#include "store/text_list.h"

/* Of an entry of a move: it is to another account, so that the row stands where it stood, also when it was
 * sent. */
#define IS_ACROSS                                                                                            \
    "EXISTS (SELECT 1 FROM folder f WHERE f.id = journal.old_folder AND f.account <> journal.account)"

/* Of a row: what a sync does not bring again, or needs to know it by. */
#define COLUMNS "key, id, server_folder, server_flags, size, attachments"

typedef struct {
    int64_t id, key, server_folder, server_flags, size_bytes, attachments;
} OldRow;

/* Those that are wanted, id -> OldRow *, NULL as long as it was not found. */
static void take_row(Rescue *rescue, sqlite3_stmt *row, void *data)
{
    GHashTable *wanted = data;
    int64_t id = sqlite3_column_int64(row, 1);

    (void)rescue;
    if (!g_hash_table_contains(wanted, &id))
        return;
    const OldRow old = {id,
                        sqlite3_column_int64(row, 0),
                        sqlite3_column_int64(row, 2),
                        sqlite3_column_int64(row, 3),
                        sqlite3_column_int64(row, 4),
                        sqlite3_column_int64(row, 5)};
    g_hash_table_replace(wanted, g_memdup2(&id, sizeof id), g_memdup2(&old, sizeof old));
}

/* By the index; where that does not lead to all, by walking through the table. */
static GHashTable *find_rows(Rescue *rescue, const GArray *ids)
{
    GHashTable *wanted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    guint n_found = 0;

    for (guint i = 0; i < ids->len; i++)
        g_hash_table_replace(wanted, g_memdup2(&g_array_index(ids, int64_t, i), sizeof(int64_t)), NULL);
    for (guint i = 0; i < ids->len; i++) {
        int64_t *id = &g_array_index(ids, int64_t, i);
        rescue_each(rescue, "SELECT " COLUMNS " FROM message INDEXED BY message_id WHERE id = ?1", *id,
                    take_row, wanted);
        n_found += g_hash_table_lookup(wanted, id) != NULL;
    }
    if (n_found < ids->len)
        rescue_walk(rescue, "SELECT " COLUMNS " FROM message NOT INDEXED WHERE key >= ?1 ORDER BY key",
                    take_row, wanted);
    return wanted;
}

static void copy_envelope(Rescue *rescue, sqlite3_stmt *row, void *is_copied)
{
    rescue_copy(rescue, "envelope", row);
    *(gboolean *)is_copied = TRUE;
}

/* The thread that its envelope puts it into; mid and parent. */
static gboolean join_thread(Rescue *rescue, int64_t account, StoreRowData *row, gboolean *is_new_out)
{
    StoreTxn *txn = rescue->txn;
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_ENVELOPE_NAMES, &rescue->failure, row->id);

    if (!statement || store_db_step(txn->db, statement, &rescue->failure) != 1)
        return FALSE;
    g_autofree char *message_id = g_strdup((const char *)sqlite3_column_text(statement, 0));
    g_auto(GStrv) references =
        text_list_read_strings(sqlite3_column_blob(statement, 1), (gsize)sqlite3_column_bytes(statement, 1));
    sqlite3_reset(statement);
    const StoreNewMessage message = {.message_id = message_id, .references = (const char *const *)references};
    return store_thread_join(txn, account, &message, row, is_new_out, &rescue->failure);
}

/* Where it stands on the server: before a move that was sent and is to be sent again. 0: it is not to be
 * kept. */
static int64_t place_of(Rescue *rescue, const OldRow *old)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT f.id FROM folder f WHERE f.id = coalesce((SELECT old_folder FROM journal WHERE message = "
        "%" G_GINT64_FORMAT " AND state = 2 AND verb = 'move' ORDER BY id LIMIT 1), %" G_GINT64_FORMAT ")",
        old->id, old->server_folder);
    g_autoptr(GArray) found = rescue_numbers(rescue, sql);

    return found->len ? g_array_index(found, int64_t, 0) : 0;
}

static void add_row(Rescue *rescue, const OldRow *old)
{
    StoreTxn *txn = rescue->txn;
    const int64_t folder = place_of(rescue, old);
    const uint32_t flags = (uint32_t)old->server_flags & ~(uint32_t)(STORE_HAS_KEYWORDS | STORE_FORWARDED);
    gboolean has_envelope = FALSE, is_new_thread;
    int64_t account;
    StoreRowData row = {.id = old->id,
                        .flags = flags,
                        .server_flags = flags,
                        .size_bytes = old->size_bytes,
                        .attachments = (int)CLAMP(old->attachments, -1, G_MAXINT),
                        .server_folder = folder};

    if (!folder || rescue->failure)
        return;
    rescue_each(rescue, "SELECT * FROM envelope NOT INDEXED WHERE id = ?1", old->id, copy_envelope,
                &has_envelope);
    if (!has_envelope || rescue->failure)
        return;
    if (store_folder_account(txn, folder, &account, &rescue->failure) &&
        store_row_key(txn, folder, MIN(key_seconds(old->key), KEY_SECONDS_MAX), 0, FALSE, &row.key,
                      &rescue->failure) &&
        join_thread(rescue, account, &row, &is_new_thread))
        store_row_add(txn, &row, is_new_thread, &rescue->failure);
}

/* Each once. */
static GArray *wanted_ids(Rescue *rescue)
{
    GArray *ids = rescue_numbers(rescue, "SELECT message FROM journal WHERE state < 3 AND message > 0 UNION "
                                         "SELECT copy FROM journal WHERE state < 3 AND copy > 0");
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

    for (guint i = 0; i < ids->len; i++)
        g_hash_table_add(seen, g_memdup2(&g_array_index(ids, int64_t, i), sizeof(int64_t)));
    for (guint i = 0; i < rescue->messages->len; i++) {
        const int64_t id = g_array_index(rescue->messages, int64_t, i);
        if (g_hash_table_add(seen, g_memdup2(&id, sizeof id)))
            g_array_append_val(ids, id);
    }
    return ids;
}

void rescue_rows(Rescue *rescue)
{
    /* One that is known to have left its place was made. */
    rescue_exec(rescue, "UPDATE journal SET state = 3 WHERE verb = 'move' AND state = 2 AND old_uid IS NULL "
                        "AND NOT " IS_ACROSS);
    g_autoptr(GArray) ids = wanted_ids(rescue);
    g_autoptr(GHashTable) rows = find_rows(rescue, ids);

    for (guint i = 0; i < ids->len && !rescue->failure; i++) {
        const OldRow *old = g_hash_table_lookup(rows, &g_array_index(ids, int64_t, i));
        if (old)
            add_row(rescue, old);
    }
    rescue_exec(rescue, "UPDATE journal SET state = 0, old_uid = NULL, uid_validity = NULL, uid_next = NULL "
                        "WHERE verb = 'move' "
                        "AND state = 2 AND NOT " IS_ACROSS ";"
                        "DELETE FROM envelope WHERE id NOT IN (SELECT id FROM message);"
                        "UPDATE meta SET value = max(value, (SELECT coalesce(max(id), 0) + 1 FROM message)) "
                        "WHERE name = 'next-id'");
}
