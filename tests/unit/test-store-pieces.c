/* What is too large for one transaction: it goes in pieces, others get their turn in between, and whoever
 * comes after a kill goes on. */
#include "store-fixture.h"

#include "base/error.h"
#include "store/key.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 8000 };

static void add_rows(Fixture *fixture, int64_t folder, uint32_t first_uid, int n)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(65536);
    g_autofree StoreNewMessage *messages = g_new(StoreNewMessage, 1000);

    for (int from = 0; from < n; from += 1000) {
        const int some = MIN(1000, n - from);
        for (int i = 0; i < some; i++)
            messages[i] = fixture_message(pool, first_uid + (uint32_t)(from + i),
                                          1600000000 + (from + i) * 60, from + i, NULL);
        fixture_add(fixture, folder, messages, (guint)some);
    }
}

/* The account without its Archive. */
static gboolean forget_archive(StoreTxn *txn, void *data, GError **error)
{
    const Fixture *fixture = data;

    return store_txn_folders(txn, fixture->account, FIXTURE_LISTED, 2, error);
}

static gboolean no_job(StoreTxn *txn, void *data, GError **error)
{
    (void)txn, (void)data, (void)error;
    return TRUE;
}

static void note_deleted(const int64_t *ids, guint n, void *data)
{
    g_array_append_vals(data, ids, n);
}

/* Somebody who has something to do again and again while the rows of a folder go. */
typedef struct {
    Store *store;
    int left;           /* as seen last */
    int turns;          /* how often there were fewer than before */
    int most;           /* that were gone at once */
    atomic_int is_done; /* all are */
} Person;

static gboolean person_job(StoreTxn *txn, void *data, GError **error)
{
    Person *person = data;
    const int left = fixture_count(txn, "SELECT count(*) FROM message WHERE folder = 3");

    (void)error;
    person->turns += left < person->left;
    person->most = MAX(person->most, person->left - left);
    person->left = left;
    return TRUE;
}

/* In the writer's thread, so that it does not matter how quick the test's is: what waits in the bulk lane is
 * one piece at most, and the person comes before it. */
static void come_again(void *data, const GError *error)
{
    Person *person = data;

    (void)error;
    if (!person->left) {
        atomic_store(&person->is_done, TRUE);
        return;
    }
    store_submit(person->store, STORE_LANE_USER, FALSE, person_job, NULL, person, NULL);
    store_submit(person->store, STORE_LANE_BULK, FALSE, no_job, come_again, person, NULL);
}

/* A person's change is let in after each piece of what is deleted. */
static void test_a_deleted_folder_lets_others_in(void **state)
{
    Fixture *fixture = *state;
    const int64_t archive = fixture_folder(fixture, "Archive");
    g_autoptr(GArray) deleted = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Person person = {.store = fixture->store, .left = ROWS};
    FixtureGate gate = {0};

    add_rows(fixture, archive, 1, ROWS);
    add_rows(fixture, fixture->inbox, 1, 500);
    store_set_deleted(fixture->store, note_deleted, deleted);
    fixture_gate(fixture, &gate);
    fixture_wait(&gate.is_reached);
    store_submit(fixture->store, STORE_LANE_USER, FALSE, forget_archive, NULL, fixture, NULL);
    store_submit(fixture->store, STORE_LANE_BULK, FALSE, no_job, come_again, &person, NULL);
    atomic_store(&gate.is_open, TRUE);
    fixture_wait(&person.is_done);
    assert_null(store_read_folder(fixture->reader, "work", "Archive", NULL));
    assert_int_equal(person.turns, ROWS / STORE_PIECE_ROWS);
    assert_int_equal(person.most, STORE_PIECE_ROWS);
    fixture_tidy(fixture);
    store_set_deleted(fixture->store, NULL, NULL);
    assert_int_equal(deleted->len, ROWS);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM folder"), 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 500);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM envelope"), 500);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM bucket WHERE slot >> 32 & 65535 = 3"), 0);
    fixture_check_counts(fixture);
}

/* What a sync of it still had under way. */
static gboolean add_late(StoreTxn *txn, void *data, GError **error)
{
    const StoreNewMessage late = {.uid = 9000, .message_id = "late", .size_bytes = 1};

    return store_txn_add(txn, *(const int64_t *)data, &late, 1, NULL, error);
}

/* Its messages are in no list from the first moment, and none comes into it any more; one of the same name is
 * another folder. */
static void test_a_deleted_folder_is_not_there(void **state)
{
    Fixture *fixture = *state;
    const int64_t archive = fixture_folder(fixture, "Archive");
    GError *error = NULL;

    add_rows(fixture, archive, 1, 3000);
    const int64_t id = fixture_query(fixture, "SELECT max(id) FROM message");
    g_autoptr(StoreMessage) before = store_read_message(fixture->reader, id, NULL);
    assert_non_null(before);
    fixture_run(fixture, FALSE, forget_archive, fixture);
    assert_null(store_read_message(fixture->reader, id, &error));
    assert_null(error);
    assert_null(store_read_folder_by_id(fixture->reader, archive, &error));
    assert_null(error);
    assert_false(store_run(fixture->store, STORE_LANE_USER, FALSE, add_late, (void *)&archive, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    g_clear_error(&error);
    fixture_tidy(fixture);
    fixture_reopen(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
}

/* A process that is killed in the middle leaves the rest to the next one. */
static void test_a_kill_leaves_the_rest_to_the_next(void **state)
{
    Fixture *fixture = *state;

    add_rows(fixture, fixture_folder(fixture, "Archive"), 1, ROWS);
    store_reader_free(fixture->reader);
    store_close(fixture->store);
    pid_t child = fork();
    if (!child) {
        g_autoptr(GError) error = NULL;
        Store *store = store_open(fixture->paths, &error);
        /* Two pieces, and the third may be under way. */
        if (store && store_run(store, STORE_LANE_USER, FALSE, forget_archive, fixture, &error) &&
            store_run(store, STORE_LANE_BULK, FALSE, no_job, NULL, &error) &&
            store_run(store, STORE_LANE_BULK, FALSE, no_job, NULL, &error))
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    GError *error = NULL;
    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    fixture->reader = store_reader_new(fixture->store, 1000, &error);
    fixture_ok(fixture->reader, error);
    fixture_tidy(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM envelope"), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM folder"), 2);
    fixture_check_counts(fixture);
}

typedef struct {
    int64_t folder;
    gboolean drop, is_done;
    StoreChanges changes;
    int64_t rows; /* written by the largest piece */
} Validity;

static gboolean validity_job(StoreTxn *txn, void *data, GError **error)
{
    Validity *validity = data;
    const gboolean done =
        validity->drop
            ? store_txn_drop_orphans(txn, validity->folder, 0, &validity->changes, &validity->is_done, error)
            : store_txn_forget_uids(txn, validity->folder, &validity->is_done, error);

    validity->rows = MAX(validity->rows, store_txn_total_changes(txn));
    return done;
}

static int run_validity(Fixture *fixture, Validity *validity)
{
    int pieces = 0;

    do {
        fixture_run(fixture, FALSE, validity_job, validity);
        pieces++;
    } while (!validity->is_done);
    return pieces;
}

static void test_uids_are_forgotten_in_pieces(void **state)
{
    Fixture *fixture = *state;
    Validity forget = {.folder = fixture->inbox}, drop = {.folder = fixture->inbox, .drop = TRUE};

    add_rows(fixture, fixture->inbox, 1, 3500);
    assert_int_equal(run_validity(fixture, &forget), 4);
    assert_in_range(forget.rows, 1, STORE_PIECE_ROWS);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE uid > 0"), 0);
    add_rows(fixture, fixture->inbox, 5001, 1000); /* the first thousand come again */
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 3500);
    assert_int_equal(run_validity(fixture, &drop), 3);
    assert_int_equal(drop.changes.removed, 2500);
    /* A row, its envelope, the thread's top and the buckets. */
    assert_in_range(drop.rows, 1, 5 * STORE_PIECE_ROWS);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 1000);
    fixture_check_counts(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_deleted_folder_lets_others_in),
        TEST(test_a_deleted_folder_is_not_there),
        TEST(test_a_kill_leaves_the_rest_to_the_next),
        TEST(test_uids_are_forgotten_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
