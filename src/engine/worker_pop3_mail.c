/* worker_pop3_mail.c - see worker_pop3_private.h: what a visit does on the server. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/dial.h"
#include "engine/link.h"
#include "engine/strength.h"
#include "engine/sync_pop3.h"
#include "engine/way.h"
#include "engine/worker_pop3_private.h"

/* Reading the Inbox into the store costs what the Inbox is; of a long download it may take a tenth. */
#define SYNC_SHARE 10

Pop3Session *visit_dial(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const ConfigAccount *account = worker->context.account;
    const gboolean is_asked = running->task->request->id != 0;

    if (is_asked)
        link_nudge(&worker->link, LINK_NUDGE_PERSON, clock_now_us());
    if (!link_may_begin(&worker->link, is_asked, clock_now_us(), error))
        return NULL;
    worker_pop3(worker)->is_well = FALSE;
    link_begin(&worker->link);
    if (!way_check(account, worker->context.paths->config, error))
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
    worker_pop3(worker)->login_delay_us = pop3_session_login_delay_s(session) * SECOND_US;
    return session;
}

/* ---- while it runs ---- */

static gboolean show(void *data, GError **error)
{
    Visit *visit = data;
    const int64_t began_us = clock_now_us();

    const gboolean ok = visit_sync_inbox(visit, error);
    visit->next_sync_us = clock_now_us() + (clock_now_us() - began_us) * SYNC_SHARE;
    return ok;
}

/* New messages are in the Maildir. They are shown at once, but for when that would hold up the others. */
static gboolean arrived(void *data, GError **error)
{
    const Visit *visit = data;

    return clock_now_us() < visit->next_sync_us || show(data, error);
}

static gboolean begin_stubs(void *data, GError **error)
{
    const Visit *visit = data;

    return disk_begin(&worker_pop3(visit->running->worker)->disk, DEADLINE_NONE, error);
}

static void end_stubs(void *data)
{
    const Visit *visit = data;

    disk_end(&visit->running->worker->pop3->disk);
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

/* ---- what came of it ---- */

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
        tern_error_set(error, TERN_ERROR_REFUSED, _("the server does not give this message: %s"),
                       result->outcome.not_given);
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

/* What was told before is not told again for as long as it is so. */
static void tell_once(Worker *worker, const char *news, char **told)
{
    if (news && g_strcmp0(news, *told) != 0)
        worker_tell_alert(news, worker);
    g_free(*told);
    *told = g_strdup(news);
}

/* A visit that came to its end. What the server refused is the answer to who asked for the visit, and told
 * where nobody did. */
static gboolean conclude(Visit *visit, const SyncPop3Result *result, GError **error)
{
    Worker *worker = visit->running->worker;
    const gboolean is_asked = visit->running->task->request->id != 0;
    g_autofree char *notice = sync_pop3_notice(worker->context.account, result);
    g_autoptr(GError) refused = NULL;

    tell_once(worker, notice, &worker->pop3->told);
    sync_pop3_check(result, &refused);
    if (!is_asked || !refused)
        tell_once(worker, refused ? refused->message : NULL, &worker->pop3->told_refused);
    if (!refused)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&refused));
    return FALSE;
}

gboolean visit_fetch(Visit *visit, GError **error)
{
    Worker *worker = visit->running->worker;
    g_autoptr(Pop3Session) session = visit_dial(visit->running, error);
    g_autofree char *root = disk_root(worker->context.account, worker->context.paths);
    g_autofree char *trash = raw_trash(worker);
    struct Pop3Worker *pop3 = worker_pop3(worker);
    g_auto(SyncPop3Result) result = {0};

    if (!session)
        return FALSE;
    worker_tell_state(worker, ENGINE_WORKING, "INBOX", 0, 0, NULL);
    const SyncPop3 sync = {.account = worker->context.account,
                           .paths = worker->context.paths,
                           .root = root,
                           .raw_trash = trash,
                           .arrived = arrived,
                           .show = show,
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
    if (ok)
        ok = visit->asked_for ? check_asked(&result, error) : conclude(visit, &result, error);
    return ok;
}
