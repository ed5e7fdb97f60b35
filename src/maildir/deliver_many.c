/* deliver_many.c - see deliver_many.h. */
#include "maildir/deliver_many.h"

#include "base/thread.h"

#include <stdatomic.h>

/* More gain little, and a disk that turns would have to seek more. A few files are not worth many threads. */
#define THREADS 8
#define FILES_A_THREAD 6

typedef struct {
    MaildirSyncing *syncing;
    Thread *thread;
    GError *error; /* its first; read when it was joined */
} Syncer;

struct MaildirSyncing {
    MaildirDelivery *const *deliveries;
    guint n, threads;
    atomic_uint next, at_work;
    Syncer syncers[THREADS];
};

/* One that fails takes no more: the disk is full, or gone. */
static void sync_some(void *data)
{
    Syncer *syncer = data;
    MaildirSyncing *syncing = syncer->syncing;
    guint i;

    while (!syncer->error && (i = atomic_fetch_add(&syncing->next, 1)) < syncing->n)
        maildir_delivery_sync(syncing->deliveries[i], &syncer->error);
    atomic_fetch_sub(&syncing->at_work, 1);
}

MaildirSyncing *maildir_sync_begin(MaildirDelivery *const *deliveries, guint n, GError **error)
{
    MaildirSyncing *syncing = g_new0(MaildirSyncing, 1);
    const guint wanted = CLAMP(n / FILES_A_THREAD, 1, THREADS);

    syncing->deliveries = deliveries;
    syncing->n = n;
    for (; syncing->threads < wanted; syncing->threads++) {
        Syncer *syncer = &syncing->syncers[syncing->threads];
        syncer->syncing = syncing;
        atomic_fetch_add(&syncing->at_work, 1);
        /* Those that run do the work of those that could not be had. */
        syncer->thread = thread_start("sync", 0, sync_some, syncer, syncing->threads == 0 ? error : NULL);
        if (syncer->thread)
            continue;
        atomic_fetch_sub(&syncing->at_work, 1);
        break;
    }
    if (syncing->threads > 0)
        return syncing;
    g_free(syncing);
    return NULL;
}

gboolean maildir_sync_is_done(const MaildirSyncing *syncing)
{
    return atomic_load(&syncing->at_work) == 0;
}

gboolean maildir_sync_end(MaildirSyncing *syncing, GError **error)
{
    GError *failed = NULL;

    for (guint i = 0; i < syncing->threads; i++) {
        Syncer *syncer = &syncing->syncers[i];
        thread_join(syncer->thread);
        if (syncer->error && !failed)
            failed = g_steal_pointer(&syncer->error);
        g_clear_error(&syncer->error);
    }
    g_free(syncing);
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}
