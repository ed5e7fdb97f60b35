/* worker_link.c - see worker_private.h. A worker's connection: opening it, losing it, standing idle on it. */
#include "auth/auth.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/dial.h"
#include "engine/link.h"
#include "engine/mailbox.h"
#include "engine/strength.h"
#include "engine/way.h"
#include "engine/worker_private.h"

#include <poll.h>

/* A link that may be dead, after another network came or the machine slept, is given so long to answer. */
#define PROBE_US (10 * SECOND_US)

void worker_close_link(Worker *worker)
{
    worker_stop_watching(worker);
    team_set_up(worker->context.team, worker->member, FALSE);
    worker->poll_at_us = 0; /* what happens until the next connection, nobody hears of */
    hearing_begin(&worker->hearing, NULL);
    imap_session_free(worker->session);
    worker->session = NULL;
    worker->is_link_lost = worker->knows_rights = FALSE;
    atomic_store(&worker->is_logged_in, FALSE);
    tasks_set_breaker(worker->tasks, NULL);
}

Cancel *worker_new_breaker(Worker *worker)
{
    Cancel *cancel = cancel_new();

    tasks_set_breaker(worker->tasks, cancel);
    /* Whoever stops the worker triggers this one first and the breaker then: one of the two is seen. */
    if (cancel_is_triggered(worker->cancel))
        cancel_trigger(cancel);
    return cancel;
}

/* Whether there is news that a try to connect did not know of: another network, which broke it off, or
 * another password than the one that was refused. */
static gboolean take_redial(Worker *worker, guint password_version, const GError *failed)
{
    const guint nudges = atomic_exchange(&worker->nudges, 0);

    if (cancel_is_triggered(worker->cancel))
        return FALSE;
    return (nudges && tern_error_is(failed, TERN_ERROR_CANCELLED)) ||
           (password_version != auth_password_version() && tern_error_is(failed, TERN_ERROR_AUTH));
}

/* What the wait for one's turn to log in needs to know. */
typedef struct {
    Worker *worker;
    guint password_version;
    gboolean had_turn; /* what the server said is about the password */
} Turn;

static gboolean may_log_in(Cancel *cancel, void *data, GError **error)
{
    Turn *turn = data;
    const Worker *worker = turn->worker;
    Wake *wake = tasks_wake(worker->tasks);

    for (;;) {
        wake_clear(wake); /* tasks are looked for before it is waited for again */
        const int64_t now_us = clock_now_us();
        const TeamTurn answer =
            team_turn(worker->context.team, worker->member, turn->password_version, now_us, error);
        turn->had_turn = answer == TEAM_GO;
        if (answer != TEAM_WAIT)
            return turn->had_turn;
        struct pollfd fds[] = {{wake_fd(wake), POLLIN, 0}, {cancel_fd(cancel), POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(now_us + TEAM_TURN_US));
        if (cancel_check(cancel, error))
            return FALSE;
    }
}

static void dial_once(Worker *worker, guint password_version, gboolean *is_crowded_out, GError **error)
{
    const ImapListener listener = hearing_listener(&worker->hearing);
    const ConfigAccount *account = worker->context.account;
    Team *team = worker->context.team;
    Turn turn = {worker, password_version, FALSE};
    const DialTurn dial_turn = {may_log_in, &turn};
    g_autoptr(Cancel) cancel = worker_new_breaker(worker);

    atomic_store(&worker->is_dialling, TRUE);
    team_dial(team, worker->member, clock_now_us());
    worker->session =
        dial_imap(account, &listener, strength_expected(worker->reader, account, &account->incoming),
                  &dial_turn, cancel, is_crowded_out, error);
    const gboolean is_refused = !worker->session && turn.had_turn && tern_error_is(*error, TERN_ERROR_AUTH);
    team_dialled(team, worker->member, password_version, worker->session != NULL, is_refused ? *error : NULL);
    atomic_store(&worker->is_dialling, FALSE);
}

/* Another network while it connects: that try would hang on the one before. */
static gboolean dial(Worker *worker, GError **error)
{
    gboolean is_crowded, is_again = FALSE;

    do {
        g_clear_error(error);
        const guint password_version = auth_password_version();
        dial_once(worker, password_version, &is_crowded, error);
        is_again = !worker->session && take_redial(worker, password_version, *error);
    } while (is_again);
    worker->least_us = is_crowded ? team_refused(worker->context.team, worker->member, clock_now_us()) : 0;
    return worker->session != NULL;
}

static void unpark(Worker *worker)
{
    Task *task;

    while ((task = g_queue_pop_head(&worker->parked)))
        tasks_push_once(worker->tasks, task);
}

/* What the store has may be another mailbox's. */
static gboolean check_mailbox(Worker *worker, GError **error)
{
    g_autofree char *told = NULL;

    if (!worker_open_reader(worker, error) ||
        !mailbox_check(worker->context.account, worker->context.store, worker->reader, &told, error))
        return FALSE;
    if (told)
        worker_tell_alert(told, worker);
    return TRUE;
}

gboolean worker_open_link(Worker *worker, gboolean is_asked, GError **error)
{
    GError *failed = NULL;

    if (worker->session)
        return TRUE;
    if (!link_may_begin(&worker->link, is_asked, clock_now_us(), error))
        return FALSE;
    worker->logins_seen = team_logins(worker->context.team);
    if (worker->link.state == ENGINE_ATTENTION)
        team_forget_old_refusal(worker->context.team, worker->link.lost_at_us);
    link_begin(&worker->link);
    if (!way_check(worker->context.account, worker->context.paths->config, error))
        return FALSE;
    worker_tell_state(worker, ENGINE_CONNECTING, NULL, 0, 0, NULL);
    if (!dial(worker, &failed) || !check_mailbox(worker, &failed)) {
        worker_close_link(worker);
        g_propagate_error(error, failed);
        return FALSE;
    }
    strength_remember(worker->reader, worker->context.store, worker->context.account,
                      &worker->context.account->incoming, imap_session_strength(worker->session));
    link_up(&worker->link, clock_now_us());
    if (!worker->link.is_prompted)
        team_count_login(worker->context.team, worker->member);
    hearing_begin(&worker->hearing, worker->session);
    atomic_store(&worker->is_logged_in, TRUE);
    unpark(worker);
    return TRUE;
}

void worker_after_error(Worker *worker, const GError *error)
{
    /* At the end the thread itself lets go of the session, with a LOGOUT. Held back: nothing has happened, it was not
     * yet time to connect. */
    if ((link_survives(error) && worker->session) || cancel_is_triggered(worker->cancel) ||
        link_is_held_back(&worker->link))
        return;
    if (worker->depth > 0) { /* the outer task tells, when it has let go of the session */
        worker->is_link_lost = TRUE;
        return;
    }
    if (worker->session)
        worker->logins_seen = team_logins(worker->context.team);
    worker_close_link(worker);
    if (worker->context.account->offline)
        link_down(&worker->link);
    else
        link_lost(&worker->link, error, worker->least_us, clock_now_us());
    worker_tell_state(worker, worker->link.state, NULL, 0, 0, worker->link.error);
}

/* ---- standing idle ---- */

void worker_nudge(Worker *worker, LinkNudge why)
{
    if (why == LINK_NUDGE_PERSON)
        team_forget_refusal(worker->context.team);
    atomic_fetch_or(&worker->nudges, 1u << why);
    if (why != LINK_NUDGE_PERSON && atomic_load(&worker->is_dialling))
        tasks_break(worker->tasks);
    wake_set(tasks_wake(worker->tasks));
}

/* Whether the connection is to be probed. */
static gboolean take_nudges(Worker *worker)
{
    const guint nudges = atomic_exchange(&worker->nudges, 0);
    gboolean probes = FALSE;

    for (LinkNudge why = LINK_NUDGE_PERSON; why <= LINK_NUDGE_SLEPT; why++)
        if (nudges & 1u << why)
            probes = link_nudge(&worker->link, why, clock_now_us()) || probes;
    return probes;
}

/* Whether another connection of the account could be had since this one could not. */
static void take_prompt(Worker *worker)
{
    const guint logins = team_logins(worker->context.team);

    if (logins == worker->logins_seen)
        return;
    worker->logins_seen = logins;
    link_prompt(&worker->link, clock_now_us());
}

/* Says something, and waits for the answer no longer than `timeout_us`. */
static void probe(Worker *worker, int64_t timeout_us)
{
    NetStream *stream = imap_session_stream(worker->session);
    g_autoptr(GError) error = NULL;

    net_stream_set_timeout(stream, timeout_us);
    if (imap_noop(worker->session, &error))
        net_stream_set_timeout(stream, NET_TIMEOUT_US);
    else
        worker_after_error(worker, error);
}

void worker_hang_up(Worker *worker)
{
    if (!worker->session)
        return;
    imap_logout(worker->session, clock_now_us() + SECOND_US);
    worker_close_link(worker);
    link_down(&worker->link);
    worker_tell_state(worker, ENGINE_OFFLINE, NULL, 0, 0, NULL);
}

/* Without a connection: until there is something to do, or it is time for the next try. */
static void wait_for_time(Worker *worker, int64_t look_at_us)
{
    const int64_t due_us = link_due_us(&worker->link);
    struct pollfd fds[] = {{wake_fd(tasks_wake(worker->tasks)), POLLIN, 0},
                           {cancel_fd(worker->cancel), POLLIN, 0}};
    g_autoptr(GError) error = NULL;

    if (poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(MIN(due_us, look_at_us))) != 0 ||
        due_us > clock_now_us())
        return;
    if (worker_open_link(worker, FALSE, &error))
        worker_tell_state(worker, ENGINE_IDLE, NULL, 0, 0, NULL);
    else
        worker_after_error(worker, error);
}

void worker_idle(Worker *worker)
{
    if (take_nudges(worker)) {
        probe(worker, PROBE_US);
        return;
    }
    take_prompt(worker);
    const int64_t look_at_us = worker_look_around(worker);
    if (tasks_has(worker->tasks, URGENCIES))
        return;
    if (worker->session)
        worker_listen(worker, look_at_us);
    else
        wait_for_time(worker, look_at_us);
}
