/*
 * open.c - the ends of a stream: how it comes to the server (straight, through a proxy, by a tunnel's
 * command), and what is left of it when it is closed. See stream.h.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/sanitise.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static char *where_of(const char *host, uint16_t port)
{
    g_autofree char *text = g_strdup_printf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);

    return sanitise(text, -1, SANITISE_LINE);
}

static NetStream *stream_new(const NetTarget *target, Cancel *cancel)
{
    NetStream *stream = g_new0(NetStream, 1);

    stream->host = g_strdup(target->host ? target->host : "");
    stream->where = where_of(stream->host, target->port);
    stream->label = g_strdup(target->label ? target->label : stream->where);
    stream->ca_file = g_strdup(target->ca_file);
    stream->pin = g_strdup(target->pin);
    stream->tickets = net_tickets_key(target);
    stream->client_cert = g_strdup(target->client_cert);
    stream->client_key = g_strdup(target->client_key);
    stream->port = target->port;
    stream->security = target->security;
    stream->read_fd = stream->write_fd = -1;
    stream->cancel = cancel ? cancel_ref(cancel) : NULL;
    stream->timeout_us = NET_TIMEOUT_US;
    stream->in = g_byte_array_new();
    stream->out = g_malloc(NET_OUT_BYTES);
    return stream;
}

static void take_fds(NetStream *stream, int read_fd, int write_fd)
{
    int type;
    socklen_t size = sizeof type;

    stream->read_fd = read_fd;
    stream->write_fd = write_fd;
    stream->is_socket = getsockopt(write_fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    net_transport_prepare(read_fd);
    if (write_fd != read_fd)
        net_transport_prepare(write_fd);
}

NetStream *net_stream_from_fds(int read_fd, int write_fd, const NetTarget *target, Cancel *cancel)
{
    NetStream *stream = stream_new(target, cancel);

    take_fds(stream, read_fd, write_fd);
    stream->is_given = TRUE;
    return stream;
}

/* A socket that the proxy has connected, or -1 and an error. */
static int connect_by_proxy(NetStream *stream, const NetProxy *proxy, int64_t deadline_us, GError **error)
{
    g_autofree char *where = where_of(proxy->host, proxy->port);
    g_autofree char *ascii = g_hostname_to_ascii(stream->host);

    net_trace_line(stream, "through the proxy %s", where);
    int fd = net_connect(proxy->host, proxy->port, where, stream->cancel, deadline_us, error);
    if (fd < 0)
        return -1;
    stream->is_proxied = TRUE;
    if (net_socks_shake(fd, ascii ? ascii : "", stream->port, proxy, where, stream->cancel, deadline_us,
                        error))
        return fd;
    close(fd);
    return -1;
}

gboolean net_stream_explain(NetStream *stream, GError **error)
{
    if (!stream->tunnel || (*error && !tern_error_is(*error, TERN_ERROR_NETWORK)))
        return *error != NULL;
    return net_tunnel_explain(stream->tunnel, stream->cancel, error);
}

static gboolean connect_any_way(NetStream *stream, const NetTarget *target, int64_t deadline_us,
                                GError **error)
{
    int read_fd, write_fd;

    if (target->tunnel) {
        net_trace_line(stream, "starting the tunnel's command");
        stream->tunnel = net_tunnel_start(target->tunnel, stream->label, &read_fd, &write_fd, error);
        if (stream->tunnel)
            take_fds(stream, read_fd, write_fd);
        return stream->tunnel != NULL;
    }
    net_trace_line(stream, "connecting to %s", stream->where);
    read_fd = target->proxy.host ? connect_by_proxy(stream, &target->proxy, deadline_us, error)
                                 : net_connect(stream->host, stream->port, stream->where, stream->cancel,
                                               deadline_us, error);
    if (read_fd >= 0)
        take_fds(stream, read_fd, read_fd);
    return read_fd >= 0;
}

NetStream *net_stream_open(const NetTarget *target, Cancel *cancel, int64_t deadline_us, GError **error)
{
    g_autoptr(NetStream) stream = stream_new(target, cancel);
    g_autoptr(GError) failure = NULL;

    if (connect_any_way(stream, target, deadline_us, &failure)) {
        net_trace_line(stream, "connected");
        if (stream->security != NET_TLS || net_tls_start(stream, deadline_us, &failure))
            return g_steal_pointer(&stream);
        net_stream_explain(stream, &failure);
    }
    net_trace_line(stream, "%s", failure->message);
    g_propagate_error(error, g_steal_pointer(&failure));
    return NULL;
}

void net_stream_close(NetStream *stream)
{
    if (!stream)
        return;
    net_deflate_free(stream->deflate);
    net_tls_free(stream->tls);
    if (stream->write_fd >= 0 && stream->write_fd != stream->read_fd)
        close(stream->write_fd);
    if (stream->read_fd >= 0)
        close(stream->read_fd);
    net_tunnel_close(stream->tunnel);
    cancel_unref(stream->cancel);
    g_byte_array_unref(stream->in);
    explicit_bzero(stream->out, NET_OUT_BYTES);
    g_free(stream->out);
    g_clear_error(&stream->dead);
    g_free(stream->host);
    g_free(stream->where);
    g_free(stream->label);
    g_free(stream->ca_file);
    g_free(stream->pin);
    g_free(stream->tickets);
    g_free(stream->client_cert);
    g_free(stream->client_key);
    g_free(stream);
}

gboolean net_stream_is_local(const NetStream *stream)
{
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof peer;

    if (stream->is_proxied)
        return FALSE;
    if (getpeername(stream->write_fd, (struct sockaddr *)&peer, &size) < 0)
        return !stream->is_socket;
    if (peer.ss_family == AF_INET)
        return (ntohl(((struct sockaddr_in *)&peer)->sin_addr.s_addr) >> 24) == 127;
    if (peer.ss_family == AF_INET6) {
        const struct in6_addr *address = &((struct sockaddr_in6 *)&peer)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(address) ||
               (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[12] == 127);
    }
    return peer.ss_family == AF_UNIX;
}

gboolean net_stream_is_tunnel(const NetStream *stream)
{
    return stream->tunnel || stream->is_given;
}
