/* The log that was left behind when tern was killed, with something wrong in it: cut off or overwritten at
 * each page. What was promised to a person is found, or it is told that it may not be; what is left is right
 * in itself. */
#include "store-server.h"

#include "base/file.h"
#include "store/promise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define N 30
#define CHANGES 12
#define FRAME 4120
#define HEADER 32

static const char *const NAMES[] = {"store.db", "store.db-wal", "promised", "notice"};

/* The files as they were at an instant. */
typedef struct {
    char *bytes[G_N_ELEMENTS(NAMES)];
    gsize size[G_N_ELEMENTS(NAMES)];
} Snapshot;

static void snapshot_take(const Fixture *fixture, Snapshot *snapshot)
{
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        g_autofree char *path = g_build_filename(fixture->paths->data, NAMES[i], NULL);
        snapshot->bytes[i] = file_read(path, 1 << 28, &snapshot->size[i], NULL);
        assert_non_null(snapshot->bytes[i]);
    }
}

static void snapshot_clear(Snapshot *snapshot)
{
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++)
        g_free(snapshot->bytes[i]);
}

static void close_store(Fixture *fixture)
{
    store_reader_free(g_steal_pointer(&fixture->reader));
    store_close(g_steal_pointer(&fixture->store));
}

/* The fixture's profile as it was then, with this log. */
static void put_back(Fixture *fixture, const Snapshot *snapshot, const char *log, gsize log_size)
{
    GError *error = NULL;

    close_store(fixture);
    assert_true(file_empty_folder(fixture->paths->data, &error));
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        g_autofree char *path = g_build_filename(fixture->paths->data, NAMES[i], NULL);
        assert_true(g_file_set_contents(path, i == 1 ? log : snapshot->bytes[i],
                                        (gssize)(i == 1 ? log_size : snapshot->size[i]), NULL));
    }
    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    fixture->reader = store_reader_new(fixture->store, 1000, &error);
    fixture_ok(fixture->reader, error);
}

static gboolean is_told(Fixture *fixture)
{
    const char *told = store_repaired(fixture->store);

    return told && (strstr(told, "lost") || strstr(told, "not in it"));
}

/* Right in itself, and complete or told not to be. */
static void check(Fixture *fixture, int64_t entries, const char *what, gsize at)
{
    const int64_t kept = fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3");

    if (kept < entries && !is_told(fixture))
        fail_msg("%s at %zu: %d of %d entries, and told was: %s", what, at, (int)kept, (int)entries,
                 store_repaired(fixture->store));
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
        1);
    fixture_check_counts(fixture);
    sqlite3 *db = fixture_sqlite(fixture);
    server_check_shown(NULL, db, what);
    sqlite3_close(db);
}

static gboolean change_job(StoreTxn *txn, void *data, GError **error)
{
    const int64_t n = *(const int64_t *)data;

    return n % 2 ? store_change_flags(txn, n, STORE_FLAGGED, 0, error)
                 : store_change_keyword(txn, n, "Todo", TRUE, error);
}

/* Mail that was checkpointed, and a log with changes after it. */
static int64_t make(Fixture *fixture, Snapshot *snapshot)
{
    Server server;

    server_init(&server, fixture);
    for (int n = 1; n <= N; n++)
        server_add(&server.folders[0], n, 0, 0);
    server_sync(&server, &server.folders[0]);
    fixture_reopen(fixture);
    for (int64_t id = 1; id <= CHANGES; id++)
        fixture_run(fixture, TRUE, change_job, &id);
    snapshot_take(fixture, snapshot);
    server_clear(&server);
    return fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3");
}

static void test_cut_at_each_page(void **state)
{
    Fixture *fixture = *state;
    Snapshot snapshot;
    const int64_t entries = make(fixture, &snapshot);
    int n_told = 0;

    assert_int_equal(entries, CHANGES);
    for (gsize at = 0; at <= snapshot.size[1]; at += at == 0 ? HEADER : FRAME) {
        put_back(fixture, &snapshot, snapshot.bytes[1], at);
        check(fixture, entries, "cut", at);
        n_told += is_told(fixture);
        if (at % (5 * FRAME) == HEADER) {
            put_back(fixture, &snapshot, snapshot.bytes[1], MIN(snapshot.size[1], at + FRAME / 2));
            check(fixture, entries, "cut within", at);
        }
    }
    assert_true(n_told >= CHANGES);
    /* The whole one is as it was. */
    put_back(fixture, &snapshot, snapshot.bytes[1], snapshot.size[1]);
    assert_null(store_repaired(fixture->store));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal"), entries);
    snapshot_clear(&snapshot);
}

/* What stands behind a broken page is found: only what that page had may be lost. */
static void test_overwritten_at_each_page(void **state)
{
    Fixture *fixture = *state;
    Snapshot snapshot;
    const int64_t entries = make(fixture, &snapshot);
    int64_t kept = 0, n_pages = 0;

    for (gsize at = HEADER; at < snapshot.size[1]; at += FRAME, n_pages++) {
        g_autofree char *log = g_memdup2(snapshot.bytes[1], snapshot.size[1]);
        memset(log + at + 100, 0xa5, FRAME - 200);
        put_back(fixture, &snapshot, log, snapshot.size[1]);
        if (!store_repaired(fixture->store))
            fail_msg("overwritten at %zu, and nobody was told", at);
        check(fixture, entries, "overwritten", at);
        kept += fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3");
    }
    /* All but those of the last page that has entries, as a rule. */
    if (kept < entries * n_pages * 3 / 4)
        fail_msg("%d of %d entries were kept", (int)kept, (int)(entries * n_pages));
    snapshot_clear(&snapshot);
}

/* Its header alone: SQLite would pass over all of it. */
static void test_the_header_is_broken(void **state)
{
    Fixture *fixture = *state;
    Snapshot snapshot;
    const int64_t entries = make(fixture, &snapshot);

    for (gsize at = 0; at < HEADER; at += 4) {
        g_autofree char *log = g_memdup2(snapshot.bytes[1], snapshot.size[1]);
        memset(log + at, 0x5a, 4);
        put_back(fixture, &snapshot, log, snapshot.size[1]);
        assert_non_null(store_repaired(fixture->store));
        check(fixture, entries, "header", at);
        if (fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3") < entries)
            fail_msg("header at %zu: %s", at, store_repaired(fixture->store));
    }
    snapshot_clear(&snapshot);
}

/* ---- a log that was written back to the database in part or whole ---- */

#define MANY 200000

typedef struct {
    int64_t folder;
    uint32_t first, n;
} Many;

static gboolean add_many(StoreTxn *txn, void *data, GError **error)
{
    const Many *many = data;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(65536);
    g_autofree StoreNewMessage *messages = g_new0(StoreNewMessage, many->n);
    StoreChanges changes;

    for (uint32_t i = 0; i < many->n; i++)
        messages[i] = fixture_message(pool, many->first + i, 1000000000 + many->first + i,
                                      (int)(many->first + i), NULL);
    return store_txn_add(txn, many->folder, messages, many->n, &changes, error);
}

static gboolean no_job(StoreTxn *txn, void *data, GError **error)
{
    (void)txn, (void)data, (void)error;
    return TRUE;
}

/* Older pages of the log are not read in place of newer ones of the database. */
static void test_cut_after_it_was_written_back(void **state)
{
    Fixture *fixture = *state;
    Snapshot snapshot;
    StorePromise promise;
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);

    /* Until it was: then there is a promise, without a durable change. */
    Many many = {.folder = fixture->inbox, .n = 2000};
    for (store_promise_read(path, &promise); !promise.log.frames; store_promise_read(path, &promise)) {
        many.first += many.n;
        fixture_run(fixture, FALSE, add_many, &many);
        fixture_run(fixture, FALSE, no_job,
                    NULL); /* the log is written back after a job has ended, and before the next */
        assert_true(many.first < MANY);
    }
    snapshot_take(fixture, &snapshot);
    for (gsize i = 0; i < 12; i++) {
        const gsize at = HEADER + (promise.log.frames * i / 12) * FRAME;
        put_back(fixture, &snapshot, snapshot.bytes[1], at);
        assert_non_null(store_repaired(fixture->store));
        check(fixture, 0, "cut", at);
    }
    put_back(fixture, &snapshot, snapshot.bytes[1], snapshot.size[1]);
    assert_null(store_repaired(fixture->store));
    snapshot_clear(&snapshot);
}

/* What was not durable may be missing after the power went: that is no damage. */
static void test_an_end_that_was_not_promised(void **state)
{
    Fixture *fixture = *state;
    Snapshot before, after;
    const int64_t entries = make(fixture, &before);
    Many many = {.folder = fixture->sent, .first = 1, .n = 50};

    fixture_run(fixture, FALSE, add_many, &many);
    snapshot_take(fixture, &after);
    for (gsize at = before.size[1]; at < after.size[1]; at += FRAME) {
        g_autofree char *log = g_memdup2(after.bytes[1], after.size[1]);
        memset(log + at, 0, FRAME / 2);
        put_back(fixture, &after, log, after.size[1]);
        assert_null(store_repaired(fixture->store));
        check(fixture, entries, "not promised", at);
        assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), N);
    }
    snapshot_clear(&before);
    snapshot_clear(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cut_at_each_page, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_overwritten_at_each_page, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_the_header_is_broken, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_cut_after_it_was_written_back, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_an_end_that_was_not_promised, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
