/* peer.c - see peer.h. */
#include "engine/peer.h"
#include "base/limits.h"
#include "engine/event.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What may wait to be sent before hints are left out. A DONE is never left out. */
#define SLOW_BYTES (256 << 10)

struct Peer {
    gboolean shows_arrivals;
    int fd;
    GByteArray *in, *out;
    gboolean is_broken;
};

Peer *peer_new(int fd)
{
    Peer *peer = g_new0(Peer, 1);

    peer->fd = fd;
    peer->in = g_byte_array_new();
    peer->out = g_byte_array_new();
    return peer;
}

void peer_free(Peer *peer)
{
    if (!peer)
        return;
    close(peer->fd);
    g_byte_array_unref(peer->in);
    g_byte_array_unref(peer->out);
    g_free(peer);
}

int peer_fd(const Peer *peer)
{
    return peer->fd;
}

void peer_set_shows_arrivals(Peer *peer, gboolean shows)
{
    peer->shows_arrivals = shows;
}

gboolean peer_shows_arrivals(const Peer *peer)
{
    return peer->shows_arrivals;
}

short peer_poll_events(const Peer *peer)
{
    return (short)(POLLIN | (peer->out->len ? POLLOUT : 0));
}

gboolean peer_read(Peer *peer)
{
    guint8 piece[8192];
    ssize_t n = 1;

    /* One frame's worth at a time: the rest waits in the socket until these are dealt with. */
    while (peer->in->len <= LIMIT_CONTROL_BYTES + sizeof(guint32) &&
           ((n = recv(peer->fd, piece, sizeof piece, 0)) > 0 || (n < 0 && errno == EINTR)))
        g_byte_array_append(peer->in, piece, (guint)MAX(n, 0));
    const gboolean is_drained = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    explicit_bzero(piece, sizeof piece); /* it may have been a password */
    return n > 0 || is_drained;
}

GBytes *peer_take_frame(Peer *peer)
{
    GBytes *frame = NULL;

    if (!peer->is_broken && !engine_frame_take(peer->in, &frame))
        peer->is_broken = TRUE;
    return frame;
}

gboolean peer_is_broken(const Peer *peer)
{
    return peer->is_broken;
}

GByteArray *peer_out(Peer *peer)
{
    return peer->out;
}

gboolean peer_flush(Peer *peer)
{
    while (peer->out->len) {
        const ssize_t n = send(peer->fd, peer->out->data, peer->out->len, MSG_NOSIGNAL);
        if (n > 0)
            engine_frame_drop(peer->out, (gsize)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else
            return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
    return TRUE;
}

gboolean peer_is_slow(const Peer *peer)
{
    return peer->out->len > SLOW_BYTES;
}
