/*
 * worker.h - one connection of an account: a thread that does what it is asked, the most urgent first, and
 * hears of news in between; private to the engine.
 *
 *    tasks, by urgency:  FETCH (a person waits for a message) > OPEN_FOLDER > SYNC, CHECK > filling in behind
 *
 * A task is a request's part for this account; its end is told by one ENGINE_EVENT_DONE. Between two pieces
 * of a long task the worker looks for a more urgent one and does that first. The functions here are the
 * dispatcher's.
 */
#ifndef TERN_ENGINE_WORKER_H
#define TERN_ENGINE_WORKER_H

#include "engine/event.h"
#include "engine/team.h"
#include "engine/link.h"
#include "engine/housekeeper.h"
#include "engine/notify.h"

typedef struct Worker Worker;

/* What kind of connection it is: a table of operations (worker_private.h). */
typedef struct WorkerOps WorkerOps;
extern const WorkerOps WORKER_IMAP;
/* Folders on this disk (disk.h): of a maildir or mbox account all there is, of a POP3 account the part
 * without the network. It runs in every process, and offline. */
extern const WorkerOps WORKER_DISK;

/* The other part of a POP3 account: what is new on the server, from time to time (worker_pop3.c). */
extern const WorkerOps WORKER_POP3;

/* What a worker needs; borrowed for its life. `post` takes an event over, with the worker's `crew`; called on
 * any thread. `ended` is set at the thread's end. */
typedef struct {
    const ConfigAccount *account;
    const Config *config; /* of all accounts */
    Store *store;
    const Paths *paths;
    Housekeeper *housekeeper;
    Notifier *notifier;
    void (*post)(EngineEvent *event, guint crew, void *data);
    void *data;
    guint crew;
    Wake *ended;
    Team *team; /* of the account */
    const WorkerOps *ops;
    gboolean is_silent; /* another worker tells of the account's state */
    /* Who hears of new messages where there is no notifier of its own (NULL: nobody); as
     * notifier_arrived(). */
    void (*arrived)(int64_t folder_id, uint32_t first_uid, int64_t after_id, void *data);
} WorkerContext;

/* NULL and BUG: no thread. */
Worker *worker_new(const WorkerContext *context, GError **error);

const char *worker_account(const Worker *worker);
/* Whether it is the account's work connection, which takes requests; the others watch folders. */
gboolean worker_works(const Worker *worker);

/* From now on it stays connected, hears of news, and looks at the account from time to time. */
void worker_set_live(Worker *worker);
/* It looks at the account's folders soon, if it has not just done so. */
void worker_look(Worker *worker);

/* It files the copies of what was sent. */
void worker_file_copies(Worker *worker);

/* Takes the request over. */
void worker_submit(Worker *worker, EngineRequest *request);

/* A download ends (worker_pop3.c); anything else goes on. */
void worker_halt(Worker *worker);

/* That request's tasks end with CANCELLED as soon as may be. */
void worker_cancel(Worker *worker, guint64 request);

/* Something happened that concerns connections: waiting ends, and one that is up is probed. Any thread. */
void worker_nudge(Worker *worker, LinkNudge why);

/* It ends, after the piece that is under way, with a LOGOUT. */
void worker_stop(Worker *worker);
/* What it waits for at the server ends now. */
void worker_break(Worker *worker);
gboolean worker_has_ended(Worker *worker);
/* Waits for its end, which comes soon after those two unless the disk does not answer. */
void worker_free(Worker *worker);

#endif
