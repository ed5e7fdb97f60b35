/* The list of what was deleted here: added to, taken once, kept when it could not be taken; torn lines,
 * strange names. */
#include "temp-folder.h"

#include "base/error.h"
#include "maildir/uidl.h"
#include "maildir/unwanted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    GString *seen;
    gboolean fails;
} Taker;

static gboolean take(const GPtrArray *bases, void *data, GError **error)
{
    Taker *taker = data;

    for (guint i = 0; i < bases->len; i++)
        g_string_append_printf(taker->seen, "%s ", (char *)bases->pdata[i]);
    if (taker->fails)
        tern_error_set(error, TERN_ERROR_STORE, "not now");
    return !taker->fails;
}

static void check_take(const char *path, gboolean fails, const char *expected)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    Taker taker = {seen, fails};
    g_autoptr(GError) error = NULL;

    assert_int_equal(unwanted_take(path, take, &taker, &error), !fails);
    assert_int_equal(error != NULL, fails);
    assert_string_equal(seen->str, expected);
}

static void add(const char *path, const char *one, const char *other)
{
    g_autoptr(GPtrArray) bases = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(bases, (gpointer)one);
    if (other)
        g_ptr_array_add(bases, (gpointer)other);
    assert_true(unwanted_add(path, bases, &error));
}

static void test_list(void **state)
{
    g_autoptr(TempFolder) folder = temp_folder_new();
    g_autofree char *path = g_build_filename(folder, "uidl", "home.unwanted", NULL);
    g_autofree char *mark = uidl_mark("home", "a"), *other_mark = uidl_mark("home", "b");
    g_autofree char *base = uidl_new_base(mark), *other = uidl_new_base(other_mark);
    g_autofree char *both = g_strdup_printf("%s %s ", base, other), *first = g_strdup_printf("%s ", base);
    g_autofree char *torn = g_strdup_printf("%s\n%s", base, other);

    (void)state;
    check_take(path, FALSE, "");
    add(path, "1764500000.M1P2.host", NULL); /* no message of POP3's */
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    add(path, base, "1764500000.M1P2.host");
    add(path, other, NULL);
    check_take(path, TRUE, both);
    check_take(path, FALSE, both);
    check_take(path, FALSE, "");
    assert_true(g_file_set_contents(path, torn, -1, NULL));
    check_take(path, FALSE, first);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {cmocka_unit_test(test_list)};

    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
