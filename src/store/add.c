/*
 * add.c - messages of a folder come in, go, or lose their UIDs: what a sync does to rows.
 *
 * A batch is sorted by key first, so that each index is filled in a sweep. A UID that has a row gets its
 * server half renewed; one that fits a row waiting for a UID adopts it; any other gets a row.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "store/text_list.h"
#include "store/txn.h"

#include <string.h>

#define DAY_S 86400

typedef struct {
    StoreTxn *txn;
    int64_t folder, account;
    gboolean has_known;    /* some UIDs of the batch have rows */
    gboolean has_waiting;  /* some rows of the folder wait for a UID */
    gboolean has_sent;     /* some that were here are on their way elsewhere */
    gboolean has_departed; /* some that were here may come again */
    gboolean is_backfill;  /* the folder has newer ones than all of the batch */
    int64_t next_id;
    StoreChanges changes;
    GString *scratch[4];
} Batch;

/* What a message is sorted by: its Date, but at most a day after it arrived; the arrival where there is none.
 * */
int64_t store_message_seconds(const StoreNewMessage *message)
{
    int64_t limit = message->arrival_s < KEY_SECONDS_MAX ? message->arrival_s + DAY_S : KEY_SECONDS_MAX;

    return CLAMP(message->has_date ? MIN(message->date_s, limit) : message->arrival_s, 0, KEY_SECONDS_MAX);
}

/* By date, then by order of arrival (UIDs, or as given), which a sync from newest to oldest turns round. */
static int compare_messages(const void *a, const void *b, void *data)
{
    const StoreNewMessage *one = *(const StoreNewMessage *const *)a,
                          *other = *(const StoreNewMessage *const *)b;
    const Batch *batch = data;
    int64_t difference = store_message_seconds(one) - store_message_seconds(other);

    if (!difference)
        difference = batch->is_backfill ? (int64_t)other->uid - one->uid : (int64_t)one->uid - other->uid;
    if (!difference)
        return one < other ? -1 : one > other;
    return difference < 0 ? -1 : 1;
}

static void bind_list(sqlite3_stmt *statement, int column, const GString *list)
{
    if (list->len)
        sqlite3_bind_blob64(statement, column, list->str, list->len, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, column);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    if (!text)
        sqlite3_bind_null(statement, column);
    else if (g_utf8_validate(text, -1, NULL))
        sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_text(statement, column, g_utf8_make_valid(text, -1), -1, g_free);
}

static gboolean add_envelope(Batch *batch, int64_t id, const StoreNewMessage *message, GError **error)
{
    GString **lists = batch->scratch;
    sqlite3_stmt *statement = STORE_START(batch->txn->db, SQL_ENVELOPE_ADD, error, id);

    if (!statement)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(batch->scratch); i++)
        g_string_truncate(lists[i], 0);
    text_list_write_addresses(lists[0], message->from, message->n_from);
    text_list_write_addresses(lists[1], message->to, message->n_to);
    text_list_write_addresses(lists[2], message->cc, message->n_cc);
    text_list_write_strings(lists[3], message->references);
    bind_text(statement, 2, message->subject ? message->subject : "");
    for (int i = 0; i < 3; i++)
        bind_list(statement, 3 + i, lists[i]);
    bind_text(statement, 6, message->message_id && *message->message_id ? message->message_id : NULL);
    if (message->has_date)
        sqlite3_bind_int64(statement, 7, message->date_s);
    else
        sqlite3_bind_null(statement, 7);
    sqlite3_bind_int64(statement, 8, message->date_offset_min);
    sqlite3_bind_int64(statement, 9, message->arrival_s);
    bind_list(statement, 10, lists[3]);
    bind_text(statement, 11, message->list_id);
    return store_db_finish(batch->txn->db, statement, error);
}

/* The number that it had before another client has moved it, or a new one. *entry_out: for
 * store_journal_revive(). */
static gboolean give_id(Batch *batch, const StoreNewMessage *message, int64_t *id_out, int64_t *entry_out,
                        GError **error)
{
    const int found = batch->has_departed ? store_email_returned(batch->txn, batch->account, message, id_out,
                                                                 entry_out, error)
                                          : 0;

    if (found == 0)
        *id_out = batch->next_id++;
    return found >= 0;
}

static gboolean add_row(Batch *batch, const StoreNewMessage *message, GError **error)
{
    StoreTxn *txn = batch->txn;
    StoreRowData row = {.flags = store_flags_with_keywords(message->flags, message->keywords),
                        .size_bytes = message->size_bytes,
                        .attachments = MAX(message->attachments, -1),
                        .server_folder = message->uid ? batch->folder : 0,
                        .uid = message->uid};
    gboolean is_new_thread;
    int64_t entry = 0;

    row.server_flags = row.flags;
    batch->changes.added++;
    return give_id(batch, message, &row.id, &entry, error) &&
           store_row_key(txn, batch->folder, store_message_seconds(message), message->uid, batch->is_backfill,
                         &row.key, error) &&
           store_thread_join(txn, batch->account, message, &row, &is_new_thread, error) &&
           store_row_add(txn, &row, is_new_thread, error) && add_envelope(batch, row.id, message, error) &&
           store_email_set(txn, batch->account, row.id, message->email_id, error) &&
           store_keywords_add(txn, row.id, message->keywords, error) &&
           store_journal_revive(txn, row.id, entry, error);
}

/* A row of this folder that waits for a UID and is this message: by Message-ID, size and Date; without a
 * Message-ID by its second and size. 1, 0, -1. */
static int find_waiting(Batch *batch, const StoreNewMessage *message, StoreRowData *row, GError **error)
{
    StoreDb *db = batch->txn->db;
    int64_t key[1], thread;
    sqlite3_stmt *statement;

    if (message->message_id && *message->message_id) {
        int64_t mid = store_db_hash(db, batch->account, message->message_id, strlen(message->message_id));
        if (!store_thread_find(batch->txn, mid, &thread, error))
            return -1;
        statement = STORE_START(db, SQL_WAITING_IN_THREAD, error, thread, mid, message->size_bytes,
                                batch->folder, message->date_s);
        if (statement && !message->has_date)
            sqlite3_bind_null(statement, 5);
    } else {
        int64_t first = key_make(batch->folder, store_message_seconds(message), 0);
        statement = STORE_START(db, SQL_WAITING_IN_SECOND, error, first, first + KEY_TIES - 1,
                                message->size_bytes, batch->folder);
    }
    int found = store_db_get(db, statement, 1, key, error);
    if (found == 0 && !(message->message_id && *message->message_id))
        found = STORE_GET(db, SQL_WAITING_AWAY, error, key, batch->folder, message->size_bytes,
                          store_message_seconds(message));
    return found == 1 ? store_row_by_key(batch->txn, key[0], row, error) : found;
}

/* The same of one that is shown in another account already, whose threads are its own. */
static int find_abroad(Batch *batch, const StoreNewMessage *message, StoreRowData *row, GError **error)
{
    int64_t key[1];

    if (!message->message_id || !*message->message_id)
        return 0;
    sqlite3_stmt *statement = STORE_START(batch->txn->db, SQL_WAITING_ABROAD, error, batch->folder,
                                          batch->account, message->size_bytes, 0, message->date_s);
    if (statement) {
        bind_text(statement, 4, message->message_id);
        if (!message->has_date)
            sqlite3_bind_null(statement, 5);
    }
    const int found = store_db_get(batch->txn->db, statement, 1, key, error);
    return found == 1 ? store_row_by_key(batch->txn, key[0], row, error) : found;
}

/* The server's half of a row that was here before. */
static gboolean renew(Batch *batch, StoreRowData *row, const StoreNewMessage *message, GError **error)
{
    const gboolean is_whole_now = row->server_flags & ~message->flags & STORE_STUB;
    gboolean is_changed;

    if (!store_row_set_server(batch->txn, row, message->uid, message->flags, message->keywords, &is_changed,
                              error) ||
        !store_email_set(batch->txn, batch->account, row->id, message->email_id, error))
        return FALSE;
    if (is_whole_now && !STORE_RUN(batch->txn->db, SQL_ROW_SET_SIZE, error, row->key, message->size_bytes))
        return FALSE;
    batch->changes.changed += is_changed;
    return message->attachments < 0 || message->attachments == row->attachments ||
           STORE_RUN(batch->txn->db, SQL_ROW_SET_ATTACHMENTS, error, row->key, message->attachments);
}

/* A message that stands where one stood whose move is on its way, and is the same: 1, 0, -1. `by_uid`: the
 * UID says so; else what it is. */
static int find_sent(Batch *batch, const StoreNewMessage *message, gboolean by_uid, GError **error)
{
    gboolean is_changed = FALSE;
    const int found =
        by_uid ? store_sent_flags(batch->txn, batch->folder, message->uid, message->flags, message->keywords,
                                  &is_changed, error)
               : store_sent_adopt(batch->txn, batch->folder, batch->account, message, &is_changed, error);

    batch->changes.changed += found == 1 && is_changed;
    return found;
}

static gboolean add_one(Batch *batch, const StoreNewMessage *message, GError **error)
{
    StoreRowData row = {0};
    int found = 0, sent = 0;

    if (message->uid && batch->has_known)
        found = store_row_by_uid(batch->txn, batch->folder, message->uid, &row, error);
    if (message->uid && !found && batch->has_sent)
        sent = find_sent(batch, message, TRUE, error);
    if (message->uid && !found && !sent && batch->has_waiting)
        found = find_waiting(batch, message, &row, error);
    if (message->uid && !found && !sent && batch->has_waiting)
        found = find_abroad(batch, message, &row, error);
    if (message->uid && !found && !sent && batch->has_sent)
        sent = find_sent(batch, message, FALSE, error);
    if (found < 0 || sent)
        return sent == 1;
    return found ? renew(batch, &row, message, error) : add_row(batch, message, error);
}

/* The same UID twice in a batch is a server's mistake, but no reason to fail. Rising or falling ones, which
 * is what servers send, hold none. */
static gboolean may_repeat(const StoreNewMessage *messages, guint n)
{
    gboolean is_rising = TRUE, is_falling = TRUE;

    for (guint i = 1; i < n; i++) {
        is_rising &= messages[i].uid > messages[i - 1].uid;
        is_falling &= messages[i].uid < messages[i - 1].uid;
    }
    return !is_rising && !is_falling;
}

/* Questions for the whole batch, which is nearly always all new, that spare questions for each message. */
static gboolean look_ahead(Batch *batch, const StoreNewMessage *messages, guint n, GError **error)
{
    uint32_t lowest = UINT32_MAX, highest = 0;
    int64_t one[1];

    for (guint i = 0; i < n; i++) {
        if (messages[i].uid)
            lowest = MIN(lowest, messages[i].uid);
        highest = MAX(highest, messages[i].uid);
    }
    int known =
        highest ? STORE_GET(batch->txn->db, SQL_UID_ANY, error, one, batch->folder, lowest, highest) : 0;
    int newer = known < 0 ? -1
                          : STORE_GET(batch->txn->db, SQL_UID_ANY, error, one, batch->folder,
                                      (int64_t)highest + 1, UINT32_MAX);
    int waiting = newer < 0 ? -1 : STORE_GET(batch->txn->db, SQL_WAITING_ANY, error, one, batch->folder);
    batch->has_known = known == 1 || may_repeat(messages, n);
    batch->is_backfill = highest && newer == 1;
    int sent = waiting < 0 ? -1 : store_sent_any(batch->txn, batch->folder, error);
    int departed = sent < 0 ? -1 : store_email_has_departed(batch->txn, error);
    batch->has_waiting = waiting == 1;
    batch->has_sent = sent == 1;
    batch->has_departed = departed == 1;
    return departed >= 0;
}

static gboolean add_sorted(Batch *batch, const StoreNewMessage *messages, guint n, GError **error)
{
    g_autofree const StoreNewMessage **sorted = g_new(const StoreNewMessage *, n);
    int64_t first_id;

    for (guint i = 0; i < n; i++)
        sorted[i] = &messages[i];
    if (!store_folder_account(batch->txn, batch->folder, &batch->account, error) ||
        !look_ahead(batch, messages, n, error) ||
        !store_meta_get(batch->txn, "next-id", &batch->next_id, error))
        return FALSE;
    g_qsort_with_data(sorted, (int)n, sizeof *sorted, compare_messages, batch);
    first_id = batch->next_id;
    for (guint i = 0; i < n; i++) {
        if (!add_one(batch, sorted[i], error))
            return FALSE;
    }
    return (batch->next_id == first_id || store_meta_set(batch->txn, "next-id", batch->next_id, error)) &&
           store_thread_settle(batch->txn, (guint)batch->changes.added, error);
}

static void add_changes(StoreChanges *into, const StoreChanges *changes)
{
    if (!into)
        return;
    into->added += changes->added;
    into->changed += changes->changed;
    into->removed += changes->removed;
}

gboolean store_txn_add(StoreTxn *txn, int64_t folder_id, const StoreNewMessage *messages, guint n,
                       StoreChanges *changes, GError **error)
{
    Batch batch = {.txn = txn, .folder = folder_id};

    if (!n)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(batch.scratch); i++)
        batch.scratch[i] = g_string_sized_new(256);
    gboolean is_done = add_sorted(&batch, messages, n, error);
    for (guint i = 0; i < G_N_ELEMENTS(batch.scratch); i++)
        g_string_free(batch.scratch[i], TRUE);
    if (is_done)
        add_changes(changes, &batch.changes);
    return is_done;
}

/* The message is not there any more: it was moved, or is gone. */
static gboolean leave(StoreTxn *txn, StoreRowData *row, GError **error)
{
    int64_t folder;
    uint32_t uid;
    /* What is to be deleted for good was meant where it stood. */
    const int found =
        key_folder(row->key) == STORE_NOWHERE ? 0 : store_email_follow(txn, row, &folder, &uid, error);

    if (found <= 0)
        return found == 0 && store_row_delete(txn, row, error);
    return store_row_place(txn, row, folder, uid, error) &&
           store_journal_show(txn, row->id, STORE_VERB_MOVE, error);
}

gboolean store_txn_expunge(StoreTxn *txn, int64_t folder_id, const uint32_t *uids, guint n,
                           StoreChanges *changes, GError **error)
{
    StoreChanges done = {0};

    txn->keeps_bodies = TRUE;
    for (guint i = 0; i < n; i++) {
        StoreRowData row;
        int found = store_row_by_uid(txn, folder_id, uids[i], &row, error);
        if (found < 0 ||
            (found ? !leave(txn, &row, error) : !store_sent_expunged(txn, folder_id, uids[i], error)))
            return FALSE;
        done.removed += found;
    }
    txn->keeps_bodies = FALSE;
    add_changes(changes, &done);
    return TRUE;
}

gboolean store_txn_forget_uids(StoreTxn *txn, int64_t folder_id, gboolean *is_done_out, GError **error)
{
    if (!STORE_RUN(txn->db, SQL_UID_FORGET, error, folder_id, STORE_PIECE_ROWS))
        return FALSE;
    *is_done_out = sqlite3_changes(txn->db->handle) < STORE_PIECE_ROWS;
    return store_sent_forget_uids(txn, folder_id, error);
}

gboolean store_txn_drop_orphans(StoreTxn *txn, int64_t folder_id, int64_t untold, StoreChanges *changes,
                                gboolean *is_done_out, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));
    StoreChanges done = {0};

    if (!store_db_numbers(txn->db,
                          STORE_START(txn->db, SQL_WAITING_KEYS, error, folder_id, STORE_PIECE_ROWS, untold),
                          keys, error))
        return FALSE;
    txn->keeps_bodies = TRUE;
    for (guint i = 0; i < keys->len; i++) {
        StoreRowData row;
        int found = store_row_by_key(txn, g_array_index(keys, int64_t, i), &row, error);
        if (found < 0 || (found && !store_row_delete(txn, &row, error)))
            return FALSE;
        done.removed += found;
    }
    txn->keeps_bodies = FALSE;
    add_changes(changes, &done);
    *is_done_out = keys->len < STORE_PIECE_ROWS;
    return store_sent_drop_orphans(txn, folder_id, error);
}

gboolean store_txn_set_attachments(StoreTxn *txn, int64_t message_id, int attachments, GError **error)
{
    StoreRowData row;
    int found = store_row_by_id(txn, message_id, &row, error);

    if (found <= 0)
        return found == 0;
    return STORE_RUN(txn->db, SQL_ROW_SET_ATTACHMENTS, error, row.key, attachments);
}
