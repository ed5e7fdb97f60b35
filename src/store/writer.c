/*
 * writer.c - the writer thread: two lanes of jobs, run in transactions.
 *
 * The user's lane goes first, and its jobs end the batching of bulk (writer_transaction.c); so a user's job
 * waits for one bulk job and a COMMIT at most.
 */
#include "store/writer_private.h"

#include "base/clock.h"

#include <poll.h>

/* ---- handing in ---- */

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

/* ---- taking and ending ---- */

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

Job *writer_take_another(Writer *writer, StoreLane lane, gboolean is_durable)
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

void writer_end_jobs(Writer *writer, StoreLane lane, Job *jobs, const GError *failure)
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
            job_end(job, failure);
    }
}

/* ---- the thread ---- */

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

    thread_stand_back();
    writer_go_on_from_before(writer);
    for (;;) {
        StoreLane lane;
        /* In this order: what is set after the clearing ends the waiting, what was set before it is seen. */
        wake_clear(writer->wake);
        gboolean closing = is_closing(writer);
        Job *job = take_job(writer, &lane);
        if (job)
            writer_run_transaction(writer, lane, job);
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
