/*
 * peer.h - for tests: the other end of a connection, a thread that plays a server on loopback.
 *
 * A test gives a function that is called with one accepted connection and says and expects what it likes; the
 * connection is closed when it returns. Its own failures are kept and told by test_server_stop().
 */
#ifndef TERN_TESTS_PEER_H
#define TERN_TESTS_PEER_H

#include "tests/lib/certificates.h"

#include <glib.h>
#include <stdint.h>

typedef struct TestServer TestServer;

/* One connection as the server sees it. */
typedef struct {
    int fd;
    SSL *ssl; /* NULL: plain */
    void *data;
    GString *trouble; /* "": none so far */
} TestPeer;

typedef void (*TestServe)(TestPeer *peer);

/* Listens on `address` ("127.0.0.1" or "::1") and serves connections one after the other. NULL when the machine has no
 * such address. */
TestServer *test_server_start(const char *address, TestServe serve, void *data);
uint16_t test_server_port(const TestServer *server);
/* How many connections were accepted so far. */
int test_server_accepted(TestServer *server);
/* Ends it; what went wrong in `serve`, "" for nothing, to be freed. */
char *test_server_stop(TestServer *server);

/* Shakes TLS as a server, in versions from..to (0: any). FALSE when the client leaves. */
gboolean test_peer_tls(TestPeer *peer, const TestCertificate *certificate, int from, int to);
/* All FALSE at the end of the connection. */
gboolean test_peer_send(TestPeer *peer, const void *bytes, gsize size);
gboolean test_peer_say(TestPeer *peer, const char *text);
/* Reads exactly that; anything else is trouble. */
gboolean test_peer_expect(TestPeer *peer, const char *text);
/* Up to `size` bytes; 0 at the end. */
gsize test_peer_receive(TestPeer *peer, void *bytes, gsize size);
/* A line without its line end, to be freed; NULL at the end. */
char *test_peer_read_line(TestPeer *peer);
/* Stands still until the client has closed. */
void test_peer_wait_for_end(TestPeer *peer);
void test_peer_trouble(TestPeer *peer, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
