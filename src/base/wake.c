/* wake.c - see wake.h. */
#include "base/wake.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct Wake {
    atomic_int references;
    int fd;
};

Wake *wake_new(void)
{
    Wake *wake = g_new(Wake, 1);

    atomic_init(&wake->references, 1);
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake->fd < 0)
        g_error("no more descriptors: %s", g_strerror(errno));
    return wake;
}

Wake *wake_ref(Wake *wake)
{
    atomic_fetch_add(&wake->references, 1);
    return wake;
}

void wake_unref(Wake *wake)
{
    if (!wake || atomic_fetch_sub(&wake->references, 1) != 1)
        return;
    close(wake->fd);
    g_free(wake);
}

void wake_set(Wake *wake)
{
    const uint64_t one = 1;

    /* Fails only when the counter is full (EAGAIN), and then the flag is set anyway. */
    while (write(wake->fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

gboolean wake_clear(Wake *wake)
{
    uint64_t count;

    return read(wake->fd, &count, sizeof count) == (ssize_t)sizeof count;
}

int wake_fd(const Wake *wake)
{
    return wake->fd;
}

struct WakeList {
    pthread_mutex_t lock;
    GPtrArray *wakes; /* guarded by lock */
};

static void unref(void *wake)
{
    wake_unref(wake);
}

WakeList *wake_list_new(void)
{
    WakeList *list = g_new(WakeList, 1);

    pthread_mutex_init(&list->lock, NULL);
    list->wakes = g_ptr_array_new_with_free_func(unref);
    return list;
}

void wake_list_free(WakeList *list)
{
    if (!list)
        return;
    g_ptr_array_unref(list->wakes);
    pthread_mutex_destroy(&list->lock);
    g_free(list);
}

void wake_list_add(WakeList *list, Wake *wake)
{
    pthread_mutex_lock(&list->lock);
    g_ptr_array_add(list->wakes, wake_ref(wake));
    pthread_mutex_unlock(&list->lock);
}

void wake_list_remove(WakeList *list, Wake *wake)
{
    pthread_mutex_lock(&list->lock);
    g_ptr_array_remove_fast(list->wakes, wake);
    pthread_mutex_unlock(&list->lock);
}

void wake_list_set(WakeList *list)
{
    pthread_mutex_lock(&list->lock);
    for (guint i = 0; i < list->wakes->len; i++)
        wake_set(list->wakes->pdata[i]);
    pthread_mutex_unlock(&list->lock);
}
