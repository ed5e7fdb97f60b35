/*
 * lane.h - jobs of the writer that wait in a row, first come, first run. Within src/store/ only.
 *
 * A lane owns what is in it; it has no lock of its own.
 */
#ifndef TERN_STORE_LANE_H
#define TERN_STORE_LANE_H

#include "store/writer.h"

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

/* Calls `done`, and frees the job; `failure`: NULL, or why it was not done. */
void job_end(Job *job, const GError *failure);

typedef struct {
    Job *first, **end;
    guint n;
} Lane;

/* An empty one is {0}. */
void lane_push(Lane *lane, Job *job);
/* The first one, by itself; NULL: there is none. */
Job *lane_pop(Lane *lane);

#endif
