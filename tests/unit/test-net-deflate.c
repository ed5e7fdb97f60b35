/* test-net-deflate.c - COMPRESS=DEFLATE: talking, what was read ahead, bombs, nonsense, floods, the trace. */
#include "tests/lib/streams.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* ---- the server's half ---- */

/* Packs with `flush`, a stream of its own or going on with `z`. */
static GByteArray *pack(z_stream *z, const void *bytes, gsize size, int flush)
{
    GByteArray *packed = g_byte_array_new();
    guint8 piece[4096];

    z->next_in = (guint8 *)bytes;
    z->avail_in = (uInt)size;
    do {
        z->next_out = piece;
        z->avail_out = sizeof piece;
        deflate(z, flush);
        g_byte_array_append(packed, piece, (guint)(sizeof piece - z->avail_out));
    } while (z->avail_out == 0);
    return packed;
}

static void pack_init(z_stream *z)
{
    memset(z, 0, sizeof *z);
    assert_int_equal(deflateInit2(z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
}

static GByteArray *pack_once(const void *bytes, gsize size, int flush)
{
    z_stream z;

    pack_init(&z);
    GByteArray *packed = pack(&z, bytes, size, flush);
    deflateEnd(&z);
    return packed;
}

static void say_packed(TestPeer *peer, const char *text, int flush)
{
    g_autoptr(GByteArray) packed = pack_once(text, strlen(text), flush);

    test_peer_send(peer, packed->data, packed->len);
}

/* Unpacks what the client sends until it has said `text` and flushed (an empty stored block ends in these
 * bytes). */
static void expect_packed(TestPeer *peer, z_stream *z, const char *text)
{
    g_autofree char *got = g_malloc0(strlen(text) + 1);
    guint32 last = 0;
    guint8 byte;

    z->next_out = (guint8 *)got;
    z->avail_out = (uInt)strlen(text);
    while ((z->avail_out > 0 || last != 0x0000FFFF) && test_peer_receive(peer, &byte, 1) == 1) {
        last = last << 8 | byte;
        z->next_in = &byte;
        z->avail_in = 1;
        inflate(z, Z_SYNC_FLUSH);
    }
    if (strcmp(got, text) != 0)
        test_peer_trouble(peer, "expected “%s”, got “%s”", text, got);
}

static NetStream *open_compressed(const TestServer *server, Cancel *cancel)
{
    NetStream *stream = test_stream_open(server, cancel);

    g_free(test_stream_read(stream, strlen("OK\n")));
    assert_true(net_stream_compress(stream, NULL, 0, NULL));
    assert_true(net_stream_is_compressed(stream));
    return stream;
}

/* ---- talking ---- */

static void serve_talk(TestPeer *peer)
{
    z_stream in = {0}, out;

    inflateInit2(&in, -15);
    pack_init(&out);
    test_peer_say(peer, "OK\n");
    g_autoptr(GByteArray) hello = pack(&out, "* hello hello hello hello\n", 26, Z_SYNC_FLUSH);
    test_peer_send(peer, hello->data, hello->len);
    expect_packed(peer, &in, "a NOOP\nb NOOP\n");
    g_autoptr(GByteArray) answer = pack(&out, "a OK\nb OK\n", 10, Z_SYNC_FLUSH);
    for (guint i = 0; i < answer->len; i++)
        test_peer_send(peer, answer->data + i, 1);
    expect_packed(peer, &in, "bye\n");
    inflateEnd(&in);
    deflateEnd(&out);
}

static void test_talk(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_talk, NULL);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);

    g_autofree char *hello = test_stream_read(stream, 26);
    assert_string_equal(hello, "* hello hello hello hello\n");
    test_stream_write(stream, "a NOOP\n");
    test_stream_write(stream, "b NOOP\n");
    /* Reading sends what was written. */
    g_autofree char *answer = test_stream_read(stream, 10);
    assert_string_equal(answer, "a OK\nb OK\n");
    test_stream_write(stream, "bye\n");
    assert_true(net_stream_flush(stream, NULL));
    /* Flushing again has nothing to say. */
    const NetCounters before = net_stream_counters(stream);
    assert_true(net_stream_flush(stream, NULL));
    assert_int_equal(net_stream_counters(stream).sent, before.sent);
    assert_int_equal(net_stream_read(stream, answer, 1, NULL), 0);

    const NetCounters counters = net_stream_counters(stream);
    assert_int_equal(counters.text_received, 3 + 26 + 10);
    assert_int_equal(counters.text_sent, 14 + 4);
    assert_true(counters.received < 3 + 26 + 10 + 20);
    test_server_end(server);
}

/* What came in one packet with the server's OK was read by the protocol, and by the stream, before the layer
 * stood. */
static void serve_ahead(TestPeer *peer)
{
    g_autoptr(GByteArray) packed = pack_once("* three\n* four\n", 15, Z_SYNC_FLUSH);
    g_autoptr(GByteArray) all = g_byte_array_new();

    g_byte_array_append(all, (const guint8 *)"OK\n", 3);
    g_byte_array_append(all, packed->data, packed->len);
    test_peer_send(peer, all->data, all->len);
    test_peer_wait_for_end(peer);
}

static void test_read_ahead(void **state G_GNUC_UNUSED)
{
    for (gsize ahead = 0; ahead <= 5; ahead++) {
        TestServer *server = test_server_start("127.0.0.1", serve_ahead, NULL);
        g_autoptr(NetStream) stream = test_stream_open(server, NULL);
        /* The rest of the packet into the stream's own buffer. */
        assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
        g_autofree char *text = test_stream_read(stream, 3 + ahead);
        assert_true(net_stream_compress(stream, text + 3, ahead, NULL));
        g_autofree char *rest = test_stream_read(stream, 15);
        assert_string_equal(rest, "* three\n* four\n");
        assert_int_equal(net_stream_counters(stream).text_received, 18);
        g_clear_pointer(&stream, net_stream_close);
        test_server_end(server);
    }
}

/* ---- hostile servers ---- */

#define BOMB_BYTES (64 << 20)

static void serve_bomb(TestPeer *peer)
{
    g_autofree guint8 *zeros = g_malloc0(BOMB_BYTES);
    g_autoptr(GByteArray) packed = pack_once(zeros, BOMB_BYTES, Z_SYNC_FLUSH);

    test_peer_say(peer, "OK\n");
    test_peer_send(peer, packed->data, packed->len);
    test_peer_wait_for_end(peer);
}

/* A reader that asks for little is given little, and nothing is unpacked beyond that. */
static void test_bomb(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_bomb, NULL);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);
    guint8 few[101];

    for (int i = 0; i < 1000; i++) {
        memset(few, 1, sizeof few);
        const gssize n = net_stream_read(stream, few, 100, NULL);
        assert_in_range(n, 1, 100);
        assert_int_equal(few[n - 1], 0);
        assert_int_equal(few[n], 1);
    }
    /* A packet or two of it were taken from the wire. */
    assert_true(net_stream_counters(stream).text_received <= 100 * 1000 + 3);
    assert_true(net_stream_counters(stream).received <= 64 << 10);
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

static void serve_bomb_and_take_nothing(TestPeer *peer)
{
    g_autofree guint8 *zeros = g_malloc0(BOMB_BYTES);
    g_autoptr(GByteArray) packed = pack_once(zeros, BOMB_BYTES, Z_SYNC_FLUSH);

    test_peer_say(peer, "OK\n");
    test_peer_send(peer, packed->data, packed->len);
    poll(&(struct pollfd){wake_fd(peer->data), POLLIN, 0}, 1, 60000);
}

/* Nor is it read ahead without end while tern writes to somebody who takes nothing. */
static void test_bomb_while_writing(void **state G_GNUC_UNUSED)
{
    g_autoptr(Wake) end = wake_new();
    TestServer *server = test_server_start("127.0.0.1", serve_bomb_and_take_nothing, end);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);
    g_autofree char *noise = g_malloc(16 << 20);
    g_autoptr(GError) error = NULL;
    GRand *random = g_rand_new_with_seed(1);

    for (gsize i = 0; i + 4 <= 16 << 20; i += 4)
        *(guint32 *)(noise + i) = g_rand_int(random);
    g_rand_free(random);
    net_stream_set_timeout(stream, SECOND_US / 2);
    assert_false(net_stream_write(stream, noise, 16 << 20, FALSE, &error));
    test_assert_error(&error, TERN_ERROR_NETWORK, "does not answer");
    /* 1000 to 1 at most: of what would be 64 MB, no more than the read-ahead's limit was unpacked. */
    assert_true(net_stream_counters(stream).received <= LIMIT_NET_READ_AHEAD_BYTES / 1000 + (32 << 10));
    g_clear_pointer(&stream, net_stream_close);
    wake_set(end);
    test_server_end(server);
}

static void serve_nonsense(TestPeer *peer)
{
    test_peer_say(peer, "OK\n");
    say_packed(peer, "* fine\n", Z_SYNC_FLUSH);
    test_peer_say(peer, "* NO in the clear\r\n\377\377\377\377\377\377");
    test_peer_wait_for_end(peer);
}

static void test_nonsense(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_nonsense, NULL);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);
    g_autoptr(GError) error = NULL;
    char bytes[100];
    gssize n;

    g_autofree char *fine = test_stream_read(stream, 7);
    assert_string_equal(fine, "* fine\n");
    while ((n = net_stream_read(stream, bytes, sizeof bytes, &error)) > 0)
        ;
    assert_int_equal(n, -1);
    test_assert_error(&error, TERN_ERROR_PROTOCOL, "cannot be unpacked");
    assert_false(net_stream_flush(stream, &error));
    test_assert_error(&error, TERN_ERROR_PROTOCOL, "cannot be unpacked");
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

/* Stored blocks of no bytes, without end. */
static void serve_emptiness(TestPeer *peer)
{
    guint8 blocks[5000];

    for (gsize i = 0; i < sizeof blocks; i += 5)
        memcpy(blocks + i, "\0\0\0\377\377", 5);
    test_peer_say(peer, "OK\n");
    while (test_peer_send(peer, blocks, sizeof blocks))
        ;
}

static void test_emptiness(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_emptiness, NULL);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);
    g_autoptr(GError) error = NULL;
    char byte;

    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    test_assert_error(&error, TERN_ERROR_PROTOCOL, "cannot be unpacked");
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

static void serve_end(TestPeer *peer)
{
    test_peer_say(peer, "OK\n");
    say_packed(peer, "* BYE\n", peer->data ? Z_FINISH : Z_SYNC_FLUSH);
    if (peer->data)
        test_peer_say(peer, "what comes after the end is nobody's");
}

/* With or without the mark of deflate that it is the end. */
static void test_end(void **state G_GNUC_UNUSED)
{
    for (gsize marked = 0; marked < 2; marked++) {
        TestServer *server = test_server_start("127.0.0.1", serve_end, GSIZE_TO_POINTER(marked));
        g_autoptr(NetStream) stream = open_compressed(server, NULL);
        g_autofree char *text = test_stream_read(stream, 100);
        assert_string_equal(text, "* BYE\n");
        assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
        assert_int_equal(net_stream_read(stream, text, 1, NULL), 0);
        test_server_end(server);
    }
}

/* ---- waiting ---- */

static void serve_one_flight(TestPeer *peer)
{
    test_peer_say(peer, "OK\n");
    say_packed(peer, "1234567890", Z_SYNC_FLUSH);
    test_peer_wait_for_end(peer);
}

/* poll(2) cannot see what inflate() holds. */
static void test_wait_sees_what_is_held(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_one_flight, NULL);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);
    char byte;

    for (char digit = '1'; digit <= '9'; digit++) {
        assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
        assert_int_equal(net_stream_read(stream, &byte, 1, NULL), 1);
        assert_int_equal(byte, digit);
    }
    assert_int_equal(net_stream_read(stream, &byte, 1, NULL), 1);
    assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + SECOND_US / 20, NULL), NET_TIMED_OUT);
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

static void test_cancel(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_one_flight, NULL);
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(NetStream) stream = open_compressed(server, cancel);
    g_autoptr(GError) error = NULL;
    char byte;

    g_free(test_stream_read(stream, 10));
    TestLater *later = test_cancel_later(cancel);
    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    test_later_assert_prompt(later, "a compressed read");
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

/* ---- floods ---- */

#define FLOOD (6 << 20)

/* Bytes that compress a little, the same on both sides. */
static guint8 *make_flood(guint32 seed)
{
    GRand *random = g_rand_new_with_seed(seed);
    guint8 *bytes = g_malloc(FLOOD);

    for (gsize i = 0; i < FLOOD; i++)
        bytes[i] = (guint8)g_rand_int_range(random, 0, 100);
    g_rand_free(random);
    return bytes;
}

/* Sends its own before it takes what the client sends. */
static void serve_flood(TestPeer *peer)
{
    g_autofree guint8 *bytes = make_flood(1), *theirs = make_flood(2), *got = g_malloc0(FLOOD);
    g_autoptr(GByteArray) packed = pack_once(bytes, FLOOD, Z_SYNC_FLUSH);
    guint8 piece[65536];
    z_stream z = {.next_out = got, .avail_out = FLOOD};
    gsize n;

    test_peer_say(peer, "OK\n");
    test_peer_send(peer, packed->data, packed->len);
    inflateInit2(&z, -15);
    while (z.avail_out > 0 && (n = test_peer_receive(peer, piece, sizeof piece)) > 0) {
        z.next_in = piece;
        z.avail_in = (uInt)n;
        if (inflate(&z, Z_SYNC_FLUSH) != Z_OK)
            test_peer_trouble(peer, "the client's flood is no deflate");
    }
    inflateEnd(&z);
    if (memcmp(got, theirs, FLOOD) != 0)
        test_peer_trouble(peer, "the client's flood came otherwise than it was sent");
    say_packed(peer, "done", Z_SYNC_FLUSH);
}

static void test_pipelining_both_ways(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_flood, NULL);
    g_autoptr(NetStream) stream = open_compressed(server, NULL);
    g_autofree guint8 *ours = make_flood(2), *theirs = make_flood(1);
    g_autoptr(GError) error = NULL;

    net_stream_set_timeout(stream, 20 * SECOND_US);
    for (gsize at = 0, size; at < FLOOD; at += size) {
        size = MIN(FLOOD - at, at % 3 ? 70000 : 700);
        if (!net_stream_write(stream, ours + at, size, FALSE, &error))
            fail_msg("%s", error->message);
    }
    g_autofree char *got = test_stream_read(stream, FLOOD);
    assert_memory_equal(got, theirs, FLOOD);
    const NetCounters counters = net_stream_counters(stream);
    assert_int_equal(counters.text_sent, FLOOD);
    assert_true(counters.sent < FLOOD * 9 / 10);
    assert_true(counters.received < FLOOD * 9 / 10);
    g_clear_pointer(&stream, net_stream_close);
    test_server_end(server);
}

/* ---- order of layers ---- */

static void serve_ok(TestPeer *peer)
{
    test_peer_say(peer, "OK\n");
    test_peer_wait_for_end(peer);
}

static void test_refused_where_it_has_no_place(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_ok, NULL);
    const NetTarget target = {
        .host = "127.0.0.1", .port = test_server_port(server), .security = NET_STARTTLS};
    g_autoptr(GError) error = NULL;
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 5 * SECOND_US, NULL);

    assert_non_null(stream);
    assert_false(net_stream_compress(stream, NULL, 0, &error));
    test_assert_error(&error, TERN_ERROR_BUG, "compression");
    net_stream_close(stream);

    stream = open_compressed(server, NULL);
    assert_false(net_stream_compress(stream, NULL, 0, &error));
    test_assert_error(&error, TERN_ERROR_BUG, "compression");
    assert_false(net_stream_start_tls(stream, &error));
    test_assert_error(&error, TERN_ERROR_BUG, "TLS");
    net_stream_close(stream);
    test_server_end(server);
}

/* ---- the trace ---- */

static void serve_traced(TestPeer *peer)
{
    z_stream in = {0};

    inflateInit2(&in, -15);
    test_peer_say(peer, "OK\n");
    say_packed(peer, "* in words in words in words\n", Z_SYNC_FLUSH);
    expect_packed(peer, &in, "x hunter2 y\n");
    inflateEnd(&in);
}

static void test_trace(void **state G_GNUC_UNUSED)
{
    g_autofree char *path = g_strdup_printf("%s/tern-test-deflate-%d", g_get_tmp_dir(), (int)getpid());
    g_autofree char *trace = NULL;

    assert_true(log_open(path, NULL));
    TestServer *server = test_server_start("127.0.0.1", serve_traced, NULL);
    NetStream *stream = open_compressed(server, NULL);
    g_free(test_stream_read(stream, 29));
    test_stream_write(stream, "x ");
    net_stream_write(stream, "hunter2", 7, TRUE, NULL);
    test_stream_write(stream, " y\n");
    g_free(test_stream_read(stream, 1));
    net_stream_close(stream);
    log_close();
    test_server_end(server);

    assert_true(g_file_get_contents(path, &trace, NULL, NULL));
    g_unlink(path);
    assert_non_null(strstr(trace, "in words in words in words"));
    assert_non_null(strstr(trace, "compressed from here on"));
    assert_null(strstr(trace, "hunter2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_read_ahead),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_bomb_while_writing),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_emptiness),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_wait_sees_what_is_held),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_pipelining_both_ways),
        cmocka_unit_test(test_refused_where_it_has_no_place),
        cmocka_unit_test(test_trace),
    };

    return cmocka_run_group_tests_name("net-deflate", tests, NULL, NULL);
}
