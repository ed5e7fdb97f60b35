/*
 * change-job.h - a change that is handed to the store's writer and not waited for; for tests and benches that
 * look at what happens meanwhile. Any thread.
 */
#ifndef TERN_TESTS_LIB_CHANGE_JOB_H
#define TERN_TESTS_LIB_CHANGE_JOB_H

#include "store/writer.h"

#include <stdatomic.h>

typedef struct {
    StoreJobFunc run; /* gets &folder */
    int64_t folder;
    GError *error;      /* of the end, the caller's: why it failed; NULL: it did not */
    atomic_int is_done; /* it has ended, and is used no more */
} ChangeJob;

/* Hands it in, durable, in the user's lane. It has to stay until it is done. */
void change_job_submit(Store *store, ChangeJob *job);

#endif
