/* session.c - see session.h. */
#include "cli/session.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "cli/output.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A reader of a command may wait for another process's checkpoint or recovery. */
#define BUSY_MS 5000
/* How long cancelled requests may take to end before the engine is stopped under them. */
#define CANCEL_US (2 * SECOND_US)

CliSession *cli_session_open(CliContext *context, GError **error)
{
    g_autoptr(CliSession) session = g_new0(CliSession, 1);

    session->context = context;
    session->signal_fd = -1;
    session->store = store_open(context->paths, error);
    if (!session->store)
        return NULL;
    if (store_repaired(session->store))
        cli_note("tern: %s", store_repaired(session->store));
    session->reader = store_reader_new(session->store, BUSY_MS, error);
    if (!session->reader)
        return NULL;
    engine_apply_roles(context->config, session->store, session->reader);
    return g_steal_pointer(&session);
}

/* Before the engine has threads, so that all have the signals blocked. */
static int watch_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static gboolean start(CliSession *session, GError **error)
{
    const CliContext *context = session->context;

    if (session->signal_fd < 0)
        session->signal_fd = watch_signals();
    session->engine = engine_start(context->config, session->store, context->paths, context->offline, error);
    return session->engine != NULL;
}

gboolean cli_session_connect(CliSession *session, GError **error)
{
    if (!session->context->offline)
        return start(session, error);
    tern_error_set(error, TERN_ERROR_NETWORK, _("this needs a connection, and --offline forbids it"));
    return FALSE;
}

gboolean cli_is_on_disk(const ConfigAccount *account)
{
    return account->incoming.protocol == CONFIG_MAILDIR || account->incoming.protocol == CONFIG_MBOX;
}

gboolean cli_session_connect_for(CliSession *session, const char *account, GError **error)
{
    const ConfigAccount *of = account ? config_account(session->context->config, account) : NULL;

    return of && cli_is_on_disk(of) ? start(session, error) : cli_session_connect(session, error);
}

/* With --json the trace alone says it. */
static void tell_of_trace(const CliSession *session)
{
    const CliContext *context = session->context;

    if (context->trace && !context->json && session->engine && engine_is_elsewhere(session->engine))
        cli_note(
            _("tern: another tern of this profile has the connections; to trace them, start that one with "
              "--trace"));
}

void cli_session_close(CliSession *session)
{
    if (!session)
        return;
    tell_of_trace(session);
    if (!engine_stop(session->engine))
        return; /* the process ends, with the store in use */
    g_clear_pointer(&session->reader, store_reader_free);
    g_clear_pointer(&session->store, store_close);
    if (session->signal_fd >= 0)
        close(session->signal_fd);
    g_free(session);
}

static gboolean take_request(GArray *open, guint64 request, gboolean is_done)
{
    for (guint i = 0; i < open->len; i++) {
        if (g_array_index(open, guint64, i) != request)
            continue;
        if (is_done)
            g_array_remove_index_fast(open, i);
        return TRUE;
    }
    return FALSE;
}

/* All events that are there. */
static void take_events(CliSession *session, GArray *open, CliEventFunc func, void *data)
{
    EngineEvent *event;

    wake_clear(engine_wake(session->engine));
    while ((event = engine_next_event(session->engine))) {
        gboolean is_done = event->kind == ENGINE_EVENT_DONE;
        /* What the server says to people, and progress, belong to no request. */
        if (take_request(open, event->request, is_done) || !event->request)
            func(event, data);
        engine_event_free(event);
    }
}

static void cancel_all(CliSession *session, const GArray *open)
{
    for (guint i = 0; i < open->len; i++)
        engine_cancel(session->engine, g_array_index(open, guint64, i));
}

gboolean cli_session_wait(CliSession *session, const GArray *requests, CliEventFunc func, void *data,
                          GError **error)
{
    return cli_session_wait_until(session, requests, DEADLINE_NONE, func, data, error);
}

gboolean cli_session_wait_until(CliSession *session, const GArray *requests, int64_t deadline_us,
                                CliEventFunc func, void *data, GError **error)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint64));
    struct pollfd fds[] = {{wake_fd(engine_wake(session->engine)), POLLIN, 0},
                           {session->signal_fd, POLLIN, 0}};
    struct signalfd_siginfo signal = {0};
    int64_t give_up_us = DEADLINE_NONE; /* then the engine is stopped under them */
    gboolean is_interrupted = FALSE;

    g_array_append_vals(open, requests->data, requests->len);
    while (open->len && clock_timeout_ms(give_up_us) != 0) {
        if (poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(MIN(deadline_us, give_up_us))) < 0 &&
            errno != EINTR)
            break;
        if (read(session->signal_fd, &signal, sizeof signal) == (ssize_t)sizeof signal) {
            is_interrupted = TRUE;
            cancel_all(session, open);
            give_up_us = clock_now_us() + CANCEL_US;
        } else if (clock_now_us() >= deadline_us) {
            cancel_all(session, open);
            deadline_us = DEADLINE_NONE;
        }
        take_events(session, open, func, data);
    }
    if (!is_interrupted)
        return TRUE;
    tern_error_set(error, TERN_ERROR_CANCELLED, _("interrupted; what was fetched is kept"));
    return FALSE;
}

void cli_session_serve(CliSession *session, CliEventFunc func, void *data)
{
    struct pollfd fds[] = {{wake_fd(engine_wake(session->engine)), POLLIN, 0},
                           {session->signal_fd, POLLIN, 0}};
    EngineEvent *event;

    do {
        poll(fds, G_N_ELEMENTS(fds), -1);
        wake_clear(engine_wake(session->engine));
        while ((event = engine_next_event(session->engine))) {
            func(event, data);
            engine_event_free(event);
        }
    } while (!(fds[1].revents & POLLIN));
}
