/* import_server.c - see import_server.h. */
#include "engine/import_server.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/across.h"
#include "engine/batch.h"
#include "engine/disk_box.h"
#include "imap/append.h"
#include "store/change.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Messages that share a transaction, and the fsync of the folder. */
#define GROUP 100

/* One that waits for the group. */
typedef struct {
    Batch *batch; /* it alone */
    char *file;
} Waiting;

struct ImportServer {
    Disk *disk;
    ImportResult *result;
    char *folder; /* as shown */
    char *spool;
    int64_t folder_id;
    GHashTable *seen;   /* what a message is known by -> how many of this run are it */
    GPtrArray *waiting; /* Waiting * */
};

static void free_waiting(void *data)
{
    Waiting *waiting = data;

    batch_free(waiting->batch);
    g_free(waiting->file);
    g_free(waiting);
}

/* ---- the folder ---- */

typedef struct {
    const char *account, *name;
    int64_t folder_id;
} Making;

static gboolean make_folder(StoreTxn *txn, void *data, GError **error)
{
    Making *making = data;
    int64_t account;

    if (!store_change_begin(txn, STORE_CHANGE_CREATE, making->name, error))
        return FALSE;
    store_change_as_command(txn);
    return store_txn_account(txn, making->account, &account, error) &&
           store_change_create_folder(txn, account, making->name, STORE_ROLE_NONE, &making->folder_id, error);
}

static gboolean find_folder(ImportServer *server, GError **error)
{
    Disk *disk = server->disk;
    const char *account = disk->account->id;
    GError *failed = NULL;
    g_autoptr(GPtrArray) known = store_read_folders(disk->reader, account, &failed);
    g_autoptr(StoreFolder) folder =
        known ? store_read_folder(disk->reader, account, server->folder, &failed) : NULL;
    Making making = {account, server->folder, 0};

    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (!known->len) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("nothing is known of the account %s yet; run: tern sync %s"), account, account);
        return FALSE;
    }
    if (!folder && !store_run(disk->store, STORE_LANE_USER, TRUE, make_folder, &making, error))
        return FALSE;
    server->folder_id = folder ? folder->id : making.folder_id;
    return TRUE;
}

/* ---- a message ---- */

/* The beginning of it, whole unless it is large; and its size on the server. */
static GByteArray *read_head(int fd, uint64_t *size_out, GError **error)
{
    g_autoptr(GByteArray) head = g_byte_array_new();

    g_byte_array_set_size(head, DISK_READ_BYTES);
    const gssize n = file_read_at(fd, head->data, DISK_READ_BYTES, 0);
    if (n < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
        return NULL;
    }
    g_byte_array_set_size(head, (guint)n);
    return imap_append_size(fd, size_out, error) ? g_steal_pointer(&head) : NULL;
}

typedef struct {
    const ImportServer *server;
    StoreTxn *txn;
    int64_t count;
    char *known_by;
} Look;

static gboolean look_at(const StoreNewMessage *message, guint n, void *data, GError **error)
{
    Look *look = data;
    const gboolean has_id = message->message_id && *message->message_id;

    (void)n;
    look->known_by =
        has_id ? g_strdup_printf("%" G_GINT64_FORMAT " %s", message->size_bytes, message->message_id)
               : g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                                 message->size_bytes, message->date_s, message->arrival_s);
    return store_txn_alike(look->txn, look->server->folder_id, message, &look->count, error);
}

typedef struct {
    Look look;
    const Batch *batch;
} LookJob;

static gboolean look_job(StoreTxn *txn, void *data, GError **error)
{
    LookJob *job = data;

    job->look.txn = txn;
    return batch_each(job->batch, look_at, &job->look, error);
}

/* Whether the account has it already: 1, 0, -1. */
static int is_known(ImportServer *server, const Batch *batch, GError **error)
{
    LookJob job = {{.server = server}, batch};

    if (!store_run(server->disk->store, STORE_LANE_BULK, FALSE, look_job, &job, error)) {
        g_free(job.look.known_by);
        return -1;
    }
    const int nth = GPOINTER_TO_INT(g_hash_table_lookup(server->seen, job.look.known_by));
    g_hash_table_replace(server->seen, job.look.known_by, GINT_TO_POINTER(nth + 1));
    return job.look.count > nth;
}

gboolean import_server_put(ImportServer *server, int fd, uint32_t flags, char **keywords, int64_t arrival_s,
                           GError **error)
{
    uint64_t size;
    g_autoptr(GByteArray) head = read_head(fd, &size, error);
    g_autoptr(Batch) batch = batch_new(server->folder_id);

    if (!head)
        return FALSE;
    batch_add_local(batch, &(BatchLocal){.flags = flags,
                                         .keywords = (const char *const *)keywords,
                                         .arrival_s = arrival_s,
                                         .size_bytes = (int64_t)size,
                                         .attachments = -1,
                                         .header = (const char *)head->data,
                                         .header_bytes = head->len});
    const int known = is_known(server, batch, error);
    if (known != 0) {
        server->result->known += known == 1;
        return known == 1;
    }
    g_autofree char *start =
        g_strdup_printf("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, server->folder_id, clock_wall_s());
    g_autofree char *file = across_write_file(server->spool, start, fd, error);
    if (!file)
        return FALSE;
    Waiting *waiting = g_new(Waiting, 1);
    *waiting = (Waiting){g_steal_pointer(&batch), g_steal_pointer(&file)};
    g_ptr_array_add(server->waiting, waiting);
    server->result->bytes += (int64_t)size;
    return server->waiting->len < GROUP || import_server_flush(server, error);
}

/* ---- a group ---- */

typedef struct {
    StoreTxn *txn;
    const ImportServer *server;
    const char *file;
} Adding;

static gboolean add_one(const StoreNewMessage *message, guint n, void *data, GError **error)
{
    const Adding *adding = data;

    (void)n;
    return store_change_append(adding->txn, adding->server->folder_id, message, adding->file, error);
}

static gboolean add_job(StoreTxn *txn, void *data, GError **error)
{
    const ImportServer *server = data;
    Adding adding = {txn, server, NULL};

    if (!store_change_begin(txn, STORE_CHANGE_IMPORT, server->folder, error))
        return FALSE;
    store_change_as_command(txn);
    for (guint i = 0; i < server->waiting->len; i++) {
        const Waiting *waiting = server->waiting->pdata[i];
        adding.file = waiting->file;
        if (!batch_each(waiting->batch, add_one, &adding, error))
            return FALSE;
    }
    return TRUE;
}

gboolean import_server_flush(ImportServer *server, GError **error)
{
    if (!server->waiting->len)
        return TRUE;
    if (!file_sync_folder(server->spool, error) ||
        !store_run(server->disk->store, STORE_LANE_USER, TRUE, add_job, server, error))
        return FALSE;
    server->result->added += server->waiting->len;
    g_ptr_array_set_size(server->waiting, 0);
    return TRUE;
}

ImportServer *import_server_open(Disk *disk, const char *folder, ImportResult *result, GError **error)
{
    g_autoptr(ImportServer) server = g_new0(ImportServer, 1);

    server->disk = disk;
    server->result = result;
    server->folder = g_strdup(folder);
    server->spool = across_folder(disk->paths, disk->account->id);
    server->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    server->waiting = g_ptr_array_new_with_free_func(free_waiting);
    if (!find_folder(server, error) || !file_make_folder(server->spool, error))
        return NULL;
    across_remove_strays(disk->paths, disk->reader, disk->account->id);
    return g_steal_pointer(&server);
}

void import_server_free(ImportServer *server)
{
    if (!server)
        return;
    g_hash_table_unref(server->seen);
    g_ptr_array_unref(server->waiting);
    g_free(server->folder);
    g_free(server->spool);
    g_free(server);
}
