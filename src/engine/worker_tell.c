/* worker_tell.c - see worker_private.h. What a worker tells the rest of the program. */
#include "engine/stranded.h"
#include "engine/worker_private.h"

/* Events of progress are at least so far apart: nobody reads faster. */
#define PROGRESS_US (SECOND_US / 10)

static EngineEvent *new_event(const Worker *worker, EngineEventKind kind, const Task *task)
{
    return engine_event_new(kind, task ? task->request->id : 0, worker_account(worker));
}

static void post(Worker *worker, EngineEvent *event)
{
    worker->context.post(event, worker->context.crew, worker->context.data);
}

void worker_tell_state(Worker *worker, EngineState state, const char *what, int64_t done, int64_t total,
                       const GError *error)
{
    EngineEvent *event = new_event(worker, ENGINE_EVENT_STATE, NULL);

    event->state = state;
    event->what = g_strdup(what);
    event->done = done;
    event->total = total;
    event->retry_at_us = state == ENGINE_WAITING ? worker->link.retry_at_us : 0;
    event->error = error ? g_error_copy(error) : NULL;
    event->bytes = state == ENGINE_WORKING ? worker->bytes_done : 0;
    event->bytes_total = state == ENGINE_WORKING ? worker->bytes_all : 0;
    event->withheld = worker->withheld;
    event->is_live = worker_is_watching(worker) || worker_hears_disk(worker);
    if (worker->context.is_silent)
        engine_event_free(event);
    else
        team_tell_state(worker->context.team, worker->member, event);
}

void worker_tell_progress(Worker *worker, const char *folder, int64_t done, int64_t total)
{
    const int64_t now_us = clock_now_us();

    if (now_us - worker->progress_us < PROGRESS_US)
        return;
    worker->progress_us = now_us;
    worker_tell_state(worker, ENGINE_WORKING, folder, MIN(done, total), total, NULL);
}

void worker_tell_done(Worker *worker, const Task *task, GError *error)
{
    EngineEvent *event = new_event(worker, ENGINE_EVENT_DONE, task);

    event->error = error;
    post(worker, event);
}

void worker_tell_folder(Worker *worker, const Task *task, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *error)
{
    EngineEvent *event = new_event(worker, ENGINE_EVENT_FOLDER, task);

    event->folder = g_strdup(folder->name);
    event->new_messages = result->changes.added;
    event->changed = result->changes.changed;
    event->removed = result->changes.removed;
    event->messages = (int)MIN(result->messages, (uint32_t)G_MAXINT);
    event->bytes = result->bytes;
    event->seconds = (double)(clock_now_us() - began_us) / (double)SECOND_US;
    event->error = error ? g_error_copy(error) : NULL;
    post(worker, event);
}

/* The Inbox, and the folders that `watch` names. */
static gboolean is_told_of(const Worker *worker, const StoreFolder *folder)
{
    const char *const *watch = (const char *const *)worker->context.account->watch;

    return folder->role == STORE_ROLE_INBOX || (watch && g_strv_contains(watch, folder->name));
}

void worker_tell_arrivals(const Worker *worker, const StoreFolder *folder, const SyncResult *result)
{
    const WorkerContext *context = &worker->context;

    if (!result->new_uid || !atomic_load(&worker->is_live) || !is_told_of(worker, folder))
        return;
    if (context->notifier)
        notifier_arrived(context->notifier, folder->id, result->new_uid, result->known_id);
    else if (context->arrived)
        context->arrived(folder->id, result->new_uid, result->known_id, context->data);
}

void worker_tell_fetched(Worker *worker, const Task *task, const GError *error)
{
    EngineEvent *event = new_event(worker, ENGINE_EVENT_FETCHED, task);

    event->message_id = task->request->number;
    event->error = error ? g_error_copy(error) : NULL;
    post(worker, event);
}

void worker_tell_alert(const char *text, void *data)
{
    Worker *worker = data;
    EngineEvent *event = new_event(worker, ENGINE_EVENT_ALERT, NULL);

    event->what = g_strdup(text);
    post(worker, event);
}

void worker_tell_once(const char *text, void *data)
{
    Worker *worker = data;

    if (team_tells(worker->context.team, text, clock_now_us()))
        worker_tell_alert(text, worker);
}

void worker_tell_stranded(Worker *worker)
{
    const WorkerContext *context = &worker->context;

    if (worker->is_stranded_told || worker->member != 0)
        return;
    worker->is_stranded_told = TRUE;
    g_autofree char *notice = stranded_notice(context->config, context->account, context->paths);
    if (notice)
        worker_tell_alert(notice, worker);
}
