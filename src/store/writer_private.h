/*
 * writer_private.h - what the files of the writer thread share (writer_thread.h).
 *
 *      writer.c              jobs handed in and taken; the thread, and what it waits for
 *      writer_transaction.c  a transaction: jobs until it is old enough, COMMIT, who is told
 *      writer_behind.c       the writer's own jobs: what a deleted folder leaves, the rest of large changes
 *      lane.c                jobs in a row
 *
 * Any thread where `lock` says so, else the writer's own.
 */
#ifndef TERN_STORE_WRITER_PRIVATE_H
#define TERN_STORE_WRITER_PRIVATE_H

#include "base/thread.h"
#include "store/lane.h"
#include "store/txn.h"
#include "store/writer_thread.h"

#include <pthread.h>

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

/* ---- writer.c ---- */

/* One more job for the running transaction, if the next one belongs there. */
Job *writer_take_another(Writer *writer, StoreLane lane, gboolean is_durable);

/* Of a transaction that has ended; one whose pieces are still to be made is put aside. */
void writer_end_jobs(Writer *writer, StoreLane lane, Job *jobs, const GError *failure);

/* ---- writer_transaction.c ---- */

/* The job, and more of the same lane and durability while it is young; ends them. */
void writer_run_transaction(Writer *writer, StoreLane lane, Job *job);

/* ---- writer_behind.c ---- */

/* What an earlier run has left to do is seen to. */
void writer_go_on_from_before(Writer *writer);

/* After a transaction: ends the jobs whose pieces are made, and hands in what is to be done next. */
void writer_go_on(Writer *writer);

#endif
