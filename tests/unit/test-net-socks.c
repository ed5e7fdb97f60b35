/* test-net-socks.c - SOCKS5: what is said and understood byte by byte, and streams through a proxy that a
 * test plays. */
#include "tests/lib/streams.h"

#include "base/clock.h"
#include "net/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* ---- the conversation as data ---- */

typedef struct {
    const char *bytes;
    gsize size;
} Bytes;
#define B(text)                                                                                              \
    {                                                                                                        \
        text, sizeof(text) - 1                                                                               \
    }

#define LONG_50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_255 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 "xxxxx"

/* What tern says, then what the proxy answers, in turn. */
typedef struct {
    const char *host, *user, *password;
    guint port;
    Bytes turns[6];
    const char *error; /* NULL: connected */
    TernErrorKind kind;
} Conversation;

#define HELLO B("\5\1\0")
#define HELLO_USER B("\5\2\0\2")
#define FREE B("\5\0")
#define ASK_HOST B("\5\1\0\3\1h\0\217")

static const Conversation CONVERSATIONS[] = {
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\0\0\1\0\0\0\0\0\0")}, NULL, 0},
    {"mail.example.org",
     NULL,
     NULL,
     993,
     {HELLO, FREE, B("\5\1\0\3\20mail.example.org\3\341"), B("\5\0\0\1\12\0\0\1\4\70")},
     NULL,
     0},
    {"192.0.2.7",
     NULL,
     NULL,
     993,
     {HELLO, FREE, B("\5\1\0\1\300\0\2\7\3\341"), B("\5\0\0\3\1x\0\1")},
     NULL,
     0},
    {"2001:db8::1",
     NULL,
     NULL,
     993,
     {HELLO, FREE, B("\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1\3\341"),
      B("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1")},
     NULL,
     0},
    {"h",
     "ada",
     "pw",
     143,
     {HELLO_USER, B("\5\2"), B("\1\3ada\2pw"), B("\1\0"), ASK_HOST, B("\5\0\0\3\0\0\0")},
     NULL,
     0},
    /* The proxy does not ask for what it could have. */
    {"h", "ada", "pw", 143, {HELLO_USER, FREE, ASK_HOST, B("\5\0\0\1\0\0\0\0\0\0")}, NULL, 0},
    {"h",
     LONG_255,
     LONG_255,
     143,
     {HELLO_USER, B("\5\2"), B("\1\377" LONG_255 "\377" LONG_255), B("\5\0"), ASK_HOST,
      B("\5\0\0\3\377" LONG_255 "\0\1")},
     NULL,
     0},
    {"h",
     "ada",
     "pw",
     143,
     {HELLO_USER, B("\5\2"), B("\1\3ada\2pw"), B("\1\1")},
     "does not accept",
     TERN_ERROR_AUTH},
    {"h", "ada", "pw", 143, {HELLO_USER, B("\5\377")}, "none of the logins", TERN_ERROR_AUTH},
    {"h", NULL, NULL, 143, {HELLO, B("\5\377")}, "wants a login", TERN_ERROR_AUTH},
    /* Login without being asked, other methods, other protocols. */
    {"h", NULL, NULL, 143, {HELLO, B("\5\2")}, "is it one?", TERN_ERROR_PROTOCOL},
    {"h", NULL, NULL, 143, {HELLO, B("\5\1")}, "is it one?", TERN_ERROR_PROTOCOL},
    {"h", NULL, NULL, 143, {HELLO, B("\4\0")}, "is it one?", TERN_ERROR_PROTOCOL},
    {"h", NULL, NULL, 143, {HELLO, B("HT")}, "is it one?", TERN_ERROR_PROTOCOL},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\4\0\0\1")}, "is it one?", TERN_ERROR_PROTOCOL},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\0\0\2")}, "is it one?", TERN_ERROR_PROTOCOL},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\1\0\1")}, "without saying why", TERN_ERROR_NETWORK},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\2\0\1")}, "rules forbid", TERN_ERROR_NETWORK},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\3\0\1")}, "reach that network", TERN_ERROR_NETWORK},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\4\0\1")}, "reach that host", TERN_ERROR_NETWORK},
    {"h",
     NULL,
     NULL,
     143,
     {HELLO, FREE, ASK_HOST, B("\5\5\0\1")},
     "refused the connection",
     TERN_ERROR_NETWORK},
    {"h",
     NULL,
     NULL,
     143,
     {HELLO, FREE, ASK_HOST, B("\5\6\0\1")},
     "did not answer in time",
     TERN_ERROR_NETWORK},
    {"h",
     NULL,
     NULL,
     143,
     {HELLO, FREE, ASK_HOST, B("\5\7\0\1")},
     "no connections for others",
     TERN_ERROR_NETWORK},
    {"h",
     NULL,
     NULL,
     143,
     {HELLO, FREE, ASK_HOST, B("\5\10\0\1")},
     "addresses of this kind",
     TERN_ERROR_NETWORK},
    {"h", NULL, NULL, 143, {HELLO, FREE, ASK_HOST, B("\5\11\0\1")}, "without a name (9)", TERN_ERROR_NETWORK},
    {"h",
     NULL,
     NULL,
     143,
     {HELLO, FREE, ASK_HOST, B("\5\377\0\1")},
     "without a name (255)",
     TERN_ERROR_NETWORK},
};

/* Feeds one answer in pieces of at most `piece` bytes; never more than is asked for. */
static gboolean feed(NetSocks *socks, const Bytes *answer, gsize piece, GError **error)
{
    for (gsize at = 0; at < answer->size;) {
        if (socks->want == 0 || socks->out_size > 0)
            fail_msg("%s: wants no more after %zu of %zu bytes", socks->host, at, answer->size);
        const gsize n = MIN(MIN(piece, socks->want), answer->size - at);
        if (!net_socks_take(socks, (const guint8 *)answer->bytes + at, n, error))
            return FALSE;
        at += n;
    }
    return TRUE;
}

static void run_conversation(const Conversation *one, gsize piece)
{
    const NetProxy proxy = {.user = one->user, .password = one->password};
    NetSocks socks;
    g_autoptr(GError) error = NULL;
    gboolean ok = net_socks_begin(&socks, one->host, (guint16)one->port, &proxy, "proxy:1080", &error);

    for (int turn = 0; ok && turn < 6 && one->turns[turn].size; turn += 2) {
        assert_int_equal(socks.out_size, one->turns[turn].size);
        assert_memory_equal(socks.out, one->turns[turn].bytes, socks.out_size);
        socks.out_size = 0;
        ok = feed(&socks, &one->turns[turn + 1], piece, &error);
    }
    if (!one->error) {
        assert_true(ok);
        assert_int_equal(socks.want, 0);
        assert_int_equal(socks.out_size, 0);
    } else {
        assert_false(ok);
        test_assert_error(&error, one->kind, one->error);
    }
}

static void test_conversations(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CONVERSATIONS); i++)
        for (gsize piece = 1; piece <= 300; piece += piece < 4 ? 1 : 296)
            run_conversation(&CONVERSATIONS[i], piece);
}

static void test_hosts_no_proxy_can_be_asked_for(void **state G_GNUC_UNUSED)
{
    static const char *const HOSTS[] = {"", "fe80::1%eth0", LONG_255 "x"};
    const NetProxy proxy = {.host = "p"}, half = {.user = "ada", .password = ""};
    NetSocks socks;
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(HOSTS); i++) {
        assert_false(net_socks_begin(&socks, HOSTS[i], 1, &proxy, "p:1080", &error));
        test_assert_error(&error, TERN_ERROR_NETWORK, "cannot be asked");
    }
    assert_false(net_socks_begin(&socks, "h", 1, &half, "p:1080", &error));
    test_assert_error(&error, TERN_ERROR_CONFIG, "1 to 255");
}

/* ---- over a socket ---- */

static NetStream *open_through(const TestServer *server, const char *host, Cancel *cancel, int64_t within_us,
                               GError **error)
{
    const NetTarget target = {.host = host,
                              .port = 143,
                              .security = NET_PLAIN,
                              .label = "test",
                              .proxy = {.host = "127.0.0.1", .port = test_server_port(server)}};

    return net_stream_open(&target, cancel, clock_now_us() + within_us, error);
}

/* Reads exactly that, NULs and all. */
static void expect_bytes(TestPeer *peer, const char *bytes, gsize size)
{
    g_autofree guint8 *got = g_malloc0(size);
    gsize at = 0, n;

    while (at < size && (n = test_peer_receive(peer, got + at, size - at)) > 0)
        at += n;
    if (at != size || memcmp(got, bytes, size) != 0)
        test_peer_trouble(peer, "the client says something else after %zu of %zu bytes", at, size);
}

/* The server's greeting comes in one packet with the proxy's answer. */
static void serve_proxy(TestPeer *peer)
{
    expect_bytes(peer, "\5\1\0", 3);
    test_peer_send(peer, "\5\0", 2);
    expect_bytes(peer, "\5\1\0\3\14nowhere.test\0\217", 19);
    test_peer_send(peer, "\5\0\0\1\0\0\0\0\0\0* OK hello\n", 21);
    test_peer_expect(peer, "bye\n");
}

static void test_stream(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_proxy, NULL);
    g_autoptr(GError) error = NULL;
    /* A name that no resolver here knows: the proxy's business. */
    g_autoptr(NetStream) stream = open_through(server, "nowhere.test", NULL, 5 * SECOND_US, &error);

    if (!stream)
        fail_msg("%s", error->message);
    g_autofree char *greeting = test_stream_read(stream, 11);
    assert_string_equal(greeting, "* OK hello\n");
    test_stream_write(stream, "bye\n");
    assert_true(net_stream_flush(stream, NULL));
    /* The proxy is on this machine; who is behind it nobody knows. */
    assert_false(net_stream_is_local(stream));
    assert_false(net_stream_is_tunnel(stream));
    assert_string_equal(net_stream_host(stream), "nowhere.test");
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

typedef struct {
    gsize bytes; /* of the answers, then the end */
} Cut;

static void serve_cut(TestPeer *peer)
{
    static const char ANSWERS[] = "\5\0\5\0\0\1\0\0\0\0\0\0";
    const Cut *cut = peer->data;

    expect_bytes(peer, "\5\1\0", 3);
    test_peer_send(peer, ANSWERS, MIN(cut->bytes, 2));
    if (cut->bytes < 2)
        return;
    expect_bytes(peer, "\5\1\0\3\1h\0\217", 8);
    test_peer_send(peer, ANSWERS + 2, cut->bytes - 2);
}

static void test_cut_at_each_byte(void **state G_GNUC_UNUSED)
{
    for (gsize bytes = 0; bytes < 12; bytes++) {
        Cut cut = {bytes};
        TestServer *server = test_server_start("127.0.0.1", serve_cut, &cut);
        g_autoptr(GError) error = NULL;
        assert_null(open_through(server, "h", NULL, 5 * SECOND_US, &error));
        test_assert_error(&error, TERN_ERROR_NETWORK, "closed the connection");
        test_server_end(server);
    }
}

static void serve_nothing(TestPeer *peer)
{
    test_peer_wait_for_end(peer);
}

static void test_silent_proxy(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_nothing, NULL);
    g_autoptr(GError) error = NULL;

    assert_null(open_through(server, "h", NULL, SECOND_US / 10, &error));
    test_assert_error(&error, TERN_ERROR_NETWORK, "does not answer");
    test_server_end(server);
}

static void test_cancel(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_nothing, NULL);
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    TestLater *later = test_cancel_later(cancel);

    assert_null(open_through(server, "h", cancel, 20 * SECOND_US, &error));
    test_later_assert_prompt(later, "a proxy's silence");
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
    test_server_end(server);
}

static void test_no_proxy_there(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_nothing, NULL);
    const NetTarget target = {.host = "imap.example.org",
                              .port = 993,
                              .security = NET_TLS,
                              .proxy = {.host = "127.0.0.1", .port = test_server_port(server)}};
    g_autoptr(GError) error = NULL;

    test_server_end(server);
    assert_null(net_stream_open(&target, NULL, clock_now_us() + 5 * SECOND_US, &error));
    test_assert_error(&error, TERN_ERROR_NETWORK, "127.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),  cmocka_unit_test(test_hosts_no_proxy_can_be_asked_for),
        cmocka_unit_test(test_stream),         cmocka_unit_test(test_cut_at_each_byte),
        cmocka_unit_test(test_silent_proxy),   cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_no_proxy_there),
    };

    return cmocka_run_group_tests_name("net-socks", tests, NULL, NULL);
}
