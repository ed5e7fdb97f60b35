/* test-auth-sasl.c - logins against libgsasl's server side: every mechanism, channel binding, refusals,
 * lies. */
#include "tests/lib/gsasl-peer.h"

#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

static TestCertificate *authority, *certificate;
static char *ca_file, *pin;

static int make_certificates(void **state G_GNUC_UNUSED)
{
    static const TestCertificateSpec ca = {.subject = "Test Authority", .is_authority = TRUE};
    static const TestCertificateSpec leaf = {.subject = "server", .names = "IP:127.0.0.1"};

    authority = test_certificate_new(&ca, NULL);
    certificate = test_certificate_new(&leaf, authority);
    ca_file = test_certificate_write(authority);
    pin = test_certificate_fingerprint(certificate);
    return 0;
}

static int free_certificates(void **state G_GNUC_UNUSED)
{
    test_certificate_free(certificate);
    test_certificate_free(authority);
    g_unlink(ca_file);
    g_free(ca_file);
    g_free(pin);
    return 0;
}

/* ---- a client that speaks just enough IMAP ---- */

static char *read_line(NetStream *stream)
{
    GString *line = g_string_new(NULL);
    char c;

    while (net_stream_read(stream, &c, 1, NULL) == 1 && c != '\n')
        if (c != '\r')
            g_string_append_c(line, c);
    return g_string_free(line, FALSE);
}

static void say(NetStream *stream, const char *a, const char *b, const char *c)
{
    g_autofree char *line = g_strconcat(a, b, c, "\r\n", NULL);

    assert_true(net_stream_write(stream, line, strlen(line), TRUE, NULL));
}

/* One attempt. The server's verdict; an error of auth's ends it with "*". */
static gboolean attempt(NetStream *stream, AuthSasl *sasl, GError **error)
{
    char *answer = NULL;
    gboolean failed = FALSE;

    if (auth_sasl_is_login_command(sasl)) {
        say(stream, "a LOGIN \"ada\" \"pencil\"", "", "");
    } else if (auth_sasl_is_client_first(sasl)) {
        if (!auth_sasl_step(sasl, "", &answer, error))
            return FALSE;
        g_autofree char *command = g_strconcat("a AUTHENTICATE ", auth_sasl_mechanism(sasl), " ", NULL);
        say(stream, command, answer, "");
    } else {
        say(stream, "a AUTHENTICATE ", auth_sasl_mechanism(sasl), "");
    }
    auth_secret_free(answer);
    for (;;) {
        g_autofree char *line = read_line(stream);
        if (!g_str_has_prefix(line, "+ "))
            return !failed && g_str_has_prefix(line, "a OK") && auth_sasl_finish(sasl, error);
        failed = failed || !auth_sasl_step(sasl, line + 2, &answer, error);
        say(stream, failed ? "*" : answer, "", "");
        auth_secret_free(answer);
    }
}

typedef struct {
    gboolean ok;
    int attempts;
    char *mechanism, *hint;
    GError *error;
} Outcome;

static void clear_outcome(Outcome *outcome)
{
    g_free(outcome->mechanism);
    g_free(outcome->hint);
    g_clear_error(&outcome->error);
}

static NetStream *connect_to(TestServer *server, const TestGsasl *options, gboolean pinned)
{
    NetTarget target = {.host = "127.0.0.1",
                        .port = test_server_port(server),
                        .security = options->certificate ? NET_TLS : NET_PLAIN,
                        .ca_file = ca_file,
                        .pin = pinned ? pin : NULL};
    GError *error = NULL;
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, &error);

    if (!stream)
        fail_msg("%s", error->message);
    return stream;
}

static Outcome log_in(TestGsasl *options, const char *password, gboolean pinned, gboolean allow_cleartext)
{
    TestServer *server = test_server_start("127.0.0.1", test_gsasl_serve, options);
    NetStream *stream = connect_to(server, options, pinned);
    g_auto(GStrv) offered = g_strsplit(options->mechanisms, " ", -1);
    AuthRequest request = {.offered = (const char *const *)offered,
                           .login_offered = !options->login_disabled,
                           .user = "ada",
                           .password = password,
                           .service = "imap",
                           .host = "127.0.0.1",
                           .stream = stream,
                           .allow_cleartext = allow_cleartext};
    Outcome outcome = {0};

    g_free(read_line(stream));
    AuthSasl *sasl = auth_sasl_new(&request, &outcome.error);
    if (sasl) {
        do {
            g_clear_error(&outcome.error);
            outcome.attempts++;
            outcome.ok = attempt(stream, sasl, &outcome.error);
        } while (!outcome.ok && auth_sasl_retry(sasl));
        outcome.mechanism = g_strdup(auth_sasl_mechanism(sasl));
        outcome.hint = g_strdup(outcome.ok ? NULL : auth_sasl_hint(sasl));
    }
    auth_sasl_free(sasl);
    net_stream_close(stream);
    g_free(test_server_stop(server));
    return outcome;
}

static void log_in_and_count(TestGsasl *options, int attempts)
{
    Outcome outcome = log_in(options, "pencil", FALSE, FALSE);

    assert_true(outcome.ok);
    assert_string_equal(outcome.mechanism, "SCRAM-SHA-256-PLUS");
    assert_int_equal(outcome.attempts, attempts);
    clear_outcome(&outcome);
}

/* ---- who gets in, by what ---- */

#define ALL "SCRAM-SHA-1 LOGIN SCRAM-SHA-256-PLUS PLAIN SCRAM-SHA-256 SCRAM-SHA-1-PLUS GSSAPI"

static const struct {
    const char *label;
    const char *mechanisms;
    int tls; /* -1: none */
    const char *bindings;
    const char *expected;
    int attempts;
} LOGINS[] = {
    {"the strongest of all", ALL, 0, NULL, "SCRAM-SHA-256-PLUS", 1},
    {"TLS 1.2", ALL, TLS1_2_VERSION, NULL, "SCRAM-SHA-256-PLUS", 1},
    {"tls-exporter only", ALL, 0, "tls-exporter", "SCRAM-SHA-256-PLUS", 1},
    {"tls-unique only, under TLS 1.3", ALL, 0, "tls-unique", "SCRAM-SHA-256-PLUS", 2},
    {"SHA-1 bound before SHA-256 unbound", "SCRAM-SHA-256 SCRAM-SHA-1-PLUS", 0, NULL, "SCRAM-SHA-1-PLUS", 1},
    {"no binding offered", "SCRAM-SHA-1 SCRAM-SHA-256 PLAIN", 0, NULL, "SCRAM-SHA-256", 1},
    {"SCRAM-SHA-1", "PLAIN SCRAM-SHA-1", 0, NULL, "SCRAM-SHA-1", 1},
    {"PLAIN", "LOGIN PLAIN", 0, NULL, "PLAIN", 1},
    {"LOGIN", "GSSAPI LOGIN", 0, NULL, "LOGIN", 1},
    {"the command", "GSSAPI", 0, NULL, "LOGIN command", 1},
    {"small letters", "scram-sha-256", -1, NULL, NULL, 0},
    {"SCRAM needs no TLS", "PLAIN SCRAM-SHA-256", -1, NULL, "SCRAM-SHA-256", 1},
    {"-PLUS needs TLS", "SCRAM-SHA-256-PLUS SCRAM-SHA-256", -1, NULL, "SCRAM-SHA-256", 1},
};

static void test_logins(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(LOGINS); i++) {
        TestGsasl options = {.certificate = LOGINS[i].tls == -1 ? NULL : certificate,
                             .tls_version = MAX(LOGINS[i].tls, 0),
                             .mechanisms = LOGINS[i].mechanisms,
                             .user = "ada",
                             .password = "pencil",
                             .bindings = LOGINS[i].bindings};
        Outcome outcome = log_in(&options, "pencil", FALSE, FALSE);
        print_message("%s: %s\n", LOGINS[i].label, outcome.mechanism);
        if (!LOGINS[i].expected) {
            /* The server spells it in its own way and knows only that; the name asked for is ours. */
            assert_string_equal(outcome.mechanism, "SCRAM-SHA-256");
            clear_outcome(&outcome);
            continue;
        }
        if (!outcome.ok)
            fail_msg("%s", outcome.error ? outcome.error->message : "refused");
        assert_string_equal(outcome.mechanism, LOGINS[i].expected);
        assert_int_equal(outcome.attempts, LOGINS[i].attempts);
        clear_outcome(&outcome);
    }
}

/* As Cyrus: the second kind works, and the next login begins with it. */
static void test_binding_refused_late(void **state G_GNUC_UNUSED)
{
    TestGsasl options = {.certificate = certificate,
                         .mechanisms = ALL,
                         .user = "ada",
                         .password = "pencil",
                         .bindings = "tls-exporter"};

    log_in_and_count(&options, 2); /* the one before had tls-unique */
    log_in_and_count(&options, 1);
    options.bindings = "tls-unique";
    options.refuses_late = TRUE;
    log_in_and_count(&options, 2);
    log_in_and_count(&options, 1);
    options.bindings = NULL;
    log_in_and_count(&options, 1);
}

/* What an earlier run kept counts until this one knows better; and no number but those of kinds does. */
static void test_a_kind_that_was_kept(void **state G_GNUC_UNUSED)
{
    static const int NONSENSE[] = {0, -1, 3, G_MAXINT, G_MININT};

    for (gsize i = 0; i < G_N_ELEMENTS(NONSENSE); i++) {
        auth_expect_binding("kept.example.org", NONSENSE[i]);
        assert_int_equal(auth_binding("kept.example.org"), 0);
    }
    auth_expect_binding("kept.example.org", 2);
    assert_int_equal(auth_binding("kept.example.org"), 2);
    auth_expect_binding("kept.example.org", 1);
    assert_int_equal(auth_binding("kept.example.org"), 2);
    assert_int_equal(auth_binding("other.example.org"), 0);
}

static void test_wrong_password(void **state G_GNUC_UNUSED)
{
    static const char *const mechanisms[] = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN",
                                             "LOGIN"};

    for (gsize i = 0; i < G_N_ELEMENTS(mechanisms); i++) {
        TestGsasl options = {
            .certificate = certificate, .mechanisms = mechanisms[i], .user = "ada", .password = "pencil"};
        Outcome outcome = log_in(&options, "stylus", FALSE, FALSE);
        assert_false(outcome.ok);
        /* Tried once, since more would lock the account; but twice where it may be the binding that was
         * refused. */
        assert_int_equal(outcome.attempts, i == 0 ? 2 : 1);
        assert_null(outcome.hint);
        clear_outcome(&outcome);
    }
}

/* ---- channel binding refused ---- */

static void test_somebody_in_the_middle(void **state G_GNUC_UNUSED)
{
    TestGsasl options = {.certificate = certificate,
                         .mechanisms = ALL,
                         .user = "ada",
                         .password = "pencil",
                         .is_in_the_middle = TRUE};

    /* The right password, and the bindings differ: never logged in, and nothing weaker is tried. */
    Outcome outcome = log_in(&options, "pencil", FALSE, FALSE);
    assert_false(outcome.ok);
    assert_string_equal(outcome.mechanism, "SCRAM-SHA-256-PLUS");
    clear_outcome(&outcome);
}

/* All kinds refused: unbound SCRAM only where the certificate is pinned, and never PLAIN. */
static void test_no_binding_taken(void **state G_GNUC_UNUSED)
{
    TestGsasl options = {
        .certificate = certificate, .mechanisms = ALL, .user = "ada", .password = "pencil", .bindings = ""};

    Outcome outcome = log_in(&options, "pencil", TRUE, FALSE);
    assert_true(outcome.ok);
    assert_string_equal(outcome.mechanism, "SCRAM-SHA-256");
    assert_int_equal(outcome.attempts, 3);
    clear_outcome(&outcome);

    static const char *const mechanisms[] = {ALL, "SCRAM-SHA-256-PLUS PLAIN LOGIN"};
    for (gsize i = 0; i < G_N_ELEMENTS(mechanisms); i++) {
        options.mechanisms = mechanisms[i];
        outcome = log_in(&options, "pencil", i == 1, FALSE);
        assert_false(outcome.ok);
        assert_string_equal(outcome.mechanism, "SCRAM-SHA-256-PLUS");
        assert_int_equal(outcome.attempts, 2);
        assert_non_null(strstr(outcome.hint, "pin = "));
        clear_outcome(&outcome);
    }
}

/* ---- servers that lie ---- */

static void test_server_without_proof(void **state G_GNUC_UNUSED)
{
    TestGsasl options = {.certificate = certificate,
                         .mechanisms = "SCRAM-SHA-256",
                         .user = "ada",
                         .password = "pencil",
                         .skips_proof = TRUE};
    Outcome outcome = log_in(&options, "pencil", FALSE, FALSE);

    assert_false(outcome.ok);
    assert_true(tern_error_is(outcome.error, TERN_ERROR_AUTH));
    assert_non_null(strstr(outcome.error->message, "did not prove"));
    clear_outcome(&outcome);
}

static void test_rounds(void **state G_GNUC_UNUSED)
{
    TestGsasl options = {.certificate = certificate,
                         .mechanisms = "SCRAM-SHA-256",
                         .user = "ada",
                         .password = "pencil",
                         .rounds = "2000001"};
    int64_t before_us = clock_now_us();
    Outcome outcome = log_in(&options, "pencil", FALSE, FALSE);

    assert_false(outcome.ok);
    assert_true(tern_error_is(outcome.error, TERN_ERROR_AUTH));
    assert_non_null(strstr(outcome.error->message, "2000001 rounds"));
    assert_true(clock_now_us() - before_us < 20 * SECOND_US);
    clear_outcome(&outcome);
}

/* Challenges as a hostile server may write them, after the client's first message. */
static void test_hostile_challenges(void **state G_GNUC_UNUSED)
{
    static const struct {
        const char *mechanism, *challenge;
        const char *words; /* NULL: taken */
    } rows[] = {
        {"SCRAM-SHA-256", "", "mistake"},
        {"SCRAM-SHA-256", "!!!not base64!!!", "mistake"},
        {"SCRAM-SHA-256", "cj14LHM9YWJjAAAsaT05OTk5OTk5OTk5", "mistake"},    /* a NUL before i= */
        {"SCRAM-SHA-256", "cj14LGk9MSxzPWFiYyxpPTk5OTk5OTk5OTk=", "rounds"}, /* i=1 first */
        {"SCRAM-SHA-256", "cj1ub25zZW5zZSxzPWFiYyxpPTQwOTY=", "mistake"},    /* a nonce that is not ours */
        {"SCRAM-SHA-256", "cj14LHM9YWJjLGk9OTk5OTk5OTk5OTk5OTk=", "rounds"}, /* i=99999999999999 */
        {"SCRAM-SHA-256", "cj14LHM9YWJjLGk9MTg0NDY3NDQwNzM3MDk1NTE2MTcw", "rounds"}, /* more than 64 bits */
        {"SCRAM-SHA-256", "ZT1pbnZhbGlkLXByb29mG1syS20s", "refused the login: invalid-proof"},
        {"PLAIN", "whatever", NULL},
        {"LOGIN", "!!!", NULL},
    };
    NetTarget target = {.host = "h", .port = 1};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(NetStream) stream = net_stream_from_fds(-1, -1, &target, NULL);
        const char *offered[] = {rows[i].mechanism, NULL};
        AuthRequest request = {.offered = offered,
                               .user = "ada",
                               .password = "pencil",
                               .host = "h",
                               .stream = stream,
                               .allow_cleartext = TRUE};
        g_autoptr(AuthSasl) sasl = auth_sasl_new(&request, NULL);
        g_autoptr(GError) error = NULL;
        char *answer = NULL;
        assert_non_null(sasl);
        if (rows[i].words) {
            assert_true(auth_sasl_step(sasl, "", &answer, NULL));
            auth_secret_free(answer);
        }
        gboolean taken = auth_sasl_step(sasl, rows[i].challenge, &answer, &error);
        assert_int_equal(taken, rows[i].words == NULL);
        auth_secret_free(answer);
        if (rows[i].words) {
            assert_true(tern_error_is(error, TERN_ERROR_AUTH));
            if (!strstr(error->message, rows[i].words))
                fail_msg("row %zu: %s", (size_t)i, error->message);
            assert_null(strchr(error->message, '\033'));
        }
        assert_false(auth_sasl_retry(sasl));
    }
}

static void test_more_than_asked_for(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "h", .port = 1};
    g_autoptr(NetStream) stream = net_stream_from_fds(-1, -1, &target, NULL);
    const char *offered[] = {"PLAIN", NULL};
    AuthRequest request = {
        .offered = offered, .user = "ada", .password = "pencil", .stream = stream, .allow_cleartext = TRUE};
    g_autoptr(AuthSasl) sasl = auth_sasl_new(&request, NULL);
    g_autoptr(GError) error = NULL;
    char *answer;

    assert_false(auth_sasl_finish(sasl, NULL));
    assert_true(auth_sasl_step(sasl, "", &answer, NULL));
    assert_string_equal(answer, "AGFkYQBwZW5jaWw=");
    auth_secret_free(answer);
    assert_true(auth_sasl_finish(sasl, NULL));
    assert_false(auth_sasl_step(sasl, "", &answer, &error));
    assert_true(tern_error_is(error, TERN_ERROR_AUTH));
    assert_null(answer);
}

/* ---- nothing safe ---- */

static void test_nothing_safe(void **state G_GNUC_UNUSED)
{
    static const struct {
        const char *mechanisms[4];
        gboolean login_offered, allow_cleartext;
        const char *words[2]; /* none: a mechanism is found */
    } rows[] = {
        {{"PLAIN", "LOGIN"}, TRUE, FALSE, {"PLAIN, LOGIN, LOGIN command", "insecure = yes"}},
        {{"PLAIN"}, FALSE, FALSE, {"(PLAIN)", "use TLS"}},
        {{NULL}, TRUE, FALSE, {"LOGIN command", "use TLS"}},
        {{"GSSAPI", "XOAUTH2"}, FALSE, TRUE, {"it offers GSSAPI, XOAUTH2", "password"}},
        {{"E\033[2Jvil"}, FALSE, TRUE, {"it offers E·[2Jvil", "password"}},
        {{NULL}, FALSE, TRUE, {"no login without TLS", "+starttls"}},
        {{"SCRAM-SHA-256-PLUS"}, FALSE, FALSE, {"it offers SCRAM-SHA-256-PLUS", "password"}},
        {{"PLAIN"}, FALSE, TRUE, {NULL}},
        {{NULL}, TRUE, TRUE, {NULL}},
    };
    NetTarget target = {.host = "h", .port = 1};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(NetStream) stream = net_stream_from_fds(-1, -1, &target, NULL);
        AuthRequest request = {.offered = rows[i].mechanisms,
                               .login_offered = rows[i].login_offered,
                               .user = "ada",
                               .password = "pencil",
                               .host = "mail.example",
                               .stream = stream,
                               .allow_cleartext = rows[i].allow_cleartext};
        g_autoptr(GError) error = NULL;
        g_autoptr(AuthSasl) sasl = auth_sasl_new(&request, &error);
        if (!rows[i].words[0]) {
            assert_non_null(sasl);
            continue;
        }
        assert_null(sasl);
        assert_true(tern_error_is(error, TERN_ERROR_AUTH));
        assert_true(g_str_has_prefix(error->message, "mail.example offers"));
        for (int w = 0; w < 2; w++)
            if (!strstr(error->message, rows[i].words[w]))
                fail_msg("“%s” does not say “%s”", error->message, rows[i].words[w]);
    }
}

/* ---- what was offered before ---- */

static void serve_until_end(TestPeer *peer)
{
    if (!peer->data || test_peer_tls(peer, peer->data, 0, 0))
        test_peer_wait_for_end(peer);
}

static const struct {
    const char *offered;
    AuthStrength least;
    const char *mechanism; /* NULL: refused */
} STRENGTHS[] = {
    {"PLAIN LOGIN", AUTH_UNKNOWN, "PLAIN"},
    {"PLAIN LOGIN", AUTH_SHOWS_PASSWORD, "PLAIN"},
    {"PLAIN LOGIN", AUTH_PROVES, NULL},
    {"PLAIN X-SCRAM-SHA-256 SCRAM", AUTH_PROVES, NULL},
    {"", AUTH_PROVES, NULL},
    {"PLAIN scram-sha-1", AUTH_PROVES, "SCRAM-SHA-1"},
    {"PLAIN SCRAM-SHA-256", AUTH_BINDS, NULL},
    {"SCRAM-SHA-1-PLUS SCRAM-SHA-256", AUTH_BINDS, "SCRAM-SHA-1-PLUS"},
};

static void test_strength(void **state G_GNUC_UNUSED)
{
    TestServer *server = test_server_start("127.0.0.1", serve_until_end, certificate);

    for (gsize i = 0; i < G_N_ELEMENTS(STRENGTHS); i++) {
        const NetTarget target = {
            .host = "127.0.0.1", .port = test_server_port(server), .security = NET_TLS, .ca_file = ca_file};
        g_autoptr(GError) error = NULL;
        NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 5 * SECOND_US, &error);
        if (!stream)
            fail_msg("%s", error->message);
        g_auto(GStrv) offered = g_strsplit(STRENGTHS[i].offered, " ", -1);
        const AuthRequest request = {.offered = (const char *const *)offered,
                                     .login_offered = TRUE,
                                     .user = "ada",
                                     .password = "pencil",
                                     .host = "mail.example.org",
                                     .stream = stream,
                                     .least = STRENGTHS[i].least};
        g_autoptr(AuthSasl) sasl = auth_sasl_new(&request, &error);
        if (!STRENGTHS[i].mechanism) {
            assert_null(sasl);
            assert_true(tern_error_is(error, TERN_ERROR_AUTH));
            assert_non_null(strstr(error->message, "weaker-login = yes"));
            assert_null(strstr(error->message, "pencil"));
        } else {
            assert_non_null(sasl);
            assert_string_equal(auth_sasl_mechanism(sasl), STRENGTHS[i].mechanism);
        }
        g_clear_pointer(&sasl, auth_sasl_free);
        net_stream_close(stream);
    }
    g_free(test_server_stop(server));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logins),
        cmocka_unit_test(test_binding_refused_late),
        cmocka_unit_test(test_a_kind_that_was_kept),
        cmocka_unit_test(test_wrong_password),
        cmocka_unit_test(test_somebody_in_the_middle),
        cmocka_unit_test(test_no_binding_taken),
        cmocka_unit_test(test_server_without_proof),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_hostile_challenges),
        cmocka_unit_test(test_more_than_asked_for),
        cmocka_unit_test(test_strength),
        cmocka_unit_test(test_nothing_safe),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
