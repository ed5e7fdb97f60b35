/*
 * db.h - one handle on store.db: opening it with the right pragmas, and its prepared statements. Within
 * src/store/ only.
 *
 * A handle belongs to one thread. Statements are those of sql.h; a statement that was started is stepped to
 * its end or reset before the call that started it returns.
 */
#ifndef TERN_STORE_DB_H
#define TERN_STORE_DB_H

#include "store/sql.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdint.h>

/* STILL: read without any lock, and without a log: a file that nobody can write, or none can for now, on a
 * medium where SQLite cannot even make the files that its locks are in. */
typedef enum { STORE_DB_READ, STORE_DB_WRITE, STORE_DB_STILL } StoreDbMode;

typedef struct {
    sqlite3 *handle;
    char *path;
    StoreDbMode mode;
    sqlite3_stmt *statements[SQL_COUNT]; /* prepared at first use */
    uint64_t hash_key[2];                /* of Message-IDs, by store_db_load_hash_key() */
    gboolean is_full_sync;               /* synchronous = FULL now */
    int busy_ms;                         /* how long a locked database is waited for */
    int64_t busy_since_us;
} StoreDb;

/* `busy_ms`: how long a lock of another process is waited for; 0: not at all. */
StoreDb *store_db_open(const char *path, StoreDbMode mode, int busy_ms, GError **error);
void store_db_close(StoreDb *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreDb, store_db_close)

/* Reads the key that hashes of Message-IDs are made with; needed before store_db_hash(). */
gboolean store_db_load_hash_key(StoreDb *db, GError **error);

/* SQLite's code as an error of tern's: a sentence for each kind of trouble that a person can do something
 * about. */
void store_db_error(StoreDb *db, int code, GError **error);

/* Pragmas and the schema: text that is run once. */
gboolean store_db_exec(StoreDb *db, const char *sql, GError **error);

/* synchronous FULL or NORMAL; outside of a transaction, since SQLite takes it nowhere else. */
gboolean store_db_set_full_sync(StoreDb *db, gboolean is_full, GError **error);

/* The statement, reset and with its first `n` parameters bound to integers (those that it
 * does not have are passed over). NULL and STORE. */
sqlite3_stmt *store_db_start(StoreDb *db, StoreSql which, guint n, const int64_t *values, GError **error);
#define STORE_START(db, which, error, ...)                                                                   \
    store_db_start((db), (which), G_N_ELEMENTS(((int64_t[]){__VA_ARGS__})), (int64_t[]){__VA_ARGS__}, (error))

/* Binds a text that stays as it is until the statement has run; NULL is bound as NULL. Takes NULL for a
 * statement that could not be started. */
void store_db_bind_text(sqlite3_stmt *statement, int parameter, const char *text);

/* The next row: 1; no more: 0 (the statement is reset); -1 and STORE (reset as well). */
int store_db_step(StoreDb *db, sqlite3_stmt *statement, GError **error);

/* Runs a started statement that gives no rows; takes NULL for one that could not be started. */
gboolean store_db_finish(StoreDb *db, sqlite3_stmt *statement, GError **error);
#define STORE_RUN(db, which, error, ...)                                                                     \
    store_db_finish((db), STORE_START((db), (which), (error), __VA_ARGS__), (error))

/* The first `n` columns of the first row, as integers: 1; no row: 0; -1 and STORE. Takes NULL as above. */
int store_db_get(StoreDb *db, sqlite3_stmt *statement, guint n, int64_t *values_out, GError **error);
#define STORE_GET(db, which, error, values, ...)                                                             \
    store_db_get((db), STORE_START((db), (which), (error), __VA_ARGS__), G_N_ELEMENTS(values), (values),     \
                 (error))

/* Adds the first column of all rows (int64_t) to `numbers`. Takes NULL as above. */
gboolean store_db_numbers(StoreDb *db, sqlite3_stmt *statement, GArray *numbers, GError **error);

/* Statements without parameters. */
gboolean store_db_simple(StoreDb *db, StoreSql which, GError **error);

/* Ends whatever a failed call left open: statements, then the transaction. */
void store_db_rollback(StoreDb *db);
void store_db_reset_all(StoreDb *db);

/* A Message-ID's hash within an account; never 0, which stands for none. */
int64_t store_db_hash(const StoreDb *db, int64_t account, const char *message_id, gsize size);

#endif
