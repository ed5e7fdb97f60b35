/*
 * writer_transaction.c - a transaction of the writer.
 *
 * It takes one job, and more of the same lane and durability as long as they are there and it is young, so
 * that a hundred small changes share a COMMIT and a large one stands alone. Each further job has a savepoint:
 * when it fails, the others stay.
 *
 * After COMMIT, in this order: the other processes are told, the jobs' done functions called, the listeners
 * woken, and only then, when the log has grown to 16 MB, it is written back to the database.
 */
#include "store/writer_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/promise.h"

#include <unistd.h>

#define BATCH_US (8 * 1000)
/* After a bulk transaction: longer than the 0.3 ms at which other processes' writers ask for their turn. */
#define BULK_PAUSE_US 500
#define CHECKPOINT_PAGES 4000

/* ---- its jobs ---- */

/* One job within the open transaction. On failure its own changes are taken back, unless SQLite has rolled
 * back all. */
static gboolean run_job(Writer *writer, Job *job, gboolean is_first, GError **error)
{
    StoreTxn *txn = writer->txn;
    const guint n_deleted = txn->deleted->len;

    if (!is_first && !store_db_simple(writer->db, SQL_SAVEPOINT, error))
        return FALSE;
    gboolean is_done = job->run(txn, job->data, error) && !txn->failure && store_counts_flush(txn, error);
    if (!is_done && error && !*error && txn->failure)
        g_propagate_error(error, g_steal_pointer(&txn->failure));
    job->unfinished = is_done ? txn->unfinished : 0;
    store_txn_forget(txn);
    if (is_done && !is_first)
        is_done = store_db_simple(writer->db, SQL_RELEASE, error);
    if (is_done)
        return TRUE;
    if (error && !*error)
        tern_error_set(error, TERN_ERROR_BUG, "a job of the store failed without saying why");
    store_db_reset_all(writer->db);
    g_array_set_size(txn->deleted, n_deleted);
    txn->has_pieces = TRUE; /* which it may have made and are there again: to be looked at */
    if (!is_first && !sqlite3_get_autocommit(writer->db->handle))
        sqlite3_exec(writer->db->handle, "ROLLBACK TO job; RELEASE job", NULL, NULL, NULL);
    return FALSE;
}

/* Jobs until the transaction is old enough. The done ones stand in *done, in order; a failed one is ended at
 * once. FALSE: the transaction is gone, with *error. */
static gboolean run_jobs(Writer *writer, StoreLane lane, Job *job, Lane *done, GError **error)
{
    int64_t until_us = clock_now_us() + BATCH_US;
    gboolean is_durable = job->is_durable;

    while (job) {
        GError *failure = NULL;
        gboolean is_done = run_job(writer, job, done->n == 0, &failure);
        if (!is_done && (done->n == 0 || sqlite3_get_autocommit(writer->db->handle))) {
            lane_push(done, job);
            g_propagate_error(error, failure);
            return FALSE;
        }
        if (is_done)
            lane_push(done, job);
        else
            writer_end_jobs(writer, lane, job, failure);
        g_clear_error(&failure);
        job = clock_now_us() < until_us ? writer_take_another(writer, lane, is_durable) : NULL;
    }
    return TRUE;
}

/* ---- beginning and ending ---- */

static gboolean begin(Writer *writer, gboolean is_durable, GError **error)
{
    if (!store_db_set_full_sync(writer->db, is_durable, error) ||
        !store_db_simple(writer->db, SQL_BEGIN_WRITE, error))
        return FALSE;
    writer->txn->is_durable = is_durable;
    writer->txn->changes_before = sqlite3_total_changes64(writer->db->handle);
    return TRUE;
}

/* COMMIT; what it made durable is promised (promise.h). */
static gboolean commit(Writer *writer, GError **error)
{
    uint32_t salts[2];

    if (!writer->txn->is_durable || store_txn_total_changes(writer->txn) == 0)
        return store_db_simple(writer->db, SQL_COMMIT, error);
    store_wal_salts(writer->log_path, salts);
    const int64_t last_entry = store_promise_last_entry(writer->db);
    if (!store_db_simple(writer->db, SQL_COMMIT, error))
        return FALSE;
    store_promise_keep(writer->db->path, salts, (uint32_t)writer->log_pages, last_entry);
    return TRUE;
}

/* PASSIVE: waits for no reader; what one still needs is written the next time. */
static void checkpoint(Writer *writer)
{
    uint32_t salts[2];
    int done = 0;

    if (writer->log_pages < CHECKPOINT_PAGES)
        return;
    store_wal_salts(writer->log_path, salts);
    /* What is in the database has to be in the log as well from then on: without it, older pages of the log
     * would be read in place of newer ones. */
    if (sqlite3_wal_checkpoint_v2(writer->db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &done) ==
            SQLITE_OK &&
        done > 0)
        store_promise_keep(writer->db->path, salts, (uint32_t)done, 0);
    writer->log_pages = 0;
}

static void tell_deleted(Writer *writer)
{
    GArray *deleted = writer->txn->deleted;

    /* Called with the lock: whoever has unset it is not called any more. */
    pthread_mutex_lock(&writer->lock);
    if (writer->deleted && deleted->len)
        writer->deleted((const int64_t *)(const void *)deleted->data, deleted->len, writer->deleted_data);
    pthread_mutex_unlock(&writer->lock);
    g_array_set_size(deleted, 0);
}

void writer_run_transaction(Writer *writer, StoreLane lane, Job *job)
{
    GError *failure = NULL;
    Lane done = {0};

    gboolean is_begun = begin(writer, job->is_durable, &failure);
    if (!is_begun)
        lane_push(&done, job);
    gboolean is_done = is_begun && run_jobs(writer, lane, job, &done, &failure);
    gboolean is_changed = is_done && store_txn_total_changes(writer->txn) > 0;
    if (is_done)
        is_done = commit(writer, &failure);
    if (!is_done) {
        store_db_rollback(writer->db);
        g_array_set_size(writer->txn->deleted, 0);
        writer->txn->has_pieces = TRUE;
    }
    if (is_done && is_changed)
        notice_tell_others(writer->notice);
    tell_deleted(writer);
    writer_end_jobs(writer, lane, done.first, failure);
    g_clear_error(&failure);
    if (is_done && is_changed)
        notice_tell_listeners(writer->notice);
    checkpoint(writer);
    writer_go_on(writer);
    if (lane == STORE_LANE_BULK)
        usleep(BULK_PAUSE_US);
}
