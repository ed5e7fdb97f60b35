/* The engine's beginning and end: nothing waits for it, and it ends whatever its servers do. */
#include "store-fixture.h"

#include "base/clock.h"
#include "base/error.h"
#include "engine/engine.h"
#include "store/locks.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A server that takes connections and never says anything. */
static int listen_on_loopback(uint16_t *port_out)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port_out = ntohs(address.sin_port);
    return fd;
}

static Config *config_for(uint16_t port)
{
    g_autofree char *text = g_strdup_printf("[account work]\naddress = ada@example.org\n"
                                            "incoming = imap://ada@127.0.0.1:%u\npassword = p\n",
                                            port);
    return config_parse(text, strlen(text), "tern.conf", 0600);
}

/* The next event of that kind within five seconds. */
static EngineEvent *wait_for(Engine *engine, EngineEventKind kind)
{
    const int64_t deadline_us = clock_now_us() + 5 * SECOND_US;
    struct pollfd ready = {wake_fd(engine_wake(engine)), POLLIN, 0};

    while (clock_timeout_ms(deadline_us) > 0) {
        wake_clear(engine_wake(engine));
        EngineEvent *event;
        while ((event = engine_next_event(engine))) {
            if (event->kind == kind)
                return event;
            engine_event_free(event);
        }
        poll(&ready, 1, clock_timeout_ms(deadline_us));
    }
    fail_msg("no event of kind %d", (int)kind);
    return NULL;
}

static void test_ends_under_a_silent_server(void **state)
{
    Fixture *fixture = *state;
    uint16_t port;
    const int server = listen_on_loopback(&port);
    g_autoptr(Config) config = config_for(port);

    Engine *engine = engine_start(config, fixture->store, fixture->paths, FALSE, NULL);
    engine_sync(engine, NULL, NULL);
    const int client = accept(server, NULL, NULL);
    assert_true(client >= 0);
    const int64_t began_us = clock_now_us();
    assert_true(engine_stop(engine));
    assert_true(clock_now_us() - began_us < 2 * SECOND_US);
    close(client);
    close(server);
}

/* Parking is told by an event, and cuts off a server that does not answer; afterwards it goes on. */
static void test_parks_under_a_silent_server(void **state)
{
    Fixture *fixture = *state;
    uint16_t port;
    const int server = listen_on_loopback(&port);
    g_autoptr(Config) config = config_for(port);

    Engine *engine = engine_start(config, fixture->store, fixture->paths, FALSE, NULL);
    engine_sync(engine, NULL, NULL);
    const int first = accept(server, NULL, NULL);
    const int64_t began_us = clock_now_us();
    engine_park(engine);
    assert_true(clock_now_us() - began_us < SECOND_US / 4);
    engine_event_free(wait_for(engine, ENGINE_EVENT_PARKED));
    assert_true(clock_now_us() - began_us < 2 * SECOND_US);
    char byte;
    assert_int_equal(recv(first, &byte, 1, 0), 0);
    engine_resume(engine); /* what was asked for and not answered is asked for again */
    const int second = accept(server, NULL, NULL);
    assert_true(second >= 0);
    assert_true(engine_stop(engine));
    close(first);
    close(second);
    close(server);
}

/* A folder stands where the socket should: each request says so, and starting does not. */
static void test_no_socket(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = store_engine_socket_path(fixture->paths);
    g_autofree char *inside = g_build_filename(path, "x", NULL);
    g_autoptr(Config) config = config_for(1);

    assert_int_equal(g_mkdir_with_parents(inside, 0700), 0);
    Engine *engine = engine_start(config, fixture->store, fixture->paths, FALSE, NULL);
    assert_non_null(engine);
    const guint64 request = engine_sync(engine, NULL, NULL);
    g_autoptr(EngineEvent) done = wait_for(engine, ENGINE_EVENT_DONE);
    assert_true(done->request == request);
    assert_true(tern_error_is(done->error, TERN_ERROR_STORE));
    assert_non_null(strstr(done->error->message, path));
    assert_true(engine_stop(engine));
    assert_int_equal(rmdir(inside), 0);
    assert_int_equal(rmdir(path), 0);
}

static void test_offline_refuses_at_once(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) config = config_for(1);

    Engine *engine = engine_start(config, fixture->store, fixture->paths, TRUE, NULL);
    const guint64 request = engine_sync(engine, "work", NULL);
    g_autoptr(EngineEvent) done = wait_for(engine, ENGINE_EVENT_DONE);
    assert_true(done->request == request);
    assert_true(tern_error_is(done->error, TERN_ERROR_NETWORK));
    assert_true(engine_stop(engine));
    assert_true(engine_stop(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ends_under_a_silent_server, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_parks_under_a_silent_server, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_no_socket, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_offline_refuses_at_once, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
