/* mailbox.c - which mailbox the folders of an account are of; see read.h and writer.h.
 *
 * The configuration may name another user or host under the same account name. What is known by UID is not
 * true then, even where a server gives the same UIDVALIDITY to different users (1, or the second of their
 * making); nor is it where another program's journal would be played.
 */
#include "base/i18n.h"
#include "store/pieces.h"
#include "store/read.h"
#include "store/reader.h"
#include "store/txn.h"

/* To be freed; NULL with no error: nobody has told. */
static char *read_mailbox(StoreDb *db, const char *account, GError **error)
{
    sqlite3_stmt *statement = store_db_start(db, SQL_MAILBOX_GET, 0, NULL, error);
    char *mailbox = NULL;

    store_db_bind_text(statement, 1, account);
    if (statement && store_db_step(db, statement, error) == 1) {
        mailbox = g_strdup((const char *)sqlite3_column_text(statement, 0));
        sqlite3_reset(statement);
    }
    return mailbox;
}

char *store_read_mailbox(StoreReader *reader, const char *account, GError **error)
{
    return read_mailbox(reader->db, account, error);
}

static gboolean write_mailbox(StoreTxn *txn, int64_t account, const char *mailbox, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_MAILBOX_SET, error, account);

    store_db_bind_text(statement, 2, mailbox);
    return store_db_finish(txn->db, statement, error);
}

/* How many; -1. The last one first, as they are undone. */
static int drop_changes(StoreTxn *txn, int64_t account, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(int64_t));

    /* What is left of a change of thousands has to be an entry to be refused. */
    if (!store_pieces_finish(txn, error) ||
        !store_db_numbers(txn->db, STORE_START(txn->db, SQL_MAILBOX_CHANGES, error, account), entries, error))
        return -1;
    for (guint i = 0; i < entries->len; i++) {
        if (!store_journal_refused(txn, g_array_index(entries, int64_t, i),
                                   _("the account is another mailbox now"), error))
            return -1;
    }
    return (int)entries->len;
}

gboolean store_txn_set_mailbox(StoreTxn *txn, const char *account, const char *mailbox,
                               StoreOtherMailbox *other_out, GError **error)
{
    GError *failed = NULL;
    int64_t id;

    *other_out = (StoreOtherMailbox){0};
    if (!store_txn_account(txn, account, &id, error))
        return FALSE;
    g_autofree char *was = read_mailbox(txn->db, account, &failed);
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (g_strcmp0(was, mailbox) == 0)
        return TRUE;
    if (was) {
        other_out->dropped = drop_changes(txn, id, error);
        if (other_out->dropped < 0 || !STORE_RUN(txn->db, SQL_MAILBOX_OTHER, error, id) ||
            !STORE_RUN(txn->db, SQL_MAILBOX_GROUPS, error, id))
            return FALSE;
        store_txn_forget_folders(txn);
    }
    if (!write_mailbox(txn, id, mailbox, error))
        return FALSE;
    other_out->was = g_steal_pointer(&was);
    return TRUE;
}
