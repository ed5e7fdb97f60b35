/*
 * email.c - messages that are the same wherever they stand (RFC 8474, 4.2: EMAILID; Gmail's X-GM-MSGID), and
 * those that are taken for the same.
 *
 *      email:  message ──> body      negative, a keyed hash of the account and of what its server calls the message
 *
 * The text of such a message is kept by `body` instead of by the row, so it is fetched once however many
 * folders have it, and is here still when another client has moved it. With it goes a token of Message-ID,
 * subject and size (read.c): a server that calls different messages the same is not believed.
 *
 * One that another client has moved is the same row still, whichever of the two folders is looked at first:
 *
 *      the new place first     two rows for a while; the older one, expunged, takes the younger one's place
 *      the old place first     `departed` keeps the number, which the row in the new place gets
 *
 * What came long before the old place was looked at last is a copy, and stays what it is.
 *
 * Most servers do not tell. There a row is followed only when something is still to be done to its flags,
 * which would be lost with it: by account, Message-ID and size. What departs so has a `body` made of these.
 */
#include "store/txn.h"

#include "base/clock.h"

#include <string.h>

/* For how long a message may be on its way: seen in the new place before it is missed in the old one, and
 * missed before it is seen. */
#define ARRIVED_S (10 * 60)
#define DEPARTED_S (60 * 60)

static int64_t body_of(StoreTxn *txn, int64_t account, const char *email_id)
{
    return store_db_hash(txn->db, account, email_id, strlen(email_id)) | INT64_MIN;
}

gboolean store_email_set(StoreTxn *txn, int64_t account, int64_t id, const char *email_id, GError **error)
{
    if (!email_id || !*email_id)
        return TRUE;
    return STORE_RUN(txn->db, SQL_EMAIL_SET, error, id, body_of(txn, account, email_id), clock_wall_s());
}

gboolean store_email_copy(StoreTxn *txn, int64_t from_id, int64_t to_id, GError **error)
{
    return STORE_RUN(txn->db, SQL_EMAIL_COPY, error, from_id, to_id);
}

/* What a message is known by that no server tells to be the same. */
static int64_t body_alike(StoreTxn *txn, int64_t mid, int64_t size_bytes)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, mid, size_bytes);

    return store_db_hash(txn->db, 0, text, strlen(text)) | INT64_MIN;
}

/* Without a Message-ID nothing says that it is the same. The daily sweep takes the text of what does not come
 * again. `body` 0: the server does not tell; then only what is to be changed still may come again. */
static gboolean depart(StoreTxn *txn, const StoreRowData *row, int64_t body, GError **error)
{
    int64_t entry, next_id;
    const int found = row->mid ? store_journal_changes(txn, row->id, &entry, &next_id, error) : 0;

    if (found < 0 || !row->mid || (!found && !body))
        return found >= 0;
    return STORE_RUN(txn->db, SQL_DEPARTED_SET, error,
                     body ? body : body_alike(txn, row->mid, row->size_bytes), row->mid, row->size_bytes,
                     row->id, clock_wall_s(), entry);
}

gboolean store_email_row_gone(StoreTxn *txn, const StoreRowData *row, GError **error)
{
    int64_t body[1], other[1];
    int found = STORE_GET(txn->db, SQL_EMAIL_GET, error, body, row->id);

    if (found <= 0) {
        g_array_append_val(txn->deleted, row->id);
        return found == 0 && (!txn->keeps_bodies || depart(txn, row, 0, error));
    }
    if (!STORE_RUN(txn->db, SQL_EMAIL_DELETE, error, row->id))
        return FALSE;
    found = STORE_GET(txn->db, SQL_EMAIL_ANY, error, other, body[0]);
    if (found == 0 && txn->keeps_bodies)
        return depart(txn, row, body[0], error);
    if (found == 0)
        g_array_append_val(txn->deleted, body[0]);
    return found >= 0;
}

/* Of a server that does not tell. */
static int follow_alike(StoreTxn *txn, const StoreRowData *row, int64_t place[2], GError **error)
{
    int64_t entry, next_id;
    const int found = store_journal_changes(txn, row->id, &entry, &next_id, error);

    return found == 1 ? store_db_get(txn->db,
                                     STORE_START(txn->db, SQL_MOVED_SINCE, error, row->thread, row->mid,
                                                 row->size_bytes, next_id, row->id, row->server_folder),
                                     2, place, error)
                      : found;
}

int store_email_follow(StoreTxn *txn, const StoreRowData *row, int64_t *folder_out, uint32_t *uid_out,
                       GError **error)
{
    int64_t body[1], place[2];
    int found = row->mid ? STORE_GET(txn->db, SQL_EMAIL_GET, error, body, row->id) : 0;

    if (found == 1)
        found = STORE_GET(txn->db, SQL_EMAIL_MOVED, error, place, body[0], row->id, row->mid,
                          row->server_folder, clock_wall_s() - ARRIVED_S);
    else if (found == 0 && row->mid)
        found = follow_alike(txn, row, place, error);
    if (found == 1) {
        *folder_out = place[0];
        *uid_out = (uint32_t)place[1];
    }
    return found;
}

int store_email_has_departed(StoreTxn *txn, GError **error)
{
    int64_t one[1];

    return store_db_get(txn->db, store_db_start(txn->db, SQL_DEPARTED_ANY, 0, NULL, error), 1, one, error);
}

/* 1: what departed by that name is such a message, and its row's number is free; 0, -1. */
static int take_departed(StoreTxn *txn, int64_t body, int64_t mid, int64_t size_bytes,
                         int64_t values[static 2], GError **error)
{
    StoreRowData row;
    int64_t found[2];
    const int is_known = STORE_GET(txn->db, SQL_DEPARTED_GET, error, found, body, mid, size_bytes);

    if (is_known != 1)
        return is_known;
    const int is_there = store_row_by_id(txn, found[0], &row, error);
    if (is_there < 0 || !STORE_RUN(txn->db, SQL_DEPARTED_DELETE, error, body))
        return -1;
    memcpy(values, found, sizeof found);
    return !is_there;
}

int store_email_returned(StoreTxn *txn, int64_t account, const StoreNewMessage *message, int64_t *id_out,
                         int64_t *entry_out, GError **error)
{
    const char *name = message->message_id;
    int64_t values[2];
    int found = 0;

    if (!name || !*name)
        return 0;
    const int64_t mid = store_db_hash(txn->db, account, name, strlen(name)), size = message->size_bytes;
    if (message->email_id && *message->email_id)
        found = take_departed(txn, body_of(txn, account, message->email_id), mid, size, values, error);
    if (found == 0)
        found = take_departed(txn, body_alike(txn, mid, size), mid, size, values, error);
    if (found == 1) {
        *id_out = values[0];
        *entry_out = values[1];
    }
    return found;
}

gboolean store_email_forget_departed(StoreTxn *txn, GError **error)
{
    const int64_t now_s = clock_wall_s();
    return STORE_RUN(txn->db, SQL_DEPARTED_OLD, error, now_s - DEPARTED_S, now_s + DEPARTED_S);
}
