/* test-compose-waiting.c - what a person may say of a message in the outbox: each word in each state. */
#include "temp-folder.h"

#include "base/error.h"
#include "base/file.h"
#include "compose/waiting.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static char *data; /* a folder of this run */
static Outbox *outbox;
static Config *config;

static const char CONFIG[] = "[account work]\naddress = ada@example.org\nname = Ada\nincoming = imaps://h\n"
                             "outgoing = smtps://h\nbcc-self = yes\n";

static const char MESSAGE[] = "From: Ada <ada@example.org>\nTo: Bob <bob@x.org>\nCc: carl@x.org\n"
                              "Subject: Plans\nMessage-ID: <one@example.org>\n"
                              "In-Reply-To: <b@x.org>\nReferences: <a@x.org> <b@x.org>\n\nShall we?\n";

typedef struct {
    OutboxState state;
    int64_t not_before_s;
    OutboxFate bob, eve;
} Situation;

static gboolean put_into(OutboxEnvelope *envelope, void *situation, GError **error)
{
    const Situation *is = situation;

    (void)error;
    envelope->state = is->state;
    envelope->not_before_s = is->not_before_s;
    ((OutboxRecipient *)envelope->recipients->pdata[0])->fate = is->bob;
    ((OutboxRecipient *)envelope->recipients->pdata[1])->fate = is->eve;
    envelope->error = g_strdup("a reason");
    envelope->tries = 3;
    return TRUE;
}

/* A message to bob and eve, of whom only bob is named in it; its number. */
static int64_t queue(const char *message, Situation situation)
{
    g_autoptr(OutboxFile) file = outbox_begin(outbox, NULL);
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_new("work", "ada@example.org");

    assert_true(file_write_all(outbox_file_fd(file), message, strlen(message), NULL));
    outbox_envelope_add(envelope, "bob@x.org");
    outbox_envelope_add(envelope, "eve@x.org");
    envelope->message_id = g_strdup("one@example.org");
    envelope->wants_copy = TRUE;
    envelope->answers = 7;
    assert_true(outbox_queue(outbox, file, envelope, NULL));
    assert_true(outbox_change(outbox, envelope->id, put_into, &situation, NULL, NULL));
    return envelope->id;
}

/* ---- words ---- */

static void test_words(void **state)
{
    static const struct {
        WaitingWord word;
        OutboxState from;
        gboolean ok;
        OutboxState to;
        int64_t not_before_s;
    } WORDS[] = {
        {WAITING_SEND, OUTBOX_HELD, TRUE, OUTBOX_QUEUED, 0},
        {WAITING_SEND, OUTBOX_QUEUED, TRUE, OUTBOX_QUEUED, 0},
        {WAITING_SEND, OUTBOX_SENDING, FALSE, OUTBOX_SENDING, 5},
        {WAITING_SEND, OUTBOX_SENT, TRUE, OUTBOX_SENT, 0},
        {WAITING_SEND, OUTBOX_FAILED, TRUE, OUTBOX_QUEUED, 0},
        {WAITING_SEND, OUTBOX_UNKNOWN, FALSE, OUTBOX_UNKNOWN, 5}, /* the row on the screen may be old */
        {WAITING_SEND_AGAIN, OUTBOX_UNKNOWN, TRUE, OUTBOX_QUEUED, 0},
        {WAITING_SEND_AGAIN, OUTBOX_FAILED, TRUE, OUTBOX_QUEUED, 0},
        {WAITING_SEND_AGAIN, OUTBOX_SENDING, FALSE, OUTBOX_SENDING, 5},
        {WAITING_SEND_AGAIN, OUTBOX_SENT, TRUE, OUTBOX_SENT, 0},
        {WAITING_HOLD, OUTBOX_QUEUED, TRUE, OUTBOX_HELD, 0},
        {WAITING_HOLD, OUTBOX_FAILED, TRUE, OUTBOX_HELD, 0},
        {WAITING_HOLD, OUTBOX_SENDING, FALSE, OUTBOX_SENDING, 5},
        {WAITING_HOLD, OUTBOX_SENT, FALSE, OUTBOX_SENT, 5},
        {WAITING_HOLD, OUTBOX_UNKNOWN, FALSE, OUTBOX_UNKNOWN, 5},
        {WAITING_LATER, OUTBOX_QUEUED, TRUE, OUTBOX_HELD, 99},
        {WAITING_LATER, OUTBOX_UNKNOWN, FALSE, OUTBOX_UNKNOWN, 5},
        {WAITING_WAS_SENT, OUTBOX_UNKNOWN, TRUE, OUTBOX_SENT, 0},
        {WAITING_WAS_SENT, OUTBOX_QUEUED, FALSE, OUTBOX_QUEUED, 5},
        {WAITING_WAS_SENT, OUTBOX_SENDING, FALSE, OUTBOX_SENDING, 5},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        g_autoptr(GError) error = NULL;
        const int64_t id = queue(MESSAGE, (Situation){WORDS[i].from, 5, OUTBOX_WAITING, OUTBOX_WAITING});
        assert_int_equal(waiting_say(outbox, id, WORDS[i].word, 99, NULL, &error), WORDS[i].ok);
        assert_int_equal(tern_error_is(error, TERN_ERROR_INPUT), !WORDS[i].ok);
        g_autoptr(OutboxEnvelope) now = outbox_read(outbox, id, NULL);
        assert_int_equal(now->state, WORDS[i].to);
        assert_int_equal(now->not_before_s, WORDS[i].not_before_s);
        outbox_remove(outbox, id, NULL, NULL, NULL);
    }
}

/* Sending again is for those who have not got it. */
static void test_only_the_rest_again(void **state)
{
    const int64_t id = queue(MESSAGE, (Situation){OUTBOX_FAILED, 0, OUTBOX_TAKEN, OUTBOX_REFUSED});
    g_autoptr(OutboxEnvelope) now = NULL;

    (void)state;
    assert_true(waiting_say(outbox, id, WAITING_SEND, 0, &now, NULL));
    assert_int_equal(((OutboxRecipient *)now->recipients->pdata[0])->fate, OUTBOX_TAKEN);
    assert_int_equal(((OutboxRecipient *)now->recipients->pdata[1])->fate, OUTBOX_WAITING);
    assert_null(now->error);
    assert_int_equal(now->tries, 0);
    g_autofree char *target = waiting_for(now);
    assert_string_equal(target, "eve@x.org");
    outbox_remove(outbox, id, NULL, NULL, NULL);
}

static void test_none_there(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_false(waiting_say(outbox, 4711, WAITING_SEND, 0, NULL, &error));
    assert_string_equal(error->message, "there is no message 4711 in the outbox");
    g_clear_error(&error);
    assert_false(waiting_drop(outbox, 4711, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
}

/* What some have got is given up for the rest, and its copy is still filed. */
static void test_thrown_away(void **state)
{
    g_autoptr(GError) error = NULL;
    int64_t id = queue(MESSAGE, (Situation){OUTBOX_FAILED, 0, OUTBOX_TAKEN, OUTBOX_REFUSED});

    (void)state;
    assert_true(waiting_drop(outbox, id, NULL));
    g_autoptr(OutboxEnvelope) partly = outbox_read(outbox, id, NULL);
    assert_int_equal(partly->state, OUTBOX_SENT);
    assert_true(partly->wants_copy);
    /* Now it was sent: it is not said to be thrown away while its copy waits. */
    assert_false(waiting_drop(outbox, id, &error));
    assert_string_equal(error->message, "the message was sent already; only its copy is still to be filed");
    g_clear_error(&error);
    assert_true(waiting_drop_copy(outbox, id, NULL));
    assert_null(outbox_read(outbox, id, NULL));
    id = queue(MESSAGE, (Situation){OUTBOX_QUEUED, 0, OUTBOX_WAITING, OUTBOX_WAITING});
    assert_false(waiting_drop_copy(outbox, id, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    g_clear_error(&error);
    outbox_remove(outbox, id, NULL, NULL, NULL);
    id = queue(MESSAGE, (Situation){OUTBOX_FAILED, 0, OUTBOX_REFUSED, OUTBOX_REFUSED});
    assert_true(waiting_drop(outbox, id, NULL));
    assert_null(outbox_read(outbox, id, NULL));
    id = queue(MESSAGE, (Situation){OUTBOX_SENDING, 0, OUTBOX_WAITING, OUTBOX_WAITING});
    assert_false(waiting_drop(outbox, id, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    outbox_remove(outbox, id, NULL, NULL, NULL);
}

/* ---- edited again ---- */

static Draft *edit(int64_t id, char **notice_out, GError **error)
{
    const ReplyWants wants = {.config = config, .data = data, .attribution = "%f"};

    return waiting_edit(outbox, id, &wants, notice_out, error);
}

static void test_edited(void **state)
{
    const int64_t id = queue(MESSAGE, (Situation){OUTBOX_QUEUED, 0, OUTBOX_WAITING, OUTBOX_WAITING});
    g_autoptr(Draft) draft = edit(id, NULL, NULL);

    (void)state;
    assert_non_null(draft);
    assert_null(outbox_read(outbox, id, NULL));
    g_autoptr(Draft) kept = draft_load(data, draft->id, NULL);
    assert_string_equal(kept->fields[DRAFT_FROM], "Ada <ada@example.org>");
    assert_string_equal(kept->fields[DRAFT_TO], "Bob <bob@x.org>");
    assert_string_equal(kept->fields[DRAFT_CC], "carl@x.org");
    assert_string_equal(kept->fields[DRAFT_BCC], "eve@x.org");
    assert_string_equal(kept->fields[DRAFT_SUBJECT], "Plans");
    assert_string_equal(kept->body, "Shall we?\n");
    assert_string_equal(kept->message_id, "one@example.org");
    assert_string_equal(kept->in_reply_to, "b@x.org");
    assert_int_equal(kept->kind, DRAFT_REPLY);
    assert_int_equal(kept->original, 7);
    assert_false(kept->is_markdown);
    draft_remove(kept, data);
}

static gboolean put_off(OutboxEnvelope *envelope, void *until_s, GError **error)
{
    (void)error;
    envelope->copy_to = g_strdup("Projects/Plans");
    envelope->not_before_s = *(int64_t *)until_s;
    return TRUE;
}

/* What its writer typed besides is there again; what a draft cannot keep is told. */
static void test_edited_keeps_what_was_typed(void **state)
{
    static const char TYPED[] =
        "From: Ada <ada@example.org>\nTo: Bob <bob@x.org>\nReply-To: Team <team@example.org>\n"
        "Disposition-Notification-To: ada@example.org\nX-Project: =?utf-8?q?B=C3=A4r?=\n"
        "Subject: Plans\nMessage-ID: <one@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain\n\nHi\n";
    const int64_t id = queue(TYPED, (Situation){OUTBOX_HELD, 0, OUTBOX_WAITING, OUTBOX_WAITING});
    int64_t until_s = g_get_real_time() / G_USEC_PER_SEC + 7200;
    g_autofree char *notice = NULL;

    (void)state;
    assert_true(outbox_change(outbox, id, put_off, &until_s, NULL, NULL));
    g_autoptr(Draft) draft = edit(id, &notice, NULL);
    g_autoptr(Draft) kept = draft_load(data, draft->id, NULL);
    assert_string_equal(kept->fields[DRAFT_REPLY_TO], "Team <team@example.org>");
    assert_string_equal(kept->copy_to, "Projects/Plans");
    assert_int_equal(kept->own_fields->len, 1);
    assert_string_equal(((const MimeField *)kept->own_fields->pdata[0])->name, "X-Project");
    assert_string_equal(((const MimeField *)kept->own_fields->pdata[0])->value, "Bär");
    assert_int_equal(kept->asks, DRAFT_ASKS_RECEIPT);
    assert_non_null(notice);
    assert_true(g_str_has_prefix(notice, "It was to go out "));
    draft_remove(kept, data);
}

static const char MARKDOWN[] =
    "From: Ada <ada@example.org>\nTo: Bob <bob@x.org>\nMessage-ID: <one@example.org>\nMIME-Version: 1.0\n"
    "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\n*Hi* "
    "![dot](a%20dot.png)\n--a\n"
    "Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<p><img "
    "src=\"cid:1@x\"></p>\n"
    "--r\nContent-Type: image/png\nContent-ID: <1@x>\nContent-Disposition: inline; filename=\"a "
    "dot.png\"\n\nPNG\n"
    "--r\nContent-Type: image/png\nContent-ID: <2@x>\nContent-Disposition: inline; "
    "filename=other.png\n\nPNG\n--r--\n--a--\n";

/* Markdown stays that, with the pictures that its text names; none is dropped. */
static void test_edited_markdown(void **state)
{
    const int64_t id = queue(MARKDOWN, (Situation){OUTBOX_QUEUED, 0, OUTBOX_WAITING, OUTBOX_WAITING});
    g_autoptr(Draft) draft = edit(id, NULL, NULL);

    (void)state;
    assert_non_null(draft);
    g_autoptr(Draft) kept = draft_load(data, draft->id, NULL);
    assert_true(kept->is_markdown);
    assert_string_equal(kept->body, "*Hi* ![dot](a%20dot.png)\n");
    assert_int_equal(kept->attachments->len, 2);
    assert_string_equal(((const DraftAttachment *)kept->attachments->pdata[0])->name, "a dot.png");
    assert_string_equal(((const DraftAttachment *)kept->attachments->pdata[1])->name, "other.png");
    draft_remove(kept, data);
}

/* Some of each field have got it. */
static gboolean put_rest(OutboxEnvelope *envelope, void *data_, GError **error)
{
    (void)data_, (void)error;
    envelope->state = OUTBOX_FAILED;
    ((OutboxRecipient *)envelope->recipients->pdata[0])->fate = OUTBOX_TAKEN; /* bob: To */
    ((OutboxRecipient *)envelope->recipients->pdata[1])->fate = OUTBOX_REFUSED;
    for (guint i = 2; i < envelope->recipients->len; i++) {
        OutboxRecipient *recipient = envelope->recipients->pdata[i];
        recipient->fate = g_str_has_prefix(recipient->address, "got-") ? OUTBOX_TAKEN : OUTBOX_WAITING;
    }
    return TRUE;
}

static const char SEVERAL[] = "From: Ada <ada@example.org>\nTo: Bob <bob@x.org>, Zoe <zoe@x.org>\nCc: "
                              "got-cc@x.org, \"C, D\" <Carl@x.org>\n"
                              "Subject: Plans\nMessage-ID: <one@example.org>\n\nShall we?\n";

/* Who was in To, in Cc and in Bcc stays there: the others never learn of who was in Bcc. */
static void test_edited_for_the_rest(void **state)
{
    static const char *const MORE[] = {"zoe@x.org",     "got-cc@x.org", "carl@x.org",
                                       "got-bcc@x.org", "hid@x.org",    "ada@example.org"};
    g_autoptr(OutboxFile) file = outbox_begin(outbox, NULL);
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_new("work", "ada@example.org");
    g_autofree char *notice = NULL;

    (void)state;
    assert_true(file_write_all(outbox_file_fd(file), SEVERAL, strlen(SEVERAL), NULL));
    outbox_envelope_add(envelope, "bob@x.org");
    outbox_envelope_add(envelope, "eve@x.org");
    for (gsize i = 0; i < G_N_ELEMENTS(MORE); i++)
        outbox_envelope_add(envelope, MORE[i]);
    envelope->message_id = g_strdup("one@example.org");
    envelope->wants_copy = TRUE;
    assert_true(outbox_queue(outbox, file, envelope, NULL));
    assert_true(outbox_change(outbox, envelope->id, put_rest, NULL, NULL, NULL));
    g_autoptr(Draft) draft = edit(envelope->id, &notice, NULL);
    g_autoptr(OutboxEnvelope) now = outbox_read(outbox, envelope->id, NULL);
    assert_string_equal(draft->fields[DRAFT_TO], "Zoe <zoe@x.org>");
    assert_string_equal(draft->fields[DRAFT_CC], "\"C, D\" <Carl@x.org>");
    assert_string_equal(draft->fields[DRAFT_BCC], "eve@x.org, hid@x.org, ada@example.org");
    assert_null(draft->message_id); /* the other one has been sent */
    assert_string_equal(
        notice,
        "Only to those who have not got it: eve@x.org, zoe@x.org, carl@x.org, hid@x.org, ada@example.org");
    assert_int_equal(now->state, OUTBOX_SENT);
    draft_remove(draft, data);
    outbox_remove(outbox, envelope->id, NULL, NULL, NULL);
}

/* What cannot be edited is there as it was. */
static void test_not_edited(void **state)
{
    static const char RESENT[] = "Resent-From: ada@example.org\nTo: x@x.org\nSubject: S\n\nx\n";
    static const struct {
        const char *message;
        OutboxState state;
    } CASES[] = {{MESSAGE, OUTBOX_UNKNOWN},
                 {MESSAGE, OUTBOX_SENDING},
                 {MESSAGE, OUTBOX_SENT},
                 {RESENT, OUTBOX_FAILED}};
    g_autoptr(GPtrArray) before = draft_list(data, NULL);

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        const int64_t id =
            queue(CASES[i].message, (Situation){CASES[i].state, 5, OUTBOX_WAITING, OUTBOX_WAITING});
        assert_null(edit(id, NULL, &error));
        assert_true(tern_error_is(error, TERN_ERROR_INPUT));
        g_autoptr(OutboxEnvelope) now = outbox_read(outbox, id, NULL);
        assert_int_equal(now->state, CASES[i].state);
        assert_int_equal(now->not_before_s, 5);
        outbox_remove(outbox, id, NULL, NULL, NULL);
    }
    g_autoptr(GPtrArray) after = draft_list(data, NULL);
    assert_int_equal(after->len, before->len);
}

/* A draft that cannot be saved leaves the message where it was. */
static void test_no_room_for_the_draft(void **state)
{
    g_autofree char *folder = g_build_filename(data, "drafts", NULL),
                    *aside = g_strconcat(folder, ".x", NULL);
    const int64_t id = queue(MESSAGE, (Situation){OUTBOX_FAILED, 0, OUTBOX_REFUSED, OUTBOX_REFUSED});
    g_autoptr(GError) error = NULL;

    (void)state;
    g_rename(folder, aside);
    assert_true(g_file_set_contents(folder, "", 0, NULL));
    assert_null(edit(id, NULL, &error));
    assert_non_null(error);
    g_autoptr(OutboxEnvelope) now = outbox_read(outbox, id, NULL);
    assert_int_equal(now->state, OUTBOX_FAILED);
    g_unlink(folder);
    g_rename(aside, folder);
    outbox_remove(outbox, id, NULL, NULL, NULL);
}

/* ---- telling ---- */

static void test_told(void **state)
{
    static const struct {
        Situation is;
        const char *word, *why;
    } TOLD[] = {
        {{OUTBOX_HELD, 0, 0, 0}, "held", "It waits until you send it."},
        {{OUTBOX_HELD, 90, 0, 0}, "later", "It is due and goes out as soon as tern is connected. a reason"},
        {{OUTBOX_QUEUED, 0, 0, 0}, "queued", "Tried 3 times. a reason"},
        {{OUTBOX_FAILED, 0, 0, 0}, "failed", "It was not sent: a reason"},
        {{OUTBOX_UNKNOWN, 0, 0, 0}, "unknown", "Nobody knows whether it was sent: a reason"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(TOLD); i++) {
        const int64_t id = queue(MESSAGE, TOLD[i].is);
        g_autoptr(OutboxEnvelope) now = outbox_read(outbox, id, NULL);
        g_autofree char *why = waiting_why(now, 100);
        assert_string_equal(waiting_state(now), TOLD[i].word);
        assert_string_equal(why, TOLD[i].why);
    }
    g_autoptr(GPtrArray) all = outbox_list(outbox, NULL, NULL);
    const WaitingCount count = waiting_count(all, config, NULL, 100),
                       none = waiting_count(all, config, "home", 100);
    assert_int_equal(count.waiting, 2); /* what is due counts as on its way */
    assert_int_equal(count.held, 1);
    assert_int_equal(count.failed, 1);
    assert_int_equal(count.unknown, 1);
    assert_int_equal(none.waiting + none.held + none.failed + none.unknown, 0);
}

/* An account that was renamed or removed: nothing that waits for it seems to go by itself. */
static void test_account_is_gone(void **state)
{
    static const struct {
        OutboxState state;
        const char *why; /* NULL: its own reason stands */
    } STRAYS[] = {
        {OUTBOX_HELD, "It cannot go out: account work is not configured."},
        {OUTBOX_QUEUED, "It cannot go out: account work is not configured."},
        {OUTBOX_SENDING, NULL},
        {OUTBOX_SENT, "It was sent; its copy cannot be filed: account work is not configured."},
        {OUTBOX_FAILED, NULL},
        {OUTBOX_UNKNOWN, NULL},
    };
    static const char OTHER[] = "[account other]\naddress = o@x.org\nincoming = imaps://h\n"
                                "outgoing = smtps://h\n";
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)outbox_envelope_free);

    (void)state;
    g_autoptr(Config) other = config_parse(OTHER, strlen(OTHER), "other.conf", 0);
    for (guint i = 0; i < G_N_ELEMENTS(STRAYS); i++) {
        OutboxEnvelope *envelope = outbox_envelope_new("work", "ada@example.org");
        envelope->state = STRAYS[i].state;
        g_ptr_array_add(all, envelope);
        g_autofree char *why = waiting_stray(envelope, other), *none = waiting_stray(envelope, config);
        assert_null(none);
        assert_true(STRAYS[i].why ? why && g_str_has_prefix(why, STRAYS[i].why) : !why);
    }
    const WaitingCount count = waiting_count(all, other, NULL, 100);
    assert_int_equal(count.stray, 3);
    assert_int_equal(count.waiting, 1); /* the one that is being sent */
    assert_int_equal(count.held, 0);
    /* What is made of it goes by an account that there is. */
    const int64_t id = queue(MESSAGE, (Situation){OUTBOX_QUEUED, 0, 0, 0});
    const ReplyWants wants = {.config = other, .data = data};
    g_autofree char *notice = NULL;
    g_autoptr(Draft) draft = waiting_edit(outbox, id, &wants, &notice, NULL);
    assert_non_null(draft);
    assert_string_equal(draft->account, "other");
}

/* By account, each once: what goes by itself and is due, what somebody has left behind, and what is sent and
 * not filed yet. */
static void test_due(void **state)
{
    static const struct {
        const char *account;
        Situation is;
    } ALL[] = {
        {"queued", {OUTBOX_QUEUED, 0, 0, 0}},    {"queued", {OUTBOX_QUEUED, 100, 0, 0}},
        {"put-off", {OUTBOX_QUEUED, 101, 0, 0}}, {"held", {OUTBOX_HELD, 0, 0, 0}},
        {"later", {OUTBOX_HELD, 101, 0, 0}},     {"overdue", {OUTBOX_HELD, 99, 0, 0}},
        {"sending", {OUTBOX_SENDING, 0, 0, 0}},  {"sent", {OUTBOX_SENT, 0, 0, 0}},
        {"failed", {OUTBOX_FAILED, 0, 0, 0}},    {"unknown", {OUTBOX_UNKNOWN, 0, 0, 0}},
    };
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)outbox_envelope_free);

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ALL); i++) {
        OutboxEnvelope *envelope = outbox_envelope_new(ALL[i].account, "ada@example.org");
        envelope->state = ALL[i].is.state;
        envelope->not_before_s = ALL[i].is.not_before_s;
        g_ptr_array_add(all, envelope);
    }
    g_autoptr(GPtrArray) due = waiting_due(all, 100);
    g_ptr_array_add(due, NULL);
    g_autofree char *names = g_strjoinv(" ", (char **)due->pdata);
    assert_string_equal(names, "queued overdue sending sent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_only_the_rest_again),
        cmocka_unit_test(test_none_there),
        cmocka_unit_test(test_thrown_away),
        cmocka_unit_test(test_edited),
        cmocka_unit_test(test_edited_keeps_what_was_typed),
        cmocka_unit_test(test_edited_markdown),
        cmocka_unit_test(test_edited_for_the_rest),
        cmocka_unit_test(test_not_edited),
        cmocka_unit_test(test_no_room_for_the_draft),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_account_is_gone),
        cmocka_unit_test(test_due),
    };

    data = temp_folder_new();
    outbox = outbox_open(data, NULL);
    config = config_parse(CONFIG, strlen(CONFIG), "tern.conf", 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    outbox_free(outbox);
    config_unref(config);
    temp_folder_free(data);
    return failed;
}
