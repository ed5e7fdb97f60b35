/* lane.c - see lane.h. */
#include "store/lane.h"

void job_end(Job *job, const GError *failure)
{
    if (job->done)
        job->done(job->data, failure);
    if (job->free_data)
        job->free_data(job->data);
    g_free(job);
}

void lane_push(Lane *lane, Job *job)
{
    if (!lane->first)
        lane->end = &lane->first;
    *lane->end = job;
    lane->end = &job->next;
    lane->n++;
}

Job *lane_pop(Lane *lane)
{
    Job *job = lane->first;

    if (job) {
        lane->first = job->next;
        job->next = NULL;
        lane->n--;
    }
    return job;
}
