/* Drafts on their way to folders, as files: each version takes the place of the one before, what is settled
 * goes, and what another process does meanwhile is not lost. */
#include "temp-folder.h"

#include "maildir/uploads.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char *folder;

static int setup(void **state)
{
    (void)state;
    folder = temp_folder_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temp_folder_free(folder);
    return 0;
}

static void put(const char *draft, const char *account, const char *message_id, const char *text)
{
    g_autofree char *path = NULL;
    const int fd = upload_begin(folder, draft, &path, NULL);

    assert_true(fd >= 0);
    assert_true(file_write_all(fd, text, strlen(text), NULL));
    close(fd);
    assert_true(upload_put(folder, draft, path, account, message_id, NULL));
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static guint count(const char *account)
{
    g_autoptr(GPtrArray) all = upload_list(folder, account, NULL);

    return all->len;
}

static gboolean set_filed(Upload *upload, void *row)
{
    upload->state = UPLOAD_FILED;
    upload->row = *(const int64_t *)row;
    return TRUE;
}

static gboolean set_empty(Upload *upload, void *data)
{
    (void)data;
    upload->row = 0;
    return TRUE;
}

static void test_versions(void **state)
{
    int64_t row = 7;
    char text[10] = "";
    int fd;

    (void)state;
    assert_int_equal(count(NULL), 0); /* and nothing is made for that */
    put("1.a", "work", "1.a.x@tern.invalid", "one");
    g_autoptr(Upload) first = upload_read(folder, "1.a", NULL);
    assert_string_equal(first->message_id, "1.a.x@tern.invalid");
    assert_int_equal(first->state, UPLOAD_WAITING);
    put("1.a", "work", "1.a.y@tern.invalid", "two");
    assert_false(upload_open(folder, first, &fd, NULL)); /* it is not that any more */
    assert_int_equal(fd, -1);
    g_autoptr(Upload) second = upload_read(folder, "1.a", NULL);
    assert_true(upload_open(folder, second, &fd, NULL));
    assert_int_equal(read(fd, text, sizeof text), 3);
    close(fd);
    assert_string_equal(text, "two");
    assert_true(upload_change(folder, second, set_filed, &row, NULL));
    put("1.a", "work", "1.a.z@tern.invalid", "three");
    g_autoptr(Upload) third = upload_read(folder, "1.a", NULL);
    assert_int_equal(third->row, 7); /* which stands there still */
    assert_int_equal(third->state, UPLOAD_WAITING);
}

static void test_gone(void **state)
{
    int64_t row = 7;

    (void)state;
    assert_true(upload_drop(folder, "1.a", NULL)); /* nothing was ever there */
    put("1.a", "work", "1.a.x@tern.invalid", "one");
    assert_true(upload_drop(folder, "1.a", NULL));
    assert_int_equal(count(NULL), 0); /* never tried: nothing stands anywhere */
    put("1.a", "work", "1.a.x@tern.invalid", "one");
    g_autoptr(Upload) upload = upload_read(folder, "1.a", NULL);
    assert_true(upload_change(folder, upload, set_filed, &row, NULL));
    assert_true(upload_drop(folder, "1.a", NULL));
    assert_null(upload_read(folder, "1.a", NULL));
    assert_int_equal(count("work"), 1); /* it is to be taken away */
    assert_true(upload_change(folder, upload, set_empty, NULL, NULL));
    assert_int_equal(count(NULL), 0);
}

static void test_another_account(void **state)
{
    int64_t row = 7;

    (void)state;
    assert_true(upload_adopt(folder, "1.a", "a/b: c", row, 12, NULL));
    g_autoptr(Upload) adopted = upload_read(folder, "1.a", NULL);
    assert_string_equal(adopted->account, "a/b: c");
    assert_int_equal(adopted->state, UPLOAD_FILED);
    put("1.a", "home", "1.a.x@tern.invalid", "one");
    g_autoptr(Upload) moved = upload_read(folder, "1.a", NULL);
    assert_string_equal(moved->account, "home");
    g_autoptr(GPtrArray) old = upload_list(folder, "a/b: c", NULL);
    assert_int_equal(old->len, 1);
    assert_int_equal(((Upload *)old->pdata[0])->state, UPLOAD_GONE);
    assert_int_equal(((Upload *)old->pdata[0])->row, 7);
}

static void test_forgotten_and_damaged(void **state)
{
    g_autofree char *record = g_build_filename(folder, "drafts/upload/2.b,work", NULL);

    (void)state;
    assert_true(upload_adopt(folder, "1.a", "work", 7, 12, NULL));
    upload_forget(folder, "1.a");
    assert_int_equal(count(NULL), 0);
    put("2.b", "work", "2.b.x@tern.invalid", "one");
    assert_true(g_file_set_contents(record, "[upload]\nstate=nonsense\n", -1, NULL));
    assert_int_equal(count(NULL), 0);
    put("2.b", "work", "2.b.y@tern.invalid", "two"); /* and is made good by the next version */
    assert_int_equal(count(NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_versions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_account, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgotten_and_damaged, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
