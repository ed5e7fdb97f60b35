/* worker_fetch.c - see worker_private.h. A message's file for a person who waits for it. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/worker_private.h"
#include "maildir/cache.h"

static gboolean fetch_into_cache(Worker *worker, const StoreMessage *message, GError **error)
{
    int64_t bytes;
    gboolean found;
    CacheFile *file = cache_file_new(worker->context.paths->cache, message->id, error);

    if (!file)
        return FALSE;
    if (!imap_fetch_body(worker->session, message->uid, cache_file_fd(file), &found, &bytes, error)) {
        cache_file_discard(file);
        return FALSE;
    }
    if (!found) {
        cache_file_discard(file);
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not on the server any more"));
        return FALSE;
    }
    return cache_file_commit(file, error);
}

static gboolean select_for_reading(Worker *worker, const StoreFolder *folder, GError **error)
{
    const char *now = imap_session_selected(worker->session);
    ImapSelected selected;

    if (now && g_str_equal(now, folder->raw_name))
        return TRUE;
    if (!imap_select(worker->session, folder->raw_name, TRUE, &selected, error))
        return FALSE;
    if (selected.uid_validity == folder->sync.uid_validity)
        return TRUE;
    tern_error_set(error, TERN_ERROR_REFUSED, _("the folder “%s” was replaced on the server; sync it again"),
                   folder->name);
    return FALSE;
}

gboolean worker_do_fetch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;

    g_autoptr(StoreMessage) message = store_read_message(worker->reader, id, error);
    if (!message) {
        if (error && !*error)
            tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT), id);
        return FALSE;
    }
    g_autofree char *here = cache_find(worker->context.paths->cache, id);
    if (here)
        return TRUE;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, message->folder_id, error);
    return folder && select_for_reading(worker, folder, error) && fetch_into_cache(worker, message, error);
}
