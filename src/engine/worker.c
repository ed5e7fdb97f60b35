/* worker.c - see worker.h. */
#include "engine/worker.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"
#include "base/thread.h"
#include "engine/link.h"
#include "engine/sync_imap.h"
#include "maildir/cache.h"

#include <poll.h>
#include <pthread.h>

/* Events of progress are at least so far apart: nobody reads faster. */
#define PROGRESS_US (SECOND_US / 10)
/* How long a reader of a worker waits for another process's commit. */
#define READER_BUSY_MS 5000
/* Structures (numbers of attachments) that are asked for in one piece, when there is nothing else to do. */
#define STRUCTURES_AT_ONCE 200

typedef enum { URGENCY_FETCH, URGENCY_OPEN, URGENCY_ASKED, URGENCY_BEHIND, URGENCIES } Urgency;

typedef struct {
    EngineRequest *request;
    gboolean is_cancelled;
    gboolean is_silent; /* filling in behind: nobody hears of its end */
} Task;

struct Worker {
    WorkerContext context;
    Thread *thread;
    StoreReader *reader;
    Wake *wake;     /* tasks came, or the writer has room */
    Cancel *cancel; /* the end of the worker */

    pthread_mutex_t lock; /* the next three */
    GQueue tasks[URGENCIES];
    Task *running[URGENCIES]; /* a more urgent one may run within another */
    Cancel *link_cancel;      /* of the connection, or of its being made */

    /* From here on the thread's own. */
    ImapSession *session;
    int depth;             /* tasks within tasks */
    gboolean is_link_lost; /* by a task within another, which still holds the session */
    int64_t progress_us;
    EngineState state;
};

/* ---- telling ---- */

static void post(Worker *worker, EngineEvent *event)
{
    worker->context.post(event, worker->context.data);
}

static void post_state(Worker *worker, EngineState state, const char *what, int64_t done, int64_t total,
                       const GError *error)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_STATE, 0, worker_account(worker));

    worker->state = state;
    event->state = state;
    event->what = g_strdup(what);
    event->done = done;
    event->total = total;
    event->error = error ? g_error_copy(error) : NULL;
    post(worker, event);
}

static void post_done(Worker *worker, const Task *task, GError *error)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_DONE, task->request->id, worker_account(worker));

    event->error = error;
    post(worker, event);
}

static void post_folder(Worker *worker, const Task *task, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *error)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_FOLDER, task->request->id, worker_account(worker));

    event->folder = g_strdup(folder->name);
    event->new_messages = result->changes.added;
    event->changed = result->changes.changed;
    event->removed = result->changes.removed;
    event->messages = (int)MIN(result->messages, (uint32_t)G_MAXINT);
    event->bytes = result->bytes;
    event->seconds = (double)(clock_now_us() - began_us) / (double)SECOND_US;
    event->error = error ? g_error_copy(error) : NULL;
    post(worker, event);
}

static void on_alert(const char *text, void *data)
{
    Worker *worker = data;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_ALERT, 0, worker_account(worker));

    event->what = g_strdup(text);
    post(worker, event);
}

/* ---- tasks ---- */

static Urgency urgency_of(const Task *task)
{
    static const Urgency BY_VERB[] = {[ENGINE_VERB_SYNC] = URGENCY_ASKED,
                                      [ENGINE_VERB_OPEN_FOLDER] = URGENCY_OPEN,
                                      [ENGINE_VERB_FETCH] = URGENCY_FETCH,
                                      [ENGINE_VERB_CHECK] = URGENCY_ASKED};

    return task->is_silent ? URGENCY_BEHIND : BY_VERB[task->request->verb];
}

static void free_task(Task *task)
{
    engine_request_free(task->request);
    g_free(task);
}

static void push_task(Worker *worker, Task *task)
{
    pthread_mutex_lock(&worker->lock);
    g_queue_push_tail(&worker->tasks[urgency_of(task)], task);
    pthread_mutex_unlock(&worker->lock);
    wake_set(worker->wake);
}

/* The most urgent task that is more urgent than `than`, or NULL. */
static Task *pop_task(Worker *worker, Urgency than)
{
    Task *task = NULL;

    pthread_mutex_lock(&worker->lock);
    for (Urgency urgency = 0; urgency < than && !task; urgency++)
        task = g_queue_pop_head(&worker->tasks[urgency]);
    if (task)
        worker->running[urgency_of(task)] = task;
    pthread_mutex_unlock(&worker->lock);
    return task;
}

static gboolean has_task(Worker *worker, Urgency than)
{
    gboolean has = FALSE;

    pthread_mutex_lock(&worker->lock);
    for (Urgency urgency = 0; urgency < than && !has; urgency++)
        has = worker->tasks[urgency].length > 0;
    pthread_mutex_unlock(&worker->lock);
    return has;
}

static void end_task(Worker *worker, Task *task, GError *error)
{
    pthread_mutex_lock(&worker->lock);
    worker->running[urgency_of(task)] = NULL;
    pthread_mutex_unlock(&worker->lock);
    if (task->is_silent)
        g_clear_error(&error);
    else
        post_done(worker, task, error);
    free_task(task);
}

static gboolean check_cancelled(Worker *worker, const Task *task, GError **error)
{
    pthread_mutex_lock(&worker->lock);
    gboolean cancelled = task->is_cancelled;
    pthread_mutex_unlock(&worker->lock);
    if (cancelled)
        tern_error_set(error, TERN_ERROR_CANCELLED, _("cancelled"));
    return !cancelled && !cancel_check(worker->cancel, error);
}

static gboolean is_filling_in(Worker *worker, int64_t folder_id)
{
    gboolean found = FALSE;

    pthread_mutex_lock(&worker->lock);
    for (GList *at = worker->tasks[URGENCY_BEHIND].head; at && !found; at = at->next)
        found = ((Task *)at->data)->request->number == folder_id;
    pthread_mutex_unlock(&worker->lock);
    return found;
}

/* What goes on after a folder was opened, when nothing else is asked: the rest of it, and what its messages hold. */
static void fill_in_behind(Worker *worker, int64_t folder_id)
{
    if (is_filling_in(worker, folder_id))
        return;
    Task *task = g_new0(Task, 1);
    task->request = engine_request_new(ENGINE_VERB_OPEN_FOLDER, 0, worker_account(worker), NULL, folder_id);
    task->is_silent = TRUE;
    push_task(worker, task);
}

/* ---- the connection ---- */

static void close_link(Worker *worker)
{
    imap_session_free(worker->session);
    worker->session = NULL;
    worker->is_link_lost = FALSE;
    pthread_mutex_lock(&worker->lock);
    cancel_unref(worker->link_cancel);
    worker->link_cancel = NULL;
    pthread_mutex_unlock(&worker->lock);
}

static Cancel *new_link_cancel(Worker *worker)
{
    Cancel *cancel = cancel_new();

    pthread_mutex_lock(&worker->lock);
    worker->link_cancel = cancel_ref(cancel);
    if (cancel_is_triggered(worker->cancel))
        cancel_trigger(cancel);
    pthread_mutex_unlock(&worker->lock);
    return cancel;
}

/* Whether the account can be connected as it asks to be: with a mistyped pin, say, or without the proxy that it names,
 * it would be another way than the one asked for. */
static gboolean check_account(Worker *worker, GError **error)
{
    const ConfigAccount *account = worker->context.account;

    if (account->incoming.protocol != CONFIG_IMAP)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” is no IMAP account; this tern reads IMAP only"), account->id);
    else if (!account->is_usable)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” has mistakes in %s; tern config check lists them"), account->id,
                       worker->context.paths->config);
    else if (account->tunnel || account->proxy)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” asks for a %s, and this tern connects only directly; it was not "
                         "connected"),
                       account->id, account->tunnel ? "tunnel" : "proxy");
    else if (account->offline)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the account “%s” is set to offline"), account->id);
    else
        return TRUE;
    return FALSE;
}

static gboolean open_link(Worker *worker, GError **error)
{
    const ImapListener listener = {.alert = on_alert, .data = worker};

    if (worker->session)
        return TRUE;
    if (!check_account(worker, error))
        return FALSE;
    post_state(worker, ENGINE_CONNECTING, NULL, 0, 0, NULL);
    g_autoptr(Cancel) cancel = new_link_cancel(worker);
    worker->session = link_open_imap(worker->context.account, &listener, cancel, error);
    if (!worker->session)
        close_link(worker);
    return worker->session != NULL;
}

static gboolean needs_person(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_AUTH) || tern_error_is(error, TERN_ERROR_TLS) ||
           tern_error_is(error, TERN_ERROR_CONFIG);
}

/* What an error means for the connection, and what the status line says of it. */
static void after_error(Worker *worker, const GError *error)
{
    if (link_survives(error) && worker->session)
        return;
    if (worker->depth > 0) { /* the outer task tells, when it has let go of the session */
        worker->is_link_lost = TRUE;
        return;
    }
    close_link(worker);
    if (cancel_is_triggered(worker->cancel))
        return;
    post_state(worker, needs_person(error) ? ENGINE_ATTENTION : ENGINE_OFFLINE, NULL, 0, 0,
               tern_error_is(error, TERN_ERROR_CANCELLED) ? NULL : error);
}

/* ---- within a sync ---- */

typedef struct {
    Worker *worker;
    Task *task;
    gboolean was_open; /* the connection, when it began */
    gboolean is_again; /* the second try */
} Running;

static void perform(Worker *worker, Task *task);

static gboolean is_wanted(void *data)
{
    const Running *running = data;
    return has_task(running->worker, urgency_of(running->task));
}

static gboolean checkpoint(void *data, GError **error)
{
    Running *running = data;
    Worker *worker = running->worker;
    Task *urgent;

    while (!worker->is_link_lost && (urgent = pop_task(worker, urgency_of(running->task)))) {
        worker->depth++;
        perform(worker, urgent);
        worker->depth--;
    }
    if (!check_cancelled(worker, running->task, error))
        return FALSE;
    if (worker->is_link_lost) {
        tern_error_set(error, TERN_ERROR_NETWORK, _("the connection was lost"));
        return FALSE;
    }
    return TRUE;
}

static void progress(const char *folder, int64_t done, int64_t total, void *data)
{
    Worker *worker = ((Running *)data)->worker;
    const int64_t now_us = clock_now_us();

    if (now_us - worker->progress_us < PROGRESS_US)
        return;
    worker->progress_us = now_us;
    post_state(worker, ENGINE_WORKING, folder, MIN(done, total), total, NULL);
}

static SyncImap sync_of(Running *running)
{
    Worker *worker = running->worker;

    return (SyncImap){.session = worker->session,
                      .store = worker->context.store,
                      .reader = worker->reader,
                      .account = worker_account(worker),
                      .cancel = worker->cancel,
                      .room = worker->wake,
                      .checkpoint = checkpoint,
                      .is_wanted = is_wanted,
                      .progress = progress,
                      .data = running};
}

/* A connection that stood idle may have died unnoticed, and one may have been given up with a task within this one: it
 * is tried once more on a new one. */
static gboolean is_tried_again(const Running *running, const GError *failed)
{
    const Worker *worker = running->worker;

    return !running->is_again && worker->depth == 0 && (running->was_open || worker->is_link_lost) &&
           tern_error_is(failed, TERN_ERROR_NETWORK) && !cancel_is_triggered(worker->cancel);
}

static gboolean sync_one(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                         gboolean page_only, GError **error)
{
    Worker *worker = running->worker;
    SyncImap sync = sync_of(running);
    SyncResult result;
    GError *failed = NULL;
    const int64_t began_us = clock_now_us();

    if (!listed) /* a whole account's sync says what it does folder by folder as progress */
        post_state(worker, ENGINE_WORKING, folder->name, 0, 0, NULL);
    const gboolean ok = sync_imap_folder(&sync, folder, listed, page_only, &result, &failed);
    if (ok || !is_tried_again(running, failed))
        post_folder(worker, running->task, folder, &result, began_us, failed);
    if (!ok) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    return TRUE;
}

/* ---- the verbs ---- */

/* name -> ImapFolder */
static GHashTable *index_listed(const GPtrArray *listed)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < listed->len; i++) {
        ImapFolder *folder = g_ptr_array_index(listed, i);
        g_hash_table_insert(index, folder->name, folder);
    }
    return index;
}

/* All folders, the Inbox first; one that is refused (no rights, gone meanwhile) stops no other. */
static gboolean sync_all(Running *running, const GPtrArray *listed, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    g_autoptr(GHashTable) by_name = index_listed(listed);
    GError *first = NULL;

    if (!folders)
        return FALSE;
    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = g_ptr_array_index(folders, i);
        g_autoptr(GError) failed = NULL;
        const ImapFolder *in_list = g_hash_table_lookup(by_name, folder->name);
        if (!folder->selectable || !in_list)
            continue;
        if (!sync_one(running, folder, in_list, FALSE, &failed)) {
            const gboolean go_on = link_survives(failed);
            if (!first)
                first = g_steal_pointer(&failed);
            if (!go_on)
                break;
        }
    }
    if (first)
        g_propagate_error(error, first);
    return !first;
}

static gboolean do_sync(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const EngineRequest *request = running->task->request;
    SyncImap sync = sync_of(running);
    gboolean is_cut;

    post_state(worker, ENGINE_WORKING, NULL, 0, 0, NULL);
    g_autoptr(GPtrArray) listed = sync_imap_folders(&sync, &is_cut, error);
    if (!listed)
        return FALSE;
    if (is_cut)
        on_alert(_("the server has more folders than tern can keep; only those subscribed to are here"),
                 worker);
    if (!request->folder)
        return sync_all(running, listed, error);
    g_autoptr(StoreFolder) folder =
        store_read_folder(worker->reader, worker_account(worker), request->folder, error);
    if (folder) {
        g_autoptr(GHashTable) by_name = index_listed(listed);
        return sync_one(running, folder, g_hash_table_lookup(by_name, folder->name), FALSE, error);
    }
    if (error && !*error)
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no folder “%s” in the account “%s”"),
                       request->folder, worker_account(worker));
    return FALSE;
}

static gboolean fill_in_structures(Running *running, const StoreFolder *folder, GError **error)
{
    SyncImap sync = sync_of(running);
    int done;

    do {
        if (!checkpoint(running, error) ||
            !sync_imap_structures(&sync, folder, STRUCTURES_AT_ONCE, &done, error))
            return FALSE;
    } while (done > 0);
    return TRUE;
}

/* Asked for by a person: what is new, or the first page. Behind: everything. */
static gboolean do_open_folder(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const gboolean is_behind = running->task->is_silent;
    g_autoptr(StoreFolder) folder =
        store_read_folder_by_id(worker->reader, running->task->request->number, error);

    if (!folder) {
        if (error && !*error)
            tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
        return FALSE;
    }
    if (!sync_one(running, folder, NULL, !is_behind, error))
        return FALSE;
    if (is_behind)
        return fill_in_structures(running, folder, error);
    fill_in_behind(worker, folder->id);
    return TRUE;
}

static gboolean fetch_into_cache(Worker *worker, const StoreMessage *message, GError **error)
{
    int64_t bytes;
    gboolean found;
    CacheFile *file = cache_file_new(worker->context.paths->cache, message->id, error);

    if (!file)
        return FALSE;
    if (!imap_fetch_body(worker->session, message->uid, cache_file_fd(file), &found, &bytes, error)) {
        cache_file_discard(file);
        return FALSE;
    }
    if (!found) {
        cache_file_discard(file);
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not on the server any more"));
        return FALSE;
    }
    return cache_file_commit(file, error);
}

static gboolean do_fetch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;
    ImapSelected selected;

    g_autoptr(StoreMessage) message = store_read_message(worker->reader, id, error);
    if (!message) {
        if (error && !*error)
            tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT), id);
        return FALSE;
    }
    g_autofree char *here = cache_find(worker->context.paths->cache, id);
    if (here)
        return TRUE;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, message->folder_id, error);
    if (!folder)
        return FALSE;
    const char *now = imap_session_selected(worker->session);
    if (!now || !g_str_equal(now, folder->raw_name)) {
        if (!imap_select(worker->session, folder->raw_name, TRUE, &selected, error))
            return FALSE;
        if (selected.uid_validity != folder->sync.uid_validity) {
            tern_error_set(error, TERN_ERROR_REFUSED,
                           _("the folder “%s” was replaced on the server; sync it again"), folder->name);
            return FALSE;
        }
    }
    return fetch_into_cache(worker, message, error);
}

static gboolean do_check(Running *running, GError **error)
{
    return imap_noop(running->worker->session, error);
}

static void post_fetched(Worker *worker, const Task *task, const GError *error)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_FETCHED, task->request->id, worker_account(worker));

    event->message_id = task->request->number;
    event->error = error ? g_error_copy(error) : NULL;
    post(worker, event);
}

static gboolean run_task(Running *running, GError **error)
{
    static gboolean (*const VERBS[])(Running * running,
                                     GError * *error) = {[ENGINE_VERB_SYNC] = do_sync,
                                                         [ENGINE_VERB_OPEN_FOLDER] = do_open_folder,
                                                         [ENGINE_VERB_FETCH] = do_fetch,
                                                         [ENGINE_VERB_CHECK] = do_check};

    return check_cancelled(running->worker, running->task, error) && open_link(running->worker, error) &&
           VERBS[running->task->request->verb](running, error);
}

static gboolean run_task_again(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GError) failed = NULL;

    running->was_open = worker->session != NULL;
    if (run_task(running, &failed))
        return TRUE;
    if (!is_tried_again(running, failed)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    running->is_again = TRUE;
    close_link(worker);
    return run_task(running, error);
}

static void perform(Worker *worker, Task *task)
{
    Running running = {.worker = worker, .task = task};
    GError *error = NULL;

    const gboolean ok = run_task_again(&running, &error);
    if (task->request->verb == ENGINE_VERB_FETCH)
        post_fetched(worker, task, error);
    if (!ok)
        after_error(worker, error);
    if (worker->session && worker->depth == 0)
        post_state(worker, ENGINE_IDLE, NULL, 0, 0, NULL);
    end_task(worker, task, error);
}

/* ---- the thread ---- */

/* With nothing to do: until there is, or the server says something (BYE, most likely). */
static void idle(Worker *worker)
{
    g_autoptr(GError) error = NULL;

    if (!worker->session) {
        struct pollfd fds[] = {{wake_fd(worker->wake), POLLIN, 0}, {cancel_fd(worker->cancel), POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), -1);
        return;
    }
    const int ready =
        net_stream_wait(imap_session_stream(worker->session), worker->wake, DEADLINE_NONE, &error);
    if (ready & NET_WOKEN)
        return;
    if (ready == NET_ERROR || !imap_noop(worker->session, &error))
        after_error(worker, error);
}

static void run(void *data)
{
    Worker *worker = data;

    while (!cancel_is_triggered(worker->cancel)) {
        Task *task = pop_task(worker, URGENCIES);
        if (task) {
            perform(worker, task);
            continue;
        }
        wake_clear(worker->wake);
        if (!has_task(worker, URGENCIES))
            idle(worker);
    }
    close_link(worker);
}

Worker *worker_new(const WorkerContext *context, GError **error)
{
    Worker *worker = g_new0(Worker, 1);

    worker->context = *context;
    worker->wake = wake_new();
    worker->cancel = cancel_new();
    pthread_mutex_init(&worker->lock, NULL);
    for (int i = 0; i < URGENCIES; i++)
        g_queue_init(&worker->tasks[i]);
    worker->reader = store_reader_new(context->store, READER_BUSY_MS, error);
    store_set_bulk_room(context->store, worker->wake);
    if (worker->reader)
        worker->thread = thread_start("worker", STACK_WORKER_BYTES, run, worker, error);
    if (!worker->thread) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

const char *worker_account(const Worker *worker)
{
    return worker->context.account->id;
}

void worker_submit(Worker *worker, EngineRequest *request)
{
    Task *task = g_new0(Task, 1);

    task->request = request;
    push_task(worker, task);
}

/* Takes the waiting tasks of a request out, to be ended by the caller; running ones are marked. */
static GQueue take_cancelled(Worker *worker, guint64 request)
{
    GQueue taken = G_QUEUE_INIT;

    pthread_mutex_lock(&worker->lock);
    for (int i = 0; i < URGENCIES; i++) {
        for (GList *at = worker->tasks[i].head, *next; at; at = next) {
            next = at->next;
            if (((Task *)at->data)->request->id == request) {
                g_queue_push_tail(&taken, at->data);
                g_queue_delete_link(&worker->tasks[i], at);
            }
        }
        Task *task = worker->running[i];
        if (task && task->request->id == request) {
            task->is_cancelled = TRUE;
            /* Whoever waits for a connection, or for a silent server, would not look at the mark. */
            if (worker->link_cancel)
                cancel_trigger(worker->link_cancel);
        }
    }
    pthread_mutex_unlock(&worker->lock);
    return taken;
}

void worker_cancel(Worker *worker, guint64 request)
{
    GQueue taken = take_cancelled(worker, request);
    Task *task;

    while ((task = g_queue_pop_head(&taken))) {
        post_done(worker, task, g_error_new_literal(TERN_ERROR, TERN_ERROR_CANCELLED, _("cancelled")));
        free_task(task);
    }
}

void worker_stop(Worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    cancel_trigger(worker->cancel);
    if (worker->link_cancel)
        cancel_trigger(worker->link_cancel);
    pthread_mutex_unlock(&worker->lock);
    wake_set(worker->wake);
}

void worker_free(Worker *worker)
{
    Task *task;

    if (!worker)
        return;
    if (worker->thread)
        worker_stop(worker);
    thread_join(worker->thread);
    for (int i = 0; i < URGENCIES; i++)
        while ((task = g_queue_pop_head(&worker->tasks[i])))
            free_task(task);
    store_unset_bulk_room(worker->context.store, worker->wake);
    store_reader_free(worker->reader);
    cancel_unref(worker->cancel);
    wake_unref(worker->wake);
    pthread_mutex_destroy(&worker->lock);
    g_free(worker);
}
