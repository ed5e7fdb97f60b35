/*
 * worker_pop3.c - see worker_private.h and worker_pop3_private.h. A POP3 account's tasks, and what is between
 * two visits: there is no connection then, and "idle" says that the last one went well.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/link.h"
#include "engine/sync_pop3.h"
#include "engine/worker_pop3_private.h"

#include <poll.h>

struct Pop3Worker *worker_pop3(Worker *worker)
{
    if (!worker->pop3) {
        worker->pop3 = g_new0(struct Pop3Worker, 1);
        worker->pop3->disk = worker_new_disk(worker);
    }
    worker->pop3->disk.reader = worker->reader; /* there may have been none at the first call */
    return worker->pop3;
}

/* ---- tasks ---- */

/* What went wrong with the server stops nothing on this disk. */
static gboolean do_sync(Running *running, GError **error)
{
    Worker *worker = running->worker;
    Visit visit = {.running = running, .began_us = clock_now_us()};
    GError *failed = NULL;

    worker_pop3(worker)->is_well = FALSE;
    worker_has_polled(worker);
    gboolean ok = (running->task->request->number != ENGINE_SYNC_DELETING ||
                   sync_pop3_allow_deleting(worker->context.account, worker->context.paths, &failed)) &&
                  visit_prepare(&visit, &failed);
    if (ok) {
        const gboolean wants_mail = !visit.only || visit.only->id == visit.inbox->id;
        ok = !wants_mail || visit_fetch(&visit, &failed);
        tasks_set_breaker(worker->tasks, NULL);
        ok = visit_sync_disk(&visit, ok ? &failed : NULL) && ok;
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
    const gboolean ok = message->file_name && visit_fetch(visit, error);
    tasks_set_breaker(worker->tasks, NULL);
    if (!message->file_name)
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not in its folder any more"));
    return ok && visit_sync_inbox(visit, error);
}

static gboolean do_fetch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;
    Visit visit = {.running = running, .began_us = clock_now_us()};
    GError *failed = NULL;
    g_autoptr(StoreMessage) message = store_read_message(worker->reader, id, &failed);

    worker_pop3(worker)->is_well = FALSE;
    if (!message && !failed)
        tern_error_set(&failed, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT), id);
    const gboolean ok = message && visit_prepare(&visit, &failed) && fetch_whole(&visit, message, &failed);
    store_folder_free(visit.inbox);
    if (failed)
        g_propagate_error(error, failed);
    return ok;
}

static gboolean do_check(Running *running, GError **error)
{
    g_autoptr(Pop3Session) session = visit_dial(running, error);
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
    const gboolean was_well = worker_pop3(worker)->is_well;
    worker_pop3(worker)->is_well = FALSE;
    /* By who asked for it: it goes on at the next visit. Or what was asked for is not there. */
    if (was_well || tern_error_is(error, TERN_ERROR_CANCELLED)) {
        link_up(&worker->link, clock_now_us());
        worker_tell_state(worker, ENGINE_IDLE, NULL, 0, 0, NULL);
        return;
    }
    /* It was not yet time to connect. What fails before it is tried when it is time, makes it wait longer. */
    if (link_is_held_back(&worker->link) && clock_now_us() < link_due_us(&worker->link))
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
    return MAX(config_account_poll_s(worker->context.account) * SECOND_US,
               worker_pop3(worker)->login_delay_us);
}

/* The visit that is due unasked, and when to look again. */
static int64_t stand(Worker *worker)
{
    const int64_t now_us = clock_now_us();
    gboolean is_due = atomic_exchange(&worker->is_look_wanted, FALSE);

    const gboolean is_held_back = link_is_held_back(&worker->link);

    if (is_held_back && link_due_us(&worker->link) == DEADLINE_NONE)
        return DEADLINE_NONE; /* a person is needed, and nudges */
    if (is_held_back)
        worker->poll_at_us = link_due_us(&worker->link);
    else
        worker->poll_at_us = worker->polled_us ? worker->polled_us + poll_us(worker) : now_us;
    is_due = now_us >= worker->poll_at_us || (is_due && !is_held_back);
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
        g_free(worker->pop3->told_refused);
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
