/* worker_fetch.c - see worker_private.h. A message's file for a person who waits for it. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/worker_private.h"
#include "imap/body.h"
#include "maildir/cache.h"

static CacheName name_of(const StoreMessage *message)
{
    return (CacheName){message->id, store_message_token(message)};
}

static gboolean fetch_into_cache(Worker *worker, const StoreMessage *message, GError **error)
{
    int64_t bytes;
    gboolean found;
    CacheFile *file = cache_file_new(worker->context.paths->cache, error);

    if (!file)
        return FALSE;
    if (!imap_fetch_body(worker->session, message->uid, cache_file_fd(file), &found, &bytes, error)) {
        cache_file_discard(file);
        if (error && tern_error_is(*error, TERN_ERROR_STORE))
            g_prefix_error(error, "%s: ", worker->context.paths->cache);
        return FALSE;
    }
    if (!found) {
        cache_file_discard(file);
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not on the server any more"));
        return FALSE;
    }
    if (!cache_file_commit(file, name_of(message), 0, error))
        return FALSE;
    housekeeper_added(worker->context.housekeeper, worker_account(worker), bytes);
    return TRUE;
}

gboolean worker_do_fetch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const SyncImap sync = worker_sync(running);
    const int64_t id = running->task->request->number;

    g_autoptr(StoreMessage) message = store_read_message(worker->reader, id, error);
    if (!message) {
        if (error && !*error)
            tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT), id);
        return FALSE;
    }
    if (cache_has(worker->context.paths->cache, name_of(message)))
        return TRUE;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, message->folder_id, error);
    return folder && sync_imap_select(&sync, folder, error) && fetch_into_cache(worker, message, error);
}
