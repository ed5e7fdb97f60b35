/*
 * worker_play.c - see worker_private.h. The task that plays the journal and files copies and drafts, and when
 * there is one.
 *
 * Nobody has to ask for it: each commit wakes the worker, which then looks whether something is due, whoever
 * made it, also another process.
 */
#include "engine/copies.h"
#include "engine/keep_fetch.h"
#include "engine/play_imap.h"
#include "engine/uploads.h"
#include "engine/worker_private.h"

static gboolean checkpoint(void *data, GError **error)
{
    return worker_checkpoint(data, error);
}

static gboolean sync_folder(int64_t folder_id, void *data, GError **error)
{
    Running *running = data;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(running->worker->reader, folder_id, error);

    if (!folder) /* gone meanwhile, and with it what waits there: nothing has to be synced */
        return !error || !*error;
    return worker_sync_and_wait(running, folder, error);
}

static void on_refused(const char *sentence, void *data)
{
    worker_tell_alert(sentence, ((Running *)data)->worker);
}

static void on_progress(const char *what, int64_t done, int64_t total, void *data)
{
    worker_tell_progress(((Running *)data)->worker, what, done, total);
}

static gboolean fetch_all(KeepFetch *fetch, const StoreFolder *folder, const GArray *bodies, GError **error)
{
    gboolean ok = keep_fetch_folder(fetch, folder, error);

    for (guint i = 0; ok && i < bodies->len; i++)
        ok = keep_fetch_add(fetch, &g_array_index(bodies, StoreBody, i), error);
    return ok && keep_fetch_finish(fetch, error);
}

static gboolean fetch_bodies(int64_t folder_id, const GArray *bodies, void *data, GError **error)
{
    Running *running = data;
    Worker *worker = running->worker;
    const SyncImap sync = worker_sync(running);
    const KeepContext context = worker_keep_context(worker, &sync);
    GError *failed = NULL;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, folder_id, &failed);

    if (!folder) {
        if (failed)
            g_propagate_error(error, failed);
        return !failed;
    }
    KeepFetch *fetch = keep_fetch_new(&context);
    const gboolean ok = fetch_all(fetch, folder, bodies, error);
    keep_fetch_free(fetch);
    return ok;
}

static gboolean play(void *data, GError **error)
{
    return worker_play(data, error);
}

gboolean worker_file_copies_now(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const Copies copies = {.session = worker->session,
                           .store = worker->context.store,
                           .reader = worker->reader,
                           .paths = worker->context.paths,
                           .account = worker->context.account,
                           .checkpoint = checkpoint,
                           .play = play,
                           .sync = sync_folder,
                           .refused = on_refused,
                           .data = running};

    return copies_file(&copies, error) && uploads_file(&copies, error);
}

gboolean worker_play(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(Across) across =
        across_new(worker->context.config, worker->context.paths, worker->context.store, worker->reader,
                   ACROSS_LOCK_WAIT_US, worker->cancel);
    const PlayImap with = {.session = worker->session,
                           .store = worker->context.store,
                           .reader = worker->reader,
                           .account = worker_account(worker),
                           .across = across,
                           .cache_folder = worker->context.paths->cache,
                           .checkpoint = checkpoint,
                           .sync = sync_folder,
                           .fetch = fetch_bodies,
                           .progress = on_progress,
                           .refused = on_refused,
                           .data = running};

    /* A sync that plays first lets other tasks in between, but not this one a second time: the first goes on
     * until nothing is due. */
    if (worker->is_playing)
        return TRUE;
    worker->is_playing = TRUE;
    const gboolean ok = play_imap(&with, error);
    worker->is_playing = FALSE;
    return ok;
}

gboolean worker_do_play(Running *running, GError **error)
{
    worker_tell_state(running->worker, ENGINE_WORKING, NULL, 0, 0, NULL);
    return worker_play(running, error) && worker_file_copies_now(running, error);
}

void worker_look_at_journal(Worker *worker)
{
    const WorkerOps *ops = worker->context.ops;
    const int64_t now_us = clock_now_us();
    int64_t next_s;

    if (worker->is_playing || !ops->can_play || !worker_open_reader(worker, NULL) || !ops->can_play(worker))
        return;
    const int64_t version = store_reader_version(worker->reader);
    if (version == worker->journal_version && now_us < worker->journal_at_us)
        return;
    const int due = store_journal_is_due(worker->reader, worker_account(worker), &next_s, NULL);
    if (due < 0) {
        worker->journal_at_us = now_us + SECOND_US;
        return;
    }
    worker->journal_version = version;
    worker->journal_at_us = next_s ? now_us + MAX(next_s - clock_wall_s(), 1) * SECOND_US : DEADLINE_NONE;
    if (due)
        worker_push_own(worker, TASK_PLAY, 0);
}
