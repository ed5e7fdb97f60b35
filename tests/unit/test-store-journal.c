/* The journal over the life of a file: one of an older tern, and a process that is killed among many
 * changes. */
#include "store-server.h"

#include "base/clock.h"
#include "store/schema.h"
#include "store/undo.h"

#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

extern char **environ;

#define N 12

static void add_messages(Fixture *fixture)
{
    Server server;

    server_init(&server, fixture);
    for (int n = 1; n <= N; n++)
        server_add(&server.folders[0], n, 0, n % 3 ? 0 : 2);
    server_sync(&server, &server.folders[0]);
    server_clear(&server);
}

static void close_store(Fixture *fixture)
{
    store_reader_free(g_steal_pointer(&fixture->reader));
    store_close(g_steal_pointer(&fixture->store));
}

/* ---- an older file ---- */

/* What came after version 1, taken away; and a change that version 1 had not told the server. */
static const char TO_VERSION_1[] =
    "DROP INDEX journal_settled;"
    "DROP TABLE piece; DROP TABLE mail_file; DROP TABLE email; DROP TABLE departed; ALTER TABLE folder DROP COLUMN mailbox_id;"
    "ALTER TABLE journal DROP COLUMN settled; DELETE FROM meta WHERE name IN ('untold', 'next-thread');"
    "DROP INDEX journal_due; DROP INDEX journal_moved;"
    "DROP TABLE role_name; ALTER TABLE folder DROP COLUMN space; ALTER TABLE folder DROP COLUMN rights;"
    "ALTER TABLE account DROP COLUMN quota_used; ALTER TABLE account DROP COLUMN quota_limit;"
    "ALTER TABLE account DROP COLUMN mailbox; ALTER TABLE account DROP COLUMN labels;"
    "DROP TABLE login; DROP TABLE change_group; DROP INDEX journal_folder; DROP INDEX journal_copy;"
    "DROP INDEX journal_old; DROP INDEX message_away; ALTER TABLE journal DROP COLUMN name;"
    "ALTER TABLE journal DROP COLUMN old_name; ALTER TABLE journal DROP COLUMN copy;"
    "ALTER TABLE journal DROP COLUMN old_folder; ALTER TABLE journal DROP COLUMN old_uid;"
    "ALTER TABLE journal DROP COLUMN uid_validity; ALTER TABLE journal DROP COLUMN uid_next;"
    "ALTER TABLE journal DROP COLUMN error; ALTER TABLE folder DROP COLUMN deleted;"
    "INSERT INTO journal (grp, maker, account, verb, message, folder, set_flags, clear_flags, state, tries, "
    "not_before, "
    "made) SELECT 7, 5, 1, 'flags', id, folder, 2, 0, 0, 0, 0, 1000 FROM message WHERE uid = 4;"
    "UPDATE message SET flags = flags | 2 WHERE uid = 4;"
    "PRAGMA user_version = 1";

static void make_version_1(Fixture *fixture)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    sqlite3 *db;
    char *wrong = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, TO_VERSION_1, NULL, NULL, &wrong) != SQLITE_OK)
        fail_msg("%s", wrong);
    sqlite3_close(db);
}

static gboolean done_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_done(txn, *(int64_t *)data, 0, error);
}

static gboolean undo_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(StoreGroup) group = store_undo(txn, error);

    *(int64_t *)data = group ? group->id : 0;
    return !*error;
}

typedef struct {
    const char *mailbox;
    StoreOtherMailbox other;
} MailboxJob;

static gboolean mailbox_job(StoreTxn *txn, void *data, GError **error)
{
    MailboxJob *job = data;

    return store_txn_set_mailbox(txn, "work", job->mailbox, &job->other, error);
}

static gboolean sync_job(StoreTxn *txn, void *data, GError **error)
{
    const StoreSync sync = {.uid_validity = 777, .uid_next = 10, .backfill_uid = 1, .synced_s = 1};

    return store_txn_set_sync(txn, *(int64_t *)data, &sync, error);
}

#define VALIDITY "SELECT uid_validity FROM folder WHERE name = 'INBOX'"

/* What was synced before anybody asked whose it is stays; what is another one's then is not believed. */
static void check_mailbox(Fixture *fixture, int changes)
{
    MailboxJob ada = {.mailbox = "ada@example.org"}, bob = {.mailbox = "bob@example.org"};
    int64_t inbox = fixture->inbox;

    fixture_run(fixture, FALSE, sync_job, &inbox);
    const int64_t known = fixture_query(fixture, VALIDITY);
    assert_null(store_read_mailbox(fixture->reader, "work", NULL));
    fixture_run(fixture, TRUE, mailbox_job, &ada);
    assert_null(ada.other.was);
    assert_int_equal(fixture_query(fixture, VALIDITY), known);
    g_autofree char *kept = store_read_mailbox(fixture->reader, "work", NULL);
    assert_string_equal(kept, "ada@example.org");
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), changes);
    fixture_run(fixture, TRUE, mailbox_job, &bob);
    assert_string_equal(bob.other.was, "ada@example.org");
    assert_int_equal(bob.other.dropped, changes);
    g_free(bob.other.was);
    assert_true(fixture_query(fixture, VALIDITY) != known);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 0);
    fixture_check_counts(fixture);
}

static void test_a_file_of_version_1(void **state)
{
    Fixture *fixture = *state;
    int64_t undone = 0;

    add_messages(fixture);
    close_store(fixture);
    make_version_1(fixture);
    fixture_reopen(fixture);
    assert_int_equal(fixture_query(fixture, "PRAGMA user_version"), schema_version());
    fixture_check_counts(fixture);
    /* Nothing is forbidden of which nothing is known. */
    g_autoptr(StoreFolder) inbox = store_read_folder(fixture->reader, "work", "INBOX", NULL);
    assert_int_equal(inbox->rights, STORE_MAY_ALL);
    assert_int_equal(inbox->space, STORE_SPACE_OWN);
    /* Its change is there to be played, though nobody is left who could take it back. */
    g_autoptr(GPtrArray) due = store_read_journal_due(fixture->reader, "work", 10, NULL, NULL);
    assert_int_equal(due->len, 1);
    const StoreEntry *entry = due->pdata[0];
    assert_int_equal(entry->verb, STORE_VERB_FLAGS);
    assert_int_equal(entry->set, STORE_FLAGGED);
    assert_int_equal(entry->uid, 4);
    fixture_run(fixture, TRUE, undo_job, &undone);
    assert_int_equal(undone, 0);
    int64_t id = entry->id;
    fixture_run(fixture, TRUE, done_job, &id);
    assert_int_equal(fixture_query(fixture, "SELECT server_flags & 2 FROM message WHERE uid = 4"), 2);
    /* A new change does not fall into the old one's group. */
    fixture_change_flags(fixture, entry->message, STORE_SEEN, 0);
    fixture_run(fixture, TRUE, undo_job, &undone);
    assert_true(undone > 7);
    assert_int_equal(fixture_query(fixture, "SELECT flags & 3 FROM message WHERE uid = 4"), 2);
    fixture_change_flags(fixture, entry->message, STORE_SEEN, 0);
    check_mailbox(fixture, 1);
}

/* ---- killed ---- */

typedef struct {
    int64_t ids[N], folder;
    gboolean set;
} Much;

/* Three entries for each message, in one group. */
static gboolean much_job(StoreTxn *txn, void *data, GError **error)
{
    const Much *much = data;

    if (!store_change_begin(txn, STORE_CHANGE_MOVE, "there", error))
        return FALSE;
    for (int i = 0; i < N; i++) {
        if (!store_change_flags(txn, much->ids[i], much->set ? STORE_SEEN : 0, much->set ? 0 : STORE_SEEN,
                                error) ||
            !store_change_keyword(txn, much->ids[i], "$Junk", much->set, error) ||
            !store_change_move(txn, much->ids[i], much->folder, error))
            return FALSE;
    }
    return TRUE;
}

/* Also undone, each second time. */
static int change_forever(const char *folder)
{
    g_autoptr(Paths) paths = paths_new(folder);
    g_autoptr(Store) store = store_open(paths, NULL);
    g_autofree char *flag = g_build_filename(folder, "flag", NULL);
    Much much;
    int64_t undone;

    for (int i = 0; i < N; i++)
        much.ids[i] = i + 1;
    for (int round = 0; store; round++) {
        much.folder = 1 + round % 2;
        much.set = (round & 1) != 0;
        if (!store_run(store, STORE_LANE_USER, TRUE, much_job, &much, NULL) ||
            (round % 3 == 2 && !store_run(store, STORE_LANE_USER, TRUE, undo_job, &undone, NULL)))
            return 1;
        if (round == 3)
            g_file_set_contents(flag, "", 0, NULL);
    }
    return 1;
}

static void kill_after_flag(Fixture *fixture, useconds_t after_us)
{
    char *argv[] = {(char *)"test-store-journal", (char *)"change-forever", fixture->folder, NULL};
    g_autofree char *flag = g_build_filename(fixture->folder, "flag", NULL);
    const int64_t deadline_us = clock_now_us() + 60 * SECOND_US;
    pid_t pid;
    int status;

    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    while (access(flag, F_OK) != 0) {
        assert_true(clock_now_us() < deadline_us);
        usleep(2000);
    }
    unlink(flag);
    usleep(after_us);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void test_killed_among_changes(void **state)
{
    Fixture *fixture = *state;

    add_messages(fixture);
    for (int i = 0; i < 6; i++) {
        kill_after_flag(fixture, 1000 * (useconds_t)(i * 7 % 30));
        sqlite3 *db = fixture_sqlite(fixture);
        server_check_shown(NULL, db, "after a kill");
        sqlite3_close(db);
        fixture_check_counts(fixture);
        /* A group is whole, or not there; a message is with all others. */
        assert_int_equal(fixture_query(fixture,
                                       "SELECT count(*) FROM (SELECT grp FROM journal GROUP BY grp "
                                       "HAVING count(DISTINCT message) <> 12 OR count(DISTINCT state) > 1)"),
                         0);
        assert_int_equal(
            fixture_query(fixture,
                          "SELECT count(*) FROM change_group WHERE id NOT IN (SELECT grp FROM journal)"),
            0);
        assert_int_equal(
            fixture_query(fixture, "SELECT count(DISTINCT folder * 2 + (flags & 1)) FROM message"), 1);
        assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), N);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_of_version_1),
        TEST(test_killed_among_changes),
    };

    if (argc == 3 && !strcmp(argv[1], "change-forever")) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no child behind */
        return change_forever(argv[2]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
