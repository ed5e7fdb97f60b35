/*
 * worker.h - one account's work connection: a thread that does what it is asked, the most urgent first; private to the
 * engine.
 *
 *      tasks, by urgency:  FETCH (a person waits for a message) > OPEN_FOLDER > SYNC, CHECK > filling in behind
 *
 * A task is a request's part for this account; its end is told by one ENGINE_EVENT_DONE. Between two pieces of a long
 * task the worker looks for a more urgent one and does that first. The functions here are the dispatcher's.
 */
#ifndef TERN_ENGINE_WORKER_H
#define TERN_ENGINE_WORKER_H

#include "engine/event.h"

typedef struct Worker Worker;

/* What a worker needs; borrowed for its life. `post` takes an event over; called on the worker's thread. */
typedef struct {
    const ConfigAccount *account;
    Store *store;
    const Paths *paths;
    void (*post)(EngineEvent *event, void *data);
    void *data;
} WorkerContext;

/* NULL and an error: no thread, or no reader. */
Worker *worker_new(const WorkerContext *context, GError **error);

const char *worker_account(const Worker *worker);

/* Takes the request over. */
void worker_submit(Worker *worker, EngineRequest *request);

/* That request's tasks end with CANCELLED as soon as may be. */
void worker_cancel(Worker *worker, guint64 request);

/* Whatever it does, it ends now; worker_free() waits for that and frees. Between the two, others can be stopped. */
void worker_stop(Worker *worker);
void worker_free(Worker *worker);

#endif
