/* Messages that the server says are the same: what their text is kept by, and when it goes. */
#include "store-fixture.h"

#include "store/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static int64_t add(Fixture *fixture, GStringChunk *pool, int64_t folder, uint32_t uid, const char *email_id)
{
    StoreNewMessage message = fixture_message(pool, uid, 1000 + (int64_t)uid, 7, NULL);
    g_autofree char *sql = g_strdup_printf(
        "SELECT id FROM message WHERE server_folder = %" G_GINT64_FORMAT " AND uid = %u", folder, uid);

    message.email_id = email_id;
    fixture_add(fixture, folder, &message, 1);
    return fixture_query(fixture, sql);
}

/* With the token, which has to be the same too. */
static int64_t body_of(Fixture *fixture, int64_t id, uint64_t *token_out)
{
    g_autoptr(StoreMessage) message = store_read_message(fixture->reader, id, NULL);

    *token_out = store_message_token(message);
    return message->body_id;
}

static void note_deleted(const int64_t *ids, guint n, void *data)
{
    g_array_append_vals(data, ids, n);
}

static gboolean expunge_job(StoreTxn *txn, void *data, GError **error)
{
    if (!store_change_begin(txn, STORE_CHANGE_EXPUNGE, NULL, error))
        return FALSE;
    return store_change_replaced(txn, *(int64_t *)data, error);
}

static gboolean done_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_done(txn, *(int64_t *)data, 0, error);
}

/* For good, by a person here, and played. */
static void expunge_here(Fixture *fixture, int64_t id)
{
    fixture_run(fixture, TRUE, expunge_job, &id);
    int64_t entry = fixture_query(fixture, "SELECT max(id) FROM journal");
    fixture_run(fixture, TRUE, done_job, &entry);
}

static void test_the_same_wherever_it_stands(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    uint64_t token, same_token, other_token;
    const int64_t archive = fixture_folder(fixture, "Archive");
    const int64_t one = add(fixture, pool, fixture->inbox, 1, "M1"),
                  same = add(fixture, pool, archive, 5, "M1"), other = add(fixture, pool, archive, 6, "M2"),
                  untold = add(fixture, pool, archive, 7, NULL);
    const int64_t body = body_of(fixture, one, &token);

    assert_true(body < 0);
    assert_true(body_of(fixture, same, &same_token) == body && same_token == token);
    assert_true(body_of(fixture, other, &other_token) != body);
    assert_true(body_of(fixture, other, &other_token) < 0);
    assert_true(body_of(fixture, untold, &other_token) == untold);
    g_autoptr(StoreMessage) owner = store_read_body_owner(fixture->reader, body, NULL);
    assert_int_equal(owner->id, one);
    g_autoptr(StoreMessage) itself = store_read_body_owner(fixture->reader, untold, NULL);
    assert_int_equal(itself->id, untold);
    assert_null(store_read_body_owner(fixture->reader, body + 1, NULL));
    g_autoptr(GArray) bodies = store_read_bodies(fixture->reader, archive, INT64_MAX, 10, NULL);
    assert_int_equal(bodies->len, 3);
    for (guint i = 0; i < bodies->len; i++) {
        const StoreBody *read = &g_array_index(bodies, StoreBody, i);
        assert_true(read->body_id == body_of(fixture, read->id, &token) && read->token == token);
    }
    g_string_chunk_free(pool);
}

static void test_the_text_goes_with_the_last(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    g_autoptr(GArray) deleted = g_array_new(FALSE, FALSE, sizeof(int64_t));
    uint64_t token;
    const int64_t one = add(fixture, pool, fixture->inbox, 1, "M1"),
                  same = add(fixture, pool, fixture_folder(fixture, "Archive"), 5, "M1");
    const int64_t body = body_of(fixture, one, &token);

    store_set_deleted(fixture->store, note_deleted, deleted);
    expunge_here(fixture, one);
    assert_int_equal(deleted->len, 0);
    assert_true(body_of(fixture, same, &token) == body);
    expunge_here(fixture, same);
    assert_int_equal(deleted->len, 1);
    assert_true(g_array_index(deleted, int64_t, 0) == body);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM email"), 0);
    /* What another client takes away it may have moved. */
    add(fixture, pool, fixture->inbox, 2, "M3");
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){2}, 1);
    assert_int_equal(deleted->len, 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM email"), 0);
    /* One that the server tells nothing of goes at once. */
    const int64_t untold = add(fixture, pool, fixture->inbox, 3, NULL);
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){3}, 1);
    assert_int_equal(deleted->len, 2);
    assert_true(g_array_index(deleted, int64_t, 1) == untold);
    store_set_deleted(fixture->store, NULL, NULL);
    g_string_chunk_free(pool);
}

static gboolean copy_job(StoreTxn *txn, void *data, GError **error)
{
    int64_t *ids = data;

    if (!store_change_begin(txn, STORE_CHANGE_COPY, NULL, error))
        return FALSE;
    return store_change_copy(txn, ids[0], ids[1], &ids[2], error);
}

static gboolean forget_archive(StoreTxn *txn, void *data, GError **error)
{
    const Fixture *fixture = data;

    return store_txn_folders(txn, fixture->account, FIXTURE_LISTED, 1, error);
}

/* A copy has its text at once; a folder that goes leaves nothing behind. */
static void test_copies_and_folders_that_go(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    uint64_t token, copied;
    const int64_t one = add(fixture, pool, fixture->inbox, 1, "M1");
    int64_t ids[3] = {one, fixture_folder(fixture, "Archive"), 0};

    fixture_run(fixture, TRUE, copy_job, ids);
    assert_true(body_of(fixture, ids[2], &copied) == body_of(fixture, one, &token) && copied == token);
    /* While it is on its way its text is spared. */
    assert_int_equal(store_journal_is_leaving(fixture->reader, body_of(fixture, one, &token), NULL), 1);
    fixture_run(fixture, FALSE, forget_archive, fixture);
    fixture_tidy(fixture);
    assert_int_equal(store_journal_is_leaving(fixture->reader, body_of(fixture, one, &token), NULL), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM email"), 1);
    g_string_chunk_free(pool);
}

/* ---- moved by another client ---- */

static int64_t find(Fixture *fixture, int64_t folder, uint32_t uid)
{
    g_autofree char *sql = g_strdup_printf("SELECT id FROM message WHERE server_folder = %" G_GINT64_FORMAT
                                           " AND folder = server_folder AND uid = %u",
                                           folder, uid);
    return fixture_query(fixture, sql);
}

static void test_the_old_place_is_looked_at_first(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    const int64_t archive = fixture_folder(fixture, "Archive");
    const int64_t id = add(fixture, pool, fixture->inbox, 1, "M1");
    const int64_t thread = fixture_query(fixture, "SELECT thread FROM message");

    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){1}, 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
    /* What is called so and is another message is not it. */
    StoreNewMessage larger = fixture_message(pool, 3, 1003, 7, NULL);
    larger.email_id = "M1";
    larger.size_bytes += 1;
    fixture_add(fixture, archive, &larger, 1);
    assert_true(find(fixture, archive, 3) > id);
    assert_int_equal(add(fixture, pool, archive, 9, "M1"), id);
    assert_int_equal(fixture_query(fixture, "SELECT thread FROM message WHERE uid = 9"), thread);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM departed"), 0);
    /* Only once. */
    assert_true(add(fixture, pool, archive, 10, "M1") > id);
    fixture_check_counts(fixture);
    g_string_chunk_free(pool);
}

/* With what was changed here and not sent yet. */
static void test_the_new_place_is_looked_at_first(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    const int64_t archive = fixture_folder(fixture, "Archive");
    const int64_t id = add(fixture, pool, fixture->inbox, 1, "M1");

    fixture_change_flags(fixture, id, STORE_FLAGGED, 0);
    const int64_t younger = add(fixture, pool, archive, 9, "M1");
    assert_true(younger > id);
    fixture_change_flags(fixture, younger, STORE_ANSWERED, 0);
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){1}, 1);
    assert_int_equal(find(fixture, archive, 9), id);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM email"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT flags FROM message"), STORE_FLAGGED | STORE_ANSWERED);
    assert_int_equal(fixture_query(fixture, "SELECT server_flags FROM message"), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 2);
    fixture_check_counts(fixture);
    g_string_chunk_free(pool);
}

static gboolean move_job(StoreTxn *txn, void *data, GError **error)
{
    const int64_t *ids = data;

    if (!store_change_begin(txn, STORE_CHANGE_MOVE, NULL, error))
        return FALSE;
    return store_change_move(txn, ids[0], ids[1], error);
}

/* It is shown where the person here has put it, and goes there from where it is now. */
static void test_moved_here_too(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    const int64_t archive = fixture_folder(fixture, "Archive");
    int64_t ids[] = {add(fixture, pool, fixture->inbox, 1, "M1"), fixture->sent};

    fixture_run(fixture, TRUE, move_job, ids);
    add(fixture, pool, archive, 9, "M1");
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){1}, 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT folder FROM message"), fixture->sent);
    assert_int_equal(fixture_query(fixture, "SELECT server_folder FROM message"), archive);
    g_autoptr(GPtrArray) due = store_read_journal_due(fixture->reader, "work", 10, NULL, NULL);
    assert_int_equal(due->len, 1);
    assert_int_equal(((StoreEntry *)due->pdata[0])->uid, 9);
    fixture_check_counts(fixture);
    g_string_chunk_free(pool);
}

/* What is to be deleted for good was meant where it stood: where another client has put it, it stays. */
static void test_deleted_here_and_moved_there(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    const int64_t archive = fixture_folder(fixture, "Archive");
    int64_t id = add(fixture, pool, fixture->inbox, 1, "M1");

    fixture_run(fixture, TRUE, expunge_job, &id);
    const int64_t there = add(fixture, pool, archive, 9, "M1");
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){1}, 1);
    assert_int_equal(find(fixture, archive, 9), there);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 0);
    fixture_check_counts(fixture);
    g_string_chunk_free(pool);
}

static void run_sql(Fixture *fixture, const char *sql)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* One that was there for long keeps its number when the other goes; so does what stands in two places for a
 * third. */
static void test_a_copy_is_no_move(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    const int64_t archive = fixture_folder(fixture, "Archive");
    const int64_t one = add(fixture, pool, fixture->inbox, 1, "M1"),
                  copy = add(fixture, pool, archive, 9, "M1");

    run_sql(fixture, "UPDATE email SET added = added - 3600");
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){1}, 1);
    assert_int_equal(find(fixture, archive, 9), copy);
    assert_true(add(fixture, pool, fixture->sent, 4, "M1") > one);
    /* What went long ago does not come back. */
    const int64_t gone = add(fixture, pool, fixture->inbox, 2, "M2");
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){2}, 1);
    assert_int_equal(fixture_query(fixture, "SELECT message FROM departed"), gone);
    run_sql(fixture, "UPDATE departed SET at = at - 7200");
    fixture_run(fixture, FALSE, forget_archive, fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM departed"), 0);
    assert_true(add(fixture, pool, fixture->inbox, 3, "M2") > gone);
    fixture_tidy(fixture);
    fixture_check_counts(fixture);
    g_string_chunk_free(pool);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_the_same_wherever_it_stands),      TEST(test_the_text_goes_with_the_last),
        TEST(test_copies_and_folders_that_go),       TEST(test_the_old_place_is_looked_at_first),
        TEST(test_the_new_place_is_looked_at_first), TEST(test_moved_here_too),
        TEST(test_deleted_here_and_moved_there),     TEST(test_a_copy_is_no_move)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
