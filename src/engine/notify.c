/* notify.c - see notify.h. */
#include "engine/notify.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/spawn.h"
#include "base/thread.h"
#include "engine/event.h"
#include "store/read.h"

#include <poll.h>
#include <pthread.h>

/* What comes within that time is told together. */
#define MERGE_US SECOND_US
/* What a notification command may take. */
#define COMMAND_US (30 * SECOND_US)
/* How long the reader waits for another process's commit. */
#define READER_BUSY_MS 5000
/* Messages whose being told is remembered. */
#define MOST_TOLD 10000

/* What is still to be told of a folder. */
typedef struct {
    int64_t folder_id, after_id, due_us;
    uint32_t first_uid;
} Waiting;

struct Notifier {
    gatomicrefcount references;
    const Config *config;
    Store *store;
    NotifyPost post;
    Wake *wake;
    Cancel *cancel;
    Thread *thread;
    pthread_mutex_t lock; /* the next two */
    GArray *waiting;      /* Waiting */
    gboolean is_stopping;

    /* The thread's own. */
    StoreReader *reader; /* NULL until it is needed */
    char *told;          /* what was said of the command last; NULL: nothing */
    GHashTable
        *bodies; /* int64_t *: body_id of what was told last, as far as it may come again in another folder */
};

/* ---- telling ---- */

static void post(Notifier *notifier, EngineEvent *event)
{
    notifier->post.post(event, notifier->post.crew, notifier->post.data);
}

/* The same trouble is told once. */
static void tell_trouble(Notifier *notifier, const GError *error)
{
    if (tern_error_is(error, TERN_ERROR_CANCELLED) || g_strcmp0(notifier->told, error->message) == 0)
        return;
    g_free(notifier->told);
    notifier->told = g_strdup(error->message);
    EngineEvent *event = engine_event_new(ENGINE_EVENT_ALERT, 0, NULL);
    event->what = g_strdup_printf(_("notify-command: %s"), error->message);
    post(notifier, event);
}

static void run_command(Notifier *notifier, const NotifyNews *news)
{
    const char *command = config_string(notifier->config, "notify-command");
    g_autoptr(GError) error = NULL;

    if (!command || !*command)
        return;
    g_auto(GStrv) words = notify_words(command, news, &error);
    g_auto(GStrv) environment = notify_environment(news);
    if (words && spawn_argv((const char *const *)words, (const char *const *)environment,
                            clock_now_us() + COMMAND_US, notifier->cancel, &error))
        g_clear_pointer(&notifier->told, g_free);
    else
        tell_trouble(notifier, error);
}

static char *sender_of(const StoreMessage *message)
{
    const StoreAddress *from = message->from->len ? message->from->pdata[0] : NULL;
    const char *name = from && from->name && *from->name ? from->name : from ? from->address : NULL;

    return sanitise(name ? name : "", -1, SANITISE_LINE);
}

static void tell(Notifier *notifier, const StoreFolder *folder, const StoreMessage *newest, int count)
{
    g_autofree char *from = sender_of(newest);
    g_autofree char *subject = sanitise(newest->subject ? newest->subject : "", -1, SANITISE_LINE);
    g_autofree char *name = sanitise(folder->name, -1, SANITISE_LINE);
    const NotifyNews news = {.account = folder->account,
                             .folder = name,
                             .from = from,
                             .subject = subject,
                             .count = count,
                             .id = newest->id};
    EngineEvent *event = engine_event_new(ENGINE_EVENT_ARRIVED, 0, folder->account);

    event->folder = g_strdup(folder->name);
    event->what = notify_sentence(&news);
    event->message_id = newest->id;
    event->new_messages = count;
    post(notifier, event);
    run_command(notifier, &news);
}

/* Leaves out what was told already in another folder (Gmail's All Mail, a label). */
static void leave_out_told(Notifier *notifier, GArray *ids)
{
    guint kept = 0;

    if (g_hash_table_size(notifier->bodies) > MOST_TOLD)
        g_hash_table_remove_all(notifier->bodies);
    for (guint i = 0; i < ids->len; i++) {
        int64_t body;
        const StoreUid one = g_array_index(ids, StoreUid, i);
        const int found = store_read_shared_body(notifier->reader, one.id, &body, NULL);
        if (found != 1 || g_hash_table_add(notifier->bodies, g_memdup2(&body, sizeof body)))
            g_array_index(ids, StoreUid, kept++) = one;
    }
    g_array_set_size(ids, kept);
}

/* What of it is unread now; nothing where the store cannot be read: a notification is not worth an error. */
static void look(Notifier *notifier, const Waiting *waiting)
{
    if (!notifier->reader)
        notifier->reader = store_reader_new(notifier->store, READER_BUSY_MS, NULL);
    if (!notifier->reader)
        return;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(notifier->reader, waiting->folder_id, NULL);
    g_autoptr(GArray) ids = folder ? store_read_unread_from(notifier->reader, waiting->folder_id,
                                                            waiting->first_uid, waiting->after_id, NULL)
                                   : NULL;
    if (ids)
        leave_out_told(notifier, ids);
    if (!ids || !ids->len)
        return;
    g_autoptr(StoreMessage) newest =
        store_read_message(notifier->reader, g_array_index(ids, StoreUid, ids->len - 1).id, NULL);
    if (newest)
        tell(notifier, folder, newest, (int)ids->len);
}

/* ---- the thread ---- */

/* The first that is due, taken out of those that wait; else when to look again. FALSE: it is to end. */
static gboolean next_due(Notifier *notifier, Waiting *due, gboolean *has_due, int64_t *again_us)
{
    const int64_t now_us = clock_now_us();

    *has_due = FALSE;
    *again_us = DEADLINE_NONE;
    pthread_mutex_lock(&notifier->lock);
    for (guint i = 0; i < notifier->waiting->len && !*has_due; i++) {
        const Waiting *waiting = &g_array_index(notifier->waiting, Waiting, i);
        *again_us = MIN(*again_us, waiting->due_us);
        if (waiting->due_us > now_us)
            continue;
        *due = *waiting;
        *has_due = TRUE;
        g_array_remove_index(notifier->waiting, i);
    }
    const gboolean goes_on = !notifier->is_stopping;
    pthread_mutex_unlock(&notifier->lock);
    return goes_on;
}

static void run(void *data)
{
    Notifier *notifier = data;
    Waiting due;
    gboolean has_due;
    int64_t again_us;

    wake_clear(notifier->wake);
    while (next_due(notifier, &due, &has_due, &again_us)) {
        if (has_due) {
            look(notifier, &due);
        } else {
            struct pollfd woken = {wake_fd(notifier->wake), POLLIN, 0};
            poll(&woken, 1, clock_timeout_ms(again_us));
        }
        wake_clear(notifier->wake);
    }
    store_reader_free(g_steal_pointer(&notifier->reader));
}

/* ---- for others ---- */

Notifier *notifier_start(const Config *config, Store *store, const NotifyPost *post_to, GError **error)
{
    Notifier *notifier = g_new0(Notifier, 1);

    g_atomic_ref_count_init(&notifier->references);
    notifier->config = config;
    notifier->store = store;
    notifier->post = *post_to;
    notifier->wake = wake_new();
    notifier->cancel = cancel_new();
    notifier->waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
    notifier->bodies = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    pthread_mutex_init(&notifier->lock, NULL);
    notifier->thread = thread_start("notify", 0, run, notifier, error);
    if (notifier->thread)
        return notifier;
    notifier_unref(notifier);
    return NULL;
}

void notifier_end(Notifier *notifier)
{
    if (!notifier)
        return;
    pthread_mutex_lock(&notifier->lock);
    notifier->is_stopping = TRUE;
    pthread_mutex_unlock(&notifier->lock);
    cancel_trigger(notifier->cancel);
    wake_set(notifier->wake);
}

void notifier_stop(Notifier *notifier)
{
    if (!notifier)
        return;
    notifier_end(notifier);
    thread_join(notifier->thread);
    notifier_unref(notifier);
}

Notifier *notifier_ref(Notifier *notifier)
{
    g_atomic_ref_count_inc(&notifier->references);
    return notifier;
}

void notifier_unref(Notifier *notifier)
{
    if (!notifier || !g_atomic_ref_count_dec(&notifier->references))
        return;
    wake_unref(notifier->wake);
    cancel_unref(notifier->cancel);
    g_array_unref(notifier->waiting);
    pthread_mutex_destroy(&notifier->lock);
    g_hash_table_unref(notifier->bodies);
    g_free(notifier->told);
    g_free(notifier);
}

void notifier_arrived(Notifier *notifier, int64_t folder_id, uint32_t first_uid, int64_t after_id)
{
    const Waiting news = {folder_id, after_id, clock_now_us() + MERGE_US, first_uid};
    gboolean is_known = FALSE;

    pthread_mutex_lock(&notifier->lock);
    for (guint i = 0; i < notifier->waiting->len; i++) {
        Waiting *waiting = &g_array_index(notifier->waiting, Waiting, i);
        if (waiting->folder_id != folder_id)
            continue;
        waiting->first_uid = MIN(waiting->first_uid, first_uid);
        waiting->after_id = MIN(waiting->after_id, after_id);
        is_known = TRUE;
    }
    if (!is_known)
        g_array_append_val(notifier->waiting, news);
    pthread_mutex_unlock(&notifier->lock);
    wake_set(notifier->wake);
}
