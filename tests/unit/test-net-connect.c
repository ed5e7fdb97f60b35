/* test-net-connect.c - names and addresses: racing, failing, waiting, cancelling. Names are made up by a
 * resolver of the test's own; what cannot be reached is a listener on loopback whose backlog is full, so that
 * it answers nothing. */
#include "tests/lib/peer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "net/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define MS INT64_C(1000)

static gboolean has_v6;

/* ---- a host that swallows connections ---- */

typedef struct {
    int listener;
    int fillers[16];
    guint n_fillers;
    uint16_t port;
} BlackHole;

static struct sockaddr_in6 v6_address(const char *text, uint16_t port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    inet_pton(AF_INET6, text, &address.sin6_addr);
    return address;
}

static struct sockaddr_in v4_address(const char *text, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

/* Connects until one connection is not made any more: then all later ones hang as well. */
static void fill_backlog(BlackHole *hole, const struct sockaddr *address, socklen_t size)
{
    for (;;) {
        int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        hole->fillers[hole->n_fillers++] = fd;
        if (connect(fd, address, size) < 0 && errno != EINPROGRESS)
            fail_msg("cannot fill a backlog: %s", strerror(errno));
        struct pollfd done = {fd, POLLOUT, 0};
        if (poll(&done, 1, 100) == 0)
            return;
        assert_true(hole->n_fillers < G_N_ELEMENTS(hole->fillers));
    }
}

static BlackHole black_hole_open(int family)
{
    BlackHole hole = {0};
    struct sockaddr_in6 v6 = v6_address("::1", 0);
    struct sockaddr_in v4 = v4_address("127.0.0.1", 0);
    struct sockaddr *address = family == AF_INET6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t size = family == AF_INET6 ? sizeof v6 : sizeof v4;

    hole.listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(hole.listener, address, size), 0);
    assert_int_equal(listen(hole.listener, 0), 0);
    assert_int_equal(getsockname(hole.listener, address, &size), 0);
    hole.port = ntohs(family == AF_INET6 ? v6.sin6_port : v4.sin_port);
    fill_backlog(&hole, address, size);
    return hole;
}

static void black_hole_close(BlackHole *hole)
{
    for (guint i = 0; i < hole->n_fillers; i++)
        close(hole->fillers[i]);
    close(hole->listener);
}

/* ---- names that mean what the test wants ---- */

typedef struct {
    const char *address;
    uint16_t port;
} Answer;

typedef struct {
    Answer v6[4], v4[4];
    int v6_status, v4_status;
    int v6_delay_ms, v4_delay_ms;
} Zone;

/* What the test's resolver says from now on. Helpers that nobody waits for any more may still read it. */
static Zone published;
static pthread_mutex_t published_lock = PTHREAD_MUTEX_INITIALIZER;

static void publish(const Zone *zone)
{
    pthread_mutex_lock(&published_lock);
    published = *zone;
    pthread_mutex_unlock(&published_lock);
}

static int resolve(const char *host, uint16_t port, int family, NetAddresses *addresses_out)
{
    gboolean is_v6 = family == AF_INET6;

    (void)host, (void)port;
    pthread_mutex_lock(&published_lock);
    Zone zone = published;
    pthread_mutex_unlock(&published_lock);
    g_usleep((gulong)(is_v6 ? zone.v6_delay_ms : zone.v4_delay_ms) * 1000);
    for (const Answer *answer = is_v6 ? zone.v6 : zone.v4; answer->address; answer++) {
        NetAddress *address = &addresses_out->list[addresses_out->n++];
        struct sockaddr_in6 v6 = v6_address(answer->address, answer->port);
        struct sockaddr_in v4 = v4_address(answer->address, answer->port);
        address->size = is_v6 ? sizeof v6 : sizeof v4;
        memcpy(&address->address, is_v6 ? (void *)&v6 : (void *)&v4, address->size);
    }
    return is_v6 ? zone.v6_status : zone.v4_status;
}

static int use_zone(void **state G_GNUC_UNUSED)
{
    net_set_resolver(resolve);
    return 0;
}

static int use_system(void **state G_GNUC_UNUSED)
{
    net_set_resolver(NULL);
    return 0;
}

static void serve_hello(TestPeer *peer)
{
    test_peer_say(peer, "hello");
    test_peer_wait_for_end(peer);
}

typedef struct {
    int family; /* of the connection made; 0: none */
    int64_t took_us;
} Outcome;

static Outcome connect_to(const char *host, uint16_t port, int64_t timeout_us, Cancel *cancel, GError **error)
{
    int64_t before_us = clock_now_us();
    int fd = net_connect(host, port, host, cancel, before_us + timeout_us, error);
    Outcome outcome = {.took_us = clock_now_us() - before_us};
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    if (fd >= 0) {
        assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &size), 0);
        outcome.family = peer.ss_family;
        close(fd);
    }
    return outcome;
}

static void stop(TestServer *server)
{
    g_free(test_server_stop(server));
}

static void need_v6(void)
{
    if (!has_v6)
        skip();
}

/* ---- racing ---- */

static void test_v6_goes_first(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    need_v6();
    TestServer *v6 = test_server_start("::1", serve_hello, NULL);
    TestServer *v4 = test_server_start("127.0.0.1", serve_hello, NULL);
    zone.v6[0] = (Answer){"::1", test_server_port(v6)};
    zone.v4[0] = (Answer){"127.0.0.1", test_server_port(v4)};
    /* IPv4 is known at once, IPv6 within the resolution delay. */
    zone.v6_delay_ms = 10;
    publish(&zone);
    Outcome outcome = connect_to("both.example", 1, 5 * SECOND_US, NULL, NULL);
    assert_int_equal(outcome.family, AF_INET6);
    assert_int_equal(test_server_accepted(v4), 0);
    stop(v6);
    stop(v4);
}

static void test_v4_does_not_wait_long_for_a_slow_name(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    TestServer *v4 = test_server_start("127.0.0.1", serve_hello, NULL);
    zone.v4[0] = (Answer){"127.0.0.1", test_server_port(v4)};
    zone.v6_status = EAI_NONAME;
    zone.v6_delay_ms = 1500;
    publish(&zone);
    Outcome outcome = connect_to("slow6.example", 1, 5 * SECOND_US, NULL, NULL);
    print_message("IPv4 while IPv6 is still looked up: %.1f ms\n", (double)outcome.took_us / 1000);
    assert_int_equal(outcome.family, AF_INET);
    assert_in_range(outcome.took_us, 50 * MS, 1000 * MS);
    stop(v4);
}

static void test_black_hole_of_v6(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    need_v6();
    BlackHole hole = black_hole_open(AF_INET6);
    TestServer *v4 = test_server_start("127.0.0.1", serve_hello, NULL);
    zone.v6[0] = zone.v6[1] = (Answer){"::1", hole.port};
    zone.v4[0] = (Answer){"127.0.0.1", test_server_port(v4)};
    publish(&zone);
    Outcome outcome = connect_to("hole.example", 1, 5 * SECOND_US, NULL, NULL);
    print_message("IPv4 beside an IPv6 that swallows: %.1f ms\n", (double)outcome.took_us / 1000);
    assert_int_equal(outcome.family, AF_INET);
    assert_in_range(outcome.took_us, 240 * MS, 1000 * MS);
    stop(v4);
    black_hole_close(&hole);
}

static void test_refused_goes_on_at_once(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    TestServer *v4 = test_server_start("127.0.0.1", serve_hello, NULL);
    TestServer *gone = test_server_start("127.0.0.1", serve_hello, NULL);
    uint16_t closed_port = test_server_port(gone);
    stop(gone);
    zone.v6_status = EAI_NONAME;
    zone.v4[0] = zone.v4[1] = (Answer){"127.0.0.1", closed_port};
    zone.v4[2] = (Answer){"127.0.0.1", test_server_port(v4)};
    publish(&zone);
    Outcome outcome = connect_to("third.example", 1, 5 * SECOND_US, NULL, NULL);
    assert_int_equal(outcome.family, AF_INET);
    assert_true(outcome.took_us < 240 * MS);
    stop(v4);
}

/* ---- failing ---- */

static void assert_network(GError *error, const char *words)
{
    assert_non_null(error);
    print_message("%s\n", error->message);
    assert_true(tern_error_is(error, TERN_ERROR_NETWORK));
    assert_non_null(strstr(error->message, words));
}

static void test_refused(void **state G_GNUC_UNUSED)
{
    TestServer *gone = test_server_start("127.0.0.1", serve_hello, NULL);
    uint16_t port = test_server_port(gone);
    g_autoptr(GError) error = NULL;

    stop(gone);
    assert_int_equal(connect_to("127.0.0.1", port, 5 * SECOND_US, NULL, &error).family, 0);
    assert_network(error, "127.0.0.1 refused the connection");
}

static void test_names_that_fail(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    static const struct {
        int v6, v4;
        const char *words;
    } rows[] = {
        {EAI_NONAME, EAI_NONAME, "there is no host bad.example"},
        {EAI_NODATA, EAI_AGAIN, "no name server answers"},
        {EAI_AGAIN, EAI_NODATA, "no name server answers"},
        {EAI_NONAME, EAI_FAIL, "cannot look up bad.example"},
        {0, 0, "there is no host"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        zone.v6_status = rows[i].v6;
        zone.v4_status = rows[i].v4;
        publish(&zone);
        assert_int_equal(connect_to("bad.example", 1, 5 * SECOND_US, NULL, &error).family, 0);
        assert_network(error, rows[i].words);
    }
}

/* By the system's resolver: no network is needed to know that .invalid does not exist, and some machines have
 * none. */
static void test_unknown_host(void **state G_GNUC_UNUSED)
{
    NetTarget target = {.host = "no-such-host.invalid", .port = 993, .security = NET_TLS};
    g_autoptr(GError) error = NULL;

    assert_null(net_stream_open(&target, NULL, clock_now_us() + 20 * SECOND_US, &error));
    assert_network(error, "no-such-host.invalid");
}

static void test_impossible_names(void **state G_GNUC_UNUSED)
{
    static const char *const names[] = {"", "a..b", "x\033]0;t\007.example", "\xFF\xFE"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        NetTarget target = {.host = names[i], .port = 993, .security = NET_TLS};
        g_autoptr(GError) error = NULL;
        assert_null(net_stream_open(&target, NULL, clock_now_us() + 20 * SECOND_US, &error));
        assert_true(tern_error_is(error, TERN_ERROR_NETWORK));
        assert_null(strchr(error->message, '\033'));
        assert_true(g_utf8_validate(error->message, -1, NULL));
    }
}

static void test_no_answer_in_time(void **state G_GNUC_UNUSED)
{
    BlackHole hole = black_hole_open(AF_INET);
    g_autoptr(GError) error = NULL;

    Outcome outcome = connect_to("127.0.0.1", hole.port, 200 * MS, NULL, &error);
    assert_int_equal(outcome.family, 0);
    assert_network(error, "does not answer");
    assert_in_range(outcome.took_us, 200 * MS, 2 * SECOND_US);
    black_hole_close(&hole);
}

static void test_lookup_too_slow(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    g_autoptr(GError) error = NULL;

    zone.v6_status = zone.v4_status = EAI_NONAME;
    zone.v6_delay_ms = zone.v4_delay_ms = 700;
    publish(&zone);
    Outcome outcome = connect_to("slow.example", 1, 100 * MS, NULL, &error);
    assert_network(error, "took too long");
    assert_true(outcome.took_us < 600 * MS);
}

/* ---- cancelling ---- */

typedef struct {
    Cancel *cancel;
    int64_t at_us;
} Later;

static void cancel_later(void *data)
{
    Later *later = data;

    g_usleep(50 * 1000);
    later->at_us = clock_now_us();
    cancel_trigger(later->cancel);
}

static void cancel_during(const char *what, const char *host, uint16_t port)
{
    Later later = {.cancel = cancel_new()};
    g_autoptr(GError) error = NULL;
    Thread *thread = thread_start("canceller", 0, cancel_later, &later, NULL);

    assert_int_equal(connect_to(host, port, 10 * SECOND_US, later.cancel, &error).family, 0);
    thread_join(thread);
    int64_t took_us = clock_now_us() - later.at_us;
    print_message("cancelled %s within %.2f ms\n", what, (double)took_us / 1000);
    assert_true(took_us < 200 * MS);
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
    cancel_unref(later.cancel);
}

static void test_cancel(void **state G_GNUC_UNUSED)
{
    Zone zone = {0};
    BlackHole hole = black_hole_open(AF_INET);

    zone.v6_status = zone.v4_status = EAI_NONAME;
    zone.v6_delay_ms = zone.v4_delay_ms = 700;
    publish(&zone);
    cancel_during("a lookup", "slow.example", 1);
    cancel_during("a connect", "127.0.0.1", hole.port);
    black_hole_close(&hole);
}

static int look_for_v6(void **state G_GNUC_UNUSED)
{
    TestServer *probe = test_server_start("::1", serve_hello, NULL);

    has_v6 = probe != NULL;
    if (probe)
        stop(probe);
    else
        print_message("this machine has no ::1: what needs IPv6 is skipped\n");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_v6_goes_first, use_zone, use_system),
        cmocka_unit_test_setup_teardown(test_v4_does_not_wait_long_for_a_slow_name, use_zone, use_system),
        cmocka_unit_test_setup_teardown(test_black_hole_of_v6, use_zone, use_system),
        cmocka_unit_test_setup_teardown(test_refused_goes_on_at_once, use_zone, use_system),
        cmocka_unit_test(test_refused),
        cmocka_unit_test_setup_teardown(test_names_that_fail, use_zone, use_system),
        cmocka_unit_test(test_unknown_host),
        cmocka_unit_test(test_impossible_names),
        cmocka_unit_test(test_no_answer_in_time),
        cmocka_unit_test_setup_teardown(test_lookup_too_slow, use_zone, use_system),
        cmocka_unit_test_setup_teardown(test_cancel, use_zone, use_system),
    };
    return cmocka_run_group_tests(tests, look_for_v6, NULL);
}
