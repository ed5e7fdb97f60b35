/* The cache of message files over days and kills: what no row has goes, what is too much goes by when it was
 * read. */
#include "store-fixture.h"

#include "base/clock.h"
#include "base/file.h"
#include "engine/housekeeper.h"
#include "maildir/cache.h"
#include "store/change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define FILE_BYTES 10000
#define GIGABYTE (INT64_C(1) << 30)
#define WAIT_US (20 * SECOND_US)

static Config *config(const char *keys)
{
    g_autofree char *text = g_strdup_printf(
        "[account work]\naddress = a@example.org\nincoming = imaps://example.org\n%s\n", keys);

    return config_parse(text, strlen(text), "tern.conf", 0);
}

/* The name of the file of a row. */
static CacheName name_of(Fixture *fixture, int64_t id)
{
    g_autoptr(StoreMessage) message = store_read_message(fixture->reader, id, NULL);

    assert_non_null(message);
    return (CacheName){id, store_message_token(message)};
}

static void put(Fixture *fixture, CacheName name, int64_t read_s)
{
    static char bytes[FILE_BYTES] = "Subject: x\n";
    CacheFile *file = cache_file_new(fixture->paths->cache, NULL);

    assert_non_null(file);
    assert_true(file_write_all(cache_file_fd(file), bytes, sizeof bytes, NULL));
    assert_true(cache_file_commit(file, name, read_s, NULL));
}

static void add_rows(Fixture *fixture, int n)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    g_autofree StoreNewMessage *messages = g_new(StoreNewMessage, (gsize)n);

    for (int i = 0; i < n; i++)
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1600000000 + i, i, NULL);
    fixture_add(fixture, fixture->inbox, messages, (guint)n);
}

static int count_files(Fixture *fixture)
{
    g_autofree char *messages = g_build_filename(fixture->paths->cache, "messages", NULL);
    int n = 0;

    for (int shelf = 0; shelf < 256; shelf++) {
        g_autofree char *path = g_strdup_printf("%s/%02x", messages, (unsigned)shelf);
        GDir *dir = g_dir_open(path, 0, NULL);
        while (dir && g_dir_read_name(dir))
            n++;
        if (dir)
            g_dir_close(dir);
    }
    return n;
}

/* Until so many are left, and a moment longer: no more are to go. */
static void wait_for_files(Fixture *fixture, int wanted)
{
    const int64_t until_us = clock_now_us() + WAIT_US;

    while (count_files(fixture) > wanted && clock_now_us() < until_us)
        g_usleep(5000);
    assert_int_equal(count_files(fixture), wanted);
}

static Housekeeper *start(Fixture *fixture, const Config *settings)
{
    GError *error = NULL;
    Housekeeper *keeper = housekeeper_start(settings, fixture->store, fixture->paths, &error);

    fixture_ok(keeper, error);
    return keeper;
}

/* Those that were read longest ago go first, whatever the order in which they came. */
static void test_least_recently_read_go_first(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("cache-size = 500K");
    const int64_t now_s = clock_wall_s();
    enum { N = 60 };

    add_rows(fixture, N);
    for (int64_t id = 1; id <= N; id++)
        put(fixture, name_of(fixture, id), now_s - 100000 + (id * 37 % N) * 1000);
    Housekeeper *keeper = start(fixture, settings);
    const int left = 500 * 1024 / 10 * 9 / FILE_BYTES;
    wait_for_files(fixture, left);
    for (int64_t id = 1; id <= N; id++)
        assert_int_equal(cache_has(fixture->paths->cache, name_of(fixture, id)), id * 37 % N >= N - left);
    housekeeper_stop(keeper);
    /* And it knows so at the next start, without looking. */
    keeper = start(fixture, settings);
    assert_int_equal(housekeeper_fill_room(keeper, "work"), 500 * 1024 - 500 * 1024 / 10 - left * FILE_BYTES);
    housekeeper_stop(keeper);
}

static gboolean move_job(StoreTxn *txn, void *data, GError **error)
{
    const Fixture *fixture = data;

    for (int64_t id = 1; id <= 10; id++)
        if (!store_change_move(txn, id, fixture->sent, error))
            return FALSE;
    return TRUE;
}

/* What waits to be taken elsewhere is not thrown away to be fetched once more. */
static void test_what_is_on_its_way_stays(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("cache-size = 500K");
    enum { N = 60 };

    add_rows(fixture, N);
    for (int64_t id = 1; id <= N; id++)
        put(fixture, name_of(fixture, id), 1000000 + id);
    fixture_run(fixture, TRUE, move_job, fixture);
    Housekeeper *keeper = start(fixture, settings);
    const int left = 500 * 1024 / 10 * 9 / FILE_BYTES;
    wait_for_files(fixture, left);
    housekeeper_stop(keeper);
    for (int64_t id = 1; id <= N; id++)
        assert_int_equal(cache_has(fixture->paths->cache, name_of(fixture, id)),
                         id <= 10 || id > 10 + N - left);
}

/* An account within its bounds loses nothing to one that is past them. */
static void test_what_fits_stays(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("cache-size = 500K");

    add_rows(fixture, 40);
    for (int64_t id = 1; id <= 40; id++)
        put(fixture, name_of(fixture, id), 1000000 + id);
    Housekeeper *keeper = start(fixture, settings);
    housekeeper_added(keeper, "work", 40 * FILE_BYTES);
    housekeeper_added(keeper, "another", INT64_C(2) << 30);
    g_usleep(300000);
    housekeeper_stop(keeper);
    assert_int_equal(count_files(fixture), 40);
}

static void test_files_of_deleted_rows_go(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("");
    const uint32_t uids[] = {3, 4, 5, 260, 261};

    add_rows(fixture, 300);
    for (int64_t id = 1; id <= 300; id++)
        put(fixture, name_of(fixture, id), 0);
    Housekeeper *keeper = start(fixture, settings);
    fixture_expunge(fixture, fixture->inbox, uids, G_N_ELEMENTS(uids));
    wait_for_files(fixture, 295);
    housekeeper_stop(keeper);
    assert_int_equal(count_files(fixture), 295);
}

/* A store that was put back from a backup: its rows get ids that had other messages; files of those go, and
 * are never taken for theirs. */
static void test_an_older_store_with_a_newer_cache(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("");
    CacheName wrong;

    add_rows(fixture, 10);
    for (int64_t id = 1; id <= 10; id++) {
        const CacheName name = name_of(fixture, id);
        put(fixture, name, 0);
        wrong = name;
        wrong.id += 100;
        wrong.token ^= 1;
        put(fixture, wrong, 0); /* no such row */
        wrong.id = id;
        put(fixture, wrong, 0); /* another message's */
    }
    Housekeeper *keeper = start(fixture, settings);
    wait_for_files(fixture, 10);
    housekeeper_stop(keeper);
    for (int64_t id = 1; id <= 10; id++)
        assert_true(cache_has(fixture->paths->cache, name_of(fixture, id)));
}

/* A start looks at no file when the last sweep was not long ago. */
static void test_a_start_sweeps_once_a_day(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("");

    add_rows(fixture, 5);
    put(fixture, name_of(fixture, 1), 0);
    Housekeeper *keeper = start(fixture, settings);
    const int64_t until_us = clock_now_us() + WAIT_US;
    while (housekeeper_fill_room(keeper, "work") == GIGABYTE - GIGABYTE / 10 && clock_now_us() < until_us)
        g_usleep(5000);
    assert_int_equal(housekeeper_fill_room(keeper, "work"), GIGABYTE - GIGABYTE / 10 - FILE_BYTES);
    housekeeper_stop(keeper);
    put(fixture, (CacheName){99, 1}, 0);
    keeper = start(fixture, settings);
    g_usleep(300000);
    assert_int_equal(count_files(fixture), 2);
    housekeeper_stop(keeper);
}

static void test_how_far_it_was_filled(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Config) settings = config("");
    Housekeeper *keeper = start(fixture, settings);

    assert_int_equal(housekeeper_kept(keeper, "work", "text"), 0);
    housekeeper_set_kept(keeper, "work", "text", 77);
    housekeeper_stop(keeper);
    keeper = start(fixture, settings);
    assert_int_equal(housekeeper_kept(keeper, "work", "text"), 77);
    assert_int_equal(housekeeper_kept(keeper, "work", "all"), 0);
    assert_int_equal(housekeeper_kept(keeper, "other", "text"), 0);
    housekeeper_stop(keeper);
    /* Nonsense in the file is as good as none. */
    g_autofree char *path = g_build_filename(fixture->paths->cache, "messages", "state", NULL);
    assert_true(
        g_file_set_contents(path, "\xff[[[\nbytes=-5\n[account work]\nbytes = -17\nkept = x\n", -1, NULL));
    keeper = start(fixture, settings);
    assert_int_equal(housekeeper_kept(keeper, "work", "text"), 0);
    assert_true(housekeeper_fill_room(keeper, "work") > 0);
    housekeeper_stop(keeper);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_least_recently_read_go_first),
        TEST(test_what_fits_stays),
        TEST(test_what_is_on_its_way_stays),
        TEST(test_files_of_deleted_rows_go),
        TEST(test_an_older_store_with_a_newer_cache),
        TEST(test_a_start_sweeps_once_a_day),
        TEST(test_how_far_it_was_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
