/* test-net-tls.c - TLS: whom a stream trusts, in what words it says no, STARTTLS, closing, floods. */
#include "tests/lib/peer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "net/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS INT64_C(1000)

/* ---- certificates of all kinds, made once ---- */

enum {
    GOOD,
    EXPIRED,
    FUTURE,
    WRONG_HOST,
    IP_ONLY,
    WILDCARD,
    PARTIAL_WILDCARD,
    COMMON_NAME_ONLY,
    CLIENT_ONLY,
    HOSTILE,
    WEAK,
    SELF_SIGNED,
    SELF_SIGNED_EXPIRED_WRONG,
    STRANGER,
    KINDS
};

static const TestCertificateSpec SPECS[KINDS] = {
    [GOOD] = {.subject = "good", .names = "DNS:localhost,DNS:mail.example.org,IP:127.0.0.1,IP:::1"},
    [EXPIRED] = {.subject = "expired", .names = "DNS:localhost", .from_days = -20, .until_days = -10},
    [FUTURE] = {.subject = "future", .names = "DNS:localhost", .from_days = 5},
    [WRONG_HOST] =
        {.subject = "wrong",
         .names = "DNS:a.example,DNS:b.example,DNS:c.example,DNS:d.example,DNS:e.example,DNS:f.example"},
    [IP_ONLY] = {.subject = "ip", .names = "IP:127.0.0.1"},
    [WILDCARD] = {.subject = "wildcard", .names = "DNS:*.example.org"},
    [PARTIAL_WILDCARD] = {.subject = "partial", .names = "DNS:m*.example.org"},
    [COMMON_NAME_ONLY] = {.subject = "localhost"},
    [CLIENT_ONLY] = {.subject = "client", .names = "DNS:localhost", .usage = "clientAuth"},
    [HOSTILE] = {.subject = "x\033]0;owned\007\n\xE2\x80\xAEnimda", .names = "DNS:evil.example"},
    [WEAK] = {.subject = "weak", .names = "DNS:localhost", .rsa_bits = 1024},
    [SELF_SIGNED] = {.subject = "self", .names = "DNS:localhost"},
    [SELF_SIGNED_EXPIRED_WRONG] = {.subject = "worst",
                                   .names = "DNS:other.example",
                                   .from_days = -20,
                                   .until_days = -10},
    [STRANGER] = {.subject = "stranger", .names = "DNS:localhost"},
};

static TestCertificate *authority, *other_authority, *certificates[KINDS];
static char *ca_file, *not_a_certificate;

static int make_certificates(void **state G_GNUC_UNUSED)
{
    TestCertificateSpec ca = {.subject = "Test Authority", .is_authority = TRUE};
    authority = test_certificate_new(&ca, NULL);
    other_authority = test_certificate_new(&ca, NULL);
    for (int kind = 0; kind < KINDS; kind++) {
        TestCertificate *issuer = kind == STRANGER ? other_authority : authority;
        if (kind == SELF_SIGNED || kind == SELF_SIGNED_EXPIRED_WRONG)
            issuer = NULL;
        certificates[kind] = test_certificate_new(&SPECS[kind], issuer);
    }
    ca_file = test_certificate_write(authority);
    not_a_certificate = g_strconcat(ca_file, ".txt", NULL);
    g_file_set_contents(not_a_certificate, "hello\n", -1, NULL);
    return 0;
}

static int free_certificates(void **state G_GNUC_UNUSED)
{
    for (int kind = 0; kind < KINDS; kind++)
        test_certificate_free(certificates[kind]);
    test_certificate_free(authority);
    test_certificate_free(other_authority);
    g_unlink(ca_file);
    g_unlink(not_a_certificate);
    g_free(ca_file);
    g_free(not_a_certificate);
    return 0;
}

static void stop(TestServer *server)
{
    g_autofree char *trouble = test_server_stop(server);

    assert_string_equal(trouble, "");
}

static void serve_tls(TestPeer *peer)
{
    if (test_peer_tls(peer, peer->data, 0, 0) && test_peer_say(peer, "* OK over TLS\r\n"))
        test_peer_expect(peer, "bye\r\n");
}

/* ---- whom it trusts ---- */

static char *right_pin(void)
{
    return test_certificate_fingerprint(certificates[SELF_SIGNED_EXPIRED_WRONG]);
}

static const struct {
    const char *label;
    int kind;
    const char *host;     /* of the target; the connection goes to 127.0.0.1 by a name that means it */
    const char *words[4]; /* of the refusal; none: trusted */
} TRUST[] = {
    {"good by name", GOOD, "localhost", {NULL}},
    {"good by name in capitals", GOOD, "LOCALHOST", {NULL}},
    {"good by address", GOOD, "127.0.0.1", {NULL}},
    {"an address in the certificate", IP_ONLY, "127.0.0.1", {NULL}},
    {"a certificate for the address only", IP_ONLY, "localhost", {"for another host: 127.0.0.1"}},
    {"expired",
     EXPIRED,
     "localhost",
     {"not trusted: it expired on 20", "subject: CN = expired", "SHA-256: "}},
    {"not yet valid", FUTURE, "localhost", {"valid only from 20"}},
    {"wrong host",
     WRONG_HOST,
     "localhost",
     {"for another host: a.example, b.example", "e.example and 1 more"}},
    {"wrong address", WRONG_HOST, "127.0.0.1", {"for another host: a.example"}},
    {"common name only", COMMON_NAME_ONLY, "localhost", {"for another host: no host at all"}},
    {"made for clients", CLIENT_ONLY, "localhost", {"not made for servers"}},
    {"self-signed", SELF_SIGNED, "localhost", {"it is self-signed", "issuer: CN = self", "pin = "}},
    {"three things wrong",
     SELF_SIGNED_EXPIRED_WRONG,
     "localhost",
     {"self-signed", "expired on", "other.example"}},
    {"unknown authority of the same name", STRANGER, "localhost", {"certificate of localhost:"}},
    {"weak key", WEAK, "localhost", {"its key is too weak"}},
    {"hostile names", HOSTILE, "localhost", {"evil.example", "subject: CN = \"x"}},
};

static void open_and_check(int kind, const NetTarget *wanted, const char *const *words)
{
    TestServer *server = test_server_start("127.0.0.1", serve_tls, certificates[kind]);
    NetTarget target = *wanted;
    g_autoptr(GError) error = NULL;
    char bytes[100];

    target.port = test_server_port(server);
    g_autoptr(NetStream) stream = net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, &error);
    if (!words || !words[0]) {
        if (!stream)
            fail_msg("%s", error->message);
        assert_true(net_stream_is_tls(stream));
        assert_int_equal(net_stream_read(stream, bytes, sizeof bytes, NULL), 15);
        assert_true(net_stream_write(stream, "bye\r\n", 5, FALSE, NULL) && net_stream_flush(stream, NULL));
        stop(server);
        return;
    }
    assert_null(stream);
    assert_true(tern_error_is(error, TERN_ERROR_TLS));
    for (int i = 0; i < 4 && words[i]; i++)
        if (!strstr(error->message, words[i]))
            fail_msg("“%s” does not say “%s”", error->message, words[i]);
    stop(server);
}

static void test_trust(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(TRUST); i++) {
        NetTarget target = {.host = TRUST[i].host, .security = NET_TLS, .ca_file = ca_file};
        print_message("%s\n", TRUST[i].label);
        open_and_check(TRUST[i].kind, &target, TRUST[i].words);
    }
}

static void test_refusal_shows_no_control_bytes(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_tls, certificates[HOSTILE]);
    NetTarget target = {
        .host = "localhost", .port = test_server_port(server), .security = NET_TLS, .ca_file = ca_file};
    g_autoptr(GError) error = NULL;

    assert_null(net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, &error));
    assert_true(g_utf8_validate(error->message, -1, NULL));
    assert_null(strchr(error->message, '\033'));
    assert_null(strchr(error->message, '\007'));
    assert_null(strstr(error->message, "\xE2\x80\xAE")); /* right-to-left override */
    /* The reason and six lines, whatever newlines are in the names. */
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    assert_int_equal(g_strv_length(lines), 7);
    stop(server);
}

/* The system's authorities do not know ours, and ca_file replaces them. */
static void test_authorities(void **state G_GNUC_UNUSED)
{
    static const char *const unknown[] = {"the authority that signed it is unknown here", NULL, NULL, NULL};
    g_autofree char *other_file = test_certificate_write(other_authority);
    NetTarget system = {.host = "localhost", .security = NET_TLS};
    NetTarget other = {.host = "localhost", .security = NET_TLS, .ca_file = other_file};
    NetTarget missing = {
        .host = "localhost", .port = 1, .security = NET_TLS, .ca_file = "/nonexistent/ca.pem"};
    g_autoptr(GError) error = NULL;

    open_and_check(GOOD, &system, unknown);
    open_and_check(STRANGER, &other, NULL);
    g_unlink(other_file);

    const char *const files[][2] = {{"/nonexistent/ca.pem", "cannot read ca-file /nonexistent/ca.pem"},
                                    {"/dev/zero", "ca-file /dev/zero is no plain file"},
                                    {not_a_certificate, "holds no certificate"}};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        TestServer *server = test_server_start("127.0.0.1", serve_tls, certificates[GOOD]);
        missing.port = test_server_port(server);
        missing.ca_file = files[i][0];
        assert_null(net_stream_open(&missing, NULL, clock_now_us() + 10 * SECOND_US, &error));
        assert_true(tern_error_is(error, TERN_ERROR_CONFIG));
        assert_non_null(strstr(error->message, files[i][1]));
        g_clear_error(&error);
        stop(server);
    }
}

static void test_pin(void **state G_GNUC_UNUSED)
{
    static const char *const other[] = {"it is not the one that is pinned", "subject: CN = ", NULL, NULL};
    static const char *const weak[] = {"its key is too weak", NULL, NULL, NULL};
    g_autofree char *pin = right_pin();
    g_autofree char *weak_pin = test_certificate_fingerprint(certificates[WEAK]);
    g_autofree char *capitals = g_ascii_strup(pin, -1);
    NetTarget target = {.host = "localhost", .security = NET_TLS, .ca_file = ca_file, .pin = pin};

    open_and_check(SELF_SIGNED_EXPIRED_WRONG, &target, NULL);
    /* A pin replaces the chain: what the authority vouches for is not enough any more. */
    open_and_check(GOOD, &target, other);
    target.pin = capitals;
    open_and_check(SELF_SIGNED_EXPIRED_WRONG, &target, NULL);
    target.pin = weak_pin;
    open_and_check(WEAK, &target, weak);
    pin[3] = pin[3] == '0' ? '1' : '0';
    target.pin = pin;
    open_and_check(SELF_SIGNED_EXPIRED_WRONG, &target, other);
    target.pin = "";
    open_and_check(SELF_SIGNED_EXPIRED_WRONG, &target, other);
}

/* ---- the host, by STARTTLS over a socket pair, so that the name need not resolve ---- */

typedef struct {
    int fd;
    TestCertificate *certificate;
} PairServer;

static void run_pair(void *data)
{
    PairServer *server = data;
    GString *trouble = g_string_new(NULL);
    TestPeer peer = {.fd = server->fd, .trouble = trouble};

    if (test_peer_tls(&peer, server->certificate, 0, 0))
        test_peer_say(&peer, "hi");
    SSL_free(peer.ssl);
    close(server->fd);
    g_string_free(trouble, TRUE);
}

static gboolean pair_trusts(const char *host, int kind)
{
    NetTarget target = {.host = host, .port = 143, .security = NET_STARTTLS, .ca_file = ca_file};
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    PairServer server = {fds[1], certificates[kind]};
    Thread *thread = thread_start("pair", 0, run_pair, &server, NULL);
    NetStream *stream = net_stream_from_fds(fds[0], fds[0], &target, NULL);
    gboolean ok = net_stream_start_tls(stream, NULL);
    net_stream_close(stream);
    thread_join(thread);
    return ok;
}

static void test_names(void **state G_GNUC_UNUSED)
{
    static const struct {
        const char *host;
        int kind;
        gboolean trusted;
    } rows[] = {
        {"mail.example.org", GOOD, TRUE},
        {"MAIL.Example.ORG", GOOD, TRUE},
        {"mail.example.org.", GOOD, TRUE},
        {"mail.example.org.evil.example", GOOD, FALSE},
        {"ail.example.org", GOOD, FALSE},
        {"::1", GOOD, TRUE},
        {"::1%lo", GOOD, TRUE},
        {"::2", GOOD, FALSE},
        {"mail.example.org", WILDCARD, TRUE},
        {"a.mail.example.org", WILDCARD, FALSE},
        {"example.org", WILDCARD, FALSE},
        {"mail.example.org", PARTIAL_WILDCARD, FALSE},
        {"", GOOD, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (pair_trusts(rows[i].host, rows[i].kind) != rows[i].trusted)
            fail_msg("“%s” and certificate %d", rows[i].host, rows[i].kind);
}

/* ---- versions, and peers that do not do TLS ---- */

static void serve_tls_1_1(TestPeer *peer)
{
    test_peer_tls(peer, certificates[GOOD], TLS1_1_VERSION, TLS1_1_VERSION);
}

static void serve_tls_1_2(TestPeer *peer)
{
    if (test_peer_tls(peer, certificates[GOOD], TLS1_2_VERSION, TLS1_2_VERSION))
        test_peer_say(peer, "* OK over TLS\r\n");
}

static void serve_plain_greeting(TestPeer *peer)
{
    test_peer_say(peer, "* OK no TLS here\r\n");
    test_peer_wait_for_end(peer);
}

static void serve_end(TestPeer *peer G_GNUC_UNUSED)
{
}

static void serve_end_in_handshake(TestPeer *peer)
{
    char hello[64];

    test_peer_receive(peer, hello, sizeof hello);
    /* The beginning of a record that says it has 200 bytes. */
    test_peer_send(peer, "\x16\x03\x03\x00\xC8\x02", 6);
}

static void serve_silence(TestPeer *peer)
{
    test_peer_wait_for_end(peer);
}

static void test_bad_handshakes(void **state G_GNUC_UNUSED)
{
    static const struct {
        TestServe serve;
        TernErrorKind kind;
        const char *words;
    } rows[] = {
        {serve_tls_1_1, TERN_ERROR_TLS, "1.2 is the least"},
        {serve_plain_greeting, TERN_ERROR_TLS, "does not speak TLS on this port"},
        {serve_end, TERN_ERROR_NETWORK, "closed the connection"},
        {serve_end_in_handshake, TERN_ERROR_NETWORK, "closed the connection"},
        {serve_silence, TERN_ERROR_NETWORK, "does not answer while TLS is being set up"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        TestServer *server = test_server_start("127.0.0.1", rows[i].serve, NULL);
        NetTarget target = {
            .host = "localhost", .port = test_server_port(server), .security = NET_TLS, .ca_file = ca_file};
        g_autoptr(GError) error = NULL;
        int64_t patience_us = rows[i].serve == serve_silence ? 300 * MS : 10 * SECOND_US;
        assert_null(net_stream_open(&target, NULL, clock_now_us() + patience_us, &error));
        print_message("%s\n", error->message);
        assert_int_equal(tern_error_kind(error), rows[i].kind);
        assert_non_null(strstr(error->message, rows[i].words));
        stop(server);
    }
}

static NetStream *open_tls(TestServer *server)
{
    NetTarget target = {
        .host = "localhost", .port = test_server_port(server), .security = NET_TLS, .ca_file = ca_file};
    GError *error = NULL;
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, &error);

    if (!stream)
        fail_msg("%s", error->message);
    return stream;
}

static void test_versions_and_bindings(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_tls_1_2, NULL);
    NetStream *stream = open_tls(server);
    assert_string_equal(net_stream_tls_version(stream), "TLSv1.2");
    assert_null(net_stream_channel_binding(stream, "tls-exporter"));
    g_autoptr(GBytes) unique = net_stream_channel_binding(stream, "tls-unique");
    assert_int_equal(g_bytes_get_size(unique), 12);
    net_stream_close(stream);
    stop(server);

    server = test_server_start("127.0.0.1", serve_tls, certificates[GOOD]);
    stream = open_tls(server);
    assert_string_equal(net_stream_tls_version(stream), "TLSv1.3");
    g_autoptr(GBytes) exporter = net_stream_channel_binding(stream, "tls-exporter");
    assert_int_equal(g_bytes_get_size(exporter), 32);
    assert_null(net_stream_channel_binding(stream, "tls-server-end-point"));
    assert_false(net_stream_is_pinned(stream));
    net_stream_write(stream, "bye\r\n", 5, FALSE, NULL);
    net_stream_flush(stream, NULL);
    net_stream_close(stream);
    stop(server);
}

/* ---- STARTTLS ---- */

static void serve_starttls(TestPeer *peer)
{
    test_peer_say(peer, "* OK hello\r\n");
    test_peer_expect(peer, "a STARTTLS\r\n");
    test_peer_say(peer, "a OK begin\r\n");
    if (test_peer_tls(peer, certificates[GOOD], 0, 0))
        test_peer_say(peer, "inside");
}

/* Somebody in the middle adds a line to the server's OK, to be read later as if it had come through TLS. */
static void serve_injection(TestPeer *peer)
{
    test_peer_say(peer, "* OK hello\r\n");
    test_peer_expect(peer, "a STARTTLS\r\n");
    test_peer_say(peer, "a OK begin\r\n* OK injected\r\n");
    test_peer_wait_for_end(peer);
}

/* The same, a moment later: not in tern's buffer, but in the kernel's. */
static void serve_late_injection(TestPeer *peer)
{
    test_peer_say(peer, "* OK hello\r\n");
    test_peer_expect(peer, "a STARTTLS\r\n");
    test_peer_say(peer, "a OK begin\r\n");
    g_usleep(100 * 1000);
    test_peer_say(peer, "* OK injected\r\n");
    test_peer_wait_for_end(peer);
}

static NetStream *ask_for_tls(TestServer *server)
{
    NetTarget target = {
        .host = "localhost", .port = test_server_port(server), .security = NET_STARTTLS, .ca_file = ca_file};
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, NULL);
    char bytes[100];

    assert_non_null(stream);
    assert_false(net_stream_is_tls(stream));
    assert_int_equal(net_stream_read(stream, bytes, sizeof bytes, NULL), 12);
    assert_true(net_stream_write(stream, "a STARTTLS\r\n", 12, FALSE, NULL));
    assert_int_equal(net_stream_read(stream, bytes, 12, NULL), 12);
    return stream;
}

static void test_starttls(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_starttls, NULL);
    NetStream *stream = ask_for_tls(server);
    g_autoptr(GError) error = NULL;
    char bytes[7] = "";

    assert_true(net_stream_start_tls(stream, NULL));
    assert_true(net_stream_is_tls(stream));
    assert_int_equal(net_stream_read(stream, bytes, 6, NULL), 6);
    assert_string_equal(bytes, "inside");
    assert_false(net_stream_start_tls(stream, &error));
    assert_true(tern_error_is(error, TERN_ERROR_BUG));
    net_stream_close(stream);
    stop(server);
}

static void test_starttls_injection(void **state G_GNUC_UNUSED)
{
    static const TestServe serves[] = {serve_injection, serve_late_injection};

    for (gsize i = 0; i < G_N_ELEMENTS(serves); i++) {
        TestServer *server = test_server_start("127.0.0.1", serves[i], NULL);
        NetStream *stream = ask_for_tls(server);
        g_autoptr(GError) error = NULL;
        char byte;
        g_usleep(300 * 1000);
        assert_false(net_stream_start_tls(stream, &error));
        assert_true(tern_error_is(error, TERN_ERROR_TLS));
        assert_non_null(strstr(error->message, "in the middle"));
        /* Nothing injected can be read. */
        assert_int_equal(net_stream_read(stream, &byte, 1, NULL), -1);
        net_stream_close(stream);
        stop(server);
    }
}

/* Implicit TLS over a tunnel whose caller forgets the handshake: nothing goes out in the clear. */
static void test_no_writing_before_tls(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "localhost", .port = 993, .security = NET_TLS};
    g_autoptr(GError) error = NULL;
    char byte;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    NetStream *stream = net_stream_from_fds(fds[0], fds[0], &target, NULL);
    assert_false(net_stream_write(stream, "a LOGIN ada secret\r\n", 20, TRUE, &error));
    assert_true(tern_error_is(error, TERN_ERROR_BUG));
    net_stream_close(stream);
    assert_int_equal(read(fds[1], &byte, 1), 0);
    close(fds[1]);
}

/* ---- reading, waiting, closing under TLS ---- */

/* One record after the other, then one record cut in two, then none: what OpenSSL holds must be seen by
 * wait. */
static void serve_records(TestPeer *peer)
{
    test_peer_tls(peer, certificates[GOOD], 0, 0);
    for (int i = 0; i < 10; i++)
        test_peer_say(peer, "0123456789");
    test_peer_expect(peer, "more");
    test_peer_say(peer, "last");
    test_peer_wait_for_end(peer);
}

static void test_wait_sees_what_openssl_holds(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_records, NULL);
    NetStream *stream = open_tls(server);
    char bytes[8];
    int got = 0;

    /* Everything is in OpenSSL's buffer by now; poll(2) sees only the first of it. */
    g_usleep(100 * 1000);
    while (got < 100) {
        assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
        gssize n = net_stream_read(stream, bytes, sizeof bytes, NULL);
        assert_true(n > 0);
        got += (int)n;
    }
    assert_int_equal(got, 100);
    assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 50 * MS, NULL), NET_TIMED_OUT);
    assert_true(net_stream_write(stream, "more", 4, FALSE, NULL));
    assert_int_equal(net_stream_wait(stream, NULL, clock_now_us() + 5 * SECOND_US, NULL), NET_READABLE);
    assert_int_equal(net_stream_read(stream, bytes, sizeof bytes, NULL), 4);
    net_stream_close(stream);
    stop(server);
}

static void serve_polite_end(TestPeer *peer)
{
    test_peer_tls(peer, certificates[GOOD], 0, 0);
    test_peer_say(peer, "end");
    SSL_shutdown(peer->ssl);
    test_peer_wait_for_end(peer);
}

static void serve_impolite_end(TestPeer *peer)
{
    test_peer_tls(peer, certificates[GOOD], 0, 0);
    test_peer_say(peer, "end");
}

static void test_end(void **state G_GNUC_UNUSED)
{
    static const TestServe serves[] = {serve_polite_end, serve_impolite_end};

    for (gsize i = 0; i < G_N_ELEMENTS(serves); i++) {
        TestServer *server = test_server_start("127.0.0.1", serves[i], NULL);
        NetStream *stream = open_tls(server);
        g_autoptr(GError) error = NULL;
        char bytes[10];
        assert_int_equal(net_stream_read(stream, bytes, sizeof bytes, NULL), 3);
        assert_int_equal(net_stream_read(stream, bytes, sizeof bytes, NULL), 0);
        assert_int_equal(net_stream_wait(stream, NULL, DEADLINE_NONE, NULL), NET_READABLE);
        net_stream_close(stream);
        stop(server);
    }
}

/* Key updates without end: OpenSSL reads on and on, and never has anything to give. */
static void serve_key_updates(TestPeer *peer)
{
    test_peer_tls(peer, certificates[GOOD], TLS1_3_VERSION, 0);
    while (SSL_key_update(peer->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(peer->ssl) == 1)
        ;
}

typedef struct {
    Cancel *cancel;
    int64_t at_us;
} Later;

static void cancel_later(void *data)
{
    Later *later = data;

    g_usleep(100 * 1000);
    later->at_us = clock_now_us();
    cancel_trigger(later->cancel);
}

static void test_cancel_among_key_updates(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_key_updates, NULL);
    Later later = {.cancel = cancel_new()};
    NetTarget target = {
        .host = "localhost", .port = test_server_port(server), .security = NET_TLS, .ca_file = ca_file};
    NetStream *stream = net_stream_open(&target, later.cancel, clock_now_us() + 10 * SECOND_US, NULL);
    g_autoptr(GError) error = NULL;
    char byte;

    assert_non_null(stream);
    Thread *thread = thread_start("canceller", 0, cancel_later, &later, NULL);
    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    thread_join(thread);
    int64_t took_us = clock_now_us() - later.at_us;
    print_message("cancelled among key updates within %.2f ms\n", (double)took_us / 1000);
    assert_true(took_us < 200 * MS);
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
    net_stream_close(stream);
    cancel_unref(later.cancel);
    stop(server);
}

#define FLOOD (2 << 20)

static void serve_flood_both_ways(TestPeer *peer)
{
    g_autofree char *bytes = g_malloc0(FLOOD);
    gsize got = 0, n;

    test_peer_tls(peer, certificates[GOOD], 0, 0);
    test_peer_send(peer, bytes, FLOOD);
    while (got < FLOOD && (n = test_peer_receive(peer, bytes, 65536)) > 0)
        got += n;
    test_peer_say(peer, "done");
}

static void test_pipelining_both_ways(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_flood_both_ways, NULL);
    NetStream *stream = open_tls(server);
    g_autofree char *bytes = g_malloc0(FLOOD);
    g_autoptr(GError) error = NULL;
    gsize got = 0;

    net_stream_set_timeout(stream, 10 * SECOND_US);
    if (!net_stream_write(stream, bytes, FLOOD, FALSE, &error) || !net_stream_flush(stream, &error))
        fail_msg("%s", error->message);
    while (got < FLOOD + 4) {
        gssize n = net_stream_read(stream, bytes, MIN(FLOOD, FLOOD + 4 - got), NULL);
        assert_true(n > 0);
        got += (gsize)n;
    }
    NetCounters counters = net_stream_counters(stream);
    assert_true(counters.received > FLOOD + 4 && counters.received < FLOOD + FLOOD / 20);
    assert_true(counters.sent > FLOOD && counters.sent < FLOOD + FLOOD / 20);
    net_stream_close(stream);
    stop(server);
}

/* Takes nothing until it is told to end. */
static void serve_takes_nothing(TestPeer *peer)
{
    Wake *end = peer->data;

    test_peer_tls(peer, certificates[GOOD], 0, 0);
    poll(&(struct pollfd){wake_fd(end), POLLIN, 0}, 1, 20000);
}

static void test_close_does_not_wait(void **state G_GNUC_UNUSED)
{
    g_autoptr(Wake) end = wake_new();
    TestServer *server = test_server_start("127.0.0.1", serve_takes_nothing, end);
    NetStream *stream = open_tls(server);
    g_autofree char *bytes = g_malloc0(16 << 20);

    net_stream_set_timeout(stream, 200 * MS);
    while (net_stream_write(stream, bytes, 16 << 20, FALSE, NULL))
        ;
    int64_t before_us = clock_now_us();
    net_stream_close(stream);
    assert_true(clock_now_us() - before_us < 200 * MS);
    wake_set(end);
    stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust),
        cmocka_unit_test(test_refusal_shows_no_control_bytes),
        cmocka_unit_test(test_authorities),
        cmocka_unit_test(test_pin),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bad_handshakes),
        cmocka_unit_test(test_versions_and_bindings),
        cmocka_unit_test(test_starttls),
        cmocka_unit_test(test_starttls_injection),
        cmocka_unit_test(test_no_writing_before_tls),
        cmocka_unit_test(test_wait_sees_what_openssl_holds),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_cancel_among_key_updates),
        cmocka_unit_test(test_pipelining_both_ways),
        cmocka_unit_test(test_close_does_not_wait),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
