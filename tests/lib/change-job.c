/* change-job.c - see change-job.h. */
#include "tests/lib/change-job.h"

static gboolean run(StoreTxn *txn, void *data, GError **error)
{
    ChangeJob *job = data;

    return job->run(txn, &job->folder, error);
}

static void note_end(void *data, const GError *error)
{
    ChangeJob *job = data;

    job->error = error ? g_error_copy(error) : NULL;
    atomic_store(&job->is_done, TRUE);
}

void change_job_submit(Store *store, ChangeJob *job)
{
    store_submit(store, STORE_LANE_USER, TRUE, run, note_end, job, NULL);
}
