/*
 * control_private.h - what the files of the dispatcher share.
 *
 *      control.c           the thread: its inbox, the socket, the peers
 *      control_role.c      lock, socket and workers: who connects, and who asks whom
 *      control_requests.c  requests to whom they concern, answers and events back
 *
 * All on the dispatcher's thread, but for what is said of the inbox.
 */
#ifndef TERN_ENGINE_CONTROL_PRIVATE_H
#define TERN_ENGINE_CONTROL_PRIVATE_H

#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "engine/control.h"
#include "engine/mailroom.h"
#include "engine/netwatch.h"
#include "engine/peer.h"
#include "engine/worker.h"
#include "store/locks.h"
#include "store/read.h"

typedef enum { ROLE_NONE, ROLE_HOLDER, ROLE_CLIENT } Role;

/* A request that is not answered yet. */
typedef struct {
    EngineRequest *request;
    Peer *origin;        /* who asked: another process, or NULL for this one */
    guint64 origin_id;   /* its number there */
    int parts;           /* workers that have not ended their part */
    GError *error;       /* the first one */
    gboolean is_on_disk; /* workers of this process's disk have it, and no role matters */
} Open;

struct Control {
    ControlContext context;
    Thread *thread;
    Queue *inbox; /* Message (control.c) */
    StoreReader *reader;

    _Atomic Role role; /* written by the dispatcher alone */
    gboolean is_parked, is_stopping;
    gboolean shows_arrivals; /* this process tells people */
    gboolean is_live;        /* this process wants to hear of news at once, or one that asks it did */
    int64_t seek_at_us;      /* when to try for a role again */
    GError *error;           /* why there is none; NULL: others have it, or nobody tried */
    StoreEngineLock *lock;
    int door_fd;                  /* the listening socket; -1 */
    int64_t door_at_us;           /* when to look at it again, after there was no descriptor for who knocks */
    GPtrArray *workers;           /* Worker: connections, of the holder */
    GPtrArray *disks;             /* Worker: of accounts on this disk, whatever the role */
    NetWatch *netwatch;           /* of the holder */
    Housekeeper *housekeeper;     /* of the holder */
    Notifier *notifier;           /* the same */
    Mailroom *mailroom;           /* of the holder */
    GPtrArray *leaving;           /* Worker: told to end, and still in some system call */
    GPtrArray *leaving_mailrooms; /* Mailroom: likewise */
    guint crew;                   /* how many times workers were stopped */
    Wake *worker_ended;
    Wake *ended;          /* at the end of the thread */
    GPtrArray *peers;     /* Peer, of the holder */
    Peer *upstream;       /* of a client */
    int64_t holder_at_us; /* when to see whether the holder, who is asked for something, stands still */
    GHashTable *open;     /* id -> Open */
    GHashTable *states;   /* account -> its last STATE event */
    guint64 next_peer_id; /* requests of other processes get numbers that this one's never have */
};

/* ---- control.c ---- */

/* A worker's way to say something: any thread. Takes the event over. */
void control_post(EngineEvent *event, guint crew, void *control);
/* The same of new messages on this disk: told to the notifier, in the process that has one. */
void control_post_arrival(int64_t folder_id, uint32_t first_uid, int64_t after_id, void *control);

/* ---- control_requests.c ---- */

void control_requests_init(Control *control);
/* Takes the request over. `origin` NULL: of this process. */
void control_on_request(Control *control, EngineRequest *request, Peer *origin);
/* Gives all open requests to whom they concern now that the role is another one; without one they wait, and
 * are refused when offline, or with control->error. */
void control_dispatch_all(Control *control);
/* From a worker. Takes it over. */
void control_on_worker_event(Control *control, EngineEvent *event);
/* To its request's origin under the number it has there, hints to everybody else too. Takes the event
 * over. */
void control_route(Control *control, EngineEvent *event);
/* When control_look_at_holder() is due: while a client waits for an answer, and hears nothing. */
int64_t control_holder_due_us(const Control *control);
/* What is asked of a process that was stopped is answered with an error that says so. */
void control_look_at_holder(Control *control);
/* From the holder, for us as it is. Takes it over. */
void control_on_upstream_event(Control *control, EngineEvent *event);
/* What every account's state is, to somebody who is new. */
void control_tell_states(Control *control, Peer *peer);
/* No account has a connection now; `error` may be NULL. */
void control_tell_offline(Control *control, const GError *error);
/* A peer is gone, or goes elsewhere: its requests are given up. Frees it. */
void control_drop_peer(Control *control, Peer *peer);

/* ---- control_disk.c ---- */

/* What the disks' workers say is always heard. */
#define CONTROL_DISK_CREW G_MAXUINT
/* Those that do not run yet. */
void control_start_disks(Control *control);
/* They leave; control_give_up_role() waits for that. */
void control_stop_disks(Control *control);
/* NULL: there is none. */
Worker *control_disk_of(const Control *control, const char *account);
/* Whether a request about that account needs no network. */
gboolean control_is_for_disk(const Control *control, const EngineRequest *request, const char *account);

/* ---- control_role.c ---- */

/* The store's reader of this thread, which is not there before somebody needs it. */
gboolean control_open_reader(Control *control, GError **error);

/* The holder, if nobody else is; else a client of whoever is; else none, to be tried again at seek_at_us;
 * control->error tells why neither can be. */
void control_seek_role(Control *control);
/* Waits for the workers' end, CONTROL_STOP_US at most. */
void control_give_up_role(Control *control);
/* To the workers of an account, or with NULL to all. */
void control_nudge(Control *control, const char *account, LinkNudge why);
void control_set_live(Control *control);
void control_look(Control *control);
/* Where somebody stays connected; else the next sync does it. */
void control_file_copies(Control *control, const char *account);

#endif
