/* control_role.c - see control_private.h. */
#include "base/error.h"
#include "base/log.h"
#include "engine/control_private.h"
#include "engine/disk.h"
#include "engine/doorway.h"

#include <poll.h>
#include <sys/socket.h>

/* Between two tries for the lock or the holder's socket. */
#define ROLE_RETRY_US (SECOND_US / 10)
/* The same after an error: a full disk does not get better at once. */
#define ERROR_RETRY_US (10 * SECOND_US)
/* How long a worker may take to end by itself, LOGOUT and all, before it is cut off. */
#define GRACE_US (3 * SECOND_US / 10)
#define READER_BUSY_MS 5000

/* One more connection of the team's, live if anybody wants that. */
static gboolean add_worker(Control *control, const WorkerContext *context, GError **error)
{
    Worker *worker = worker_new(context, error);

    if (!worker)
        return FALSE;
    if (control->is_live)
        worker_set_live(worker);
    g_ptr_array_add(control->workers, worker);
    return TRUE;
}

/* The one that works, and those that may watch; the latter sleep until they are of use. A POP3 server has
 * nothing to be watched. */
static gboolean start_team(Control *control, const WorkerContext *context, GError **error)
{
    const ConfigAccount *account = context->account;
    const gboolean is_pop3 = account->incoming.protocol == CONFIG_POP3;
    const int watchers = is_pop3 ? 0 : MIN((int)g_strv_length(account->watch), account->max_connections - 1);

    for (int i = 0; i < 1 + watchers; i++)
        if (!add_worker(control, context, error))
            return FALSE;
    return TRUE;
}

static gboolean start_workers(Control *control, GError **error)
{
    const GPtrArray *accounts = config_accounts(control->context.config);
    WorkerContext context = {.config = control->context.config,
                             .store = control->context.store,
                             .paths = control->context.paths,
                             .post = control_post,
                             .data = control,
                             .crew = control->crew,
                             .ended = control->worker_ended};

    control->housekeeper =
        housekeeper_start(control->context.config, control->context.store, control->context.paths, error);
    if (!control->housekeeper)
        return FALSE;
    context.housekeeper = control->housekeeper;
    const NotifyPost notify = {control_post, control, control->crew};
    control->notifier = notifier_start(control->context.config, control->context.store, &notify, error);
    if (!control->notifier)
        return FALSE;
    context.notifier = control->notifier;
    for (guint i = 0; i < accounts->len; i++) {
        const TeamContext team = {control_post, control, control->crew};
        context.account = g_ptr_array_index(accounts, i);
        if (disk_is_whole(context.account)) /* control_disk.c */
            continue;
        context.ops = context.account->incoming.protocol == CONFIG_POP3 ? &WORKER_POP3 : &WORKER_IMAP;
        context.team = team_new(context.account, &team);
        const gboolean ok = start_team(control, &context, error);
        team_unref(context.team);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

static void copy_waits(const char *account, void *data)
{
    control_request(data, engine_request_new(ENGINE_VERB_COPIES, 0, account, NULL, 0));
}

static gboolean start_mailroom(Control *control, GError **error)
{
    const SenderContext like = {.store = control->context.store,
                                .paths = control->context.paths,
                                .post = control_post,
                                .copy_waits = copy_waits,
                                .data = control,
                                .crew = control->crew,
                                .ended = control->worker_ended};

    control->mailroom = mailroom_start(control->context.config, &like, error);
    if (control->mailroom && control->is_live)
        mailroom_set_live(control->mailroom);
    return control->mailroom != NULL;
}

static void tell_leaving(Control *control, void (*tell)(Worker *worker))
{
    for (guint i = 0; i < control->leaving->len; i++)
        tell(g_ptr_array_index(control->leaving, i));
}

/* Until those who leave have left; TRUE, or not by the deadline. */
static gboolean see_off(Control *control, int64_t deadline_us)
{
    struct pollfd ended = {wake_fd(control->worker_ended), POLLIN, 0};

    for (;;) {
        wake_clear(control->worker_ended);
        for (guint i = control->leaving->len; i > 0; i--)
            if (worker_has_ended(g_ptr_array_index(control->leaving, i - 1)))
                g_ptr_array_remove_index(control->leaving, i - 1);
        for (guint i = control->leaving_mailrooms->len; i > 0; i--)
            if (mailroom_has_ended(g_ptr_array_index(control->leaving_mailrooms, i - 1)))
                g_ptr_array_remove_index(control->leaving_mailrooms, i - 1);
        const int timeout_ms = clock_timeout_ms(deadline_us);
        const gboolean is_empty = !control->leaving->len && !control->leaving_mailrooms->len;
        if (is_empty || timeout_ms == 0)
            return is_empty;
        poll(&ended, 1, timeout_ms);
    }
}

static void break_mailrooms(Control *control)
{
    for (guint i = 0; i < control->leaving_mailrooms->len; i++)
        mailroom_break(g_ptr_array_index(control->leaving_mailrooms, i));
}

/* Whoever is still there after that stands in some system call; he is seen off at the end, or never. */
static void see_off_all(Control *control)
{
    const int64_t now_us = clock_now_us();

    if (see_off(control, now_us + GRACE_US))
        return;
    tell_leaving(control, worker_break);
    break_mailrooms(control);
    see_off(control, now_us + CONTROL_STOP_US);
}

/* All are told before any is waited for: a connection says goodbye while a command is ended and the cache put
 * in order. */
static void stop_workers(Control *control)
{
    g_ptr_array_extend_and_steal(control->leaving, control->workers);
    control->workers = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
    if (control->mailroom) {
        mailroom_stop(control->mailroom);
        g_ptr_array_add(control->leaving_mailrooms, g_steal_pointer(&control->mailroom));
    }
    control->crew++;
    tell_leaving(control, worker_stop);
    housekeeper_end(control->housekeeper);
    notifier_end(control->notifier);
    see_off_all(control);
    housekeeper_stop(control->housekeeper);
    control->housekeeper = NULL;
    notifier_stop(control->notifier);
    control->notifier = NULL;
}

void control_give_up_role(Control *control)
{
    const gboolean had_role = control->role != ROLE_NONE;

    stop_workers(control);
    netwatch_free(control->netwatch);
    control->netwatch = NULL;
    while (control->peers->len)
        control_drop_peer(control, g_ptr_array_index(control->peers, 0));
    peer_free(control->upstream);
    control->upstream = NULL;
    doorway_close(control->door_fd);
    control->door_fd = -1;
    store_engine_lock_free(control->lock);
    control->lock = NULL;
    control->role = ROLE_NONE;
    if (had_role)
        control_tell_offline(control, NULL);
}

gboolean control_is_elsewhere(Control *control)
{
    const Role role = control->role;

    if (role != ROLE_NONE)
        return role == ROLE_CLIENT;
    const int fd = doorway_connect(control->context.paths); /* offline, nobody has looked who is there */
    doorway_close(fd);
    return fd >= 0;
}

gboolean control_open_reader(Control *control, GError **error)
{
    if (!control->reader)
        control->reader = store_reader_new(control->context.store, READER_BUSY_MS, error);
    return control->reader != NULL;
}

static gboolean become_holder(Control *control, GError **error)
{
    control->door_fd = doorway_open(control->context.paths, error);
    if (control->door_fd < 0 || !start_workers(control, error) || !start_mailroom(control, error))
        return FALSE;
    control->netwatch = netwatch_new();
    control->role = ROLE_HOLDER;
    return TRUE;
}

/* Whoever reads the trace of this one would wonder that there is nothing in it. */
static void trace_elsewhere(int fd)
{
    struct ucred holder = {0};
    socklen_t size = sizeof holder;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &holder, &size) == 0)
        log_line(
            "engine",
            "another tern of this profile has the connections (process %d): what goes over them is traced "
            "by that one only, if it was started with --trace",
            (int)holder.pid);
}

static void become_client(Control *control)
{
    const int fd = doorway_connect(control->context.paths);

    if (fd < 0)
        return;
    trace_elsewhere(fd);
    control->upstream = peer_new(fd);
    control->role = ROLE_CLIENT;
    if (control->is_live) {
        g_autoptr(EngineRequest) live =
            engine_request_new(ENGINE_VERB_LIVE, 0, NULL, NULL, control->shows_arrivals);
        engine_request_encode(live, peer_out(control->upstream));
    }
}

static gboolean seek_role(Control *control, GError **error)
{
    GError *failed = NULL;

    if (!control_open_reader(control, error))
        return FALSE;
    control->lock = store_engine_lock_try(control->context.paths, &failed);
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (!control->lock) {
        become_client(control);
    } else if (!become_holder(control, error)) {
        control_give_up_role(control);
        return FALSE;
    }
    return TRUE;
}

void control_seek_role(Control *control)
{
    g_autoptr(GError) before = g_steal_pointer(&control->error);

    control->seek_at_us = clock_now_us() + ROLE_RETRY_US;
    if (!seek_role(control, &control->error)) {
        if (!before || !g_str_equal(before->message, control->error->message)) /* once */
            control_tell_offline(control, control->error);
        control->seek_at_us = clock_now_us() + ERROR_RETRY_US;
    }
    if (control->role != ROLE_NONE || control->error)
        control_dispatch_all(control);
}

void control_set_live(Control *control)
{
    control->is_live = TRUE;
    for (guint i = 0; i < control->workers->len; i++)
        worker_set_live(g_ptr_array_index(control->workers, i));
    if (control->mailroom)
        mailroom_set_live(control->mailroom);
    for (guint i = 0; i < control->disks->len; i++)
        worker_set_live(g_ptr_array_index(control->disks, i));
}

void control_look(Control *control)
{
    for (guint i = 0; i < control->workers->len; i++)
        worker_look(g_ptr_array_index(control->workers, i));
    for (guint i = 0; i < control->disks->len; i++)
        worker_look(g_ptr_array_index(control->disks, i));
}

void control_nudge(Control *control, const char *account, LinkNudge why)
{
    for (guint i = 0; i < control->workers->len; i++) {
        Worker *worker = g_ptr_array_index(control->workers, i);
        if (!account || g_str_equal(account, worker_account(worker)))
            worker_nudge(worker, why);
    }
    if (control->mailroom)
        mailroom_nudge(control->mailroom, account, why);
}

void control_file_copies(Control *control, const char *account)
{
    for (guint i = 0; control->is_live && i < control->workers->len; i++) {
        Worker *worker = g_ptr_array_index(control->workers, i);
        if (worker_works(worker) && !g_strcmp0(account, worker_account(worker)))
            worker_file_copies(worker);
    }
}
