/*
 * worker_private.h - what the files of a worker share: the worker, a task that runs, and what each file gives the others.
 *
 *      worker.c        the thread, the order of tasks, the table of what each kind does
 *      worker_link.c   the connection: opening, losing, standing idle
 *      worker_sync.c   tasks that bring folders into the store
 *      worker_fetch.c  the task that brings a message's file
 *      worker_keep.c   the task that brings those that are to be read offline
 *      worker_tell.c   events
 *
 * All on the worker's thread.
 */
#ifndef TERN_ENGINE_WORKER_PRIVATE_H
#define TERN_ENGINE_WORKER_PRIVATE_H

#include "base/clock.h"
#include "base/thread.h"
#include "engine/crowd.h"
#include "engine/sync_imap.h"
#include "engine/tasks.h"
#include "engine/worker.h"

#include <stdatomic.h>

struct Worker {
    WorkerContext context;
    Thread *thread;
    Tasks *tasks;   /* its Wake is also set when the writer has room */
    Cancel *cancel; /* the end of the worker */
    atomic_bool has_ended;
    atomic_bool is_logged_in; /* so that a LOGOUT makes sense */
    atomic_bool is_dialling;  /* the breaker breaks off a try to connect, nothing else */
    atomic_uint nudges;       /* bits 1 << LinkNudge that the thread has not seen yet */

    /* From here on the thread's own. */
    StoreReader *reader; /* NULL until the first task */
    ImapSession *session;
    Link link;
    LinkHistory history;
    Crowd crowd;
    int64_t least_us;      /* not to be tried again before, after the server said that there are too many */
    GQueue parked;         /* tasks of its own that a lost connection ended, for the next one */
    Hearing hearing;       /* what it says by itself */
    int depth;             /* tasks within tasks */
    gboolean is_link_lost; /* by a task within another, which still holds the session */
    int64_t progress_us;   /* when progress was told last */
    gboolean
        is_keeping; /* what comes new is kept for reading offline: somebody is here for longer than a sync */
    gboolean is_disk_told; /* that it is not, for want of room */
};

/* A task that runs. What it does is a function of this kind; FALSE and an error: it failed. It returns with nothing under
 * way on the session. */
typedef struct {
    Worker *worker;
    Task *task;
    gboolean was_open; /* the connection, when it began */
    gboolean is_again; /* the second try */
} Running;
typedef gboolean (*TaskFunc)(Running *running, GError **error);

/* ---- worker.c ---- */

/* To be called between two pieces of a task, with nothing under way on the session: does what is more urgent, on the same
 * session, which may have another folder selected afterwards. FALSE and an error: the task is to end with it. */
gboolean worker_checkpoint(Running *running, GError **error);
/* Whether a checkpoint has something to do. */
gboolean worker_is_wanted(const Running *running);
/* A task that nobody asked for, unless it waits already. */
void worker_push_own(Worker *worker, TaskKind kind, int64_t number);
/* Whether a task that failed so is begun once more, over a new connection. */
gboolean worker_tries_again(const Running *running, const GError *failed);

/* ---- worker_link.c ---- */

/* Connects and logs in, unless it is. FALSE without a try where it is not yet time for one, or a person is needed first;
 * `is_asked`: a person waits for it. */
gboolean worker_open_link(Worker *worker, gboolean is_asked, GError **error);
void worker_close_link(Worker *worker);
/* What an error of a task means for the connection, and what the status line says of it. */
void worker_after_error(Worker *worker, const GError *error);
/* With nothing to do: until there is, or the server says something. */
void worker_idle(Worker *worker);

/* ---- the tasks ---- */

/* What a sync needs of the worker; for one call each. */
SyncImap worker_sync(Running *running);

gboolean worker_do_sync(Running *running, GError **error);
gboolean worker_do_open(Running *running, GError **error);
gboolean worker_do_fill(Running *running, GError **error);
gboolean worker_do_fetch(Running *running, GError **error);
gboolean worker_do_keep(Running *running, GError **error);

/* ---- worker_tell.c ---- */

void worker_tell_state(Worker *worker, EngineState state, const char *what, int64_t done, int64_t total,
                       const GError *error);
/* WORKING, but not more often than anybody reads. */
void worker_tell_progress(Worker *worker, const char *folder, int64_t done, int64_t total);
/* That the task has ended; takes the error over. */
void worker_tell_done(Worker *worker, const Task *task, GError *error);
void worker_tell_folder(Worker *worker, const Task *task, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *error);
void worker_tell_fetched(Worker *worker, const Task *task, const GError *error);
/* `data`: the worker. */
void worker_tell_alert(const char *text, void *data);

#endif
