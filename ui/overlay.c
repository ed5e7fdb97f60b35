/* overlay.c - see overlay.h. */
#include "ui/overlay.h"

#include "base/queue.h"

/* The writer's answers outlive the overlay when tern quits meanwhile, so that they are shared with the
 * jobs. */
typedef struct {
    Queue *queue; /* Job * */
    Wake *wake;
    gint references;
} Answers;

/* What goes to the writer thread and comes back. */
typedef struct {
    Answers *answers;
    guint64 serial;
    StoreJobFunc run;
    void (*done)(void *data, const GError *error);
    void *data;
    GDestroyNotify free_data;
    GError *error;
} Job;

typedef struct {
    guint64 serial;
    OverlayEffect effect;
    gboolean is_settled;
} Change;

struct Overlay {
    Store *store;
    Answers *answers;
    GArray *changes; /* Change, oldest first */
    guint64 last_serial;
};

static void answers_unref(Answers *answers)
{
    if (!g_atomic_int_dec_and_test(&answers->references))
        return;
    queue_free(answers->queue);
    wake_unref(answers->wake);
    g_free(answers);
}

static void job_free(void *data)
{
    Job *job = data;

    if (job->free_data)
        job->free_data(job->data);
    g_clear_error(&job->error);
    g_free(job);
}

static gboolean run_job(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;

    return job->run(txn, job->data, error);
}

/* On the writer thread: the job goes home. Nobody may be there any more; then it ends with the queue. */
static void job_done(void *data, const GError *error)
{
    Job *job = data;
    Answers *answers = job->answers;

    job->error = error ? g_error_copy(error) : NULL;
    if (!queue_try_push(answers->queue, job))
        job_free(job);
    wake_set(answers->wake);
    answers_unref(answers);
}

static void clear_change(void *data)
{
    Change *change = data;

    selection_free(change->effect.targets);
    g_strfreev(change->effect.tags);
    g_strfreev(change->effect.untags);
}

Overlay *overlay_new(Store *store, Wake *wake)
{
    Overlay *overlay = g_new0(Overlay, 1);

    overlay->store = store;
    overlay->changes = g_array_new(FALSE, TRUE, sizeof(Change));
    g_array_set_clear_func(overlay->changes, clear_change);
    overlay->answers = g_new0(Answers, 1);
    overlay->answers->references = 1;
    overlay->answers->queue = queue_new(0, job_free);
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

void overlay_submit(Overlay *overlay, const OverlayEffect *effect, StoreJobFunc run,
                    void (*done)(void *data, const GError *error), void *data, GDestroyNotify free_data)
{
    Change change = {++overlay->last_serial, *effect, FALSE};
    Job *job = g_new0(Job, 1);

    g_array_append_val(overlay->changes, change);
    g_atomic_int_inc(&overlay->answers->references);
    *job = (Job){overlay->answers, change.serial, run, done, data, free_data, NULL};
    store_submit(overlay->store, STORE_LANE_USER, TRUE, run_job, job_done, job, NULL);
}

/* ---- laid over what is drawn ---- */

static const OverlayEffect *effect_at(const Overlay *overlay, guint n)
{
    return &g_array_index(overlay->changes, Change, n).effect;
}

uint32_t overlay_flags(const Overlay *overlay, gint64 id, uint32_t flags)
{
    for (guint i = 0; i < overlay->changes->len; i++) {
        const OverlayEffect *effect = effect_at(overlay, i);
        if (effect->targets && (effect->set | effect->clear) && selection_has(effect->targets, id))
            flags = (flags | effect->set) & ~effect->clear;
    }
    return flags;
}

/* A folded thread counts its unread messages: known again where the change was of all of them, or of the one
 * that is shown in the row; else when the page is read. */
static void count_thread(const OverlayEffect *effect, StoreRow *row)
{
    int n = row->thread_messages, chosen = selection_count_thread(effect->targets, row->anchor.thread, n);
    gboolean is_read = (effect->set & STORE_SEEN) != 0, was_unread = !(row->flags & STORE_SEEN);

    if (!((effect->set | effect->clear) & STORE_SEEN) || chosen == 0)
        return;
    if (chosen >= n)
        row->thread_unread = is_read ? 0 : n;
    else if (chosen == 1 && selection_has(effect->targets, row->anchor.id) && was_unread == is_read)
        row->thread_unread = CLAMP(row->thread_unread + (is_read ? -1 : 1), 0, n);
}

/* The keywords without `untags` and with `tags`; *words_out, where it is set, holds them already. */
static void change_keywords(const OverlayEffect *effect, StoreRow *row, char ***words_out)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (guint i = 0; row->keywords && row->keywords[i]; i++)
        if (!effect->untags || !g_strv_contains((const char *const *)effect->untags, row->keywords[i]))
            g_ptr_array_add(words, g_strdup(row->keywords[i]));
    for (guint i = 0; effect->tags && effect->tags[i]; i++)
        if (!row->keywords || !g_strv_contains((const char *const *)row->keywords, effect->tags[i]))
            g_ptr_array_add(words, g_strdup(effect->tags[i]));
    g_ptr_array_add(words, NULL);
    g_strfreev(*words_out);
    row->keywords = *words_out = (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

void overlay_row(const Overlay *overlay, StoreRow *row, char ***keywords_out)
{
    *keywords_out = NULL;
    for (guint i = 0; i < overlay->changes->len; i++) {
        const OverlayEffect *effect = effect_at(overlay, i);
        if (!effect->targets)
            continue;
        count_thread(effect, row);
        if (!selection_has(effect->targets, row->anchor.id))
            continue;
        row->flags = (row->flags | effect->set) & ~effect->clear;
        if (effect->tags || effect->untags)
            change_keywords(effect, row, keywords_out);
    }
}

gboolean overlay_is_gone(const Overlay *overlay, gint64 folder_id, gint64 id, uint32_t flags,
                         gboolean is_fresh)
{
    for (guint i = 0; i < overlay->changes->len; i++) {
        const OverlayEffect *effect = effect_at(overlay, i);
        const gboolean is_known = is_fresh && g_array_index(overlay->changes, Change, i).is_settled;
        if (is_known || !effect->targets || !selection_has(effect->targets, id))
            continue;
        if (effect->is_gone && effect->targets->folder_id == folder_id &&
            (flags & effect->only) == effect->only)
            return TRUE;
        flags = (flags | effect->set) & ~effect->clear;
    }
    return FALSE;
}

void overlay_counts(const Overlay *overlay, gint64 folder_id, int *messages_out, int *unread_out)
{
    *messages_out = *unread_out = 0;
    for (guint i = 0; i < overlay->changes->len; i++) {
        const OverlayEffect *effect = effect_at(overlay, i);
        if (effect->targets && effect->targets->folder_id == folder_id) {
            gboolean is_counted = effect->is_gone || (effect->set | effect->clear) & STORE_SEEN;
            *messages_out -= effect->is_gone ? effect->messages : 0;
            *unread_out -= is_counted ? effect->unread : 0;
        }
        if (effect->to_folder == folder_id) {
            *messages_out += effect->messages;
            *unread_out += effect->unread;
        }
    }
}

int overlay_unread(const Overlay *overlay, gint64 folder_id)
{
    int messages, unread;

    overlay_counts(overlay, folder_id, &messages, &unread);
    return unread;
}

/* ---- settled ---- */

gboolean overlay_settle(Overlay *overlay, GError **error)
{
    gboolean is_any = FALSE;
    Job *job;

    while ((job = queue_try_pop(overlay->answers->queue))) {
        is_any = TRUE;
        for (guint i = 0; i < overlay->changes->len; i++) {
            Change *change = &g_array_index(overlay->changes, Change, i);
            if (change->serial == job->serial)
                change->is_settled = TRUE;
        }
        if (job->done)
            job->done(job->data, job->error);
        else if (job->error && error && !*error)
            *error = g_steal_pointer(&job->error);
        job_free(job);
    }
    return is_any;
}

void overlay_drop(Overlay *overlay)
{
    for (guint i = overlay->changes->len; i-- > 0;)
        if (g_array_index(overlay->changes, Change, i).is_settled)
            g_array_remove_index(overlay->changes, i);
}
