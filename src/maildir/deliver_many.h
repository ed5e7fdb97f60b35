/*
 * deliver_many.h - the fsyncs of many deliveries (maildir.h), made side by side by short-lived threads.
 *
 *      delivery  0  1  2  3  4  5  6  7  8 …       each is taken by the next thread that is free
 *                │  │  │  └──┼──┼──┼─ …
 *                a  b  c     a  c  b
 *
 * Each file has an fsync of its own, and each of those waits for the disk to write what it holds in its own
 * memory. What several wait for at the same time the kernel asks the disk for once: eight side by side take
 * less than half as long as eight in a row (ext4, Linux 6.18), and the processor no longer.
 *
 * From begin to end nothing else is done to these deliveries; any thread, the same for all calls.
 */
#ifndef TERN_MAILDIR_DELIVER_MANY_H
#define TERN_MAILDIR_DELIVER_MANY_H

#include "maildir/maildir.h"

typedef struct MaildirSyncing MaildirSyncing;

/* Does not wait. `deliveries` is the caller's and stays as it is until the end. NULL and BUG: the system has
 * no threads, and nothing was begun. */
MaildirSyncing *maildir_sync_begin(MaildirDelivery *const *deliveries, guint n, GError **error);
/* Whether maildir_sync_end() has nothing to wait for. */
gboolean maildir_sync_is_done(const MaildirSyncing *syncing);
/* Waits for all of them, and frees. FALSE and STORE: one was not written; the others may be, as each delivery
 * knows for itself. */
gboolean maildir_sync_end(MaildirSyncing *syncing, GError **error);

#endif
