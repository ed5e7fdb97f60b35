/* journal_read.c - the journal as it is read: by whoever plays it, and for people. */
#include "store/journal.h"

#include "base/clock.h"
#include "store/reader.h"
#include "store/txn.h"

void store_entry_free(StoreEntry *entry)
{
    if (!entry)
        return;
    char *const texts[] = {entry->name,  entry->account,    entry->folder_name, entry->folder_raw,
                           entry->error, entry->server_raw, entry->message_id,  entry->old_raw};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(entry);
}

static char *text_at(sqlite3_stmt *statement, int column)
{
    return g_strdup((const char *)sqlite3_column_text(statement, column));
}

/* A raw name; "" for a folder that the server has not got yet. */
static char *raw_at(sqlite3_stmt *statement, int column)
{
    const char *raw = (const char *)sqlite3_column_text(statement, column);

    return g_strdup(raw && store_raw_name_is_new(raw) ? "" : raw);
}

static StoreEntry *entry_at(sqlite3_stmt *statement, gboolean *waits_out)
{
    StoreEntry *entry = g_new0(StoreEntry, 1);
    int column = 0;

    entry->id = sqlite3_column_int64(statement, column++);
    entry->group = sqlite3_column_int64(statement, column++);
    entry->verb = store_verb_of((const char *)sqlite3_column_text(statement, column++));
    entry->state = (StoreEntryState)sqlite3_column_int(statement, column++);
    entry->tries = sqlite3_column_int(statement, column++);
    entry->not_before_s = sqlite3_column_int64(statement, column++);
    entry->message = sqlite3_column_int64(statement, column++);
    entry->folder = sqlite3_column_int64(statement, column++);
    entry->copy = sqlite3_column_int64(statement, column++);
    entry->set = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->clear = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->name = text_at(statement, column++);
    entry->account = text_at(statement, column++);
    entry->folder_name = text_at(statement, column++);
    entry->folder_raw = raw_at(statement, column++);
    entry->error = text_at(statement, column++);
    entry->server_folder = sqlite3_column_int64(statement, column++);
    entry->uid = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->server_raw = raw_at(statement, column++);
    entry->message_id = text_at(statement, column++);
    entry->size_bytes = sqlite3_column_int64(statement, column++);
    entry->old_folder = sqlite3_column_int64(statement, column++);
    entry->old_uid = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->uid_validity = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->uid_next = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->old_raw = raw_at(statement, column++);
    entry->is_across = sqlite3_column_int(statement, column++) != 0;
    *waits_out = sqlite3_column_int(statement, column++) != 0;
    return entry;
}

static void free_entry(void *data)
{
    store_entry_free(data);
}

/* A statement that begins with the account. */
static sqlite3_stmt *start(StoreReader *reader, StoreSql which, const char *account, int64_t second,
                           GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, which, error, 0, second);

    if (statement)
        sqlite3_bind_text(statement, 1, account, -1, SQLITE_TRANSIENT);
    return statement;
}

GPtrArray *store_read_journal(StoreReader *reader, const char *account, gboolean all, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_entry);
    sqlite3_stmt *statement = start(reader, SQL_JOURNAL_READ, account, all, error);
    gboolean waits;
    int row = -1;

    while (statement && (row = store_db_step(reader->db, statement, error)) == 1)
        g_ptr_array_add(entries, entry_at(statement, &waits));
    return row == 0 ? g_steal_pointer(&entries) : NULL;
}

/* ---- what is due ---- */

/* What an entry that cannot be played yet stops: everything later about the same row, folder, or copy. */
typedef struct {
    GHashTable *rows, *folders; /* sets of int64_t */
} Stopped;

static void stop(GHashTable *set, int64_t number)
{
    if (number)
        g_hash_table_add(set, g_memdup2(&number, sizeof number));
}

static gboolean is_stopped(const Stopped *stopped, const StoreEntry *entry)
{
    return g_hash_table_contains(stopped->rows, &entry->message) ||
           (entry->folder && g_hash_table_contains(stopped->folders, &entry->folder)) ||
           (entry->server_folder && g_hash_table_contains(stopped->folders, &entry->server_folder));
}

static void stop_by(const Stopped *stopped, const StoreEntry *entry)
{
    stop(stopped->rows, entry->message);
    stop(stopped->rows, entry->copy);
    if (!entry->message)
        stop(stopped->folders, entry->folder);
}

/* 0: it is due; else when it is. */
static int64_t due_at(const StoreEntry *entry, int64_t now_s)
{
    return entry->not_before_s > now_s ? entry->not_before_s : 0;
}

GPtrArray *store_read_journal_due(StoreReader *reader, const char *account, int limit, int64_t *next_s_out,
                                  GError **error)
{
    g_autoptr(GPtrArray) due = g_ptr_array_new_with_free_func(free_entry);
    g_autoptr(GHashTable) rows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                          folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    const Stopped stopped = {rows, folders};
    const int64_t now_s = clock_wall_s();
    int64_t next_s = 0;
    sqlite3_stmt *statement = start(reader, SQL_JOURNAL_UNSETTLED, account, 0, error);
    int row = -1;

    while (statement && (int)due->len < limit && (row = store_db_step(reader->db, statement, error)) == 1) {
        gboolean waits;
        StoreEntry *entry = entry_at(statement, &waits);
        const int64_t at_s = due_at(entry, now_s);
        if (at_s)
            next_s = next_s ? MIN(next_s, at_s) : at_s;
        if (at_s || waits || is_stopped(&stopped, entry)) {
            stop_by(&stopped, entry);
            store_entry_free(entry);
        } else {
            g_ptr_array_add(due, entry);
        }
    }
    if (statement)
        sqlite3_reset(statement);
    if (next_s_out)
        *next_s_out = next_s;
    return row < 0 ? NULL : g_steal_pointer(&due);
}

gboolean store_read_journal_count(StoreReader *reader, int64_t *count_out, GError **error)
{
    return store_db_get(reader->db, store_db_start(reader->db, SQL_JOURNAL_COUNT, 0, NULL, error), 1,
                        count_out, error) == 1;
}

int store_journal_is_leaving(StoreReader *reader, int64_t body_id, GError **error)
{
    int64_t one[1];

    return STORE_GET(reader->db, body_id < 0 ? SQL_JOURNAL_LEAVING_BODY : SQL_JOURNAL_LEAVING, error, one,
                     body_id);
}

int store_journal_has_placed(StoreReader *reader, int64_t message, int64_t folder, GError **error)
{
    int64_t one[1];

    return STORE_GET(reader->db, SQL_JOURNAL_PLACED, error, one, message, folder);
}

/* The earliest time of an unsettled entry that is later than that one: 1; there is none: 0; -1. */
static int first_time(StoreReader *reader, const char *account, int64_t after_s, int64_t *time_s_out,
                      GError **error)
{
    return store_db_get(reader->db, start(reader, SQL_JOURNAL_FIRST_TIME, account, after_s, error), 1,
                        time_s_out, error);
}

int store_journal_is_due(StoreReader *reader, const char *account, int64_t *next_s_out, GError **error)
{
    const int64_t now_s = clock_wall_s();
    int64_t first_s, next_s = 0;
    const int has_one = first_time(reader, account, -1, &first_s, error),
              has_later = has_one == 1 ? first_time(reader, account, now_s, &next_s, error) : 0;

    if (next_s_out)
        *next_s_out = next_s;
    if (has_one <= 0 || has_later < 0)
        return MIN(has_one, has_later);
    if (first_s > now_s)
        return 0;
    /* What is later, or another account's, may stop what would be due. */
    g_autoptr(GPtrArray) due = store_read_journal_due(reader, account, 1, NULL, error);
    return due ? due->len > 0 : -1;
}
