/* test-net-tickets.c - TLS sessions that are resumed, and those that must not be; a certificate of one's
 * own. */
#include "tests/lib/streams.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

/* A server whose connections know each other: one context for all of them. */
typedef struct {
    SSL_CTX *context;
    gboolean is_cut; /* it ends without a goodbye */
    int version;     /* 0: any */
    /* Of the last connection, as the server saw it. */
    int flights; /* how often it spoke after it had heard something, in the handshake */
    gboolean was_speaking;
    char *client; /* the subject of the client's certificate; NULL: none */
} Server;

static TestCertificate *authority, *other_authority, *certificate, *other_certificate, *ada;
static char *ca_file, *other_ca_file, *pin;

static int make_certificates(void **state G_GNUC_UNUSED)
{
    const TestCertificateSpec ca = {.subject = "Test Authority", .is_authority = TRUE};
    const TestCertificateSpec good = {.subject = "good", .names = "DNS:localhost,IP:127.0.0.1"};
    const TestCertificateSpec person = {.subject = "ada", .usage = "clientAuth"};

    authority = test_certificate_new(&ca, NULL);
    other_authority = test_certificate_new(&ca, NULL);
    certificate = test_certificate_new(&good, authority);
    other_certificate = test_certificate_new(&good, other_authority);
    ada = test_certificate_new(&person, authority);
    ca_file = test_certificate_write(authority);
    other_ca_file = test_certificate_write(authority); /* the same, under another name */
    pin = test_certificate_fingerprint(certificate);
    return 0;
}

static int free_certificates(void **state G_GNUC_UNUSED)
{
    test_certificate_free(authority);
    test_certificate_free(other_authority);
    test_certificate_free(certificate);
    test_certificate_free(other_certificate);
    test_certificate_free(ada);
    g_unlink(ca_file);
    g_unlink(other_ca_file);
    g_free(ca_file);
    g_free(other_ca_file);
    g_free(pin);
    return 0;
}

static void on_message(int is_sent, int version G_GNUC_UNUSED, int type, const void *bytes G_GNUC_UNUSED,
                       size_t size G_GNUC_UNUSED, SSL *ssl, void *data)
{
    Server *server = data;

    if (type != SSL3_RT_HANDSHAKE || SSL_is_init_finished(ssl))
        return;
    if (is_sent && !server->was_speaking)
        server->flights++;
    server->was_speaking = is_sent;
}

static int accept_anybody(int ok G_GNUC_UNUSED, X509_STORE_CTX *context G_GNUC_UNUSED)
{
    return 1;
}

static SSL_CTX *context_new(int version, const TestCertificate *shown)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_session_id_context(context, (const guint8 *)"test", 4);
    assert_int_equal(SSL_CTX_use_certificate(context, shown->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, shown->key), 1);
    return context;
}

static void serve(TestPeer *peer)
{
    Server *server = peer->data;

    server->flights = 0;
    server->was_speaking = FALSE;
    g_clear_pointer(&server->client, g_free);
    peer->ssl = SSL_new(server->context);
    SSL_set_msg_callback(peer->ssl, on_message);
    SSL_set_msg_callback_arg(peer->ssl, server);
    SSL_set_fd(peer->ssl, peer->fd);
    if (SSL_accept(peer->ssl) != 1)
        return;
    X509 *theirs = SSL_get0_peer_certificate(peer->ssl);
    if (theirs) {
        char name[100] = "";
        X509_NAME_get_text_by_NID(X509_get_subject_name(theirs), NID_commonName, name, sizeof name);
        server->client = g_strdup(name);
    }
    test_peer_say(peer, "* OK\n");
    if (!server->is_cut)
        test_peer_expect(peer, "bye\n");
}

typedef struct {
    gboolean is_resumed;
    uint64_t received, sent;
} Visit;

/* Connects, reads the greeting (with which TLS 1.3's tickets come), says bye. */
static Visit visit(const TestServer *at, const NetTarget *how)
{
    NetTarget target = *how;
    g_autoptr(GError) error = NULL;

    target.port = test_server_port(at);
    target.security = NET_TLS;
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 5 * SECOND_US, &error);
    if (!stream)
        fail_msg("%s", error->message);
    g_autofree char *greeting = test_stream_read(stream, 5);
    assert_string_equal(greeting, "* OK\n");
    const NetCounters counters = net_stream_counters(stream);
    const Visit result = {net_stream_is_resumed(stream), counters.received, counters.sent};
    net_stream_write(stream, "bye\n", 4, FALSE, NULL);
    net_stream_flush(stream, NULL);
    net_stream_close(stream);
    return result;
}

static NetTarget usual(void)
{
    return (NetTarget){.host = "localhost", .ca_file = ca_file, .label = "test", .account = "ada"};
}

/* ---- resuming ---- */

static void resume(int version, const char *name)
{
    Server server = {.context = context_new(version, certificate)};
    TestServer *at = test_server_start("127.0.0.1", serve, &server);
    const NetTarget target = usual();

    const Visit first = visit(at, &target);
    const int first_flights = server.flights;
    assert_false(first.is_resumed);
    for (int i = 0; i < 5; i++) {
        const Visit again = visit(at, &target);
        assert_true(again.is_resumed);
        assert_true(again.received < first.received);
        if (i == 0)
            print_message("%s: %d bytes received and %d sent, %d flights; resumed %d and %d, %d flights\n",
                          name, (int)first.received, (int)first.sent, first_flights, (int)again.received,
                          (int)again.sent, server.flights);
        /* Under TLS 1.3 the second one is the tickets, for which nobody waits. */
        assert_int_equal(server.flights, version == TLS1_2_VERSION ? 1 : 2);
    }
    assert_int_equal(first_flights, 2);
    SSL_CTX_free(server.context);
    test_server_end(at);
}

static void test_resumed(void **state G_GNUC_UNUSED)
{
    resume(TLS1_2_VERSION, "TLS 1.2");
    resume(TLS1_3_VERSION, "TLS 1.3");
}

/* Two tickets come with a handshake: two connections at once resume, a third does not. */
static void test_single_use(void **state G_GNUC_UNUSED)
{
    Server server = {.context = context_new(TLS1_3_VERSION, certificate)};
    TestServer *at = test_server_start("127.0.0.1", serve, &server);
    const NetTarget target = usual();

    visit(at, &target);
    SSL_CTX_set_num_tickets(server.context, 0);
    assert_true(visit(at, &target).is_resumed);
    assert_true(visit(at, &target).is_resumed);
    assert_false(visit(at, &target).is_resumed);
    SSL_CTX_free(server.context);
    test_server_end(at);
}

static void test_not_resumed_by_others(void **state G_GNUC_UNUSED)
{
    NetTarget others[] = {usual(), usual(), usual(), usual(), usual()};
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    others[0].account = "bob";
    others[1].account = NULL;
    others[2].host = "127.0.0.1";
    others[3].ca_file = other_ca_file;
    others[4].pin = pin;
    for (gsize version = 0; version < G_N_ELEMENTS(VERSIONS); version++) {
        Server server = {.context = context_new(VERSIONS[version], certificate)};
        TestServer *at = test_server_start("127.0.0.1", serve, &server);
        const NetTarget target = usual();
        assert_false(visit(at, &target).is_resumed);
        for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
            assert_false(visit(at, &others[i]).is_resumed);
        assert_true(visit(at, &target).is_resumed);
        assert_false(visit(at, &others[1]).is_resumed); /* keeps none either */
        SSL_CTX_free(server.context);
        test_server_end(at);
    }
}

/* The authorities' file was changed: what was verified by the old one counts no more. */
static void test_not_resumed_after_the_authorities_changed(void **state G_GNUC_UNUSED)
{
    Server server = {.context = context_new(TLS1_3_VERSION, certificate)};
    TestServer *at = test_server_start("127.0.0.1", serve, &server);
    g_autofree char *changing = g_strconcat(ca_file, ".changing", NULL), *text = NULL;
    NetTarget target = usual();
    gsize size;

    assert_true(g_file_get_contents(ca_file, &text, &size, NULL));
    assert_true(g_file_set_contents(changing, text, (gssize)size, NULL));
    target.ca_file = changing;
    visit(at, &target);
    assert_true(visit(at, &target).is_resumed);
    g_autofree char *more = g_strconcat(text, "\n# edited\n", NULL);
    assert_true(g_file_set_contents(changing, more, -1, NULL));
    assert_false(visit(at, &target).is_resumed);
    g_unlink(changing);
    SSL_CTX_free(server.context);
    test_server_end(at);
}

/* The link was cut: that is when resuming is worth most. */
static void test_resumed_after_a_cut(void **state G_GNUC_UNUSED)
{
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    for (gsize i = 0; i < G_N_ELEMENTS(VERSIONS); i++) {
        Server server = {.context = context_new(VERSIONS[i], certificate), .is_cut = TRUE};
        TestServer *at = test_server_start("127.0.0.1", serve, &server);
        const NetTarget target = usual();
        assert_false(visit(at, &target).is_resumed);
        assert_true(visit(at, &target).is_resumed);
        assert_true(visit(at, &target).is_resumed);
        SSL_CTX_free(server.context);
        test_server_end(at);
    }
}

/* A server that does not know it (any more) shakes hands anew, and is verified as at the first time. */
static void test_server_that_forgot(void **state G_GNUC_UNUSED)
{
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    for (gsize i = 0; i < G_N_ELEMENTS(VERSIONS); i++) {
        SSL_CTX *contexts[] = {context_new(VERSIONS[i], certificate), context_new(VERSIONS[i], certificate),
                               context_new(VERSIONS[i], other_certificate)};
        Server server = {.context = contexts[0]};
        TestServer *at = test_server_start("127.0.0.1", serve, &server);
        NetTarget target = usual();
        visit(at, &target);
        server.context = contexts[1];
        assert_false(visit(at, &target).is_resumed);
        assert_true(visit(at, &target).is_resumed);
        /* Somebody else, whom nobody vouches for. */
        server.context = contexts[2];
        g_autoptr(GError) error = NULL;
        target.port = test_server_port(at);
        target.security = NET_TLS;
        assert_null(net_stream_open(&target, NULL, clock_now_us() + 5 * SECOND_US, &error));
        test_assert_error(&error, TERN_ERROR_TLS, "not trusted");
        server.context = contexts[1];
        assert_false(visit(at, &target).is_resumed);
        for (gsize n = 0; n < G_N_ELEMENTS(contexts); n++)
            SSL_CTX_free(contexts[n]);
        test_server_end(at);
    }
}

/* ---- a certificate of one's own ---- */

/* Certificate and key in one file, or each in its own. */
static char *write_person(const TestCertificate *person, gboolean with_key, gboolean with_certificate,
                          const char *passphrase)
{
    char *path = g_strdup_printf("%s/tern-test-person-XXXXXX", g_get_tmp_dir());
    const int fd = g_mkstemp(path);
    FILE *file = fdopen(fd, "w");

    if (with_certificate)
        PEM_write_X509(file, person->certificate);
    if (with_key)
        PEM_write_PrivateKey(file, person->key, passphrase ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL,
                             (void *)passphrase);
    fclose(file);
    return path;
}

static void test_shown_when_asked_for(void **state G_GNUC_UNUSED)
{
    g_autofree char *both = write_person(ada, TRUE, TRUE, NULL), *cert = write_person(ada, FALSE, TRUE, NULL),
                    *key = write_person(ada, TRUE, FALSE, NULL);
    static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    for (gsize i = 0; i < G_N_ELEMENTS(VERSIONS); i++) {
        Server server = {.context = context_new(VERSIONS[i], certificate)};
        TestServer *at = test_server_start("127.0.0.1", serve, &server);
        NetTarget target = usual();
        target.client_cert = both;
        visit(at, &target);
        assert_null(server.client);
        SSL_CTX_set_verify(server.context, SSL_VERIFY_PEER, accept_anybody);
        visit(at, &target);
        assert_string_equal(server.client, "ada");
        target.client_cert = cert;
        target.client_key = key;
        assert_false(visit(at, &target).is_resumed);
        assert_string_equal(server.client, "ada");
        /* One without: nobody is shown. */
        target = usual();
        visit(at, &target);
        assert_null(server.client);
        SSL_CTX_free(server.context);
        test_server_end(at);
    }
    g_unlink(both);
    g_unlink(cert);
    g_unlink(key);
}

static void test_files_that_will_not_do(void **state G_GNUC_UNUSED)
{
    g_autofree char *cert = write_person(ada, FALSE, TRUE, NULL), *key = write_person(ada, TRUE, FALSE, NULL),
                    *locked = write_person(ada, TRUE, FALSE, "open sesame"),
                    *strange = write_person(certificate, TRUE, FALSE, NULL);
    const struct {
        const char *cert, *key, *says;
    } rows[] = {
        {"/nowhere/cert.pem", NULL, "/nowhere/cert.pem"},
        {key, NULL, "no certificate"},
        {cert, NULL, "no private key"},
        {cert, cert, "no private key"},
        {cert, strange, "fits"},
        {cert, locked, "passphrase"},
        {cert, "/nowhere/key.pem", "/nowhere/key.pem"},
    };
    Server server = {.context = context_new(0, certificate)};
    TestServer *at = test_server_start("127.0.0.1", serve, &server);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        NetTarget target = usual();
        g_autoptr(GError) error = NULL;
        target.port = test_server_port(at);
        target.security = NET_TLS;
        target.client_cert = rows[i].cert;
        target.client_key = rows[i].key;
        assert_null(net_stream_open(&target, NULL, clock_now_us() + 5 * SECOND_US, &error));
        test_assert_error(&error, TERN_ERROR_CONFIG, rows[i].says);
    }
    SSL_CTX_free(server.context);
    test_server_end(at);
    g_unlink(cert);
    g_unlink(key);
    g_unlink(locked);
    g_unlink(strange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_single_use),
        cmocka_unit_test(test_not_resumed_by_others),
        cmocka_unit_test(test_not_resumed_after_the_authorities_changed),
        cmocka_unit_test(test_resumed_after_a_cut),
        cmocka_unit_test(test_server_that_forgot),
        cmocka_unit_test(test_shown_when_asked_for),
        cmocka_unit_test(test_files_that_will_not_do),
    };

    return cmocka_run_group_tests_name("net-tickets", tests, make_certificates, free_certificates);
}
