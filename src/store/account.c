/* account.c - what is known of an account and its folders beside the mail: names for roles, rights, quota.
 * See read.h and writer.h. */
#include "store/change.h"
#include "store/read.h"
#include "store/reader.h"
#include "store/txn.h"

gboolean store_role_name_get(StoreTxn *txn, int64_t account_id, StoreRole role, char **name_out,
                             GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_ROLE_NAME_GET, error, account_id, role);
    const int row = statement ? store_db_step(txn->db, statement, error) : -1;

    *name_out = row == 1 ? g_strdup((const char *)sqlite3_column_text(statement, 0)) : NULL;
    if (row == 1)
        sqlite3_reset(statement);
    return row >= 0;
}

gboolean store_txn_set_role_name(StoreTxn *txn, int64_t account_id, StoreRole role, const char *name,
                                 GError **error)
{
    if (!name)
        return STORE_RUN(txn->db, SQL_ROLE_NAME_DELETE, error, account_id, role);
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_ROLE_NAME_SET, error, account_id, role);
    store_db_bind_text(statement, 3, name);
    return store_db_finish(txn->db, statement, error);
}

/* In the same table as what the configuration says. */
#define TOLD 64

gboolean store_txn_set_told_role(StoreTxn *txn, int64_t account_id, StoreRole role, const char *raw_name,
                                 GError **error)
{
    return store_txn_set_role_name(txn, account_id, (StoreRole)(TOLD + role), raw_name, error);
}

gboolean store_txn_set_role(StoreTxn *txn, int64_t folder_id, StoreRole role, GError **error)
{
    return STORE_RUN(txn->db, SQL_FOLDER_SET_ROLE, error, folder_id, role);
}

void store_role_names_clear(StoreRoleNames *names)
{
    for (guint i = 0; i < STORE_ROLES; i++) {
        g_clear_pointer(&names->configured[i], g_free);
        g_clear_pointer(&names->told[i], g_free);
    }
}

gboolean store_read_role_names(StoreReader *reader, const char *account, StoreRoleNames *names_out,
                               GError **error)
{
    sqlite3_stmt *statement = store_db_start(reader->db, SQL_ROLE_NAMES, 0, NULL, error);
    int row = -1;

    *names_out = (StoreRoleNames){0};
    store_db_bind_text(statement, 1, account);
    while (statement && (row = store_db_step(reader->db, statement, error)) == 1) {
        const int64_t role = sqlite3_column_int64(statement, 0);
        char **name = role >= TOLD ? &names_out->told[(role - TOLD) % STORE_ROLES]
                                   : &names_out->configured[role % STORE_ROLES];
        g_free(*name);
        *name = g_strdup((const char *)sqlite3_column_text(statement, 1));
    }
    if (row < 0)
        store_role_names_clear(names_out);
    return row == 0;
}

gboolean store_txn_set_rights(StoreTxn *txn, int64_t folder_id, guint rights, GError **error)
{
    return STORE_RUN(txn->db, SQL_FOLDER_RIGHTS, error, folder_id, rights & STORE_MAY_ALL);
}

char *store_txn_rights_problem(StoreTxn *txn, int64_t folder_id, guint needed, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_RIGHTS_GET, error, folder_id);
    const int row = statement ? store_db_step(txn->db, statement, error) : -1;
    char *problem = NULL;

    if (row == 1)
        problem = store_rights_problem((const char *)sqlite3_column_text(statement, 0),
                                       (guint)sqlite3_column_int64(statement, 1), needed);
    if (row == 1)
        sqlite3_reset(statement);
    return problem;
}

gboolean store_txn_set_quota(StoreTxn *txn, int64_t account_id, const StoreQuota *quota, GError **error)
{
    return STORE_RUN(txn->db, SQL_QUOTA_SET, error, account_id, quota->used_bytes, quota->limit_bytes);
}

gboolean store_txn_set_labels(StoreTxn *txn, int64_t account_id, gboolean has_labels, GError **error)
{
    const int had = store_account_has_labels(txn, account_id, error);

    return had >= 0 &&
           (had == !!has_labels || (STORE_RUN(txn->db, SQL_LABELS_SET, error, account_id, !!has_labels) &&
                                    STORE_RUN(txn->db, SQL_LABELS_NEW, error, account_id)));
}

int store_account_has_labels(StoreTxn *txn, int64_t account_id, GError **error)
{
    int64_t has[1] = {0};
    const int found = STORE_GET(txn->db, SQL_LABELS_GET, error, has, account_id);

    return found < 0 ? -1 : has[0] != 0;
}

gboolean store_read_quota(StoreReader *reader, const char *account, StoreQuota *quota_out, GError **error)
{
    int64_t numbers[2] = {0, 0};
    sqlite3_stmt *statement = store_db_start(reader->db, SQL_QUOTA_GET, 0, NULL, error);

    store_db_bind_text(statement, 1, account);
    const int found = store_db_get(reader->db, statement, 2, numbers, error);
    *quota_out = found == 1 ? (StoreQuota){numbers[0], numbers[1]} : (StoreQuota){0, 0};
    return found >= 0;
}
