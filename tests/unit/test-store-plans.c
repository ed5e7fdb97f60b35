/* What SQLite does for each statement of sql.h (EXPLAIN QUERY PLAN): none walks through a table that grows
 * with mail or with changes, but for a few that have a reason. And an older store gets the indexes that this
 * takes. */
#include "store-fixture.h"

#include "base/clock.h"
#include "store/change.h"
#include "store/journal.h"
#include "store/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *name, *text;
} STATEMENTS[] = {
#define X(name, text) {#name, text},
    STORE_SQL(X)
#undef X
};

/* Those that grow, and what statements call them. */
static const char *const LARGE[] = {
    "message", "m",       "envelope", "e",         "journal", "j",     "c", "change_group", "g", "keyword",
    "ref",     "ref_new", "merged",   "mail_file", "bucket",  "email", "x"};

/* As the plan has it, and why that is right. */
static const struct {
    const char *name, *plan, *why;
} ALLOWED[] = {
    {"JOURNAL_READ", "SCAN j", "a person asked to see all that is kept"},
    {"JOURNAL_COUNT", "SCAN journal USING INDEX journal_account", "the index has unsettled entries only"},
    {"JOURNAL_RELEASE", "SCAN journal USING INDEX journal_account", "the same"},
    {"JOURNAL_AWAY_FROM", "SCAN j USING INDEX journal_account", "the same"},
    {"JOURNAL_COPIES_FROM", "SCAN j USING INDEX journal_account", "the same"},
    {"MAILBOX_GROUPS", "SCAN change_group", "once, when the configuration names another mailbox"},
    {"GROUP_NEXT", "SEARCH change_group", "the last one of the table's own key"},
};

static gboolean is_large(const char *table, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(LARGE); i++) {
        if (strlen(LARGE[i]) == size && strncmp(LARGE[i], table, size) == 0)
            return TRUE;
    }
    return FALSE;
}

/* "SCAN t …", or "SEARCH t" and no word of what by: that is the greatest value of a column, found by looking
 * at all. */
static gboolean walks_through(const char *step)
{
    const gboolean is_scan = g_str_has_prefix(step, "SCAN "), is_search = g_str_has_prefix(step, "SEARCH ");
    const char *table = step + (is_scan ? 5 : 7);

    return (is_scan || (is_search && !strstr(step, " USING "))) && is_large(table, strcspn(table, " "));
}

static gboolean is_allowed(const char *name, const char *step)
{
    for (guint i = 0; i < G_N_ELEMENTS(ALLOWED); i++) {
        if (strcmp(ALLOWED[i].name, name) == 0 && strcmp(ALLOWED[i].plan, step) == 0)
            return TRUE;
    }
    return FALSE;
}

static void test_no_statement_walks_through_a_large_table(void **state)
{
    sqlite3 *db = fixture_sqlite(*state);
    guint n_allowed = 0;

    for (guint i = 0; i < G_N_ELEMENTS(STATEMENTS); i++) {
        g_autofree char *text = g_strconcat("EXPLAIN QUERY PLAN ", STATEMENTS[i].text, NULL);
        sqlite3_stmt *plan;
        if (sqlite3_prepare_v2(db, text, -1, &plan, NULL) != SQLITE_OK)
            fail_msg("%s: %s", STATEMENTS[i].name, sqlite3_errmsg(db));
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(plan, 3);
            if (!walks_through(step))
                continue;
            if (!is_allowed(STATEMENTS[i].name, step))
                fail_msg("%s: %s", STATEMENTS[i].name, step);
            n_allowed++;
        }
        sqlite3_finalize(plan);
    }
    sqlite3_close(db);
    assert_int_equal(n_allowed, G_N_ELEMENTS(ALLOWED)); /* no exception is left over */
}

/* ---- what is old goes, and what is not is not looked at ---- */

#define DAY_S 86400
#define OLD 20

static gboolean make_old(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    for (int64_t id = 1; id <= OLD; id++) {
        if (!store_change_flags(txn, id, STORE_FLAGGED, 0, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean prune(StoreTxn *txn, void *is_done, GError **error)
{
    return store_journal_prune(txn, is_done, error);
}

static void run_sql(Fixture *fixture, const char *sql)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    sqlite3 *handle;

    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    sqlite3_close(handle);
}

static void add_messages(Fixture *fixture)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    StoreNewMessage messages[OLD];

    for (guint i = 0; i < OLD; i++)
        messages[i] = fixture_message(pool, i + 1, 1000000000 + i, (int)i, NULL);
    fixture_add(fixture, fixture->inbox, messages, OLD);
}

static void test_what_is_settled_and_old_goes(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *age = g_strdup_printf("UPDATE journal SET made = %" G_GINT64_FORMAT
                                           ", state = CASE WHEN id %% 2 THEN 3 ELSE state END;"
                                           "UPDATE change_group SET made = %" G_GINT64_FORMAT,
                                           clock_wall_s() - 40 * DAY_S, clock_wall_s() - 40 * DAY_S);
    gboolean is_done = FALSE;

    add_messages(fixture);
    fixture_run(fixture, TRUE, make_old, NULL);
    run_sql(fixture, age);
    fixture_run(fixture, TRUE, prune, &is_done);
    assert_true(is_done);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal"), OLD / 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM change_group"), 1);
    run_sql(fixture, "UPDATE journal SET state = 3");
    fixture_run(fixture, TRUE, prune, &is_done);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal"), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM change_group"), 0);
}

/* One of version 6, with a journal. */
static void test_an_older_store_gets_the_indexes(void **state)
{
    Fixture *fixture = *state;

    add_messages(fixture);
    fixture_run(fixture, TRUE, make_old, NULL);
    store_reader_free(g_steal_pointer(&fixture->reader));
    store_close(g_steal_pointer(&fixture->store));
    run_sql(fixture,
            "DROP INDEX journal_settled; DROP INDEX change_group_made; DROP INDEX change_group_undone;"
            "DELETE FROM meta WHERE name = 'next-thread'; DROP TABLE email; DROP TABLE departed; DROP TABLE piece; ALTER TABLE folder DROP COLUMN mailbox_id;"
            "ALTER TABLE account DROP COLUMN mailbox; ALTER TABLE account DROP COLUMN labels;"
            "PRAGMA user_version = 6");
    fixture_reopen(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal"), OLD);
    test_no_statement_walks_through_a_large_table(state);
}

/* ---- what is due costs what waits ---- */

/* As many entries as "%d" says; account, verb, message, folder and not_before follow. */
#define ENTRIES                                                                                              \
    "; WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < %d) INSERT INTO journal "    \
    "(grp, maker, set_flags, clear_flags, state, tries, made, account, verb, message, folder, not_before) "  \
    "SELECT 1, 1, 1, 0, 0, 0, 0, "
#define FROM_I " FROM i"

/* What may wait, and how many of each of those can be played. */
static const struct {
    const char *name, *sql;
    guint due;
} WAITING[] = {
    {"flags of many messages", ENTRIES "1, 'flags', 1000 + n, NULL, 0" FROM_I, 1},
    {"flags of one message", ENTRIES "1, 'flags', 1, NULL, 0" FROM_I, 1},
    {"folders deleted behind moves out of them",
     ENTRIES "1, 'move', 1 + n % 20, 3, 4000000000" FROM_I ENTRIES "1, 'delete', NULL, 1, 0" FROM_I, 0},
    {"moves that wait for another account",
     ENTRIES "2, 'fetch', 1000 + n, NULL, 0" FROM_I ENTRIES "1, 'move', 1000 + n, 3, 0" FROM_I, 0},
};
#define MOVES_ABROAD 3

static void add_waiting(Fixture *fixture, guint which, int n)
{
    g_autofree char *number = g_strdup_printf("%d", n);
    g_auto(GStrv) parts = g_strsplit(WAITING[which].sql, "%d", -1);
    g_autofree char *sql = g_strjoinv(number, parts);

    run_sql(fixture, "DELETE FROM journal");
    run_sql(fixture, sql + 1);
}

/* Steps of SQLite's for all that is due, with n of them. */
static int64_t steps_of(Fixture *fixture, guint which, int n)
{
    GError *error = NULL;

    add_waiting(fixture, which, n);
    store_reader_steps(fixture->reader);
    g_autoptr(GPtrArray) due = store_read_journal_due(fixture->reader, "work", 100000, NULL, &error);
    fixture_ok(due, error);
    assert_int_equal(due->len, WAITING[which].due * (guint)n);
    return store_reader_steps(fixture->reader);
}

static void test_what_is_due_costs_what_waits(void **state)
{
    enum { FEW = 200, TIMES = 10 };
    Fixture *fixture = *state;

    add_messages(fixture);
    for (guint i = 0; i < G_N_ELEMENTS(WAITING); i++) {
        const int64_t few = steps_of(fixture, i, FEW), many = steps_of(fixture, i, FEW * TIMES);
        if (many > few * TIMES * 3 / 2)
            fail_msg("%s: %" G_GINT64_FORMAT " steps for %d, %" G_GINT64_FORMAT " for %d", WAITING[i].name,
                     few, FEW, many, FEW * TIMES);
    }
}

/* Where the first can be played and very many behind it cannot, those are not all looked at for it. */
static void test_what_waits_behind_is_not_all_looked_at(void **state)
{
    enum { FEW = 2000, TIMES = 10 };
    Fixture *fixture = *state;
    int64_t steps[2];

    add_messages(fixture);
    for (int many = 0; many < 2; many++) {
        add_waiting(fixture, MOVES_ABROAD, many ? FEW * TIMES : FEW);
        run_sql(fixture, "UPDATE journal SET state = 3 WHERE id = (SELECT min(id) FROM journal)");
        store_reader_steps(fixture->reader);
        g_autoptr(GPtrArray) due = store_read_journal_due(fixture->reader, "work", 5000, NULL, NULL);
        assert_int_equal(due->len, 1);
        steps[many] = store_reader_steps(fixture->reader);
    }
    assert_in_range(steps[1], 1, steps[0] * 3 / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_statement_walks_through_a_large_table, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_settled_and_old_goes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_due_costs_what_waits, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_what_waits_behind_is_not_all_looked_at, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_an_older_store_gets_the_indexes, fixture_setup,
                                        fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
