/* test-engine-notify.c - what new mail may put into a command's words: never an option, never markup, never a
 * shell. */
#include "store-fixture.h"

#include "engine/event.h"
#include "engine/notify.h"

#include "base/clock.h"
#include "base/queue.h"
#include "base/error.h"
#include "base/spawn.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const NotifyNews ONE = {
    .account = "work", .folder = "INBOX", .from = "Ada", .subject = "Budget; meeting", .count = 1, .id = 17};

static void test_sentences(void **state)
{
    NotifyNews news = ONE;

    (void)state;
    g_autofree char *one = notify_sentence(&news);
    assert_string_equal(one, "Ada: Budget; meeting");
    news.subject = "";
    g_autofree char *no_subject = notify_sentence(&news);
    assert_string_equal(no_subject, "Ada: (no subject)");
    news.from = "";
    g_autofree char *nobody = notify_sentence(&news);
    assert_string_equal(nobody, "(no subject)");
    news.count = 12;
    g_autofree char *many = notify_sentence(&news);
    assert_string_equal(many, "12 new messages in work/INBOX");
}

static void test_words(void **state)
{
    static const struct {
        const char *command, *subject, *from;
        const char *words; /* parted by | */
    } CASES[] = {
        {"notify-send -- tern {text}", "Hi", "Ada", "notify-send|--|tern|Ada: Hi"},
        {"n {subject}", "two words", "Ada", "n|two words"},
        {"n '{subject}' \"{from}\"", "a 'b' \"c\"", "Ada", "n|a 'b' \"c\"|Ada"},
        {"n {subject}", "$(touch /tmp/x); `id` | cat > y", "Ada", "n|$(touch /tmp/x); `id` ¦ cat › y"},
        {"n {subject}", "-u critical", "Ada", "n|‐u critical"},
        {"n -- {subject}", "--help", "Ada", "n|--|‐-help"},
        {"n -{subject}", "-x", "Ada", "n|--x"},
        {"n --title={subject}", "-x", "Ada", "n|--title=-x"},
        {"n {subject}", "<img src='http://x/'> & <b>", "Ada", "n|‹img src='http://x/'› & ‹b›"},
        {"n {subject}", "{from} {subject}", "Ada", "n|{from} {subject}"},
        {"n {subject}{from}", "", "Ada", "n|Ada"},
        {"n {subject}", "", "Ada", "n|"},
        {"n {nothing} {", "", "Ada", "n|{nothing}|{"},
        {"{subject} {folder}/{account}:{count}#{id}", "rm", "Ada", "{subject}|INBOX/work:1#17"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        NotifyNews news = ONE;
        news.subject = CASES[i].subject;
        news.from = CASES[i].from;
        g_auto(GStrv) words = notify_words(CASES[i].command, &news, NULL);
        for (char **word = words; *word; word++) {
            g_auto(GStrv) parts = g_strsplit(*word, "|", -1);
            g_free(*word);
            *word = g_strjoinv("¦", parts);
        }
        g_autofree char *joined = g_strjoinv("|", words);
        assert_string_equal(joined, CASES[i].words);
    }
}

static void test_no_words(void **state)
{
    static const char *const COMMANDS[] = {"", "   ", "n 'open", "n \"open", "n \\"};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(COMMANDS); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(notify_words(COMMANDS[i], &ONE, &error));
        assert_true(tern_error_is(error, TERN_ERROR_CONFIG));
    }
}

static void test_environment(void **state)
{
    g_auto(GStrv) environment = notify_environment(&ONE);

    (void)state;
    assert_string_equal(g_environ_getenv(environment, "TERN_TEXT"), "Ada: Budget; meeting");
    assert_string_equal(g_environ_getenv(environment, "TERN_FROM"), "Ada");
    assert_string_equal(g_environ_getenv(environment, "TERN_COUNT"), "1");
    assert_string_equal(g_environ_getenv(environment, "TERN_FOLDER"), "INBOX");
    assert_non_null(g_environ_getenv(environment, "PATH"));
    assert_null(g_getenv("TERN_TEXT"));
}

/* ---- the program ---- */

static gboolean run(const char *const *words, int64_t deadline_us, Cancel *cancel, GError **error)
{
    g_auto(GStrv) environment = notify_environment(&ONE);

    return spawn_argv(words, (const char *const *)environment, deadline_us, cancel, error);
}

static void test_a_program(void **state)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "tern-notify-XXXXXX", NULL);
    g_autofree char *text = NULL;

    (void)state;
    const int fd = g_mkstemp(path);
    g_close(fd, NULL);
    const char *const words[] = {"sh", "-c",   "echo lost; printf %s \"$1 $TERN_SUBJECT\" > \"$0\"",
                                 path, "word", NULL};
    assert_true(run(words, DEADLINE_NONE, NULL, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "word Budget; meeting");
    g_unlink(path);
}

static void test_a_program_that_fails(void **state)
{
    static const struct {
        const char *words[4];
        const char *sentence;
    } CASES[] = {{{"/nowhere/program", NULL}, "cannot run “/nowhere/program”"},
                 {{"false", NULL}, "“false” failed with status 1"},
                 {{"sh", "-c", "kill -9 $$", NULL}, "“sh” was ended by signal 9"},
                 {{"sleep", "600", NULL}, "“sleep” did not end in time"}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        /* Only the last one needs its time. */
        const int64_t time_us = i == 3 ? SECOND_US / 5 : 60 * SECOND_US;
        assert_false(run(CASES[i].words, clock_now_us() + time_us, NULL, &error));
        assert_true(tern_error_is(error, TERN_ERROR_INPUT));
        assert_true(g_str_has_prefix(error->message, CASES[i].sentence));
    }
}

static void test_cancelled(void **state)
{
    const char *const words[] = {"sleep", "600", NULL};
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;

    (void)state;
    cancel_trigger(cancel);
    assert_false(run(words, DEADLINE_NONE, cancel, &error));
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
}

/* ---- what is told ---- */

static void take_event(EngineEvent *event, guint crew, void *queue)
{
    (void)crew;
    queue_try_push(queue, event);
}

/* The next one: its folder, and how many messages came. */
static void assert_told(Queue *queue, const char *folder, int messages)
{
    EngineEvent *event = queue_pop(queue, clock_now_us() + 60 * SECOND_US);

    assert_non_null(event);
    assert_int_equal(event->kind, ENGINE_EVENT_ARRIVED);
    assert_string_equal(event->folder, folder);
    assert_int_equal(event->new_messages, messages);
    engine_event_free(event);
}

static void arrive(Fixture *fixture, GStringChunk *pool, int64_t folder, uint32_t uid, const char *email_id)
{
    StoreNewMessage message = fixture_message(pool, uid, 1600000000, (int)uid, NULL);

    message.email_id = email_id;
    fixture_add(fixture, folder, &message, 1);
}

/* In Gmail's All Mail and under a label: by whichever folder it is heard of first. */
static void test_the_same_message_is_told_once(void **state)
{
    Fixture *fixture = *state;
    Queue *queue = queue_new(0, NULL); /* TSan does not see into GLib's */
    g_autoptr(GStringChunk) pool = g_string_chunk_new(1024);
    Config *config = config_parse("[tern]\n", 7, "tern.conf", 0);
    const int64_t archive = fixture_folder(fixture, "Archive");
    Notifier *notifier = notifier_start(config, fixture->store, &(NotifyPost){take_event, queue, 0}, NULL);

    assert_non_null(notifier);
    arrive(fixture, pool, fixture->inbox, 1, "M1");
    notifier_arrived(notifier, fixture->inbox, 1, 0);
    assert_told(queue, "INBOX", 1);
    arrive(fixture, pool, archive, 11, "M1");
    arrive(fixture, pool, archive, 12, "M2");
    arrive(fixture, pool, archive, 13, NULL);
    notifier_arrived(notifier, archive, 11, 0);
    assert_told(queue, "Archive", 2);
    /* Nothing is left of these two folders; what comes after them is told alone. */
    notifier_arrived(notifier, fixture->inbox, 1, 0);
    arrive(fixture, pool, fixture->sent, 21, "M1");
    arrive(fixture, pool, fixture->sent, 22, "M4");
    notifier_arrived(notifier, fixture->sent, 21, 0);
    assert_told(queue, "Sent", 1);
    notifier_stop(notifier);
    assert_null(queue_pop(queue, clock_now_us()));
    queue_free(queue);
    config_unref(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_no_words),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_a_program),
        cmocka_unit_test(test_a_program_that_fails),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test_setup_teardown(test_the_same_message_is_told_once, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests_name("engine-notify", tests, NULL, NULL);
}
