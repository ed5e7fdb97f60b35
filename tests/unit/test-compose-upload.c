/* test-compose-upload.c - a draft as a message that others go on with, gone on with again; and what
 * differs. */
#include "temp-folder.h"

#include "base/error.h"
#include "compose/difference.h"
#include "compose/identity_change.h"
#include "compose/message.h"
#include "compose/resume.h"
#include "compose/upload.h"
#include "maildir/uploads.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char *data; /* a folder of this run */

static const char CONFIG[] = "[account work]\naddress = ada@example.org\nname = Ada\nincoming = imaps://h\n"
                             "outgoing = smtps://h\nreply-to = team@example.org\n";

static int setup(void **state)
{
    (void)state;
    data = temp_folder_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temp_folder_free(data);
    return 0;
}

static Config *config(void)
{
    return config_parse(CONFIG, strlen(CONFIG), "tern.conf", 0);
}

static Draft *example(void)
{
    static const char BODY[] = "Hällo,\n\n> quoted\n\n-- \nAda\n";
    g_autofree char *file = g_build_filename(data, "plan.txt", NULL);
    Draft *draft = draft_new(NULL);

    draft->account = g_strdup("work");
    draft->kind = DRAFT_REPLY;
    draft->in_reply_to = g_strdup("a@b");
    draft->asks = DRAFT_ASKS_TLS | DRAFT_ASKS_DELIVERY;
    draft->is_markdown = draft->is_from_chosen = draft->is_template = TRUE;
    draft->home = g_strdup("Ada; \"home\" <ada@home.example>");
    draft->original_id = g_strdup("odd; \"id\"%@x.org");
    draft_note_signature(draft, "Ada\nLovelace");
    draft->copy_to = g_strdup("Päpers; x/\"2026\"");
    draft_set(draft, DRAFT_FROM, "Ada <ada@example.org>");
    draft_set(draft, DRAFT_TO, "\"Lovelace, Ada\" <x@y.org>, unfinished@");
    draft_set(draft, DRAFT_BCC, "eve@example.org");
    draft_set(draft, DRAFT_SUBJECT, "Größe");
    draft_set_body(draft, BODY, strlen(BODY));
    assert_true(g_file_set_contents(file, "the plan", -1, NULL));
    assert_true(draft_attach(draft, file, NULL, NULL, NULL));
    return draft;
}

static char *version_path(const Draft *draft)
{
    return g_strdup_printf("%s/drafts/upload/%s.eml", data, draft->id);
}

/* All that was typed comes back, and no path of this machine is in it. */
static void test_there_and_back(void **state)
{
    g_autoptr(Config) read = config();
    g_autoptr(Draft) draft = example();
    g_autofree char *path = version_path(draft), *text = NULL, *notice = NULL;
    const ReplySource source = {path, 7, "work", "Drafts"};
    const ReplyWants wants = {.config = read, .data = data};

    (void)state;
    assert_true(draft_upload(draft, read, data, NULL, NULL));
    assert_non_null(draft->filed);
    assert_true(g_str_has_prefix(draft->filed, draft->id));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_null(strstr(text, data));
    g_autoptr(Draft) again = resume_new(&source, &wants, &notice, NULL);
    for (DraftField field = 0; field < DRAFT_FIELDS; field++)
        if (field != DRAFT_REPLY_TO)
            assert_string_equal(again->fields[field], draft->fields[field]);
    assert_string_equal(again->fields[DRAFT_REPLY_TO], ""); /* it was taken out of it */
    assert_string_equal(again->body, draft->body);
    assert_string_equal(again->in_reply_to, "a@b");
    assert_int_equal(again->kind, DRAFT_REPLY);
    assert_int_equal(again->asks, draft->asks);
    assert_true(again->is_markdown && again->is_from_chosen && again->is_template);
    assert_string_equal(again->home, draft->home);
    assert_string_equal(again->original_id, draft->original_id);
    assert_string_equal(again->signature, draft->signature);
    assert_string_equal(again->copy_to, draft->copy_to);
    assert_int_equal(again->attachments->len, 1);
    assert_string_equal(((DraftAttachment *)again->attachments->pdata[0])->name, "plan.txt");
    assert_true(((DraftAttachment *)again->attachments->pdata[0])->is_own);
    assert_null(notice);
    draft_remove(again, data);
}

/* In another account's folder the folder for its copy means nothing; nothing of all that is sent. */
static void test_wishes(void **state)
{
    g_autoptr(Config) read = config();
    g_autoptr(Draft) draft = example();
    g_autofree char *path = version_path(draft), *text = NULL, *out = g_build_filename(data, "sent", NULL);
    const ReplySource source = {path, 7, "other", "Drafts"};
    const ReplyWants wants = {.config = read, .data = data};
    const ComposeOptions options = {.now_s = 1};

    (void)state;
    assert_true(draft_upload(draft, read, data, NULL, NULL));
    g_autoptr(Draft) again = resume_new(&source, &wants, NULL, NULL);
    assert_null(again->copy_to);
    assert_int_equal(again->asks, draft->asks);
    draft_set(again, DRAFT_TO, "x@y.org");
    g_autoptr(DraftAddresses) addresses = draft_check(again, TRUE, NULL, NULL, NULL);
    const int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(compose_message_write(again, addresses, &options, fd, NULL));
    close(fd);
    assert_true(g_file_get_contents(out, &text, NULL, NULL));
    assert_null(strstr(text, "X-Tern-"));
    draft_remove(again, data);
}

/* What another program has put there is written with the fields of whom From names; a folder's name that is
 * none is nobody's. */
static void test_fields_of_from(void **state)
{
    static const char CLUB[] =
        "[account work]\naddress = ada@example.org\nincoming = imaps://h\noutgoing = smtps://h\nheaders = "
        "X-A: "
        "one\n[identity club]\naddress = ada@club.example\naccount = work\nheaders = X-B: two\n";
    static const char TEXTS[][200] = {"From: ada@club.example\nTo: b@example.org\n\nText\n",
                                      "From: ada@club.example\nX-Tern-Draft: new; asks=99; "
                                      "copy-to=a%0Ab\nTo: b@example.org\n\nText\n"};
    g_autoptr(Config) read = config_parse(CLUB, strlen(CLUB), "tern.conf", 0);
    g_autofree char *path = g_build_filename(data, "theirs", NULL);
    const ReplySource source = {path, 7, "work", "Drafts"};
    const ReplyWants wants = {.config = read, .data = data};

    (void)state;
    assert_true(g_file_set_contents(path, TEXTS[0], -1, NULL));
    g_autoptr(Draft) theirs = resume_new(&source, &wants, NULL, NULL);
    assert_int_equal(theirs->own_fields->len, 1);
    assert_string_equal(((MimeField *)theirs->own_fields->pdata[0])->name, "X-B");
    assert_true(g_file_set_contents(path, TEXTS[1], -1, NULL));
    g_autoptr(Draft) odd = resume_new(&source, &wants, NULL, NULL);
    assert_null(odd->copy_to);
    assert_int_equal(odd->asks, 99 & (DRAFT_ASKS_DELIVERY | DRAFT_ASKS_RECEIPT | DRAFT_ASKS_TLS));
}

/* What another program's draft says and tern does not is told or refused; an address that is not finished
 * stays as it was typed. */
static void test_theirs(void **state)
{
    static const char HTML[] =
        "From: ada@example.org\nTo: not an address, <b@c.example>\nMIME-Version: 1.0\nContent-Type: "
        "multipart/alternative; boundary=o\n\n--o\nContent-Type: text/plain\n\nhi\n--o\nContent-Type: "
        "text/html\n\n<b>hi</b>\n--o--\n";
    static const char SECRET[] =
        "From: ada@example.org\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=o\n\n--o\n"
        "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--o\nContent-Type: "
        "application/octet-stream\n\nx\n--o--\n";
    g_autoptr(Config) read = config();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(data, "other", NULL), *notice = NULL;
    const ReplySource source = {path, 7, "work", "Drafts"};
    const ReplyWants wants = {.config = read, .data = data};

    (void)state;
    assert_true(g_file_set_contents(path, HTML, -1, NULL));
    g_autoptr(Draft) draft = resume_new(&source, &wants, &notice, NULL);
    assert_non_null(strstr(draft->fields[DRAFT_TO], "not an address"));
    assert_null(draft_check(draft, TRUE, NULL, NULL, NULL));
    assert_non_null(strstr(notice, "HTML"));
    static const char TWO[] =
        "From: ada@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
        "Content-Type: text/plain\n\nfirst\n--o\nContent-Type: text/plain\nContent-Disposition: inline; "
        "filename=notes.txt\n\nsecond\n--o--\n";
    assert_true(g_file_set_contents(path, TWO, -1, NULL));
    g_autoptr(Draft) both = resume_new(&source, &wants, NULL, NULL);
    assert_non_null(strstr(both->body, "first"));
    assert_non_null(strstr(both->body, "second"));
    assert_true(
        g_file_set_contents(path,
                            "From: ada@example.org\nTo: a@x.example\nTo: b@x.example\nBcc: c@x.example\n"
                            "Bcc: d@x.example\n\nx\n",
                            -1, NULL));
    g_autoptr(Draft) apart = resume_new(&source, &wants, NULL, NULL);
    assert_string_equal(apart->fields[DRAFT_TO], "a@x.example, b@x.example");
    assert_string_equal(apart->fields[DRAFT_BCC], "c@x.example, d@x.example");
    assert_true(g_file_set_contents(path, SECRET, -1, NULL));
    assert_null(resume_new(&source, &wants, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
}

/* Fields that only tern's own files have say nothing in a message. */
static void test_hostile(void **state)
{
    static const char TEXT[] = "From: Eve <eve@evil.example>\nTo: bob@example.org\nSubject: x\nX-Mailer: y\n"
                               "X-Tern-Draft: resend; resent=%2Fetc%2Fpasswd; original=1\n"
                               "X-Tern-Attachment: text/plain; path=%2Fetc%2Fpasswd; name=x; own=yes\n"
                               "Sender: eve@evil.example\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nText\n";
    g_autoptr(Config) read = config();
    g_autofree char *path = g_build_filename(data, "hostile", NULL);
    const ReplySource source = {path, 7, "work", "Drafts"};
    const ReplyWants wants = {.config = read, .data = data};

    (void)state;
    assert_true(g_file_set_contents(path, TEXT, -1, NULL));
    g_autoptr(Draft) draft = resume_new(&source, &wants, NULL, NULL);
    assert_int_equal(draft->attachments->len, 0);
    assert_null(draft->resent);
    assert_int_equal(draft->kind, DRAFT_NEW);
    assert_int_equal(draft->original, 0);
    assert_string_equal(draft->fields[DRAFT_FROM], "Ada <ada@example.org>"); /* nobody else's */
    for (guint i = 0; i < draft->own_fields->len; i++)
        assert_string_not_equal(((MimeField *)draft->own_fields->pdata[i])->name, "Sender");
}

static void test_opened_once(void **state)
{
    g_autoptr(Config) read = config();
    g_autoptr(Draft) draft = example();
    Kept first = {.hold_fd = -1}, second = {.hold_fd = -1};
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_true(draft_save(draft, data, NULL));
    assert_true(kept_open(&first, data, draft->id, NULL));
    assert_null(first.difference);
    assert_false(kept_open(&second, data, draft->id, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    kept_clear(&first);
    kept_clear(&second);
    assert_true(draft_upload(draft, read, data, NULL, NULL));
    g_clear_pointer(&draft->filed, g_free);
    draft_set(draft, DRAFT_SUBJECT, "Größer");
    assert_true(draft_save(draft, data, NULL)); /* newer than what was handed over */
    assert_true(kept_open(&first, data, draft->id, NULL));
    assert_string_equal(first.difference, "- Subject: Größe\n+ Subject: Größer\n");
    kept_clear(&first);
}

static void test_not_handed_over(void **state)
{
    g_autoptr(Config) read = config();
    g_autoptr(Draft) draft = example();
    g_autofree char *path = version_path(draft);
    g_autofree char *file = g_build_filename(data, "plan.txt", NULL);
    g_autoptr(GError) error = NULL;
    gboolean is_saved = FALSE;

    (void)state;
    unlink(file); /* the attachment went: what is there already stays, and the draft is safe */
    assert_false(draft_upload(draft, read, data, &is_saved, &error));
    assert_true(is_saved);
    assert_non_null(error);
    assert_null(draft->filed);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_autoptr(Draft) kept = draft_load(data, draft->id, NULL);
    assert_string_equal(kept->body, draft->body);
}

/* Told apart from a version that is not handed over alone: the text is nowhere. */
static void test_not_saved(void **state)
{
    g_autoptr(Config) read = config();
    g_autoptr(Draft) draft = example();
    g_autofree char *folder = g_build_filename(data, "drafts", NULL);
    g_autoptr(GError) error = NULL;
    gboolean is_saved = TRUE;

    (void)state;
    assert_true(g_file_set_contents(folder, "no folder", -1, NULL));
    assert_false(draft_upload(draft, read, data, &is_saved, &error));
    assert_false(is_saved);
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_null(draft->filed);
}

static void test_difference(void **state)
{
    static const struct {
        const char *before, *after, *expected;
        guint lines;
    } ROWS[] = {
        {"a\nb\nc\n", "a\nb\nc\n", NULL, 0},
        {"a\nb\nc\n", "a\nx\nc\n", "  a\n- b\n+ x\n  c\n  \n", 1},
        {"", "a\n", "+ a\n+ \n", 2},
        {"1\n2\n3\n4\n5\n6\n", "1\n2\n3\n5\n6\n", "  2\n  3\n- 4\n  5\n  6\n", 1},
        {"a\nsame\nb\n", "x\nsame\ny\nz\n", "- a\n+ x\n  same\n- b\n+ y\n+ z\n  \n", 3},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Draft) before = draft_new(NULL), after = draft_new(NULL);
        guint lines;
        draft_set_body(before, ROWS[i].before, strlen(ROWS[i].before));
        draft_set_body(after, ROWS[i].after, strlen(ROWS[i].after));
        g_autofree char *difference = draft_difference(before, after, &lines);
        if (ROWS[i].expected)
            assert_string_equal(difference, ROWS[i].expected);
        else
            assert_null(difference);
        assert_int_equal(lines, ROWS[i].lines);
    }
}

/* Texts that have nothing in common cost no more than both of them. */
static void test_large_difference(void **state)
{
    g_autoptr(GString) old = g_string_new(NULL), new_ = g_string_new(NULL);
    g_autoptr(Draft) before = draft_new(NULL), after = draft_new(NULL);
    guint lines;

    (void)state;
    for (int i = 0; i < 50000; i++) {
        g_string_append_printf(old, "%d\n", i);
        g_string_append_printf(new_, "%d\n", -i - 1);
    }
    draft_set_body(before, old->str, old->len);
    draft_set_body(after, new_->str, new_->len);
    g_autofree char *difference = draft_difference(before, after, &lines);
    assert_non_null(difference);
    assert_int_equal(lines, 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wishes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fields_of_from, setup, teardown),
        cmocka_unit_test_setup_teardown(test_theirs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opened_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_handed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_saved, setup, teardown),
        cmocka_unit_test_setup_teardown(test_difference, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_difference, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
