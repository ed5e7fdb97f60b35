/*
 * tasks.h - what a connection has to do, the most urgent first; private to the engine.
 *
 *      FETCH (a person waits for a message) > OPEN > PLAY (what the user changed) > ASKED > BEHIND
 *
 * The dispatcher pushes and cancels, the connection's thread pops and ends; between two pieces of a long task
 * it pops a more urgent one and does that within. Any thread.
 */
#ifndef TERN_ENGINE_TASKS_H
#define TERN_ENGINE_TASKS_H

#include "base/cancel.h"
#include "engine/event.h"

typedef enum { URGENCY_FETCH, URGENCY_OPEN, URGENCY_PLAY, URGENCY_ASKED, URGENCY_BEHIND, URGENCIES } Urgency;

/* A new kind of work is a name here, and a row in worker.c's table: its function and its urgency. */
typedef enum {
    TASK_FETCH, /* request->number: a message whose file is wanted */
    TASK_OPEN,  /* request->number: a folder that a person looks at: what is new in it, or its first page */
    TASK_PLAY,  /* what is due of the journal */
    TASK_SYNC,  /* request->folder, or all */
    TASK_CHECK, /* connects and logs in */
    TASK_FILL,  /* request->number: a folder, to be made complete */
    TASK_KEEP,  /* what is to be read offline */
    /* the folder that this connection is to watch: brings it up to date, and hears of it from then on */
    TASK_WATCH,
    TASK_NEWS, /* request->number: a folder that is said to have changed */
    TASK_POLL, /* the folder list, and all folders that nobody watches */
    TASK_KINDS
} TaskKind;

/* What one connection waits for that it has given others to do. Shared by reference. */
typedef struct Promise Promise;
/* `wake` is set each time that a part is done. */
Promise *promise_new(Wake *wake);
void promise_unref(Promise *promise);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Promise, promise_unref)
gboolean promise_is_kept(const Promise *promise);
/* Of one that is kept: FALSE and the error of the first part that failed. */
gboolean promise_check(const Promise *promise, GError **error);

typedef struct {
    TaskKind kind;
    Urgency urgency;
    EngineRequest *request; /* id 0: nobody asked, and nobody hears of its end */
    int64_t asked_us;       /* clock_now_us() when it was made */
    Promise *part_of;       /* NULL; else only who promised hears of its end */
    gboolean is_settled;    /* task_settle() */
    gboolean is_cancelled;
} Task;

/* Takes the request over. */
Task *task_new(TaskKind kind, Urgency urgency, EngineRequest *request);
/* Which keeps its part of the promise: one that nothing was said of by task_settle() has failed. */
void task_free(Task *task);
/* What became of it; `error` NULL: it was done, or is somebody else's now. */
void task_settle(Task *task, const GError *error);
/* Of one that nobody would take. */
void task_take_back(Task *task);
void task_promise(Task *task, Promise *promise);

typedef struct Tasks Tasks;

Tasks *tasks_new(void);
void tasks_free(Tasks *tasks);

/* Set when one was pushed, and free for its owner to be set by others. */
Wake *tasks_wake(Tasks *tasks);

void tasks_push(Tasks *tasks, Task *task);
/* The same, unless one of its kind and number waits already. */
void tasks_push_once(Tasks *tasks, Task *task);
/* The most urgent task that is more urgent than `than`, which runs from now on, or NULL. */
Task *tasks_pop(Tasks *tasks, Urgency than);
gboolean tasks_has(Tasks *tasks, Urgency than);
/* It does not run any more. */
void tasks_end(Tasks *tasks, Task *task);
gboolean tasks_is_cancelled(Tasks *tasks, const Task *task);

/* What is triggered when a task that runs is cancelled: whoever waits for a connection, or for a silent
 * server, would not look at the task's mark. NULL: nothing. */
void tasks_set_breaker(Tasks *tasks, Cancel *cancel);
/* Triggers it, whatever runs. */
void tasks_break(Tasks *tasks);

/* Marks what runs of a request, and gives out what waits of it, to be ended by the caller. */
GQueue tasks_cancel(Tasks *tasks, guint64 request);

#endif
