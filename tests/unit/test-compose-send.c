/* test-compose-send.c - from draft to outbox, and back as long as nobody has it. */
#include "temp-folder.h"

#include "base/error.h"
#include "compose/send.h"
#include "maildir/outbox.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char *data; /* a folder of this run */

static const char SENDING[] = "[account work]\naddress = ada@example.org\nincoming = imaps://h\n"
                              "outgoing = smtps://h\n";

/* A draft that was sent, and waits. */
static Draft *queued(const Config *read, int64_t *id_out)
{
    const SendWants wants = {.config = read, .data = data, .delay_s = 60};
    Draft *draft = draft_new(NULL);

    draft_set(draft, DRAFT_FROM, "ada@example.org");
    draft_set(draft, DRAFT_TO, "bob@x.org, eve@x.org");
    draft_set_body(draft, "Hi\n", 3);
    assert_true(draft_save(draft, data, NULL));
    assert_true(send_queue(draft, &wants, id_out, NULL));
    return draft;
}

typedef struct {
    char *draft; /* its file */
    int64_t id;
    gboolean has_gone;
} Race;

static gboolean goes(OutboxEnvelope *envelope, void *has_gone, GError **error)
{
    (void)envelope, (void)error;
    *(gboolean *)has_gone = TRUE;
    return TRUE;
}

/* It is sent, just when its draft is there again. */
static void *send_meanwhile(void *argument)
{
    Race *race = argument;
    g_autoptr(Outbox) outbox = outbox_open(data, NULL);

    while (access(race->draft, F_OK) != 0)
        g_thread_yield();
    outbox_remove(outbox, race->id, goes, &race->has_gone, NULL);
    return NULL;
}

/* What was taken back was not sent, whoever was faster. */
static void test_taken_back(void **state)
{
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);

    (void)state;
    for (int i = 0; i < 50; i++) {
        Race race = {NULL, 0, FALSE};
        g_autoptr(Draft) draft = queued(read, &race.id);
        g_autofree char *name = g_strconcat(draft->id, ":2,DS", NULL);
        g_autoptr(GError) error = NULL;
        race.draft = g_build_filename(data, "drafts", "cur", name, NULL);
        assert_int_not_equal(access(race.draft, F_OK), 0);
        GThread *thread = g_thread_new("send", send_meanwhile, &race);
        const gboolean is_back = send_take_back(draft, race.id, data, &error);
        if (!is_back) /* the file that the other one may wait for is gone again */
            g_file_set_contents(race.draft, "", 0, NULL);
        g_thread_join(thread);
        assert_true(is_back != race.has_gone);
        assert_true(is_back || tern_error_is(error, TERN_ERROR_INPUT));
        g_unlink(race.draft);
        g_free(race.draft);
    }
}

/* Of a draft that was begun elsewhere the message that it belongs to is known by its Message-ID alone. */
static void test_original(void **state)
{
    static const struct {
        DraftKind kind;
        int64_t row;
        const char *id;
        int64_t answers, forwards;
    } ROWS[] = {
        {DRAFT_NEW, 0, "a@b", 0, 0},
        {DRAFT_REPLY, 7, "a@b", 7, 0},
        {DRAFT_REPLY, 0, "a@b", OUTBOX_ROW_UNKNOWN, 0},
        {DRAFT_REPLY, 0, NULL, 0, 0},
        {DRAFT_FORWARD, 7, NULL, 0, 7},
        {DRAFT_FORWARD, 0, "a@b", 0, OUTBOX_ROW_UNKNOWN},
    };
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);
    const SendWants wants = {.config = read, .data = data};
    g_autoptr(Outbox) outbox = outbox_open(data, NULL);

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Draft) draft = draft_new(NULL);
        int64_t id = 0;
        draft_set(draft, DRAFT_FROM, "ada@example.org");
        draft_set(draft, DRAFT_TO, "bob@x.org");
        draft->kind = ROWS[i].kind;
        draft->original = ROWS[i].row;
        *(draft->kind == DRAFT_FORWARD ? &draft->original_id : &draft->in_reply_to) = g_strdup(ROWS[i].id);
        assert_true(send_queue(draft, &wants, &id, NULL));
        g_autoptr(OutboxEnvelope) envelope = outbox_read(outbox, id, NULL);
        assert_int_equal(envelope->answers, ROWS[i].answers);
        assert_int_equal(envelope->forwards, ROWS[i].forwards);
        assert_true(outbox_remove(outbox, id, NULL, NULL, NULL));
    }
}

/* The Message-ID that it goes out with is the draft's before anything of it is in the outbox. */
static void test_id_is_kept(void **state)
{
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);
    const SendWants wants = {.config = read, .data = data};
    g_autofree char *path = g_build_filename(data, "vanishes", NULL);
    g_autoptr(Draft) draft = draft_new(NULL);

    (void)state;
    draft_set(draft, DRAFT_FROM, "ada@example.org");
    draft_set(draft, DRAFT_TO, "bob@x.org");
    assert_true(g_file_set_contents(path, "x", 1, NULL));
    assert_true(draft_attach(draft, path, NULL, NULL, NULL));
    assert_true(draft_save(draft, data, NULL));
    assert_int_equal(g_unlink(path), 0);
    assert_false(send_queue(draft, &wants, NULL, NULL));
    g_autoptr(Draft) kept = draft_load(data, draft->id, NULL);
    assert_non_null(kept->message_id);
    assert_string_equal(kept->message_id, draft->message_id);
    draft_remove(kept, data);
}

static gboolean take_one(OutboxEnvelope *envelope, void *unused, GError **error)
{
    (void)unused, (void)error;
    ((OutboxRecipient *)envelope->recipients->pdata[0])->fate = OUTBOX_TAKEN;
    envelope->state = OUTBOX_QUEUED;
    return TRUE;
}

static void test_not_taken_back(void **state)
{
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);
    g_autoptr(Outbox) outbox = outbox_open(data, NULL);
    g_autoptr(GError) error = NULL;
    int64_t id;
    g_autoptr(Draft) draft = queued(read, &id);

    (void)state;
    assert_true(outbox_change(outbox, id, take_one, NULL, NULL, NULL));
    assert_false(send_take_back(draft, id, data, &error));
    assert_string_equal(error->message, "the message was sent to some already and cannot be taken back");
    g_autoptr(OutboxEnvelope) still = outbox_read(outbox, id, NULL);
    assert_non_null(still);
    assert_null(draft_load(data, draft->id, NULL));
    assert_true(outbox_remove(outbox, id, NULL, NULL, NULL));
    g_clear_error(&error);
    assert_false(send_take_back(draft, id, data, &error));
    assert_string_equal(error->message, "the message was sent already");
    assert_null(draft_load(data, draft->id, NULL));
}

/* What cannot be taken off the disk has gone from the outbox all the same: its draft stays. */
static void test_taken_back_from_a_bad_disk(void **state)
{
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);
    g_autoptr(Outbox) outbox = outbox_open(data, NULL);
    int64_t id;
    g_autoptr(Draft) draft = queued(read, &id);
    g_autofree char *message = outbox_message_path(outbox, id);

    (void)state;
    g_unlink(message);
    assert_int_equal(g_mkdir(message, 0700), 0);
    assert_true(send_take_back(draft, id, data, NULL));
    assert_null(outbox_read(outbox, id, NULL));
    g_autoptr(Draft) kept = draft_load(data, draft->id, NULL);
    assert_non_null(kept);
    draft_remove(kept, data);
    g_rmdir(message);
}

/* The end of the screen sends what is held to be taken back, and not what is to go later. */
static void test_released(void **state)
{
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);
    g_autoptr(Outbox) outbox = outbox_open(data, NULL);
    const int64_t at_s = g_get_real_time() / G_USEC_PER_SEC + 30;
    const SendWants later = {.config = read, .data = data, .delay_s = 30, .at_s = at_s};
    int64_t soon_id, later_id;
    g_autoptr(Draft) soon = queued(read, &soon_id);
    g_autoptr(Draft) draft = draft_new(NULL);

    (void)state;
    draft_set(draft, DRAFT_FROM, "ada@example.org");
    draft_set(draft, DRAFT_TO, "bob@x.org");
    draft->kind = DRAFT_REPLY;
    draft->original = 7;
    draft->in_reply_to = g_strdup("seven@x.org");
    assert_true(send_queue(draft, &later, &later_id, NULL));
    g_autoptr(GPtrArray) accounts = send_release(data, 3600, NULL);
    assert_int_equal(accounts->len, 1);
    g_autoptr(OutboxEnvelope) released = outbox_read(outbox, soon_id, NULL);
    assert_int_equal(released->state, OUTBOX_QUEUED);
    g_autoptr(OutboxEnvelope) waits = outbox_read(outbox, later_id, NULL);
    assert_int_equal(waits->state, OUTBOX_HELD);
    assert_int_equal(waits->not_before_s, at_s);
    assert_int_equal(waits->answers, 7);
    assert_string_equal(waits->original_id, "seven@x.org"); /* the row alone may be another one by then */
    outbox_remove(outbox, soon_id, NULL, NULL, NULL);
    outbox_remove(outbox, later_id, NULL, NULL, NULL);
}

/* A draft that lay for long keeps its files from the moment it is sent. */
static void test_files_are_kept(void **state)
{
    g_autoptr(Config) read = config_parse(SENDING, strlen(SENDING), "tern.conf", 0);
    const struct timespec old[] = {{1, 0}, {1, 0}};
    g_autoptr(Draft) draft = draft_new(NULL);
    g_autofree char *folder = draft_files_folder(draft, data, TRUE, NULL);
    const SendWants wants = {.config = read, .data = data, .at_s = g_get_real_time() / G_USEC_PER_SEC + 900};
    int64_t id;

    (void)state;
    draft_set(draft, DRAFT_FROM, "ada@example.org");
    draft_set(draft, DRAFT_TO, "bob@x.org");
    assert_int_equal(utimensat(AT_FDCWD, folder, old, 0), 0);
    assert_true(send_queue(draft, &wants, &id, NULL));
    send_clean(data);
    assert_int_equal(access(folder, F_OK), 0);
    assert_int_equal(utimensat(AT_FDCWD, folder, old, 0), 0);
    send_clean(data);
    assert_int_not_equal(access(folder, F_OK), 0);
    g_autoptr(Outbox) outbox = outbox_open(data, NULL);
    outbox_remove(outbox, id, NULL, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_not_taken_back),
        cmocka_unit_test(test_original),
        cmocka_unit_test(test_id_is_kept),
        cmocka_unit_test(test_taken_back_from_a_bad_disk),
        cmocka_unit_test(test_released),
        cmocka_unit_test(test_files_are_kept),
    };

    data = temp_folder_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temp_folder_free(data);
    return failed;
}
