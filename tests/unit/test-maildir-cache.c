/* The cache of message files: whole or not there, never another message's, and tidied shelf by shelf. */
#include "temp-folder.h"

#include "base/file.h"
#include "maildir/shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>
#include <cmocka.h>

#define DAY_S (24 * 60 * 60)

static void put(const char *folder, CacheName name, const char *text, int64_t read_s)
{
    g_autoptr(GError) error = NULL;
    CacheFile *file = cache_file_new(folder, &error);

    assert_non_null(file);
    assert_true(file_write_all(cache_file_fd(file), text, strlen(text), NULL));
    assert_false(cache_has(folder, name));
    assert_true(cache_file_commit(file, name, read_s, &error));
}

static int64_t time_of(const char *path)
{
    struct stat is;

    assert_int_equal(stat(path, &is), 0);
    return is.st_mtime;
}

static void test_a_file_is_whole_or_not_there(void **state)
{
    const char *folder = *state;
    const CacheName name = {0x1234567, 0xfedcba9876543210}, other = {0x1234667, 1}, empty = {0x1234767, 1};
    g_autofree char *path = cache_path(folder, name);
    struct stat is;

    assert_null(cache_find(folder, name));
    put(folder, name, "text", 0);
    g_autofree char *found = cache_find(folder, name);
    assert_string_equal(found, path);
    assert_true(g_str_has_suffix(path, "/messages/67/19088743-fedcba9876543210"));
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_mode & 0777, 0600);
    /* Thrown away: nothing stays; an empty file, as a power cut may leave it, does not count. */
    cache_file_discard(cache_file_new(folder, NULL));
    assert_null(cache_find(folder, other));
    put(folder, empty, "", 0);
    assert_null(cache_find(folder, empty));
    g_autofree char *new = g_build_filename(folder, "messages", "new", NULL);
    g_autoptr(GDir) dir = g_dir_open(new, 0, NULL);
    assert_null(g_dir_read_name(dir));
}

/* The same id for another message, as a store gives it that was put back from a backup. */
static void test_another_message_is_another_file(void **state)
{
    const char *folder = *state;

    put(folder, (CacheName){7, 1}, "one", 0);
    assert_false(cache_has(folder, (CacheName){7, 2}));
    put(folder, (CacheName){7, 2}, "other", 0);
    g_autofree char *path = cache_path(folder, (CacheName){7, 2});
    g_autofree char *text = file_read(path, 100, NULL, NULL);
    assert_string_equal(text, "other");
}

/* At most once a day, and a time to come is put right. */
static void test_reading_sets_the_time(void **state)
{
    const char *folder = *state;
    static const struct {
        int64_t ago_s;
        gboolean is_set;
    } ROWS[] = {{60, FALSE}, {DAY_S / 2, FALSE}, {2 * DAY_S, TRUE}, {400 * DAY_S, TRUE}, {-9 * DAY_S, TRUE}};
    const int64_t now_s = g_get_real_time() / 1000000;

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const CacheName name = {i + 1, 1};
        put(folder, name, "text", now_s - ROWS[i].ago_s);
        g_autofree char *path = cache_path(folder, name);
        assert_int_equal(time_of(path), now_s - ROWS[i].ago_s);
        assert_true(cache_has(folder, name));
        assert_int_equal(time_of(path), now_s - ROWS[i].ago_s); /* looking is not reading */
        g_free(cache_find(folder, name));
        if (ROWS[i].is_set)
            assert_in_range(time_of(path), now_s - 1, now_s + 60);
        else
            assert_int_equal(time_of(path), now_s - ROWS[i].ago_s);
    }
}

static void drop(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, "messages", "05", name, NULL);

    assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static void test_a_shelf_lists_what_is_a_message(void **state)
{
    static const char *const STRANGERS[] = {"5",
                                            "5-",
                                            "5-1",
                                            "x",
                                            "5-00000000000000001",
                                            "5-000000000000000g",
                                            "6-0000000000000001",
                                            "--5-0000000000000001",
                                            "-5-0000000000000001", /* of another shelf */
                                            "5.aBcDeF",
                                            ".hidden"};
    const char *folder = *state;
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(CacheEntry));

    cache_shelf_list(folder, 5, entries);
    assert_int_equal(entries->len, 0);
    put(folder, (CacheName){0x105, 2}, "four", 1000000);
    put(folder, (CacheName){5, 1}, "text", 0);
    put(folder, (CacheName){6, 1}, "elsewhere", 0);
    for (guint i = 0; i < G_N_ELEMENTS(STRANGERS); i++)
        drop(folder, STRANGERS[i]);
    for (int i = 0; i < 2; i++) { /* the first look takes strangers away */
        g_array_set_size(entries, 0);
        cache_shelf_list(folder, 5, entries);
        assert_int_equal(entries->len, 2);
    }
    const CacheEntry *entry = &g_array_index(entries, CacheEntry, 0);
    entry += entry->name.id == 5;
    assert_int_equal(entry->name.id, 0x105);
    assert_int_equal(entry->name.token, 2);
    assert_int_equal(entry->size_bytes, 4);
    assert_int_equal(entry->read_s, 1000000);
    g_autofree char *path = g_build_filename(folder, "messages", "05", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    int left = 0;
    while (g_dir_read_name(dir))
        left++;
    assert_int_equal(left, 2);
}

static void test_rows_that_are_gone(void **state)
{
    const char *folder = *state;
    const int64_t shared = INT64_MIN | 0x1205, kept = INT64_MIN | 0x1305;
    const int64_t gone[] = {0x305, 4, shared, 0x105, 77};

    for (int64_t id = 1; id <= 0x400; id++)
        put(folder, (CacheName){id, (uint64_t)id * 3}, "text", 0);
    put(folder, (CacheName){shared, 1}, "text", 0);
    put(folder, (CacheName){kept, 1}, "text", 0);
    cache_remove_rows(folder, gone, G_N_ELEMENTS(gone));
    cache_remove_rows(folder, gone, 0);
    cache_remove(folder, (CacheName){9, 27});
    cache_remove(folder, (CacheName){10, 1}); /* not that one */
    int left = 0;
    for (int64_t id = 1; id <= 0x400; id++)
        left += cache_has(folder, (CacheName){id, (uint64_t)id * 3});
    assert_int_equal(left, 0x400 - 5);
    assert_false(cache_has(folder, (CacheName){0x105, 0x105 * 3}));
    assert_true(cache_has(folder, (CacheName){5, 15}));
    assert_true(cache_has(folder, (CacheName){10, 30}));
    assert_false(cache_has(folder, (CacheName){shared, 1}));
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(CacheEntry));
    cache_shelf_list(folder, 5, entries); /* 5, 0x205 and the one of a number of its own */
    assert_int_equal(entries->len, 3);
    assert_true(cache_has(folder, (CacheName){kept, 1}));
}

/* What a run that was killed had begun. */
static void test_unfinished_files_go(void **state)
{
    const char *folder = *state;
    g_autofree char *aside = g_build_filename(folder, "messages", "unfinished", NULL);
    g_autofree char *old = g_build_filename(aside, "x", NULL);

    cache_remove_unfinished(folder); /* nothing there yet */
    CacheFile *killed = cache_file_new(folder, NULL);
    assert_true(file_make_folder(aside, NULL));
    assert_true(g_file_set_contents(old, "x", 1, NULL));
    cache_remove_unfinished(folder);
    assert_false(g_file_test(aside, G_FILE_TEST_EXISTS));
    put(folder, (CacheName){1, 1}, "text", 0);
    /* Whoever still holds one cannot put it in its place. */
    g_autoptr(GError) error = NULL;
    assert_false(cache_file_commit(killed, (CacheName){2, 1}, 0, &error));
    assert_non_null(error);
}

/* Those read longest ago go, until what is left fits. */
static void test_trimming(void **state)
{
    static const struct {
        int64_t max_bytes;
        gboolean old, middle, new;
    } TABLE[] = {{12, TRUE, TRUE, TRUE},  {11, FALSE, TRUE, TRUE}, {8, FALSE, TRUE, TRUE},
                 {7, FALSE, FALSE, TRUE}, {4, FALSE, FALSE, TRUE}, {3, FALSE, FALSE, FALSE},
                 {0, FALSE, FALSE, FALSE}};
    const char *folder = *state;
    const CacheName old = {7, 1}, middle = {300, 1}, new = {8, 1};

    for (guint i = 0; i < G_N_ELEMENTS(TABLE); i++) {
        cache_trim(folder, 0);
        put(folder, old, "four", 1000000);
        put(folder, middle, "four", 2000000);
        put(folder, new, "four", 3000000);
        cache_trim(folder, TABLE[i].max_bytes);
        assert_int_equal(cache_has(folder, old), TABLE[i].old);
        assert_int_equal(cache_has(folder, middle), TABLE[i].middle);
        assert_int_equal(cache_has(folder, new), TABLE[i].new);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temp_folder_make, temp_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_whole_or_not_there),
        TEST(test_another_message_is_another_file),
        TEST(test_reading_sets_the_time),
        TEST(test_a_shelf_lists_what_is_a_message),
        TEST(test_rows_that_are_gone),
        TEST(test_unfinished_files_go),
        TEST(test_trimming),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
