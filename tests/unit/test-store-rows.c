/* Rows: what comes in, what is shown, what the journal holds back, what goes; and counts that always say what
 * is there. */
#include "store-fixture.h"

#include "base/error.h"
#include "store/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define DAY_S 86400

static StoreMessage *read_uid(Fixture *fixture, uint32_t uid)
{
    GError *error = NULL;
    g_autofree char *sql = g_strdup_printf("SELECT id FROM message WHERE uid = %u", uid);
    StoreMessage *message = store_read_message(fixture->reader, fixture_query(fixture, sql), &error);

    assert_null(error);
    return message;
}

/* Everything that went in comes out. */
static void test_message_comes_back_whole(void **state)
{
    Fixture *fixture = *state;
    const StoreAddress from[] = {{"Łukasz Żółć", "l@example.org"}},
                       to[] = {{"", "a@x"}, {"B \x01\x02 \"b\"", "b@y"}}, cc[] = {{"Nobody", ""}};
    const char *refs[] = {"root@x", "parent@x", NULL}, *keywords[] = {"$Forwarded", "Todo", NULL};
    StoreNewMessage in = {.uid = 7,
                          .flags = STORE_SEEN | STORE_FLAGGED,
                          .keywords = keywords,
                          .arrival_s = 1700000000,
                          .has_date = TRUE,
                          .date_s = 1699990000,
                          .date_offset_min = -150,
                          .size_bytes = INT64_C(5000000000),
                          .attachments = 3,
                          .from = from,
                          .n_from = 1,
                          .to = to,
                          .n_to = 2,
                          .cc = cc,
                          .n_cc = 1,
                          .subject = "Zażółć 会議",
                          .message_id = "id@x",
                          .references = refs,
                          .list_id = "list.example.org"};

    assert_int_equal(fixture_add(fixture, fixture->inbox, &in, 1).added, 1);
    g_autoptr(StoreMessage) out = read_uid(fixture, 7);
    assert_int_equal(out->flags, STORE_SEEN | STORE_FLAGGED | STORE_FORWARDED | STORE_HAS_KEYWORDS);
    assert_string_equal(out->keywords[0], "$Forwarded");
    assert_string_equal(out->keywords[1], "Todo");
    assert_null(out->keywords[2]);
    assert_int_equal(out->arrival_s, in.arrival_s);
    assert_true(out->has_date);
    assert_int_equal(out->date_s, in.date_s);
    assert_int_equal(out->date_offset_min, -150);
    assert_int_equal(out->size_bytes, in.size_bytes);
    assert_int_equal(out->attachments, 3);
    assert_int_equal(out->to->len, 2);
    assert_string_equal(((StoreAddress *)out->to->pdata[0])->address, "a@x");
    assert_string_equal(((StoreAddress *)out->to->pdata[1])->name, "B \x01\x02 \"b\"");
    assert_string_equal(((StoreAddress *)out->cc->pdata[0])->name, "Nobody");
    assert_string_equal(((StoreAddress *)out->cc->pdata[0])->address, "");
    assert_string_equal(((StoreAddress *)out->from->pdata[0])->name, "Łukasz Żółć");
    assert_string_equal(out->subject, in.subject);
    assert_string_equal(out->message_id, "id@x");
    assert_string_equal(out->references[1], "parent@x");
    assert_string_equal(out->folder, "INBOX");
    assert_string_equal(out->account, "work");
    assert_int_equal(out->folder_id, fixture->inbox);
    assert_null(store_read_message(fixture->reader, 4242, NULL));
}

/* Nothing but a UID, and bytes that are no UTF-8: still a row. */
static void test_bare_and_broken_messages(void **state)
{
    Fixture *fixture = *state;
    const StoreAddress from[] = {{"\xff\xfe broken", "\x80@x"}};
    const char *refs[] = {"", "\xff", NULL}, *keywords[] = {"\xc3", NULL};
    StoreNewMessage in[] = {{.uid = 1, .attachments = -1},
                            {.uid = 2,
                             .subject = "\xe2\x82",
                             .message_id = "",
                             .from = from,
                             .n_from = 1,
                             .references = refs,
                             .keywords = keywords}};

    assert_int_equal(fixture_add(fixture, fixture->inbox, in, 2).added, 2);
    g_autoptr(StoreMessage) bare = read_uid(fixture, 1), broken = read_uid(fixture, 2);
    assert_string_equal(bare->subject, "");
    assert_null(bare->message_id);
    assert_int_equal(bare->from->len, 0);
    assert_null(bare->references[0]);
    assert_int_equal(broken->from->len, 1);
    assert_true(g_utf8_validate(((StoreAddress *)broken->from->pdata[0])->name, -1, NULL));
    assert_true(g_utf8_validate(broken->subject, -1, NULL));
    assert_int_equal(g_strv_length(broken->references), 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT thread) FROM message"), 2);
    fixture_check_counts(fixture);
}

/* The list shows the message's own date, and not what it is sorted by: flat, and as a thread. */
static void check_shown_date(Fixture *fixture, const StoreMessage *message)
{
    const StoreAnchor anchor = {message->key, message->id, message->thread};

    for (gboolean is_threaded = FALSE; is_threaded <= TRUE; is_threaded++) {
        g_autoptr(StoreView) view = store_view_new(fixture->inbox, is_threaded);
        g_autoptr(GError) error = NULL;
        g_autoptr(StorePage) page = store_view_page(view, fixture->reader, anchor, 0, 0, &error);
        fixture_ok(page, error);
        assert_int_equal(page->rows->len, 1);
        assert_int_equal(((StoreRow *)page->rows->pdata[0])->date_s, message->date_s);
    }
}

static void test_dates(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        gboolean has_date;
        int64_t date_s, arrival_s, sorted_s;
    } ROWS[] = {
        {TRUE, 1700000000, 1700000100, 1700000000},
        {TRUE, 1700000100, 1700000000, 1700000100},         /* a clock that is fast by less than a day */
        {TRUE, 1900000000, 1700000000, 1700000000 + DAY_S}, /* from the future */
        {FALSE, 0, 1700000000, 1700000000},                 /* no Date */
        {TRUE, 0, 1700000000, 0},                           /* 1970 */
        {TRUE, -5, 1700000000, 0},                          /* before */
        {TRUE, INT64_MIN, 1700000000, 0},
        {TRUE, INT64_MAX, 1700000000, 1700000000 + DAY_S},
        {TRUE, INT64_MAX, INT64_MAX, KEY_SECONDS_MAX}, /* after 2106 */
        {FALSE, 0, INT64_MAX, KEY_SECONDS_MAX},
        {FALSE, 0, INT64_MIN, 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        StoreNewMessage in = {.uid = i + 1,
                              .has_date = ROWS[i].has_date,
                              .date_s = ROWS[i].date_s,
                              .arrival_s = ROWS[i].arrival_s};
        fixture_add(fixture, fixture->inbox, &in, 1);
        g_autoptr(StoreMessage) out = read_uid(fixture, i + 1);
        if (key_seconds(out->key) != ROWS[i].sorted_s)
            fail_msg("row %u is sorted by %" G_GINT64_FORMAT, i, key_seconds(out->key));
        assert_int_equal(key_folder(out->key), fixture->inbox);
        assert_int_equal(out->date_s, ROWS[i].has_date ? ROWS[i].date_s : ROWS[i].arrival_s);
        check_shown_date(fixture, out);
    }
    fixture_check_counts(fixture);
}

/* 3,000 messages of one second, in batches from newest to oldest as a first sync sends them: all have a key,
 * in the order of their UIDs as far as the second goes; and the last second there is spills into no other
 * folder. */
static void test_full_second_spills(void **state)
{
    Fixture *fixture = *state;
    enum { MANY = 3000 };
    static const int64_t SECONDS[] = {1700000000, INT64_MAX};
    g_autofree StoreNewMessage *in = g_new0(StoreNewMessage, MANY);

    for (guint s = 0; s < G_N_ELEMENTS(SECONDS); s++) {
        int64_t folder = s ? fixture->sent : fixture->inbox;
        for (guint i = 0; i < MANY; i++)
            in[i] = (StoreNewMessage){.uid = i + 1, .arrival_s = SECONDS[s]};
        for (guint i = MANY; i >= 100; i -= 100)
            fixture_add(fixture, folder, in + i - 100, 100);
    }
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE folder = 1"), MANY);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE folder = 2"), MANY);
    assert_int_equal(fixture_query(fixture,
                                   "SELECT max(key >> 8 & 4294967295) - 1700000000 < 40 FROM message "
                                   "WHERE folder = 1"),
                     1);
    fixture_check_counts(fixture);
}

static void test_one_second_keeps_the_order_of_uids(void **state)
{
    Fixture *fixture = *state;
    StoreNewMessage in[6];
    static const uint32_t UIDS[] = {5, 6, 3, 4, 1, 2}; /* newest pair first */

    for (guint i = 0; i < 6; i++)
        in[i] = (StoreNewMessage){.uid = UIDS[i], .arrival_s = 1700000000};
    for (guint i = 0; i < 6; i += 2)
        fixture_add(fixture, fixture->inbox, in + i, 2);
    g_autoptr(StoreView) view = store_view_new(fixture->inbox, FALSE);
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 9, NULL);
    for (guint i = 0; i < 6; i++) {
        g_autoptr(StoreMessage) message =
            store_read_message(fixture->reader, ((StoreRow *)page->rows->pdata[i])->anchor.id, NULL);
        assert_int_equal(message->uid, 6 - i);
    }
}

static void test_known_uid_is_renewed(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage messages[] = {fixture_message(pool, 1, 1000, 1, NULL),
                                  fixture_message(pool, 2, 2000, 2, NULL)};

    fixture_add(fixture, fixture->inbox, messages, 2);
    int64_t id = fixture_query(fixture, "SELECT id FROM message WHERE uid = 1");
    StoreChanges changes = fixture_add(fixture, fixture->inbox, messages, 2);
    assert_int_equal(changes.added + changes.changed, 0);
    messages[0].flags = STORE_SEEN;
    messages[0].attachments = 2;
    changes = fixture_add(fixture, fixture->inbox, messages, 2);
    assert_int_equal(changes.added, 0);
    assert_int_equal(changes.changed, 1);
    g_autoptr(StoreMessage) out = read_uid(fixture, 1);
    assert_int_equal(out->id, id);
    assert_int_equal(out->flags, STORE_SEEN);
    assert_int_equal(out->attachments, 2);
    /* The same UID three times in one batch is one row. */
    StoreNewMessage twice[] = {fixture_message(pool, 9, 9000, 9, NULL),
                               fixture_message(pool, 8, 100, 8, NULL), fixture_message(pool, 9, 50, 9, NULL),
                               fixture_message(pool, 9, 9000, 9, NULL)};
    assert_int_equal(fixture_add(fixture, fixture->inbox, twice, 4).added, 2);
    fixture_check_counts(fixture);
}

static void test_flags_and_keywords_from_the_server(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);
    const char *two[] = {"Todo", "$Label1", NULL}, *one[] = {"Todo", NULL},
               *swapped[] = {"$Label1", "Todo", NULL};
    static const struct {
        uint32_t uid, flags;
        int keywords; /* 0, 1, 2; 3: the two the other way round */
        int changed;
    } STEPS[] = {{1, STORE_SEEN, 0, 1}, {1, STORE_SEEN, 0, 0}, {1, STORE_SEEN, 2, 1},
                 {1, STORE_SEEN, 3, 0}, {1, STORE_SEEN, 1, 1}, {1, STORE_FLAGGED, 1, 1},
                 {1, 0, 0, 1},          {77, STORE_SEEN, 2, 0}};

    fixture_add(fixture, fixture->inbox, &message, 1);
    for (guint i = 0; i < G_N_ELEMENTS(STEPS); i++) {
        const char *const *sets[] = {NULL, one, two, swapped};
        StoreChanges changes =
            fixture_flags(fixture, fixture->inbox, STEPS[i].uid, STEPS[i].flags, sets[STEPS[i].keywords]);
        if (changes.changed != STEPS[i].changed)
            fail_msg("step %u: %d changed", i, changes.changed);
        fixture_check_counts(fixture);
        g_autoptr(StoreMessage) out = read_uid(fixture, 1);
        if (STEPS[i].uid != 1)
            continue;
        assert_int_equal(out->flags & ~(uint32_t)STORE_HAS_KEYWORDS, STEPS[i].flags);
        assert_int_equal(g_strv_length(out->keywords), MIN(STEPS[i].keywords, 2));
    }
}

static gboolean keep_labels(StoreTxn *txn, void *data, GError **error)
{
    return store_txn_set_labels(txn, 1, *(const gboolean *)data, error);
}

/* What tells flags alone, as IDLE's news do, leaves labels as they are; what tells labels has all of them. */
static void test_labels_from_the_server(void **state)
{
    static const char *const BOTH[] = {"Todo", "%work", NULL}, *const ONE[] = {"%work", NULL},
                             *const PLAIN[] = {"Todo", NULL};
    static const struct {
        uint32_t flags;
        const char *const *keywords;
        const char *shown; /* joined */
    } STEPS[] = {{STORE_WITH_LABELS, BOTH, "work Todo"},
                 {STORE_SEEN, PLAIN, "work Todo"},
                 {STORE_SEEN, NULL, "work"},
                 {STORE_FLAGGED, NULL, "work"},
                 {STORE_WITH_LABELS, ONE, "work"},
                 {STORE_WITH_LABELS, NULL, ""},
                 {STORE_SEEN, PLAIN, "Todo"},
                 {0, ONE, ""}}; /* no keyword is called so: it is nobody's label */
    gboolean yes = TRUE, no = FALSE;
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);

    fixture_add(fixture, fixture->inbox, &message, 1);
    fixture_run(fixture, TRUE, keep_labels, &yes);
    for (gsize i = 0; i < G_N_ELEMENTS(STEPS); i++) {
        fixture_flags(fixture, fixture->inbox, 1, STEPS[i].flags, STEPS[i].keywords);
        g_autoptr(StoreMessage) out = read_uid(fixture, 1);
        g_autofree char *shown = g_strjoinv(" ", out->keywords);
        assert_string_equal(shown, STEPS[i].shown);
        assert_int_equal(out->flags & (STORE_SEEN | STORE_FLAGGED),
                         STEPS[i].flags & (STORE_SEEN | STORE_FLAGGED));
    }
    /* A row that came from such an account into one that keeps none: the first that is told takes the label away. */
    fixture_flags(fixture, fixture->inbox, 1, STORE_WITH_LABELS, ONE);
    fixture_run(fixture, TRUE, keep_labels, &no);
    fixture_flags(fixture, fixture->inbox, 1, 0, PLAIN);
    g_autoptr(StoreMessage) moved = read_uid(fixture, 1);
    assert_string_equal(moved->keywords[0], "Todo");
    assert_null(moved->keywords[1]);
}

/* What the user changed stays shown whatever the server says meanwhile, until the journal is settled. */
static void test_journal_is_laid_over_the_server(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);

    fixture_add(fixture, fixture->inbox, &message, 1);
    int64_t id = fixture_query(fixture, "SELECT id FROM message");
    fixture_change_flags(fixture, id, STORE_SEEN | STORE_FLAGGED, 0);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM journal WHERE state = 0 AND verb = 'flags' AND "
                               "set_flags = 3 AND clear_flags = 0 AND message = (SELECT id FROM message)"),
        1);
    assert_int_equal(fixture_query(fixture, "SELECT server_flags FROM message"), 0);
    /* A sync still has the old flags, and one new. */
    fixture_flags(fixture, fixture->inbox, 1, STORE_ANSWERED, NULL);
    g_autoptr(StoreMessage) pending = read_uid(fixture, 1);
    assert_int_equal(pending->flags, STORE_SEEN | STORE_FLAGGED | STORE_ANSWERED);
    assert_int_equal(fixture_query(fixture, "SELECT server_flags FROM message"), STORE_ANSWERED);
    /* Later entries win over earlier ones. */
    fixture_change_flags(fixture, id, 0, STORE_FLAGGED);
    fixture_flags(fixture, fixture->inbox, 1, 0, NULL);
    g_autoptr(StoreMessage) later = read_uid(fixture, 1);
    assert_int_equal(later->flags, STORE_SEEN);
    /* What is so already is no change. */
    fixture_change_flags(fixture, id, STORE_SEEN, STORE_FLAGGED);
    fixture_change_flags(fixture, 12345, STORE_SEEN, 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM journal"), 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT grp) FROM journal"), 2);
    fixture_reopen(fixture);
    g_autoptr(StoreMessage) kept = read_uid(fixture, 1);
    assert_int_equal(kept->flags, STORE_SEEN);
    fixture_check_counts(fixture);
}

static gboolean change_job(StoreTxn *txn, void *data, GError **error)
{
    int64_t *id = data;

    return store_change_flags(txn, *id, STORE_SEEN, 0, error);
}

static void test_change_has_to_be_durable(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);
    g_autoptr(GError) error = NULL;

    fixture_add(fixture, fixture->inbox, &message, 1);
    int64_t id = fixture_query(fixture, "SELECT id FROM message");
    assert_false(store_run(fixture->store, STORE_LANE_USER, FALSE, change_job, &id, &error));
    assert_true(tern_error_is(error, TERN_ERROR_BUG));
    assert_int_equal(fixture_query(fixture, "SELECT unread FROM folder WHERE id = 1"), 1);
}

typedef struct {
    int64_t folder;
    gboolean drop, is_done;
    StoreChanges changes;
} Validity;

static gboolean validity_job(StoreTxn *txn, void *data, GError **error)
{
    Validity *validity = data;

    return validity->drop ? store_txn_drop_orphans(txn, validity->folder, 0, &validity->changes,
                                                   &validity->is_done, error)
                          : store_txn_forget_uids(txn, validity->folder, &validity->is_done, error);
}

static int drop_orphans(Fixture *fixture, int64_t folder)
{
    Validity validity = {.folder = folder, .drop = TRUE};

    fixture_run(fixture, FALSE, validity_job, &validity);
    assert_true(validity.is_done);
    return validity.changes.removed;
}

/* A changed UIDVALIDITY: the same messages under new UIDs keep their ids, threads and pending changes. */
static void test_rows_are_adopted_again(void **state)
{
    Fixture *fixture = *state;
    enum { N = 40 };
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    StoreNewMessage messages[N];
    Validity validity = {.folder = fixture->inbox};

    for (int i = 0; i < N; i++) {
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1000 + i / 3, i, NULL);
        if (i % 5 == 0)
            messages[i].message_id = NULL; /* by second and size */
        if (i % 7 == 0)
            messages[i].has_date = FALSE;
    }
    messages[9] = messages[8]; /* two copies of one message */
    messages[9].uid = 10;
    fixture_add(fixture, fixture->inbox, messages, N);
    fixture_add(fixture, fixture->sent, messages + 3, 1);
    int64_t sum = fixture_query(fixture, "SELECT sum(id * 31 + thread) FROM message");
    int64_t changed = fixture_query(fixture, "SELECT id FROM message WHERE folder = 1 AND uid = 4");
    fixture_change_flags(fixture, changed, STORE_FLAGGED, 0);
    fixture_run(fixture, FALSE, validity_job, &validity);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE folder = 1 AND uid = 0"), N);
    for (int i = 0; i < N; i++)
        messages[i].uid += 1000;
    messages[20] = fixture_message(pool, 5000, 7777, 5000, NULL); /* one is gone, one is new */
    StoreChanges changes = fixture_add(fixture, fixture->inbox, messages, N);
    assert_int_equal(changes.added, 1);
    assert_int_equal(drop_orphans(fixture, fixture->inbox), 1);
    assert_int_equal(drop_orphans(fixture, fixture->inbox), 0);
    assert_int_equal(fixture_query(fixture, "SELECT uid FROM message WHERE flags = 2"), 1004);
    fixture_expunge(fixture, fixture->inbox, (uint32_t[]){5000}, 1);
    fixture_check_counts(fixture);
    assert_true(sum > fixture_query(fixture, "SELECT sum(id * 31 + thread) FROM message"));
    assert_int_equal(fixture_query(fixture, "SELECT max(id) FROM message"), N + 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message WHERE folder = 1"), N - 1);
}

static void test_ids_are_never_given_twice(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);
    int64_t last = 0;

    for (int i = 0; i < 5; i++) {
        fixture_add(fixture, fixture->inbox, &message, 1);
        int64_t id = fixture_query(fixture, "SELECT id FROM message");
        assert_true(id > last);
        last = id;
        fixture_expunge(fixture, fixture->inbox, &message.uid, 1);
        if (i == 2)
            fixture_reopen(fixture);
    }
}

typedef struct {
    int64_t folder, changes;
    StoreNewMessage message;
} Arrival;

static gboolean arrival_job(StoreTxn *txn, void *data, GError **error)
{
    Arrival *arrival = data;
    StoreSync sync = {.uid_validity = 1, .uid_next = arrival->message.uid + 1, .backfill_uid = 1};
    gboolean is_done = store_txn_add(txn, arrival->folder, &arrival->message, 1, NULL, error) &&
                       store_txn_set_sync(txn, arrival->folder, &sync, error);

    arrival->changes = store_txn_total_changes(txn);
    return is_done;
}

/* One reply into a folder of 100,000: at most 20 rows written. */
static void test_an_arrival_writes_few_rows(void **state)
{
    Fixture *fixture = *state;
    enum { BATCH = 1000, N = 100000 };
    StoreNewMessage *messages = g_new0(StoreNewMessage, BATCH);
    const char *refs[] = {"m99990", "m99991", NULL};
    g_autoptr(GStringChunk) own = g_string_chunk_new(256);

    for (int i = 0; i < N; i += BATCH) {
        g_autoptr(GStringChunk) pool = g_string_chunk_new(65536);
        for (int j = 0; j < BATCH; j++)
            messages[j] =
                fixture_message(pool, (uint32_t)(i + j + 1), 1500000000 + 1000 * (i + j), i + j, NULL);
        fixture_add(fixture, fixture->inbox, messages, BATCH);
    }
    g_free(messages);
    for (int i = 0; i < 3; i++) {
        Arrival arrival = {
            .folder = fixture->inbox,
            .message = fixture_message(own, 200000 + (uint32_t)i, 1600500000 + i, N + i, i ? refs : NULL)};
        fixture_run(fixture, FALSE, arrival_job, &arrival);
        if (arrival.changes > 20)
            fail_msg("arrival %d wrote %" G_GINT64_FORMAT " rows", i, arrival.changes);
    }
    /* It is the thread's newest now, of three messages that were in two threads. */
    assert_int_equal(fixture_query(fixture, "SELECT top FROM message WHERE uid = 200002"), 4);
}

static void test_unstructured_and_uids(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage messages[6];

    for (int i = 0; i < 6; i++) {
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1000 + i, i, NULL);
        messages[i].attachments = i % 2 ? -1 : 0;
        messages[i].flags = (uint32_t)i;
    }
    fixture_add(fixture, fixture->inbox, messages, 6);
    g_autoptr(GArray) unknown = store_read_unstructured(fixture->reader, fixture->inbox, 2, NULL);
    assert_int_equal(unknown->len, 2);
    assert_int_equal(g_array_index(unknown, StoreUid, 0).uid, 6);
    assert_int_equal(g_array_index(unknown, StoreUid, 1).uid, 4);
    g_autoptr(GArray) uids = store_read_uids(fixture->reader, fixture->inbox, 2, 4, NULL);
    assert_int_equal(uids->len, 3);
    for (guint i = 0; i < 3; i++) {
        assert_int_equal(g_array_index(uids, StoreUid, i).uid, i + 2);
        assert_int_equal(g_array_index(uids, StoreUid, i).flags, i + 1);
    }
    assert_int_equal(fixture_expunge(fixture, fixture->inbox, (uint32_t[]){6, 4}, 2).removed, 2);
    g_autoptr(GArray) rest = store_read_unstructured(fixture->reader, fixture->inbox, 9, NULL);
    assert_int_equal(rest->len, 1);
}

/* Anything, in any order, over two folders: after each round the counts are what the rows say. */
static void random_round(Fixture *fixture, uint32_t *seed, uint32_t *next_uid)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(1024);
    int64_t folder = fixture_random(seed) % 3 ? fixture->inbox : fixture->sent;
    StoreNewMessage messages[12];
    const char *refs[12][3];
    char text[24];

    switch (fixture_random(seed) % 6) {
    case 0:
    case 1:
        for (int i = 0; i < 12; i++) {
            for (int r = 0; r < 2; r++) {
                g_snprintf(text, sizeof text, "m%u", fixture_random(seed) % 60);
                refs[i][r] = g_string_chunk_insert(pool, text);
            }
            refs[i][fixture_random(seed) % 3] = refs[i][2] = NULL;
            messages[i] = fixture_message(pool, (*next_uid)++, 1000000 + fixture_random(seed) % 3000000,
                                          (int)(fixture_random(seed) % 60), refs[i]);
            messages[i].flags = fixture_random(seed) % 16;
        }
        fixture_add(fixture, folder, messages, 12);
        break;
    case 2: {
        const char *keywords[] = {"One", "Two", NULL};
        for (int i = 0; i < 10; i++)
            fixture_flags(fixture, folder, 1 + fixture_random(seed) % *next_uid, fixture_random(seed) % 32,
                          fixture_random(seed) % 3 ? NULL : keywords + fixture_random(seed) % 3);
        break;
    }
    case 3: {
        uint32_t uids[8];
        for (int i = 0; i < 8; i++)
            uids[i] = 1 + fixture_random(seed) % *next_uid;
        fixture_expunge(fixture, folder, uids, 8);
        break;
    }
    case 4:
        for (int i = 0; i < 5; i++)
            fixture_change_flags(fixture, 1 + fixture_random(seed) % *next_uid, fixture_random(seed) % 32,
                                 fixture_random(seed) % 32);
        break;
    case 5:
        if (fixture_random(seed) % 4 == 0) {
            Validity validity = {.folder = folder};
            fixture_run(fixture, FALSE, validity_job, &validity);
            drop_orphans(fixture, folder);
        }
        break;
    }
}

static void test_counts_after_anything(void **state)
{
    (void)state;
    static const uint32_t SEEDS[] = {1, 77, 4711, 20261124};

    for (guint s = 0; s < G_N_ELEMENTS(SEEDS); s++) {
        void *inner;
        uint32_t seed = SEEDS[s], next_uid = 1;
        assert_int_equal(fixture_setup(&inner), 0);
        for (int round = 0; round < 60; round++) {
            random_round(inner, &seed, &next_uid);
            fixture_check_counts(inner);
        }
        fixture_teardown(&inner);
    }
}

typedef struct {
    int64_t account;
    const StoreListed *listed;
    guint n;
} Folders;

static gboolean folders_job(StoreTxn *txn, void *data, GError **error)
{
    Folders *folders = data;

    return store_txn_folders(txn, folders->account, folders->listed, folders->n, error);
}

static void test_folders_come_and_go(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage messages[] = {fixture_message(pool, 1, 1000, 1, NULL),
                                  fixture_message(pool, 2, 2000, 2, NULL)};
    static const StoreListed LISTED[] = {
        {.name = "Trash",
         .raw_name = "Trash",
         .delimiter = '.',
         .role = STORE_ROLE_TRASH,
         .selectable = TRUE},
        {.name = "INBOX",
         .raw_name = "INBOX",
         .delimiter = '/',
         .role = STORE_ROLE_INBOX,
         .selectable = TRUE,
         .subscribed = TRUE,
         .has_status = TRUE,
         .messages = 100,
         .unseen = 7},
        {.name = "b/c", .raw_name = "b/c", .delimiter = '/', .selectable = TRUE},
        {.name = "Ärger", .raw_name = "&AMQ-rger", .delimiter = '/'},
        {.name = "b", .raw_name = "b", .delimiter = '/'},
        {.name = "a", .raw_name = "a", .delimiter = '/'},
        {.name = "B-side", .raw_name = "B-side", .delimiter = '/'},
        {.name = "INBOX/sub", .raw_name = "INBOX/sub", .delimiter = '/'},
        {.name = "a", .raw_name = "a", .delimiter = '/', .subscribed = TRUE}, /* listed twice */
    };
    static const char *const ORDER[] = {"INBOX", "INBOX/sub", "Trash", "a", "Ärger", "b", "b/c", "B-side"};
    Folders folders = {fixture->account, LISTED, G_N_ELEMENTS(LISTED)};
    g_autoptr(GError) error = NULL;

    fixture_add(fixture, fixture->inbox, messages, 2);
    fixture_add(fixture, fixture->sent, messages, 2);
    fixture_run(fixture, FALSE, folders_job, &folders);
    fixture_tidy(fixture);
    g_autoptr(GPtrArray) all = store_read_folders(fixture->reader, "work", NULL);
    assert_int_equal(all->len, G_N_ELEMENTS(ORDER));
    for (guint i = 0; i < all->len; i++)
        assert_string_equal(((StoreFolder *)all->pdata[i])->name, ORDER[i]);
    const StoreFolder *inbox = all->pdata[0];
    assert_int_equal(inbox->id, fixture->inbox);
    assert_int_equal(inbox->messages, 2);
    assert_int_equal(inbox->unread, 2);
    assert_int_equal(inbox->threads, 2);
    assert_int_equal(inbox->server_messages, 100);
    assert_int_equal(inbox->server_unseen, 7);
    assert_true(inbox->subscribed);
    assert_true(((StoreFolder *)all->pdata[3])->subscribed);
    /* Sent is gone with its rows; its number is not given to another folder. */
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM folder WHERE id IN (2, 3)"), 0);
    fixture_check_counts(fixture);
    g_autoptr(StoreFolder) found = store_read_folder(fixture->reader, "work", "inbox", NULL);
    assert_int_equal(found->id, fixture->inbox);
    assert_null(store_read_folder(fixture->reader, "work", "Sent", NULL));
    assert_null(store_read_folder(fixture->reader, "nobody", "INBOX", NULL));
    /* Nothing at all is a mistake. */
    folders.n = 0;
    assert_false(store_run(fixture->store, STORE_LANE_BULK, FALSE, folders_job, &folders, &error));
    assert_true(tern_error_is(error, TERN_ERROR_PROTOCOL));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM folder"), G_N_ELEMENTS(ORDER));
}

static void test_too_many_folders(void **state)
{
    Fixture *fixture = *state;
    g_autofree StoreListed *listed = g_new0(StoreListed, 9000);
    g_autoptr(GStringChunk) names = g_string_chunk_new(65536);
    Folders folders = {fixture->account, listed, 9000};
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 9000; i++) {
        char name[20];
        g_snprintf(name, sizeof name, "f%u", i);
        listed[i].name = listed[i].raw_name = g_string_chunk_insert(names, name);
    }
    assert_false(store_run(fixture->store, STORE_LANE_BULK, FALSE, folders_job, &folders, &error));
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM folder"), 3);
    /* As many as there are numbers; then others instead of them. */
    folders.n = 8000;
    fixture_run(fixture, FALSE, folders_job, &folders);
    folders.listed = listed + 1000;
    fixture_run(fixture, FALSE, folders_job, &folders);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM folder"), 8000);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(DISTINCT id) FROM folder WHERE id BETWEEN 1 AND 8191"), 8000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_message_comes_back_whole),
        TEST(test_bare_and_broken_messages),
        TEST(test_dates),
        TEST(test_full_second_spills),
        TEST(test_one_second_keeps_the_order_of_uids),
        TEST(test_known_uid_is_renewed),
        TEST(test_flags_and_keywords_from_the_server),
        TEST(test_labels_from_the_server),
        TEST(test_journal_is_laid_over_the_server),
        TEST(test_change_has_to_be_durable),
        TEST(test_rows_are_adopted_again),
        TEST(test_ids_are_never_given_twice),
        TEST(test_an_arrival_writes_few_rows),
        TEST(test_unstructured_and_uids),
        cmocka_unit_test(test_counts_after_anything),
        TEST(test_folders_come_and_go),
        TEST(test_too_many_folders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
