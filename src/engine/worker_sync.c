/* worker_sync.c - see worker_private.h. Tasks that bring folders into the store. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/link.h"
#include "engine/worker_private.h"

/* Structures (numbers of attachments) that are asked for in one piece, when there is nothing else to do. */
#define STRUCTURES_AT_ONCE 200

static gboolean checkpoint(void *data, GError **error)
{
    return worker_checkpoint(data, error);
}

static gboolean is_wanted(void *data)
{
    return worker_is_wanted(data);
}

static void progress(const char *folder, int64_t done, int64_t total, void *data)
{
    worker_tell_progress(((Running *)data)->worker, folder, done, total);
}

SyncImap worker_sync(Running *running)
{
    Worker *worker = running->worker;

    return (SyncImap){.session = worker->session,
                      .store = worker->context.store,
                      .reader = worker->reader,
                      .account = worker_account(worker),
                      .hearing = &worker->hearing,
                      .cancel = worker->cancel,
                      .room = tasks_wake(worker->tasks),
                      .checkpoint = checkpoint,
                      .is_wanted = is_wanted,
                      .progress = progress,
                      .data = running};
}

static gboolean sync_one(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                         gboolean page_only, GError **error)
{
    Worker *worker = running->worker;
    SyncImap sync = worker_sync(running);
    SyncResult result;
    GError *failed = NULL;
    const int64_t began_us = clock_now_us();

    if (!listed) /* a whole account's sync says what it does folder by folder as progress */
        worker_tell_state(worker, ENGINE_WORKING, folder->name, 0, 0, NULL);
    const gboolean ok = sync_imap_folder(&sync, folder, listed, page_only, &result, &failed);
    if (ok || !worker_tries_again(running, failed))
        worker_tell_folder(worker, running->task, folder, &result, began_us, failed);
    if (!ok) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (worker->is_keeping && result.changes.added)
        worker_push_own(worker, TASK_KEEP, 0);
    return TRUE;
}

/* name -> ImapFolder */
static GHashTable *index_listed(const GPtrArray *listed)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < listed->len; i++) {
        ImapFolder *folder = g_ptr_array_index(listed, i);
        g_hash_table_insert(index, folder->name, folder);
    }
    return index;
}

/* All folders, the Inbox first; one that is refused (no rights, gone meanwhile) stops no other. */
static gboolean sync_all(Running *running, const GPtrArray *listed, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    g_autoptr(GHashTable) by_name = index_listed(listed);
    GError *first = NULL;

    if (!folders)
        return FALSE;
    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = g_ptr_array_index(folders, i);
        g_autoptr(GError) failed = NULL;
        const ImapFolder *in_list = g_hash_table_lookup(by_name, folder->name);
        if (!folder->selectable || !in_list)
            continue;
        if (!sync_one(running, folder, in_list, FALSE, &failed)) {
            const gboolean go_on = link_survives(failed);
            if (!first)
                first = g_steal_pointer(&failed);
            if (!go_on)
                break;
        }
    }
    if (first)
        g_propagate_error(error, first);
    return !first;
}

gboolean worker_do_sync(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const EngineRequest *request = running->task->request;
    SyncImap sync = worker_sync(running);
    gboolean is_cut;

    worker_tell_state(worker, ENGINE_WORKING, NULL, 0, 0, NULL);
    g_autoptr(GPtrArray) listed = sync_imap_folders(&sync, &is_cut, error);
    if (!listed)
        return FALSE;
    if (is_cut)
        worker_tell_alert(
            _("the server has more folders than tern can keep; only those subscribed to are here"), worker);
    if (!request->folder)
        return sync_all(running, listed, error);
    g_autoptr(StoreFolder) folder =
        store_read_folder(worker->reader, worker_account(worker), request->folder, error);
    if (folder) {
        g_autoptr(GHashTable) by_name = index_listed(listed);
        return sync_one(running, folder, g_hash_table_lookup(by_name, folder->name), FALSE, error);
    }
    if (error && !*error)
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no folder “%s” in the account “%s”"),
                       request->folder, worker_account(worker));
    return FALSE;
}

/* The folder that a task names by number; NULL and an error: it is gone. */
static StoreFolder *folder_of(const Running *running, GError **error)
{
    StoreFolder *folder =
        store_read_folder_by_id(running->worker->reader, running->task->request->number, error);

    if (!folder && error && !*error)
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
    return folder;
}

/* What is new, or the first page; the rest goes on when nothing else is asked. */
gboolean worker_do_open(Running *running, GError **error)
{
    g_autoptr(StoreFolder) folder = folder_of(running, error);

    if (!folder || !sync_one(running, folder, NULL, TRUE, error))
        return FALSE;
    running->worker->is_keeping = TRUE;
    worker_push_own(running->worker, TASK_FILL, folder->id);
    worker_push_own(running->worker, TASK_KEEP, 0);
    return TRUE;
}

/* The whole folder, and then what its messages hold. */
gboolean worker_do_fill(Running *running, GError **error)
{
    g_autoptr(StoreFolder) folder = folder_of(running, error);
    int done;

    if (!folder || !sync_one(running, folder, NULL, FALSE, error))
        return FALSE;
    do {
        SyncImap sync = worker_sync(running);
        if (!worker_checkpoint(running, error) ||
            !sync_imap_structures(&sync, folder, STRUCTURES_AT_ONCE, &done, error))
            return FALSE;
    } while (done > 0);
    return TRUE;
}
