/* control.c - see control.h. The thread: what comes to it, and from where. */
#include "engine/control.h"
#include "base/error.h"
#include "engine/control_private.h"
#include "engine/doorway.h"

#include <poll.h>

/* After there was no descriptor for who knocks: how long he, and everybody else, waits. */
#define DOOR_PAUSE_US SECOND_US
/* What the dispatcher's own end may take, past that of its workers, before it is given up. */
#define OWN_END_US (SECOND_US / 2)

/* What comes to the dispatcher from other threads: one of the three. */
typedef struct {
    EngineRequest *request;
    EngineEvent *event;
    guint crew;                   /* of the worker that the event comes from */
    int64_t arrived_in, after_id; /* new messages: the folder, 0: none */
    uint32_t first_uid;
} Message;

static void free_message(void *data)
{
    Message *message = data;

    engine_request_free(message->request);
    engine_event_free(message->event);
    g_free(message);
}

void control_post(EngineEvent *event, guint crew, void *data)
{
    Control *control = data;
    Message *message = g_new0(Message, 1);

    message->event = event;
    message->crew = crew;
    if (!queue_try_push(control->inbox, message))
        free_message(message);
}

void control_post_arrival(int64_t folder_id, uint32_t first_uid, int64_t after_id, void *data)
{
    Control *control = data;
    Message *message = g_new0(Message, 1);

    message->arrived_in = folder_id;
    message->first_uid = first_uid;
    message->after_id = after_id;
    if (!queue_try_push(control->inbox, message))
        free_message(message);
}

static gboolean wants_role(const Control *control)
{
    return control->role == ROLE_NONE && !control->context.offline && !control->is_parked;
}

static void on_offline(Control *control, gboolean offline)
{
    control->context.offline = offline;
    if (offline) {
        control_give_up_role(control);
        control_dispatch_all(control); /* which refuses them */
    }
    control->seek_at_us = 0;
}

static void on_park(Control *control, gboolean park)
{
    control->is_parked = park;
    control->seek_at_us = 0;
    if (!park) {
        control_start_disks(control);
    } else {
        control_stop_disks(control);
        control_give_up_role(control);
        control->context.deliver(engine_event_new(ENGINE_EVENT_PARKED, 0, NULL), control->context.data);
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
    case ENGINE_VERB_COPIES:
        control_file_copies(control, request->account);
        break;
    default:
        control_on_request(control, request, NULL);
        return;
    }
    engine_request_free(request);
}

static void read_inbox(Control *control)
{
    Message *message;

    wake_clear(queue_wake(control->inbox));
    while ((message = queue_try_pop(control->inbox))) {
        /* What workers that were stopped still had to say ("cancelled") is about a try that will be made
         * again. */
        if (message->event && (message->crew == control->crew || message->crew == CONTROL_DISK_CREW))
            control_on_worker_event(control, g_steal_pointer(&message->event));
        if (message->arrived_in && control->notifier)
            notifier_arrived(control->notifier, message->arrived_in, message->first_uid, message->after_id);
        if (message->request)
            on_own_request(control, g_steal_pointer(&message->request));
        free_message(message);
    }
}

static void accept_peer(Control *control)
{
    gboolean is_full;
    const int fd = doorway_accept(control->door_fd, &is_full);

    if (is_full) /* he stays in the queue, so the door stays readable */
        control->door_at_us = clock_now_us() + DOOR_PAUSE_US;
    if (fd < 0)
        return;
    Peer *peer = peer_new(fd);
    g_ptr_array_add(control->peers, peer);
    control_tell_states(control, peer);
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
        control_on_request(control, request, peer);
    }
    if (!alive || peer_is_broken(peer) || !peer_flush(peer))
        control_drop_peer(control, peer);
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
        control_on_upstream_event(control, event);
    }
    if (!alive || peer_is_broken(peer) || !peer_flush(peer)) {
        control_give_up_role(control); /* and take over, with what is still open */
        control->seek_at_us = 0;
    }
}

static void add_fd(GArray *fds, int fd, short events)
{
    const struct pollfd entry = {fd, events, 0};
    g_array_append_val(fds, entry);
}

static int64_t next_look_us(const Control *control)
{
    const int64_t seek_at_us = wants_role(control) ? control->seek_at_us : DEADLINE_NONE;

    const int64_t news_us = control->netwatch ? netwatch_due_us(control->netwatch) : DEADLINE_NONE;

    return MIN(MIN(MIN(seek_at_us, news_us), control_holder_due_us(control)),
               control->door_at_us ? control->door_at_us : DEADLINE_NONE);
}

/* At each wake, whatever it was. */
static void look_at_network(Control *control)
{
    const NetWatchNews news =
        control->netwatch ? netwatch_look(control->netwatch, clock_now_us()) : NETWATCH_NOTHING;

    if (news & NETWATCH_SLEPT)
        control_nudge(control, NULL, LINK_NUDGE_SLEPT);
    if (news & NETWATCH_NETWORK)
        control_nudge(control, NULL, LINK_NUDGE_NETWORK);
}

static void wait_and_serve(Control *control)
{
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    g_autoptr(GPtrArray) peers = g_ptr_array_new(); /* as they are now: serving one may drop it */

    if (clock_now_us() >= control->door_at_us)
        control->door_at_us = 0;
    g_ptr_array_extend(peers, control->peers, NULL, NULL);
    add_fd(fds, wake_fd(queue_wake(control->inbox)), POLLIN);
    add_fd(fds, control->door_at_us ? -1 : control->door_fd, POLLIN);
    add_fd(fds, control->upstream ? peer_fd(control->upstream) : -1,
           control->upstream ? peer_poll_events(control->upstream) : 0);
    for (guint i = 0; i < peers->len; i++)
        add_fd(fds, peer_fd(g_ptr_array_index(peers, i)), peer_poll_events(g_ptr_array_index(peers, i)));
    if (control->netwatch) {
        struct pollfd news[NETWATCH_FDS];
        netwatch_fds(control->netwatch, news);
        g_array_append_vals(fds, news, NETWATCH_FDS);
    }
    struct pollfd *ready = (struct pollfd *)(void *)fds->data;
    if (poll(ready, fds->len, clock_timeout_ms(next_look_us(control))) < 0)
        return;
    for (guint i = 0; i < peers->len; i++)
        if (ready[3 + i].revents)
            serve_peer(control, g_ptr_array_index(peers, i));
    if (ready[2].revents)
        hear_upstream(control);
    if (ready[1].revents)
        accept_peer(control);
    look_at_network(control);
    read_inbox(control);
}

static void run(void *data)
{
    Control *control = data;

    control_start_disks(control);
    while (!control->is_stopping) {
        if (wants_role(control) && clock_now_us() >= control->seek_at_us)
            control_seek_role(control);
        if (clock_now_us() >= control_holder_due_us(control))
            control_look_at_holder(control);
        wait_and_serve(control);
    }
    control_stop_disks(control);
    control_give_up_role(control);
    store_reader_free(control->reader);
    wake_set(control->ended);
}

static void free_control(Control *control)
{
    thread_join(control->thread);
    g_ptr_array_unref(control->workers);
    g_ptr_array_unref(control->disks);
    g_ptr_array_unref(control->leaving);
    g_ptr_array_unref(control->leaving_mailrooms);
    g_ptr_array_unref(control->peers);
    g_hash_table_unref(control->open);
    g_hash_table_unref(control->states);
    g_clear_error(&control->error);
    wake_unref(control->worker_ended);
    wake_unref(control->ended);
    queue_free(control->inbox);
    g_free(control);
}

Control *control_start(const ControlContext *context, GError **error)
{
    Control *control = g_new0(Control, 1);

    control->context = *context;
    control->inbox = queue_new(0, free_message);
    control->door_fd = -1;
    control->workers = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
    control->disks = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
    control->leaving = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
    control->leaving_mailrooms = g_ptr_array_new_with_free_func((GDestroyNotify)mailroom_free);
    control->worker_ended = wake_new();
    control->ended = wake_new();
    control->peers = g_ptr_array_new_with_free_func((GDestroyNotify)peer_free);
    control_requests_init(control);
    control->thread = thread_start("engine", 0, run, control, error);
    if (!control->thread) {
        free_control(control);
        return NULL;
    }
    return control;
}

gboolean control_stop(Control *control)
{
    struct pollfd ended = {wake_fd(control->ended), POLLIN, 0};

    control_request(control, engine_request_new(ENGINE_VERB_STOP, 0, NULL, NULL, 0));
    if (poll(&ended, 1, (int)((CONTROL_STOP_US + OWN_END_US) / 1000)) != 1)
        return FALSE;
    thread_join(control->thread);
    control->thread = NULL;
    if (control->leaving->len || control->leaving_mailrooms->len)
        return FALSE;
    free_control(control);
    return TRUE;
}

void control_request(Control *control, EngineRequest *request)
{
    Message *message = g_new0(Message, 1);

    message->request = request;
    if (!queue_push(control->inbox, message))
        free_message(message);
}
