/* worker_sync.c - see worker_private.h. Tasks that bring a folder into the store, under its claim. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/worker_private.h"

/* Structures (numbers of attachments) that are asked for in one piece, when there is nothing else to do. */
#define STRUCTURES_AT_ONCE 200

/* Whether the connection that is to watch the folder stands meanwhile. */
static gboolean is_to_be_left(const Running *running)
{
    const Worker *worker = running->worker;

    return running->fills &&
           team_has_watcher(worker->context.team, worker->member, running->fills, clock_now_us());
}

static gboolean checkpoint(void *data, GError **error)
{
    Running *running = data;

    if (!worker_checkpoint(running, error))
        return FALSE;
    running->is_left = is_to_be_left(running);
    if (running->is_left)
        tern_error_set(error, TERN_ERROR_CANCELLED, _("another connection goes on with it"));
    return !running->is_left;
}

static gboolean is_wanted(void *data)
{
    return worker_is_wanted(data) || is_to_be_left(data);
}

static void progress(const char *folder, int64_t done, int64_t total, void *data)
{
    worker_tell_progress(((Running *)data)->worker, folder, done, total);
}

static void on_refused(const char *sentence, void *data)
{
    worker_tell_alert(sentence, ((Running *)data)->worker);
}

SyncImap worker_sync(Running *running)
{
    Worker *worker = running->worker;

    return (SyncImap){.session = worker->session,
                      .store = worker->context.store,
                      .reader = worker->reader,
                      .account = worker_account(worker),
                      .config = worker->context.account,
                      .accounts = worker->context.config,
                      .paths = worker->context.paths,
                      .team = worker->context.team,
                      .hearing = &worker->hearing,
                      .cancel = worker->cancel,
                      .room = tasks_wake(worker->tasks),
                      .checkpoint = checkpoint,
                      .is_wanted = is_wanted,
                      .progress = progress,
                      .refused = on_refused,
                      .data = running};
}

/* ---- one folder ---- */

gboolean worker_is_quiet(const Running *running)
{
    return running->task->request->id == 0;
}

static gboolean has_changes(const SyncResult *result)
{
    return result->changes.added || result->changes.changed || result->changes.removed;
}

void worker_tell_synced(Running *running, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *failed)
{
    /* What nobody asked for is told when there is something to tell. */
    if (!worker_is_quiet(running) || has_changes(result))
        worker_tell_folder(running->worker, running->task, folder, result, began_us, failed);
}

/* That not all of a folder is here, since the server does not send it: NULL, or the error that its sync is told
 * with. It ends nothing: the rest is here, and asking again at once would bring no more. */
static GError *unsent_error(Running *running, const StoreFolder *folder, const SyncResult *result)
{
    if (!result->unsent)
        return NULL;
    GError *error = g_error_new(TERN_ERROR, TERN_ERROR_PROTOCOL,
                                _("of %u messages that the server counts it does not send %u"),
                                result->messages, result->unsent);
    if (worker_is_quiet(running)) {
        g_autofree char *sentence = g_strdup_printf("%s: %s", folder->name, error->message);
        worker_tell_once(sentence, running->worker);
    }
    return error;
}

/* By the connection that works, since it goes through many folders. */
static void push_keep(Worker *worker)
{
    if (worker->member == 0)
        worker_push_own(worker, TASK_KEEP, 0);
    else
        team_give_work(worker->context.team,
                       task_new(TASK_KEEP, URGENCY_BEHIND,
                                engine_request_new(ENGINE_VERB_SYNC, 0, worker_account(worker), NULL, 0)));
}

gboolean worker_sync_folder(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                            gboolean is_quick, SyncResult *result, GError **error)
{
    Worker *worker = running->worker;
    SyncImap sync = worker_sync(running);
    GError *failed = NULL;
    const int64_t began_us = clock_now_us();

    if (worker_is_quiet(running)) /* short work is not worth a word */
        worker->progress_us = began_us;
    else if (!listed) /* a whole account's sync says what it does folder by folder as progress */
        worker_tell_state(worker, ENGINE_WORKING, folder->name, 0, 0, NULL);
    if (folder->id == worker->watched_id)
        sync.keep_ear = &worker->ear;
    const gboolean ok = sync_imap_folder(&sync, folder, listed, is_quick, result, &failed);
    worker_tell_arrivals(worker, folder, result);
    g_autoptr(GError) unsent = ok ? unsent_error(running, folder, result) : NULL;
    if (ok || !worker_tries_again(running, failed))
        worker_tell_synced(running, folder, result, began_us, running->is_left ? NULL : ok ? unsent : failed);
    if (!ok) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if ((worker->is_keeping || atomic_load(&worker->is_live)) && result->changes.added)
        push_keep(worker);
    return worker_keep_hearing(worker, error);
}

/* Gives the task to whoever has the claim to the folder. */
static gboolean hand_over(Running *running, int64_t folder_id)
{
    const Worker *worker = running->worker;
    const Task *task = running->task;
    Task *copy = task_new(task->kind, task->urgency, engine_request_copy(task->request));

    if (task->part_of) /* which is kept only when that one has done it */
        task_promise(copy, task->part_of);
    running->is_handed_over = team_hand_over(worker->context.team, worker->member, folder_id, copy);
    if (!running->is_handed_over)
        task_take_back(copy);
    return running->is_handed_over;
}

void worker_release(Worker *worker, int64_t folder_id)
{
    if (team_release(worker->context.team, worker->member, folder_id))
        worker_push_own(worker, TASK_NEWS, folder_id);
}

/* The claim to a folder, for as long as a task runs: FALSE: another connection has it and got the task. */
static gboolean claim_or_hand_over(Running *running, int64_t folder_id)
{
    const Worker *worker = running->worker;

    while (!team_claim(worker->context.team, worker->member, folder_id))
        if (hand_over(running, folder_id))
            return FALSE;
    return TRUE;
}

/* ---- what takes long in a folder that is watched ---- */

/* `promise`: of somebody who asked, and waits for it. FALSE: that one has lost its connection since. */
static gboolean give_to_watcher(const Running *running, const StoreFolder *folder, Promise *promise)
{
    const Worker *worker = running->worker;
    const gboolean is_asked = !worker_is_quiet(running);
    EngineRequest *request =
        engine_request_new(ENGINE_VERB_SYNC, running->task->request->id, worker_account(worker),
                           is_asked ? folder->name : NULL, is_asked ? 0 : folder->id);
    Task *task =
        task_new(is_asked ? TASK_SYNC : TASK_FILL, is_asked ? URGENCY_ASKED : URGENCY_BEHIND, request);

    if (is_asked)
        task_promise(task, promise);
    if (team_give_watcher(worker->context.team, worker->member, folder->name, clock_now_us(), task))
        return TRUE;
    task_take_back(task);
    return FALSE;
}

WorkerFillEnd worker_fill_or_leave(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                                   WorkerFillFunc func, Promise *promise, GError **error)
{
    Worker *worker = running->worker;
    GError *failed = NULL;

    running->fills = folder->name;
    running->is_left = folder->sync.uid_validity && is_to_be_left(running);
    const gboolean ok = running->is_left || func(running, folder, listed, &failed);
    const gboolean is_left = running->is_left;
    running->fills = NULL;
    running->is_left = FALSE;
    worker_release(worker, folder->id);
    if (is_left) {
        g_clear_error(&failed);
        return give_to_watcher(running, folder, promise) ? WORKER_FILL_DONE : WORKER_FILL_AGAIN;
    }
    if (ok)
        return WORKER_FILL_DONE;
    g_propagate_error(error, failed);
    return WORKER_FILL_FAILED;
}

/* ---- as a task ---- */

/* The folder that a task names by number; NULL and an error: it is gone. */
static StoreFolder *folder_of(const Running *running, GError **error)
{
    StoreFolder *folder =
        store_read_folder_by_id(running->worker->reader, running->task->request->number, error);

    if (!folder && error && !*error)
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
    return folder;
}

StoreFolder *worker_find_folder(const Worker *worker, const char *name, GError **error)
{
    GError *failed = NULL;
    StoreFolder *folder = store_read_folder(worker->reader, worker_account(worker), name, &failed);

    if (!folder && !failed)
        tern_error_set(&failed, TERN_ERROR_INPUT, _("there is no folder “%s” in the account “%s”"), name,
                       worker_account(worker));
    if (failed)
        g_propagate_error(error, failed);
    return folder;
}

/* What is new, or the first page; the rest goes on when nothing else is asked. */
gboolean worker_do_open(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(StoreFolder) folder = folder_of(running, error);
    SyncResult result;

    if (!folder)
        return FALSE;
    if (!claim_or_hand_over(running, folder->id))
        return TRUE;
    const gboolean ok = worker_sync_folder(running, folder, NULL, TRUE, &result, error);
    worker_release(worker, folder->id);
    if (ok && !running->task->part_of) {
        worker->is_keeping = TRUE;
        worker_push_own(worker, TASK_FILL, folder->id);
        push_keep(worker);
    }
    return ok;
}

static gboolean fill(Running *running, const StoreFolder *folder, const ImapFolder *listed, GError **error)
{
    SyncResult result;
    int done;

    if (!worker_sync_folder(running, folder, listed, FALSE, &result, error))
        return FALSE;
    do {
        SyncImap sync = worker_sync(running);
        if (!checkpoint(running, error))
            return FALSE;
        /* As the sync has left it. */
        g_autoptr(StoreFolder) now = store_read_folder_by_id(running->worker->reader, folder->id, error);
        if (!now)
            return !error || !*error;
        if (!sync_imap_structures(&sync, now, STRUCTURES_AT_ONCE, &done, error))
            return FALSE;
    } while (done > 0);
    return TRUE;
}

/* The whole folder, and then what its messages hold. */
gboolean worker_do_fill(Running *running, GError **error)
{
    g_autoptr(StoreFolder) folder = folder_of(running, error);

    if (!folder)
        return FALSE;
    if (!claim_or_hand_over(running, folder->id))
        return TRUE;
    const WorkerFillEnd end = worker_fill_or_leave(running, folder, NULL, fill, NULL, error);
    return end == WORKER_FILL_AGAIN ? worker_do_fill(running, error) : end == WORKER_FILL_DONE;
}

gboolean worker_sync_changed(Running *running, const StoreFolder *folder, const ImapFolder *told,
                             GError **error)
{
    Worker *worker = running->worker;
    SyncResult result;

    while (!team_claim(worker->context.team, worker->member, folder->id))
        if (team_wants(worker->context.team, worker->member, folder->id))
            return TRUE;
    const gboolean ok = worker_sync_folder(running, folder, told, TRUE, &result, error);
    worker_release(worker, folder->id);
    if (ok && !result.is_complete && clock_now_us() >= worker->stand_at_us) /* else the next poll has it */
        worker_push_own(worker, TASK_FILL, folder->id);
    return ok;
}
