/* test-net-stream.c - a stream against servers that talk plainly: answers, silence, cuts, cancelling,
 * floods. */
#include "tests/lib/streams.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS INT64_C(1000)

/* ---- talking ---- */

static void serve_greeting(TestPeer *peer)
{
    test_peer_say(peer, "* OK hello\r\n");
    test_peer_expect(peer, "a1 LOGIN ada secret\r\n");
    test_peer_say(peer, "a1 OK in\r\n");
}

static void test_talk(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_greeting, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);
    char byte;

    g_autofree char *greeting = test_stream_read(stream, 12);
    assert_string_equal(greeting, "* OK hello\r\n");
    assert_true(net_stream_write(stream, "a1 LOGIN ada ", 13, FALSE, NULL));
    assert_true(net_stream_write(stream, "secret", 6, TRUE, NULL));
    assert_true(net_stream_write(stream, "\r\n", 2, FALSE, NULL));
    /* Reading sends what was written. */
    g_autofree char *answer = test_stream_read(stream, 10);
    assert_string_equal(answer, "a1 OK in\r\n");
    assert_int_equal(net_stream_read(stream, &byte, 1, NULL), 0);
    assert_int_equal(net_stream_read(stream, &byte, 1, NULL), 0);

    NetCounters counters = net_stream_counters(stream);
    assert_int_equal(counters.received, 22);
    assert_int_equal(counters.sent, 21);
    assert_false(net_stream_is_tls(stream));
    assert_true(net_stream_is_local(stream));
    assert_null(net_stream_tls_version(stream));
    assert_null(net_stream_channel_binding(stream, "tls-exporter"));
    test_server_end(server);
}

static void serve_nothing(TestPeer *peer)
{
    test_peer_wait_for_end(peer);
}

static void test_silent_server_times_out(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_nothing, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);
    g_autoptr(GError) error = NULL;
    char byte;

    net_stream_set_timeout(stream, 100 * MS);
    int64_t before_us = clock_now_us();
    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    assert_in_range(clock_now_us() - before_us, 100 * MS, 3 * SECOND_US);
    test_assert_error(&error, TERN_ERROR_NETWORK, "does not answer");
    /* Dead is dead, in the same way. */
    assert_false(net_stream_write(stream, "x", 1, FALSE, &error));
    test_assert_error(&error, TERN_ERROR_NETWORK, "does not answer");
    assert_int_equal(net_stream_wait(stream, NULL, 0, &error), NET_ERROR);
    test_assert_error(&error, TERN_ERROR_NETWORK, "does not answer");
    assert_false(net_stream_start_tls(stream, &error));
    g_clear_error(&error);
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

/* ---- who speaks first ---- */

/* A stream to nobody, over a socket whose other end is *peer_out. */
static NetStream *mute_stream(uint16_t port, NetSecurity security, int *peer_out)
{
    const NetTarget target = {.host = "mail.example.org", .port = port, .security = security};
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    *peer_out = fds[1];
    return net_stream_from_fds(fds[0], fds[0], &target, NULL);
}

/* Both wait for the other one: where TLS comes first, that is said, and soon. */
static void test_a_port_where_tls_comes_first(void **state G_GNUC_UNUSED)
{
    static const struct {
        uint16_t port;
        NetSecurity security;
        const char *says;
        int64_t patience_us;
    } ROWS[] = {
        {993, NET_STARTTLS, "on port 993 as a rule: is imaps:// meant?", 10 * SECOND_US},
        {995, NET_STARTTLS, "on port 995 as a rule: is pop3s:// meant?", 10 * SECOND_US},
        {465, NET_STARTTLS, "on port 465 as a rule: is smtps:// meant?", 10 * SECOND_US},
        {993, NET_PLAIN, "is imaps:// meant?", 10 * SECOND_US},
        {143, NET_STARTTLS, "imaps://, pop3s:// or smtps:// is meant", NET_TIMEOUT_US},
        {1143, NET_PLAIN, "imaps://, pop3s:// or smtps:// is meant", NET_TIMEOUT_US},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GError) error = NULL;
        int peer;
        char byte;

        g_autoptr(NetStream) stream = mute_stream(ROWS[i].port, ROWS[i].security, &peer);
        assert_int_equal(net_patience_us(stream), ROWS[i].patience_us);
        net_stream_set_timeout(stream, 10 * MS);
        assert_int_equal(net_patience_us(stream), 10 * MS);
        assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
        test_assert_error(&error, TERN_ERROR_NETWORK, ROWS[i].says);
        close(peer);
    }
}

static void test_a_port_where_tls_comes_first_and_a_word(void **state G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    int peer;
    char byte;

    g_autoptr(NetStream) stream = mute_stream(993, NET_STARTTLS, &peer);
    assert_int_equal(write(peer, "*", 1), 1);
    assert_int_equal(net_stream_read(stream, &byte, 1, NULL), 1);
    assert_int_equal(net_patience_us(stream), NET_TIMEOUT_US);
    net_stream_set_timeout(stream, 10 * MS);
    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    test_assert_error(&error, TERN_ERROR_NETWORK, "mail.example.org:993 does not answer any more");
    close(peer);
}

static void test_an_end_without_a_word(void **state G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    int peer;
    char byte;

    g_autoptr(NetStream) stream = mute_stream(995, NET_STARTTLS, &peer);
    close(peer);
    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    test_assert_error(&error, TERN_ERROR_NETWORK, "closed the connection without a word");
    g_clear_pointer(&stream, net_stream_close);

    /* Where TLS is not what is expected, an end is an end. */
    stream = mute_stream(110, NET_STARTTLS, &peer);
    close(peer);
    assert_int_equal(net_stream_read(stream, &byte, 1, &error), 0);
}

static void serve_half_a_line(TestPeer *peer)
{
    test_peer_say(peer, "* OK hel");
}

static void test_half_written_line_then_end(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_half_a_line, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);

    g_autofree char *text = test_stream_read(stream, 100);
    assert_string_equal(text, "* OK hel");
    test_server_end(server);
}

static void serve_reset(TestPeer *peer)
{
    struct linger at_once = {.l_onoff = 1};

    test_peer_expect(peer, "go\r\n");
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* SIGPIPE is not blocked in this thread: a write that raised it would end the test. */
static void test_reset_while_writing(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_reset, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);
    g_autoptr(GError) error = NULL;
    char junk[4096] = {0};

    assert_true(net_stream_write(stream, "go\r\n", 4, FALSE, NULL));
    for (int i = 0; i < 10000 && net_stream_write(stream, junk, sizeof junk, FALSE, &error); i++)
        ;
    test_assert_error(&error, TERN_ERROR_NETWORK, "closed the connection");
    test_server_end(server);
}

static void test_pipe_whose_reader_left(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "tunnel", .port = 143};
    int in[2], out[2];
    g_autoptr(GError) error = NULL;

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    close(out[0]);
    g_autoptr(NetStream) stream = net_stream_from_fds(in[0], out[1], &target, NULL);
    assert_true(net_stream_is_local(stream));
    assert_true(net_stream_write(stream, "x", 1, FALSE, &error));
    assert_false(net_stream_flush(stream, &error));
    test_assert_error(&error, TERN_ERROR_NETWORK, "tunnel:143 closed the connection");
    close(in[1]);
}

static void test_talk_over_pipes(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "tunnel", .port = 143};
    int in[2], out[2];
    char got[6] = "";

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    g_autoptr(NetStream) stream = net_stream_from_fds(in[0], out[1], &target, NULL);
    assert_int_equal(write(in[1], "hello", 5), 5);
    assert_int_equal(net_stream_wait(stream, NULL, DEADLINE_NONE, NULL), NET_READABLE);
    assert_int_equal(net_stream_read(stream, got, 5, NULL), 5);
    assert_string_equal(got, "hello");
    assert_true(net_stream_write(stream, "salve", 5, FALSE, NULL) && net_stream_flush(stream, NULL));
    assert_int_equal(read(out[0], got, 5), 5);
    assert_string_equal(got, "salve");
    close(in[1]);
    assert_int_equal(net_stream_read(stream, got, 5, NULL), 0);
    close(out[0]);
}

/* ---- waiting ---- */

static void serve_on_demand(TestPeer *peer)
{
    test_peer_expect(peer, "idle\r\n");
    test_peer_say(peer, "* 1 EXISTS\r\n");
    test_peer_wait_for_end(peer);
}

static void test_wait(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_on_demand, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);
    g_autoptr(Wake) wake = wake_new();
    char bytes[100];

    assert_int_equal(net_stream_wait(stream, wake, clock_now_us() + 20 * MS, NULL), NET_TIMED_OUT);
    assert_int_equal(net_stream_wait(stream, NULL, 0, NULL), NET_TIMED_OUT);
    wake_set(wake);
    assert_int_equal(net_stream_wait(stream, wake, DEADLINE_NONE, NULL), NET_WOKEN);
    assert_int_equal(net_stream_wait(stream, wake, DEADLINE_NONE, NULL), NET_WOKEN);
    assert_true(wake_clear(wake));
    /* What was written goes out before waiting. */
    assert_true(net_stream_write(stream, "idle\r\n", 6, FALSE, NULL));
    assert_int_equal(net_stream_wait(stream, wake, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
    wake_set(wake);
    assert_int_equal(net_stream_wait(stream, wake, DEADLINE_NONE, NULL), NET_READABLE | NET_WOKEN);
    assert_int_equal(net_stream_read(stream, bytes, sizeof bytes, NULL), 12);
    wake_clear(wake);
    assert_int_equal(net_stream_wait(stream, wake, clock_now_us() + 20 * MS, NULL), NET_TIMED_OUT);
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

static void test_wait_sees_the_end(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_half_a_line, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);

    g_autofree char *text = test_stream_read(stream, 8);
    assert_string_equal(text, "* OK hel");
    assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
    assert_int_equal(net_stream_read(stream, text, 1, NULL), 0);
    test_server_end(server);
}

/* ---- cancelling ---- */

static void cancel_during(const char *what, gboolean (*operation)(NetStream *, GError **))
{
    TestServer *server = test_server_start("127.0.0.1", serve_nothing, NULL);
    g_autoptr(Cancel) cancel = cancel_new();
    NetStream *stream = test_stream_open(server, cancel);
    GError *error = NULL;
    TestLater *later = test_cancel_later(cancel);

    assert_false(operation(stream, &error));
    test_later_assert_prompt(later, what);
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
    assert_false(net_stream_flush(stream, &error));
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
    net_stream_close(stream);
    test_server_end(server);
}

static gboolean operation_read(NetStream *stream, GError **error)
{
    char byte;

    return net_stream_read(stream, &byte, 1, error) >= 0;
}

static gboolean operation_wait(NetStream *stream, GError **error)
{
    return net_stream_wait(stream, NULL, DEADLINE_NONE, error) != NET_ERROR;
}

/* The server takes all of it, so this one never waits for long: it must notice between writes. */
static gboolean operation_write(NetStream *stream, GError **error)
{
    static const char junk[32 << 10];

    while (net_stream_write(stream, junk, sizeof junk, FALSE, error))
        ;
    return FALSE;
}

static void test_cancel(void **state G_GNUC_UNUSED)
{
    cancel_during("a read", operation_read);
    cancel_during("a wait", operation_wait);
    cancel_during("a stream of writes", operation_write);
}

static void test_cancel_a_blocked_write(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "peer", .port = 1};
    g_autoptr(Cancel) cancel = cancel_new();
    int fds[2];
    GError *error = NULL;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    NetStream *stream = net_stream_from_fds(fds[0], fds[0], &target, cancel);
    TestLater *later = test_cancel_later(cancel);
    assert_false(operation_write(stream, &error));
    test_later_assert_prompt(later, "a write that nobody takes");
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
    net_stream_close(stream);
    close(fds[1]);
}

static void test_cancelled_before(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_nothing, NULL);
    g_autoptr(Cancel) cancel = cancel_new();
    NetTarget target = {.host = "127.0.0.1", .port = test_server_port(server)};
    g_autoptr(GError) error = NULL;

    cancel_trigger(cancel);
    assert_null(net_stream_open(&target, cancel, DEADLINE_NONE, &error));
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
    test_server_end(server);
}

/* ---- floods ---- */

#define FLOOD (3 << 20)

/* Answers before it reads, as a server does that is sent a long pipeline: both directions fill up. */
static void serve_answers_first(TestPeer *peer)
{
    g_autofree char *bytes = g_malloc0(FLOOD);
    gsize got = 0, n;

    for (gsize i = 0; i < FLOOD; i++)
        bytes[i] = (char)('a' + i % 23);
    test_peer_send(peer, bytes, FLOOD);
    while (got < FLOOD && (n = test_peer_receive(peer, bytes, MIN(65536, FLOOD - got))) > 0)
        got += n;
    if (got != FLOOD)
        test_peer_trouble(peer, "got only %zu bytes", (size_t)got);
    test_peer_say(peer, "done");
}

static void test_pipelining_both_ways(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_answers_first, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);
    g_autofree char *bytes = g_malloc0(FLOOD);
    g_autoptr(GError) error = NULL;

    net_stream_set_timeout(stream, 10 * SECOND_US);
    for (gsize at = 0; at < FLOOD; at += 1000)
        if (!net_stream_write(stream, bytes + at, MIN(1000, FLOOD - at), FALSE, &error))
            fail_msg("%s", error->message);
    assert_true(net_stream_flush(stream, NULL));
    g_autofree char *answer = test_stream_read(stream, FLOOD + 4);
    for (gsize i = 0; i < FLOOD; i++)
        if (answer[i] != (char)('a' + i % 23))
            fail_msg("byte %zu is wrong", (size_t)i);
    assert_string_equal(answer + FLOOD, "done");
    assert_int_equal(net_stream_counters(stream).received, FLOOD + 4);
    assert_int_equal(net_stream_counters(stream).sent, FLOOD);
    test_server_end(server);
}

/* Sends for ever and reads nothing: tern must not keep it all. */
static void serve_flood(TestPeer *peer)
{
    static const char junk[64 << 10];
    int small = 4096;

    setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    while (test_peer_send(peer, junk, sizeof junk))
        ;
}

static void test_read_ahead_is_bounded(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_flood, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);
    g_autofree char *bytes = g_malloc0(FLOOD);
    g_autoptr(GError) error = NULL;
    gboolean ok = TRUE;

    net_stream_set_timeout(stream, 300 * MS);
    for (int i = 0; i < 20 && ok; i++)
        ok = net_stream_write(stream, bytes, FLOOD, FALSE, &error);
    test_assert_error(&error, TERN_ERROR_NETWORK, "does not answer");
    /* The limit, and at most one more read. */
    assert_in_range(net_stream_counters(stream).received, 1, LIMIT_NET_READ_AHEAD_BYTES + (64 << 10));
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

/* Each write and each answer in single bytes. */
static void serve_byte_by_byte(TestPeer *peer)
{
    static const char text[] = "* OK one at a time\r\n";

    for (gsize i = 0; i < sizeof text - 1; i++)
        test_peer_send(peer, text + i, 1);
}

static void test_bytes_one_at_a_time(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_byte_by_byte, NULL);
    g_autoptr(NetStream) stream = test_stream_open(server, NULL);

    g_autofree char *text = test_stream_read(stream, 1000);
    assert_string_equal(text, "* OK one at a time\r\n");
    test_server_end(server);
}

/* ---- the trace ---- */

static void serve_sasl(TestPeer *peer)
{
    test_peer_say(peer, "+ Y2hhbGxlbmdl\r\n");
    test_peer_expect(peer, "LOGIN ada hunter2\r\nNOOP\r\n");
    test_peer_say(peer, "a OK \033]0;title\007\r\n");
}

static void test_trace_masks_secrets(void **state G_GNUC_UNUSED)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "tern-test-trace", NULL);
    g_autofree char *trace = NULL;

    g_unlink(path);
    assert_true(log_open(path, NULL));
    TestServer *server = test_server_start("127.0.0.1", serve_sasl, NULL);
    NetStream *stream = test_stream_open(server, NULL);
    net_stream_mask_input(stream, TRUE);
    g_free(test_stream_read(stream, 16));
    net_stream_mask_input(stream, FALSE);
    net_stream_write(stream, "LOGIN ada ", 10, FALSE, NULL);
    net_stream_write(stream, "hunter2", 7, TRUE, NULL);
    net_stream_write(stream, "\r\nNOOP\r\n", 8, FALSE, NULL);
    g_free(test_stream_read(stream, 100));
    net_stream_close(stream);
    log_close();
    test_server_end(server);

    assert_true(g_file_get_contents(path, &trace, NULL, NULL));
    g_unlink(path);
    assert_null(strstr(trace, "hunter2"));
    assert_null(strstr(trace, "Y2hhbGxlbmdl"));
    assert_null(strchr(trace, '\033'));
    assert_non_null(strstr(trace, "LOGIN ada"));
    assert_non_null(strstr(trace, "NOOP"));
    assert_non_null(strstr(trace, "a OK"));
    assert_non_null(strstr(trace, "(secret)"));
}

/* ---- closing ---- */

static void test_close_does_not_wait(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "peer", .port = 1};
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    NetStream *stream = net_stream_from_fds(fds[0], fds[0], &target, NULL);
    assert_true(net_stream_write(stream, "never sent", 10, TRUE, NULL));
    int64_t before_us = clock_now_us();
    net_stream_close(stream);
    assert_true(clock_now_us() - before_us < 200 * MS);
    char byte;
    assert_int_equal(read(fds[1], &byte, 1), 0);
    close(fds[1]);
    net_stream_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_silent_server_times_out),
        cmocka_unit_test(test_a_port_where_tls_comes_first),
        cmocka_unit_test(test_a_port_where_tls_comes_first_and_a_word),
        cmocka_unit_test(test_an_end_without_a_word),
        cmocka_unit_test(test_half_written_line_then_end),
        cmocka_unit_test(test_reset_while_writing),
        cmocka_unit_test(test_pipe_whose_reader_left),
        cmocka_unit_test(test_talk_over_pipes),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_wait_sees_the_end),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_a_blocked_write),
        cmocka_unit_test(test_cancelled_before),
        cmocka_unit_test(test_pipelining_both_ways),
        cmocka_unit_test(test_read_ahead_is_bounded),
        cmocka_unit_test(test_bytes_one_at_a_time),
        cmocka_unit_test(test_trace_masks_secrets),
        cmocka_unit_test(test_close_does_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
