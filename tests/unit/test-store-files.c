/* Files of local accounts: UIDs given here, once each; names that come and go with their rows. */
#include "store-fixture.h"
#include "store/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    int64_t folder;
    uint32_t n, uid;
    const char *name;
} Job;

static gboolean take_uids(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;
    return store_txn_take_uids(txn, job->folder, job->n, &job->uid, error);
}

static gboolean set_file(StoreTxn *txn, void *data, GError **error)
{
    const Job *job = data;
    return store_txn_set_file(txn, job->folder, job->uid, job->name, error);
}

static gboolean set_sync(StoreTxn *txn, void *data, GError **error)
{
    const Job *job = data;
    return store_txn_set_local_sync(txn, job->folder, job->n, G_GUINT64_CONSTANT(0xfedcba9876543210), 77,
                                    error);
}

static void add(Fixture *fixture, GStringChunk *pool, uint32_t uid, const char *name)
{
    const StoreNewMessage message = fixture_message(pool, uid, 1000 + uid, (int)uid, NULL);
    Job job = {fixture->inbox, 0, uid, name};

    fixture_add(fixture, fixture->inbox, &message, 1);
    fixture_run(fixture, FALSE, set_file, &job);
}

static char *names(Fixture *fixture)
{
    g_autoptr(StoreFiles) files = store_read_files(fixture->reader, fixture->inbox, NULL);
    GString *all = g_string_new(NULL);

    assert_non_null(files);
    for (guint i = 0; i < files->files->len; i++) {
        const StoreFile *file = &g_array_index(files->files, StoreFile, i);
        g_string_append_printf(all, "%s%s=%u", i ? " " : "", file->name, file->uid);
    }
    return g_string_free(all, FALSE);
}

static void check_names(Fixture *fixture, const char *expected)
{
    g_autofree char *all = names(fixture);
    assert_string_equal(all, expected);
}

static void test_uids_are_given_once(void **state)
{
    Fixture *fixture = *state;
    Job job = {.folder = fixture->inbox, .n = 10};

    fixture_run(fixture, FALSE, take_uids, &job);
    assert_int_equal(job.uid, 1);
    fixture_run(fixture, FALSE, take_uids, &job);
    assert_int_equal(job.uid, 11);
    Job other = {.folder = fixture->sent, .n = 1};
    fixture_run(fixture, FALSE, take_uids, &other);
    assert_int_equal(other.uid, 1);
    Job many = {.folder = fixture->inbox, .n = G_MAXUINT32};
    assert_false(store_run(fixture->store, STORE_LANE_USER, FALSE, take_uids, &many, NULL));
    /* UIDVALIDITY is given once as well; what the UIDs are stays. */
    Job sync = {.folder = fixture->inbox, .n = 1234};
    fixture_run(fixture, FALSE, set_sync, &sync);
    sync.n = 5678;
    fixture_run(fixture, FALSE, set_sync, &sync);
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(fixture->reader, fixture->inbox, NULL);
    assert_int_equal(folder->sync.uid_validity, 1234);
    assert_int_equal(folder->sync.uid_next, 21);
    assert_true(folder->sync.highest_modseq == G_GUINT64_CONSTANT(0xfedcba9876543210));
    assert_int_equal(folder->sync.synced_s, 77);
}

static void test_names_go_with_their_rows(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    int64_t folder;
    uint32_t uid;

    add(fixture, pool, 1, "b.host");
    add(fixture, pool, 2, "a.host");
    add(fixture, pool, 3, "\xff strange");
    check_names(fixture, "a.host=2 b.host=1 \xff strange=3");
    g_autofree char *name = store_read_file_name(fixture->reader, fixture->inbox, 2, NULL);
    assert_string_equal(name, "a.host");
    assert_null(store_read_file_name(fixture->reader, fixture->inbox, 9, NULL));
    assert_int_equal(store_read_file_place(fixture->reader, "work", "b.host", &folder, &uid, NULL), 1);
    assert_true(folder == fixture->inbox && uid == 1);
    assert_int_equal(store_read_file_place(fixture->reader, "home", "b.host", &folder, &uid, NULL), 0);
    fixture_expunge(fixture, fixture->inbox, (const uint32_t[]){2}, 1);
    check_names(fixture, "b.host=1 \xff strange=3");
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM mail_file"), 2);
    /* The same name again is another message. */
    add(fixture, pool, 7, "a.host");
    check_names(fixture, "a.host=7 b.host=1 \xff strange=3");
    g_string_chunk_free(pool);
}

static void test_a_message_knows_its_file(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);

    add(fixture, pool, 1, "b.host");
    fixture_flags(fixture, fixture->inbox, 1, STORE_SEEN, NULL);
    const int64_t id = fixture_query(fixture, "SELECT id FROM message WHERE uid = 1");
    g_autoptr(StoreMessage) message = store_read_message(fixture->reader, id, NULL);
    assert_string_equal(message->file_folder, "INBOX");
    assert_string_equal(message->file_name, "b.host");
    assert_int_equal(message->file_flags, STORE_SEEN);
    g_string_chunk_free(pool);
}

static gboolean move_file(StoreTxn *txn, void *data, GError **error)
{
    const Job *const *jobs = data;
    return store_txn_move_file(txn, jobs[0]->folder, jobs[0]->uid, jobs[1]->folder, jobs[0]->name, error);
}

/* The row that goes along with its file, and what is shown of it: there, with all that it had. */
static void test_a_row_follows_its_file(void **state)
{
    Fixture *fixture = *state;
    GStringChunk *pool = g_string_chunk_new(1024);
    const char *const keywords[] = {"todo", NULL};
    Job from = {fixture->inbox, 0, 1, "b.host"}, to = {.folder = fixture->sent, .n = 5},
        none = {fixture->inbox, 0, 9, "x"};
    uint32_t uid;

    add(fixture, pool, 1, "b.host");
    add(fixture, pool, 2, "a.host");
    fixture_flags(fixture, fixture->inbox, 1, STORE_SEEN | STORE_FLAGGED, keywords);
    fixture_run(fixture, FALSE, take_uids, &to);
    const int64_t id = fixture_query(fixture, "SELECT id FROM message WHERE uid = 1"),
                  thread = fixture_query(fixture, "SELECT thread FROM message WHERE uid = 1");
    fixture_run(fixture, FALSE, move_file, ((const Job *[]){&from, &to}));
    check_names(fixture, "a.host=2");
    assert_int_equal(store_read_file_uid(fixture->reader, fixture->sent, "b.host", &uid, NULL), 1);
    assert_int_equal(uid, 6);
    assert_int_equal(store_read_file_uid(fixture->reader, fixture->inbox, "b.host", &uid, NULL), 0);
    g_autoptr(StoreMessage) message = store_read_message(fixture->reader, id, NULL);
    assert_int_equal(message->folder_id, fixture->sent);
    assert_string_equal(message->file_name, "b.host");
    assert_int_equal(message->flags & (STORE_SEEN | STORE_FLAGGED), STORE_SEEN | STORE_FLAGGED);
    assert_string_equal(message->keywords[0], "todo");
    assert_true(message->thread == thread);
    fixture_run(fixture, FALSE, move_file, ((const Job *[]){&none, &to}));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM mail_file"), 2);
    g_string_chunk_free(pool);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {TEST(test_uids_are_given_once), TEST(test_names_go_with_their_rows),
                                       TEST(test_a_message_knows_its_file),
                                       TEST(test_a_row_follows_its_file)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
