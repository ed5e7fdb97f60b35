/* control_requests.c - see control_private.h. */
#include "auth/auth.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/control_private.h"
#include "engine/disk.h"
#include "engine/doorway.h"

#include <unistd.h>

/* Requests of this process count up from 1, those of peers from here. */
#define PEER_IDS (G_GUINT64_CONSTANT(1) << 63)
/* The holder says nothing for so long while something is asked of it: it is looked at. */
#define HOLDER_SILENT_US (5 * SECOND_US)

static void free_open(void *data)
{
    Open *open = data;

    engine_request_free(open->request);
    g_clear_error(&open->error);
    g_free(open);
}

void control_requests_init(Control *control)
{
    control->open = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_open);
    control->states =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)engine_event_free);
    control->next_peer_id = PEER_IDS;
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

/* Each time to one of the processes that tell people, this one before others: two bells for one message are
 * one too many. */
static void route_arrival(Control *control, EngineEvent *event)
{
    for (guint i = 0; !control->shows_arrivals && i < control->peers->len; i++) {
        Peer *peer = g_ptr_array_index(control->peers, i);
        if (!peer_shows_arrivals(peer) || peer_is_slow(peer))
            continue;
        send_event(peer, event, 0);
        engine_event_free(event);
        return;
    }
    control->context.deliver(event, control->context.data);
}

void control_route(Control *control, EngineEvent *event)
{
    if (event->kind == ENGINE_EVENT_ARRIVED && control->role == ROLE_HOLDER) {
        route_arrival(control, event);
        return;
    }
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
    control_route(control, done);
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

void control_on_worker_event(Control *control, EngineEvent *event)
{
    note_state(control, event);
    if (event->kind != ENGINE_EVENT_DONE) {
        control_route(control, event);
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

/* ---- requests to whom they concern ---- */

/* The account that a folder or a message belongs to; NULL: gone. */
static char *account_of(Control *control, const EngineRequest *request)
{
    if (request->verb == ENGINE_VERB_FETCH) {
        g_autoptr(StoreMessage) message = store_read_message(control->reader, request->number, NULL);
        const gboolean stands = message && message->server_account;
        return message ? g_strdup(stands ? message->server_account : message->account) : NULL;
    }
    if (request->verb == ENGINE_VERB_OPEN_FOLDER) {
        g_autoptr(StoreFolder) folder = store_read_folder_by_id(control->reader, request->number, NULL);
        return folder ? g_strdup(folder->account) : NULL;
    }
    return g_strdup(request->account);
}

static gboolean is_for_sender(const EngineRequest *request)
{
    return request->verb == ENGINE_VERB_SEND || request->verb == ENGINE_VERB_CHECK_SENDING;
}

/* Whoever asks has looked into the configuration; this process has read it before that account was there. */
static void fail_unknown(Control *control, Open *open, const char *account)
{
    g_autofree char *sentence = g_strdup_printf(_("the tern that has the connections (process %d) was "
                                                  "started before the account “%s” was configured; "
                                                  "end that one and start it again"),
                                                (int)getpid(), account);

    fail(control, open, TERN_ERROR_INPUT, sentence);
}

static void give_to_sender(Control *control, Open *open)
{
    open->parts = 1;
    if (!mailroom_submit(control->mailroom, open->request))
        fail_unknown(control, open, open->request->account);
}

static void submit_to(Open *open, Worker *worker)
{
    open->parts++;
    worker_submit(worker, engine_request_copy(open->request));
}

/* What is about folders on this disk is done by this process. FALSE: it is not. */
static gboolean give_to_disk(Control *control, Open *open)
{
    if (is_for_sender(open->request) || !control->disks->len || !control_open_reader(control, NULL))
        return FALSE;
    g_autofree char *account = account_of(control, open->request);
    Worker *worker =
        control_is_for_disk(control, open->request, account) ? control_disk_of(control, account) : NULL;
    const gboolean all_offline =
        control->context.offline && open->request->verb == ENGINE_VERB_SYNC && !open->request->account;
    if (worker)
        submit_to(open, worker);
    for (guint i = 0; all_offline && i < control->disks->len; i++)
        submit_to(open, g_ptr_array_index(control->disks, i));
    open->is_on_disk = open->parts > 0;
    return open->is_on_disk;
}

static void add_whole_disks(const Control *control, GPtrArray *chosen)
{
    for (guint i = 0; i < control->disks->len; i++) {
        Worker *worker = g_ptr_array_index(control->disks, i);
        const ConfigAccount *account = config_account(control->context.config, worker_account(worker));
        if (account && disk_is_whole(account))
            g_ptr_array_add(chosen, worker);
    }
}

static void give_to_workers(Control *control, Open *open)
{
    const gboolean for_one = open->request->verb != ENGINE_VERB_SYNC || open->request->account;
    g_autofree char *account = account_of(control, open->request);
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < control->workers->len; i++) {
        Worker *worker = g_ptr_array_index(control->workers, i);
        if (worker_works(worker) && (!for_one || (account && g_str_equal(account, worker_account(worker)))))
            g_ptr_array_add(chosen, worker);
    }
    if (!for_one)
        add_whole_disks(control, chosen);
    open->parts = 0;
    for (guint i = 0; i < chosen->len; i++)
        submit_to(open, g_ptr_array_index(chosen, i));
    if (!chosen->len && account)
        fail_unknown(control, open, account);
    else if (!chosen->len)
        fail(control, open, TERN_ERROR_INPUT, _("it is not in the store any more"));
    g_ptr_array_unref(chosen);
}

/* A message that is here needs nobody. */
static gboolean answer_from_cache(Control *control, Open *open)
{
    if (open->request->verb != ENGINE_VERB_FETCH || !control_open_reader(control, NULL))
        return FALSE;
    g_autoptr(StoreMessage) message = store_read_message(control->reader, open->request->number, NULL);
    g_autofree char *path =
        message ? engine_message_likely_path(control->context.config, control->context.paths, message) : NULL;
    if (!path)
        return FALSE;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_FETCHED, open->request->id, open->request->account);
    event->message_id = open->request->number;
    control_route(control, event);
    finish(control, open);
    return TRUE;
}

static gboolean waits_for_holder(const Control *control)
{
    GHashTableIter iter;
    void *open;

    g_hash_table_iter_init(&iter, control->open);
    while (g_hash_table_iter_next(&iter, NULL, &open))
        if (!((const Open *)open)->is_on_disk)
            return TRUE;
    return FALSE;
}

static void ask_holder(Control *control, const Open *open)
{
    control->holder_at_us = clock_now_us() + HOLDER_SILENT_US;
    engine_request_encode(open->request, peer_out(control->upstream));
    peer_flush(control->upstream);
}

int64_t control_holder_due_us(const Control *control)
{
    return control->role == ROLE_CLIENT && waits_for_holder(control) ? control->holder_at_us : DEADLINE_NONE;
}

void control_look_at_holder(Control *control)
{
    g_autoptr(GList) all = g_hash_table_get_values(control->open);
    const pid_t pid = doorway_stopped_holder(peer_fd(control->upstream));

    control->holder_at_us = clock_now_us() + HOLDER_SILENT_US;
    if (!pid)
        return;
    g_autofree char *sentence = g_strdup_printf(
        _("another tern does the work here, and is stopped (process %ld); kill -CONT %ld lets "
          "it go on"),
        (long)pid, (long)pid);
    for (GList *at = all; at; at = at->next) {
        Open *open = at->data;
        if (!open->is_on_disk)
            fail(control, open, TERN_ERROR_NETWORK, sentence);
    }
}

static void dispatch(Control *control, Open *open)
{
    if (open->is_on_disk || answer_from_cache(control, open) || give_to_disk(control, open))
        return;
    if (control->role == ROLE_HOLDER && is_for_sender(open->request)) {
        give_to_sender(control, open);
    } else if (control->role == ROLE_HOLDER) {
        give_to_workers(control, open);
    } else if (control->role == ROLE_CLIENT) {
        ask_holder(control, open);
    } else if (control->context.offline) {
        fail(control, open, TERN_ERROR_NETWORK, _("tern is offline"));
    } else if (control->error) {
        fail(control, open, tern_error_kind(control->error), control->error->message);
    } /* else: once there is a role again */
}

void control_dispatch_all(Control *control)
{
    g_autoptr(GList) all = g_hash_table_get_values(control->open);

    for (GList *at = all; at; at = at->next)
        dispatch(control, at->data);
}

/* Whoever has a part of it ends it. */
static void give_up(Control *control, const Open *open)
{
    if (is_for_sender(open->request) && control->mailroom)
        mailroom_cancel(control->mailroom, open->request);
    for (guint i = 0; i < control->workers->len; i++)
        worker_cancel(g_ptr_array_index(control->workers, i), open->request->id);
    for (guint i = 0; i < control->disks->len; i++)
        worker_cancel(g_ptr_array_index(control->disks, i), open->request->id);
}

static void cancel_request(Control *control, guint64 id)
{
    Open *open = g_hash_table_lookup(control->open, &id);

    if (!open)
        return;
    if (open->is_on_disk) {
        give_up(control, open);
        return;
    }
    if (control->role == ROLE_NONE) { /* nobody has begun with it */
        fail(control, open, TERN_ERROR_CANCELLED, _("cancelled"));
        return;
    }
    give_up(control, open);
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

/* Kept here too where another process connects: this one may take over from it. */
static void take_password(Control *control, const EngineRequest *request)
{
    if (!request->account || !request->secret || !config_account(control->context.config, request->account))
        return;
    auth_password_set(request->account, request->secret);
    control_nudge(control, request->account, LINK_NUDGE_PERSON);
}

static void halt(void *worker, G_GNUC_UNUSED void *data)
{
    worker_halt(worker);
}

static void go_live(Control *control, gboolean shows_arrivals, Peer *origin)
{
    if (origin)
        peer_set_shows_arrivals(origin, shows_arrivals);
    else
        control->shows_arrivals = shows_arrivals;
    control_set_live(control);
}

/* Nobody hears of their end: what comes of them are states, and what is in the store. */
static void on_wish(Control *control, const EngineRequest *request, Peer *origin)
{
    if (control->role == ROLE_CLIENT) {
        engine_request_encode(request, peer_out(control->upstream));
        peer_flush(control->upstream);
    }
    if (request->verb == ENGINE_VERB_RETRY)
        control_nudge(control, NULL, LINK_NUDGE_PERSON);
    else if (request->verb == ENGINE_VERB_PASSWORD)
        take_password(control, request);
    else if (request->verb == ENGINE_VERB_HALT)
        g_ptr_array_foreach(control->workers, halt, NULL);
    else if (request->verb == ENGINE_VERB_LIVE)
        go_live(control, request->number == 1, origin);
    else
        control_look(control);
}

void control_on_request(Control *control, EngineRequest *request, Peer *origin)
{
    if (request->verb == ENGINE_VERB_CANCEL) {
        const guint64 id = (guint64)request->number;
        cancel_request(control, origin ? id_of_peer(control, origin, id) : id);
        engine_request_free(request);
        return;
    }
    if (request->verb >= ENGINE_VERB_RETRY && request->verb <= ENGINE_VERB_LAST) {
        on_wish(control, request, origin);
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

/* ---- peers ---- */

void control_tell_states(Control *control, Peer *peer)
{
    GHashTableIter iter;
    void *state;

    g_hash_table_iter_init(&iter, control->states);
    while (g_hash_table_iter_next(&iter, NULL, &state))
        send_event(peer, state, 0);
}

void control_tell_offline(Control *control, const GError *error)
{
    const GPtrArray *accounts = config_accounts(control->context.config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = g_ptr_array_index(accounts, i);
        if (disk_is_whole(account) && !control->is_parked) /* it has no connection to lose */
            continue;
        EngineEvent *event = engine_event_new(ENGINE_EVENT_STATE, 0, account->id);
        event->state = ENGINE_OFFLINE;
        event->error = error ? g_error_copy(error) : NULL;
        note_state(control, event);
        control_route(control, event);
    }
}

void control_on_upstream_event(Control *control, EngineEvent *event)
{
    note_state(control, event);
    control->holder_at_us = clock_now_us() + HOLDER_SILENT_US;
    if (event->kind == ENGINE_EVENT_DONE && !g_hash_table_remove(control->open, &event->request)) {
        engine_event_free(event); /* it was given up, and that was told */
        return;
    }
    control->context.deliver(event, control->context.data);
}

static void forget_peer(Control *control, const Peer *peer)
{
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, control->open);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Open *open = value;
        if (open->origin != peer)
            continue;
        give_up(control, open);
        g_hash_table_iter_remove(&iter);
    }
}

void control_drop_peer(Control *control, Peer *peer)
{
    forget_peer(control, peer);
    g_ptr_array_remove(control->peers, peer);
}
