/* worker_keep.c - see worker_private.h. The task that fills the cache with what is to be read offline. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/worker_private.h"

/* Once, until it works again; the next message that comes will try. */
static void tell_disk(Worker *worker, const GError *error)
{
    g_autofree char *text =
        g_strdup_printf(_("messages are not kept for reading offline any more: %s"), error->message);

    if (!worker->is_disk_told)
        worker_tell_alert(text, worker);
    worker->is_disk_told = TRUE;
}

KeepContext worker_keep_context(const Worker *worker, const SyncImap *sync)
{
    return (KeepContext){.sync = sync,
                         .account = worker->context.account,
                         .cache_folder = worker->context.paths->cache,
                         .housekeeper = worker->context.housekeeper};
}

gboolean worker_do_keep(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const SyncImap sync = worker_sync(running);
    const KeepContext context = worker_keep_context(worker, &sync);
    g_autoptr(GError) failed = NULL;

    worker->is_keeping = TRUE;
    if (keep_fill(&context, &failed)) {
        worker->is_disk_told = FALSE;
        return TRUE;
    }
    if (tern_error_is(failed, TERN_ERROR_STORE))
        tell_disk(worker, failed);
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}
