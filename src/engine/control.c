/* control.c - see control.h. */
#include "engine/control.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/queue.h"
#include "base/thread.h"
#include "engine/doorway.h"
#include "engine/peer.h"
#include "engine/worker.h"
#include "maildir/cache.h"
#include "store/locks.h"
#include "store/read.h"

#include <poll.h>

/* Between two tries for the lock or the holder's socket. */
#define ROLE_RETRY_US (SECOND_US / 10)
#define READER_BUSY_MS 5000

typedef enum { ROLE_NONE, ROLE_HOLDER, ROLE_CLIENT } Role;

/* A request that is not answered yet. */
typedef struct {
    EngineRequest *request;
    Peer *origin;      /* who asked: another process, or NULL for this one */
    guint64 origin_id; /* its number there */
    int parts;         /* workers that have not ended their part */
    GError *error;     /* the first one */
} Open;

/* What comes to the dispatcher from other threads: one of the two. */
typedef struct {
    EngineRequest *request;
    EngineEvent *event;
    guint crew; /* of the worker that the event comes from */
} Message;

struct Control {
    ControlContext context;
    Thread *thread;
    Queue *inbox; /* Message */
    StoreReader *reader;

    Role role;
    gboolean is_parked, is_stopping;
    int64_t seek_at_us; /* when to try for a role again */
    StoreEngineLock *lock;
    int door_fd;          /* the listening socket; -1 */
    GPtrArray *workers;   /* Worker */
    guint crew;           /* how many times workers were stopped; changes only while there are none */
    GPtrArray *peers;     /* Peer, of the holder */
    Peer *upstream;       /* of a client */
    GHashTable *open;     /* id -> Open */
    GHashTable *states;   /* account -> its last STATE event */
    guint64 next_peer_id; /* requests of other processes get numbers that this one's never have */
};

/* Requests of this process count up from 1, those of peers from here. */
#define PEER_IDS (G_GUINT64_CONSTANT(1) << 63)

static void free_open(void *data)
{
    Open *open = data;

    engine_request_free(open->request);
    g_clear_error(&open->error);
    g_free(open);
}

static void free_message(void *data)
{
    Message *message = data;

    engine_request_free(message->request);
    engine_event_free(message->event);
    g_free(message);
}

/* ---- answers and events to whom they concern ---- */

static void send_event(Peer *peer, const EngineEvent *event, guint64 id)
{
    EngineEvent as_theirs = *event;

    as_theirs.request = id;
    engine_event_encode(&as_theirs, peer_out(peer));
    peer_flush(peer); /* a hang-up is noticed by the loop */
}

static gboolean is_hint(const EngineEvent *event)
{
    return event->kind != ENGINE_EVENT_DONE && event->kind != ENGINE_EVENT_FETCHED;
}

/* To its request's origin under the number it has there, hints to everybody else too. Takes the event over. */
static void route(Control *control, EngineEvent *event)
{
    const Open *open = event->request ? g_hash_table_lookup(control->open, &event->request) : NULL;
    const gboolean for_all = is_hint(event);

    for (guint i = 0; control->role == ROLE_HOLDER && i < control->peers->len; i++) {
        Peer *peer = g_ptr_array_index(control->peers, i);
        const gboolean is_origin = open && open->origin == peer;
        if (is_origin || (for_all && !peer_is_slow(peer)))
            send_event(peer, event, is_origin ? open->origin_id : 0);
    }
    if (open ? !open->origin || for_all : for_all) {
        if (!open || open->origin)
            event->request = 0;
        control->context.deliver(event, control->context.data);
    } else {
        engine_event_free(event);
    }
}

static void finish(Control *control, Open *open)
{
    EngineEvent *done = engine_event_new(ENGINE_EVENT_DONE, open->request->id, open->request->account);

    done->error = g_steal_pointer(&open->error);
    const guint64 id = open->request->id;
    route(control, done);
    g_hash_table_remove(control->open, &id);
}

static void fail(Control *control, Open *open, TernErrorKind kind, const char *sentence)
{
    g_clear_error(&open->error);
    open->error = g_error_new_literal(TERN_ERROR, (int)kind, sentence);
    finish(control, open);
}

static void note_state(Control *control, const EngineEvent *event)
{
    if (event->kind == ENGINE_EVENT_STATE && event->account)
        g_hash_table_replace(control->states, g_strdup(event->account), engine_event_copy(event));
}

/* From a worker. Takes it over. */
static void on_worker_event(Control *control, EngineEvent *event)
{
    note_state(control, event);
    if (event->kind != ENGINE_EVENT_DONE) {
        route(control, event);
        return;
    }
    Open *open = g_hash_table_lookup(control->open, &event->request);
    if (open) {
        if (event->error && !open->error)
            open->error = g_steal_pointer(&event->error);
        if (--open->parts <= 0)
            finish(control, open);
    }
    engine_event_free(event);
}

static void post_to_inbox(EngineEvent *event, void *data)
{
    Control *control = data;
    Message *message = g_new0(Message, 1);

    message->event = event;
    message->crew = control->crew;
    if (!queue_try_push(control->inbox, message))
        free_message(message);
}

/* ---- requests to whom they concern ---- */

/* The account that a folder or a message belongs to; NULL: gone. */
static char *account_of(Control *control, const EngineRequest *request)
{
    if (request->verb == ENGINE_VERB_FETCH) {
        g_autoptr(StoreMessage) message = store_read_message(control->reader, request->number, NULL);
        return message ? g_strdup(message->account) : NULL;
    }
    if (request->verb == ENGINE_VERB_OPEN_FOLDER) {
        g_autoptr(StoreFolder) folder = store_read_folder_by_id(control->reader, request->number, NULL);
        return folder ? g_strdup(folder->account) : NULL;
    }
    return g_strdup(request->account);
}

static void give_to_workers(Control *control, Open *open)
{
    const gboolean for_one = open->request->verb != ENGINE_VERB_SYNC || open->request->account;
    g_autofree char *account = account_of(control, open->request);
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < control->workers->len; i++) {
        Worker *worker = g_ptr_array_index(control->workers, i);
        if (!for_one || (account && g_str_equal(account, worker_account(worker))))
            g_ptr_array_add(chosen, worker);
    }
    open->parts = (int)chosen->len;
    for (guint i = 0; i < chosen->len; i++)
        worker_submit(g_ptr_array_index(chosen, i), engine_request_copy(open->request));
    if (!chosen->len)
        fail(control, open, TERN_ERROR_INPUT,
             account ? _("no account of that name is configured") : _("it is not in the store any more"));
    g_ptr_array_unref(chosen);
}

/* A message that is here needs nobody. */
static gboolean answer_from_cache(Control *control, Open *open)
{
    if (open->request->verb != ENGINE_VERB_FETCH)
        return FALSE;
    g_autofree char *path = cache_find(control->context.paths->cache, open->request->number);
    if (!path)
        return FALSE;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_FETCHED, open->request->id, open->request->account);
    event->message_id = open->request->number;
    route(control, event);
    finish(control, open);
    return TRUE;
}

static void dispatch(Control *control, Open *open)
{
    if (answer_from_cache(control, open))
        return;
    if (control->role == ROLE_HOLDER) {
        give_to_workers(control, open);
    } else if (control->role == ROLE_CLIENT) {
        engine_request_encode(open->request, peer_out(control->upstream));
        peer_flush(control->upstream);
    } else if (control->context.offline) {
        fail(control, open, TERN_ERROR_NETWORK, _("tern is offline"));
    } /* else: once there is a role again */
}

static void dispatch_all(Control *control)
{
    g_autoptr(GList) all = g_hash_table_get_values(control->open);

    for (GList *at = all; at; at = at->next)
        dispatch(control, at->data);
}

static void cancel_request(Control *control, guint64 id)
{
    Open *open = g_hash_table_lookup(control->open, &id);

    if (!open)
        return;
    if (control->role == ROLE_NONE) { /* nobody has begun with it */
        fail(control, open, TERN_ERROR_CANCELLED, _("cancelled"));
        return;
    }
    for (guint i = 0; i < control->workers->len; i++)
        worker_cancel(g_ptr_array_index(control->workers, i), id);
    if (control->role == ROLE_CLIENT) {
        g_autoptr(EngineRequest) cancel = engine_request_new(ENGINE_VERB_CANCEL, 0, NULL, NULL, (int64_t)id);
        engine_request_encode(cancel, peer_out(control->upstream));
        peer_flush(control->upstream);
    }
}

/* The number that a peer's request has here; 0: none. */
static guint64 id_of_peer(Control *control, const Peer *peer, guint64 origin_id)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, control->open);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Open *open = value;
        if (open->origin == peer && open->origin_id == origin_id)
            return open->request->id;
    }
    return 0;
}

/* Takes the request over. `origin` NULL: of this process. */
static void on_request(Control *control, EngineRequest *request, Peer *origin)
{
    if (request->verb == ENGINE_VERB_CANCEL) {
        const guint64 id = (guint64)request->number;
        cancel_request(control, origin ? id_of_peer(control, origin, id) : id);
        engine_request_free(request);
        return;
    }
    if (request->verb == ENGINE_VERB_RETRY) { /* nothing waits for its time to come yet */
        engine_request_free(request);
        return;
    }
    Open *open = g_new0(Open, 1);
    open->request = request;
    open->origin = origin;
    open->origin_id = request->id;
    if (origin)
        request->id = ++control->next_peer_id;
    g_hash_table_insert(control->open, &request->id, open);
    dispatch(control, open);
}

/* ---- roles ---- */

static gboolean start_workers(Control *control, GError **error)
{
    const GPtrArray *accounts = config_accounts(control->context.config);
    WorkerContext context = {.store = control->context.store,
                             .paths = control->context.paths,
                             .post = post_to_inbox,
                             .data = control};

    for (guint i = 0; i < accounts->len; i++) {
        context.account = g_ptr_array_index(accounts, i);
        Worker *worker = worker_new(&context, error);
        if (!worker)
            return FALSE;
        g_ptr_array_add(control->workers, worker);
    }
    return TRUE;
}

static void stop_workers(Control *control)
{
    for (guint i = 0; i < control->workers->len; i++)
        worker_stop(g_ptr_array_index(control->workers, i));
    g_ptr_array_set_size(control->workers, 0);
    control->crew++;
}

/* Whoever asked through the socket is gone, or goes elsewhere: their requests are given up. */
static void forget_peer(Control *control, const Peer *peer)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, control->open);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Open *open = value;
        if (open->origin != peer)
            continue;
        for (guint i = 0; i < control->workers->len; i++)
            worker_cancel(g_ptr_array_index(control->workers, i), open->request->id);
        g_hash_table_iter_remove(&iter);
    }
}

static void drop_peer(Control *control, Peer *peer)
{
    forget_peer(control, peer);
    g_ptr_array_remove(control->peers, peer);
}

/* No account has a connection now. */
static void tell_offline(Control *control)
{
    const GPtrArray *accounts = config_accounts(control->context.config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = g_ptr_array_index(accounts, i);
        EngineEvent *event = engine_event_new(ENGINE_EVENT_STATE, 0, account->id);
        event->state = ENGINE_OFFLINE;
        note_state(control, event);
        route(control, event);
    }
}

static void give_up_role(Control *control)
{
    const gboolean had_role = control->role != ROLE_NONE;

    stop_workers(control);
    while (control->peers->len)
        drop_peer(control, g_ptr_array_index(control->peers, 0));
    peer_free(control->upstream);
    control->upstream = NULL;
    doorway_close(control->door_fd);
    control->door_fd = -1;
    store_engine_lock_free(control->lock);
    control->lock = NULL;
    control->role = ROLE_NONE;
    if (had_role)
        tell_offline(control);
}

/* The holder, if nobody else is; else a client of whoever is; else none, to be tried again soon. FALSE: neither can be. */
static gboolean seek_role(Control *control, GError **error)
{
    GError *failed = NULL;

    control->seek_at_us = clock_now_us() + ROLE_RETRY_US;
    control->lock = store_engine_lock_try(control->context.paths, &failed);
    if (control->lock) {
        control->door_fd = doorway_open(control->context.paths, &failed);
        if (control->door_fd >= 0 && start_workers(control, &failed))
            control->role = ROLE_HOLDER;
        else
            give_up_role(control);
    } else if (!failed) {
        const int fd = doorway_connect(control->context.paths);
        if (fd >= 0) {
            control->upstream = peer_new(fd);
            control->role = ROLE_CLIENT;
        }
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (control->role != ROLE_NONE)
        dispatch_all(control);
    return TRUE;
}

static gboolean wants_role(const Control *control)
{
    return control->role == ROLE_NONE && !control->context.offline && !control->is_parked;
}

static void on_offline(Control *control, gboolean offline)
{
    control->context.offline = offline;
    if (offline) {
        give_up_role(control);
        dispatch_all(control); /* which refuses them */
    }
    control->seek_at_us = 0;
}

static void on_park(Control *control, gboolean park)
{
    control->is_parked = park;
    control->seek_at_us = 0;
    if (park) {
        give_up_role(control);
        wake_set(control->context.parked);
    }
}

/* ---- the loop ---- */

static void on_own_request(Control *control, EngineRequest *request)
{
    switch (request->verb) {
    case ENGINE_VERB_STOP:
        control->is_stopping = TRUE;
        break;
    case ENGINE_VERB_OFFLINE:
        on_offline(control, request->number != 0);
        break;
    case ENGINE_VERB_PARK:
    case ENGINE_VERB_RESUME:
        on_park(control, request->verb == ENGINE_VERB_PARK);
        break;
    default:
        on_request(control, request, NULL);
        return;
    }
    engine_request_free(request);
}

static void read_inbox(Control *control)
{
    Message *message;

    wake_clear(queue_wake(control->inbox));
    while ((message = queue_try_pop(control->inbox))) {
        /* What workers that were stopped still had to say ("cancelled") is about a try that will be made again. */
        if (message->event && message->crew == control->crew)
            on_worker_event(control, g_steal_pointer(&message->event));
        if (message->request)
            on_own_request(control, g_steal_pointer(&message->request));
        free_message(message);
    }
}

static void accept_peer(Control *control)
{
    GHashTableIter iter;
    void *state;
    const int fd = doorway_accept(control->door_fd);

    if (fd < 0)
        return;
    Peer *peer = peer_new(fd);
    g_ptr_array_add(control->peers, peer);
    g_hash_table_iter_init(&iter, control->states);
    while (g_hash_table_iter_next(&iter, NULL, &state))
        send_event(peer, state, 0);
}

/* A client of ours spoke. */
static void serve_peer(Control *control, Peer *peer)
{
    gboolean alive = peer_read(peer);
    GBytes *frame;

    while ((frame = peer_take_frame(peer))) {
        EngineRequest *request = engine_request_decode(frame);
        g_bytes_unref(frame);
        if (!request) {
            alive = FALSE;
            break;
        }
        on_request(control, request, peer);
    }
    if (!alive || peer_is_broken(peer) || !peer_flush(peer))
        drop_peer(control, peer);
}

/* The holder spoke: what it says is for us as it is. */
static void hear_upstream(Control *control)
{
    Peer *peer = control->upstream;
    gboolean alive = peer_read(peer);
    GBytes *frame;

    while ((frame = peer_take_frame(peer))) {
        EngineEvent *event = engine_event_decode(frame);
        g_bytes_unref(frame);
        if (!event) {
            alive = FALSE;
            break;
        }
        note_state(control, event);
        if (event->kind == ENGINE_EVENT_DONE)
            g_hash_table_remove(control->open, &event->request);
        control->context.deliver(event, control->context.data);
    }
    if (!alive || peer_is_broken(peer) || !peer_flush(peer)) {
        give_up_role(control); /* and take over, with what is still open */
        control->seek_at_us = 0;
    }
}

static void add_fd(GArray *fds, int fd, short events)
{
    const struct pollfd entry = {fd, events, 0};
    g_array_append_val(fds, entry);
}

static void wait_and_serve(Control *control)
{
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    g_autoptr(GPtrArray) peers = g_ptr_array_new(); /* as they are now: serving one may drop it */

    g_ptr_array_extend(peers, control->peers, NULL, NULL);
    add_fd(fds, wake_fd(queue_wake(control->inbox)), POLLIN);
    add_fd(fds, control->door_fd, POLLIN);
    add_fd(fds, control->upstream ? peer_fd(control->upstream) : -1,
           control->upstream ? peer_poll_events(control->upstream) : 0);
    for (guint i = 0; i < peers->len; i++)
        add_fd(fds, peer_fd(g_ptr_array_index(peers, i)), peer_poll_events(g_ptr_array_index(peers, i)));
    struct pollfd *ready = (struct pollfd *)(void *)fds->data;
    const int timeout_ms = wants_role(control) ? clock_timeout_ms(control->seek_at_us) : -1;
    if (poll(ready, fds->len, timeout_ms) < 0)
        return;
    for (guint i = 0; i < peers->len; i++)
        if (ready[3 + i].revents)
            serve_peer(control, g_ptr_array_index(peers, i));
    if (ready[2].revents)
        hear_upstream(control);
    if (ready[1].revents)
        accept_peer(control);
    read_inbox(control);
}

static void run(void *data)
{
    Control *control = data;

    while (!control->is_stopping) {
        if (wants_role(control) && clock_now_us() >= control->seek_at_us) {
            g_autoptr(GError) error = NULL;
            if (!seek_role(control, &error)) {
                EngineEvent *event = engine_event_new(ENGINE_EVENT_ALERT, 0, NULL);
                event->what = g_strdup(error->message);
                route(control, event);
                control->seek_at_us =
                    clock_now_us() + 10 * SECOND_US; /* a full disk does not get better at once */
            }
        }
        wait_and_serve(control);
    }
    give_up_role(control);
}

Control *control_start(const ControlContext *context, GError **error)
{
    Control *control = g_new0(Control, 1);

    control->context = *context;
    control->inbox = queue_new(0, free_message);
    control->door_fd = -1;
    control->workers = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
    control->peers = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    control->open = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_open);
    control->states =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)engine_event_free);
    control->next_peer_id = PEER_IDS;
    control->reader = store_reader_new(context->store, READER_BUSY_MS, error);
    if (control->reader && (context->offline || seek_role(control, error)))
        control->thread = thread_start("engine", 0, run, control, error);
    if (!control->thread) {
        control_stop(control);
        return NULL;
    }
    return control;
}

void control_stop(Control *control)
{
    if (control->thread) {
        control_request(control, engine_request_new(ENGINE_VERB_STOP, 0, NULL, NULL, 0));
        thread_join(control->thread);
    } else {
        give_up_role(control);
    }
    g_ptr_array_unref(control->workers);
    g_ptr_array_unref(control->peers);
    g_hash_table_unref(control->open);
    g_hash_table_unref(control->states);
    store_reader_free(control->reader);
    queue_free(control->inbox);
    g_free(control);
}

void control_request(Control *control, EngineRequest *request)
{
    Message *message = g_new0(Message, 1);

    message->request = request;
    if (!queue_push(control->inbox, message))
        free_message(message);
}
