/* A server that says a little and a little more, and never comes to an end: each byte ends a silence, but a
 * response that has begun comes at a pace, or the session is over. */
#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "imap/session.h"
#include "net/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

/* So long the stream bears silence: 8 bytes are the least then, and 3 come. */
#define BEARS_US (SECOND_US / 2)
#define DRIP_US (BEARS_US / 3)
/* Then it is the server that gives up: nobody has minded it. */
#define MOST_DRIPS 300

typedef struct {
    int fd;
    const char *first, *drip;
    gboolean is_heard_out;
} Server;

static void serve(void *data)
{
    Server *server = data;
    gboolean is_heard = send(server->fd, server->first, strlen(server->first), MSG_NOSIGNAL) > 0;

    for (int i = 0; i < MOST_DRIPS && is_heard; i++) {
        is_heard = send(server->fd, server->drip, strlen(server->drip), MSG_NOSIGNAL) > 0;
        g_usleep(DRIP_US);
    }
    server->is_heard_out = is_heard;
    close(server->fd);
}

/* What reading the greeting ends with, before the server ends. */
static GError *greeted_by(const char *first, const char *drip)
{
    static const NetTarget TARGET = {
        .host = "mail.example.org", .port = 143, .security = NET_PLAIN, .label = "drip"};
    GError *error = NULL;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    Server server = {fds[1], first, drip, FALSE};
    Thread *thread = thread_start("drip", 0, serve, &server, NULL);
    NetStream *stream = net_stream_from_fds(fds[0], fds[0], &TARGET, NULL);
    net_stream_set_timeout(stream, BEARS_US);
    g_autoptr(ImapSession) session = imap_session_new(stream, NULL);

    assert_non_null(thread);
    const gboolean ok = imap_greet(session, &error);
    g_clear_pointer(&session, imap_session_free); /* which closes the stream, so the server ends */
    thread_join(thread);
    assert_false(ok || server.is_heard_out);
    return error;
}

static void test_drip(void **state)
{
    static const char *const FIRST[] = {"* OK ", "*", "* 1 FETCH )", "* 1 FETCH (X {100000}\r\n"};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(FIRST); i++) {
        g_autoptr(GError) error = greeted_by(FIRST[i], "a");
        assert_true(tern_error_is(error, TERN_ERROR_NETWORK));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_drip)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
