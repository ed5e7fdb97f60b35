/* transfer.c - see transfer.h. */
#include "engine/transfer.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/across.h"
#include "engine/import.h"

#include <unistd.h>

#define READER_BUSY_MS 5000
/* Rows that are read at once. */
#define BODIES_AT_ONCE 500

gboolean engine_import(const EngineTransfer *with, const char *account, const char *folder, const char *path,
                       EngineTransferred *out, GError **error)
{
    g_autoptr(StoreReader) reader = store_reader_new(with->store, READER_BUSY_MS, error);
    ImportResult result = {0};
    Disk disk = {.account = config_account(with->config, account),
                 .config = with->config,
                 .paths = with->paths,
                 .store = with->store,
                 .reader = reader,
                 .cancel = with->cancel,
                 .progress = with->progress,
                 .refused = with->tell,
                 .passed_over = with->passed_over,
                 .data = with->data};

    *out = (EngineTransferred){0};
    if (reader && !disk.account)
        tern_error_set(error, TERN_ERROR_INPUT, _("no account of that name is configured"));
    if (!reader || !disk.account)
        return FALSE;
    const gboolean ok = import_path(&disk, path, folder, &result, error);
    *out =
        (EngineTransferred){.added = result.added, .known = result.known, .passed_over = result.passed_over};
    return ok;
}

/* ---- out ---- */

typedef struct {
    const EngineTransfer *with;
    StoreReader *reader;
    Export *out;
    Across *across;
    EngineTransferred *result;
    int64_t done, total;
} Run;

static gboolean export_one(Run *run, int64_t id, GError **error)
{
    GError *failed = NULL;
    g_autoptr(StoreMessage) message = store_read_message(run->reader, id, &failed);
    const int fd = message ? across_open_message(run->across, message, &failed) : -1;

    if (message && tern_error_is(failed, TERN_ERROR_INPUT)) /* only its header is here */
        g_clear_error(&failed);
    run->result->missing += message && fd < 0 && !failed;
    if (fd >= 0) {
        export_message(run->out, fd, message->flags, message->keywords, message->arrival_s, &failed);
        close(fd);
    }
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}

/* The newest first, in pieces. */
static gboolean export_all(Run *run, int64_t folder_id, GError **error)
{
    int64_t below = INT64_MAX;
    guint n;

    do {
        g_autoptr(GArray) bodies = store_read_bodies(run->reader, folder_id, below, BODIES_AT_ONCE, error);
        if (!bodies)
            return FALSE;
        for (guint i = 0; i < bodies->len; i++) {
            const StoreBody *body = &g_array_index(bodies, StoreBody, i);
            if (cancel_check(run->with->cancel, error) || !export_one(run, body->id, error))
                return FALSE;
            below = body->key;
            run->done++;
        }
        run->with->progress("", run->done, run->total, run->with->data);
        n = bodies->len;
    } while (n == BODIES_AT_ONCE);
    return TRUE;
}

gboolean engine_export(const EngineTransfer *with, int64_t folder_id, const char *path,
                       EngineTransferred *out, GError **error)
{
    const gboolean is_mbox = !g_str_has_suffix(path, "/") && !g_file_test(path, G_FILE_TEST_IS_DIR);
    g_autoptr(StoreReader) reader = store_reader_new(with->store, READER_BUSY_MS, error);
    g_autoptr(StoreFolder) folder = reader ? store_read_folder_by_id(reader, folder_id, error) : NULL;
    Export *to = folder ? export_open(path, is_mbox, error) : NULL;
    g_autoptr(Across) across =
        reader ? across_new(with->config, with->paths, with->store, reader, DEADLINE_NONE, with->cancel)
               : NULL;
    Run run = {with, reader, to, across, out, 0, folder ? folder->messages : 0};
    ImportResult result = {0};
    GError *failed = NULL, *late = NULL;

    *out = (EngineTransferred){0};
    if (!to) {
        if (reader && !folder && error && !*error)
            tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
        return FALSE;
    }
    export_all(&run, folder_id, &failed);
    if (!export_close(to, &result, &late) && !failed)
        failed = g_steal_pointer(&late);
    g_clear_error(&late);
    out->added = result.added;
    out->known = result.known;
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}
