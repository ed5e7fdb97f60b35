/* Threads: the partition is that of union-find over all ids, in any order of arrival; and what happens at the
 * limit. */
#include "store-fixture.h"

#include "base/limits.h"
#include "store/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 10000
#define BATCH 500

/* A made-up mailbox: messages with references to earlier and later ones, to ids nobody has, and with stolen
 * Message-IDs. */
typedef struct {
    GStringChunk *pool;
    StoreNewMessage *messages;
    int n;
} Mailbox;

static const char **make_references(Mailbox *box, int n, uint32_t *seed)
{
    guint kind = fixture_random(seed) % 10;
    const char **refs = g_new0(const char *, 5);
    char text[40];
    guint count = kind < 4 ? 0 : kind < 9 ? 1 + fixture_random(seed) % 2 : 4;

    for (guint i = 0; i < count; i++) {
        /* Mostly near ones; those after n come "from the future" in the unshuffled order. */
        int to = n - 20 + (int)(fixture_random(seed) % 25);
        if (fixture_random(seed) % 20 == 0)
            g_snprintf(text, sizeof text, "ghost%u", fixture_random(seed) % 2000);
        else
            g_snprintf(text, sizeof text, "m%d", to);
        refs[i] = g_string_chunk_insert(box->pool, text);
    }
    return refs;
}

static Mailbox *mailbox_new(int n, uint32_t seed)
{
    Mailbox *box = g_new0(Mailbox, 1);

    box->pool = g_string_chunk_new(4096);
    box->n = n;
    box->messages = g_new0(StoreNewMessage, n);
    for (int i = 0; i < n; i++) {
        /* A block of 20 leaves gaps in the chains: threads of some dozens, not one of all. */
        gboolean is_alone = i % 40 < 20 && fixture_random(&seed) % 3;
        box->messages[i] = fixture_message(box->pool, (uint32_t)i + 1, 1000000000 + 60 * i, i,
                                           is_alone ? NULL : make_references(box, i, &seed));
        if (fixture_random(&seed) % 50 == 0)
            box->messages[i].message_id = i ? box->messages[i - 1].message_id : "m0"; /* a duplicate */
        if (fixture_random(&seed) % 50 == 0)
            box->messages[i].message_id = NULL;
    }
    return box;
}

static void mailbox_free(Mailbox *box)
{
    for (int i = 0; i < box->n; i++)
        g_free((void *)box->messages[i].references);
    g_free(box->messages);
    g_string_chunk_free(box->pool);
    g_free(box);
}

/* Union-find by names, written for the test: parent pointers in a hash table of strings. */
static const char *root_of(GHashTable *parents, const char *id)
{
    const char *parent;

    while ((parent = g_hash_table_lookup(parents, id)))
        id = parent;
    return id;
}

static void unite(GHashTable *parents, const char *a, const char *b)
{
    const char *one = root_of(parents, a), *other = root_of(parents, b);

    if (strcmp(one, other))
        g_hash_table_insert(parents, (void *)one, (void *)other);
}

/* For each message the smallest index of a message in its component. */
static int *expected_partition(const Mailbox *box)
{
    g_autoptr(GHashTable) parents = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) first = g_hash_table_new(g_str_hash, g_str_equal);
    int *partition = g_new(int, box->n);
    char **selves = g_new0(char *, box->n + 1);

    for (int i = 0; i < box->n; i++) {
        const StoreNewMessage *message = &box->messages[i];
        selves[i] = g_strdup_printf("self %d", i);
        if (message->message_id)
            unite(parents, selves[i], message->message_id);
        for (int r = 0; message->references && message->references[r]; r++)
            unite(parents, selves[i], message->references[r]);
    }
    for (int i = 0; i < box->n; i++) {
        const char *root = root_of(parents, selves[i]);
        int seen = GPOINTER_TO_INT(g_hash_table_lookup(first, root)) - 1;
        if (seen < 0)
            g_hash_table_insert(first, (void *)root, GINT_TO_POINTER(i + 1));
        partition[i] = seen < 0 ? i : seen;
    }
    g_strfreev(selves);
    return partition;
}

/* The same from the store, by UID (index + 1), over all folders. */
static int *stored_partition(Fixture *fixture, int n)
{
    g_autoptr(GHashTable) first = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    sqlite3 *handle = fixture_sqlite(fixture);
    sqlite3_stmt *statement = NULL;
    int *partition = g_new(int, n);

    memset(partition, -1, sizeof *partition * (size_t)n);
    assert_int_equal(
        sqlite3_prepare_v2(handle, "SELECT uid, thread FROM message ORDER BY uid", -1, &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        int i = sqlite3_column_int(statement, 0) - 1;
        int64_t thread = sqlite3_column_int64(statement, 1);
        int seen = GPOINTER_TO_INT(g_hash_table_lookup(first, &thread)) - 1;
        if (seen < 0)
            g_hash_table_insert(first, g_memdup2(&thread, sizeof thread), GINT_TO_POINTER(i + 1));
        partition[i] = seen < 0 ? i : seen;
    }
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return partition;
}

static void shuffle(StoreNewMessage *messages, int n, uint32_t seed)
{
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(fixture_random(&seed) % (uint32_t)(i + 1));
        StoreNewMessage swapped = messages[i];
        messages[i] = messages[j];
        messages[j] = swapped;
    }
}

/* In batches of odd sizes, and over two folders of the account: threads do not care. */
static void add_all(Fixture *fixture, const StoreNewMessage *messages, int n, gboolean two_folders)
{
    for (int i = 0, size; i < n; i += size) {
        size = MIN(n - i, 1 + (i * 7) % BATCH);
        fixture_add(fixture, two_folders && (i / 3) % 2 ? fixture->sent : fixture->inbox, messages + i,
                    (guint)size);
    }
}

static void test_same_partition_in_any_order(void **state)
{
    (void)state;
    Mailbox *box = mailbox_new(N, 4711);
    g_autofree int *expected = expected_partition(box);

    for (uint32_t order = 0; order < 5; order++) {
        void *inner;
        assert_int_equal(fixture_setup(&inner), 0);
        Fixture *fixture = inner;
        g_autofree StoreNewMessage *messages = g_memdup2(box->messages, sizeof *messages * N);
        if (order)
            shuffle(messages, N, 99 + order);
        add_all(fixture, messages, N, order % 2);
        g_autofree int *partition = stored_partition(fixture, N);
        for (int i = 0; i < N; i++) {
            if (partition[i] != expected[i])
                fail_msg("order %u: message %d is with %d, should be with %d", order, i, partition[i],
                         expected[i]);
        }
        fixture_check_counts(fixture);
        fixture_teardown(&inner);
    }
    mailbox_free(box);
}

typedef struct {
    int64_t folder;
    StoreNewMessage *messages;
    guint n;
} OtherAccount;

static gboolean add_to_other(StoreTxn *txn, void *data, GError **error)
{
    static const StoreListed LISTED = {
        .name = "INBOX", .raw_name = "INBOX", .delimiter = '/', .selectable = TRUE};
    OtherAccount *other = data;
    int64_t account;

    if (!store_txn_account(txn, "home", &account, error) ||
        !store_txn_folders(txn, account, &LISTED, 1, error))
        return FALSE;
    other->folder = 4; /* the fourth folder of this store */
    return store_txn_add(txn, other->folder, other->messages, other->n, NULL, error);
}

static void test_accounts_have_their_own_threads(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    const char *refs[] = {"m1", NULL};
    StoreNewMessage first = fixture_message(pool, 1, 1000, 1, NULL),
                    reply = fixture_message(pool, 2, 2000, 2, refs);
    OtherAccount other = {.messages = &reply, .n = 1};

    fixture_add(fixture, fixture->inbox, &first, 1);
    fixture_run(fixture, FALSE, add_to_other, &other);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT thread) FROM message"), 2);
    fixture_check_counts(fixture);
}

/* Two threads, grown apart in two folders, that a late message joins. */
static void test_late_join_moves_rows_in_every_folder(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    const char *to_1[] = {"m1", NULL}, *to_2[] = {"m2", NULL}, *both[] = {"m1", "m2", NULL};
    StoreNewMessage messages[] = {
        fixture_message(pool, 1, 1000, 1, NULL), fixture_message(pool, 2, 2000, 2, NULL),
        fixture_message(pool, 3, 3000, 3, to_1), fixture_message(pool, 4, 4000, 4, to_2),
        fixture_message(pool, 5, 500, 5, both)};

    messages[2].flags = STORE_SEEN;
    fixture_add(fixture, fixture->inbox, messages, 3);
    fixture_add(fixture, fixture->sent, messages + 3, 1);
    fixture_add(fixture, fixture->sent, messages + 2, 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT thread) FROM message"), 2);
    fixture_add(fixture, fixture->inbox, messages + 4, 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT thread) FROM message"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT threads FROM folder WHERE name = 'INBOX'"), 1);
    assert_int_equal(fixture_query(fixture, "SELECT threads FROM folder WHERE name = 'Sent'"), 1);
    fixture_check_counts(fixture);
}

/* A thread is not split because a message goes, and its id joins what comes later. */
static void test_expunged_message_still_joins(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    const char *to_1[] = {"m1", NULL}, *to_2[] = {"m2", NULL};
    StoreNewMessage messages[] = {fixture_message(pool, 1, 1000, 1, NULL),
                                  fixture_message(pool, 2, 2000, 2, to_1),
                                  fixture_message(pool, 3, 3000, 3, to_2)};

    fixture_add(fixture, fixture->inbox, messages, 2);
    assert_int_equal(fixture_expunge(fixture, fixture->inbox, (uint32_t[]){2, 77}, 2).removed, 1);
    fixture_add(fixture, fixture->inbox, messages + 2, 1);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT thread) FROM message"), 1);
    fixture_check_counts(fixture);
}

/* 2,500 replies to one message: no thread passes the limit, and what comes after it still holds together. */
static void test_no_thread_passes_the_limit(void **state)
{
    Fixture *fixture = *state;
    enum { REPLIES = 2500 };
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    g_autofree StoreNewMessage *messages = g_new0(StoreNewMessage, REPLIES);
    const char *(*refs)[3] = g_malloc0(sizeof *refs * REPLIES);

    for (int i = 0; i < REPLIES; i++) {
        char parent[20];
        g_snprintf(parent, sizeof parent, "m%d", i - 1);
        refs[i][0] = i ? "m0" : NULL;
        refs[i][1] = i ? g_string_chunk_insert(pool, parent) : NULL;
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1000000 + i, i, refs[i]);
    }
    for (int i = 0; i < REPLIES; i += 100)
        fixture_add(fixture, fixture->inbox, messages + i, 100);
    assert_true(
        fixture_query(fixture, "SELECT max(n) FROM (SELECT count(*) AS n FROM message GROUP BY thread)") <=
        LIMIT_THREAD_MESSAGES);
    assert_int_equal(fixture_query(fixture, "SELECT count(DISTINCT thread) FROM message"), 3);
    fixture_check_counts(fixture);
    g_free(refs);
}

/* A forged header that names a message of each of many large threads joins only what fits. */
static void test_forged_references_join_no_more_than_the_limit(void **state)
{
    Fixture *fixture = *state;
    enum { THREADS = 5, EACH = 400 };
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    g_autofree StoreNewMessage *messages = g_new0(StoreNewMessage, THREADS * EACH);
    const char *heads[THREADS + 1] = {NULL}, *refs[THREADS][2];
    char text[20];

    for (int t = 0; t < THREADS; t++) {
        g_snprintf(text, sizeof text, "head%d", t);
        heads[t] = refs[t][0] = g_string_chunk_insert(pool, text);
        refs[t][1] = NULL;
    }
    for (int i = 0; i < THREADS * EACH; i++)
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1000000 + i, i, refs[i % THREADS]);
    fixture_add(fixture, fixture->inbox, messages, THREADS * EACH);
    assert_int_equal(fixture_query(fixture, "SELECT threads FROM folder WHERE name = 'INBOX'"), THREADS);
    StoreNewMessage forged = fixture_message(pool, 9999, 2000000, 9999, heads);
    fixture_add(fixture, fixture->inbox, &forged, 1);
    assert_int_equal(
        fixture_query(fixture, "SELECT max(n) FROM (SELECT count(*) AS n FROM message GROUP BY thread)"),
        2 * EACH + 1);
    assert_int_equal(fixture_query(fixture, "SELECT threads FROM folder WHERE name = 'INBOX'"), THREADS - 1);
    fixture_check_counts(fixture);
}

static void test_endless_references_are_cut_in_the_middle(void **state)
{
    Fixture *fixture = *state;
    enum { MANY = 5000 };
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    const char **refs = g_new0(const char *, MANY + 1);
    const char *oldest[] = {"r0", NULL}, *middle[] = {"r2500", NULL}, *newest[] = {"r4999", NULL};

    for (int i = 0; i < MANY; i++) {
        char text[20];
        g_snprintf(text, sizeof text, "r%d", i);
        refs[i] = g_string_chunk_insert(pool, text);
    }
    StoreNewMessage messages[] = {
        fixture_message(pool, 1, 1, 1, refs), fixture_message(pool, 2, 2, 2, oldest),
        fixture_message(pool, 3, 3, 3, middle), fixture_message(pool, 4, 4, 4, newest)};
    fixture_add(fixture, fixture->inbox, messages, G_N_ELEMENTS(messages));
    assert_int_equal(fixture_query(fixture,
                                   "SELECT count(*) FROM message WHERE thread = (SELECT thread FROM message "
                                   "WHERE uid = 1)"),
                     3);
    assert_true(
        fixture_query(fixture, "SELECT (SELECT count(*) FROM ref) + (SELECT count(*) FROM ref_new)") <=
        LIMIT_REFERENCES + 5);
    g_free(refs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_partition_in_any_order),
        cmocka_unit_test_setup_teardown(test_accounts_have_their_own_threads, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_late_join_moves_rows_in_every_folder, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_expunged_message_still_joins, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_no_thread_passes_the_limit, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_forged_references_join_no_more_than_the_limit, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_endless_references_are_cut_in_the_middle, fixture_setup,
                                        fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
