/* worker_pop3_disk.c - see worker_pop3_private.h: what a visit does with the folders on this disk. */
#include "engine/uploads.h"
#include "engine/worker_pop3_private.h"

gboolean visit_sync_inbox(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    SyncResult result;

    if (!disk_begin_played(&worker_pop3(worker)->disk, error))
        return FALSE;
    /* As it is now: the row says how far it was read. */
    g_autoptr(StoreFolder) inbox = store_read_folder_by_id(worker->reader, visit->inbox->id, error);
    const gboolean ok = inbox && disk_sync(&worker->pop3->disk, inbox, &result, error);
    disk_end(&worker->pop3->disk);
    if (!ok)
        return FALSE;
    worker_tell_arrivals(worker, inbox, &result);
    visit->brought.changes.added += result.changes.added;
    visit->brought.changes.changed += result.changes.changed;
    visit->brought.changes.removed += result.changes.removed;
    visit->brought.messages = result.messages;
    return TRUE;
}

gboolean visit_prepare(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    Disk *disk = &worker_pop3(worker)->disk;

    if (!disk_begin(disk, DEADLINE_NONE, error))
        return FALSE;
    const gboolean ok = disk_folders(disk, error) && uploads_file_here(disk, error);
    disk_end(disk);
    if (!ok)
        return FALSE;
    const char *name = visit->running->task->request->folder;
    visit->inbox = worker_find_folder(worker, "INBOX", error);
    if (!visit->inbox || !name)
        return visit->inbox != NULL;
    visit->only = worker_find_folder(worker, name, error);
    return visit->only != NULL;
}

/* The Inbox with all that came, and the others; one that cannot be read stops no other. */
static gboolean sync_folders(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    GError *first = NULL;

    for (guint i = 0; folders && i < folders->len && !cancel_is_triggered(worker->cancel); i++) {
        const StoreFolder *folder = folders->pdata[i];
        const gboolean is_inbox = folder->id == visit->inbox->id;
        const int64_t began_us = is_inbox ? visit->began_us : clock_now_us();
        g_autoptr(GError) failed = NULL;
        SyncResult result;
        if (!folder->selectable || (visit->only && visit->only->id != folder->id))
            continue;
        const gboolean ok = is_inbox ? visit_sync_inbox(visit, &failed)
                                     : disk_sync(&worker->pop3->disk, folder, &result, &failed);
        if (is_inbox) {
            result = visit->brought;
            result.bytes = visit->bytes;
        }
        worker_tell_synced(visit->running, folder, &result, began_us, failed);
        if (!ok && !first)
            first = g_steal_pointer(&failed);
    }
    if (first)
        g_propagate_error(error, first);
    return folders && !first;
}

gboolean visit_sync_disk(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;

    if (!disk_begin_played(&worker_pop3(worker)->disk, error))
        return FALSE;
    const gboolean ok = sync_folders(visit, error);
    disk_end(&worker->pop3->disk);
    return ok;
}
