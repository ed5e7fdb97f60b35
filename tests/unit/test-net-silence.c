/*
 * test-net-silence.c - a link that goes silent without being closed, in two networks of its own: nothing but
 * the kernel's probes can notice, and within 35 s they do. Takes half a minute; needs to be root.
 */
#include "base/clock.h"
#include "base/error.h"
#include "net/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT 1143
#define SKIPPED 77

static void run(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void run(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *command = g_strdup_vprintf(format, args);
    va_end(args);
    if (system(command) != 0)
        _exit(SKIPPED);
}

/* The other network: greets, and answers nothing any more once it is told to be silent. */
static void serve(int ready, int silence)
{
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    char byte = 0;

    if (unshare(CLONE_NEWNET) < 0 || write(ready, &byte, 1) != 1 ||
        read(silence, &byte, 1) != 1) /* the wire is there */
        _exit(SKIPPED);
    run("ip link set lo up && ip address add 192.0.2.2/24 dev v1 && ip link set v1 up");
    const int door = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(door, (const struct sockaddr *)&address, sizeof address) < 0 || listen(door, 1) < 0 ||
        write(ready, &byte, 1) != 1)
        _exit(SKIPPED);
    const int fd = accept(door, NULL, NULL);
    if (write(fd, "* OK\n", 5) != 5 || read(silence, &byte, 1) != 1)
        _exit(SKIPPED);
    run("ip route add blackhole 192.0.2.1/32");
    if (write(ready, &byte, 1) != 1)
        _exit(SKIPPED);
    pause();
}

static void tell(int fd)
{
    if (write(fd, "", 1) != 1)
        _exit(SKIPPED);
}

static void hear(int fd)
{
    char byte;

    if (read(fd, &byte, 1) != 1)
        _exit(SKIPPED);
}

/* In a process of its own: 0 when it was noticed in time. */
static int notice_silence(gboolean is_written_to)
{
    int ready[2], silence[2];
    char greeting[5];

    if (unshare(CLONE_NEWNET) < 0 || pipe(ready) < 0 || pipe(silence) < 0)
        return SKIPPED;
    const pid_t server = fork();
    if (server == 0) {
        close(ready[0]);
        close(silence[1]);
        serve(ready[1], silence[0]);
        _exit(0);
    }
    close(ready[1]);
    close(silence[0]);
    hear(ready[0]);
    run("ip link set lo up && ip link add v0 type veth peer name v1 netns %d && ip address add 192.0.2.1/24 "
        "dev v0 && "
        "ip link set v0 up",
        (int)server);
    tell(silence[1]);
    hear(ready[0]);
    const NetTarget target = {.host = "192.0.2.2", .port = PORT, .security = NET_PLAIN};
    g_autoptr(NetStream) stream = net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, NULL);
    if (!stream || net_stream_read(stream, greeting, sizeof greeting, NULL) != sizeof greeting)
        return SKIPPED;
    tell(silence[1]);
    hear(ready[0]);
    const int64_t began_us = clock_now_us();
    g_autoptr(GError) error = NULL;
    if (is_written_to)
        net_stream_write(stream, "a NOOP\r\n", 8, FALSE, NULL);
    const int result = net_stream_wait(stream, NULL, began_us + 60 * SECOND_US, &error);
    const double took_s = (double)(clock_now_us() - began_us) / (double)SECOND_US;
    fprintf(stderr, "%s: noticed after %.1f s: %s\n", is_written_to ? "written to" : "idle", took_s,
            error ? error->message : "not at all");
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return result == NET_ERROR && tern_error_is(error, TERN_ERROR_NETWORK) && took_s < 35 ? 0 : 1;
}

static void test_silence(void **state G_GNUC_UNUSED)
{
    pid_t pids[2];
    int status[2];

    if (geteuid() != 0)
        skip();
    for (int i = 0; i < 2; i++) /* both at once */
        if ((pids[i] = fork()) == 0)
            _exit(notice_silence(i == 1));
    for (int i = 0; i < 2; i++)
        assert_int_equal(waitpid(pids[i], &status[i], 0), pids[i]);
    for (int i = 0; i < 2; i++) {
        assert_true(WIFEXITED(status[i]));
        if (WEXITSTATUS(status[i]) == SKIPPED)
            skip();
        assert_int_equal(WEXITSTATUS(status[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_silence)};

    return cmocka_run_group_tests_name("net-silence", tests, NULL, NULL);
}
