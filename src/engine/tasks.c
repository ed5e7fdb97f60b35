/* tasks.c - see tasks.h. */
#include "engine/tasks.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"

#include <pthread.h>
#include <stdatomic.h>

struct Tasks {
    Wake *wake;
    pthread_mutex_t lock; /* all that follows */
    GQueue waiting[URGENCIES];
    Task *running[URGENCIES]; /* a more urgent one may run within another */
    Cancel *breaker;
};

Task *task_new(TaskKind kind, Urgency urgency, EngineRequest *request)
{
    Task *task = g_new0(Task, 1);

    task->kind = kind;
    task->urgency = urgency;
    task->request = request;
    task->asked_us = clock_now_us();
    return task;
}

struct Promise {
    atomic_int references;
    atomic_int open;
    _Atomic(GError *) failed; /* of the first part that did; NULL: none has */
    Wake *wake;
};

Promise *promise_new(Wake *wake)
{
    Promise *promise = g_new0(Promise, 1);

    atomic_init(&promise->references, 1);
    promise->wake = wake_ref(wake);
    return promise;
}

void promise_unref(Promise *promise)
{
    if (!promise || atomic_fetch_sub(&promise->references, 1) != 1)
        return;
    GError *failed = atomic_load(&promise->failed);
    g_clear_error(&failed);
    wake_unref(promise->wake);
    g_free(promise);
}

gboolean promise_is_kept(const Promise *promise)
{
    return atomic_load(&promise->open) == 0;
}

gboolean promise_check(const Promise *promise, GError **error)
{
    const GError *failed = atomic_load(&promise->failed);

    if (failed && error)
        *error = g_error_copy(failed);
    return !failed;
}

/* `error` NULL, or that its connection was to end: nobody cancelled what it was a part of. */
static void note_failed(Promise *promise, const GError *error)
{
    GError *none = NULL, *failed = NULL;

    if (error && !tern_error_is(error, TERN_ERROR_CANCELLED))
        failed = g_error_copy(error);
    else
        tern_error_set(&failed, TERN_ERROR_NETWORK,
                       _("the connection that was to look at a folder was given up before it did"));
    if (!atomic_compare_exchange_strong(&promise->failed, &none, failed))
        g_error_free(failed);
}

void task_promise(Task *task, Promise *promise)
{
    atomic_fetch_add(&promise->references, 1);
    atomic_fetch_add(&promise->open, 1);
    task->part_of = promise;
}

void task_settle(Task *task, const GError *error)
{
    task->is_settled = TRUE;
    if (task->part_of && error)
        note_failed(task->part_of, error);
}

void task_free(Task *task)
{
    if (task->part_of) {
        if (!task->is_settled)
            note_failed(task->part_of, NULL);
        atomic_fetch_sub(&task->part_of->open, 1);
        wake_set(task->part_of->wake);
        promise_unref(task->part_of);
    }
    engine_request_free(task->request);
    g_free(task);
}

void task_take_back(Task *task)
{
    task_settle(task, NULL);
    task_free(task);
}

Tasks *tasks_new(void)
{
    Tasks *tasks = g_new0(Tasks, 1);

    tasks->wake = wake_new();
    pthread_mutex_init(&tasks->lock, NULL);
    for (int i = 0; i < URGENCIES; i++)
        g_queue_init(&tasks->waiting[i]);
    return tasks;
}

void tasks_free(Tasks *tasks)
{
    Task *task;

    for (int i = 0; i < URGENCIES; i++)
        while ((task = g_queue_pop_head(&tasks->waiting[i])))
            task_free(task);
    cancel_unref(tasks->breaker);
    wake_unref(tasks->wake);
    pthread_mutex_destroy(&tasks->lock);
    g_free(tasks);
}

Wake *tasks_wake(Tasks *tasks)
{
    return tasks->wake;
}

void tasks_push(Tasks *tasks, Task *task)
{
    pthread_mutex_lock(&tasks->lock);
    g_queue_push_tail(&tasks->waiting[task->urgency], task);
    pthread_mutex_unlock(&tasks->lock);
    wake_set(tasks->wake);
}

/* With the lock held. */
static gboolean is_waiting(const Tasks *tasks, const Task *like)
{
    for (GList *at = tasks->waiting[like->urgency].head; at; at = at->next) {
        const Task *task = at->data;
        if (task->kind == like->kind && task->request->number == like->request->number)
            return TRUE;
    }
    return FALSE;
}

void tasks_push_once(Tasks *tasks, Task *task)
{
    pthread_mutex_lock(&tasks->lock);
    const gboolean is_new = !is_waiting(tasks, task);
    if (is_new)
        g_queue_push_tail(&tasks->waiting[task->urgency], task);
    pthread_mutex_unlock(&tasks->lock);
    if (is_new)
        wake_set(tasks->wake);
    else
        task_free(task);
}

Task *tasks_pop(Tasks *tasks, Urgency than)
{
    Task *task = NULL;

    pthread_mutex_lock(&tasks->lock);
    for (Urgency urgency = 0; urgency < than && !task; urgency++)
        task = g_queue_pop_head(&tasks->waiting[urgency]);
    if (task)
        tasks->running[task->urgency] = task;
    pthread_mutex_unlock(&tasks->lock);
    return task;
}

gboolean tasks_has(Tasks *tasks, Urgency than)
{
    gboolean has = FALSE;

    pthread_mutex_lock(&tasks->lock);
    for (Urgency urgency = 0; urgency < than && !has; urgency++)
        has = tasks->waiting[urgency].length > 0;
    pthread_mutex_unlock(&tasks->lock);
    return has;
}

void tasks_end(Tasks *tasks, Task *task)
{
    pthread_mutex_lock(&tasks->lock);
    tasks->running[task->urgency] = NULL;
    pthread_mutex_unlock(&tasks->lock);
}

gboolean tasks_is_cancelled(Tasks *tasks, const Task *task)
{
    pthread_mutex_lock(&tasks->lock);
    const gboolean cancelled = task->is_cancelled;
    pthread_mutex_unlock(&tasks->lock);
    return cancelled;
}

void tasks_set_breaker(Tasks *tasks, Cancel *cancel)
{
    pthread_mutex_lock(&tasks->lock);
    cancel_unref(tasks->breaker);
    tasks->breaker = cancel ? cancel_ref(cancel) : NULL;
    pthread_mutex_unlock(&tasks->lock);
}

void tasks_break(Tasks *tasks)
{
    pthread_mutex_lock(&tasks->lock);
    if (tasks->breaker)
        cancel_trigger(tasks->breaker);
    pthread_mutex_unlock(&tasks->lock);
}

GQueue tasks_cancel(Tasks *tasks, guint64 request)
{
    GQueue taken = G_QUEUE_INIT;

    pthread_mutex_lock(&tasks->lock);
    for (int i = 0; i < URGENCIES; i++) {
        for (GList *at = tasks->waiting[i].head, *next; at; at = next) {
            next = at->next;
            if (((Task *)at->data)->request->id == request) {
                g_queue_push_tail(&taken, at->data);
                g_queue_delete_link(&tasks->waiting[i], at);
            }
        }
        Task *task = tasks->running[i];
        if (task && task->request->id == request) {
            task->is_cancelled = TRUE;
            wake_set(tasks->wake);
            if (tasks->breaker)
                cancel_trigger(tasks->breaker);
        }
    }
    pthread_mutex_unlock(&tasks->lock);
    return taken;
}
