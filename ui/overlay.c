/* overlay.c - see overlay.h. */
#include "ui/overlay.h"

#include "base/queue.h"
#include "store/writer.h"

/* The writer's answers outlive the overlay when tern quits meanwhile, so that they are shared with the
 * jobs. */
typedef struct {
    Queue *queue; /* Answer * */
    Wake *wake;
    gint references;
} Answers;

typedef struct {
    guint64 serial;
    GError *error;
} Answer;

typedef struct {
    guint64 serial;
    OverlayTarget target;
    uint32_t set, clear;
    int unread;
    gboolean is_settled;
} Change;

struct Overlay {
    Store *store;
    Answers *answers;
    GArray *changes; /* Change, oldest first */
    guint64 last_serial;
};

/* What the writer thread gets. */
typedef struct {
    Answers *answers;
    guint64 serial;
    int64_t id;
    uint32_t set, clear;
} Job;

static void answer_free(void *data)
{
    Answer *answer = data;

    g_clear_error(&answer->error);
    g_free(answer);
}

static void answers_unref(Answers *answers)
{
    if (!g_atomic_int_dec_and_test(&answers->references))
        return;
    queue_free(answers->queue);
    wake_unref(answers->wake);
    g_free(answers);
}

static gboolean run_job(StoreTxn *txn, void *data, GError **error)
{
    const Job *job = data;

    return store_txn_change_flags(txn, job->id, job->set, job->clear, error);
}

static void job_done(void *data, const GError *error)
{
    const Job *job = data;
    Answer *answer = g_new0(Answer, 1);

    answer->serial = job->serial;
    answer->error = error ? g_error_copy(error) : NULL;
    if (!queue_try_push(job->answers->queue, answer))
        answer_free(answer);
    wake_set(job->answers->wake);
}

static void job_free(void *data)
{
    Job *job = data;

    answers_unref(job->answers);
    g_free(job);
}

Overlay *overlay_new(Store *store, Wake *wake)
{
    Overlay *overlay = g_new0(Overlay, 1);

    overlay->store = store;
    overlay->changes = g_array_new(FALSE, TRUE, sizeof(Change));
    overlay->answers = g_new0(Answers, 1);
    overlay->answers->references = 1;
    overlay->answers->queue = queue_new(0, answer_free);
    overlay->answers->wake = wake_ref(wake);
    return overlay;
}

void overlay_free(Overlay *overlay)
{
    if (!overlay)
        return;
    answers_unref(overlay->answers);
    g_array_unref(overlay->changes);
    g_free(overlay);
}

void overlay_change(Overlay *overlay, OverlayTarget target, uint32_t set, uint32_t clear)
{
    Change change = {++overlay->last_serial, target, set, clear, 0, FALSE};
    Job *job = g_new0(Job, 1);

    change.unread -= !(target.flags & STORE_SEEN) && (set & STORE_SEEN);
    change.unread += (target.flags & STORE_SEEN) && (clear & STORE_SEEN);
    g_array_append_val(overlay->changes, change);
    g_atomic_int_inc(&overlay->answers->references);
    *job = (Job){overlay->answers, change.serial, target.id, set, clear};
    store_submit(overlay->store, STORE_LANE_USER, TRUE, run_job, job_done, job, job_free);
}

uint32_t overlay_flags(const Overlay *overlay, int64_t id, uint32_t flags)
{
    for (guint i = 0; i < overlay->changes->len; i++) {
        const Change *change = &g_array_index(overlay->changes, Change, i);
        if (change->target.id == id)
            flags = (flags | change->set) & ~change->clear;
    }
    return flags;
}

int overlay_unread(const Overlay *overlay, int64_t folder_id, int64_t thread)
{
    int unread = 0;

    for (guint i = 0; i < overlay->changes->len; i++) {
        const Change *change = &g_array_index(overlay->changes, Change, i);
        if (change->target.folder_id == folder_id && (!thread || change->target.thread == thread))
            unread += change->unread;
    }
    return unread;
}

gboolean overlay_settle(Overlay *overlay, GError **error)
{
    gboolean is_any = FALSE;
    Answer *answer;

    while ((answer = queue_try_pop(overlay->answers->queue))) {
        is_any = TRUE;
        for (guint i = 0; i < overlay->changes->len; i++) {
            Change *change = &g_array_index(overlay->changes, Change, i);
            if (change->serial == answer->serial)
                change->is_settled = TRUE;
        }
        if (answer->error && error && !*error)
            *error = g_steal_pointer(&answer->error);
        answer_free(answer);
    }
    return is_any;
}

void overlay_drop(Overlay *overlay)
{
    for (guint i = overlay->changes->len; i-- > 0;)
        if (g_array_index(overlay->changes, Change, i).is_settled)
            g_array_remove_index(overlay->changes, i);
}
