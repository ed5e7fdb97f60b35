/* test-compose-preview.c - a draft looked at before it goes, and what a command prints, attached to one. */
#include "temp-folder.h"

#include "base/error.h"
#include "base/file.h"
#include "compose/attach_output.h"
#include "compose/preview.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static char *data; /* a folder of this run */

static Draft *begun(void)
{
    Draft *draft = draft_new(NULL);

    draft_set(draft, DRAFT_FROM, "Ada <ada@example.org>");
    draft_set(draft, DRAFT_TO, "bob@x.org");
    draft_set(draft, DRAFT_SUBJECT, "Lunch");
    draft_set_body(draft, "*Noon*?\n", 8);
    return draft;
}

static guint files_in(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint n = 0;

    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

/* As it will be read; an attachment is named, and its bytes are not looked at: it may be gone. */
static void test_preview(void **state)
{
    static const RenderOptions OPTIONS = {.width_cols = 60};
    g_autoptr(Config) config = config_parse("", 0, "tern.conf", 0);
    g_autoptr(Draft) draft = begun();
    g_autofree char *path = g_build_filename(data, "pl\033an.txt", NULL);
    g_autofree char *tmp = g_build_filename(data, "drafts", "tmp", NULL);
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_true(g_file_set_contents(path, "secret bytes\n", -1, NULL));
    assert_true(draft_attach(draft, path, NULL, NULL, NULL));
    g_unlink(path);
    g_autofree char *plain = preview_text(draft, config, data, &OPTIONS, NULL);
    assert_non_null(strstr(plain, "Lunch"));
    assert_non_null(strstr(plain, "*Noon*?"));
    assert_non_null(strstr(plain, "an.txt, "));
    assert_null(strchr(plain, '\033'));
    assert_null(strstr(plain, "secret bytes"));
    draft->is_markdown = TRUE;
    g_autofree char *html = preview_text(draft, config, data, &OPTIONS, NULL);
    assert_non_null(strstr(html, "Noon"));
    assert_null(strstr(html, "*Noon*?"));
    g_autofree char *picture = g_build_filename(data, "plan.png", NULL);
    assert_true(g_file_set_contents(picture, "\x89PNG\r\n\x1a\n", -1, NULL));
    assert_true(draft_attach(draft, picture, NULL, NULL, NULL));
    g_unlink(picture);
    draft_set_body(draft, "![the plan](plan.png)\n", 22);
    g_autofree char *drawn = preview_text(draft, config, data, &OPTIONS, NULL);
    assert_non_null(strstr(drawn, "[picture: the plan]"));
    draft_set(draft, DRAFT_TO, "bob@");
    assert_null(preview_text(draft, config, data, &OPTIONS, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_int_equal(files_in(tmp), 0);
    assert_null(draft->message_id);
}

static void test_output(void **state)
{
    static const struct {
        const char *command, *name; /* NULL: it fails */
        const char *text, *said;
    } ROWS[] = {
        {"printf 'Hi %s\\n' \"it's me\"", "printf.txt", "Hi it's me\n", NULL},
        {"/bin/echo one; echo two", "echo.txt", "one\ntwo\n", NULL},
        {"printf 'a\\000b\\377'", "printf", NULL, NULL},
        {"echo it >&2; exit 3", NULL, NULL, "status 3"},
        {"true", NULL, NULL, "printed nothing"},
    };
    g_autoptr(Draft) draft = begun();
    g_autofree char *folder = draft_files_folder(draft, data, FALSE, NULL);

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GError) error = NULL;
        const guint before = draft->attachments->len;
        const gboolean ok = attach_output(draft, data, ROWS[i].command, NULL, &error);
        assert_int_equal(ok, ROWS[i].name != NULL);
        assert_int_equal(draft->attachments->len, before + (guint)ok);
        assert_int_equal(files_in(folder), draft->attachments->len); /* of a failure nothing is left */
        if (!ok) {
            assert_true(tern_error_is(error, TERN_ERROR_INPUT));
            assert_non_null(strstr(error->message, ROWS[i].said));
            assert_null(strstr(error->message, "ulimit")); /* only what was typed */
            continue;
        }
        const DraftAttachment *attachment = draft->attachments->pdata[before];
        g_autofree char *text = NULL;
        assert_string_equal(attachment->name, ROWS[i].name);
        assert_true(attachment->is_own);
        assert_true(g_file_get_contents(attachment->path, &text, NULL, NULL));
        if (ROWS[i].text)
            assert_string_equal(text, ROWS[i].text);
    }
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    const guint before = draft->attachments->len;
    cancel_trigger(cancel);
    assert_false(attach_output(draft, data, "cat; sleep 600", cancel, &error));
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
    assert_int_equal(files_in(folder), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preview),
        cmocka_unit_test(test_output),
    };

    data = temp_folder_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temp_folder_free(data);
    return failed;
}
