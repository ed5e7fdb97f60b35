/* Folders that go while changes are on their way from, to and within them; and a sync that sees less than
 * was done. */
#include "store-server.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* ---- a sync that began before the answer ---- */

typedef struct {
    int64_t id, folder, copy;
    gboolean is_copy;
} Work;

static gboolean transfer_job(StoreTxn *txn, void *data, GError **error)
{
    Work *work = data;

    return work->is_copy ? store_change_copy(txn, work->id, work->folder, &work->copy, error)
                         : store_change_move(txn, work->id, work->folder, error);
}

static Answer untold(const StoreEntry *entry, void *data)
{
    (void)entry;
    (void)data;
    return ANSWER_UNTOLD;
}

/* Once, in the middle of a sync. */
static void play_untold(void *data)
{
    Server *server = data;

    server->between = NULL;
    assert_int_equal(server_play(server, 10, untold, NULL), 1);
}

/* The sync has seen the destination before the message came there: the row waits for the next one. */
static void check_untold(Fixture *fixture, gboolean is_copy)
{
    Server server;

    server_init(&server, fixture);
    server_add(&server.folders[0], 1, 0, 0);
    server_add(&server.folders[2], 2, 0, 0);
    server_sync(&server, &server.folders[0]);
    server_sync(&server, &server.folders[2]);
    Work work = {.id = fixture_query(fixture, "SELECT id FROM message WHERE size = 1001"),
                 .folder = server.folders[2].id,
                 .is_copy = is_copy};
    fixture_run(fixture, TRUE, transfer_job, &work);
    const int64_t row = is_copy ? work.copy : work.id;
    server.between = play_untold;
    server.data = &server;
    server_sync(&server, &server.folders[2]);
    g_autofree char *there = g_strdup_printf("SELECT uid FROM message WHERE id = %" G_GINT64_FORMAT
                                             " AND folder = %" G_GINT64_FORMAT,
                                             row, work.folder);
    assert_int_equal(fixture_query(fixture, there), 0);
    /* The next one brings the UID; nothing is left that waits, and nothing is there twice. */
    server_sync(&server, &server.folders[2]);
    server_sync(&server, &server.folders[0]);
    assert_true(fixture_query(fixture, there) > 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), is_copy ? 3 : 2);
    sqlite3 *db = fixture_sqlite(fixture);
    server_check_same(&server, db, "after the second sync");
    sqlite3_close(db);
    fixture_check_counts(fixture);
    server_clear(&server);
}

static void test_a_move_is_done_while_its_folder_is_synced(void **state)
{
    check_untold(*state, FALSE);
}

static void test_a_copy_is_done_while_its_folder_is_synced(void **state)
{
    check_untold(*state, TRUE);
}

/* One that does not come is not waited for for ever. */
static void test_what_does_not_come_goes(void **state)
{
    Fixture *fixture = *state;
    Server server;

    server_init(&server, fixture);
    server_add(&server.folders[0], 1, 0, 0);
    server_sync(&server, &server.folders[0]);
    Work work = {.id = fixture_query(fixture, "SELECT id FROM message"), .folder = server.folders[2].id};
    fixture_run(fixture, TRUE, transfer_job, &work);
    assert_int_equal(server_play(&server, 10, untold, NULL), 1);
    /* Somebody else takes it away at once. */
    ServerMail *mail = &g_array_index(server.folders[2].mails, ServerMail, 0);
    server_remove(&server.folders[2], mail->uid);
    server_sync(&server, &server.folders[2]);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
    server_clear(&server);
}

/* ---- folders that go ---- */

typedef enum { DO_FLAGS, DO_MOVE, DO_COPY, DO_EXPUNGE, DO_MOVE_TWICE, DOINGS } Doing;
typedef enum { STAGE_WAITING, STAGE_SENT, STAGE_LEFT, STAGE_FOUND, STAGES } Stage;
typedef enum { END_DONE, END_UNTOLD, END_LATER, END_REFUSED, ENDS } End;

typedef struct {
    int64_t account, inbox, archive, sent, message;
    Doing doing;
    Stage stage;
    End end;
    int taken_back, lost;
    gboolean is_source; /* it is the folder that the message stands in that goes */
    int64_t entry;
} Case;

static gboolean doing_job(StoreTxn *txn, void *data, GError **error)
{
    const Case *c = data;

    switch (c->doing) {
    case DO_FLAGS:
        return store_change_flags(txn, c->message, STORE_FLAGGED, 0, error) &&
               store_change_keyword(txn, c->message, "$Junk", TRUE, error);
    case DO_MOVE:
        return store_change_move(txn, c->message, c->archive, error);
    case DO_COPY:
        return store_change_copy(txn, c->message, c->archive, NULL, error);
    case DO_EXPUNGE:
        return store_change_expunge(txn, c->message, error);
    default:
        return store_change_move(txn, c->message, c->archive, error) &&
               store_change_move(txn, c->message, c->sent, error);
    }
}

static gboolean sent_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_sent(txn, ((Case *)data)->entry, 9, 1, error);
}

/* The server's list without the folder. */
static gboolean list_job(StoreTxn *txn, void *data, GError **error)
{
    Case *c = data;

    const gboolean ok = store_txn_folders(txn, c->account, FIXTURE_LISTED + (c->is_source ? 1 : 0), 2, error);
    c->taken_back = store_txn_taken_back(txn);
    c->lost = store_txn_lost(txn);
    return ok;
}

static gboolean end_job(StoreTxn *txn, void *data, GError **error)
{
    const Case *c = data;

    switch (c->end) {
    case END_DONE:
        return store_journal_done(txn, c->entry, 77, error);
    case END_UNTOLD:
        return store_journal_done(txn, c->entry, 0, error);
    case END_LATER:
        return store_journal_later(txn, c->entry, "not now", 0, error);
    default:
        return store_journal_refused(txn, c->entry, "no", error);
    }
}

/* Whatever can still be played names what is there. What cannot is taken back, as whoever plays does. */
static void play_rest(Fixture *fixture, Case *c)
{
    for (int round = 0; round < 4; round++) {
        g_autoptr(GPtrArray) left = store_read_journal(fixture->reader, NULL, FALSE, NULL);
        for (guint i = 0; i < left->len; i++) {
            const StoreEntry *entry = left->pdata[i];
            c->entry = entry->id;
            c->end = entry->server_raw && (!entry->folder || entry->folder_raw) ? END_UNTOLD : END_REFUSED;
            fixture_run(fixture, TRUE, end_job, c);
        }
    }
}

static void check_nothing_hangs(Fixture *fixture, const Case *c)
{
    static const struct {
        const char *sql, *what;
    } CHECKS[] = {
        {"SELECT count(*) FROM message WHERE folder <> 0 AND folder NOT IN (SELECT id FROM folder)",
         "a row in a folder that is gone"},
        {"SELECT count(*) FROM message WHERE server_folder NOT IN (SELECT id FROM folder)",
         "a row that stands on the server where nothing is"},
        {"SELECT count(*) FROM journal WHERE state < 3", "an entry that is not settled"},
        {"SELECT count(*) FROM message WHERE folder = 0", "a row that is shown nowhere"},
        {"SELECT count(*) FROM folder WHERE account = 0", "a folder that is not tidied away"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(CHECKS); i++) {
        if (fixture_query(fixture, CHECKS[i].sql))
            fail_msg("doing %d, stage %d, end %d, %s gone: %s", c->doing, c->stage, c->end,
                     c->is_source ? "source" : "destination", CHECKS[i].what);
    }
    if (g_getenv("TERN_TEST_SEED"))
        print_message("doing %d, stage %d, end %d, %s gone\n", c->doing, c->stage, c->end,
                      c->is_source ? "source" : "destination");
    fixture_check_counts(fixture);
}

/* What somebody is to be told of, where nothing of it was sent: a move or copy, which is taken back when the
 * folder that it goes to is gone, and lost with the one that it comes from. What was done to a message
 * within its folder went with that. */
static void check_told(const Case *c)
{
    if (c->stage != STAGE_WAITING || c->doing == DO_MOVE_TWICE)
        return;
    const gboolean is_transfer = c->doing == DO_MOVE || c->doing == DO_COPY;
    assert_int_equal(c->taken_back, is_transfer && !c->is_source);
    assert_int_equal(c->lost, is_transfer && c->is_source);
}

/* What the other connection tells before the answer comes. */
static void bring_to_stage(Fixture *fixture, Case *c)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(100);
    const uint32_t uid = 5;

    if (c->stage == STAGE_WAITING)
        return;
    fixture_run(fixture, TRUE, sent_job, c);
    if (c->stage == STAGE_LEFT)
        fixture_expunge(fixture, c->inbox, &uid, 1);
    if (c->stage == STAGE_FOUND && (c->doing == DO_MOVE || c->doing == DO_COPY)) {
        StoreNewMessage there = fixture_message(pool, 30, 1700000000, 5, NULL);
        fixture_add(fixture, c->archive, &there, 1);
    }
}

static void run_case(Case *c)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(100);
    void *state;

    fixture_setup(&state);
    Fixture *fixture = state;
    c->account = fixture->account;
    c->inbox = fixture->inbox;
    c->sent = fixture->sent;
    c->archive = fixture_folder(fixture, "Archive");
    StoreNewMessage messages[] = {fixture_message(pool, 5, 1700000000, 5, NULL),
                                  fixture_message(pool, 6, 1700000000, 6, NULL)};
    fixture_add(fixture, c->inbox, messages, 2);
    c->message = fixture_query(fixture, "SELECT id FROM message WHERE uid = 5");
    fixture_run(fixture, TRUE, doing_job, c);
    c->entry = fixture_query(fixture, "SELECT min(id) FROM journal");
    bring_to_stage(fixture, c);
    fixture_run(fixture, FALSE, list_job, c);
    check_told(c);
    fixture_tidy(fixture);
    const End end = c->end;
    fixture_run(fixture, TRUE, end_job, c);
    play_rest(fixture, c);
    fixture_tidy(fixture);
    c->end = end;
    check_nothing_hangs(fixture, c);
    /* What had nothing to do with it is there as long as its folder is; and what stood in the Inbox is,
     * unless it was moved for all that anybody knows, or deleted. */
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE uid = 6"), !c->is_source);
    if (!c->is_source && c->stage == STAGE_WAITING && c->doing != DO_EXPUNGE)
        assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE size = 1005"), 1);
    fixture_teardown(&state);
}

static void test_folders_that_go(void **state)
{
    (void)state;
    for (int i = 0; i < DOINGS * STAGES * ENDS * 2; i++) {
        Case c = {.doing = (Doing)(i % DOINGS),
                  .stage = (Stage)(i / DOINGS % STAGES),
                  .end = (End)(i / DOINGS / STAGES % ENDS),
                  .is_source = i >= DOINGS * STAGES * ENDS};
        run_case(&c);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_move_is_done_while_its_folder_is_synced),
        TEST(test_a_copy_is_done_while_its_folder_is_synced),
        TEST(test_what_does_not_come_goes),
        cmocka_unit_test(test_folders_that_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
