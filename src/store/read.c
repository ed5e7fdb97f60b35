/* read.c - see read.h. */
#include "store/read.h"

#include "store/bucket.h"
#include "store/folder_order.h"
#include "store/key.h"
#include "store/label.h"
#include "store/reader.h"
#include "store/siphash.h"
#include "store/text_list.h"
#include "store/writer.h"

#include <string.h>

static char *text_at(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    return g_strdup(text ? text : "");
}

static StoreFolder *folder_at(sqlite3_stmt *statement)
{
    StoreFolder *folder = g_new0(StoreFolder, 1);
    int column = 0;

    folder->id = sqlite3_column_int64(statement, column++);
    folder->account_id = sqlite3_column_int64(statement, column++);
    folder->account = text_at(statement, column++);
    folder->name = text_at(statement, column++);
    folder->raw_name = text_at(statement, column++);
    folder->delimiter = (char)sqlite3_column_int(statement, column++);
    folder->role = (StoreRole)sqlite3_column_int(statement, column++);
    folder->selectable = sqlite3_column_int(statement, column++) != 0;
    folder->subscribed = sqlite3_column_int(statement, column++) != 0;
    folder->messages = sqlite3_column_int(statement, column++);
    folder->unread = sqlite3_column_int(statement, column++);
    folder->threads = sqlite3_column_int(statement, column++);
    folder->server_messages = sqlite3_column_int64(statement, column++);
    folder->server_unseen = sqlite3_column_int64(statement, column++);
    folder->sync.uid_validity = (uint32_t)sqlite3_column_int64(statement, column++);
    folder->sync.uid_next = (uint32_t)sqlite3_column_int64(statement, column++);
    folder->sync.backfill_uid = (uint32_t)sqlite3_column_int64(statement, column++);
    folder->sync.highest_modseq = (uint64_t)sqlite3_column_int64(statement, column++);
    folder->sync.synced_s = sqlite3_column_int64(statement, column++);
    folder->space = (StoreSpace)sqlite3_column_int(statement, column++);
    folder->rights = (guint)sqlite3_column_int64(statement, column++) & STORE_MAY_ALL;
    folder->mailbox_id = g_strdup((const char *)sqlite3_column_text(statement, column));
    return folder;
}

static void free_folder(void *data)
{
    store_folder_free(data);
}

GPtrArray *store_read_folders(StoreReader *reader, const char *account, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(free_folder);
    sqlite3_stmt *statement = store_db_start(reader->db, SQL_FOLDER_ALL, 0, NULL, error);
    int row = -1;

    store_db_bind_text(statement, 1, account);
    while (statement && (row = store_db_step(reader->db, statement, error)) == 1)
        g_ptr_array_add(folders, folder_at(statement));
    if (row < 0)
        return NULL;
    folder_order_sort(folders);
    return g_steal_pointer(&folders);
}

StoreFolder *store_read_folder(StoreReader *reader, const char *account, const char *name, GError **error)
{
    g_autoptr(GPtrArray) folders = store_read_folders(reader, account, error);

    /* Two folders may decode to one name; the first is meant. INBOX is one in any case (RFC 3501 5.1). */
    for (guint i = 0; folders && i < folders->len; i++) {
        StoreFolder *folder = folders->pdata[i];
        if (!g_strcmp0(folder->name, name) ||
            (!g_ascii_strcasecmp(name, "INBOX") && !g_ascii_strcasecmp(folder->name, "INBOX")))
            return g_ptr_array_steal_index(folders, i);
    }
    return NULL;
}

gboolean store_read_folder_room(StoreReader *reader, const char *account, int64_t *room_out, GError **error)
{
    sqlite3_stmt *statement = store_db_start(reader->db, SQL_FOLDER_OTHERS, 0, NULL, error);
    int64_t others[1];

    store_db_bind_text(statement, 1, account);
    if (store_db_get(reader->db, statement, 1, others, error) != 1)
        return FALSE;
    *room_out = KEY_FOLDERS_MAX - others[0];
    return TRUE;
}

StoreFolder *store_read_folder_by_id(StoreReader *reader, int64_t folder_id, GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FOLDER_BY_ID, error, folder_id);
    StoreFolder *folder = NULL;

    if (statement && store_db_step(reader->db, statement, error) == 1) {
        folder = folder_at(statement);
        sqlite3_reset(statement);
    }
    return folder;
}

static GPtrArray *addresses_at(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);

    return text_list_read_addresses(bytes, (gsize)sqlite3_column_bytes(statement, column));
}

static StoreMessage *message_at(sqlite3_stmt *statement)
{
    StoreMessage *message = g_new0(StoreMessage, 1);

    message->key = sqlite3_column_int64(statement, 0);
    message->id = sqlite3_column_int64(statement, 1);
    message->thread = sqlite3_column_int64(statement, 2);
    message->flags = (uint32_t)sqlite3_column_int64(statement, 3);
    message->uid = (uint32_t)sqlite3_column_int64(statement, 4);
    message->size_bytes = sqlite3_column_int64(statement, 5);
    message->attachments = sqlite3_column_int(statement, 6);
    message->subject = text_at(statement, 7);
    message->from = addresses_at(statement, 8);
    message->to = addresses_at(statement, 9);
    message->cc = addresses_at(statement, 10);
    message->message_id = g_strdup((const char *)sqlite3_column_text(statement, 11));
    message->has_date = sqlite3_column_type(statement, 12) != SQLITE_NULL;
    message->arrival_s = sqlite3_column_int64(statement, 14);
    message->date_s = message->has_date ? sqlite3_column_int64(statement, 12) : message->arrival_s;
    message->date_offset_min = sqlite3_column_int(statement, 13);
    const void *references = sqlite3_column_blob(statement, 15);
    message->references = text_list_read_strings(references, (gsize)sqlite3_column_bytes(statement, 15));
    message->folder = text_at(statement, 16);
    message->account = text_at(statement, 17);
    message->folder_id = sqlite3_column_int64(statement, 18);
    message->list_id = g_strdup((const char *)sqlite3_column_text(statement, 19));
    message->server_folder_id = sqlite3_column_int64(statement, 20);
    message->server_account = g_strdup((const char *)sqlite3_column_text(statement, 21));
    message->body_id = sqlite3_column_int64(statement, 22);
    message->server_uid = message->uid;
    if (message->server_folder_id != message->folder_id)
        message->uid = 0;
    return message;
}

gboolean reader_keywords(StoreReader *reader, int64_t id, uint32_t flags, gboolean with_forwarded,
                         char ***keywords_out, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    gboolean is_forwarded = FALSE;
    int row = 0;

    if (flags & STORE_HAS_KEYWORDS) {
        sqlite3_stmt *statement = STORE_START(reader->db, SQL_KEYWORD_ALL, error, id);
        row = -1;
        while (statement && (row = store_db_step(reader->db, statement, error)) == 1) {
            const char *name = label_shown((const char *)sqlite3_column_text(statement, 0));
            gboolean is_it = !g_ascii_strcasecmp(name, "$Forwarded");
            is_forwarded |= is_it;
            if ((sqlite3_column_int(statement, 1) & 2) &&
                (!is_it || (with_forwarded && (flags & STORE_FORWARDED))) &&
                !g_ptr_array_find_with_equal_func(list, name, g_str_equal, NULL)) /* a label, and a keyword */
                g_ptr_array_add(list, g_strdup(name));
        }
    }
    if (row < 0)
        return FALSE;
    if (with_forwarded && (flags & STORE_FORWARDED) && !is_forwarded)
        g_ptr_array_add(list, g_strdup("$Forwarded"));
    g_ptr_array_add(list, NULL);
    *keywords_out = (char **)g_ptr_array_steal(list, NULL);
    return TRUE;
}

static gboolean read_file(StoreReader *reader, StoreMessage *message, GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FILE_OF_MESSAGE, error, message->id);
    const int row = statement ? store_db_step(reader->db, statement, error) : -1;

    if (row != 1)
        return row == 0;
    message->file_folder = g_strdup((const char *)sqlite3_column_text(statement, 0));
    message->file_name = g_strdup((const char *)sqlite3_column_text(statement, 1));
    message->file_flags = (uint32_t)sqlite3_column_int64(statement, 2);
    sqlite3_reset(statement);
    return TRUE;
}

static gboolean read_import(StoreReader *reader, StoreMessage *message, GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_FILE_IMPORTED, error, message->id);
    const int row = statement ? store_db_step(reader->db, statement, error) : -1;

    if (row != 1)
        return row == 0;
    message->import_account = g_strdup((const char *)sqlite3_column_text(statement, 0));
    message->import_file = g_strdup((const char *)sqlite3_column_text(statement, 1));
    sqlite3_reset(statement);
    return TRUE;
}

static StoreMessage *read_message(StoreReader *reader, int64_t id, GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_MESSAGE_WHOLE, error, id);

    if (!statement || store_db_step(reader->db, statement, error) != 1)
        return NULL;
    g_autoptr(StoreMessage) message = message_at(statement);
    sqlite3_reset(statement);
    if (!reader_keywords(reader, id, message->flags, TRUE, &message->keywords, error) ||
        !read_file(reader, message, error) || !read_import(reader, message, error))
        return NULL;
    return g_steal_pointer(&message);
}

StoreMessage *store_read_message(StoreReader *reader, int64_t id, GError **error)
{
    if (!reader_begin(reader, error))
        return NULL;
    StoreMessage *message = read_message(reader, id, error);
    reader_end(reader);
    return message;
}

StoreMessage *store_read_body_owner(StoreReader *reader, int64_t body_id, GError **error)
{
    int64_t id[1] = {body_id};

    if (body_id < 0 && STORE_GET(reader->db, SQL_EMAIL_ANY, error, id, body_id) != 1)
        return NULL;
    return store_read_message(reader, id[0], error);
}

int store_read_shared_body(StoreReader *reader, int64_t id, int64_t *body_out, GError **error)
{
    return store_db_get(reader->db, STORE_START(reader->db, SQL_EMAIL_GET, error, id), 1, body_out, error);
}

/* Copies of one message may have arrived at different times. */
static uint64_t token_of(const char *message_id, const char *subject, int64_t size_bytes, int64_t arrival_s,
                         int64_t body_id)
{
    static const uint64_t KEY[2] = {0x7465726e, 0x626f6479};
    g_autofree char *text =
        g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s\n%s", size_bytes,
                        body_id < 0 ? 0 : arrival_s, message_id ? message_id : "", subject ? subject : "");

    return siphash(KEY, text, strlen(text));
}

uint64_t store_message_token(const StoreMessage *message)
{
    return token_of(message->message_id, message->subject, message->size_bytes, message->arrival_s,
                    message->body_id);
}

/* Rows of SQL_BODY. */
static GArray *read_bodies(StoreReader *reader, sqlite3_stmt *statement, GError **error)
{
    g_autoptr(GArray) bodies = g_array_new(FALSE, FALSE, sizeof(StoreBody));
    int row = -1;

    while (statement && (row = store_db_step(reader->db, statement, error)) == 1) {
        StoreBody body = {.key = sqlite3_column_int64(statement, 0),
                          .id = sqlite3_column_int64(statement, 1),
                          .folder_id = sqlite3_column_int64(statement, 2),
                          .uid = (uint32_t)sqlite3_column_int64(statement, 3),
                          .size_bytes = sqlite3_column_int64(statement, 4),
                          .arrival_s = sqlite3_column_int64(statement, 5),
                          .body_id = sqlite3_column_int64(statement, 8)};
        body.sorted_s = key_seconds(body.key);
        body.token = token_of((const char *)sqlite3_column_text(statement, 6),
                              (const char *)sqlite3_column_text(statement, 7), body.size_bytes,
                              body.arrival_s, body.body_id);
        g_array_append_val(bodies, body);
    }
    return row < 0 ? NULL : g_steal_pointer(&bodies);
}

GArray *store_read_bodies(StoreReader *reader, int64_t folder_id, int64_t below_key, int limit,
                          GError **error)
{
    const int64_t last = MIN(key_folder_last(folder_id), below_key - 1);

    return read_bodies(
        reader, STORE_START(reader->db, SQL_BODIES, error, key_folder_first(folder_id), last, limit), error);
}

GArray *store_read_bodies_after(StoreReader *reader, int64_t id, int limit, GError **error)
{
    return read_bodies(reader, STORE_START(reader->db, SQL_BODIES_AFTER, error, id, limit), error);
}

/* Rows of (uid, server_flags, id). */
static GArray *read_uids(StoreReader *reader, sqlite3_stmt *statement, GError **error)
{
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(StoreUid));
    int row = -1;

    while (statement && (row = store_db_step(reader->db, statement, error)) == 1) {
        StoreUid uid = {.uid = (uint32_t)sqlite3_column_int64(statement, 0),
                        .flags = (uint32_t)sqlite3_column_int64(statement, 1),
                        .id = sqlite3_column_int64(statement, 2)};
        g_array_append_val(uids, uid);
    }
    return row < 0 ? NULL : g_steal_pointer(&uids);
}

GArray *store_read_uids(StoreReader *reader, int64_t folder_id, uint32_t from_uid, uint32_t to_uid,
                        GError **error)
{
    return read_uids(reader, STORE_START(reader->db, SQL_UID_RANGE, error, folder_id, from_uid, to_uid),
                     error);
}

GArray *store_read_unread_from(StoreReader *reader, int64_t folder_id, uint32_t from_uid, int64_t after_id,
                               GError **error)
{
    return read_uids(reader, STORE_START(reader->db, SQL_UNREAD_FROM, error, folder_id, from_uid, after_id),
                     error);
}

gboolean store_read_uid_count(StoreReader *reader, int64_t folder_id, int64_t *count_out, GError **error)
{
    int64_t count[1];

    if (STORE_GET(reader->db, SQL_UID_COUNT, error, count, folder_id) != 1)
        return FALSE;
    *count_out = count[0];
    return TRUE;
}

GArray *store_read_unstructured(StoreReader *reader, int64_t folder_id, int limit, GError **error)
{
    return read_uids(reader,
                     STORE_START(reader->db, SQL_UNSTRUCTURED, error, folder_id, limit, STORE_NO_STRUCTURE),
                     error);
}

/* The key of the row that stands for it: itself, or the newest of its thread. 0: it is not in the folder; -1
 * and STORE. */
gboolean store_read_untold(StoreReader *reader, int64_t *untold_out, GError **error)
{
    sqlite3_stmt *statement = store_db_start(reader->db, SQL_META_GET, 0, NULL, error);

    store_db_bind_text(statement, 1, "untold");
    return store_db_get(reader->db, statement, 1, untold_out, error) == 1;
}

int store_read_has_waiting(StoreReader *reader, int64_t folder_id, GError **error)
{
    int64_t one[1];

    return STORE_GET(reader->db, SQL_WAITING_ANY, error, one, folder_id);
}
