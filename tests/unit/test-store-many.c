/* Changes of very many messages: in pieces, with others in between, and still one change (store/pieces.h).
 * A job that the test can stop stands in the writer's way until all is handed in, and a job behind each
 * piece looks at what is left: so nothing depends on how quick either thread is. */
#include "store-fixture.h"

#include "base/error.h"
#include "store/ids.h"
#include "store/pieces.h"
#include "store/undo.h"
#include "tests/lib/change-job.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 6000, PIECES = ROWS / STORE_PIECE_ROWS - 1 };

static void add_rows(Fixture *fixture, int64_t folder, int n)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(65536);
    g_autofree StoreNewMessage *messages = g_new(StoreNewMessage, 1000);

    for (int from = 0; from < n; from += 1000) {
        for (int i = 0; i < 1000; i++)
            messages[i] =
                fixture_message(pool, (uint32_t)(from + i) + 1, 1600000000 + (from + i) * 60, from + i, NULL);
        fixture_add(fixture, folder, messages, 1000);
    }
}

/* ---- the writer, held and looked at ---- */

/* Looks behind each piece how many are left, until none is. */
typedef struct {
    Fixture *fixture;
    ChangeJob *change;
    int left;
    GArray *seen;          /* int */
    gboolean ended_early;  /* the change was said to be done while some were left */
    int kill_at;           /* so many left: the process is killed; -1: never */
    StoreJobFunc at_first; /* a person's job to be let in when it looks first; NULL: none */
    atomic_int is_done;
} Watcher;

static gboolean look_job(StoreTxn *txn, void *data, GError **error)
{
    Watcher *watcher = data;

    (void)error;
    watcher->left = fixture_count(txn, "SELECT count(*) FROM piece");
    g_array_append_val(watcher->seen, watcher->left);
    watcher->ended_early |= watcher->left > 0 && atomic_load(&watcher->change->is_done);
    return TRUE;
}

static void look_again(void *data, const GError *error)
{
    Watcher *watcher = data;
    Store *store = watcher->fixture->store;

    (void)error;
    if (watcher->left == watcher->kill_at)
        kill(getpid(), SIGKILL);
    if (watcher->at_first && watcher->seen->len == 1)
        store_submit(store, STORE_LANE_USER, FALSE, watcher->at_first, NULL, watcher->fixture, NULL);
    if (watcher->left)
        store_submit(store, STORE_LANE_BULK, FALSE, look_job, look_again, watcher, NULL);
    else
        atomic_store(&watcher->is_done, TRUE);
}

/* Hands the change in, and behind it `then` (may be NULL), while the writer is held; and waits for all. */
static void run_watched(Watcher *watcher, ChangeJob *change, ChangeJob *then)
{
    Store *store = watcher->fixture->store;
    FixtureGate gate = {0};

    watcher->change = change;
    fixture_gate(watcher->fixture, &gate);
    fixture_wait(&gate.is_reached);
    change_job_submit(store, change);
    if (then)
        change_job_submit(store, then);
    store_submit(store, STORE_LANE_BULK, FALSE, look_job, look_again, watcher, NULL);
    atomic_store(&gate.is_open, TRUE);
    fixture_wait(&watcher->is_done);
    fixture_wait(&change->is_done);
    if (then)
        fixture_wait(&then->is_done);
}

/* ---- what is done ---- */

static gboolean read_all(StoreTxn *txn, void *data, GError **error)
{
    if (!store_change_begin(txn, STORE_CHANGE_READ_ALL, "INBOX", error))
        return FALSE;
    store_change_as_command(txn);
    return store_change_read_all(txn, *(int64_t *)data, error);
}

static gboolean empty(StoreTxn *txn, void *data, GError **error)
{
    if (!store_change_begin(txn, STORE_CHANGE_EMPTY, "INBOX", error))
        return FALSE;
    store_change_as_command(txn);
    return store_change_empty(txn, *(int64_t *)data, error);
}

static gboolean undo(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    store_change_as_command(txn);
    g_autoptr(StoreGroup) group = store_undo(txn, error);
    return group && !group->is_too_late;
}

static gboolean redo(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    store_change_as_command(txn);
    g_autoptr(StoreGroup) group = store_redo(txn, error);
    return group != NULL;
}

/* All to the Archive. */
static gboolean move_all(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const StoreEachChange change = {.what = STORE_EACH_MOVE, .folder = 3};

    if (!store_change_begin(txn, STORE_CHANGE_MOVE, "Archive", error))
        return FALSE;
    store_change_as_command(txn);
    return store_txn_folder_ids(txn, *(int64_t *)data, INT64_MAX, 0, ids, error) &&
           store_change_each(txn, &change, (int64_t *)(void *)ids->data, ids->len, error);
}

static gboolean tag_all(StoreTxn *txn, void *data, GError **error)
{
    static const char *const TAGS[] = {"+todo", "+later", "-done", NULL};
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const StoreEachChange change = {.what = STORE_EACH_KEYWORDS, .keywords = TAGS};

    if (!store_change_begin(txn, STORE_CHANGE_TAG, "todo", error))
        return FALSE;
    store_change_as_command(txn);
    return store_txn_folder_ids(txn, *(int64_t *)data, INT64_MAX, 0, ids, error) &&
           store_change_each(txn, &change, (int64_t *)(void *)ids->data, ids->len, error);
}

/* What a person does next: the newest message, which is in the last piece, is unread. */
static gboolean unread_newest(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    if (!store_change_begin(txn, STORE_CHANGE_UNREAD, NULL, error))
        return FALSE;
    store_change_as_command(txn);
    return store_change_flags(txn, ROWS, 0, STORE_SEEN, error);
}

static int64_t n_unread(Fixture *fixture)
{
    return fixture_query(fixture, "SELECT unread FROM folder WHERE id = 1");
}

static int64_t n_messages(Fixture *fixture)
{
    return fixture_query(fixture, "SELECT messages FROM folder WHERE id = 1");
}

static void run(Fixture *fixture, StoreJobFunc func)
{
    fixture_run(fixture, TRUE, func, &fixture->inbox);
}

/* ---- tests ---- */

/* One after the other, somebody else behind each, and the end is told when all is done. */
static void check_watched(Fixture *fixture, StoreJobFunc func, int pieces)
{
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Watcher watcher = {.fixture = fixture, .seen = seen, .kill_at = -1};
    ChangeJob change = {.run = func, .folder = fixture->inbox};

    run_watched(&watcher, &change, NULL);
    fixture_ok(!change.error, change.error);
    assert_false(watcher.ended_early);
    assert_in_range(g_array_index(seen, int, 0), pieces - 1, pieces);
    for (guint i = 1; i < seen->len; i++)
        assert_in_range(g_array_index(seen, int, i - 1) - g_array_index(seen, int, i), 0, 1);
    fixture_check_counts(fixture);
}

static void test_others_get_their_turn(void **state)
{
    Fixture *fixture = *state;

    add_rows(fixture, fixture->inbox, ROWS);
    check_watched(fixture, read_all, PIECES);
    assert_int_equal(n_unread(fixture), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT grp) FROM journal"), 1);
    check_watched(fixture, undo, PIECES + 1);
    assert_int_equal(n_unread(fixture), ROWS);
    check_watched(fixture, redo, PIECES + 1);
    assert_int_equal(n_unread(fixture), 0);
    check_watched(fixture, empty, PIECES);
    assert_int_equal(n_messages(fixture), 0);
    check_watched(fixture, undo, PIECES + 1);
    assert_int_equal(n_messages(fixture), ROWS);
    assert_int_equal(n_unread(fixture), 0);
    check_watched(fixture, tag_all, PIECES);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM keyword WHERE half = 2"), 2 * ROWS);
    check_watched(fixture, undo, 2 * (PIECES + 1));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM keyword"), 0);
}

/* A change that is handed in behind it is made behind all of it, though it is let in before. */
static void test_what_comes_next_comes_after_all_of_it(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Watcher watcher = {.fixture = fixture, .seen = seen, .kill_at = -1};
    ChangeJob all = {.run = read_all, .folder = fixture->inbox}, one = {.run = unread_newest};

    add_rows(fixture, fixture->inbox, ROWS);
    run_watched(&watcher, &all, &one);
    fixture_ok(!all.error, all.error);
    fixture_ok(!one.error, one.error);
    assert_int_equal(n_unread(fixture), 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE flags & 1 = 0 AND id = 6000"),
                     1);
    run(fixture, undo);
    assert_int_equal(n_unread(fixture), 0);
    run(fixture, undo);
    assert_int_equal(n_unread(fixture), ROWS);
    fixture_check_counts(fixture);
}

/* What came into the folder after the key was pressed is not meant. */
static gboolean add_late(StoreTxn *txn, void *data, GError **error)
{
    const Fixture *fixture = data;
    const StoreNewMessage late = {.uid = 9000, .message_id = "late", .size_bytes = 1};

    return store_txn_add(txn, fixture->inbox, &late, 1, NULL, error);
}

static void test_what_comes_later_is_not_meant(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Watcher watcher = {.fixture = fixture, .seen = seen, .kill_at = -1, .at_first = add_late};
    ChangeJob all = {.run = empty, .folder = fixture->inbox};

    add_rows(fixture, fixture->inbox, ROWS);
    run_watched(&watcher, &all, NULL);
    fixture_ok(!all.error, all.error);
    assert_int_equal(n_messages(fixture), 1);
    fixture_check_counts(fixture);
}

/* The folder that all go to is deleted on the server meanwhile: who waits is told, and nothing is lost. */
static gboolean forget_archive(StoreTxn *txn, void *data, GError **error)
{
    const Fixture *fixture = data;

    return store_txn_folders(txn, fixture->account, FIXTURE_LISTED, 1, error);
}

static void test_a_piece_that_cannot_be_made_ends_it(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
    Watcher watcher = {.fixture = fixture, .seen = seen, .kill_at = -1, .at_first = forget_archive};
    ChangeJob all = {.run = move_all, .folder = fixture->inbox};

    assert_int_equal(fixture_folder(fixture, "Archive"), 3);
    add_rows(fixture, fixture->inbox, ROWS);
    run_watched(&watcher, &all, NULL);
    assert_true(tern_error_is(all.error, TERN_ERROR_INPUT));
    g_clear_error(&all.error);
    fixture_tidy(fixture);
    assert_int_equal(n_messages(fixture), ROWS);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 0);
    fixture_check_counts(fixture);
    run(fixture, unread_newest); /* and what comes next is not held up */
}

/* Killed in the middle: the next one makes the rest, and it is one change. */
static void kill_in_the_middle(Fixture *fixture, StoreJobFunc func)
{
    GError *error = NULL;
    int status;

    store_reader_free(g_steal_pointer(&fixture->reader));
    store_close(g_steal_pointer(&fixture->store));
    pid_t child = fork();
    if (!child) {
        g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(int));
        Watcher watcher = {.fixture = fixture, .seen = seen, .kill_at = 3};
        ChangeJob change = {.run = func, .folder = fixture->inbox};
        fixture->store = store_open(fixture->paths, &error);
        if (fixture->store)
            run_watched(&watcher, &change, NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    fixture->reader = store_reader_new(fixture->store, 1000, &error);
    fixture_ok(fixture->reader, error);
    fixture_tidy(fixture);
    fixture_check_counts(fixture);
}

static void test_after_a_kill_the_rest_is_made(void **state)
{
    Fixture *fixture = *state;

    add_rows(fixture, fixture->inbox, ROWS);
    kill_in_the_middle(fixture, read_all);
    assert_int_equal(n_unread(fixture), 0);
    kill_in_the_middle(fixture, undo);
    assert_int_equal(n_unread(fixture), ROWS);
    kill_in_the_middle(fixture, redo);
    assert_int_equal(n_unread(fixture), 0);
    kill_in_the_middle(fixture, empty);
    assert_int_equal(n_messages(fixture), 0);
    kill_in_the_middle(fixture, undo);
    assert_int_equal(n_messages(fixture), ROWS);
    run(fixture, undo); /* of what was made again */
    assert_int_equal(n_unread(fixture), ROWS);
}

/* What is being taken back is not played any more, though its time comes meanwhile. */
static gboolean let_come_due(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_db_exec(txn->db, "UPDATE journal SET not_before = 1", error);
}

typedef struct {
    const StoreEntry *entry;
    int stands;
} Standing;

static gboolean stands_job(StoreTxn *txn, void *data, GError **error)
{
    Standing *look = data;

    look->stands = store_journal_stands(txn, look->entry, error);
    return look->stands >= 0;
}

static void test_what_is_taken_back_is_not_played(void **state)
{
    Fixture *fixture = *state;
    FixtureGate before = {0}, within = {0};
    ChangeJob back = {.run = undo};
    Standing look = {NULL, -1};

    add_rows(fixture, fixture->inbox, ROWS);
    run(fixture, empty);
    run(fixture, let_come_due);
    g_autoptr(GPtrArray) due = store_read_journal_due(fixture->reader, "work", 10, NULL, NULL);
    assert_int_equal(due->len, 10);
    look.entry = due->pdata[0];
    fixture_gate(fixture, &before);
    fixture_wait(&before.is_reached);
    change_job_submit(fixture->store, &back);
    store_submit(fixture->store, STORE_LANE_USER, FALSE, stands_job, NULL, &look, NULL);
    fixture_gate(fixture, &within);
    atomic_store(&before.is_open, TRUE);
    fixture_wait(&within.is_reached);
    g_autoptr(GPtrArray) none = store_read_journal_due(fixture->reader, "work", 10, NULL, NULL);
    assert_int_equal(none->len, 0);
    assert_int_equal(look.stands, 0);
    atomic_store(&within.is_open, TRUE);
    fixture_wait(&back.is_done);
    fixture_ok(!back.error, back.error);
    assert_int_equal(n_messages(fixture), ROWS);
    fixture_check_counts(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_others_get_their_turn),         TEST(test_what_comes_next_comes_after_all_of_it),
        TEST(test_what_comes_later_is_not_meant), TEST(test_a_piece_that_cannot_be_made_ends_it),
        TEST(test_after_a_kill_the_rest_is_made), TEST(test_what_is_taken_back_is_not_played),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
