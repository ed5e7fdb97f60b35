/* transport.c - bytes on a socket or on a tunnel's pipes, below TLS. */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* What was sent and is not acknowledged for so long ends the connection (RFC 5482): a half-open link (a
 * suspended laptop, a router that forgot) is noticed in half a minute, not in the quarter of an hour that
 * Linux tries. Its timers of that length come up to an eighth late, and several follow each other. */
#define USER_TIMEOUT_MS 26000
/* On an idle connection the same is found out by probes; from the first unanswered one USER_TIMEOUT_MS
 * counts. */
#define KEEPALIVE_IDLE_S 20
#define KEEPALIVE_INTERVAL_S 5

static void set_option(int fd, int level, int option, int value)
{
    /* Failing is no news: a Unix socket has no TCP options, and none of them is needed to go on. */
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

void net_transport_prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0 && !(flags & O_NONBLOCK))
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

/* write(2) on a pipe raises SIGPIPE, and a command's main thread may not have it blocked: block it, and take
 * the one that this write raised (one that was pending before is somebody else's). */
static ssize_t write_pipe(int fd, const void *bytes, gsize size)
{
    sigset_t pipe_only, pending, before;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigemptyset(&pending);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    ssize_t n = write(fd, bytes, size);
    int saved_errno = errno;
    if (n < 0 && saved_errno == EPIPE && !sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&pipe_only, NULL, &(struct timespec){0}) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved_errno;
    return n;
}

gssize net_transport_read(NetStream *stream, void *bytes, gsize size)
{
    ssize_t n;

    do {
        n = read(stream->read_fd, bytes, size);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        stream->counters.received += (uint64_t)n;
    return n;
}

gssize net_transport_write(NetStream *stream, const void *bytes, gsize size)
{
    ssize_t n;

    do {
        n = stream->is_socket ? send(stream->write_fd, bytes, size, MSG_NOSIGNAL)
                              : write_pipe(stream->write_fd, bytes, size);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        stream->counters.sent += (uint64_t)n;
    return n;
}

void net_transport_error(NetStream *stream, int saved_errno, GError **error)
{
    if (saved_errno == EPIPE || saved_errno == ECONNRESET)
        tern_error_set(error, TERN_ERROR_NETWORK, _("%s closed the connection"), stream->where);
    else if (saved_errno == ETIMEDOUT)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the connection to %s is gone: no answer any more"),
                       stream->where);
    else
        tern_error_set_errno(error, TERN_ERROR_NETWORK, saved_errno, _("the connection to %s failed"),
                             stream->where);
}
