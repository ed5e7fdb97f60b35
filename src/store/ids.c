/* ids.c - see ids.h. */
#include "store/ids.h"

#include "store/key.h"
#include "store/read.h"
#include "store/reader.h"
#include "store/txn.h"

#include <string.h>

static StoreRowState state_of(const int64_t row[4])
{
    return (StoreRowState){row[0], row[1], row[2], (uint32_t)row[3]};
}

static int read_state(StoreDb *db, int64_t id, StoreRowState *state_out, GError **error)
{
    int64_t row[4];
    int found = STORE_GET(db, SQL_ROW_STATE, error, row, id);

    if (found == 1)
        *state_out = state_of(row);
    return found;
}

int store_read_state(StoreReader *reader, int64_t id, StoreRowState *state_out, GError **error)
{
    return read_state(reader->db, id, state_out, error);
}

int store_txn_state(StoreTxn *txn, int64_t id, StoreRowState *state_out, GError **error)
{
    return read_state(txn->db, id, state_out, error);
}

int64_t store_read_stamp(const StoreReader *reader)
{
    static const char WHAT[] = "store.db";

    return store_db_hash(reader->db, 0, WHAT, sizeof WHAT - 1); /* its key is made with the store */
}

GArray *store_read_thread(StoreReader *reader, int64_t folder_id, int64_t thread, GError **error)
{
    g_autoptr(GArray) states = g_array_new(FALSE, FALSE, sizeof(StoreRowState));
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_THREAD_STATES, error, thread,
                                          key_folder_first(folder_id), key_folder_last(folder_id));
    int found = -1;

    while (statement && (found = store_db_step(reader->db, statement, error)) == 1) {
        int64_t row[4];
        for (int i = 0; i < 4; i++)
            row[i] = sqlite3_column_int64(statement, i);
        StoreRowState state = state_of(row);
        g_array_append_val(states, state);
    }
    return found == 0 ? g_steal_pointer(&states) : NULL;
}

gboolean store_read_last_id(StoreReader *reader, int64_t *id_out, GError **error)
{
    return store_db_get(reader->db, store_db_start(reader->db, SQL_LAST_ID, 0, NULL, error), 1, id_out,
                        error) == 1;
}

StoreFolder *store_read_role_folder(StoreReader *reader, const char *account, StoreRole role, GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FOLDER_BY_ROLE, error, 0, role);
    int64_t id[1];

    store_db_bind_text(statement, 1, account);
    return store_db_get(reader->db, statement, 1, id, error) == 1
               ? store_read_folder_by_id(reader, id[0], error)
               : NULL;
}

gboolean store_read_folder_ids(StoreReader *reader, int64_t folder_id, int64_t last_id, GArray *ids,
                               GError **error)
{
    sqlite3_stmt *statement =
        STORE_START(reader->db, SQL_FOLDER_MESSAGE_IDS, error, key_folder_first(folder_id),
                    key_folder_last(folder_id), last_id, 0);

    return store_db_numbers(reader->db, statement, ids, error);
}

/* The newest in one account; 0: none. */
static gboolean find_in(StoreTxn *txn, int64_t account, const char *message_id, int64_t *id_out,
                        GError **error)
{
    const int64_t mid = store_db_hash(txn->db, account, message_id, strlen(message_id));
    int64_t thread, id[1] = {0};

    if (!store_thread_find(txn, mid, &thread, error) ||
        (thread && STORE_GET(txn->db, SQL_THREAD_MESSAGE, error, id, thread, mid) < 0))
        return FALSE;
    *id_out = id[0];
    return TRUE;
}

gboolean store_txn_find_message(StoreTxn *txn, const char *account, const char *message_id, int64_t *id_out,
                                GError **error)
{
    g_autoptr(GArray) accounts = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sqlite3_stmt *statement = store_db_start(txn->db, SQL_ACCOUNTS_FROM, 0, NULL, error);

    *id_out = 0;
    store_db_bind_text(statement, 1, account);
    if (!store_db_numbers(txn->db, statement, accounts, error))
        return FALSE;
    for (guint i = 0; i < accounts->len && !*id_out; i++)
        if (!find_in(txn, g_array_index(accounts, int64_t, i), message_id, id_out, error))
            return FALSE;
    return TRUE;
}

gboolean store_txn_folder_ids(StoreTxn *txn, int64_t folder_id, int64_t last_id, uint32_t flags, GArray *ids,
                              GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_MESSAGE_IDS, error, key_folder_first(folder_id),
                                          key_folder_last(folder_id), last_id, flags);

    return store_db_numbers(txn->db, statement, ids, error);
}
