/*
 * writer.c - the writer thread: two lanes of jobs, run in transactions.
 *
 * A transaction takes one job, and more of the same lane and durability as long as they are there and it is
 * young, so that a hundred small changes share a COMMIT and a large one stands alone. The user's lane goes
 * first, and its jobs end the batching of bulk; so a user's job waits for one bulk job and a COMMIT at most.
 * Each further job of a transaction has a savepoint: when it fails, the others stay.
 *
 * After COMMIT, in this order: the other processes are told, the jobs' done functions called, the listeners
 * woken, and only then, when the log has grown to 16 MB, it is written back to the database.
 *
 * What a deleted folder leaves behind is taken away by jobs of the writer's own in the bulk lane, one after
 * the other, so that everybody else gets a turn. So is the rest of a change of very many messages
 * (pieces.h), whose job is put aside, and ends with the last piece.
 */
#include "store/writer_thread.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "store/pieces.h"
#include "store/promise.h"
#include "store/txn.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#define BATCH_US (8 * 1000)
/* After a bulk transaction: longer than the 0.3 ms at which other processes' writers ask for their turn. */
#define BULK_PAUSE_US 500
#define CHECKPOINT_PAGES 4000

typedef struct Job Job;
struct Job {
    Job *next;
    StoreJobFunc run;
    StoreDoneFunc done;
    void *data;
    GDestroyNotify free_data;
    gboolean is_durable;
    int64_t unfinished; /* the group that it has begun, and whose pieces are still to be made; 0: none */
};

typedef struct {
    Job *first, **end;
    guint n;
} Lane;

struct Writer {
    StoreDb *db;
    Notice *notice;
    StoreTxn *txn;
    Thread *thread;
    Wake *wake;           /* jobs, or closing */
    int64_t data_version; /* of other processes' commits, as last seen */
    char *log_path;
    int log_pages;        /* of the log, as of the last COMMIT */
    WakeList *rooms;      /* who waits for room in the bulk lane */
    Lane unfinished;      /* jobs that wait for their pieces */
    gboolean has_piece;   /* a job that makes one waits or runs */
    pthread_mutex_t lock; /* guards all below */
    Lane lanes[2];
    guint bulk_running;
    gboolean is_closing;
    gboolean is_tidying; /* a job of the writer's own waits or runs */
    StoreDeletedFunc deleted;
    void *deleted_data;
};

static void lane_init(Lane *lane)
{
    *lane = (Lane){NULL, NULL, 0};
}

static void lane_push(Lane *lane, Job *job)
{
    if (!lane->first)
        lane->end = &lane->first;
    *lane->end = job;
    lane->end = &job->next;
    lane->n++;
}

static Job *lane_pop(Lane *lane)
{
    Job *job = lane->first;

    if (job) {
        lane->first = job->next;
        job->next = NULL;
        lane->n--;
    }
    return job;
}

void writer_submit(Writer *writer, StoreLane lane, gboolean durable, StoreJobFunc run, StoreDoneFunc done,
                   void *data, GDestroyNotify free_data)
{
    Job *job = g_new0(Job, 1);

    job->run = run;
    job->done = done;
    job->data = data;
    job->free_data = free_data;
    job->is_durable = durable;
    pthread_mutex_lock(&writer->lock);
    lane_push(&writer->lanes[lane], job);
    pthread_mutex_unlock(&writer->lock);
    wake_set(writer->wake);
}

guint writer_bulk_waiting(Writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    guint n = writer->lanes[STORE_LANE_BULK].n + writer->bulk_running;
    pthread_mutex_unlock(&writer->lock);
    return n;
}

void writer_add_room(Writer *writer, Wake *room)
{
    wake_list_add(writer->rooms, room);
}

void writer_remove_room(Writer *writer, Wake *room)
{
    wake_list_remove(writer->rooms, room);
}

void writer_set_deleted(Writer *writer, StoreDeletedFunc func, void *data)
{
    pthread_mutex_lock(&writer->lock);
    writer->deleted = func;
    writer->deleted_data = data;
    pthread_mutex_unlock(&writer->lock);
}

/* The user's first job, else the first bulk job; NULL: none. */
static Job *take_job(Writer *writer, StoreLane *lane_out)
{
    Job *job;

    pthread_mutex_lock(&writer->lock);
    *lane_out = STORE_LANE_USER;
    job = lane_pop(&writer->lanes[STORE_LANE_USER]);
    if (!job && (job = lane_pop(&writer->lanes[STORE_LANE_BULK]))) {
        *lane_out = STORE_LANE_BULK;
        writer->bulk_running++;
    }
    pthread_mutex_unlock(&writer->lock);
    return job;
}

/* One more job for the running transaction, if the next one belongs there. */
static Job *take_another(Writer *writer, StoreLane lane, gboolean is_durable)
{
    Job *job = NULL;

    pthread_mutex_lock(&writer->lock);
    Job *next = writer->lanes[lane].first;
    if (next && next->is_durable == is_durable &&
        (lane == STORE_LANE_USER || !writer->lanes[STORE_LANE_USER].n)) {
        job = lane_pop(&writer->lanes[lane]);
        writer->bulk_running += lane == STORE_LANE_BULK;
    }
    pthread_mutex_unlock(&writer->lock);
    return job;
}

/* No longer counted before they say so: whoever waited for one finds room. */
static void uncount(Writer *writer, const Job *jobs)
{
    guint n = 0;

    for (; jobs; jobs = jobs->next)
        n++;
    pthread_mutex_lock(&writer->lock);
    writer->bulk_running -= n;
    pthread_mutex_unlock(&writer->lock);
    wake_list_set(writer->rooms);
}

static void end_job(Job *job, const GError *failure)
{
    if (job->done)
        job->done(job->data, failure);
    if (job->free_data)
        job->free_data(job->data);
    g_free(job);
}

static void end_jobs(Writer *writer, StoreLane lane, Job *jobs, const GError *failure)
{
    if (lane == STORE_LANE_BULK)
        uncount(writer, jobs);
    while (jobs) {
        Job *job = jobs;
        jobs = job->next;
        job->next = NULL;
        if (job->unfinished && !failure)
            lane_push(&writer->unfinished, job);
        else
            end_job(job, failure);
    }
}

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
            end_jobs(writer, lane, job, failure);
        g_clear_error(&failure);
        job = clock_now_us() < until_us ? take_another(writer, lane, is_durable) : NULL;
    }
    return TRUE;
}

static gboolean begin(Writer *writer, gboolean is_durable, GError **error)
{
    if (!store_db_set_full_sync(writer->db, is_durable, error) ||
        !store_db_simple(writer->db, SQL_BEGIN_WRITE, error))
        return FALSE;
    writer->txn->is_durable = is_durable;
    writer->txn->changes_before = sqlite3_total_changes64(writer->db->handle);
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

static gboolean tidy(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_cast_off_piece(txn, error);
}

static void end_tidying(void *data, const GError *error)
{
    Writer *writer = data;

    /* A full disk, say: it goes on at the next start, or when another folder is deleted. */
    if (error)
        writer->txn->has_cast_off = FALSE;
    pthread_mutex_lock(&writer->lock);
    writer->is_tidying = FALSE;
    pthread_mutex_unlock(&writer->lock);
}

/* Hands in the next piece, if there is one. A store that closes leaves the rest for its next opening. */
static void tidy_on(Writer *writer)
{
    if (!writer->txn->has_cast_off)
        return;
    pthread_mutex_lock(&writer->lock);
    const gboolean is_due = !writer->is_tidying && !writer->is_closing;
    writer->is_tidying |= is_due;
    pthread_mutex_unlock(&writer->lock);
    if (is_due)
        writer_submit(writer, STORE_LANE_BULK, FALSE, tidy, end_tidying, writer, NULL);
}

/* ---- changes of very many messages ---- */

static gboolean make_piece(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_pieces_run(txn, error);
}

/* Ends the jobs whose pieces are made, or cannot be; `failure`: none of them can for now. */
static void end_unfinished(Writer *writer, const GError *failure)
{
    StoreTxn *txn = writer->txn;
    guint n = writer->unfinished.n;

    for (Job *job; n > 0 && (job = lane_pop(&writer->unfinished)); n--) {
        const GError *why = job->unfinished == txn->broken.group ? txn->broken.why : failure;
        if (why || store_pieces_any(txn, job->unfinished, NULL) != 1)
            end_job(job, why);
        else
            lane_push(&writer->unfinished, job);
    }
    txn->broken.group = 0;
    g_clear_error(&txn->broken.why);
}

static void end_piece(void *data, const GError *error)
{
    Writer *writer = data;

    writer->has_piece = FALSE;
    /* A full disk, say: it goes on with the next change, or at the next start. */
    if (error) {
        writer->txn->has_pieces = FALSE;
        end_unfinished(writer, error);
    }
}

/* Hands in the next one; also when the store closes, since the command was given. Not durable: where it is
 * lost, what was to be done is there again with it, and the first commit made that durable. */
static void go_on(Writer *writer)
{
    end_unfinished(writer, NULL);
    if (!writer->txn->has_pieces || writer->has_piece)
        return;
    writer->has_piece = TRUE;
    writer_submit(writer, STORE_LANE_BULK, FALSE, make_piece, end_piece, writer, NULL);
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

static void run_transaction(Writer *writer, StoreLane lane, Job *job)
{
    GError *failure = NULL;
    Lane done;

    lane_init(&done);
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
    end_jobs(writer, lane, done.first, failure);
    g_clear_error(&failure);
    if (is_done && is_changed)
        notice_tell_listeners(writer->notice);
    checkpoint(writer);
    go_on(writer);
    tidy_on(writer);
    if (lane == STORE_LANE_BULK)
        usleep(BULK_PAUSE_US);
}

static gboolean is_other_commit(Writer *writer)
{
    int64_t version;

    if (store_db_get(writer->db, store_db_start(writer->db, SQL_DATA_VERSION, 0, NULL, NULL), 1, &version,
                     NULL) != 1 ||
        version == writer->data_version)
        return FALSE;
    writer->data_version = version;
    return TRUE;
}

/* Until there is something to do, telling listeners of other processes' commits meanwhile. */
static void wait_for_work(Writer *writer)
{
    int64_t notice_us;
    struct pollfd fds[] = {{.fd = wake_fd(writer->wake), .events = POLLIN},
                           {.fd = notice_poll_fd(writer->notice, &notice_us), .events = POLLIN}};

    poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(notice_us));
    if (notice_take(writer->notice) && is_other_commit(writer))
        notice_tell_listeners(writer->notice);
}

static gboolean is_closing(Writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    gboolean closing = writer->is_closing;
    pthread_mutex_unlock(&writer->lock);
    return closing;
}

static void writer_main(void *data)
{
    Writer *writer = data;
    int64_t folder[1];

    thread_stand_back();
    /* Left by a run that ended before it was done. */
    writer->txn->has_cast_off =
        store_db_get(writer->db, store_db_start(writer->db, SQL_FOLDER_CAST_OFF_ANY, 0, NULL, NULL), 1,
                     folder, NULL) == 1;
    writer->txn->has_pieces = store_pieces_any(writer->txn, 0, NULL) == 1;
    go_on(writer);
    tidy_on(writer);
    for (;;) {
        StoreLane lane;
        gboolean closing = is_closing(writer);
        wake_clear(writer->wake);
        Job *job = take_job(writer, &lane);
        if (job)
            run_transaction(writer, lane, job);
        else if (closing)
            return;
        else
            wait_for_work(writer);
    }
}

static int note_log(void *data, sqlite3 *handle, const char *name, int pages)
{
    Writer *writer = data;

    (void)handle;
    (void)name;
    writer->log_pages = pages;
    return SQLITE_OK;
}

static void writer_free(Writer *writer)
{
    wake_list_free(writer->rooms);
    store_txn_free(writer->txn);
    store_db_close(writer->db);
    g_free(writer->log_path);
    wake_unref(writer->wake);
    pthread_mutex_destroy(&writer->lock);
    g_free(writer);
}

Writer *writer_start(StoreDb *db, Notice *notice, GError **error)
{
    Writer *writer = g_new0(Writer, 1);
    int64_t maker;

    sqlite3_randomness(sizeof maker, &maker);
    writer->db = db;
    writer->notice = notice;
    writer->log_path = g_strconcat(db->path, "-wal", NULL);
    writer->txn = store_txn_new(db, maker & INT64_MAX);
    writer->wake = wake_new();
    writer->rooms = wake_list_new();
    pthread_mutex_init(&writer->lock, NULL);
    lane_init(&writer->lanes[STORE_LANE_USER]);
    lane_init(&writer->lanes[STORE_LANE_BULK]);
    lane_init(&writer->unfinished);
    sqlite3_wal_hook(db->handle, note_log, writer);
    is_other_commit(writer);
    writer->thread = thread_start("store", 0, writer_main, writer, error);
    if (writer->thread)
        return writer;
    writer_free(writer);
    return NULL;
}

void writer_stop(Writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->is_closing = TRUE;
    pthread_mutex_unlock(&writer->lock);
    wake_set(writer->wake);
    thread_join(writer->thread);
    writer_free(writer);
}
