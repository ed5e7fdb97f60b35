/* Threads and what they hand each other: queue.h, wake.h, cancel.h, thread.h. Also run under
 * ThreadSanitizer. */
#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/queue.h"
#include "base/thread.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define ITEMS 20000
#define PRODUCERS 4

static gboolean is_readable(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, 0) == 1;
}

static void test_wake(void **state)
{
    (void)state;
    g_autoptr(Wake) wake = wake_new();

    assert_false(is_readable(wake_fd(wake)));
    assert_false(wake_clear(wake));
    wake_set(wake);
    wake_set(wake);
    assert_true(is_readable(wake_fd(wake)));
    assert_true(wake_clear(wake));
    assert_false(wake_clear(wake));
    assert_false(is_readable(wake_fd(wake)));
}

static void test_cancel(void **state)
{
    (void)state;
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;

    assert_false(cancel_check(cancel, &error));
    assert_null(error);
    cancel_trigger(cancel);
    cancel_trigger(cancel);
    assert_true(is_readable(cancel_fd(cancel)));
    assert_true(cancel_check(cancel, &error));
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
    assert_false(cancel_is_triggered(NULL));
    assert_int_equal(cancel_fd(NULL), -1);
}

static void test_order(void **state)
{
    (void)state;
    g_autoptr(Queue) queue = queue_new(0, NULL);

    assert_null(queue_try_pop(queue));
    for (int i = 1; i <= 100; i++)
        assert_true(queue_try_push(queue, GINT_TO_POINTER(i)));
    assert_int_equal(queue_length(queue), 100);
    for (int i = 1; i <= 100; i++)
        assert_int_equal(GPOINTER_TO_INT(queue_pop(queue, DEADLINE_NONE)), i);
    const int64_t before = clock_now_us();
    assert_null(queue_pop(queue, before + 20000));
    assert_true(clock_now_us() >= before + 20000);
}

static void test_bound(void **state)
{
    (void)state;
    g_autoptr(Queue) queue = queue_new(2, NULL);

    assert_true(queue_try_push(queue, "a"));
    assert_true(queue_try_push(queue, "b"));
    assert_false(queue_try_push(queue, "c"));
    assert_string_equal(queue_try_pop(queue), "a");
    assert_true(queue_try_push(queue, "c"));
}

static int freed;

static void count_free(void *item)
{
    (void)item;
    freed++;
}

static void test_close(void **state)
{
    (void)state;
    Queue *queue = queue_new(0, count_free);

    queue_push(queue, "kept");
    queue_push(queue, "left");
    queue_close(queue);
    assert_true(queue_is_closed(queue));
    assert_false(queue_push(queue, "late"));
    assert_string_equal(queue_pop(queue, DEADLINE_NONE), "kept");
    freed = 0;
    queue_free(queue);
    assert_int_equal(freed, 1);
}

static void produce(void *data)
{
    for (int i = 1; i <= ITEMS; i++)
        queue_push(data, GINT_TO_POINTER(i));
}

/* Four threads push through a narrow queue; nothing gets lost, and each one's order is kept in the sum. */
static void test_producers(void **state)
{
    (void)state;
    g_autoptr(Queue) queue = queue_new(8, NULL);
    Thread *threads[PRODUCERS];
    gint64 sum = 0;

    for (int i = 0; i < PRODUCERS; i++)
        threads[i] = thread_start("producer", 0, produce, queue, NULL);
    for (int i = 0; i < PRODUCERS * ITEMS; i++)
        sum += GPOINTER_TO_INT(queue_pop(queue, DEADLINE_NONE));
    for (int i = 0; i < PRODUCERS; i++)
        thread_join(threads[i]);
    assert_int_equal(queue_length(queue), 0);
    assert_int_equal(sum, (gint64)PRODUCERS * ITEMS * (ITEMS + 1) / 2);
}

static void wait_for_item(void *data)
{
    assert_null(queue_pop(data, DEADLINE_NONE));
}

static void test_close_wakes(void **state)
{
    (void)state;
    g_autoptr(Queue) queue = queue_new(0, NULL);
    Thread *thread = thread_start("waiting", 0, wait_for_item, queue, NULL);

    queue_close(queue);
    thread_join(thread);
}

static void fill_stack(void *data)
{
    volatile char *deep = g_alloca(3 << 20);

    for (size_t i = 0; i < 3 << 20; i += 4096)
        deep[i] = 1;
    *(gboolean *)data = deep[4096] == 1;
}

static void look_at_signals(void *data)
{
    sigset_t blocked;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    *(gboolean *)data = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGWINCH) &&
                        sigismember(&blocked, SIGTSTP) && !sigismember(&blocked, SIGSEGV);
}

static void test_thread(void **state)
{
    (void)state;
    gboolean filled = FALSE, blocked = FALSE;
    sigset_t mine;

    thread_join(thread_start("deep", 4 << 20, fill_stack, &filled, NULL));
    thread_join(thread_start("a name that is longer than fifteen", 0, look_at_signals, &blocked, NULL));
    thread_join(NULL);
    assert_true(filled);
    assert_true(blocked);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_false(sigismember(&mine, SIGTERM));
}

static void test_clock(void **state)
{
    (void)state;
    assert_int_equal(clock_timeout_ms(DEADLINE_NONE), -1);
    assert_int_equal(clock_timeout_ms(clock_now_us() - 1), 0);
    assert_in_range(clock_timeout_ms(clock_now_us() + 1500), 1, 2);
    assert_int_equal(clock_timeout_ms(clock_now_us() + (INT64_C(1) << 60)), G_MAXINT);
    const int64_t asleep = clock_boot_us() - clock_now_us();
    clock_shift_boot_us(3600 * SECOND_US);
    assert_true(clock_boot_us() - clock_now_us() >= asleep + 3600 * SECOND_US - SECOND_US);
    clock_shift_boot_us(-3600 * SECOND_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wake),        cmocka_unit_test(test_cancel), cmocka_unit_test(test_order),
        cmocka_unit_test(test_bound),       cmocka_unit_test(test_close),  cmocka_unit_test(test_producers),
        cmocka_unit_test(test_close_wakes), cmocka_unit_test(test_thread), cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
