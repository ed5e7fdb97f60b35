/* db.c - see db.h. */
#include "store/db.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/error.h"
#include "store/siphash.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* secure_delete: Debian compiles it on, which overwrites whatever is deleted at the price of writing those
 * pages. FAST clears what costs no page more: text of a deleted message does not stay in pages that are still
 * used. */
#define PRAGMAS_WRITE                                                                                        \
    "PRAGMA cache_size = -8192; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = FAST;"                   \
    "PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 0;"
#define PRAGMAS_READ "PRAGMA cache_size = -2048; PRAGMA query_only = ON;"
/* No mmap: a file that shrinks or fails to be read is then an error code, not a signal. */
#define PRAGMAS_ALL "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;"

static const char *const STATEMENTS[] = {
#define X(name, text) [SQL_##name] = (text),
    STORE_SQL(X)
#undef X
};

/* SQLite's own handler sleeps 1, 2, 5 … 100 ms; other processes' transactions last some 20 ms, so ask often.
 * */
static int wait_for_lock(void *data, int tries)
{
    StoreDb *db = data;

    if (tries == 0)
        db->busy_since_us = clock_now_us();
    if (clock_now_us() - db->busy_since_us >= (int64_t)db->busy_ms * 1000)
        return 0;
    usleep(300);
    return 1;
}

gboolean store_db_load_hash_key(StoreDb *db, GError **error)
{
    sqlite3_stmt *statement = store_db_start(db, SQL_META_GET, 0, NULL, error);

    if (!statement)
        return FALSE;
    sqlite3_bind_text(statement, 1, "hash-key", -1, SQLITE_STATIC);
    int row = store_db_step(db, statement, error);
    if (row == 1 && sqlite3_column_bytes(statement, 0) == sizeof db->hash_key) {
        memcpy(db->hash_key, sqlite3_column_blob(statement, 0), sizeof db->hash_key);
        sqlite3_reset(statement);
        return TRUE;
    }
    if (row >= 0)
        store_db_error(db, SQLITE_CORRUPT, error);
    sqlite3_reset(statement);
    return FALSE;
}

/* SQLite's accounts of its memory, which nobody here reads, cost a lock at each allocation: 5 % of a sync. */
static void configure_once(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_handle(StoreDb *db)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

    flags |= db->mode == STORE_DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if (db->mode != STORE_DB_STILL)
        return sqlite3_open_v2(db->path, &db->handle, flags, NULL);
    g_autofree char *uri = g_filename_to_uri(db->path, NULL, NULL);
    g_autofree char *still = g_strconcat(uri ? uri : "", "?immutable=1", NULL);
    return sqlite3_open_v2(still, &db->handle, flags | SQLITE_OPEN_URI, NULL);
}

StoreDb *store_db_open(const char *path, StoreDbMode mode, int busy_ms, GError **error)
{
    static pthread_once_t is_configured = PTHREAD_ONCE_INIT;
    g_autoptr(StoreDb) db = g_new0(StoreDb, 1);

    pthread_once(&is_configured, configure_once);
    db->path = g_strdup(path);
    db->mode = mode;
    db->busy_ms = busy_ms;
    int code = open_handle(db);
    if (code != SQLITE_OK) {
        store_db_error(db, code, error);
        return NULL;
    }
    if (busy_ms > 0)
        sqlite3_busy_handler(db->handle, wait_for_lock, db);
    if (!store_db_exec(db, PRAGMAS_ALL, error) ||
        !store_db_exec(db, mode == STORE_DB_WRITE ? PRAGMAS_WRITE : PRAGMAS_READ, error))
        return NULL;
    return g_steal_pointer(&db);
}

void store_db_close(StoreDb *db)
{
    if (!db)
        return;
    for (guint i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->handle);
    g_free(db->path);
    g_free(db);
}

gboolean store_db_exec(StoreDb *db, const char *sql, GError **error)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    if (code != SQLITE_OK)
        store_db_error(db, code, error);
    return code == SQLITE_OK;
}

gboolean store_db_set_full_sync(StoreDb *db, gboolean is_full, GError **error)
{
    if (db->is_full_sync == is_full)
        return TRUE;
    if (!store_db_exec(db, is_full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", error))
        return FALSE;
    db->is_full_sync = is_full;
    return TRUE;
}

sqlite3_stmt *store_db_start(StoreDb *db, StoreSql which, guint n, const int64_t *values, GError **error)
{
    sqlite3_stmt **statement = &db->statements[which];

    if (!*statement) {
        int code =
            sqlite3_prepare_v3(db->handle, STATEMENTS[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK) {
            store_db_error(db, code, error);
            return NULL;
        }
    }
    sqlite3_reset(*statement);
    for (guint i = 0; i < n; i++)
        sqlite3_bind_int64(*statement, (int)i + 1, values[i]);
    return *statement;
}

void store_db_bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
    if (statement)
        sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

int store_db_step(StoreDb *db, sqlite3_stmt *statement, GError **error)
{
    int code = sqlite3_step(statement);

    if (code == SQLITE_ROW)
        return 1;
    if (code != SQLITE_DONE)
        store_db_error(db, code, error);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : -1;
}

gboolean store_db_finish(StoreDb *db, sqlite3_stmt *statement, GError **error)
{
    int row = statement ? store_db_step(db, statement, error) : -1;

    if (row == 1)
        sqlite3_reset(statement);
    return row >= 0;
}

int store_db_get(StoreDb *db, sqlite3_stmt *statement, guint n, int64_t *values_out, GError **error)
{
    int row = statement ? store_db_step(db, statement, error) : -1;

    if (row != 1)
        return row;
    for (guint i = 0; i < n; i++)
        values_out[i] = sqlite3_column_int64(statement, (int)i);
    sqlite3_reset(statement);
    return 1;
}

gboolean store_db_numbers(StoreDb *db, sqlite3_stmt *statement, GArray *numbers, GError **error)
{
    int row = -1;

    while (statement && (row = store_db_step(db, statement, error)) == 1) {
        const int64_t number = sqlite3_column_int64(statement, 0);
        g_array_append_val(numbers, number);
    }
    return row == 0;
}

gboolean store_db_simple(StoreDb *db, StoreSql which, GError **error)
{
    return store_db_finish(db, store_db_start(db, which, 0, NULL, error), error);
}

void store_db_reset_all(StoreDb *db)
{
    for (guint i = 0; i < SQL_COUNT; i++) {
        if (db->statements[i] && sqlite3_stmt_busy(db->statements[i]))
            sqlite3_reset(db->statements[i]);
    }
}

void store_db_rollback(StoreDb *db)
{
    store_db_reset_all(db);
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int64_t store_db_hash(const StoreDb *db, int64_t account, const char *message_id, gsize size)
{
    /* Threads are kept by account: the same Message-ID in two accounts is two things. */
    const uint64_t key[2] = {db->hash_key[0] ^ (uint64_t)account, db->hash_key[1]};
    int64_t hash = (int64_t)siphash(key, message_id, size);

    return hash ? hash : 1;
}
