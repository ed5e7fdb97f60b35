/*
 * email.c - messages that are the same wherever they stand (RFC 8474, 4.2: EMAILID; Gmail's X-GM-MSGID).
 *
 *      email:  message ──> body      negative, a keyed hash of the account and of what its server calls the message
 *
 * The text of such a message is kept by `body` instead of by the row, so it is fetched once however many folders have it, and
 * is here still when another client has moved it. With it goes a token of Message-ID, subject and size (read.c): a server that
 * calls different messages the same is not believed.
 */
#include "store/txn.h"

#include <string.h>

gboolean store_email_set(StoreTxn *txn, int64_t account, int64_t id, const char *email_id, GError **error)
{
    if (!email_id || !*email_id)
        return TRUE;
    const int64_t body = store_db_hash(txn->db, account, email_id, strlen(email_id)) | INT64_MIN;
    return STORE_RUN(txn->db, SQL_EMAIL_SET, error, id, body);
}

gboolean store_email_copy(StoreTxn *txn, int64_t from_id, int64_t to_id, GError **error)
{
    return STORE_RUN(txn->db, SQL_EMAIL_COPY, error, from_id, to_id);
}

gboolean store_email_row_gone(StoreTxn *txn, int64_t id, GError **error)
{
    int64_t body[1], other[1];
    int found = STORE_GET(txn->db, SQL_EMAIL_GET, error, body, id);

    if (found <= 0) {
        g_array_append_val(txn->deleted, id);
        return found == 0;
    }
    if (!STORE_RUN(txn->db, SQL_EMAIL_DELETE, error, id))
        return FALSE;
    if (txn->keeps_bodies) /* the daily sweep takes what nobody has any more */
        return TRUE;
    found = STORE_GET(txn->db, SQL_EMAIL_ANY, error, other, body[0]);
    if (found == 0)
        g_array_append_val(txn->deleted, body[0]);
    return found >= 0;
}
