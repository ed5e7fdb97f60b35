/*
 * row.c - rows of table message: added, shown otherwise, taken away; with `top`, unread and counts that
 * follow.
 *
 * Of a thread's rows in one folder exactly one, the newest, has top > 0: the number of them; and top_unread
 * of those unread.
 */
#include "store/txn.h"

#define IS_UNREAD(flags) (!((flags)&STORE_SEEN))

static int read_row(StoreTxn *txn, sqlite3_stmt *statement, StoreRowData *row, GError **error)
{
    int64_t v[13];
    int found = store_db_get(txn->db, statement, G_N_ELEMENTS(v), v, error);

    if (found == 1)
        *row = (StoreRowData){.key = v[0],
                              .id = v[1],
                              .flags = (uint32_t)v[2],
                              .thread = v[3],
                              .top = v[4],
                              .top_unread = v[5],
                              .size_bytes = v[6],
                              .attachments = (int)v[7],
                              .mid = v[8],
                              .parent = v[9],
                              .server_folder = v[10],
                              .uid = (uint32_t)v[11],
                              .server_flags = (uint32_t)v[12]};
    return found;
}

int store_row_by_id(StoreTxn *txn, int64_t id, StoreRowData *row, GError **error)
{
    return read_row(txn, STORE_START(txn->db, SQL_ROW_BY_ID, error, id), row, error);
}

int store_row_by_key(StoreTxn *txn, int64_t key, StoreRowData *row, GError **error)
{
    return read_row(txn, STORE_START(txn->db, SQL_ROW_BY_KEY, error, key), row, error);
}

int store_row_by_uid(StoreTxn *txn, int64_t folder, uint32_t uid, StoreRowData *row, GError **error)
{
    return read_row(txn, STORE_START(txn->db, SQL_ROW_BY_UID, error, folder, uid), row, error);
}

/* A key within one second: 1, 0 when it is full. */
static int key_in_second(StoreTxn *txn, int64_t first, uint32_t uid, gboolean is_backfill, int64_t *key_out,
                         GError **error)
{
    int64_t newest[2], oldest[2], last = first + KEY_TIES - 1;
    int row = STORE_GET(txn->db, SQL_KEY_NEWEST, error, newest, first, last);

    if (row <= 0) {
        *key_out = first + (is_backfill ? KEY_TIES - 1 - KEY_TIE_FIRST : KEY_TIE_FIRST);
        return row == 0 ? 1 : -1;
    }
    if (is_backfill && uid < newest[1]) {
        if (STORE_GET(txn->db, SQL_KEY_OLDEST, error, oldest, first, last) < 0)
            return -1;
        if (uid < oldest[1] && oldest[0] > first) {
            *key_out = oldest[0] - 1;
            return 1;
        }
    }
    *key_out = newest[0] + 1;
    return newest[0] < last;
}

gboolean store_row_key(StoreTxn *txn, int64_t folder, int64_t seconds, uint32_t uid, gboolean is_backfill,
                       int64_t *key_out, GError **error)
{
    int64_t wanted = key_make(folder, seconds, 0), *second = g_hash_table_lookup(txn->full_seconds, &wanted);
    int64_t first = second ? *second : wanted;
    int found;

    while ((found = key_in_second(txn, first, uid, is_backfill, key_out, error)) == 0)
        first += KEY_TIES;
    /* Thousands of messages of one second are walked past once in a job, not once for each. */
    if (found == 1 && first != wanted && (!second || *second != first))
        g_hash_table_replace(txn->full_seconds, g_memdup2(&wanted, sizeof wanted),
                             g_memdup2(&first, sizeof first));
    return found == 1;
}

static gboolean set_top(StoreTxn *txn, int64_t key, int64_t top, int64_t top_unread, GError **error)
{
    return STORE_RUN(txn->db, SQL_TOP_SET, error, key, top, top_unread);
}

/* The thread's newest row in the folder, at or below `last`: key, top, top_unread. */
static int thread_top(StoreTxn *txn, int64_t thread, int64_t folder, int64_t last, int64_t top[3],
                      GError **error)
{
    return store_db_get(txn->db,
                        STORE_START(txn->db, SQL_THREAD_TOP, error, thread, key_folder_first(folder), last),
                        3, top, error);
}

/* `row` is about to be added to its thread: the top is it, or the one there was. */
static gboolean top_with(StoreTxn *txn, StoreRowData *row, gboolean is_new_thread, GError **error)
{
    int64_t folder = key_folder(row->key), top[3];
    int found = is_new_thread ? 0 : thread_top(txn, row->thread, folder, key_folder_last(folder), top, error);

    if (found < 0)
        return FALSE;
    row->top = 1;
    row->top_unread = IS_UNREAD(row->flags);
    store_counts_add(txn, row->key, 1, IS_UNREAD(row->flags), found == 0);
    if (found == 0)
        return TRUE;
    row->top += top[1];
    row->top_unread += top[2];
    if (row->key < top[0]) {
        gboolean is_done = set_top(txn, top[0], row->top, row->top_unread, error);
        row->top = row->top_unread = 0;
        return is_done;
    }
    store_counts_add(txn, top[0], 0, 0, -1);
    store_counts_add(txn, row->key, 0, 0, 1);
    return set_top(txn, top[0], 0, 0, error);
}

gboolean store_row_add(StoreTxn *txn, StoreRowData *row, gboolean is_new_thread, GError **error)
{
    if (!top_with(txn, row, is_new_thread, error))
        return FALSE;
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_ROW_ADD, error, row->key, row->id, key_folder(row->key), row->flags,
                    row->thread, row->top, row->top_unread, row->size_bytes, row->attachments, row->mid,
                    row->parent, row->server_folder, row->uid, row->server_flags);
    if (statement && !row->server_folder)
        sqlite3_bind_null(statement, 12);
    return store_db_finish(txn->db, statement, error);
}

/* `row` is about to go: the top is the next older one, or stays and counts less. */
static gboolean top_without(StoreTxn *txn, const StoreRowData *row, GError **error)
{
    int64_t folder = key_folder(row->key), top[3];
    int is_unread = IS_UNREAD(row->flags);

    store_counts_add(txn, row->key, -1, -is_unread, row->top ? -1 : 0);
    if (row->top == 1)
        return TRUE;
    if (!row->top)
        return STORE_RUN(txn->db, SQL_TOP_ONE_LESS, error, row->thread, key_folder_first(folder),
                         key_folder_last(folder), is_unread);
    int found = thread_top(txn, row->thread, folder, row->key - 1, top, error);
    if (found <= 0)
        return found == 0;
    store_counts_add(txn, top[0], 0, 0, 1);
    return set_top(txn, top[0], row->top - 1, row->top_unread - is_unread, error);
}

gboolean store_row_delete(StoreTxn *txn, const StoreRowData *row, GError **error)
{
    g_hash_table_remove(txn->thread_sizes, &row->thread);
    /* Copies that go with it may be of its thread and folder: only when its top is another's. */
    return top_without(txn, row, error) && STORE_RUN(txn->db, SQL_ROW_DELETE, error, row->key) &&
           STORE_RUN(txn->db, SQL_ENVELOPE_DELETE, error, row->id) && store_email_row_gone(txn, row, error) &&
           (!row->uid || STORE_RUN(txn->db, SQL_FILE_DROP, error, row->server_folder, row->uid)) &&
           (!((row->flags | row->server_flags) & STORE_HAS_KEYWORDS) ||
            STORE_RUN(txn->db, SQL_KEYWORD_DELETE, error, row->id)) &&
           store_journal_row_gone(txn, row->id, error);
}

gboolean store_row_delete_by_id(StoreTxn *txn, int64_t id, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    return found == 0 || (found == 1 && store_row_delete(txn, &row, error));
}

gboolean store_row_move(StoreTxn *txn, StoreRowData *row, int64_t folder, GError **error)
{
    const int64_t old_key = row->key;
    gboolean is_new_thread = FALSE;
    int64_t key, account;

    if (!store_row_key(txn, folder, key_seconds(old_key), row->uid, FALSE, &key, error) ||
        !store_across_account(txn, row, folder, &account, error) || !top_without(txn, row, error))
        return FALSE;
    row->key = key;
    return (!account || store_across_join(txn, account, row->id, row, &is_new_thread, error)) &&
           top_with(txn, row, is_new_thread, error) &&
           STORE_RUN(txn->db, SQL_ROW_SET_KEY, error, old_key, key, folder, row->top, row->top_unread) &&
           (!account ||
            STORE_RUN(txn->db, SQL_ROW_SET_THREAD, error, key, row->thread, row->mid, row->parent));
}

gboolean store_row_show(StoreTxn *txn, StoreRowData *row, uint32_t flags, GError **error)
{
    int more_unread = IS_UNREAD(flags) - IS_UNREAD(row->flags);
    const int64_t folder = key_folder(row->key);

    if (flags == row->flags)
        return TRUE;
    row->flags = flags;
    if (!more_unread)
        return STORE_RUN(txn->db, SQL_ROW_SET_FLAGS, error, row->key, flags);
    store_counts_add(txn, row->key, 0, more_unread, 0);
    if (row->top) {
        row->top_unread += more_unread;
        return STORE_RUN(txn->db, SQL_TOP_SET_FLAGS, error, row->key, flags, more_unread);
    }
    return STORE_RUN(txn->db, SQL_ROW_SET_FLAGS, error, row->key, flags) &&
           STORE_RUN(txn->db, SQL_TOP_MORE_UNREAD, error, row->thread, key_folder_first(folder),
                     key_folder_last(folder), more_unread);
}
