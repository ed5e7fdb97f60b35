/* test-net-tunnel.c - a command instead of a connection: talking, ending in every way, being ended. */
#include "tests/lib/streams.h"

#include "base/clock.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static NetStream *start(const char *command, Cancel *cancel)
{
    const NetTarget target = {
        .host = "imap.example.org", .port = 143, .security = NET_PLAIN, .label = "test", .tunnel = command};
    g_autoptr(GError) error = NULL;
    NetStream *stream = net_stream_open(&target, cancel, clock_now_us() + 5 * SECOND_US, &error);

    if (!stream)
        fail_msg("%s", error->message);
    net_stream_set_timeout(stream, 20 * SECOND_US);
    return stream;
}

static void test_talk(void **state G_GNUC_UNUSED)
{
    g_autoptr(NetStream) stream = start("echo '* OK hello'; read line; echo \"you said $line\"", NULL);
    char byte;

    g_autofree char *greeting = test_stream_read(stream, 11);
    assert_string_equal(greeting, "* OK hello\n");
    test_stream_write(stream, "a word\n");
    g_autofree char *answer = test_stream_read(stream, 16);
    assert_string_equal(answer, "you said a word\n");
    assert_true(net_stream_is_tunnel(stream));
    assert_true(net_stream_is_local(stream));
    /* It ended well and without a word: an end like any other. */
    assert_int_equal(net_stream_read(stream, &byte, 1, NULL), 0);
}

static void test_many_bytes(void **state G_GNUC_UNUSED)
{
    g_autoptr(NetStream) stream = start("cat", NULL);
    const gsize size = 3 << 20;
    g_autofree char *bytes = g_malloc(size);

    for (gsize i = 0; i < size; i++)
        bytes[i] = (char)('a' + i % 23);
    assert_true(net_stream_write(stream, bytes, size, FALSE, NULL));
    g_autofree char *back = test_stream_read(stream, size);
    assert_memory_equal(back, bytes, size);
}

static const struct {
    const char *command;
    TernErrorKind kind;
    const char *says;
} ENDS[] = {
    {"exit 3", TERN_ERROR_NETWORK, "ended with status 3"},
    {"echo 'ssh: no route' >&2; exit 255", TERN_ERROR_NETWORK, "status 255: ssh: no route"},
    {"echo banner >&2; printf 'last words' >&2; exit 1", TERN_ERROR_NETWORK, "status 1: last words"},
    /* Whatever it says is made safe. */
    {"printf 'bad \\033]0;x\\007 words\\n' >&2; exit 1", TERN_ERROR_NETWORK, "status 1: bad "},
    {"kill -9 $$", TERN_ERROR_NETWORK, "signal 9"},
    {"/no/such/command-of-tern", TERN_ERROR_CONFIG, "/no/such/command-of-tern"},
    {"echo only words >&2", TERN_ERROR_NETWORK, "status 0: only words"},
    /* It complains without end and without a line. */
    {"head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2; exit 4", TERN_ERROR_NETWORK,
     "status 4: end"},
    /* A child of its own keeps all open; what counts is the command. */
    {"sleep 30 & exec 1>&- 0<&-; exit 5", TERN_ERROR_NETWORK, NULL},
};

static void test_ends(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ENDS); i++) {
        g_autoptr(NetStream) stream = start(ENDS[i].command, NULL);
        g_autoptr(GError) error = NULL;
        char byte;
        if (!ENDS[i].says) /* the stream is still held open: nothing has ended yet */
            net_stream_set_timeout(stream, SECOND_US / 2);
        assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
        assert_null(strchr(error->message, '\033'));
        test_assert_error(&error, ENDS[i].kind, ENDS[i].says ? ENDS[i].says : "status 5");
        assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
        g_clear_error(&error);
    }
}

static void test_end_while_writing(void **state G_GNUC_UNUSED)
{
    g_autoptr(NetStream) stream = start("read line; echo 'had enough' >&2; exit 9", NULL);
    g_autoptr(GError) error = NULL;
    static const char LINE[] = "another line for whoever reads it\n";

    for (int i = 0; i < 1000000 && net_stream_write(stream, LINE, sizeof LINE - 1, FALSE, &error); i++)
        ;
    test_assert_error(&error, TERN_ERROR_NETWORK, "status 9: had enough");
}

/* ---- being ended ---- */

/* One that ended and whose parent is gone stays a zombie where the first process reaps nobody, as in many
 * containers. */
static gboolean is_zombie(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *stat = NULL;

    if (!g_file_get_contents(path, &stat, NULL, NULL))
        return FALSE;
    const char *name_end = strrchr(stat, ')');
    return name_end && g_str_has_prefix(name_end, ") Z");
}

static gboolean is_alive(pid_t pid)
{
    return (kill(pid, 0) == 0 || errno != ESRCH) && !is_zombie(pid);
}

static void assert_gone(pid_t pid, int64_t within_us)
{
    const int64_t until_us = clock_now_us() + within_us;

    while (is_alive(pid)) {
        if (clock_now_us() > until_us)
            fail_msg("process %d is still there", (int)pid);
        g_usleep(10 * 1000);
    }
}

static void close_and_watch(const char *command, int processes, int64_t within_us)
{
    NetStream *stream = start(command, NULL);
    pid_t pids[2] = {0};

    for (int i = 0; i < processes; i++) {
        g_autofree char *line = test_stream_read(stream, 8);
        pids[i] = atoi(line);
        assert_true(pids[i] > 1 && is_alive(pids[i]));
        assert_int_not_equal(getpgid(pids[i]), getpgrp());
    }
    const int64_t before_us = clock_now_us();
    net_stream_close(stream);
    assert_true(clock_now_us() - before_us < SECOND_US / 5);
    for (int i = 0; i < processes; i++)
        assert_gone(pids[i], within_us);
}

static void test_close_ends_the_group(void **state G_GNUC_UNUSED)
{
    close_and_watch("sleep 1000 & printf '%8d%8d' $$ $!; wait", 2, 2 * SECOND_US);
}

static void test_close_ends_the_stubborn(void **state G_GNUC_UNUSED)
{
    close_and_watch("trap '' TERM; printf '%8d' $$; while :; do sleep 1; done", 1, 15 * SECOND_US);
}

static void test_cancel(void **state G_GNUC_UNUSED)
{
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(NetStream) stream = start("sleep 1000", cancel);
    g_autoptr(GError) error = NULL;
    TestLater *later = test_cancel_later(cancel);
    char byte;

    assert_int_equal(net_stream_read(stream, &byte, 1, &error), -1);
    test_later_assert_prompt(later, "a tunnel's silence");
    test_assert_error(&error, TERN_ERROR_CANCELLED, "");
}

/* ---- the trace ---- */

static void test_trace(void **state G_GNUC_UNUSED)
{
    g_autofree char *path = g_strdup_printf("%s/tern-test-tunnel-%d", g_get_tmp_dir(), (int)getpid());
    g_autofree char *trace = NULL;
    char byte;

    assert_true(log_open(path, NULL));
    NetStream *stream =
        start("echo 'a \033[31mwarning' >&2; yes 'and so on' | head -200000 >&2; exit 1 # secret", NULL);
    assert_int_equal(net_stream_read(stream, &byte, 1, NULL), -1);
    net_stream_close(stream);
    log_close();
    assert_true(g_file_get_contents(path, &trace, NULL, NULL));
    g_unlink(path);
    assert_non_null(strstr(trace, "warning"));
    assert_null(strchr(trace, '\033'));
    assert_null(strstr(trace, "secret"));
    /* 2 MB of complaints; 64 KB of them, each with its time and source. */
    assert_true(strlen(trace) < 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talk),
        cmocka_unit_test(test_many_bytes),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_end_while_writing),
        cmocka_unit_test(test_close_ends_the_group),
        cmocka_unit_test(test_close_ends_the_stubborn),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_trace),
    };

    return cmocka_run_group_tests_name("net-tunnel", tests, NULL, NULL);
}
