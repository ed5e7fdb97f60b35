/* change_mail.c - see change.h: archive, junk, delete, undelete, each what it means in mail. */
#include "store/change.h"
#include "store/txn.h"

#define JUNK "$Junk"
#define NOT_JUNK "$NotJunk"

/* The row, its account, and the role of the folder that shows it: 1; it is gone, or shown nowhere: 0; -1. */
static int look_at(StoreTxn *txn, int64_t id, int64_t *folder_out, int64_t *account_out, int64_t *role_out,
                   GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, id, &row, error);

    if (found <= 0)
        return found;
    *folder_out = key_folder(row.key);
    if (*folder_out == STORE_NOWHERE)
        return 0;
    if (!store_row_account(txn, &row, account_out, error))
        return -1;
    return store_db_get(txn->db, STORE_START(txn->db, SQL_FOLDER_ROLE, error, *folder_out), 1, role_out,
                        error);
}

static gboolean move_to_role(StoreTxn *txn, int64_t id, int64_t account, StoreRole role, GError **error)
{
    int64_t folder;

    return store_change_role_folder(txn, account, role, &folder, error) &&
           store_change_move(txn, id, folder, error);
}

/* A server that keeps all mail in one folder (Gmail) archives by taking it out of the others. */
static gboolean archive_role(StoreTxn *txn, int64_t account, StoreRole *role_out, GError **error)
{
    int64_t folder[1];
    const int has_one = STORE_GET(txn->db, SQL_FOLDER_FOR_ROLE, error, folder, account, STORE_ROLE_ARCHIVE);
    const int has_all =
        has_one ? 0 : STORE_GET(txn->db, SQL_FOLDER_FOR_ROLE, error, folder, account, STORE_ROLE_ALL);

    *role_out = has_all == 1 ? STORE_ROLE_ALL : STORE_ROLE_ARCHIVE;
    return has_one >= 0 && has_all >= 0;
}

gboolean store_change_archive(StoreTxn *txn, int64_t message_id, GError **error)
{
    int64_t folder, account, role[1];
    const int found = look_at(txn, message_id, &folder, &account, role, error);
    StoreRole archive;

    return found == 0 || (found == 1 && archive_role(txn, account, &archive, error) &&
                          move_to_role(txn, message_id, account, archive, error));
}

gboolean store_change_junk(StoreTxn *txn, int64_t message_id, gboolean is_junk, GError **error)
{
    int64_t folder, account, role[1];
    const int found = look_at(txn, message_id, &folder, &account, role, error);

    if (found <= 0)
        return found == 0;
    if (!store_change_keyword(txn, message_id, is_junk ? NOT_JUNK : JUNK, FALSE, error) ||
        !store_change_keyword(txn, message_id, is_junk ? JUNK : NOT_JUNK, TRUE, error))
        return FALSE;
    if (!is_junk && role[0] != STORE_ROLE_JUNK)
        return TRUE;
    return move_to_role(txn, message_id, account, is_junk ? STORE_ROLE_JUNK : STORE_ROLE_INBOX, error);
}

gboolean store_change_delete(StoreTxn *txn, int64_t message_id, GError **error)
{
    int64_t folder, account, role[1];
    const int found = look_at(txn, message_id, &folder, &account, role, error);

    if (found <= 0)
        return found == 0;
    return role[0] == STORE_ROLE_TRASH ? store_change_expunge(txn, message_id, error)
                                       : move_to_role(txn, message_id, account, STORE_ROLE_TRASH, error);
}

gboolean store_change_undelete(StoreTxn *txn, int64_t message_id, GError **error)
{
    int64_t folder, account, role[1], from[1], still[5];
    const int found = look_at(txn, message_id, &folder, &account, role, error);

    if (found <= 0)
        return found == 0;
    if (!store_change_flags(txn, message_id, 0, STORE_DELETED, error))
        return FALSE;
    if (role[0] != STORE_ROLE_TRASH)
        return TRUE;
    int known = STORE_GET(txn->db, SQL_JOURNAL_CAME_FROM, error, from, message_id, folder);
    if (known == 1)
        known = STORE_GET(txn->db, SQL_FOLDER_CHANGE, error, still, from[0]);
    if (known < 0)
        return FALSE;
    return known == 1 && !still[4] ? store_change_move(txn, message_id, from[0], error)
                                   : move_to_role(txn, message_id, account, STORE_ROLE_INBOX, error);
}
