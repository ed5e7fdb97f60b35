/* test-compose-editor.c - a draft in a text editor's file: nothing that was written there is lost. */
#include "temp-folder.h"

#include "base/file.h"
#include "compose/editor.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <cmocka.h>

#define FIELDS_OF_DRAFT "From: \nTo: bob@x.org\nCc: \nBcc: \nSubject: Lunch\n\n"

static char *data; /* a folder of this run */

static Draft *begun(void)
{
    Draft *draft = draft_new(NULL);

    draft_set(draft, DRAFT_TO, "bob@x.org");
    draft_set(draft, DRAFT_SUBJECT, "Lunch");
    draft_set_body(draft, "Noon?\n", 6);
    return draft;
}

static void assert_file(const char *path, const char *text)
{
    g_autofree char *bytes = NULL;

    assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
    assert_string_equal(bytes, text);
}

/* What an editor leaves, and what becomes of it. */
static const struct {
    const char *file, *to, *body;
} FILES[] = {
    {FIELDS_OF_DRAFT "Noon?\n", "bob@x.org", "Noon?\n"},
    {"To: eve@x.org,\n  carl@x.org\n\nHi\n", "eve@x.org, carl@x.org", "Hi\n"},
    {"no field\n", "bob@x.org", "no field\n"},
    {"\nTo: eve@x.org\n", "bob@x.org", "To: eve@x.org\n"},
    /* The empty line is missing: what follows is text all the same. */
    {"To: eve@x.org\nDear Eve,\n\nnoon?\n", "eve@x.org", "Dear Eve,\n\nnoon?\n"},
    {"To: eve@x.org\nDear Eve: noon?\n", "eve@x.org", "Dear Eve: noon?\n"},
    {"To: eve@x.org\n", "eve@x.org", ""},
};

static void test_read(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(FILES); i++) {
        g_autoptr(Draft) draft = begun();
        g_autofree char *path = editor_write(draft, data, TRUE, NULL);
        assert_file(path, FIELDS_OF_DRAFT "Noon?\n");
        assert_true(g_file_set_contents(path, FILES[i].file, -1, NULL));
        assert_true(editor_read(draft, path, TRUE, 0, NULL));
        assert_string_equal(draft->fields[DRAFT_TO], FILES[i].to);
        assert_string_equal(draft->body, FILES[i].body);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

/* An editor that failed leaves its text, and the next one does not overwrite it. */
static void test_left(void **state)
{
    g_autoptr(Draft) draft = begun();

    (void)state;
    for (int i = 1; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("%s-%d.eml", draft->id, i);
        g_autofree char *kept = g_build_filename(data, "drafts", "edit", name, NULL);
        g_autofree char *left = g_strdup_printf("precious %d\n", i);
        g_autofree char *path = editor_write(draft, data, TRUE, NULL);
        assert_file(path, FIELDS_OF_DRAFT "Noon?\n");
        assert_true(g_file_set_contents(path, left, -1, NULL));
        assert_false(editor_read(draft, path, TRUE, 1 << 8, NULL));
        assert_string_equal(draft->body, "Noon?\n");
        g_autofree char *again = editor_write(draft, data, TRUE, NULL);
        assert_string_equal(again, path);
        assert_file(kept, left);
        /* What says nothing new needs no name. */
        g_free(editor_write(draft, data, TRUE, NULL));
        g_autofree char *next_name = g_strdup_printf("%s-%d.eml", draft->id, i + 1);
        g_autofree char *next = g_build_filename(data, "drafts", "edit", next_name, NULL);
        assert_int_not_equal(access(next, F_OK), 0);
    }
}

/* After a kill: fields alone count too, and the file stays until the draft has what is in it. */
static void test_recovered(void **state)
{
    g_autoptr(Draft) draft = begun();
    g_autofree char *path = editor_write(draft, data, TRUE, NULL);
    g_autofree char *drafts = g_build_filename(data, "drafts", "cur", NULL);
    g_autofree char *away = g_build_filename(data, "drafts", "away", NULL);

    (void)state;
    assert_true(draft_save(draft, data, NULL));
    assert_true(g_file_set_contents(path, "To: bob@x.org\nSubject: Dinner\n\nNoon?\n", -1, NULL));
    assert_int_equal(g_rename(drafts, away), 0);
    assert_true(g_file_set_contents(drafts, "", 0, NULL)); /* no draft can be saved here */
    g_autoptr(Draft) first = draft_copy(draft);
    assert_true(editor_recover(first, data));
    assert_string_equal(first->fields[DRAFT_SUBJECT], "Dinner");
    assert_int_equal(access(path, F_OK), 0);

    assert_int_equal(g_unlink(drafts), 0);
    assert_int_equal(g_rename(away, drafts), 0);
    assert_true(editor_recover(draft, data));
    assert_int_not_equal(access(path, F_OK), 0);
    g_autoptr(Draft) saved = draft_load(data, draft->id, NULL);
    assert_string_equal(saved->fields[DRAFT_SUBJECT], "Dinner");
    assert_string_equal(saved->body, "Noon?\n");
    assert_false(editor_recover(draft, data));
}

/* What was kept goes a week after its draft, and not before. */
static void test_cleaned(void **state)
{
    static const struct {
        const char *name;
        gboolean is_old, stays;
    } ROWS[] = {{"1.ab-1.eml", TRUE, FALSE}, {"1.ab.eml", TRUE, FALSE},   {"1.ab.eml.lock", TRUE, FALSE},
                {"2.cd-3.eml", FALSE, TRUE}, {"DRAFT-1.eml", TRUE, TRUE}, {"DRAFT.eml", FALSE, TRUE}};
    g_autoptr(Draft) draft = begun();
    g_autofree char *folder = g_build_filename(data, "drafts", "edit", NULL);
    g_autofree char *half = g_build_filename(data, "drafts", "tmp", "1.ab", NULL),
                    *fresh = g_build_filename(data, "drafts", "tmp", "preview-abcdef", NULL);
    struct utimbuf old = {time(NULL) - 8 * 86400, time(NULL) - 8 * 86400};

    (void)state;
    assert_true(draft_save(draft, data, NULL));
    assert_true(file_make_folder(folder, NULL));
    assert_true(g_file_set_contents(half, "x", 1, NULL) && g_file_set_contents(fresh, "x", 1, NULL));
    assert_int_equal(g_utime(half, &old), 0);
    for (int pass = 0; pass < 2; pass++) {
        for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
            g_autoptr(GString) name = g_string_new(ROWS[i].name);
            g_string_replace(name, "DRAFT", draft->id, 0);
            g_autofree char *path = g_build_filename(folder, name->str, NULL);
            if (pass == 0) {
                assert_true(g_file_set_contents(path, "x", 1, NULL));
                assert_int_equal(ROWS[i].is_old ? g_utime(path, &old) : 0, 0);
            } else {
                assert_int_equal(g_file_test(path, G_FILE_TEST_EXISTS), ROWS[i].stays);
                g_unlink(path);
            }
        }
        editor_clean(data);
    }
    assert_false(g_file_test(half, G_FILE_TEST_EXISTS)); /* of a tern that was killed */
    assert_true(g_file_test(fresh, G_FILE_TEST_EXISTS)); /* of one that runs, perhaps */
    draft_remove(draft, data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cleaned),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_recovered),
    };

    data = temp_folder_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temp_folder_free(data);
    return failed;
}
