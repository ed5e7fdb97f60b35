/* sender_lock.c - see sender.h: the outbox's lock, which a process holds as long as one of its senders may
 * use it. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/sender_private.h"

#include <unistd.h>

struct SendLock {
    pthread_mutex_t mutex;
    int refs, fd;
};

SendLock *send_lock_new(void)
{
    SendLock *lock = g_new0(SendLock, 1);

    pthread_mutex_init(&lock->mutex, NULL);
    lock->refs = 1;
    lock->fd = -1;
    return lock;
}

SendLock *send_lock_ref(SendLock *lock)
{
    pthread_mutex_lock(&lock->mutex);
    lock->refs++;
    pthread_mutex_unlock(&lock->mutex);
    return lock;
}

void send_lock_unref(SendLock *lock)
{
    if (!lock)
        return;
    pthread_mutex_lock(&lock->mutex);
    const gboolean is_last = --lock->refs == 0;
    pthread_mutex_unlock(&lock->mutex);
    if (!is_last)
        return;
    if (lock->fd >= 0)
        close(lock->fd);
    pthread_mutex_destroy(&lock->mutex);
    g_free(lock);
}

gboolean sender_take_lock(Sender *sender, GError **error)
{
    SendLock *lock = sender->context.lock;
    g_autoptr(GError) failed = NULL;

    pthread_mutex_lock(&lock->mutex);
    if (lock->fd < 0)
        lock->fd = outbox_begin_sending(sender->outbox, &failed);
    const gboolean ok = lock->fd >= 0;
    pthread_mutex_unlock(&lock->mutex);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (!ok)
        tern_error_set(error, TERN_ERROR_NETWORK, _("another tern is sending just now"));
    return ok;
}
