/* worker_fetch.c - see worker_private.h. A message's file for a person who waits for it. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "engine/worker_private.h"
#include "imap/body.h"
#include "maildir/shelf.h"

#include <string.h>

static CacheName name_of(const StoreMessage *message)
{
    return (CacheName){message->body_id, store_message_token(message)};
}

/* Into one cache or the other; what the disk has against it is STORE, and the session goes on. */
static gboolean fetch_into(Worker *worker, const StoreMessage *message, const char *cache_folder,
                           int64_t *bytes_out, GError **error)
{
    gboolean found;
    CacheFile *file = cache_file_new(cache_folder, error);

    if (!file)
        return FALSE;
    if (!imap_fetch_body(worker->session, message->server_uid, cache_file_fd(file), &found, bytes_out,
                         error)) {
        cache_file_discard(file);
        if (error && tern_error_is(*error, TERN_ERROR_STORE))
            g_prefix_error(error, "%s: ", cache_folder);
        return FALSE;
    }
    if (!found) {
        cache_file_discard(file);
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not on the server any more"));
        return FALSE;
    }
    return cache_file_commit(file, name_of(message), 0, error);
}

/* Where the cache takes no more, a disk that is full or cannot be written, the message can be read all the
 * same: it comes into the run folder, which is in memory, for as long as it fits there. `why`: what the cache
 * said, taken. */
static gboolean fetch_into_memory(Worker *worker, const StoreMessage *message, GError *why, GError **error)
{
    const Paths *paths = worker->context.paths;
    g_autoptr(GError) full = why;
    int64_t bytes;

    if (strcmp(paths->run, paths->data) != 0 && message->size_bytes < LIMIT_SPILL_BYTES) {
        cache_trim(paths->run, LIMIT_SPILL_BYTES - message->size_bytes);
        if (fetch_into(worker, message, paths->run, &bytes, error))
            return TRUE;
        if (!error || !tern_error_is(*error, TERN_ERROR_STORE))
            return FALSE;
        g_clear_error(error);
    }
    tern_error_set(error, TERN_ERROR_STORE,
                   _("the text of message %" G_GINT64_FORMAT
                     " cannot be kept: %s; make room there, or make it "
                     "writable, and open the message again"),
                   message->id, full->message);
    return FALSE;
}

static gboolean fetch_into_cache(Worker *worker, const StoreMessage *message, GError **error)
{
    GError *failure = NULL;
    int64_t bytes;

    if (fetch_into(worker, message, worker->context.paths->cache, &bytes, &failure)) {
        housekeeper_added(worker->context.housekeeper, worker_account(worker), bytes);
        return TRUE;
    }
    if (tern_error_is(failure, TERN_ERROR_STORE))
        return fetch_into_memory(worker, message, failure, error);
    g_propagate_error(error, failure);
    return FALSE;
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
    if (cache_has(worker->context.paths->cache, name_of(message)) ||
        cache_has(worker->context.paths->run, name_of(message)))
        return TRUE;
    if (!message->server_uid) {
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the message is on its way to another folder; try again in a moment"));
        return FALSE;
    }
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, message->server_folder_id, error);
    return folder && sync_imap_select(&sync, folder, error) && fetch_into_cache(worker, message, error);
}
