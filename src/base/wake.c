/* wake.c - see wake.h. */
#include "base/wake.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
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
