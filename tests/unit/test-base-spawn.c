/* Other programs: spawn.h. */
#include "base/clock.h"
#include "base/error.h"
#include "base/spawn.h"
#include "base/thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_BYTES 1000

static char *capture(const char *command, GError **error)
{
    return spawn_capture(command, MAX_BYTES, clock_now_us() + 20 * SECOND_US, NULL, error);
}

static void test_capture(void **state)
{
    static const struct {
        const char *command, *output; /* NULL: fails */
        TernErrorKind kind;
        const char *sentence; /* what it must hold */
    } ROWS[] = {
        {"printf secret", "secret", 0, NULL},
        {"printf 'two\\nlines\\n'", "two\nlines\n", 0, NULL},
        {"true", "", 0, NULL},
        {"cat", "", 0, NULL},                        /* nothing on standard input */
        {"sleep 30 & printf done", "done", 0, NULL}, /* its own end counts, not its child's */
        {"printf %1000s x | tr ' ' y | wc -c | tr -d ' \\n'", "1000", 0, NULL},
        {"echo noise >&2; printf fine", "fine", 0, NULL},
        {"head -c 100000 /dev/zero >&2; printf fine", "fine", 0, NULL},
        {"exit 3", NULL, TERN_ERROR_INPUT, "status 3"},
        {"echo 'wrong \033[31m key' >&2; echo more >&2; exit 1", NULL, TERN_ERROR_INPUT, "wrong ·[31m key"},
        {"kill -9 $$", NULL, TERN_ERROR_INPUT, "signal 9"},
        {"no-such-command-at-all", NULL, TERN_ERROR_INPUT, "status 127"},
        {"yes | head -c 2000", NULL, TERN_ERROR_LIMIT, "1000 bytes"},
        {"yes", NULL, TERN_ERROR_LIMIT, "1000 bytes"},
        {"kill -0 $PPID; trap - TERM; kill -TERM $$; sleep 5", NULL, TERN_ERROR_INPUT, "signal 15"},
        {"tty -s && echo has a terminal", NULL, TERN_ERROR_INPUT, "status 1"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *output = capture(ROWS[i].command, &error);
        if (ROWS[i].output) {
            assert_non_null(output);
            assert_string_equal(output, ROWS[i].output);
        } else {
            assert_null(output);
            assert_true(tern_error_is(error, ROWS[i].kind));
            assert_non_null(strstr(error->message, ROWS[i].sentence));
        }
    }
}

static void test_deadline(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    const int64_t began_us = clock_now_us();

    assert_null(spawn_capture("sleep 60", MAX_BYTES, began_us + SECOND_US / 5, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_non_null(strstr(error->message, "in time"));
    assert_true(clock_now_us() - began_us < 10 * SECOND_US);
}

static void trigger_soon(void *data)
{
    g_usleep(100000);
    cancel_trigger(data);
}

static void test_cancel(void **state)
{
    (void)state;
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    Thread *thread = thread_start("cancel", 0, trigger_soon, cancel, NULL);

    assert_null(spawn_capture("sleep 60", MAX_BYTES, DEADLINE_NONE, cancel, &error));
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
    thread_join(thread);
}

/* No child is left over, and nothing that tern ignores or blocks is handed on. */
static void test_clean(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    sigset_t term;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    g_autofree char *masks = capture("grep -E '^Sig(Ign|Blk)' /proc/self/status | tr -d '\\n\\t '", &error);
    sigprocmask(SIG_UNBLOCK, &term, NULL);
    signal(SIGPIPE, SIG_DFL);
    assert_non_null(masks);
    /* Signals 32 and 33 are glibc's own, and its posix_spawn (2.36) leaves them ignored. */
    assert_true(g_str_has_prefix(masks, "SigBlk:0000000000000000SigIgn:"));
    assert_int_equal(g_ascii_strtoull(strrchr(masks, ':') + 1, NULL, 16) & 0x7fffffff, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_foreground(void **state)
{
    const char *const fine[] = {"sh", "-c", "exit 7", NULL};
    const char *const missing[] = {"no-such-command-at-all", NULL};

    (void)state;
    g_autoptr(GError) error = NULL;
    const int status = spawn_foreground(fine, NULL, &error);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_int_equal(spawn_foreground(missing, NULL, &error), -1);
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
}

static void test_foreground_capture(void **state)
{
    static const struct {
        const char *command, *output; /* NULL: fails */
        TernErrorKind kind;
        const char *sentence;
    } ROWS[] = {
        {"printf 'a secret\\n'; echo noise >&2", "a secret\n", 0, NULL},
        {"true", "", 0, NULL},
        {"sleep 30 & printf done", "done", 0, NULL}, /* its own end counts, not its child's */
        {"printf half; exit 3", NULL, TERN_ERROR_INPUT, "status 3"},
        {"kill -9 $$", NULL, TERN_ERROR_INPUT, "signal 9"},
        {"head -c 1000 /dev/zero | tr '\\0' x | wc -c | tr -d '\\n '", "1000", 0, NULL},
        {"head -c 1001 /dev/zero | tr '\\0' x", NULL, TERN_ERROR_LIMIT, "1000 bytes"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *output = spawn_foreground_capture(ROWS[i].command, MAX_BYTES, &error);
        if (ROWS[i].output) {
            assert_non_null(output);
            assert_string_equal(output, ROWS[i].output);
            continue;
        }
        assert_null(output);
        assert_true(tern_error_is(error, ROWS[i].kind));
        assert_non_null(strstr(error->message, ROWS[i].sentence));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capture),    cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_cancel),     cmocka_unit_test(test_clean),
        cmocka_unit_test(test_foreground), cmocka_unit_test(test_foreground_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
