/* Changes of many messages at once, what of the journal is due and what of it goes. */
#include "store-server.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/undo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define N 40
#define DAY_S 86400

typedef struct {
    int64_t id, folder, result;
    uint32_t set;
} Work;

static gboolean flags_job(StoreTxn *txn, void *data, GError **error)
{
    Work *work = data;

    return store_change_flags(txn, work->id, work->set, 0, error);
}

static gboolean read_all_job(StoreTxn *txn, void *data, GError **error)
{
    Work *work = data;
    const gboolean is_done = store_change_read_all(txn, work->folder, error);

    work->result = store_change_group(txn);
    return is_done;
}

static gboolean empty_job(StoreTxn *txn, void *data, GError **error)
{
    return store_change_empty(txn, ((Work *)data)->folder, error);
}

static gboolean undo_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(StoreGroup) group = store_undo(txn, error);

    ((Work *)data)->result = group ? group->messages : 0;
    return !*error;
}

/* Threads of one to five messages, every third message read; and some that exist only here. */
static void add_mail(Fixture *fixture)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    StoreNewMessage messages[N];
    char *texts[N] = {NULL};
    const char *parents[N][2] = {{NULL}};

    for (int i = 0; i < N; i++) {
        if (i % 5 > i / 10) {
            texts[i] = g_strdup_printf("m%d", i - 1);
            parents[i][0] = texts[i];
        }
        messages[i] =
            fixture_message(pool, i % 7 == 6 ? 0 : (uint32_t)i + 1, 1700000000 + i * 1000, i, parents[i]);
        messages[i].flags = i % 3 ? 0 : STORE_SEEN;
    }
    assert_int_equal(fixture_add(fixture, fixture->inbox, messages, N).added, N);
    for (int i = 0; i < N; i++)
        g_free(texts[i]);
    fixture_check_counts(fixture);
}

/* All rows as they are shown, in one number. */
#define SHOWN "SELECT sum(id * 1000 * (folder * 8 + flags) + top * 31 + top_unread) FROM message"

static void test_a_folder_is_read_at_once(void **state)
{
    Fixture *fixture = *state;
    Work work = {.folder = fixture->inbox};

    add_mail(fixture);
    const int64_t before = fixture_query(fixture, SHOWN),
                  unread = fixture_query(fixture, "SELECT count(*) FROM message WHERE flags & 1 = 0"),
                  local = fixture_query(
                      fixture, "SELECT count(*) FROM message WHERE flags & 1 = 0 AND server_folder IS NULL");
    fixture_run(fixture, TRUE, read_all_job, &work);
    fixture_check_counts(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE flags & 1 = 0"), 0);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM journal WHERE verb = 'flags' AND set_flags = 1"),
        unread);
    /* What the server does not have is told to nobody. */
    assert_true(local > 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state = 3"), local);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT grp) FROM journal"), 1);
    fixture_run(fixture, TRUE, undo_job, &work);
    assert_int_equal(work.result, unread);
    fixture_check_counts(fixture);
    assert_int_equal(fixture_query(fixture, SHOWN), before);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 0);
}

static void test_nothing_is_unread(void **state)
{
    Fixture *fixture = *state;
    Work work = {.folder = fixture->inbox};

    add_mail(fixture);
    fixture_run(fixture, TRUE, read_all_job, &work);
    assert_true(work.result > 0);
    fixture_run(fixture, TRUE, read_all_job, &work);
    assert_int_equal(work.result, 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM change_group"), 1);
}

static void test_a_folder_is_emptied_at_once(void **state)
{
    Fixture *fixture = *state;
    Work work = {.folder = fixture->inbox};

    add_mail(fixture);
    const int64_t before = fixture_query(fixture, SHOWN);
    fixture_run(fixture, TRUE, empty_job, &work);
    fixture_check_counts(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT messages FROM folder WHERE name = 'INBOX'"), 0);
    fixture_run(fixture, TRUE, undo_job, &work);
    assert_int_equal(work.result, N);
    fixture_check_counts(fixture);
    assert_int_equal(fixture_query(fixture, SHOWN), before);
}

/* A second folder while the first one's mail is still held back. */
static void test_two_folders_are_emptied(void **state)
{
    Fixture *fixture = *state;
    Work work = {.folder = fixture->inbox};
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    StoreNewMessage messages[N];

    add_mail(fixture);
    for (int i = 0; i < N; i++) /* of the same seconds and threads */
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1700000000 + i * 1000, i, NULL);
    assert_int_equal(fixture_add(fixture, fixture->sent, messages, N).added, N);
    const int64_t before = fixture_query(fixture, SHOWN);
    fixture_run(fixture, TRUE, empty_job, &work);
    work.folder = fixture->sent;
    fixture_run(fixture, TRUE, empty_job, &work);
    fixture_check_counts(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE folder = 0"), 2 * N);
    assert_int_equal(fixture_query(fixture,
                                   "SELECT count(*) FROM journal WHERE verb = 'expunge' AND state = 1 "
                                   "AND old_folder > 0 AND not_before > 0"),
                     2 * N);
    fixture_run(fixture, TRUE, undo_job, &work);
    fixture_check_counts(fixture);
    fixture_run(fixture, TRUE, undo_job, &work);
    fixture_check_counts(fixture);
    assert_int_equal(fixture_query(fixture, SHOWN), before);
    fixture_run(fixture, TRUE, empty_job, &work);
    fixture_run(fixture, TRUE, empty_job, &work); /* nothing is there any more */
    assert_int_equal(fixture_query(fixture, "SELECT messages FROM folder WHERE name = 'Sent'"), 0);
    fixture_check_counts(fixture);
}

/* ---- what is due ---- */

/* store_journal_is_due() says what reading all of it says. */
static void check_due(Fixture *fixture, int expected, gboolean has_next)
{
    GError *error = NULL;
    int64_t next_s, next_read_s;
    g_autoptr(GPtrArray) due = store_read_journal_due(fixture->reader, "work", 1000, &next_read_s, &error);

    fixture_ok(due, error);
    assert_int_equal(due->len > 0, expected);
    assert_int_equal(store_journal_is_due(fixture->reader, "work", &next_s, &error), expected);
    assert_null(error);
    assert_int_equal(next_s, next_read_s);
    assert_int_equal(next_s > 0, has_next);
    assert_int_equal(store_journal_is_due(fixture->reader, "nobody", &next_s, &error), 0);
}

static gboolean delete_folder_job(StoreTxn *txn, void *data, GError **error)
{
    return store_change_delete_folder(txn, ((Work *)data)->folder, error);
}

static gboolean later_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_later(txn, ((Work *)data)->id, "busy", clock_wall_s() + 100, error);
}

static void test_what_is_due(void **state)
{
    Fixture *fixture = *state;
    const int64_t archive = fixture_folder(fixture, "Archive");
    Work work = {.folder = archive, .set = STORE_FLAGGED};

    add_mail(fixture);
    check_due(fixture, FALSE, FALSE);
    fixture_run(fixture, TRUE, delete_folder_job, &work);
    check_due(fixture, FALSE, TRUE);
    /* One that waits for its time does not hold up what is about something else. */
    work.id = fixture_query(fixture, "SELECT id FROM message WHERE uid = 1");
    fixture_run(fixture, TRUE, flags_job, &work);
    check_due(fixture, TRUE, TRUE);
    work.id = fixture_query(fixture, "SELECT id FROM journal WHERE verb = 'flags'");
    fixture_run(fixture, TRUE, later_job, &work);
    check_due(fixture, FALSE, TRUE);
    /* It does what is about the same message. */
    work.id = fixture_query(fixture, "SELECT id FROM message WHERE uid = 1");
    work.set = STORE_ANSWERED;
    fixture_run(fixture, TRUE, flags_job, &work);
    check_due(fixture, FALSE, TRUE);
    fixture_run(fixture, TRUE, undo_job, &work);
    fixture_run(fixture, TRUE, undo_job, &work);
    fixture_run(fixture, TRUE, undo_job, &work);
    check_due(fixture, FALSE, FALSE);
    fixture_run(fixture, TRUE, flags_job, &work);
    check_due(fixture, TRUE, FALSE);
}

/* ---- what goes ---- */

static gboolean prune_job(StoreTxn *txn, void *data, GError **error)
{
    gboolean is_done;

    if (!store_journal_prune(txn, &is_done, error))
        return FALSE;
    ((Work *)data)->result = is_done;
    return TRUE;
}

static gboolean done_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_done(txn, ((Work *)data)->id, 0, error);
}

/* Another program's hand in the file: so many days go by for all that is in the journal. */
static void let_days_pass(Fixture *fixture, int days)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autofree char *sql =
        g_strdup_printf("UPDATE journal SET made = made - %d; UPDATE change_group SET made = made - %d",
                        days * DAY_S, days * DAY_S);
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_old_entries_go(void **state)
{
    Fixture *fixture = *state;
    Work work = {.set = STORE_FLAGGED};

    add_mail(fixture);
    for (int i = 1; i <= 3; i++) {
        work.id = i;
        fixture_run(fixture, TRUE, flags_job, &work);
    }
    work.id = 1; /* entries are numbered from 1 */
    fixture_run(fixture, TRUE, done_job, &work);
    let_days_pass(fixture, 29);
    work.id = 3;
    fixture_run(fixture, TRUE, done_job, &work);
    fixture_run(fixture, FALSE, prune_job, &work);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal"), 3);
    let_days_pass(fixture, 2);
    fixture_run(fixture, FALSE, prune_job, &work);
    assert_true(work.result);
    /* What is not settled stays however old it is, and so does its group. */
    assert_int_equal(fixture_query(fixture, "SELECT sum(id) FROM journal"), 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM change_group"), 1);
}

/* ---- on its way ---- */

static gboolean expunge_job(StoreTxn *txn, void *data, GError **error)
{
    return store_change_expunge(txn, ((Work *)data)->id, error);
}

static gboolean sent_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_sent(txn, ((Work *)data)->id, 0, 0, error);
}

static gboolean refused_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_refused(txn, ((Work *)data)->id, "no", error);
}

static gboolean too_late_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(StoreGroup) group = store_undo(txn, error);

    ((Work *)data)->result = group && group->is_too_late;
    return !*error;
}

/* From the moment when an expunge may be on the wire an undo says that it is too late; a refusal brings it
 * back. */
static void test_an_expunge_that_was_sent(void **state)
{
    Fixture *fixture = *state;
    Work work = {.id = 1};

    add_mail(fixture);
    fixture_run(fixture, TRUE, expunge_job, &work); /* entry 1 */
    fixture_run(fixture, TRUE, sent_job, &work);
    fixture_run(fixture, TRUE, too_late_job, &work);
    assert_true(work.result);
    assert_int_equal(fixture_query(fixture, "SELECT state FROM journal"), STORE_ENTRY_SENT);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM message WHERE id = 1 AND folder = server_folder"), 0);
    fixture_run(fixture, TRUE, refused_job, &work);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM message WHERE id = 1 AND folder = server_folder"), 1);
    fixture_check_counts(fixture);
}

/* ---- what is not known ---- */

static gboolean folders_job(StoreTxn *txn, void *data, GError **error)
{
    static const StoreListed LISTED[] = {
        {.name = "INBOX",
         .raw_name = "INBOX",
         .delimiter = '/',
         .role = STORE_ROLE_INBOX,
         .selectable = TRUE},
        {.name = "Told",
         .raw_name = "Told",
         .delimiter = '/',
         .selectable = TRUE,
         .has_status = TRUE,
         .messages = 0},
        {.name = "Untold", .raw_name = "Untold", .delimiter = '/', .selectable = TRUE}};

    return store_txn_folders(txn, *(int64_t *)data, LISTED, G_N_ELEMENTS(LISTED), error);
}

static void test_numbers_that_nobody_told(void **state)
{
    Fixture *fixture = *state;

    fixture_run(fixture, FALSE, folders_job, &fixture->account);
    g_autoptr(StoreFolder) told = store_read_folder(fixture->reader, "work", "Told", NULL),
                           untold = store_read_folder(fixture->reader, "work", "Untold", NULL);
    assert_int_equal(told->server_messages, 0);
    assert_int_equal(store_folder_messages(told), 0);
    assert_int_equal(untold->server_messages, -1);
    assert_int_equal(store_folder_messages(untold), -1);
    assert_int_equal(store_folder_unread(untold), -1);
}

/* ---- what the server lists before its answer is heard of ---- */

typedef struct {
    int64_t account, folder;
    const char *raw_names; /* with spaces between them */
    int taken_back;
} Listing;

static gboolean list_job(StoreTxn *txn, void *data, GError **error)
{
    Listing *listing = data;
    g_auto(GStrv) raw_names = g_strsplit(listing->raw_names, " ", -1);
    const guint n = g_strv_length(raw_names);
    g_autofree StoreListed *listed = g_new0(StoreListed, n);

    for (guint i = 0; i < n; i++)
        listed[i] = (StoreListed){.name = raw_names[i],
                                  .raw_name = raw_names[i],
                                  .delimiter = '/',
                                  .selectable = TRUE,
                                  .role = strcmp(raw_names[i], "INBOX") ? STORE_ROLE_NONE : STORE_ROLE_INBOX};
    const gboolean ok = store_txn_folders(txn, listing->account, listed, n, error);
    listing->taken_back = store_txn_taken_back(txn);
    return ok;
}

static gboolean rename_job(StoreTxn *txn, void *data, GError **error)
{
    return store_change_rename_folder(txn, ((Listing *)data)->folder, "Done", error);
}

/* "1 Done, …": the numbers, counted from that of Work, and raw names of what stands there, as it is shown in
 * brackets. */
static char *describe_folders(Fixture *fixture, int64_t first)
{
    g_autoptr(GPtrArray) folders = store_read_folders(fixture->reader, "work", NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->role != STORE_ROLE_INBOX)
            g_string_append_printf(text, "%s%d %s (%s)", text->len ? ", " : "", (int)(folder->id - first),
                                   folder->raw_name, folder->name);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* After Work, with Work/in, was renamed to Done here; its number is 0, that of Work/in 1, others come
 * after. */
static void test_a_folder_that_is_renamed_is_listed(void **state)
{
    static const struct {
        const char *raw_names, *shown;
        int messages, taken_back;
    } CASES[] = {
        /* not played yet */
        {"INBOX Work Work/in Other", "0 Work (Done), 1 Work/in (Done/in), 2 Other (Other)", 1, 0},
        /* done, and the answer lost */
        {"INBOX Done Done/in Other", "0 Done (Done), 1 Done/in (Done/in), 2 Other (Other)", 1, 0},
        /* another one has made one of that name */
        {"INBOX Work Work/in Other Done/x",
         "0 Work (Done), 1 Work/in (Done/in), 3 Done/x (Done/x), 2 Other (Other)", 1, 0},
        /* gone with all that was in it */
        {"INBOX Other", "2 Other (Other)", 0, 1},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        void *inner;
        assert_int_equal(fixture_setup(&inner), 0);
        Fixture *fixture = inner;
        g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
        const StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);
        Listing listing = {.account = fixture->account, .raw_names = "INBOX Work Work/in Other"};
        fixture_run(fixture, FALSE, list_job, &listing);
        listing.folder = fixture_folder(fixture, "Work");
        fixture_add(fixture, listing.folder, &message, 1);
        fixture_run(fixture, TRUE, rename_job, &listing);
        listing.raw_names = CASES[i].raw_names;
        fixture_run(fixture, FALSE, list_job, &listing);
        fixture_tidy(fixture);
        g_autofree char *shown = describe_folders(fixture, listing.folder);
        assert_string_equal(shown, CASES[i].shown);
        assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), CASES[i].messages);
        assert_int_equal(listing.taken_back, CASES[i].taken_back);
        fixture_check_counts(fixture);
        fixture_teardown(&inner);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_folder_is_read_at_once),
        TEST(test_nothing_is_unread),
        TEST(test_a_folder_is_emptied_at_once),
        TEST(test_two_folders_are_emptied),
        TEST(test_what_is_due),
        TEST(test_old_entries_go),
        TEST(test_an_expunge_that_was_sent),
        TEST(test_numbers_that_nobody_told),
        cmocka_unit_test(test_a_folder_that_is_renamed_is_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
