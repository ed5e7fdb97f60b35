/* A server that says 250 to a message only after tern's own time is over: nobody knows then, and its late word is
 * taken for no answer to anything. */
#include "smtp/send.h"
#include "tests/lib/streams.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* For what the server answers at once, and for a message, which it answers when the client has given up. */
#define COMMAND_US G_GINT64_CONSTANT(60000000)
#define MESSAGE_US G_GINT64_CONSTANT(200000)

static sem_t given_up, told;

static void serve(TestPeer *peer)
{
    gboolean is_text = FALSE;

    test_peer_say(peer, "220 mail.example.org ESMTP\r\n");
    for (;;) {
        g_autofree char *line = test_peer_read_line(peer);
        if (!line)
            return;
        if (is_text && strcmp(line, ".") != 0)
            continue;
        if (is_text)
            break;
        is_text = g_str_has_prefix(line, "DATA");
        test_peer_say(peer, is_text ? "354 go on\r\n" : "250 OK\r\n");
    }
    sem_wait(&given_up);
    test_peer_say(peer, "250 kept after all\r\n");
    sem_post(&told);
    test_peer_wait_for_end(peer);
}

static gboolean mark(void *data, GError **error)
{
    (void)error;
    *(gboolean *)data = TRUE;
    return TRUE;
}

static void test_late(void **state)
{
    static const char TEXT[] = "Subject: x\n\nHi\n";
    const char *const recipients[] = {"bob@example.org", NULL};
    TestServer *server = test_server_start("127.0.0.1", serve, NULL);
    g_autoptr(SmtpSession) session = smtp_session_new(test_stream_open(server, NULL));
    g_auto(SmtpResult) result = {0};
    g_autoptr(GError) error = NULL;
    gboolean is_marked = FALSE;

    (void)state;
    sem_init(&given_up, 0, 0);
    sem_init(&told, 0, 0);
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "tern-late-XXXXXX", NULL);
    const int fd = g_mkstemp(path);
    assert_true(fd >= 0 && unlink(path) == 0);
    assert_int_equal(write(fd, TEXT, strlen(TEXT)), strlen(TEXT));
    smtp_session_set_patience(session, COMMAND_US, MESSAGE_US);
    assert_true(smtp_greet(session, &error));
    const SmtpMessage message = {.sender = "ada@example.org",
                                 .recipients = recipients,
                                 .fd = fd,
                                 .before_end = mark,
                                 .data = &is_marked};
    assert_false(smtp_send(session, &message, &result, &error));
    test_assert_error(&error, TERN_ERROR_NETWORK, "");
    assert_true(is_marked && result.is_unknown);
    assert_int_equal(result.recipients[0].fate, SMTP_NOT_TRIED);
    sem_post(&given_up);
    sem_wait(&told);
    assert_false(smtp_noop(session, &error)); /* the late 250 is not its answer */
    assert_non_null(error);
    g_clear_pointer(&session, smtp_session_free);
    close(fd);
    test_server_end(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_late)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
