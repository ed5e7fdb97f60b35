/* worker.c - see worker.h. The thread, and in which order it does what; how is in the files that
 * worker_private.h lists. */
#include "engine/worker.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "engine/worker_private.h"

/* How long a reader of a worker waits for another process's commit. */
#define READER_BUSY_MS 5000

/* ---- tasks ---- */

static const Urgency URGENCY_OF[TASK_KINDS] = {
    [TASK_FETCH] = URGENCY_FETCH, [TASK_OPEN] = URGENCY_OPEN,   [TASK_WATCH] = URGENCY_OPEN,
    [TASK_NEWS] = URGENCY_OPEN,   [TASK_SYNC] = URGENCY_ASKED,  [TASK_CHECK] = URGENCY_ASKED,
    [TASK_FILL] = URGENCY_BEHIND, [TASK_POLL] = URGENCY_BEHIND, [TASK_KEEP] = URGENCY_BEHIND,
    [TASK_PLAY] = URGENCY_PLAY};

static Task *new_task(TaskKind kind, EngineRequest *request)
{
    return task_new(kind, URGENCY_OF[kind], request);
}

void worker_push_own(Worker *worker, TaskKind kind, int64_t number)
{
    EngineRequest *request = engine_request_new(ENGINE_VERB_SYNC, 0, worker_account(worker), NULL, number);

    tasks_push_once(worker->tasks, new_task(kind, request));
}

static gboolean check_cancelled(Worker *worker, const Task *task, GError **error)
{
    if (tasks_is_cancelled(worker->tasks, task)) {
        tern_error_set(error, TERN_ERROR_CANCELLED, _("cancelled"));
        return FALSE;
    }
    return !cancel_check(worker->cancel, error);
}

/* A connection that stood idle may have died unnoticed, and one may have been given up with a task within
 * this one: it is tried once more on a new one. */
gboolean worker_tries_again(const Running *running, const GError *failed)
{
    const Worker *worker = running->worker;

    return !running->is_again && worker->depth == 0 && (running->was_open || worker->is_link_lost) &&
           tern_error_is(failed, TERN_ERROR_NETWORK) && !cancel_is_triggered(worker->cancel);
}

gboolean worker_open_reader(Worker *worker, GError **error)
{
    if (!worker->reader)
        worker->reader = store_reader_new(worker->context.store, READER_BUSY_MS, error);
    return worker->reader != NULL;
}

static gboolean run_once(Running *running, GError **error)
{
    Worker *worker = running->worker;

    const WorkerOps *ops = worker->context.ops;
    const TaskFunc run = ops->run[running->task->kind];

    running->was_open = worker->session != NULL;
    return check_cancelled(worker, running->task, error) && worker_open_reader(worker, error) &&
           (!ops->open || ops->open(running, error)) && (!run || run(running, error));
}

static gboolean run_task(Running *running, GError **error)
{
    g_autoptr(GError) failed = NULL;

    if (running->task->kind == TASK_SYNC || running->task->kind == TASK_POLL)
        worker_tell_stranded(running->worker);
    if (run_once(running, &failed))
        return TRUE;
    if (!worker_tries_again(running, failed)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    running->is_again = TRUE;
    worker_close_link(running->worker);
    return run_once(running, error);
}

static void end_task(const Running *running, GError *error)
{
    Worker *worker = running->worker;
    Task *task = running->task;

    tasks_end(worker->tasks, task);
    if (!task->request->id && !running->is_anew &&
        tern_error_is(error, TERN_ERROR_NETWORK)) { /* goes on over the next connection */
        g_queue_push_tail(&worker->parked, task);
        g_clear_error(&error);
        return;
    }
    if (!error)
        worker->failed[task->kind] = 0;
    else if (!task->request->id)
        worker_own_task_failed(worker, task);
    task_settle(task, error);
    if (task->request->id && !task->part_of && !running->is_handed_over)
        worker_tell_done(worker, task, error);
    else
        g_clear_error(&error);
    task_free(task);
}

static void perform(Worker *worker, Task *task)
{
    Running running = {.worker = worker, .task = task};
    GError *error = NULL;

    const gboolean ok = run_task(&running, &error);
    if (task->kind == TASK_FETCH)
        worker_tell_fetched(worker, task, error);
    if (!ok && !running.is_anew)
        worker->context.ops->after_error(worker, error);
    link_set_working(&worker->link, worker->depth > 0);
    if (worker->depth == 0 && (worker->session || (ok && !worker->context.ops->open)))
        worker_tell_state(worker, ENGINE_IDLE, NULL, 0, 0, NULL);
    end_task(&running, error);
}

gboolean worker_is_wanted(const Running *running)
{
    return tasks_has(running->worker->tasks, running->task->urgency);
}

gboolean worker_checkpoint(Running *running, GError **error)
{
    Worker *worker = running->worker;
    Task *urgent;

    worker_look_at_journal(worker);
    while (!worker->is_link_lost && (urgent = tasks_pop(worker->tasks, running->task->urgency))) {
        worker->depth++;
        perform(worker, urgent);
        worker->depth--;
    }
    if (!check_cancelled(worker, running->task, error))
        return FALSE;
    if (worker->is_link_lost) {
        const char *host = worker->context.account->incoming.host;
        tern_error_set(error, TERN_ERROR_NETWORK, _("the connection to %s was lost"),
                       host ? host : worker_account(worker));
        return FALSE;
    }
    return TRUE;
}

/* ---- the thread ---- */

static void run(void *data)
{
    Worker *worker = data;

    thread_stand_back();
    while (!cancel_is_triggered(worker->cancel)) {
        Task *task = tasks_pop(worker->tasks, URGENCIES);
        if (task) {
            perform(worker, task);
            continue;
        }
        wake_clear(tasks_wake(worker->tasks));
        worker_look_at_journal(worker);
        if (!tasks_has(worker->tasks, URGENCIES))
            worker->context.ops->idle(worker); /* which may find something to do */
    }
    worker->context.ops->end(worker);
    store_reader_free(worker->reader);
    worker->reader = NULL;
    atomic_store(&worker->has_ended, TRUE);
    wake_set(worker->context.ended);
}

/* ---- the dispatcher's functions ---- */

Worker *worker_new(const WorkerContext *context, GError **error)
{
    Worker *worker = g_new0(Worker, 1);

    worker->context = *context;
    if (context->housekeeper)
        housekeeper_ref(context->housekeeper);
    if (context->notifier)
        notifier_ref(context->notifier);
    worker->tasks = tasks_new();
    team_ref(context->team);
    worker->member = team_join(context->team, worker->tasks);
    link_init(&worker->link, (guint64)clock_now_us() ^ g_str_hash(context->account->id));
    g_queue_init(&worker->parked);
    hearing_init(&worker->hearing, worker_tell_once, worker);
    worker->cancel = cancel_new();
    worker->journal_at_us = worker->list_at_us = DEADLINE_NONE;
    store_set_bulk_room(context->store, tasks_wake(worker->tasks));
    store_add_listener(context->store, tasks_wake(worker->tasks)); /* what the user changes is to be played */
    worker->thread = thread_start("worker", STACK_WORKER_BYTES, run, worker, error);
    if (!worker->thread) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

const char *worker_account(const Worker *worker)
{
    return worker->context.account->id;
}

gboolean worker_works(const Worker *worker)
{
    return worker->member == 0;
}

void worker_set_live(Worker *worker)
{
    atomic_store(&worker->is_live, TRUE);
    wake_set(tasks_wake(worker->tasks));
}

void worker_look(Worker *worker)
{
    atomic_store(&worker->is_look_wanted, TRUE);
    wake_set(tasks_wake(worker->tasks));
}

void worker_file_copies(Worker *worker)
{
    worker_push_own(worker, TASK_PLAY, 0); /* which ends with that */
}

void worker_submit(Worker *worker, EngineRequest *request)
{
    static const TaskKind BY_VERB[] = {[ENGINE_VERB_SYNC] = TASK_SYNC,
                                       [ENGINE_VERB_OPEN_FOLDER] = TASK_OPEN,
                                       [ENGINE_VERB_FETCH] = TASK_FETCH,
                                       [ENGINE_VERB_CHECK] = TASK_CHECK,
                                       [ENGINE_VERB_KEEP] = TASK_KEEP};

    atomic_store(&worker->is_halted, FALSE);
    tasks_push(worker->tasks, new_task(BY_VERB[request->verb], request));
}

/* The mark first and the breaker then, as in worker_stop(). */
void worker_halt(Worker *worker)
{
    if (worker->context.ops != &WORKER_POP3)
        return;
    atomic_store(&worker->is_halted, TRUE);
    tasks_break(worker->tasks);
}

void worker_cancel(Worker *worker, guint64 request)
{
    GQueue taken = tasks_cancel(worker->tasks, request);
    Task *task;

    while ((task = g_queue_pop_head(&taken))) {
        task_settle(task, NULL);
        if (!task->part_of) /* else whoever promised tells of the end */
            worker_tell_done(worker, task,
                             g_error_new_literal(TERN_ERROR, TERN_ERROR_CANCELLED, _("cancelled")));
        task_free(task);
    }
}

void worker_stop(Worker *worker)
{
    cancel_trigger(worker->cancel);
    if (!atomic_load(&worker->is_logged_in))
        tasks_break(worker->tasks);
    wake_set(tasks_wake(worker->tasks));
}

void worker_break(Worker *worker)
{
    tasks_break(worker->tasks);
}

gboolean worker_has_ended(Worker *worker)
{
    return atomic_load(&worker->has_ended);
}

void worker_free(Worker *worker)
{
    if (!worker)
        return;
    thread_join(worker->thread);
    store_remove_listener(worker->context.store, tasks_wake(worker->tasks));
    store_unset_bulk_room(worker->context.store, tasks_wake(worker->tasks));
    team_leave(worker->context.team, worker->member);
    team_unref(worker->context.team);
    hearing_clear(&worker->hearing);
    housekeeper_unref(worker->context.housekeeper);
    notifier_unref(worker->context.notifier);
    cancel_unref(worker->cancel);
    tasks_free(worker->tasks);
    g_queue_clear_full(&worker->parked, (GDestroyNotify)task_free);
    link_clear(&worker->link);
    g_free(worker);
}
