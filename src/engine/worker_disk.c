/*
 * worker_disk.c - see worker_private.h. Folders on this disk: the same tasks as of a connection, done by
 * disk.h.
 *
 *      live: inotify on each folder ──changed──> TASK_NEWS of the folder, TASK_POLL where folders came or went
 *            from time to time TASK_POLL, since not all file systems tell
 */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/link.h"
#include "engine/uploads.h"
#include "engine/worker_private.h"
#include "maildir/cache.h"
#include "maildir/folders.h"

#include <poll.h>

/* How often all folders are looked at: where changes are told, and where they are not. Unchanged ones cost a
 * few stat(2). */
#define TOLD_POLL_US (5 * 60 * SECOND_US)
#define POLL_US (30 * SECOND_US)

struct DiskWorker {
    Disk disk;
    MaildirWatch *watch; /* NULL: not live, or it cannot be had */
    gboolean is_watching_all;
    gboolean has_failed; /* the last task did: not "idle" before one succeeds */
};

Disk worker_new_disk(Worker *worker)
{
    return (Disk){.account = worker->context.account,
                  .config = worker->context.config,
                  .paths = worker->context.paths,
                  .store = worker->context.store,
                  .reader = worker->reader,
                  .cancel = worker->cancel,
                  .room = tasks_wake(worker->tasks),
                  .refused = worker_tell_alert,
                  .data = worker};
}

static void progress(const char *folder, int64_t done, int64_t total, void *worker)
{
    worker_tell_progress(worker, folder, done, total);
}

static Disk *disk_of(Worker *worker)
{
    if (!worker->disk) {
        worker->disk = g_new0(DiskWorker, 1);
        worker->disk->disk = worker_new_disk(worker);
        worker->disk->disk.progress = progress;
    }
    return &worker->disk->disk;
}

gboolean worker_hears_disk(const Worker *worker)
{
    return worker->disk && worker->disk->watch && worker->disk->is_watching_all;
}

/* ---- watching ---- */

static void stop_watching(Worker *worker)
{
    if (worker->disk)
        g_clear_pointer(&worker->disk->watch, maildir_watch_free);
}

static gboolean watch_folder(const Worker *worker, const char *raw_name)
{
    const ConfigAccount *account = worker->context.account;

    if (disk_is_mbox(account, raw_name))
        return maildir_watch_file(worker->disk->watch, account->incoming.path, raw_name);
    return maildir_watch_folder(worker->disk->watch, raw_name);
}

/* Before the folders are read, so that nothing falls between. */
static void watch_folders(Worker *worker)
{
    DiskWorker *own = worker->disk;

    if (!atomic_load(&worker->is_live))
        return;
    if (!own->watch) {
        g_autofree char *root = disk_root(worker->context.account, worker->context.paths);
        own->watch = maildir_watch_new(root);
    }
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), NULL);
    own->is_watching_all = own->watch != NULL;
    for (guint i = 0; folders && i < folders->len && own->watch; i++) {
        const StoreFolder *folder = folders->pdata[i];
        own->is_watching_all &= watch_folder(worker, folder->raw_name);
    }
}

static void push_changed(Worker *worker, GHashTable *changed)
{
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), NULL);

    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (g_hash_table_contains(changed, folder->raw_name))
            worker_push_own(worker, TASK_NEWS, folder->id);
    }
}

static void take_changes(Worker *worker, MaildirWatch *watch)
{
    gboolean is_list_changed;
    g_autoptr(GHashTable) changed = maildir_watch_take(watch, &is_list_changed);

    if (is_list_changed)
        worker_push_own(worker, TASK_POLL, 0);
    else if (g_hash_table_size(changed))
        push_changed(worker, changed);
}

/* ---- tasks ---- */

static gboolean sync_folder(Running *running, const StoreFolder *folder, GError **error)
{
    Worker *worker = running->worker;
    const int64_t began_us = clock_now_us();
    GError *failed = NULL;
    SyncResult result;

    const gboolean ok = disk_sync(disk_of(worker), folder, &result, &failed);
    worker_tell_arrivals(worker, folder, &result);
    worker_tell_synced(running, folder, &result, began_us, failed);
    if (!ok)
        g_propagate_error(error, failed);
    return ok;
}

/* One that cannot be read stops no other. */
static gboolean sync_all(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    GError *first = NULL;

    for (guint i = 0; folders && i < folders->len && !cancel_is_triggered(worker->cancel); i++) {
        const StoreFolder *folder = folders->pdata[i];
        g_autoptr(GError) failed = NULL;
        if (folder->selectable && !sync_folder(running, folder, &failed) && !first)
            first = g_steal_pointer(&failed);
    }
    if (first)
        g_propagate_error(error, first);
    return folders && !first;
}

static gboolean sync_named(Running *running, const char *name, GError **error)
{
    g_autoptr(StoreFolder) folder = worker_find_folder(running->worker, name, error);

    return folder && sync_folder(running, folder, error);
}

static gboolean do_sync(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const char *name = running->task->request->folder;

    worker_tell_state(worker, ENGINE_WORKING, NULL, 0, 0, NULL);
    if (!disk_begin_played(disk_of(worker), error))
        return FALSE;
    gboolean ok = disk_folders(disk_of(worker), error) && uploads_file_here(disk_of(worker), error);
    if (ok) {
        watch_folders(worker);
        worker_has_polled(worker);
        ok = name ? sync_named(running, name, error) : sync_all(running, error);
    }
    disk_end(disk_of(worker));
    return ok;
}

static gboolean do_folder(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;
    GError *failed = NULL;

    if (!disk_begin_played(disk_of(worker), error))
        return FALSE;
    if (!uploads_file_here(disk_of(worker), error)) {
        disk_end(disk_of(worker));
        return FALSE;
    }
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, id, &failed);
    gboolean ok = folder && sync_folder(running, folder, &failed);
    if (!folder && !failed) {
        ok = worker_is_quiet(running); /* it went meanwhile, which the list tells */
        if (!ok)
            tern_error_set(&failed, TERN_ERROR_INPUT, _("the folder is not there any more"));
    }
    disk_end(disk_of(worker));
    if (failed)
        g_propagate_error(error, failed);
    return ok;
}

static gboolean do_play(Running *running, GError **error)
{
    if (!disk_begin_played(disk_of(running->worker), error))
        return FALSE;
    disk_end(disk_of(running->worker));
    return TRUE;
}

static gboolean do_check(Running *running, GError **error)
{
    Disk *disk = disk_of(running->worker);

    if (!disk_begin(disk, DEADLINE_NONE, error))
        return FALSE;
    const gboolean ok = disk_folders(disk, error);
    disk_end(disk);
    return ok;
}

static gboolean copy_to_cache(Worker *worker, const StoreMessage *message, GError **error)
{
    CacheFile *file = cache_file_new(worker->context.paths->cache, error);
    int64_t bytes;

    if (!file)
        return FALSE;
    if (!disk_fetch(disk_of(worker), message, cache_file_fd(file), &bytes, error)) {
        cache_file_discard(file);
        return FALSE;
    }
    return cache_file_commit(file, (CacheName){message->body_id, store_message_token(message)}, 0, error);
}

/* Only what is in no file of its own has to be brought anywhere. */
static gboolean do_fetch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;
    GError *failed = NULL;

    if (!disk_begin_played(disk_of(worker), error))
        return FALSE;
    g_autoptr(StoreMessage) message = store_read_message(worker->reader, id, &failed);
    g_autofree char *path =
        message ? disk_message_path(worker->context.account, worker->context.paths, message, FALSE) : NULL;
    const gboolean ok = path || (message && copy_to_cache(worker, message, &failed));
    disk_end(disk_of(worker));
    if (!message && !failed)
        tern_error_set(&failed, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT), id);
    if (failed)
        g_propagate_error(error, failed);
    return ok;
}

/* ---- between tasks ---- */

static void after_error(Worker *worker, const GError *error)
{
    if (cancel_is_triggered(worker->cancel) || tern_error_is(error, TERN_ERROR_CANCELLED))
        return;
    /* A person is needed (another path, a disk to be mounted); it is looked for from time to time all the
     * same. */
    if (tern_error_is(error, TERN_ERROR_STORE) && worker->depth == 0) {
        stop_watching(worker);
        worker_tell_state(worker, ENGINE_ATTENTION, NULL, 0, 0, error);
    }
}

static gboolean can_play(const Worker *worker)
{
    return worker->member == 0;
}

/* What is due unasked, and when to look again. */
static int64_t stand(Worker *worker)
{
    const int64_t now_us = clock_now_us();

    if (!atomic_load(&worker->is_live) || !worker_open_reader(worker, NULL))
        return DEADLINE_NONE;
    disk_of(worker);
    if (now_us < worker->stand_at_us)
        return worker->stand_at_us;
    if (atomic_exchange(&worker->is_look_wanted, FALSE) || !worker->polled_us)
        worker->poll_at_us = now_us;
    else
        worker->poll_at_us = worker->polled_us + (worker_hears_disk(worker) ? TOLD_POLL_US : POLL_US);
    if (now_us >= worker->poll_at_us)
        worker_push_own(worker, TASK_POLL, 0);
    return worker->poll_at_us;
}

static void idle(Worker *worker)
{
    atomic_store(&worker->nudges, 0); /* they concern networks */
    const int64_t look_at_us = MIN(stand(worker), worker->journal_at_us);
    MaildirWatch *watch = worker->disk ? worker->disk->watch : NULL;
    struct pollfd fds[] = {{wake_fd(tasks_wake(worker->tasks)), POLLIN, 0},
                           {cancel_fd(worker->cancel), POLLIN, 0},
                           {watch ? maildir_watch_fd(watch) : -1, POLLIN, 0}};

    if (tasks_has(worker->tasks, URGENCIES))
        return;
    poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(look_at_us));
    if (watch && fds[2].revents)
        take_changes(worker, watch);
}

static void end(Worker *worker)
{
    stop_watching(worker);
    g_clear_pointer(&worker->disk, g_free);
}

const WorkerOps WORKER_DISK = {.run = {[TASK_FETCH] = do_fetch,
                                       [TASK_OPEN] = do_folder,
                                       [TASK_NEWS] = do_folder,
                                       [TASK_SYNC] = do_sync,
                                       [TASK_POLL] = do_sync,
                                       [TASK_CHECK] = do_check,
                                       [TASK_PLAY] = do_play},
                               .after_error = after_error,
                               .can_play = can_play,
                               .idle = idle,
                               .end = end};
