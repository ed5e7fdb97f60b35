/*
 * worker_private.h - what the files of a worker share: the worker, a task that runs, and what each file gives
 * the others.
 *
 *      worker.c        the thread, the order of tasks, the table of what each kind does
 *      worker_link.c   the connection: opening, losing, standing idle
 *      worker_sync.c   tasks that bring a folder into the store; worker_sync_all.c  those of a whole account
 *      worker_watch.c  hearing of news at once; what is done unasked
 *      worker_left.c   what came to folders while they were open
 *      worker_access.c rights and quota
 *      worker_fetch.c  the task that brings a message's file
 *      worker_keep.c   the task that brings those that are to be read offline
 *      worker_play.c   the task that plays what the user changed, and files copies of what was sent
 *      worker_disk.c   folders on this disk, in place of link, sync, watch and play
 *      worker_pop3.c   visits to a POP3 server, likewise (worker_pop3_private.h)
 *      worker_tell.c   events
 *
 * All on the worker's thread.
 */
#ifndef TERN_ENGINE_WORKER_PRIVATE_H
#define TERN_ENGINE_WORKER_PRIVATE_H

#include "base/clock.h"
#include "base/thread.h"
#include "engine/disk.h"
#include "engine/keep.h"
#include "engine/sync_imap.h"
#include "engine/tasks.h"
#include "engine/team.h"
#include "engine/worker.h"

#include <stdatomic.h>

typedef struct DiskWorker DiskWorker;
struct Pop3Worker;

struct Worker {
    WorkerContext context;
    guint member; /* of the team; 0 works, the others watch */
    Thread *thread;
    Tasks *tasks;   /* its Wake is also set when the writer has room */
    Cancel *cancel; /* the end of the worker */
    atomic_bool has_ended;
    atomic_bool is_logged_in;   /* so that a LOGOUT makes sense */
    atomic_bool is_dialling;    /* the breaker breaks off a try to connect, nothing else */
    atomic_uint nudges;         /* bits 1 << LinkNudge that the thread has not seen yet */
    atomic_bool is_live;        /* it stays connected, and hears of news */
    atomic_bool is_look_wanted; /* a poll before its time */
    atomic_bool is_halted; /* WORKER_POP3: no download before somebody asks for one, or it is time again */

    /* From here on the thread's own. */
    StoreReader *reader; /* NULL until the first task */
    ImapSession *session;
    Link link;
    LinkHistory history;
    guint logins_seen;     /* team_logins() when the connection was lost, or could not be had */
    int64_t least_us;      /* not to be tried again before, after the server said that there are too many */
    GQueue parked;         /* tasks of its own that a lost connection ended, for the next one */
    Hearing hearing;       /* what it says by itself */
    int depth;             /* tasks within tasks */
    gboolean is_link_lost; /* by a task within another, which still holds the session */
    int64_t progress_us;   /* when progress was told last */
    int64_t bytes_done, bytes_all; /* of a download, told with its progress; 0: nobody counts them */
    int64_t withheld;              /* see EngineEvent */
    gboolean
        is_keeping; /* what comes new is kept for reading offline: somebody is here for longer than a sync */
    gboolean is_disk_told;     /* that it is not, for want of room */
    gboolean is_stranded_told; /* that there is mail which no list shows, if there is */

    /* What it does unasked (worker_watch.c). */
    int64_t watched_id;   /* the folder that it watches and has the claim to; 0: none */
    Ear *ear;             /* of that folder; NULL: it has to be brought up to date first */
    int64_t blocked_by;   /* the folder that it would watch, while another has the claim; 0: none */
    gboolean is_notified; /* NOTIFY tells of all folders */
    int64_t polled_us, poll_at_us;
    int64_t list_at_us;    /* news of the list of folders wait for that; DEADLINE_NONE: there are none */
    int64_t list_pause_us; /* from the last poll to the next one for such news */
    gboolean knows_rights;    /* of one's own folders, asked on this connection */
    int64_t stand_at_us;      /* nothing unasked before that, after something failed */
    int64_t watch_at_us;      /* the same of watching */
    int64_t fill_at_us;       /* the same of what the watched folder lacks */
    int64_t fill_id;          /* the watched folder, while it waits for that; 0: it does not */
    guint failed[TASK_KINDS]; /* how often in a row such a task failed that nobody asked for */
    gboolean is_playing;
    int64_t journal_version; /* of the store, when the journal was looked at */
    int64_t
        journal_at_us; /* when it is to be looked at again in any case: something is held back till then */
    DiskWorker *disk;  /* of WORKER_DISK; NULL: another kind, or it has not begun yet */
    struct Pop3Worker *pop3; /* of WORKER_POP3 likewise */
};

/* A task that runs. What it does is a function of this kind; FALSE and an error: it failed. It returns with
 * nothing under way on the session. */
typedef struct {
    Worker *worker;
    Task *task;
    gboolean was_open;       /* the connection, when it began */
    gboolean is_again;       /* the second try */
    gboolean is_anew;        /* the connection stands, whatever error it ended with */
    gboolean is_handed_over; /* another connection does it, and tells of its end */
    const char *fills;       /* a folder that nobody waits for: left to whoever is to watch it; NULL: none */
    gboolean is_left;        /* it was: the error of the sync means nothing */
} Running;
typedef gboolean (*TaskFunc)(Running *running, GError **error);

/* How a kind of connection does what all of them do. A further kind (POP3) is a further table. */
struct WorkerOps {
    TaskFunc run[TASK_KINDS]; /* NULL: there is nothing to do, and the task ends well */
    /* Before a task: connects, unless it is. NULL: no need to. */
    gboolean (*open)(Running *running, GError **error);
    /* What an error of a task means for the connection, and what the status line says of it. */
    void (*after_error)(Worker *worker, const GError *error);
    /* Whether something could be played now. */
    gboolean (*can_play)(const Worker *worker);
    /* With nothing to do: until there is, or `journal_at_us` has come. */
    void (*idle)(Worker *worker);
    /* The thread's end. */
    void (*end)(Worker *worker);
};

/* ---- worker.c ---- */

/* To be called between two pieces of a task, with nothing under way on the session: does what is more urgent,
 * on the same session, which may have another folder selected afterwards. FALSE and an error: the task is to
 * end with it. */
gboolean worker_checkpoint(Running *running, GError **error);
/* The worker's own reader, made at first use. */
gboolean worker_open_reader(Worker *worker, GError **error);
/* Whether a checkpoint has something to do. */
gboolean worker_is_wanted(const Running *running);
/* A task that nobody asked for, unless it waits already. */
void worker_push_own(Worker *worker, TaskKind kind, int64_t number);
/* Whether a task that failed so is begun once more, over a new connection. */
gboolean worker_tries_again(const Running *running, const GError *failed);

/* ---- worker_link.c ---- */

/* Connects and logs in, unless it is. FALSE without a try where it is not yet time for one, or a person is
 * needed first; `is_asked`: a person waits for it. */
gboolean worker_open_link(Worker *worker, gboolean is_asked, GError **error);
void worker_close_link(Worker *worker);
/* What a task that is cancelled, or the worker's end, triggers while it waits for a server; the caller's. */
Cancel *worker_new_breaker(Worker *worker);
/* What an error of a task means for the connection, and what the status line says of it. */
void worker_after_error(Worker *worker, const GError *error);
/* With nothing to do: until there is, or the server says something. */
void worker_idle(Worker *worker);
/* Ends the connection on purpose, until somebody asks for it. */
void worker_hang_up(Worker *worker);

/* ---- the tasks ---- */

/* What a sync needs of the worker; for one call each. */
SyncImap worker_sync(Running *running);
/* Whether nobody asked for the task. */
gboolean worker_is_quiet(const Running *running);
/* The account's folder of that name, to be freed; NULL and INPUT: there is none. */
StoreFolder *worker_find_folder(const Worker *worker, const char *name, GError **error);
/* One folder, whoever has the claim to it. */
gboolean worker_sync_and_wait(Running *running, const StoreFolder *folder, GError **error);
/* What is due of the journal, as part of a task. */
gboolean worker_play(Running *running, GError **error);
/* The copies of what was sent and of drafts, likewise, where the folders are known. */
gboolean worker_file_copies_now(Running *running, GError **error);
/* Looks whether something of the journal is due, and makes a task of it; cheap while nothing was
 * committed. */
void worker_look_at_journal(Worker *worker);

gboolean worker_do_sync(Running *running, GError **error);
gboolean worker_do_open(Running *running, GError **error);
gboolean worker_do_fill(Running *running, GError **error);
gboolean worker_do_poll(Running *running, GError **error);
gboolean worker_do_fetch(Running *running, GError **error);
gboolean worker_do_keep(Running *running, GError **error);
gboolean worker_do_watch(Running *running, GError **error);
gboolean worker_do_news(Running *running, GError **error);

/* One folder, under a claim of the caller's; the folder that is watched keeps its ear. Tells of it. */
gboolean worker_sync_folder(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                            gboolean is_quick, SyncResult *result, GError **error);

/* What takes long in a folder that another connection may come to watch. */
typedef gboolean (*WorkerFillFunc)(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                                   GError **error);
typedef enum { WORKER_FILL_FAILED, WORKER_FILL_DONE, WORKER_FILL_AGAIN } WorkerFillEnd;
/* With the claim: that, or, as soon as the connection that is to watch the folder stands, as much of it as
 * was done then; that one goes on, and keeps `promise` (NULL: nobody waits for it). So what people ask for
 * finds this one free. The first page of a folder is not left to it: here the folder is open already. AGAIN:
 * it was left, but that connection is lost again; the folder is to be claimed anew. */
WorkerFillEnd worker_fill_or_leave(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                                   WorkerFillFunc func, Promise *promise, GError **error);

/* A folder that the server said something of; `told`: its numbers, or NULL. Left to whoever has the claim to
 * it. */
gboolean worker_sync_changed(Running *running, const StoreFolder *folder, const ImapFolder *told,
                             GError **error);
/* Rights and quota into the store; what the server refuses to say is left as it was. */
gboolean worker_learn_access(Running *running, GError **error);
/* Gives a claim back. */
void worker_release(Worker *worker, int64_t folder_id);
void worker_tell_synced(Running *running, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *failed);

/* ---- worker_watch.c ---- */

/* The tasks that are due though nobody asked, and when to look again. */
int64_t worker_stand(Worker *worker);
/* The same, and of the journal. */
int64_t worker_look_around(Worker *worker);
/* Connected and with nothing to do: until there is something, the server says something, or that time
 * comes. */
void worker_listen(Worker *worker, int64_t look_at_us);
gboolean worker_is_watching(const Worker *worker);
/* Forgets what it heard and gives up its claim. */
void worker_stop_watching(Worker *worker);
/* After the watched folder was selected anew. */
gboolean worker_keep_hearing(Worker *worker, GError **error);
/* The account's folders were looked at. */
void worker_has_polled(Worker *worker);
/* A task that nobody asked for has failed, though the connection stands: a pause, which grows until one of
 * its kind ends well. */
void worker_own_task_failed(Worker *worker, const Task *task);
gboolean worker_do_play(Running *running, GError **error);

/* ---- worker_disk.c ---- */

/* For the account's folders on this disk. */
Disk worker_new_disk(Worker *worker);
/* As worker_is_watching(). */
gboolean worker_hears_disk(const Worker *worker);

/* ---- worker_keep.c ---- */

/* For the cache of message files; `sync` is borrowed as long as it is used. */
KeepContext worker_keep_context(const Worker *worker, const SyncImap *sync);

/* ---- worker_left.c ---- */

/* Asks about folders that were open meanwhile, where it is time to; what changed there is news from then on.
 * FALSE: the connection is gone. */
gboolean worker_ask_about_left(Worker *worker, GError **error);
/* When it is; connected. */
int64_t worker_left_due_us(const Worker *worker);

/* ---- worker_tell.c ---- */

void worker_tell_state(Worker *worker, EngineState state, const char *what, int64_t done, int64_t total,
                       const GError *error);
/* WORKING, but not more often than anybody reads. */
void worker_tell_progress(Worker *worker, const char *folder, int64_t done, int64_t total);
/* That the task has ended; takes the error over. */
void worker_tell_done(Worker *worker, const Task *task, GError *error);
void worker_tell_folder(Worker *worker, const Task *task, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *error);
/* New mail in a folder that somebody watches, where there is somebody: to the notifier. */
void worker_tell_arrivals(const Worker *worker, const StoreFolder *folder, const SyncResult *result);
void worker_tell_fetched(Worker *worker, const Task *task, const GError *error);
/* `data`: the worker. */
void worker_tell_alert(const char *text, void *data);
/* The same of what a server says, or is found odd about it, again and again: once (told.h). */
void worker_tell_once(const char *text, void *data);
/* Of mail that no list shows (stranded.h), once. */
void worker_tell_stranded(Worker *worker);

#endif
