/* store-fixture.c - see store-fixture.h. */
#include "store-fixture.h"
#include "temp-folder.h"

#include "store/bucket.h"
#include "store/key.h"
#include "store/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

const StoreListed FIXTURE_LISTED[3] = {
    {.name = "INBOX", .raw_name = "INBOX", .delimiter = '/', .role = STORE_ROLE_INBOX, .selectable = TRUE},
    {.name = "Sent", .raw_name = "Sent", .delimiter = '/', .role = STORE_ROLE_SENT, .selectable = TRUE},
    {.name = "Archive", .raw_name = "Archive", .delimiter = '/', .selectable = TRUE},
};

static gboolean make_folders(StoreTxn *txn, void *data, GError **error)
{
    Fixture *fixture = data;

    return store_txn_account(txn, "work", &fixture->account, error) &&
           store_txn_folders(txn, fixture->account, FIXTURE_LISTED, G_N_ELEMENTS(FIXTURE_LISTED), error);
}

static void open_store(Fixture *fixture)
{
    GError *error = NULL;

    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    fixture->reader = store_reader_new(fixture->store, 1000, &error);
    fixture_ok(fixture->reader, error);
}

int fixture_setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = temp_folder_new();
    fixture->paths = paths_new(fixture->folder);
    open_store(fixture);
    fixture_run(fixture, FALSE, make_folders, fixture);
    fixture->inbox = fixture_folder(fixture, "INBOX");
    fixture->sent = fixture_folder(fixture, "Sent");
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    Fixture *fixture = *state;

    store_reader_free(fixture->reader);
    store_close(fixture->store);
    temp_folder_free(fixture->folder);
    paths_free(fixture->paths);
    g_free(fixture);
    return 0;
}

void fixture_reopen(Fixture *fixture)
{
    store_reader_free(fixture->reader);
    store_close(fixture->store);
    open_store(fixture);
}

static gboolean no_job(StoreTxn *txn, void *data, GError **error)
{
    (void)txn, (void)data, (void)error;
    return TRUE;
}

void fixture_tidy(Fixture *fixture)
{
    GError *error = NULL;

    /* A piece waits in the bulk lane: the next job there ends after it. */
    while (fixture_query(
        fixture, "SELECT (SELECT count(*) FROM folder WHERE account = 0) + (SELECT count(*) FROM piece)"))
        fixture_ok(store_run(fixture->store, STORE_LANE_BULK, FALSE, no_job, NULL, &error), error);
}

int64_t fixture_folder(Fixture *fixture, const char *name)
{
    GError *error = NULL;
    g_autoptr(StoreFolder) folder = store_read_folder(fixture->reader, "work", name, &error);

    fixture_ok(folder, error);
    return folder->id;
}

void fixture_run(Fixture *fixture, gboolean durable, StoreJobFunc run, void *data)
{
    GError *error = NULL;

    fixture_ok(store_run(fixture->store, STORE_LANE_USER, durable, run, data, &error), error);
}

int fixture_count(StoreTxn *txn, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int n = -1;

    if (sqlite3_prepare_v2(txn->db->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        n = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return n;
}

void fixture_wait(atomic_int *flag)
{
    while (!atomic_load(flag))
        g_usleep(1000);
}

static gboolean gate_job(StoreTxn *txn, void *data, GError **error)
{
    FixtureGate *gate = data;

    (void)txn, (void)error;
    atomic_store(&gate->is_reached, TRUE);
    fixture_wait(&gate->is_open);
    return TRUE;
}

void fixture_gate(Fixture *fixture, FixtureGate *gate)
{
    store_submit(fixture->store, STORE_LANE_USER, FALSE, gate_job, NULL, gate, NULL);
}

typedef struct {
    int64_t folder, id;
    const StoreNewMessage *messages;
    const uint32_t *uids;
    guint n;
    uint32_t uid, flags, clear;
    const char *const *keywords;
    StoreChanges changes;
} Job;

static gboolean add_job(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;

    return store_txn_add(txn, job->folder, job->messages, job->n, &job->changes, error);
}

StoreChanges fixture_add(Fixture *fixture, int64_t folder, const StoreNewMessage *messages, guint n)
{
    Job job = {.folder = folder, .messages = messages, .n = n};

    fixture_run(fixture, FALSE, add_job, &job);
    return job.changes;
}

static gboolean expunge_job(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;

    return store_txn_expunge(txn, job->folder, job->uids, job->n, &job->changes, error);
}

StoreChanges fixture_expunge(Fixture *fixture, int64_t folder, const uint32_t *uids, guint n)
{
    Job job = {.folder = folder, .uids = uids, .n = n};

    fixture_run(fixture, FALSE, expunge_job, &job);
    return job.changes;
}

static gboolean flags_job(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;

    return store_txn_flags(txn, job->folder, job->uid, job->flags, job->keywords, &job->changes, error);
}

StoreChanges fixture_flags(Fixture *fixture, int64_t folder, uint32_t uid, uint32_t flags,
                           const char *const *keywords)
{
    Job job = {.folder = folder, .uid = uid, .flags = flags, .keywords = keywords};

    fixture_run(fixture, FALSE, flags_job, &job);
    return job.changes;
}

static gboolean change_job(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;

    return store_change_flags(txn, job->id, job->flags, job->clear, error);
}

void fixture_change_flags(Fixture *fixture, int64_t id, uint32_t set, uint32_t clear)
{
    Job job = {.id = id, .flags = set, .clear = clear};

    fixture_run(fixture, TRUE, change_job, &job);
}

StoreNewMessage fixture_message(GStringChunk *pool, uint32_t uid, int64_t date_s, int n,
                                const char *const *references)
{
    static const StoreAddress FROM = {"Ada Lovelace", "ada@example.org"}, TO = {"", "team@example.org"};
    char text[40];

    g_snprintf(text, sizeof text, "m%d", n);
    const char *message_id = g_string_chunk_insert(pool, text);
    g_snprintf(text, sizeof text, "Subject %d", n);
    return (StoreNewMessage){.uid = uid,
                             .arrival_s = date_s,
                             .has_date = TRUE,
                             .date_s = date_s,
                             .size_bytes = 1000 + n,
                             .attachments = -1,
                             .from = &FROM,
                             .n_from = 1,
                             .to = &TO,
                             .n_to = 1,
                             .subject = g_string_chunk_insert(pool, text),
                             .message_id = message_id,
                             .references = references};
}

sqlite3 *fixture_sqlite(Fixture *fixture)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    sqlite3 *handle = NULL;

    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(handle, 1000);
    return handle;
}

int64_t fixture_query(Fixture *fixture, const char *sql)
{
    sqlite3 *handle = fixture_sqlite(fixture);
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    int64_t value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return value;
}

/* Queries that find nothing when all is well, each with what it means when it does. */
static const struct {
    const char *sql, *wrong;
} CHECKS[] = {
    {"SELECT count(*) FROM folder f WHERE f.messages <> (SELECT count(*) FROM message m WHERE m.folder = "
     "f.id)",
     "a folder's number of messages"},
    {"SELECT count(*) FROM folder f WHERE f.unread <> (SELECT count(*) FROM message m WHERE m.folder = f.id "
     "AND "
     "m.flags & 1 = 0)",
     "a folder's number of unread ones"},
    {"SELECT count(*) FROM folder f WHERE f.threads <> (SELECT count(DISTINCT thread) FROM message m "
     "WHERE m.folder = f.id)",
     "a folder's number of threads"},
    {"SELECT count(*) FROM (SELECT folder, thread, max(key) AS newest, count(*) AS n, sum(flags & 1 = 0) AS "
     "unread "
     "FROM message GROUP BY folder, thread) g JOIN message m ON m.key = g.newest "
     "WHERE m.top <> g.n OR m.top_unread <> g.unread",
     "a thread's newest row does not say how many there are"},
    {"SELECT count(*) FROM message m WHERE (m.top > 0) <> (m.key = (SELECT max(key) FROM message o "
     "WHERE o.thread = m.thread AND o.folder = m.folder))",
     "top stands in another row than the newest"},
    {"SELECT count(*) FROM message WHERE top = 0 AND top_unread <> 0", "unread of a row that is no top"},
    {"SELECT count(*) FROM message WHERE folder <> key >> 40", "a row's folder is not its key's"},
    {"SELECT count(*) FROM message WHERE id NOT IN (SELECT id FROM envelope)", "a row without an envelope"},
    {"SELECT count(*) FROM envelope WHERE id NOT IN (SELECT id FROM message)", "an envelope without a row"},
    {"SELECT count(*) FROM keyword WHERE message NOT IN (SELECT id FROM message WHERE (flags | server_flags) "
     "& 64)",
     "keywords of no row, or of one without their flag"},
    {"SELECT count(*) FROM message WHERE thread IN (SELECT loser FROM merged)",
     "a row in a thread that was merged"},
    {"SELECT count(*) FROM bucket WHERE messages = 0", "an empty bucket"},
};

/* Each level of buckets against the rows. */
static void check_buckets(Fixture *fixture, int level)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT count(*) FROM (SELECT (%d << 48) | (folder << 32) | (((key >> 8) & "
                        "4294967295) >> %d) AS slot, count(*) AS n, "
                        "sum(flags & 1 = 0) AS unread, sum(top > 0) AS threads FROM message GROUP BY 1) g "
                        "LEFT JOIN bucket b ON b.slot = g.slot WHERE b.slot IS NULL OR b.messages <> g.n OR "
                        "b.unread <> g.unread "
                        "OR b.threads <> g.threads",
                        level, BUCKET_SHIFT(level));
    g_autofree char *sum =
        g_strdup_printf("SELECT (SELECT coalesce(sum(messages), 0) FROM bucket WHERE slot >> 48 = "
                        "%d) - (SELECT count(*) FROM message)",
                        level);

    if (fixture_query(fixture, sql) || fixture_query(fixture, sum))
        fail_msg("buckets of level %d are not what the rows say", level);
}

void fixture_check_counts(Fixture *fixture)
{
    for (guint i = 0; i < G_N_ELEMENTS(CHECKS); i++) {
        int64_t n = fixture_query(fixture, CHECKS[i].sql);
        if (n)
            fail_msg("%s (%" G_GINT64_FORMAT " times)", CHECKS[i].wrong, n);
    }
    for (int level = 0; level < BUCKET_LEVELS; level++)
        check_buckets(fixture, level);
}

uint32_t fixture_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
