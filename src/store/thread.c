/*
 * thread.c - threads, kept up with each message that comes (DESIGN.md: Store, Views).
 *
 * Each Message-ID that was ever named within an account, by its own message or by a reply, belongs to a
 * thread (tables ref and ref_new). A message's own id and all that it refers to are one thread; where they
 * were several, those are merged into the one with most messages. The partition this gives is that of
 * union-find over all ids, whatever the order of arrival, as long as no thread would pass
 * LIMIT_THREAD_MESSAGES.
 *
 * Past that limit order matters: the direct parent's thread is joined before the message's own id's, then
 * those of further ancestors, nearest first; one that would make it too large is left alone. A message that
 * could join nothing begins a thread and takes its own id there, so that its replies follow it.
 *
 * Ids are kept as keyed hashes of 8 bytes: nobody can aim for a collision. New ones go to ref_new, which
 * stays in the cache; each large batch moves 1/64 of the hashes, in order, to ref, so that its pages are
 * written in sequence.
 */
#include "base/limits.h"
#include "store/txn.h"

#include <string.h>

#define SETTLE_MIN 500
#define SLOT_BITS 6
#define IDS_MAX (LIMIT_REFERENCES + 1)

typedef struct {
    int64_t hash, thread; /* thread 0: in none yet */
} Id;

typedef struct {
    Id ids[IDS_MAX]; /* in the order in which their threads are joined */
    guint n;
    int64_t own;
} Ids;

static void ids_add(Ids *ids, int64_t hash)
{
    for (guint i = 0; i < ids->n; i++) {
        if (ids->ids[i].hash == hash)
            return;
    }
    if (ids->n < IDS_MAX)
        ids->ids[ids->n++] = (Id){hash, 0};
}

/* Parent, own, then the other ancestors from the nearest. Of more than LIMIT_REFERENCES the middle is left
 * out. */
static void collect(StoreTxn *txn, int64_t account, const StoreNewMessage *message, Ids *ids,
                    int64_t *parent_out)
{
    const char *const *refs = message->references;
    guint n = refs ? g_strv_length((char **)refs) : 0,
          skipped = n > LIMIT_REFERENCES ? n - LIMIT_REFERENCES : 0;

    ids->n = 0;
    ids->own = 0;
    *parent_out = 0;
    if (message->message_id && *message->message_id)
        ids->own = store_db_hash(txn->db, account, message->message_id, strlen(message->message_id));
    if (n && *refs[n - 1]) {
        *parent_out = store_db_hash(txn->db, account, refs[n - 1], strlen(refs[n - 1]));
        ids_add(ids, *parent_out);
    }
    if (ids->own)
        ids_add(ids, ids->own);
    for (guint i = n > 1 ? n - 1 : 0; i-- > 0;) {
        if (skipped && i == LIMIT_REFERENCES / 2 + skipped - 1)
            i -= skipped;
        if (*refs[i])
            ids_add(ids, store_db_hash(txn->db, account, refs[i], strlen(refs[i])));
    }
}

/* Follows merges to the thread that is left; a chain of several is made one. */
static gboolean resolve(StoreTxn *txn, int64_t *thread, GError **error)
{
    int64_t winner[1], first = *thread;
    int found, steps = 0;

    while ((found = STORE_GET(txn->db, SQL_MERGED_GET, error, winner, *thread)) == 1) {
        *thread = winner[0];
        steps++;
    }
    if (found == 0 && steps > 1)
        return STORE_RUN(txn->db, SQL_MERGED_SET, error, first, *thread);
    return found == 0;
}

gboolean store_thread_find(StoreTxn *txn, int64_t mid, int64_t *thread_out, GError **error)
{
    int64_t thread[1];
    int found = STORE_GET(txn->db, SQL_REF_NEW_GET, error, thread, mid);

    *thread_out = 0;
    if (found == 0)
        found = STORE_GET(txn->db, SQL_REF_GET, error, thread, mid);
    if (found <= 0)
        return found == 0;
    *thread_out = thread[0];
    return resolve(txn, thread_out, error);
}

static void remember_size(StoreTxn *txn, int64_t thread, int64_t size)
{
    g_hash_table_replace(txn->thread_sizes, g_memdup2(&thread, sizeof thread), g_memdup2(&size, sizeof size));
}

/* How many messages a thread has, in all folders; counted at most once in a job. */
static gboolean thread_size(StoreTxn *txn, int64_t thread, int64_t *size_out, GError **error)
{
    int64_t *known = g_hash_table_lookup(txn->thread_sizes, &thread), count[1];

    if (known) {
        *size_out = *known;
        return TRUE;
    }
    if (STORE_GET(txn->db, SQL_THREAD_SIZE, error, count, thread) != 1)
        return FALSE;
    *size_out = count[0];
    remember_size(txn, thread, count[0]);
    return TRUE;
}

/* The loser's newest row of a folder (key, top, top_unread) meets the winner's: the newer of both is the top
 * of all. */
static gboolean merge_top(StoreTxn *txn, int64_t winner, const int64_t loser[3], GError **error)
{
    int64_t folder = key_folder(loser[0]), top[3];
    int found = STORE_GET(txn->db, SQL_THREAD_TOP, error, top, winner, key_folder_first(folder),
                          key_folder_last(folder));

    if (found <= 0)
        return found == 0;
    int64_t older = MIN(top[0], loser[0]), newer = MAX(top[0], loser[0]);
    store_counts_add(txn, older, 0, 0, -1);
    return STORE_RUN(txn->db, SQL_TOP_SET, error, older, 0, 0) &&
           STORE_RUN(txn->db, SQL_TOP_SET, error, newer, top[1] + loser[1], top[2] + loser[2]);
}

static gboolean merge(StoreTxn *txn, int64_t winner, int64_t loser, GError **error)
{
    g_autoptr(GArray) tops = g_array_new(FALSE, FALSE, 3 * sizeof(int64_t));
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_THREAD_ROWS, error, loser);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        int64_t top[3] = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                          sqlite3_column_int64(statement, 2)};
        if (top[1])
            g_array_append_vals(tops, top, 1);
    }
    if (row < 0)
        return FALSE;
    for (guint i = 0; i < tops->len; i++) {
        if (!merge_top(txn, winner, (int64_t *)(void *)tops->data + 3 * i, error))
            return FALSE;
    }
    return STORE_RUN(txn->db, SQL_THREAD_SET, error, loser, winner) &&
           STORE_RUN(txn->db, SQL_MERGED_SET, error, loser, winner);
}

/* Chooses among the threads of the ids those that fit together: the first of threads[] is the largest. */
static gboolean choose(StoreTxn *txn, Ids *ids, int64_t *threads, guint *n_out, int64_t *size_out,
                       GError **error)
{
    int64_t total = 1, largest = -1;
    guint n = 0;

    for (guint i = 0; i < ids->n; i++) {
        int64_t thread = ids->ids[i].thread, size;
        gboolean is_known = !thread;
        for (guint j = 0; j < n && !is_known; j++)
            is_known = threads[j] == thread;
        if (is_known)
            continue;
        if (!thread_size(txn, thread, &size, error))
            return FALSE;
        if (total + size > LIMIT_THREAD_MESSAGES)
            continue;
        total += size;
        threads[n++] = thread;
        if (size > largest || (size == largest && thread < threads[0])) {
            threads[n - 1] = threads[0];
            threads[0] = thread;
            largest = size;
        }
    }
    *n_out = n;
    *size_out = total;
    return TRUE;
}

/* Ids that were in no thread join this one; so does the message's own, when its old thread is not joined. */
static gboolean claim(StoreTxn *txn, const Ids *ids, int64_t thread, const int64_t *threads, guint n,
                      GError **error)
{
    for (guint i = 0; i < ids->n; i++) {
        const Id *id = &ids->ids[i];
        gboolean is_claimed = !id->thread;
        if (id->hash == ids->own && id->thread) {
            is_claimed = TRUE;
            for (guint j = 0; j < n; j++)
                is_claimed &= threads[j] != id->thread;
        }
        if (is_claimed && !STORE_RUN(txn->db, SQL_REF_NEW_ADD, error, id->hash, thread))
            return FALSE;
    }
    return TRUE;
}

gboolean store_thread_join(StoreTxn *txn, int64_t account, const StoreNewMessage *message, StoreRowData *row,
                           gboolean *is_new_out, GError **error)
{
    int64_t threads[IDS_MAX], size;
    Ids ids;
    guint n;

    collect(txn, account, message, &ids, &row->parent);
    row->mid = ids.own;
    for (guint i = 0; i < ids.n; i++) {
        if (!store_thread_find(txn, ids.ids[i].hash, &ids.ids[i].thread, error))
            return FALSE;
    }
    if (!choose(txn, &ids, threads, &n, &size, error))
        return FALSE;
    *is_new_out = n == 0;
    /* A new thread is called by the id of the message that began it. */
    row->thread = n ? threads[0] : row->id;
    for (guint i = 1; i < n; i++) {
        if (!merge(txn, row->thread, threads[i], error))
            return FALSE;
        g_hash_table_remove(txn->thread_sizes, &threads[i]);
    }
    remember_size(txn, row->thread, size);
    return claim(txn, &ids, row->thread, threads, n, error);
}

gboolean store_thread_settle(StoreTxn *txn, guint n, GError **error)
{
    int64_t slot;

    if (n < SETTLE_MIN)
        return TRUE;
    if (!store_meta_get(txn, "ref-slot", &slot, error))
        return FALSE;
    uint64_t span = UINT64_C(1) << (64 - SLOT_BITS);
    int64_t first = (int64_t)((uint64_t)INT64_MIN + (uint64_t)slot * span),
            last = (int64_t)((uint64_t)first + span - 1);
    return STORE_RUN(txn->db, SQL_REF_MOVE, error, first, last) &&
           STORE_RUN(txn->db, SQL_REF_MOVED, error, first, last) &&
           store_meta_set(txn, "ref-slot", (slot + 1) % (1 << SLOT_BITS), error);
}
