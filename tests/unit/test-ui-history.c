/* test-ui-history.c - what was typed before: kept by kind, each line once, bounded, for one's own eyes
 * only. */
#include "temp-folder.h"

#include "ui/history.h"

#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void check(const GPtrArray *lines, const char *wanted)
{
    g_autofree char *joined = NULL;
    g_autoptr(GPtrArray) ended = g_ptr_array_new();

    for (guint i = 0; i < lines->len; i++)
        g_ptr_array_add(ended, lines->pdata[i]);
    g_ptr_array_add(ended, NULL);
    joined = g_strjoinv("|", (char **)ended->pdata);
    assert_string_equal(joined, wanted);
}

static void test_kept(void **state)
{
    static const char *const ADDED[] = {"one", "two", "one", "", "three\nfour", "żółć", "żółć", "bad \xff"};
    g_autoptr(TempFolder) folder = temp_folder_new();
    History *history = history_new(folder);

    (void)state;
    check(history_lines(history, "command"), "");
    for (size_t i = 0; i < G_N_ELEMENTS(ADDED); i++)
        history_add(history, "command", ADDED[i]);
    history_add(history, "search", "other");
    check(history_lines(history, "command"), "two|one|żółć");
    history_free(history);
    history = history_new(folder);
    check(history_lines(history, "command"), "two|one|żółć");
    check(history_lines(history, "search"), "other");
    history_free(history);
}

static void test_private_and_bounded(void **state)
{
    g_autoptr(TempFolder) folder = temp_folder_new();
    History *history = history_new(folder);
    g_autofree char *path = g_build_filename(folder, "history", "command", NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    struct stat info;
    mode_t old = umask(0);

    (void)state;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *line = g_strdup_printf("line %d", i);
        history_add(history, "command", line);
    }
    umask(old);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(parent, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(history_lines(history, "command")->len, HISTORY_MAX);
    history_free(history);
    /* The next one finds a file that is too long, and writes it anew. */
    history = history_new(folder);
    assert_int_equal(history_lines(history, "command")->len, HISTORY_MAX);
    assert_string_equal(history_lines(history, "command")->pdata[HISTORY_MAX - 1], "line 999");
    assert_int_equal(stat(path, &info), 0);
    assert_in_range(info.st_size, 1, HISTORY_MAX * 10);
    assert_int_equal(info.st_mode & 0777, 0600);
    history_free(history);
}

/* Files that no tern has written, and places that cannot be written to. */
static void test_hostile(void **state)
{
    g_autoptr(TempFolder) folder = temp_folder_new();
    g_autofree char *kinds = g_build_filename(folder, "history", NULL);
    g_autofree char *path = g_build_filename(kinds, "command", NULL),
                    *link = g_build_filename(kinds, "link", NULL);
    g_autofree char *target = g_build_filename(folder, "target", NULL);
    static const char BYTES[] = "good\n\xff\xfe\n\n\r\nalso good\r\nlast";

    (void)state;
    assert_true(file_make_folder(kinds, NULL));
    assert_true(g_file_set_contents(path, BYTES, sizeof BYTES - 1, NULL));
    assert_int_equal(symlink(target, link), 0);
    History *history = history_new(folder);
    check(history_lines(history, "command"), "good|last");
    /* Nothing is written through a link. */
    history_add(history, "link", "text");
    assert_int_not_equal(access(target, F_OK), 0);
    check(history_lines(history, "link"), "text");
    history_free(history);
    history = history_new("/proc/nowhere");
    history_add(history, "command", "text");
    check(history_lines(history, "command"), "text");
    history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_private_and_bounded),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
