/* wait.c - the one place in net where a thread stands still. */
#include "net/private.h"
#include "base/error.h"

#include <errno.h>

int net_poll(struct pollfd *fds, guint n, Cancel *cancel, int64_t deadline_us, GError **error)
{
    fds[n] = (struct pollfd){.fd = cancel_fd(cancel), .events = POLLIN};
    for (;;) {
        if (cancel_check(cancel, error))
            return -1;
        int ready = poll(fds, n + 1, clock_timeout_ms(deadline_us));
        if (ready > 0 && !fds[n].revents)
            return ready;
        if (ready == 0)
            return 0;
        if (ready < 0 && errno != EINTR && errno != EAGAIN) {
            tern_error_set_errno(error, TERN_ERROR_BUG, errno, "poll");
            return -1;
        }
        /* A signal, or the cancel, which the next round sees. */
    }
}

int net_wait_io(NetStream *stream, short events, Wake *wake, int64_t deadline_us, GError **error)
{
    /* Errors and hang-ups are told for each descriptor that is polled, so one that nobody asked about is left
     * out. */
    struct pollfd fds[4] = {
        {.fd = (events & POLLIN) ? stream->read_fd : -1, .events = POLLIN},
        {.fd = (events & POLLOUT) ? stream->write_fd : -1, .events = POLLOUT},
        {.fd = wake ? wake_fd(wake) : -1, .events = POLLIN},
    };
    int n = net_poll(fds, 3, stream->cancel, deadline_us, error);

    if (n <= 0)
        return n;
    return (fds[0].revents ? POLLIN : 0) | (fds[1].revents ? POLLOUT : 0) |
           (fds[2].revents ? NET_WAKE_READY : 0);
}
