/* renderer.c - see renderer.h. */
#include "ui/renderer.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/queue.h"
#include "base/thread.h"

/* What both threads have; it goes with the last of them. */
typedef struct {
    Queue *jobs;    /* Job * */
    Queue *answers; /* Answer * */
    Wake *done;
    gint references;
} Shared;

struct Renderer {
    Shared *shared;
    gboolean is_started;
    guint64 last_number;
};

typedef struct {
    guint64 number;
    char *path;
    RenderOptions options;
    guint *unfolded;
    char *charset, *own_address;
} Job;

typedef struct {
    guint64 number;
    RenderDocument *document;
    GError *error;
} Answer;

static void job_free(void *data)
{
    Job *job = data;

    g_free(job->path);
    g_free(job->unfolded);
    g_free(job->charset);
    g_free(job->own_address);
    g_free(job);
}

static void answer_free(void *data)
{
    Answer *answer = data;

    if (answer->document)
        render_document_free(answer->document);
    g_clear_error(&answer->error);
    g_free(answer);
}

static void shared_unref(Shared *shared)
{
    if (!g_atomic_int_dec_and_test(&shared->references))
        return;
    queue_free(shared->jobs);
    queue_free(shared->answers);
    wake_unref(shared->done);
    g_free(shared);
}

static void run(void *data)
{
    Shared *shared = data;
    Job *job;

    while ((job = queue_pop(shared->jobs, DEADLINE_NONE))) {
        if (queue_length(shared->jobs) == 0 && !queue_is_closed(shared->jobs)) {
            Answer *answer = g_new0(Answer, 1);
            answer->number = job->number;
            answer->document = render_file(job->path, &job->options, &answer->error);
            if (!queue_try_push(shared->answers, answer))
                answer_free(answer);
            wake_set(shared->done);
        }
        job_free(job);
    }
    shared_unref(shared);
}

Renderer *renderer_new(Wake *done)
{
    Renderer *renderer = g_new0(Renderer, 1);

    renderer->shared = g_new0(Shared, 1);
    *renderer->shared = (Shared){queue_new(0, job_free), queue_new(0, answer_free), wake_ref(done), 1};
    return renderer;
}

void renderer_free(Renderer *renderer)
{
    if (!renderer)
        return;
    queue_close(renderer->shared->jobs);
    shared_unref(renderer->shared);
    g_free(renderer);
}

static gboolean start(Renderer *renderer)
{
    if (renderer->is_started)
        return TRUE;
    g_atomic_int_inc(&renderer->shared->references);
    renderer->is_started = thread_start_detached("render", STACK_RENDER_BYTES, run, renderer->shared, NULL);
    if (!renderer->is_started)
        shared_unref(renderer->shared);
    return renderer->is_started;
}

static guint *copy_numbers(const guint *numbers)
{
    gsize n = 0;

    if (!numbers)
        return NULL;
    while (numbers[n])
        n++;
    return g_memdup2(numbers, (n + 1) * sizeof(guint));
}

guint64 renderer_request(Renderer *renderer, const char *path, const RenderOptions *options)
{
    Job *job = g_new0(Job, 1);

    job->number = ++renderer->last_number;
    job->path = g_strdup(path);
    job->options = *options;
    job->options.unfolded = job->unfolded = copy_numbers(options->unfolded);
    job->options.charset = job->charset = g_strdup(options->charset);
    job->options.own_address = job->own_address = g_strdup(options->own_address);
    if (!start(renderer) || !queue_try_push(renderer->shared->jobs, job))
        job_free(job);
    return renderer->last_number;
}

gboolean renderer_take(Renderer *renderer, guint64 *number_out, RenderDocument **document_out, GError **error)
{
    Answer *answer = queue_try_pop(renderer->shared->answers);

    if (!answer)
        return FALSE;
    *number_out = answer->number;
    *document_out = g_steal_pointer(&answer->document);
    if (answer->error)
        g_propagate_error(error, g_steal_pointer(&answer->error));
    answer_free(answer);
    return TRUE;
}
