/* streams.c - see streams.h. */
#include "tests/lib/streams.h"

#include "base/clock.h"
#include "base/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

NetStream *test_stream_open(const TestServer *server, Cancel *cancel)
{
    const NetTarget target = {
        .host = "127.0.0.1", .port = test_server_port(server), .security = NET_PLAIN, .label = "test"};
    g_autoptr(GError) error = NULL;
    NetStream *stream = net_stream_open(&target, cancel, clock_now_us() + 5 * SECOND_US, &error);

    if (!stream)
        fail_msg("%s", error->message);
    return stream;
}

char *test_stream_read(NetStream *stream, gsize size)
{
    char *text = g_malloc0(size + 1);
    gsize got = 0;

    while (got < size) {
        g_autoptr(GError) error = NULL;
        gssize n = net_stream_read(stream, text + got, size - got, &error);
        if (n < 0)
            fail_msg("%s", error->message);
        if (n == 0)
            break;
        got += (gsize)n;
    }
    return text;
}

void test_stream_write(NetStream *stream, const char *text)
{
    g_autoptr(GError) error = NULL;

    if (!net_stream_write(stream, text, strlen(text), FALSE, &error))
        fail_msg("%s", error->message);
}

void test_server_end(TestServer *server)
{
    g_autofree char *trouble = test_server_stop(server);

    assert_string_equal(trouble, "");
}

void test_assert_error(GError **error, TernErrorKind kind, const char *words)
{
    assert_non_null(*error);
    assert_string_equal(tern_error_kind_name(tern_error_kind(*error)), tern_error_kind_name(kind));
    if (!strstr((*error)->message, words))
        fail_msg("“%s” does not say “%s”", (*error)->message, words);
    g_clear_error(error);
}

struct TestLater {
    Cancel *cancel;
    Thread *thread;
    int64_t at_us;
};

static void cancel_later(void *data)
{
    TestLater *later = data;

    g_usleep(50 * 1000);
    later->at_us = clock_now_us();
    cancel_trigger(later->cancel);
}

TestLater *test_cancel_later(Cancel *cancel)
{
    TestLater *later = g_new0(TestLater, 1);

    later->cancel = cancel_ref(cancel);
    later->thread = thread_start("canceller", 0, cancel_later, later, NULL);
    assert_non_null(later->thread);
    return later;
}

void test_later_assert_prompt(TestLater *later, const char *what)
{
    const int64_t now_us = clock_now_us();

    thread_join(later->thread);
    const int64_t took_us = now_us - later->at_us;
    print_message("cancelled %s within %.2f ms\n", what, (double)took_us / 1000);
    assert_in_range(took_us, 0, SECOND_US / 5);
    cancel_unref(later->cancel);
    g_free(later);
}
