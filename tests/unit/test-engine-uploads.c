/* test-engine-uploads.c - what the engine notes of a draft on its way to a folder, while somebody else sends
 * it or changes it. */
#include "temp-folder.h"

#include "base/clock.h"
#include "base/error.h"
#include "engine/uploads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define DRAFT "1.a"

static char *folder;
static Paths *paths;

static int setup(void **state)
{
    (void)state;
    folder = temp_folder_new();
    paths = paths_new(folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    paths_free(paths);
    temp_folder_free(folder);
    return 0;
}

static Upload *put(const char *message_id)
{
    g_autofree char *path = NULL;
    const int fd = upload_begin(paths->data, DRAFT, &path, NULL);

    assert_true(fd >= 0);
    close(fd);
    assert_true(upload_put(paths->data, DRAFT, path, "work", message_id, NULL));
    return upload_read(paths->data, DRAFT, NULL);
}

/* Sent or changed between the list and the APPEND: it must not go there. */
static void test_gone_meanwhile(void **state)
{
    g_autoptr(Upload) first = put("1.a.x@tern.invalid");
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_true(uploads_note_tried(paths, first, NULL));
    g_autoptr(Upload) second = put("1.a.y@tern.invalid");
    assert_false(uploads_note_tried(paths, first, &error));
    assert_null(error);
    assert_true(uploads_note_tried(paths, second, NULL));
    assert_true(upload_drop(paths->data, DRAFT, NULL));
    assert_false(uploads_note_tried(paths, second, &error));
    assert_null(error);
    upload_forget(paths->data, DRAFT);
    g_autoptr(Upload) third = put("1.a.z@tern.invalid");
    upload_forget(paths->data, DRAFT); /* nothing is known of it any more */
    assert_false(uploads_note_tried(paths, third, &error));
    assert_null(error);
}

/* An hour for the version that was refused, none for the next one; and told once. */
static void test_refused(void **state)
{
    g_autoptr(GError) why = g_error_new_literal(TERN_ERROR, TERN_ERROR_REFUSED, "quota");
    g_autoptr(GError) another = g_error_new_literal(TERN_ERROR, TERN_ERROR_REFUSED, "read-only");
    g_autoptr(Upload) first = put("1.a.x@tern.invalid");
    g_autofree char *told = NULL, *again = NULL, *other = NULL, *late = NULL;

    (void)state;
    assert_true(uploads_is_due(first));
    assert_true(uploads_note_refused(paths, first, "Drafts", why, &told, NULL));
    assert_string_equal(told, "the draft is kept here, but could not be put into “Drafts”: quota");
    g_autoptr(Upload) refused = upload_read(paths->data, DRAFT, NULL);
    assert_false(uploads_is_due(refused));
    refused->not_before_s += 24 * 3600; /* the clock was set back by a day */
    assert_true(uploads_is_due(refused));
    g_autoptr(Upload) second = put("1.a.y@tern.invalid");
    assert_true(uploads_is_due(second));
    assert_true(uploads_note_refused(paths, second, "Drafts", why, &again, NULL));
    assert_null(again);
    assert_true(uploads_note_refused(paths, second, "Drafts", another, &other, NULL));
    assert_non_null(other);
    g_autoptr(Upload) third = put("1.a.z@tern.invalid");
    assert_true(uploads_note_refused(paths, second, "Drafts", why, &late, NULL)); /* its answer comes late */
    g_autoptr(Upload) now = upload_read(paths->data, DRAFT, NULL);
    assert_string_equal(now->message_id, third->message_id);
    assert_true(uploads_is_due(now));
}

static void test_refused_to_let_go(void **state)
{
    g_autoptr(GError) why = g_error_new_literal(TERN_ERROR, TERN_ERROR_REFUSED, "no");
    g_autoptr(Upload) upload = put("1.a.x@tern.invalid");
    g_autofree char *told = NULL;

    (void)state;
    assert_true(uploads_note_tried(paths, upload, NULL));
    assert_true(upload_drop(paths->data, DRAFT, NULL));
    g_autoptr(GPtrArray) all = upload_list(paths->data, "work", NULL);
    assert_int_equal(all->len, 1);
    assert_true(uploads_note_refused(paths, all->pdata[0], "Drafts", why, &told, NULL));
    assert_string_equal(told, "a draft that was sent or thrown away could not be taken out of “Drafts”: no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gone_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_to_let_go, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
