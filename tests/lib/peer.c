/* peer.c - see peer.h. */
#include "tests/lib/peer.h"
#include "base/thread.h"
#include "base/wake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct TestServer {
    int fd;
    uint16_t port;
    TestServe serve;
    void *data;
    Thread *thread;
    Wake *stop;
    atomic_int accepted;
    GString *trouble; /* the thread's, until it is joined */
};

static void serve_one(TestServer *server, int fd)
{
    TestPeer peer = {.fd = fd, .data = server->data, .trouble = server->trouble};
    struct timeval patience = {.tv_sec = 20}; /* a client that hangs ends its test */

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    server->serve(&peer);
    if (peer.ssl)
        SSL_free(peer.ssl);
    close(fd);
}

static void run(void *data)
{
    TestServer *server = data;

    for (;;) {
        struct pollfd fds[] = {{server->fd, POLLIN, 0}, {wake_fd(server->stop), POLLIN, 0}};
        poll(fds, 2, -1);
        if (fds[1].revents)
            return;
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        atomic_fetch_add(&server->accepted, 1);
        serve_one(server, fd);
    }
}

static int listen_on(const char *address, uint16_t *port_out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    gboolean is_v6 = strchr(address, ':') != NULL;
    struct sockaddr *any = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t size = is_v6 ? sizeof v6 : sizeof v4;

    inet_pton(any->sa_family, address, is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
    int fd = socket(any->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, any, size) < 0 || listen(fd, 8) < 0 || getsockname(fd, any, &size) < 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *port_out = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
    return fd;
}

TestServer *test_server_start(const char *address, TestServe serve, void *data)
{
    TestServer *server = g_new0(TestServer, 1);

    server->fd = listen_on(address, &server->port);
    if (server->fd < 0) {
        g_free(server);
        return NULL;
    }
    server->serve = serve;
    server->data = data;
    server->stop = wake_new();
    server->trouble = g_string_new(NULL);
    server->thread = thread_start("test-server", 0, run, server, NULL);
    return server;
}

uint16_t test_server_port(const TestServer *server)
{
    return server->port;
}

int test_server_accepted(TestServer *server)
{
    return atomic_load(&server->accepted);
}

char *test_server_stop(TestServer *server)
{
    wake_set(server->stop);
    thread_join(server->thread);
    close(server->fd);
    wake_unref(server->stop);
    char *trouble = g_string_free(server->trouble, FALSE);
    g_free(server);
    return trouble;
}

gboolean test_peer_tls(TestPeer *peer, const TestCertificate *certificate, int from, int to)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    SSL_CTX_set_security_level(context, 0); /* a bad server is what many tests want */
    SSL_CTX_set_min_proto_version(context, from);
    SSL_CTX_set_max_proto_version(context, to);
    if (SSL_CTX_use_certificate(context, certificate->certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context, certificate->key) != 1)
        test_peer_trouble(peer, "the certificate cannot be used");
    peer->ssl = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(peer->ssl, peer->fd);
    return SSL_accept(peer->ssl) == 1;
}

gboolean test_peer_send(TestPeer *peer, const void *bytes, gsize size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t n = peer->ssl ? SSL_write(peer->ssl, at, (int)MIN(size, G_MAXINT))
                              : send(peer->fd, at, size, MSG_NOSIGNAL);
        if (n <= 0)
            return FALSE;
        at += n;
        size -= (gsize)n;
    }
    return TRUE;
}

gboolean test_peer_say(TestPeer *peer, const char *text)
{
    return test_peer_send(peer, text, strlen(text));
}

gsize test_peer_receive(TestPeer *peer, void *bytes, gsize size)
{
    ssize_t n =
        peer->ssl ? SSL_read(peer->ssl, bytes, (int)MIN(size, G_MAXINT)) : recv(peer->fd, bytes, size, 0);

    return n > 0 ? (gsize)n : 0;
}

gboolean test_peer_expect(TestPeer *peer, const char *text)
{
    gsize size = strlen(text), got = 0;
    g_autofree char *bytes = g_malloc0(size + 1);

    while (got < size) {
        gsize n = test_peer_receive(peer, bytes + got, size - got);
        if (n == 0)
            break;
        got += n;
    }
    if (strcmp(bytes, text) == 0)
        return TRUE;
    test_peer_trouble(peer, "expected “%s”, got “%s”", text, bytes);
    return FALSE;
}

char *test_peer_read_line(TestPeer *peer)
{
    GString *line = g_string_new(NULL);
    char c;

    while (test_peer_receive(peer, &c, 1) == 1) {
        if (c == '\n') {
            if (line->len > 0 && line->str[line->len - 1] == '\r')
                g_string_truncate(line, line->len - 1);
            return g_string_free(line, FALSE);
        }
        g_string_append_c(line, c);
    }
    g_string_free(line, TRUE);
    return NULL;
}

void test_peer_wait_for_end(TestPeer *peer)
{
    char lost[4096];

    while (recv(peer->fd, lost, sizeof lost, 0) > 0)
        ;
}

void test_peer_trouble(TestPeer *peer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (peer->trouble->len == 0)
        g_string_append_vprintf(peer->trouble, format, args);
    va_end(args);
}
