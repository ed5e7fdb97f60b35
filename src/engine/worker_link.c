/* worker_link.c - see worker_private.h. A worker's connection: opening it, losing it, standing idle on it. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/dial.h"
#include "engine/link.h"
#include "engine/worker_private.h"

#include <poll.h>

void worker_close_link(Worker *worker)
{
    hearing_begin(&worker->hearing, NULL);
    imap_session_free(worker->session);
    worker->session = NULL;
    worker->is_link_lost = FALSE;
    atomic_store(&worker->is_logged_in, FALSE);
    tasks_set_breaker(worker->tasks, NULL);
}

static Cancel *new_breaker(Worker *worker)
{
    Cancel *cancel = cancel_new();

    tasks_set_breaker(worker->tasks, cancel);
    /* Whoever stops the worker triggers this one first and the breaker then: one of the two is seen. */
    if (cancel_is_triggered(worker->cancel))
        cancel_trigger(cancel);
    return cancel;
}

/* Whether the account can be connected as it asks to be: with a mistyped pin, say, it would be another way than the one
 * asked for. */
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
    else if (account->offline)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the account “%s” is set to offline"), account->id);
    else
        return TRUE;
    return FALSE;
}

gboolean worker_open_link(Worker *worker, GError **error)
{
    const ImapListener listener = hearing_listener(&worker->hearing);

    if (worker->session)
        return TRUE;
    if (!check_account(worker, error))
        return FALSE;
    worker_tell_state(worker, ENGINE_CONNECTING, NULL, 0, 0, NULL);
    g_autoptr(Cancel) cancel = new_breaker(worker);
    worker->session = dial_imap(worker->context.account, &listener, cancel, error);
    if (!worker->session) {
        worker_close_link(worker);
        return FALSE;
    }
    hearing_begin(&worker->hearing, worker->session);
    atomic_store(&worker->is_logged_in, TRUE);
    return TRUE;
}

static gboolean needs_person(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_AUTH) || tern_error_is(error, TERN_ERROR_TLS) ||
           tern_error_is(error, TERN_ERROR_CONFIG);
}

void worker_after_error(Worker *worker, const GError *error)
{
    /* At the end the thread itself lets go of the session, with a LOGOUT. */
    if ((link_survives(error) && worker->session) || cancel_is_triggered(worker->cancel))
        return;
    if (worker->depth > 0) { /* the outer task tells, when it has let go of the session */
        worker->is_link_lost = TRUE;
        return;
    }
    worker_close_link(worker);
    worker_tell_state(worker, needs_person(error) ? ENGINE_ATTENTION : ENGINE_OFFLINE, NULL, 0, 0,
                      tern_error_is(error, TERN_ERROR_CANCELLED) ? NULL : error);
}

void worker_idle(Worker *worker)
{
    Wake *wake = tasks_wake(worker->tasks);
    g_autoptr(GError) error = NULL;

    if (!worker->session) {
        struct pollfd fds[] = {{wake_fd(wake), POLLIN, 0}, {cancel_fd(worker->cancel), POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), -1);
        return;
    }
    const int ready = net_stream_wait(imap_session_stream(worker->session), wake, DEADLINE_NONE, &error);
    if (ready & NET_WOKEN)
        return;
    if (ready == NET_ERROR || !imap_noop(worker->session, &error)) /* BYE, most likely */
        worker_after_error(worker, error);
}
