/* worker_imap.c - see worker_private.h. What an IMAP connection does: the table. */
#include "engine/worker_private.h"

static gboolean do_check(Running *running, GError **error)
{
    return imap_noop(running->worker->session, error);
}

/* What a person asks for is a reason to connect at once, whatever the connection waits for; so is not the
 * opening of each folder and message. A password that another connection tried meanwhile was tried for it. */
static gboolean open_link(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const TaskKind kind = running->task->kind;
    const gboolean is_asked = running->task->request->id != 0;

    if (is_asked && !worker->session && (kind == TASK_SYNC || kind == TASK_CHECK)) {
        team_forget_old_refusal(worker->context.team, running->task->asked_us);
        link_nudge(&worker->link, LINK_NUDGE_PERSON, clock_now_us());
    }
    if (!worker_open_link(worker, is_asked, error))
        return FALSE;
    link_set_working(&worker->link, TRUE);
    return TRUE;
}

/* Without a connection it is looked at when there may be one again. */
static gboolean can_play(const Worker *worker)
{
    return worker->member == 0 && !worker->context.account->offline &&
           (worker->session || link_may_begin(&worker->link, FALSE, clock_now_us(), NULL));
}

static void end(Worker *worker)
{
    if (worker->session)
        imap_logout(worker->session, clock_now_us() + SECOND_US);
    worker_close_link(worker);
}

const WorkerOps WORKER_IMAP = {.run = {[TASK_FETCH] = worker_do_fetch,
                                       [TASK_OPEN] = worker_do_open,
                                       [TASK_WATCH] = worker_do_watch,
                                       [TASK_NEWS] = worker_do_news,
                                       [TASK_SYNC] = worker_do_sync,
                                       [TASK_CHECK] = do_check,
                                       [TASK_FILL] = worker_do_fill,
                                       [TASK_POLL] = worker_do_poll,
                                       [TASK_KEEP] = worker_do_keep,
                                       [TASK_PLAY] = worker_do_play},
                               .open = open_link,
                               .after_error = worker_after_error,
                               .can_play = can_play,
                               .idle = worker_idle,
                               .end = end};
