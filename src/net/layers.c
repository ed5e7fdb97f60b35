/* layers.c - one step of reading or writing, through whichever layers the stream has; see the picture in
 * stream.h. */
#include "net/private.h"

#include <errno.h>

/* What a step without TLS came to: `n` and errno as the system call left them. */
static gssize plain_result(NetStream *stream, gssize n, short wanted, short *events_out, GError **error)
{
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        *events_out = wanted;
        return NET_WOULD_BLOCK;
    }
    net_transport_error(stream, errno, error);
    return -1;
}

gssize net_wire_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error)
{
    if (stream->tls)
        return net_tls_read(stream, bytes, size, events_out, error);
    return plain_result(stream, net_transport_read(stream, bytes, size), POLLIN, events_out, error);
}

gssize net_wire_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error)
{
    if (stream->tls)
        return net_tls_write(stream, bytes, size, events_out, error);
    return plain_result(stream, net_transport_write(stream, bytes, size), POLLOUT, events_out, error);
}

gssize net_step_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error)
{
    return stream->deflate ? net_deflate_read(stream, bytes, size, events_out, error)
                           : net_wire_read(stream, bytes, size, events_out, error);
}

gssize net_step_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error)
{
    return stream->deflate ? net_deflate_write(stream, bytes, size, events_out, error)
                           : net_wire_write(stream, bytes, size, events_out, error);
}

gssize net_step_flush(NetStream *stream, short *events_out, GError **error)
{
    return stream->deflate ? net_deflate_flush(stream, events_out, error) : 0;
}
