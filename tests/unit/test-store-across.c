/* Messages that go from one account to another: what is shown, whose turn it is, and what becomes of it when
 * something is undone or refused on the way. */
#include "store-fixture.h"

#include "store/journal.h"
#include "store/undo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* A second account, "home", beside "work". */
typedef struct {
    Fixture *fixture;
    int64_t account, inbox;
} Home;

static gboolean home_job(StoreTxn *txn, void *data, GError **error)
{
    Home *home = data;

    return store_txn_account(txn, "home", &home->account, error) &&
           store_txn_folders(txn, home->account, FIXTURE_LISTED, 1, error);
}

/* "m1" and "m2", which answers it, are at work; "m1" is at home too. */
static Home begin(void **state)
{
    static const char *const ANSWERS[] = {"m1", NULL};
    Home home = {.fixture = *state};
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);

    fixture_run(home.fixture, FALSE, home_job, &home);
    g_autoptr(StoreFolder) inbox = store_read_folder(home.fixture->reader, "home", "INBOX", NULL);
    home.inbox = inbox->id;
    const StoreNewMessage at_work[] = {fixture_message(pool, 1, 1700000000, 1, NULL),
                                       fixture_message(pool, 2, 1700000100, 2, ANSWERS)},
                          at_home = fixture_message(pool, 7, 1700000000, 1, NULL);
    fixture_add(home.fixture, home.fixture->inbox, at_work, 2);
    fixture_add(home.fixture, home.inbox, &at_home, 1);
    return home;
}

static int64_t query(const Home *home, const char *format, ...) G_GNUC_PRINTF(2, 3);
static int64_t query(const Home *home, const char *format, ...)
{
    va_list words;

    va_start(words, format);
    g_autofree char *sql = g_strdup_vprintf(format, words);
    va_end(words);
    return fixture_query(home->fixture, sql);
}

static int64_t row_at(const Home *home, int64_t folder, uint32_t uid)
{
    return query(home, "SELECT id FROM message WHERE server_folder = %" G_GINT64_FORMAT " AND uid = %u",
                 folder, uid);
}

static int64_t shown_in(const Home *home, int64_t id)
{
    return query(home, "SELECT folder FROM message WHERE id = %" G_GINT64_FORMAT, id);
}

static int64_t thread_of(const Home *home, int64_t id)
{
    return query(home, "SELECT thread FROM message WHERE id = %" G_GINT64_FORMAT, id);
}

/* ---- jobs ---- */

typedef struct {
    int64_t id, folder, entry;
    uint32_t set, uid;
    int64_t result;
} Work;

static gboolean move_job(StoreTxn *txn, void *data, GError **error)
{
    const Work *work = data;

    return store_change_move(txn, work->id, work->folder, error);
}

static gboolean copy_job(StoreTxn *txn, void *data, GError **error)
{
    Work *work = data;

    return store_change_copy(txn, work->id, work->folder, &work->result, error);
}

static gboolean flags_job(StoreTxn *txn, void *data, GError **error)
{
    const Work *work = data;

    return store_change_flags(txn, work->id, work->set, 0, error);
}

static gboolean expunge_job(StoreTxn *txn, void *data, GError **error)
{
    return store_change_expunge(txn, ((Work *)data)->id, error);
}

static gboolean undo_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(StoreGroup) group = store_undo(txn, error);

    ((Work *)data)->result = group ? group->messages : 0;
    return !*error;
}

static gboolean redo_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(StoreGroup) group = store_redo(txn, error);

    ((Work *)data)->result = group ? group->messages : 0;
    return !*error;
}

static gboolean sent_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_sent(txn, ((Work *)data)->entry, 5, 100, error);
}

static gboolean done_job(StoreTxn *txn, void *data, GError **error)
{
    const Work *work = data;

    return store_journal_done(txn, work->entry, work->uid, error);
}

static gboolean refused_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_refused(txn, ((Work *)data)->entry, "no", error);
}

static gboolean release_job(StoreTxn *txn, void *data G_GNUC_UNUSED, GError **error)
{
    return store_change_release(txn, error);
}

static gboolean delete_folder_job(StoreTxn *txn, void *data, GError **error)
{
    return store_change_delete_folder(txn, ((Work *)data)->folder, error);
}

static gboolean later_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_later(txn, ((Work *)data)->entry, "not now", 0, error);
}

static gboolean forget_job(StoreTxn *txn, void *data, GError **error)
{
    gboolean is_done;

    return store_txn_forget_uids(txn, ((Work *)data)->folder, &is_done, error);
}

static void run(const Home *home, StoreJobFunc job, Work *work)
{
    fixture_run(home->fixture, TRUE, job, work);
    fixture_check_counts(home->fixture);
}

/* What is due of an account: "fetch move", and the first one's number in *entry_out (may be NULL). */
static char *due(const Home *home, const char *account, int64_t *entry_out)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = store_read_journal_due(home->fixture->reader, account, 100, NULL, &error);
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    fixture_ok(entries, error);
    assert_int_equal(store_journal_is_due(home->fixture->reader, account, NULL, NULL), entries->len > 0);
    for (guint i = 0; i < entries->len; i++)
        g_ptr_array_add(words, (void *)store_verb_name(((StoreEntry *)entries->pdata[i])->verb));
    g_ptr_array_add(words, NULL);
    if (entry_out)
        *entry_out = entries->len ? ((StoreEntry *)entries->pdata[0])->id : 0;
    return g_strjoinv(" ", (char **)words->pdata);
}

static void assert_due(const Home *home, const char *work, const char *at_home)
{
    g_autofree char *of_work = due(home, "work", NULL), *of_home = due(home, "home", NULL);

    assert_string_equal(of_work, work);
    assert_string_equal(of_home, at_home);
}

/* The account's first entry that is due is done. */
static void play(const Home *home, const char *account, uint32_t uid)
{
    Work work = {.uid = uid};
    g_autofree char *words = due(home, account, &work.entry);

    assert_string_not_equal(words, "");
    run(home, done_job, &work);
}

/* ---- a move ---- */

static void test_each_in_its_turn(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox, .set = STORE_FLAGGED};

    run(&home, flags_job, &work);
    run(&home, move_job, &work);
    assert_int_equal(shown_in(&home, work.id), home.inbox);
    assert_int_equal(thread_of(&home, work.id), thread_of(&home, row_at(&home, home.inbox, 7)));
    assert_int_not_equal(thread_of(&home, work.id), thread_of(&home, row_at(&home, work_inbox, 1)));
    assert_due(&home, "flags fetch", "");
    play(&home, "work", 0);
    assert_due(&home, "fetch", "");
    play(&home, "work", 0);
    assert_due(&home, "", "move");
    work.set = STORE_SEEN; /* at home already */
    run(&home, flags_job, &work);
    play(&home, "home", 8);
    assert_int_equal(row_at(&home, home.inbox, 8), work.id);
    assert_due(&home, "expunge", "flags");
    /* What is left is shown nowhere, and belongs to its own account's threads. */
    const int64_t left = row_at(&home, work_inbox, 2);
    assert_int_equal(shown_in(&home, left), 0);
    assert_int_equal(thread_of(&home, left), thread_of(&home, row_at(&home, work_inbox, 1)));
    play(&home, "work", 0);
    assert_int_equal(query(&home, "SELECT count(*) FROM message"), 3);
    play(&home, "home", 0);
    assert_due(&home, "", "");
    assert_int_equal(query(&home, "SELECT flags & 3 FROM message WHERE uid = 8"), STORE_SEEN | STORE_FLAGGED);
}

static void test_sent_stays_where_it_stands(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox};
    g_autofree char *words = NULL;

    run(&home, move_job, &work);
    play(&home, "work", 0);
    words = due(&home, "home", &work.entry);
    run(&home, sent_job, &work);
    assert_int_equal(row_at(&home, work_inbox, 2), work.id);
    /* A sync of the target is quicker than the answer: the two are one. */
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    const StoreNewMessage same = fixture_message(pool, 100, 1700000100, 2, NULL);
    fixture_add(home.fixture, home.inbox, &same, 1);
    work.uid = 100;
    run(&home, done_job, &work);
    assert_int_equal(row_at(&home, home.inbox, 100), work.id);
    assert_int_equal(
        query(&home, "SELECT count(*) FROM message WHERE folder = %" G_GINT64_FORMAT, home.inbox), 2);
    assert_due(&home, "expunge", "");
}

static void test_undone_before_and_after(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 1), .folder = home.inbox};
    const int64_t answer = row_at(&home, work_inbox, 2);

    /* It began the thread that the answer stays in. */
    run(&home, move_job, &work);
    assert_int_not_equal(thread_of(&home, work.id), thread_of(&home, answer));
    run(&home, undo_job, &work);
    assert_int_equal(shown_in(&home, work.id), work_inbox);
    assert_int_equal(thread_of(&home, work.id), thread_of(&home, answer));
    assert_due(&home, "", "");
    run(&home, redo_job, &work);
    assert_int_equal(work.result, 1);
    assert_int_equal(shown_in(&home, work.id), home.inbox);
    play(&home, "work", 0);
    play(&home, "home", 9);
    run(&home, undo_job, &work);
    assert_int_equal(shown_in(&home, work.id), work_inbox);
    assert_due(&home, "expunge", "fetch");
    play(&home, "home", 0);
    play(&home, "work", 0);
    play(&home, "work", 3);
    play(&home, "home", 0);
    assert_due(&home, "", "");
    assert_int_equal(row_at(&home, work_inbox, 3), work.id);
    assert_int_equal(thread_of(&home, work.id), thread_of(&home, answer));
    assert_int_equal(query(&home, "SELECT count(*) FROM message"), 3);
}

/* ---- the source is deleted ---- */

/* "m3" in a folder of its own, moved or copied to home, and the folder deleted. */
static Work empty_and_delete(const Home *home, StoreJobFunc job, int64_t target)
{
    const Work folder = {.folder = fixture_folder(home->fixture, "Archive")};
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    const StoreNewMessage old = fixture_message(pool, 3, 1700000200, 3, NULL);
    Work away = {.folder = target}, gone = folder;

    fixture_add(home->fixture, folder.folder, &old, 1);
    away.id = row_at(home, folder.folder, 3);
    run(home, job, &away);
    run(home, delete_folder_job, &gone);
    run(home, release_job, &gone);
    return away;
}

static void test_its_folder_is_deleted_last(void **state)
{
    const Home home = begin(state);
    const Work away = empty_and_delete(&home, move_job, home.inbox);

    assert_due(&home, "fetch", "");
    play(&home, "work", 0);
    assert_due(&home, "", "move");
    play(&home, "home", 33);
    assert_int_equal(row_at(&home, home.inbox, 33), away.id);
    assert_due(&home, "delete expunge", ""); /* what is left there goes with it */
    play(&home, "work", 0);
    fixture_tidy(home.fixture);
    assert_due(&home, "", "");
    assert_int_equal(row_at(&home, home.inbox, 33), away.id);
    assert_int_equal(query(&home, "SELECT count(*) FROM folder WHERE name = 'Archive'"), 0);
}

static void test_a_copy_of_what_is_in_it_is_made_first(void **state)
{
    const Home home = begin(state);
    const Work away = empty_and_delete(&home, copy_job, home.inbox);

    play(&home, "work", 0);
    assert_due(&home, "", "copy");
    play(&home, "home", 33);
    assert_due(&home, "delete", "");
    play(&home, "work", 0);
    assert_int_equal(row_at(&home, home.inbox, 33), away.result);
}

/* Within the account: a move that is put off holds the folder, too. */
static void test_a_move_that_is_put_off_holds_the_folder(void **state)
{
    const Home home = begin(state);
    Work away = empty_and_delete(&home, move_job, home.fixture->inbox);
    g_autofree char *words = due(&home, "work", &away.entry);

    assert_string_equal(words, "move");
    run(&home, later_job, &away);
    assert_due(&home, "move", "");
    play(&home, "work", 34);
    assert_due(&home, "delete", "");
    assert_int_equal(row_at(&home, home.fixture->inbox, 34), away.id);
}

/* Through the folder to another one: it is not deleted while the message is still on its way into it, nor
 * while it is there. */
static void test_what_passes_through_a_folder_holds_it(void **state)
{
    const Home home = begin(state);
    const int64_t inbox = home.fixture->inbox, id = row_at(&home, inbox, 2);
    Work into = {.id = id, .folder = fixture_folder(home.fixture, "Archive")}, gone = into;
    Work out = {.id = id, .folder = home.fixture->sent};

    run(&home, move_job, &into);
    run(&home, move_job, &out);
    run(&home, delete_folder_job, &gone);
    run(&home, release_job, &gone);
    assert_due(&home, "move move", "");
    play(&home, "work", 5);
    assert_due(&home, "move", "");
    play(&home, "work", 6);
    assert_due(&home, "delete", "");
    assert_int_equal(row_at(&home, out.folder, 6), id);
}

/* What stays in the folder keeps it. */
static void test_a_refused_move_keeps_the_folder(void **state)
{
    const Home home = begin(state);
    Work away = empty_and_delete(&home, move_job, home.inbox);

    play(&home, "work", 0);
    g_autofree char *words = due(&home, "home", &away.entry);
    run(&home, refused_job, &away);
    assert_due(&home, "", "");
    assert_int_equal(query(&home, "SELECT deleted FROM folder WHERE name = 'Archive'"), 0);
    assert_int_equal(query(&home, "SELECT count(*) FROM message m, folder f WHERE f.name = 'Archive' AND "
                                  "m.folder = f.id AND m.uid = 3"),
                     1);
    assert_int_equal(query(&home, "SELECT count(*) FROM journal WHERE state = 5 AND verb = 'delete'"), 1);
}

/* ---- it is refused ---- */

static void test_refused(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox, .set = STORE_FLAGGED};
    g_autofree char *words = NULL;

    run(&home, move_job, &work);
    run(&home, flags_job, &work);
    play(&home, "work", 0);
    words = due(&home, "home", &work.entry);
    run(&home, sent_job, &work);
    run(&home, refused_job, &work);
    assert_int_equal(shown_in(&home, work.id), work_inbox);
    assert_int_equal(row_at(&home, work_inbox, 2), work.id);
    assert_int_equal(thread_of(&home, work.id), thread_of(&home, row_at(&home, work_inbox, 1)));
    /* The flag that it got over there is set where it is. */
    assert_due(&home, "flags", "");
    assert_int_equal(query(&home, "SELECT flags & 2 FROM message WHERE uid = 2"), STORE_FLAGGED);
}

static void test_refused_after_it_was_deleted_there(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox};
    g_autofree char *words = NULL;

    run(&home, move_job, &work);
    run(&home, expunge_job, &work);
    run(&home, release_job, &work);
    assert_int_equal(shown_in(&home, work.id), 0);
    play(&home, "work", 0);
    words = due(&home, "home", &work.entry);
    run(&home, refused_job, &work);
    assert_int_equal(shown_in(&home, work.id), work_inbox);
    assert_int_equal(thread_of(&home, work.id), thread_of(&home, row_at(&home, work_inbox, 1)));
    assert_due(&home, "", "");
}

static void test_what_cannot_be_fetched(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox};
    g_autofree char *words = NULL;

    run(&home, move_job, &work);
    words = due(&home, "work", &work.entry);
    run(&home, refused_job, &work);
    assert_int_equal(shown_in(&home, work.id), work_inbox);
    assert_due(&home, "", "");
    assert_int_equal(query(&home, "SELECT count(*) FROM journal WHERE state = 5"), 2);
}

/* ---- a copy ---- */

static void test_a_copy_stops_only_what_takes_away(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox, .set = STORE_FLAGGED};

    run(&home, copy_job, &work);
    assert_int_equal(shown_in(&home, work.result), home.inbox);
    assert_int_equal(thread_of(&home, work.result), thread_of(&home, row_at(&home, home.inbox, 7)));
    play(&home, "work", 0);
    run(&home, flags_job, &work);
    run(&home, expunge_job, &work);
    run(&home, release_job, &work);
    assert_due(&home, "flags", "copy");
    play(&home, "work", 0);
    assert_due(&home, "", "copy");
    play(&home, "home", 8);
    assert_int_equal(row_at(&home, home.inbox, 8), work.result);
    assert_due(&home, "expunge", "");
    assert_int_equal(query(&home, "SELECT server_flags & 2 FROM message WHERE uid = 8"), 0);
}

/* ---- the source is numbered anew ---- */

static void test_found_again_under_another_uid(void **state)
{
    const Home home = begin(state);
    const int64_t work_inbox = home.fixture->inbox;
    Work work = {.id = row_at(&home, work_inbox, 2), .folder = home.inbox};
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    const StoreNewMessage again = fixture_message(pool, 52, 1700000100, 2, NULL);

    run(&home, move_job, &work);
    fixture_run(home.fixture, FALSE, forget_job, &(Work){.folder = work_inbox});
    assert_int_equal(fixture_add(home.fixture, work_inbox, &again, 1).added, 0);
    assert_int_equal(row_at(&home, work_inbox, 52), work.id);
    assert_int_equal(shown_in(&home, work.id), home.inbox);
    fixture_check_counts(home.fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_in_its_turn),
        TEST(test_sent_stays_where_it_stands),
        TEST(test_undone_before_and_after),
        TEST(test_its_folder_is_deleted_last),
        TEST(test_what_passes_through_a_folder_holds_it),
        TEST(test_a_copy_of_what_is_in_it_is_made_first),
        TEST(test_a_move_that_is_put_off_holds_the_folder),
        TEST(test_a_refused_move_keeps_the_folder),
        TEST(test_refused),
        TEST(test_refused_after_it_was_deleted_there),
        TEST(test_what_cannot_be_fetched),
        TEST(test_a_copy_stops_only_what_takes_away),
        TEST(test_found_again_under_another_uid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
