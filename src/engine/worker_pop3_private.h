/*
 * worker_pop3_private.h - what the files of a POP3 account's visits to its server share, one connection each:
 *
 *      folders are there ── dial ── sync_pop3 (rows of the Inbox, group by group) ── QUIT ── other folders
 *
 *      worker_pop3.c       the tasks, and what is between two visits
 *      worker_pop3_mail.c  the server's part of a visit
 *      worker_pop3_disk.c  the part of the folders on this disk
 *
 * Its folders are on this disk, and belong to the account's other worker (worker_disk.c), which plays the
 * journal and sees to messages; this one only brings what is new. All on the worker's thread; errors as tasks
 * have them (worker_private.h).
 */
#ifndef TERN_ENGINE_WORKER_POP3_PRIVATE_H
#define TERN_ENGINE_WORKER_POP3_PRIVATE_H

#include "engine/worker_private.h"
#include "pop3/session.h"

struct Pop3Worker {
    Disk disk;
    char *stuck_uidl;       /* which ended the last visit; NULL: none */
    int64_t login_delay_us; /* that the server asks for */
    gboolean is_well;       /* the last visit came to its end, whatever came of it */
    char *told;             /* the last visit's notice, which is not told again at each; NULL: none */
    char *told_refused;     /* the same of what the server refused */
};

/* One visit. */
typedef struct {
    Running *running;
    StoreFolder *inbox;
    StoreFolder *only;     /* that was asked for; NULL: all */
    const char *asked_for; /* only this: SyncPop3 */
    SyncResult brought;    /* into the Inbox, so far */
    int64_t next_sync_us;  /* not before */
    int64_t began_us;
    int64_t bytes;
} Visit;

/* The worker's own, made at first use. */
struct Pop3Worker *worker_pop3(Worker *worker);

/* ---- worker_pop3_disk.c ---- */

/* The account's folders into the store, made at first; and which of them the visit is about. */
gboolean visit_prepare(Visit *visit, GError **error);
/* The Inbox as it is now, into the store. */
gboolean visit_sync_inbox(Visit *visit, GError **error);
/* All folders that the visit is about, likewise. */
gboolean visit_sync_disk(Visit *visit, GError **error);

/* ---- worker_pop3_mail.c ---- */

/* Connects and logs in; NULL without a try where it is not yet time for one. Its breaker stays with the tasks
 * until the caller takes it away (tasks_set_breaker()). */
Pop3Session *visit_dial(Running *running, GError **error);
/* What is new on the server, or the one message that is asked for. */
gboolean visit_fetch(Visit *visit, GError **error);

#endif
