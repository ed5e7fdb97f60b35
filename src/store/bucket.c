/* bucket.c - see bucket.h; and the counts that transactions keep. */
#include "store/bucket.h"

#include "store/key.h"
#include "store/txn.h"

static StoreCounts *counts_at(GHashTable *table, int64_t slot)
{
    StoreCounts *counts = g_hash_table_lookup(table, &slot);

    if (!counts) {
        int64_t *key = g_new(int64_t, 1);
        *key = slot;
        counts = g_new0(StoreCounts, 1);
        g_hash_table_insert(table, key, counts);
    }
    return counts;
}

static void counts_sum(StoreCounts *into, const StoreCounts *counts)
{
    into->messages += counts->messages;
    into->unread += counts->unread;
    into->threads += counts->threads;
}

void store_counts_add(StoreTxn *txn, int64_t key, int messages, int unread, int threads)
{
    StoreCounts *counts = counts_at(txn->counts, bucket_slot(0, key_folder(key), key_seconds(key)));

    counts_sum(counts, &(StoreCounts){messages, unread, threads});
}

static gboolean is_nothing(const StoreCounts *counts)
{
    return !counts->messages && !counts->unread && !counts->threads;
}

static gboolean write_slot(StoreTxn *txn, int64_t slot, const StoreCounts *counts, GError **error)
{
    if (is_nothing(counts))
        return TRUE;
    return STORE_RUN(txn->db, SQL_BUCKET_ADD, error, slot, counts->messages, counts->unread,
                     counts->threads) &&
           (counts->messages >= 0 || STORE_RUN(txn->db, SQL_BUCKET_EMPTY, error, slot));
}

static GHashTable *counts_table(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

static int64_t slot_folder(int64_t slot)
{
    return slot >> 32 & 0xffff;
}

/* Writes one level and gives the sums for the next one, whose slots hold 32 of these; NULL and STORE. */
static GHashTable *write_level(StoreTxn *txn, int level, GHashTable *slots, GError **error)
{
    g_autoptr(GHashTable) next = counts_table();
    GHashTableIter iter;
    void *key, *counts;

    g_hash_table_iter_init(&iter, slots);
    while (g_hash_table_iter_next(&iter, &key, &counts)) {
        int64_t slot = *(int64_t *)key, seconds = (slot & INT64_C(0xffffffff)) << BUCKET_SHIFT(level);
        int64_t folder = slot_folder(slot);
        if (!write_slot(txn, slot, counts, error))
            return NULL;
        counts_sum(
            counts_at(next, level + 1 < BUCKET_LEVELS ? bucket_slot(level + 1, folder, seconds) : folder),
            counts);
    }
    return g_steal_pointer(&next);
}

gboolean store_counts_flush(StoreTxn *txn, GError **error)
{
    g_autoptr(GHashTable) slots = g_hash_table_ref(txn->counts);
    GHashTableIter iter;
    void *folder, *value;

    if (!g_hash_table_size(txn->counts))
        return TRUE;
    for (int level = 0; level < BUCKET_LEVELS; level++) {
        GHashTable *next = write_level(txn, level, slots, error);
        if (!next)
            return FALSE;
        g_hash_table_unref(slots);
        slots = next;
    }
    g_hash_table_iter_init(&iter, slots);
    while (g_hash_table_iter_next(&iter, &folder, &value)) {
        StoreCounts *counts = value;
        if (!is_nothing(counts) && !STORE_RUN(txn->db, SQL_FOLDER_COUNT, error, *(int64_t *)folder,
                                              counts->messages, counts->unread, counts->threads))
            return FALSE;
    }
    g_hash_table_remove_all(txn->counts);
    return TRUE;
}

gboolean store_counts_delete_folder(StoreTxn *txn, int64_t folder, GError **error)
{
    for (int level = 0; level < BUCKET_LEVELS; level++) {
        if (!STORE_RUN(txn->db, SQL_BUCKET_DELETE_RANGE, error, bucket_slot(level, folder, 0),
                       bucket_slot(level, folder, INT64_C(0xffffffff))))
            return FALSE;
    }
    return TRUE;
}

int64_t bucket_count_above(StoreDb *db, int64_t folder, int64_t key, gboolean threads, GError **error)
{
    int64_t seconds = key_seconds(key), stretch_end = INT64_C(0xffffffff), sum = 0, values[2], rest[1];

    /* From the coarsest level down: slots after this row's own, up to the end of the slot above. */
    for (int level = BUCKET_LEVELS - 1; level >= 0; level--) {
        if (STORE_GET(db, SQL_BUCKET_SUM, error, values, bucket_slot(level, folder, seconds) + 1,
                      bucket_slot(level, folder, stretch_end)) < 0)
            return -1;
        sum += values[threads];
        stretch_end = seconds | ((INT64_C(1) << BUCKET_SHIFT(level)) - 1);
    }
    if (STORE_GET(db, threads ? SQL_COUNT_TOPS : SQL_COUNT_FLAT, error, rest, key + 1,
                  key_make(folder, stretch_end, KEY_TIES - 1), folder) < 0)
        return -1;
    return sum + rest[0];
}

/* The slot of a level, within a stretch of seconds, in which the row with `*above` newer ones stands; *above
 * becomes what is newer within that slot. 1, 0: the stretch holds fewer, -1. */
static int find_slot(StoreDb *db, int level, int64_t folder, int64_t stretch[2], int64_t *above,
                     gboolean threads, GError **error)
{
    sqlite3_stmt *statement = STORE_START(db, SQL_BUCKET_DOWN, error, bucket_slot(level, folder, stretch[0]),
                                          bucket_slot(level, folder, stretch[1]));
    int row;

    if (!statement)
        return -1;
    while ((row = store_db_step(db, statement, error)) == 1) {
        int64_t count = sqlite3_column_int64(statement, threads ? 2 : 1);
        if (*above < count)
            break;
        *above -= count;
    }
    if (row == 1) {
        stretch[0] = (sqlite3_column_int64(statement, 0) & INT64_C(0xffffffff)) << BUCKET_SHIFT(level);
        stretch[1] = stretch[0] | ((INT64_C(1) << BUCKET_SHIFT(level)) - 1);
        sqlite3_reset(statement);
    }
    return row;
}

int bucket_find_nth(StoreDb *db, int64_t folder, int64_t above, gboolean threads, int64_t found[3],
                    GError **error)
{
    int64_t stretch[2] = {0, INT64_C(0xffffffff)};
    int row;

    for (int level = BUCKET_LEVELS - 1; level >= 0; level--) {
        row = find_slot(db, level, folder, stretch, &above, threads, error);
        if (row != 1)
            return row;
    }
    sqlite3_stmt *statement =
        STORE_START(db, threads ? SQL_KEYS_TOPS : SQL_KEYS_FLAT, error, key_make(folder, stretch[0], 0),
                    key_make(folder, stretch[1], KEY_TIES - 1), folder);
    if (!statement)
        return -1;
    while ((row = store_db_step(db, statement, error)) == 1 && above > 0)
        above--;
    for (int i = 0; row == 1 && i < 3; i++)
        found[i] = sqlite3_column_int64(statement, i);
    sqlite3_reset(statement);
    return row;
}
