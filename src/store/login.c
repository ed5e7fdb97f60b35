/* login.c - how strongly servers have let accounts log in; see read.h and writer.h. */
#include "store/read.h"
#include "store/reader.h"
#include "store/txn.h"

static sqlite3_stmt *start(StoreDb *db, StoreSql sql, const char *account, const char *server, GError **error)
{
    sqlite3_stmt *statement = store_db_start(db, sql, 0, NULL, error);

    store_db_bind_text(statement, 1, account);
    store_db_bind_text(statement, 2, server);
    return statement;
}

gboolean store_read_login(StoreReader *reader, const char *account, const char *server, int *strength_out,
                          GError **error)
{
    int64_t strength = 0;
    const int found = store_db_get(reader->db, start(reader->db, SQL_LOGIN_GET, account, server, error), 1,
                                   &strength, error);

    *strength_out = found == 1 ? (int)strength : 0;
    return found >= 0;
}

gboolean store_txn_set_login(StoreTxn *txn, const char *account, const char *server, int strength,
                             GError **error)
{
    sqlite3_stmt *statement = start(txn->db, SQL_LOGIN_SET, account, server, error);

    if (statement)
        sqlite3_bind_int(statement, 3, strength);
    return store_db_finish(txn->db, statement, error);
}
