/* A store.db that is damaged at random: whatever is wrong with it, the next opening has a store that is right
 * in itself, with entries that name what is there. (How it looks to a person:
 * hostile/test_damaged_store.py.) */
#include "store-server.h"

#include "base/file.h"
#include "store/damage.h"
#include "store/pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define N 200
#define ROUNDS 60
#define PAGE 4096

static gboolean change_job(StoreTxn *txn, void *data, GError **error)
{
    Fixture *fixture = data;

    for (int64_t id = 10; id < N; id += 20) {
        if (!store_change_flags(txn, id, STORE_FLAGGED, 0, error) ||
            !store_change_keyword(txn, id + 1, "Todo", TRUE, error) ||
            !store_change_move(txn, id + 2, fixture->sent, error) ||
            !store_change_copy(txn, id + 3, fixture->sent, NULL, error) ||
            !store_change_expunge(txn, id + 4, error))
            return FALSE;
    }
    return store_change_create_folder(txn, fixture->account, "New", STORE_ROLE_NONE, NULL, error);
}

static void close_store(Fixture *fixture)
{
    store_reader_free(g_steal_pointer(&fixture->reader));
    store_close(g_steal_pointer(&fixture->store));
}

/* One thing that goes wrong. */
static void damage(char *bytes, gsize *size, uint32_t *seed)
{
    const gsize pages = *size / PAGE;
    const uint32_t how = fixture_random(seed) % 6, page = fixture_random(seed) % (uint32_t)pages;
    char *at = bytes + (gsize)page * PAGE;

    if (how == 0)
        memset(at, (int)(fixture_random(seed) & 0xff), PAGE);
    for (int i = 0; how == 1 && i < PAGE; i++)
        at[i] = (char)fixture_random(seed);
    for (int i = 0; how == 2 && i < 20; i++)
        bytes[fixture_random(seed) % *size] = (char)fixture_random(seed);
    if (how == 3 && pages > 10)
        *size = (gsize)(10 + fixture_random(seed) % (uint32_t)(pages - 10)) * PAGE -
                fixture_random(seed) % 2 * 100;
    if (how == 4)
        memcpy(at, bytes + (gsize)(fixture_random(seed) % (uint32_t)pages) * PAGE, PAGE);
    for (int i = 0; how == 5 && i < 100; i++)
        bytes[i] = (char)fixture_random(seed);
}

static void open_again(Fixture *fixture)
{
    GError *error = NULL;

    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    fixture->reader = store_reader_new(fixture->store, 1000, &error);
    fixture_ok(fixture->reader, error);
}

/* Everything that an entry names is there, and can be read. */
static void check_entries(Fixture *fixture)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) entries = store_read_journal(fixture->reader, NULL, FALSE, &error);

    fixture_ok(entries, error);
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *entry = entries->pdata[i];
        assert_true(entry->account != NULL && entry->verb < STORE_VERBS);
        if (entry->message) {
            g_autoptr(StoreMessage) message = store_read_message(fixture->reader, entry->message, &error);
            assert_null(error);
            assert_non_null(entry->server_raw);
            assert_int_equal(entry->uid, 0);
        }
        if (entry->folder)
            assert_non_null(entry->folder_raw);
    }
    assert_int_equal(
        fixture_query(fixture,
                      "SELECT count(*) FROM message WHERE id NOT IN (SELECT message FROM journal WHERE "
                      "message > 0 UNION SELECT copy FROM journal WHERE copy > 0)"),
        0);
    sqlite3 *db = fixture_sqlite(fixture);
    server_check_shown(NULL, db, "after the repair");
    sqlite3_close(db);
}

static void test_damaged_at_random(void **state)
{
    Fixture *fixture = *state;
    const char *given = g_getenv("TERN_TEST_SEED");
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autofree char *mark = g_strconcat(path, ".is-damaged", NULL);
    Server server;
    gsize size;
    int64_t kept = 0;

    server_init(&server, fixture);
    for (int n = 1; n <= N; n++)
        server_add(&server.folders[0], n, n % 3 ? 0 : STORE_SEEN, 0);
    server_sync(&server, &server.folders[0]);
    fixture_run(fixture, TRUE, change_job, fixture);
    const int64_t all = fixture_query(fixture, "SELECT count(*) FROM journal");
    close_store(fixture);
    g_autofree char *whole = file_read(path, 1 << 24, &size, NULL);
    assert_non_null(whole);
    for (uint32_t round = given ? (uint32_t)atoi(given) : 1;
         round <= (given ? (uint32_t)atoi(given) : ROUNDS); round++) {
        g_autofree char *bytes = g_memdup2(whole, size);
        gsize left = size;
        uint32_t seed = round * 7919;
        for (uint32_t i = 0; i <= round % 4; i++)
            damage(bytes, &left, &seed);
        assert_true(g_file_set_contents(path, bytes, (gssize)left, NULL));
        assert_true(g_file_set_contents(mark, "", 0, NULL));
        open_again(fixture);
        assert_non_null(store_repaired(fixture->store));
        if (given)
            print_message("%s\n", store_repaired(fixture->store));
        fixture_check_counts(fixture);
        check_entries(fixture);
        kept += fixture_query(fixture, "SELECT count(*) FROM journal");
        close_store(fixture);
        assert_true(access(mark, F_OK) != 0);
    }
    /* Far from all is lost. */
    if (!given && kept < all * ROUNDS / 3)
        fail_msg("only %d of %d changes were kept", (int)kept, (int)all * ROUNDS);
    open_again(fixture);
    server_clear(&server);
}

/* Of a file that is whole all is kept, and all is played. */
static void test_nothing_is_lost_of_a_whole_one(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *mark = g_build_filename(fixture->paths->data, "store.db.is-damaged", NULL);
    Server server;

    server_init(&server, fixture);
    for (int n = 1; n <= N; n++)
        server_add(&server.folders[0], n, n % 3 ? 0 : STORE_SEEN, 0);
    server_sync(&server, &server.folders[0]);
    fixture_run(fixture, TRUE, change_job, fixture);
    const int64_t all = fixture_query(fixture, "SELECT count(*) FROM journal");
    close_store(fixture);
    assert_true(g_file_set_contents(mark, "", 0, NULL));
    open_again(fixture);
    assert_null(strstr(store_repaired(fixture->store), "lost"));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), all);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM change_group"), 1);
    fixture_check_counts(fixture);
    check_entries(fixture);
    server_clear(&server);
}

/* ---- every verb ---- */

typedef struct {
    Fixture *fixture;
    int64_t home, home_inbox;
} Verbs;

static gboolean home_job(StoreTxn *txn, void *data, GError **error)
{
    static const StoreListed LISTED[] = {
        {.name = "INBOX",
         .raw_name = "INBOX",
         .delimiter = '/',
         .role = STORE_ROLE_INBOX,
         .selectable = TRUE},
        {.name = "Old", .raw_name = "Old", .delimiter = '/', .selectable = TRUE},
        {.name = "Renamed", .raw_name = "Renamed", .delimiter = '/', .selectable = TRUE}};
    Verbs *verbs = data;

    return store_txn_account(txn, "home", &verbs->home, error) &&
           store_txn_folders(txn, verbs->home, LISTED, G_N_ELEMENTS(LISTED), error);
}

static gboolean verbs_job(StoreTxn *txn, void *data, GError **error)
{
    const Verbs *verbs = data;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(1024);
    const StoreNewMessage imported = fixture_message(pool, 900, 1700000900, 900, NULL);

    return change_job(txn, verbs->fixture, error) && store_change_move(txn, 50, verbs->home_inbox, error) &&
           store_change_append(txn, verbs->home_inbox, &imported, "file", error) &&
           store_change_delete_folder(txn, verbs->home_inbox + 1, error) &&
           store_change_rename_folder(txn, verbs->home_inbox + 2, "Other", error) &&
           store_change_subscribe(txn, verbs->fixture->sent, TRUE, error) &&
           store_change_subscribe(txn, verbs->fixture->sent, FALSE, error);
}

static gboolean fetched_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_done(txn, *(int64_t *)data, 0, error);
}

static void repair(Fixture *fixture)
{
    g_autofree char *mark = g_build_filename(fixture->paths->data, "store.db.is-damaged", NULL);

    close_store(fixture);
    assert_true(g_file_set_contents(mark, "", 0, NULL));
    open_again(fixture);
    assert_null(strstr(store_repaired(fixture->store), "lost"));
}

static void test_every_verb_is_kept(void **state)
{
    Fixture *fixture = *state;
    Verbs verbs = {.fixture = fixture};
    int64_t counts[STORE_VERBS];
    Server server;

    server_init(&server, fixture);
    for (int n = 1; n <= N; n++)
        server_add(&server.folders[0], n, 0, 0);
    server_sync(&server, &server.folders[0]);
    fixture_run(fixture, TRUE, home_job, &verbs);
    verbs.home_inbox =
        fixture_query(fixture, "SELECT min(f.id) FROM folder f, account a WHERE a.id = f.account AND "
                               "a.name = 'home'");
    fixture_run(fixture, TRUE, verbs_job, &verbs);
    for (int verb = 0; verb < STORE_VERBS; verb++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM journal WHERE state < 3 AND verb = '%s'",
                                               store_verb_name((StoreVerb)verb));
        counts[verb] = fixture_query(fixture, sql);
        assert_true(counts[verb] > 0);
    }
    repair(fixture);
    for (int verb = 0; verb < STORE_VERBS; verb++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM journal WHERE state < 3 AND verb = '%s'",
                                               store_verb_name((StoreVerb)verb));
        assert_int_equal(fixture_query(fixture, sql), counts[verb]);
    }
    /* What was fetched already may have to be fetched again. */
    int64_t fetch = fixture_query(fixture, "SELECT id FROM journal WHERE verb = 'fetch'");
    fixture_run(fixture, TRUE, fetched_job, &fetch);
    repair(fixture);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM journal WHERE verb = 'fetch' AND state = 3"), 1);
    fixture_check_counts(fixture);
    server_clear(&server);
}

/* ---- the rest of a change of thousands ---- */

static gboolean flag_job(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_change_flags(txn, 1, STORE_FLAGGED, 0, error);
}

/* As a process leaves it that is killed after its first commit. */
static void leave_piece(Fixture *fixture, int what, int64_t group, int64_t undoes, const int64_t *ids,
                        guint n)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    g_autofree int64_t *bytes = g_new(int64_t, n);

    for (guint i = 0; i < n; i++)
        bytes[i] = GINT64_TO_BE(ids[i]);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "INSERT INTO piece (grp, what, set_flags, clear_flags, folder, undoes, "
                           "ids) VALUES (?1, ?2, ?3, 0, 0, ?4, ?5)",
                           -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_int64(statement, 1, group);
    sqlite3_bind_int(statement, 2, what);
    sqlite3_bind_int(statement, 3, STORE_FLAGGED);
    sqlite3_bind_int64(statement, 4, undoes);
    sqlite3_bind_blob(statement, 5, bytes, (int)(n * sizeof *bytes), SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static Server begin_with_one_flagged(Fixture *fixture)
{
    Server server;

    server_init(&server, fixture);
    for (int n = 1; n <= N; n++)
        server_add(&server.folders[0], n, 0, 0);
    server_sync(&server, &server.folders[0]);
    fixture_run(fixture, TRUE, flag_job, fixture);
    return server;
}

static void test_the_rest_of_a_change_is_made(void **state)
{
    Fixture *fixture = *state;
    int64_t ids[100];
    Server server = begin_with_one_flagged(fixture);
    const int64_t group = fixture_query(fixture, "SELECT grp FROM journal");

    for (int i = 0; i < 100; i++)
        ids[i] = i + 2;
    leave_piece(fixture, STORE_EACH_FLAGS, group, 0, ids, 100);
    repair(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM piece"), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT message) FROM journal WHERE state = 0 AND "
                                            "verb = 'flags' AND message BETWEEN 1 AND 101"),
                     101);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT grp) FROM journal"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE flags & 2"), 101);
    fixture_check_counts(fixture);
    check_entries(fixture);
    server_clear(&server);
}

/* Of a change that was played, and of one that was not. */
static void test_the_rest_of_an_undo_is_made(void **state)
{
    Fixture *fixture = *state;
    Server server = begin_with_one_flagged(fixture);
    const int64_t entry = fixture_query(fixture, "SELECT id FROM journal"),
                  group = fixture_query(fixture, "SELECT grp FROM journal");

    leave_piece(fixture, STORE_EACH_UNDO, group, group, &entry, 1);
    repair(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 0);
    server_clear(&server);
    fixture_teardown(state);
    fixture_setup(state);
    fixture = *state;

    server = begin_with_one_flagged(fixture);
    fixture_run(fixture, TRUE, fetched_job, (void *)&entry); /* done, as any */
    leave_piece(fixture, STORE_EACH_UNDO, group, group, &entry, 1);
    repair(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT message FROM journal WHERE state < 3 AND verb = 'flags' "
                                            "AND clear_flags = 2"),
                     1);
    fixture_check_counts(fixture);
    check_entries(fixture);
    server_clear(&server);
}

/* What a piece names and cannot be found is told. */
static void test_the_rest_of_a_change_of_what_is_gone(void **state)
{
    Fixture *fixture = *state;
    static const int64_t IDS[] = {2, 5000};
    g_autofree char *mark = g_build_filename(fixture->paths->data, "store.db.is-damaged", NULL);
    Server server = begin_with_one_flagged(fixture);

    leave_piece(fixture, STORE_EACH_FLAGS, fixture_query(fixture, "SELECT grp FROM journal"), 0, IDS, 2);
    close_store(fixture);
    assert_true(g_file_set_contents(mark, "", 0, NULL));
    open_again(fixture);
    assert_non_null(strstr(store_repaired(fixture->store), "change of message 5000"));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal WHERE state < 3"), 2);
    server_clear(&server);
}

/* Each sentence stands on its own: "more" are only lost where some were named before. */
static void test_told(void **state)
{
    static const struct {
        int n_kept, n_lost;
        gboolean is_whole;
        const char *told; /* after "fetched anew." */
    } ROWS[] = {
        {0, 0, TRUE, ""},
        {1, 0, TRUE, " 1 change that was not sent yet is kept."},
        {3, 2, TRUE, " 3 changes that were not sent yet are kept. 2 are lost: move, read."},
        {0, 1, TRUE, " 1 change that was not sent yet is lost: move, read."},
        {0, 2, TRUE, " 2 changes that were not sent yet are lost: move, read."},
        {0, 0, FALSE, " Changes that were not sent yet may be lost: they could not be read."},
        {2, 0, FALSE,
         " 2 changes that were not sent yet are kept."
         " More changes that were not sent may be lost: not all of them could be read."},
        {0, 1, FALSE,
         " 1 change that was not sent yet is lost: move, read."
         " More changes that were not sent may be lost: not all of them could be read."},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_auto(StoreRescued) rescued = {.n_kept = ROWS[i].n_kept,
                                        .n_lost = ROWS[i].n_lost,
                                        .lost = g_string_new("move, read"),
                                        .is_whole = ROWS[i].is_whole};
        g_autofree char *told = store_damage_tell("store.db.damaged-2026-11-30", &rescued);
        const char *rest = strstr(told, "fetched anew.");
        assert_non_null(rest);
        assert_string_equal(rest + strlen("fetched anew."), ROWS[i].told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_damaged_at_random, fixture_setup, fixture_teardown),
        cmocka_unit_test(test_told),
        cmocka_unit_test_setup_teardown(test_every_verb_is_kept, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_the_rest_of_a_change_is_made, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_the_rest_of_an_undo_is_made, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_the_rest_of_a_change_of_what_is_gone, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_lost_of_a_whole_one, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
