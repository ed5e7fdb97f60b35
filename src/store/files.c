/* files.c - see files.h. */
#include "store/files.h"

#include "base/error.h"
#include "base/i18n.h"
#include "store/reader.h"
#include "store/txn.h"

/* ---- jobs ---- */

gboolean store_txn_take_uids(StoreTxn *txn, int64_t folder_id, uint32_t n, uint32_t *first_out,
                             GError **error)
{
    int64_t next[1];
    const int found = STORE_GET(txn->db, SQL_UID_NEXT, error, next, folder_id);

    if (found == 0)
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
    if (found != 1)
        return FALSE;
    next[0] = MAX(next[0], 1);
    if (next[0] + n > G_MAXUINT32) {
        tern_error_set(error, TERN_ERROR_LIMIT, _("the folder has had more messages than can be counted"));
        return FALSE;
    }
    *first_out = (uint32_t)next[0];
    return STORE_RUN(txn->db, SQL_UID_NEXT_SET, error, folder_id, next[0] + n);
}

gboolean store_txn_set_file(StoreTxn *txn, int64_t folder_id, uint32_t uid, const char *name, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FILE_SET, error, folder_id, uid);

    if (statement)
        sqlite3_bind_text(statement, 3, name, -1, SQLITE_TRANSIENT);
    return store_db_finish(txn->db, statement, error);
}

gboolean store_txn_drop_file(StoreTxn *txn, int64_t folder_id, uint32_t uid, GError **error)
{
    return STORE_RUN(txn->db, SQL_FILE_DROP, error, folder_id, uid);
}

gboolean store_txn_move_file(StoreTxn *txn, int64_t folder_id, uint32_t uid, int64_t to, const char *name,
                             GError **error)
{
    StoreRowData row;
    uint32_t new_uid;
    const int found = store_row_by_uid(txn, folder_id, uid, &row, error);

    if (found <= 0)
        return found == 0;
    if (!store_txn_take_uids(txn, to, 1, &new_uid, error) ||
        !store_txn_drop_file(txn, folder_id, uid, error) ||
        !STORE_RUN(txn->db, SQL_ROW_SET_SERVER, error, row.key, to, new_uid) ||
        !store_txn_set_file(txn, to, new_uid, name, error))
        return FALSE;
    row.server_folder = to;
    row.uid = new_uid;
    return store_row_compute(txn, &row, TRUE, NULL, error);
}

gboolean store_txn_set_local_sync(StoreTxn *txn, int64_t folder_id, uint32_t uid_validity, uint64_t stamp,
                                  int64_t synced_s, GError **error)
{
    return STORE_RUN(txn->db, SQL_FOLDER_LOCAL_SYNC, error, folder_id, uid_validity, (int64_t)stamp,
                     synced_s);
}

/* ---- reading ---- */

void store_files_free(StoreFiles *files)
{
    if (!files)
        return;
    g_array_unref(files->files);
    g_string_chunk_free(files->names);
    g_free(files);
}

StoreFiles *store_read_files(StoreReader *reader, int64_t folder_id, GError **error)
{
    g_autoptr(StoreFiles) files = g_new(StoreFiles, 1);
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FILES, error, folder_id);
    int row = -1;

    files->files = g_array_new(FALSE, FALSE, sizeof(StoreFile));
    files->names = g_string_chunk_new(16384);
    while (statement && (row = store_db_step(reader->db, statement, error)) == 1) {
        const char *name = (const char *)sqlite3_column_text(statement, 3);
        const StoreFile file = {.uid = (uint32_t)sqlite3_column_int64(statement, 0),
                                .flags = (uint32_t)sqlite3_column_int64(statement, 1),
                                .id = sqlite3_column_int64(statement, 2),
                                .name = g_string_chunk_insert(files->names, name ? name : "")};
        g_array_append_val(files->files, file);
    }
    return row == 0 ? g_steal_pointer(&files) : NULL;
}

char *store_read_file_name(StoreReader *reader, int64_t folder_id, uint32_t uid, GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FILE_NAME, error, folder_id, uid);
    char *name = NULL;

    if (statement && store_db_step(reader->db, statement, error) == 1) {
        name = g_strdup((const char *)sqlite3_column_text(statement, 0));
        sqlite3_reset(statement);
    }
    return name;
}

int store_read_file_uid(StoreReader *reader, int64_t folder_id, const char *name, uint32_t *uid_out,
                        GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FILE_UID, error, folder_id);
    int64_t uid[1];

    if (statement)
        sqlite3_bind_text(statement, 2, name, -1, SQLITE_TRANSIENT);
    const int found = store_db_get(reader->db, statement, 1, uid, error);
    if (found == 1)
        *uid_out = (uint32_t)uid[0];
    return found;
}

int store_read_file_place(StoreReader *reader, const char *account, const char *name, int64_t *folder_out,
                          uint32_t *uid_out, GError **error)
{
    sqlite3_stmt *statement = store_db_start(reader->db, SQL_FILE_PLACE, 0, NULL, error);
    int64_t place[2];

    if (statement) {
        sqlite3_bind_text(statement, 1, account, -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(statement, 2, name, -1, SQLITE_TRANSIENT);
    }
    const int found = store_db_get(reader->db, statement, 2, place, error);
    if (found == 1) {
        *folder_out = place[0];
        *uid_out = (uint32_t)place[1];
    }
    return found;
}
