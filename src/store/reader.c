/* reader.c - read-only handles (store.h). */
#include "store/reader.h"

#include "store/store_private.h"

StoreReader *store_reader_new(Store *store, int busy_ms, GError **error)
{
    g_autoptr(StoreDb) db = store_db_open(store_path(store), store_mode(store), busy_ms, error);

    if (!db || !store_db_load_hash_key(db, error))
        return NULL;
    StoreReader *reader = g_new(StoreReader, 1);
    reader->db = g_steal_pointer(&db);
    return reader;
}

void store_reader_free(StoreReader *reader)
{
    if (!reader)
        return;
    store_db_close(reader->db);
    g_free(reader);
}

gboolean reader_begin(StoreReader *reader, GError **error)
{
    return store_db_simple(reader->db, SQL_BEGIN_READ, error);
}

void reader_end(StoreReader *reader)
{
    store_db_reset_all(reader->db);
    if (!store_db_simple(reader->db, SQL_COMMIT, NULL))
        store_db_rollback(reader->db);
}

int64_t store_reader_version(StoreReader *reader)
{
    int64_t version = 0;

    if (store_db_get(reader->db, store_db_start(reader->db, SQL_DATA_VERSION, 0, NULL, NULL), 1, &version,
                     NULL) < 0)
        return 0;
    return version;
}

int64_t store_reader_steps(StoreReader *reader)
{
    int64_t steps = 0;

    for (guint i = 0; i < SQL_COUNT; i++) {
        if (reader->db->statements[i])
            steps += sqlite3_stmt_status(reader->db->statements[i], SQLITE_STMTSTATUS_VM_STEP, 1);
    }
    return steps;
}
