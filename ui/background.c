/* background.c - see background.h. */
#include "ui/background.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/queue.h"
#include "base/thread.h"

struct Background {
    Queue *jobs, *answers; /* Job * */
    Wake *done;
    Thread *thread;
};

typedef struct {
    void (*work)(void *job);
    void (*done)(Ui *ui, void *job);
    void *job;
    GDestroyNotify free_job;
} Job;

static void job_free(void *data)
{
    Job *job = data;

    if (job->free_job)
        job->free_job(job->job);
    g_free(job);
}

Background *background_new(Wake *done)
{
    Background *background = g_new0(Background, 1);

    *background = (Background){queue_new(0, job_free), queue_new(0, job_free), wake_ref(done), NULL};
    return background;
}

static void run(void *data)
{
    Background *background = data;
    Job *job;

    while ((job = queue_pop(background->jobs, DEADLINE_NONE))) {
        job->work(job->job);
        if (!queue_push(background->answers, job))
            job_free(job);
        wake_set(background->done);
    }
}

void background_free(Background *background)
{
    if (!background)
        return;
    queue_close(background->jobs);
    thread_join(background->thread);
    queue_free(background->jobs);
    queue_free(background->answers);
    wake_unref(background->done);
    g_free(background);
}

void background_run(Background *background, void (*work)(void *job), void (*done)(Ui *ui, void *job),
                    void *data, GDestroyNotify free_job)
{
    Job *job = g_new0(Job, 1);

    *job = (Job){work, done, data, free_job};
    if (!background->thread)
        background->thread = thread_start("compose", STACK_RENDER_BYTES, run, background, NULL);
    if (background->thread && queue_push(background->jobs, job))
        return;
    work(data);
    if (!queue_push(background->answers, job))
        job_free(job);
    wake_set(background->done);
}

void background_take(Background *background, Ui *ui)
{
    Job *job;

    while ((job = queue_try_pop(background->answers))) {
        if (job->done)
            job->done(ui, job->job);
        job_free(job);
    }
}
