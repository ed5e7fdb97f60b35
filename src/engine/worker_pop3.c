/*
 * worker_pop3.c - see worker_private.h. A POP3 account's visits to its server, one connection each:
 *
 *      folders are there ── dial ── sync_pop3 (rows of the Inbox, group by group) ── QUIT ── the account's other folders
 *
 * Its folders are on this disk, and belong to the account's other worker (worker_disk.c), which plays the
 * journal and sees to messages; this one only brings what is new. Between two visits there is no connection:
 * "idle" says that the last one went well.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/dial.h"
#include "engine/disk.h"
#include "engine/link.h"
#include "engine/strength.h"
#include "engine/sync_pop3.h"
#include "engine/uploads.h"
#include "engine/worker_private.h"

#include <poll.h>

/* How often it is looked for new mail, unless the configuration or the server says otherwise. */
#define POLL_US (10 * 60 * SECOND_US)
/* Reading the Inbox into the store costs what the Inbox is; of a long download it may take a tenth. */
#define SYNC_SHARE 10

struct Pop3Worker {
    Disk disk;
    char *stuck_uidl;       /* which ended the last visit; NULL: none */
    int64_t login_delay_us; /* that the server asks for */
    gboolean is_well;       /* the last visit came to its end, whatever came of it */
    char *told;             /* the last visit's notice, which is not told again at each; NULL: none */
};

/* One visit. */
typedef struct {
    Running *running;
    StoreFolder *inbox;
    StoreFolder *only;     /* that was asked for; NULL: all */
    const char *asked_for; /* only this: SyncPop3 */
    SyncResult brought;    /* into the Inbox, so far */
    int64_t next_sync_us;  /* not before */
    int64_t began_us;
    int64_t bytes;
} Visit;

static struct Pop3Worker *own(Worker *worker)
{
    if (!worker->pop3) {
        worker->pop3 = g_new0(struct Pop3Worker, 1);
        worker->pop3->disk = (Disk){.account = worker->context.account,
                                    .config = worker->context.config,
                                    .paths = worker->context.paths,
                                    .store = worker->context.store,
                                    .reader = worker->reader,
                                    .cancel = worker->cancel,
                                    .room = tasks_wake(worker->tasks),
                                    .refused = worker_tell_alert,
                                    .data = worker};
    }
    return worker->pop3;
}

/* ---- folders on this disk ---- */

/* What waits is played before anything is read in (disk.h). */
static gboolean begin_disk(Worker *worker, GError **error)
{
    Disk *disk = &own(worker)->disk;

    if (!disk_begin(disk, DEADLINE_NONE, error))
        return FALSE;
    if (disk_play(disk, error))
        return TRUE;
    disk_end(disk);
    return FALSE;
}

static gboolean sync_inbox(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    SyncResult result;

    if (!begin_disk(worker, error))
        return FALSE;
    /* As it is now: the row says how far it was read. */
    g_autoptr(StoreFolder) inbox = store_read_folder_by_id(worker->reader, visit->inbox->id, error);
    const gboolean ok = inbox && disk_sync(&worker->pop3->disk, inbox, &result, error);
    disk_end(&worker->pop3->disk);
    if (!ok)
        return FALSE;
    worker_tell_arrivals(worker, inbox, &result);
    visit->brought.changes.added += result.changes.added;
    visit->brought.changes.changed += result.changes.changed;
    visit->brought.changes.removed += result.changes.removed;
    visit->brought.messages = result.messages;
    return TRUE;
}

/* New messages are in the Maildir. They are shown at once, but for when that would hold up the others. */
static gboolean arrived(void *data, GError **error)
{
    Visit *visit = data;
    const int64_t began_us = clock_now_us();

    if (began_us < visit->next_sync_us)
        return TRUE;
    const gboolean ok = sync_inbox(visit, error);
    visit->next_sync_us = clock_now_us() + (clock_now_us() - began_us) * SYNC_SHARE;
    return ok;
}

static gboolean begin_stubs(void *data, GError **error)
{
    const Visit *visit = data;

    return disk_begin(&own(visit->running->worker)->disk, DEADLINE_NONE, error);
}

static void end_stubs(void *data)
{
    const Visit *visit = data;

    disk_end(&visit->running->worker->pop3->disk);
}

/* The account's folders into the store; made at first. */
static gboolean prepare(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    Disk *disk = &own(worker)->disk;

    if (!disk_begin(disk, DEADLINE_NONE, error))
        return FALSE;
    const gboolean ok = disk_folders(disk, error) && uploads_file_here(disk, error);
    disk_end(disk);
    if (!ok)
        return FALSE;
    const char *name = visit->running->task->request->folder;
    visit->inbox = worker_find_folder(worker, "INBOX", error);
    if (!visit->inbox || !name)
        return visit->inbox != NULL;
    visit->only = worker_find_folder(worker, name, error);
    return visit->only != NULL;
}

/* The Inbox with all that came, and the others; one that cannot be read stops no other. */
static gboolean sync_folders(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    GError *first = NULL;

    for (guint i = 0; folders && i < folders->len && !cancel_is_triggered(worker->cancel); i++) {
        const StoreFolder *folder = folders->pdata[i];
        const gboolean is_inbox = folder->id == visit->inbox->id;
        const int64_t began_us = is_inbox ? visit->began_us : clock_now_us();
        g_autoptr(GError) failed = NULL;
        SyncResult result;
        if (!folder->selectable || (visit->only && visit->only->id != folder->id))
            continue;
        const gboolean ok =
            is_inbox ? sync_inbox(visit, &failed) : disk_sync(&worker->pop3->disk, folder, &result, &failed);
        if (is_inbox) {
            result = visit->brought;
            result.bytes = visit->bytes;
        }
        worker_tell_synced(visit->running, folder, &result, began_us, failed);
        if (!ok && !first)
            first = g_steal_pointer(&failed);
    }
    if (first)
        g_propagate_error(error, first);
    return folders && !first;
}

static gboolean sync_disk(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;

    if (!begin_disk(worker, error))
        return FALSE;
    const gboolean ok = sync_folders(visit, error);
    disk_end(&worker->pop3->disk);
    return ok;
}

/* ---- the server ---- */

static Pop3Session *dial(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const ConfigAccount *account = worker->context.account;
    const gboolean is_asked = running->task->request->id != 0;

    if (is_asked)
        link_nudge(&worker->link, LINK_NUDGE_PERSON, clock_now_us());
    if (!link_may_begin(&worker->link, is_asked, clock_now_us(), error))
        return NULL;
    own(worker)->is_well = FALSE;
    link_begin(&worker->link);
    if (!worker_check_account(worker, error))
        return NULL;
    worker_tell_state(worker, ENGINE_CONNECTING, NULL, 0, 0, NULL);
    g_autoptr(Cancel) cancel = worker_new_breaker(worker);
    if (atomic_load(&worker->is_halted)) {
        tern_error_set(error, TERN_ERROR_CANCELLED, _("cancelled"));
        return NULL;
    }
    Pop3Session *session = dial_pop3(account, strength_expected(worker->reader, account, &account->incoming),
                                     cancel, &worker->least_us, error);
    if (!session)
        return NULL;
    strength_remember(worker->reader, worker->context.store, account, &account->incoming,
                      pop3_session_strength(session));
    link_up(&worker->link, clock_now_us());
    link_set_working(&worker->link, TRUE);
    own(worker)->login_delay_us = pop3_session_login_delay_s(session) * SECOND_US;
    return session;
}

static void progress(const Pop3Progress *progress, void *data)
{
    Worker *worker = ((Visit *)data)->running->worker;

    worker->bytes_done = (int64_t)progress->octets_done;
    worker->bytes_all = (int64_t)progress->octets_all;
    worker_tell_progress(worker, "INBOX", progress->done, progress->all);
}

/* To be freed; NULL: there is none. */
static char *raw_trash(Worker *worker)
{
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), NULL);

    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->role == STORE_ROLE_TRASH)
            return g_strdup(folder->raw_name);
    }
    return NULL;
}

/* What came of going for one message: nothing else is fetched then. */
static gboolean check_asked(const SyncPop3Result *result, GError **error)
{
    const guint *stays = result->outcome.stays;

    if (result->is_done_elsewhere)
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("another tern is fetching this mail just now; try again when it is done"));
    else if (result->outcome.fetched > 0)
        return TRUE;
    else if (stays[POP3_STAYS_REFUSED] > 0)
        tern_error_set(error, TERN_ERROR_REFUSED, _("the server does not give this message"));
    else if (stays[POP3_STAYS_HUGE] > 0)
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is too large to be fetched"));
    else if (stays[POP3_STAYS_UNSEEN] > 0)
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the server has messages of this one's size under other UIDLs, and their headers "
                         "could not be compared: which of them it is, is not known"));
    else
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the message is not on the server any more: only its header is left"));
    return FALSE;
}

/* What was told at the last visit that came to its end is not told again. */
static void tell_notice(Worker *worker, const SyncPop3Result *result)
{
    g_autofree char *notice = sync_pop3_notice(worker->context.account, result);
    char **told = &worker->pop3->told;

    if (notice && g_strcmp0(notice, *told) != 0)
        worker_tell_alert(notice, worker);
    g_free(*told);
    *told = g_steal_pointer(&notice);
}

static gboolean fetch(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    g_autoptr(Pop3Session) session = dial(visit->running, error);
    g_autofree char *root = disk_root(worker->context.account, worker->context.paths);
    g_autofree char *trash = raw_trash(worker);
    struct Pop3Worker *pop3 = own(worker);
    g_auto(SyncPop3Result) result = {0};

    if (!session)
        return FALSE;
    worker_tell_state(worker, ENGINE_WORKING, "INBOX", 0, 0, NULL);
    const SyncPop3 sync = {.account = worker->context.account,
                           .paths = worker->context.paths,
                           .root = root,
                           .raw_trash = trash,
                           .arrived = arrived,
                           .begin = begin_stubs,
                           .end = end_stubs,
                           .progress = progress,
                           .data = visit,
                           .stuck_uidl = visit->asked_for ? NULL : pop3->stuck_uidl,
                           .asked_for = visit->asked_for};
    gboolean ok = sync_pop3(&sync, session, &result, error);
    const NetCounters counters = net_stream_counters(pop3_session_stream(session));
    visit->bytes = (int64_t)(counters.received + counters.sent);
    if (!visit->asked_for) { /* going for one message says nothing of the others */
        g_free(pop3->stuck_uidl);
        pop3->stuck_uidl = g_steal_pointer(&result.stuck_uidl);
    }
    pop3->is_well = ok;
    worker->bytes_done = worker->bytes_all = 0;
    if (ok && !visit->asked_for && !result.is_done_elsewhere)
        worker->withheld = result.outcome.withheld;
    if (ok && !visit->asked_for)
        tell_notice(worker, &result);
    else if (ok)
        ok = check_asked(&result, error);
    return ok;
}

/* ---- tasks ---- */

/* What went wrong with the server stops nothing on this disk. */
static gboolean do_sync(Running *running, GError **error)
{
    Worker *worker = running->worker;
    Visit visit = {.running = running, .began_us = clock_now_us()};
    GError *failed = NULL;

    own(worker)->is_well = FALSE;
    worker_has_polled(worker);
    gboolean ok = (running->task->request->number != ENGINE_SYNC_DELETING ||
                   sync_pop3_allow_deleting(worker->context.account, worker->context.paths, &failed)) &&
                  prepare(&visit, &failed);
    if (ok) {
        const gboolean wants_mail = !visit.only || visit.only->id == visit.inbox->id;
        ok = !wants_mail || fetch(&visit, &failed);
        tasks_set_breaker(worker->tasks, NULL);
        ok = sync_disk(&visit, ok ? &failed : NULL) && ok;
    }
    store_folder_free(visit.inbox);
    store_folder_free(visit.only);
    if (failed)
        g_propagate_error(error, failed);
    return ok;
}

/* The whole of a message of which only the header is here. Another visit may have brought it meanwhile. */
static gboolean fetch_whole(Visit *visit, const StoreMessage *message, GError **error)
{
    const Worker *worker = visit->running->worker;
    g_autofree char *path = disk_message_path(worker->context.account, worker->context.paths, message, FALSE);

    if (path)
        return TRUE;
    visit->asked_for = message->file_name;
    const gboolean ok = message->file_name && fetch(visit, error);
    tasks_set_breaker(worker->tasks, NULL);
    if (!message->file_name)
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not in its folder any more"));
    return ok && sync_inbox(visit, error);
}

static gboolean do_fetch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;
    Visit visit = {.running = running, .began_us = clock_now_us()};
    GError *failed = NULL;
    g_autoptr(StoreMessage) message = store_read_message(worker->reader, id, &failed);

    own(worker)->is_well = FALSE;
    if (!message && !failed)
        tern_error_set(&failed, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT), id);
    const gboolean ok = message && prepare(&visit, &failed) && fetch_whole(&visit, message, &failed);
    store_folder_free(visit.inbox);
    if (failed)
        g_propagate_error(error, failed);
    return ok;
}

static gboolean do_check(Running *running, GError **error)
{
    g_autoptr(Pop3Session) session = dial(running, error);
    const gboolean ok = session && pop3_quit(session, error);

    tasks_set_breaker(running->worker->tasks, NULL);
    return ok;
}

/* ---- between visits ---- */

static void after_error(Worker *worker, const GError *error)
{
    /* What is not there was asked for: the server has no part in it. */
    if (cancel_is_triggered(worker->cancel) || tern_error_is(error, TERN_ERROR_INPUT))
        return;
    const gboolean was_well = own(worker)->is_well;
    own(worker)->is_well = FALSE;
    /* By who asked for it: it goes on at the next visit. Or what was asked for is not there. */
    if (was_well || tern_error_is(error, TERN_ERROR_CANCELLED)) {
        link_up(&worker->link, clock_now_us());
        worker_tell_state(worker, ENGINE_IDLE, NULL, 0, 0, NULL);
        return;
    }
    /* It was not yet time to connect. */
    if (worker->link.state == ENGINE_WAITING || worker->link.state == ENGINE_ATTENTION)
        return;
    if (worker->context.account->offline) {
        link_down(&worker->link);
        worker_tell_state(worker, ENGINE_OFFLINE, NULL, 0, 0, NULL);
        return;
    }
    /* Also what the server or the disk only refused: the visit is over, and is tried again. */
    link_lost(&worker->link, error, worker->least_us, clock_now_us());
    worker->least_us = 0;
    worker_tell_state(worker, worker->link.state, NULL, 0, 0, worker->link.error);
}

static gboolean can_play(const Worker *worker)
{
    (void)worker;
    return FALSE;
}

static int64_t poll_us(Worker *worker)
{
    const int64_t configured_us = worker->context.account->poll_s * SECOND_US;

    return MAX(configured_us ? configured_us : POLL_US, own(worker)->login_delay_us);
}

/* The visit that is due unasked, and when to look again. */
static int64_t stand(Worker *worker)
{
    const int64_t now_us = clock_now_us();
    gboolean is_due = atomic_exchange(&worker->is_look_wanted, FALSE);

    if (worker->link.state == ENGINE_ATTENTION)
        return DEADLINE_NONE; /* a person is needed, and nudges */
    if (worker->link.state == ENGINE_WAITING)
        worker->poll_at_us = worker->link.retry_at_us;
    else
        worker->poll_at_us = worker->polled_us ? worker->polled_us + poll_us(worker) : now_us;
    is_due = now_us >= worker->poll_at_us || (is_due && worker->link.state != ENGINE_WAITING);
    if (now_us >= worker->poll_at_us)
        atomic_store(&worker->is_halted, FALSE);
    if (is_due)
        worker_push_own(worker, TASK_POLL, 0);
    return worker->poll_at_us;
}

static void idle(Worker *worker)
{
    const guint nudges = atomic_exchange(&worker->nudges, 0);
    struct pollfd fds[] = {{wake_fd(tasks_wake(worker->tasks)), POLLIN, 0},
                           {cancel_fd(worker->cancel), POLLIN, 0}};

    for (LinkNudge why = LINK_NUDGE_PERSON; why <= LINK_NUDGE_SLEPT; why++)
        if (nudges & 1u << why)
            link_nudge(&worker->link, why, clock_now_us());
    g_queue_clear_full(&worker->parked, (GDestroyNotify)task_free); /* the next visit does the same */
    const gboolean may_visit = atomic_load(&worker->is_live) && !worker->context.account->offline &&
                               worker_open_reader(worker, NULL);
    const int64_t look_at_us = may_visit ? stand(worker) : DEADLINE_NONE;
    if (!tasks_has(worker->tasks, URGENCIES))
        poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(look_at_us));
}

static void end(Worker *worker)
{
    if (worker->pop3) {
        g_free(worker->pop3->stuck_uidl);
        g_free(worker->pop3->told);
    }
    g_free(worker->pop3);
    worker->pop3 = NULL;
}

const WorkerOps WORKER_POP3 = {
    .run = {[TASK_FETCH] = do_fetch, [TASK_SYNC] = do_sync, [TASK_POLL] = do_sync, [TASK_CHECK] = do_check},
    .after_error = after_error,
    .can_play = can_play,
    .idle = idle,
    .end = end,
};
