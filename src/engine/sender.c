/* sender.c - see sender.h and sender_private.h: the thread, and the dispatcher's functions. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "engine/dial_smtp.h"
#include "maildir/outbox_limit.h"
#include "engine/sender_private.h"
#include "engine/strength.h"

#include <poll.h>
#include <unistd.h>

/* A connection stays for the next message: a person who sends one often sends another. */
#define LINGER_US (5 * SECOND_US)
/* The outbox is looked at again after a disk that could not be read. */
#define DISK_RETRY_S 60
#define READER_BUSY_MS 5000

/* ---- the outbox's lock ---- */

struct SendLock {
    pthread_mutex_t mutex;
    int refs, fd;
};

SendLock *send_lock_new(void)
{
    SendLock *lock = g_new0(SendLock, 1);

    pthread_mutex_init(&lock->mutex, NULL);
    lock->refs = 1;
    lock->fd = -1;
    return lock;
}

SendLock *send_lock_ref(SendLock *lock)
{
    pthread_mutex_lock(&lock->mutex);
    lock->refs++;
    pthread_mutex_unlock(&lock->mutex);
    return lock;
}

void send_lock_unref(SendLock *lock)
{
    if (!lock)
        return;
    pthread_mutex_lock(&lock->mutex);
    const gboolean is_last = --lock->refs == 0;
    pthread_mutex_unlock(&lock->mutex);
    if (!is_last)
        return;
    if (lock->fd >= 0)
        close(lock->fd);
    pthread_mutex_destroy(&lock->mutex);
    g_free(lock);
}

static gboolean take_lock(Sender *sender, GError **error)
{
    SendLock *lock = sender->context.lock;
    g_autoptr(GError) failed = NULL;

    pthread_mutex_lock(&lock->mutex);
    if (lock->fd < 0)
        lock->fd = outbox_begin_sending(sender->outbox, &failed);
    const gboolean ok = lock->fd >= 0;
    pthread_mutex_unlock(&lock->mutex);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (!ok)
        tern_error_set(error, TERN_ERROR_NETWORK, _("another tern is sending just now"));
    return ok;
}

/* ---- what is due ---- */

static gboolean open_outbox(Sender *sender, GError **error)
{
    if (!sender->outbox)
        sender->outbox = outbox_open(sender->context.paths->data, error);
    if (sender->outbox && sender->watch_fd < 0 && atomic_load(&sender->is_live))
        sender->watch_fd = outbox_watch(sender->outbox);
    outbox_watch_clear(sender->watch_fd); /* before it is looked at */
    if (!sender->outbox || !take_lock(sender, error))
        return FALSE;
    if (!sender->has_caught_up)
        sender_catch_up(sender);
    sender->has_caught_up = TRUE;
    return TRUE;
}

/* The oldest message that is due, or NULL; and in sender->due_s when the next one will be. */
static OutboxEnvelope *next_due(Sender *sender, GError **error)
{
    g_autoptr(GPtrArray) all =
        open_outbox(sender, error) ? outbox_list(sender->outbox, sender_account(sender), error) : NULL;
    const int64_t now_s = clock_wall_s();

    sender->due_s = all ? 0 : now_s + DISK_RETRY_S;
    for (guint i = 0; all && i < all->len; i++) {
        OutboxEnvelope *envelope = all->pdata[i];
        if (!outbox_may_go(envelope))
            continue;
        if (envelope->not_before_s <= now_s)
            return g_ptr_array_steal_index(all, i);
        if (!sender->due_s || envelope->not_before_s < sender->due_s)
            sender->due_s = envelope->not_before_s;
    }
    return NULL;
}

/* ---- the connection ---- */

static void hang_up(Sender *sender, gboolean politely)
{
    if (sender->session && politely)
        smtp_quit(sender->session,
                  clock_now_us() + (sender_is_stopping(sender) ? SECOND_US / 5 : 2 * SECOND_US));
    g_clear_pointer(&sender->session, smtp_session_free);
    pthread_mutex_lock(&sender->mutex);
    g_clear_pointer(&sender->breaker, cancel_unref);
    pthread_mutex_unlock(&sender->mutex);
}

static gboolean check_account(Sender *sender, GError **error)
{
    const ConfigAccount *account = sender->context.account;

    if (!account->is_usable)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” has mistakes in %s; tern config check lists them"), account->id,
                       sender->context.paths->config);
    else if (account->offline)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the account “%s” is set to offline"), account->id);
    else if (account->outgoing.protocol == CONFIG_NONE)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” cannot send: it has no outgoing = … in %s"), account->id,
                       sender->context.paths->config);
    else
        return TRUE;
    return FALSE;
}

gboolean sender_open_reader(Sender *sender, GError **error)
{
    if (!sender->reader)
        sender->reader = store_reader_new(sender->context.store, READER_BUSY_MS, error);
    return sender->reader != NULL;
}

static gboolean dial(Sender *sender, GError **error)
{
    const ConfigAccount *account = sender->context.account;

    if (!sender_open_reader(sender, error))
        return FALSE;
    g_autoptr(Cancel) breaker = sender_new_breaker(sender);
    const AuthStrength least = strength_expected(sender->reader, account, &account->outgoing);
    sender->session = dial_smtp(account, least, breaker, error);
    if (!sender->session)
        return FALSE;
    strength_remember(sender->reader, sender->context.store, account, &account->outgoing,
                      smtp_session_strength(sender->session));
    outbox_limit_remember(sender->context.paths->data, account->id,
                          (int64_t)MIN(smtp_session_size_limit(sender->session), INT64_MAX));
    return TRUE;
}

/* A connection that stood idle may be dead, without anybody having noticed. */
static gboolean is_still_there(Sender *sender)
{
    if (!sender->session || smtp_noop(sender->session, NULL))
        return sender->session != NULL;
    hang_up(sender, FALSE);
    return FALSE;
}

static gboolean connect_server(Sender *sender, gboolean is_asked, GError **error)
{
    if (!check_account(sender, error))
        return FALSE;
    if (sender->context.account->outgoing.protocol == CONFIG_SENDMAIL)
        return sender_has_command(sender, error);
    if (sender->linger_until_us ? is_still_there(sender) : sender->session != NULL)
        return TRUE;
    if (!link_may_begin(&sender->link, is_asked, clock_now_us(), error))
        return FALSE;
    link_begin(&sender->link);
    if (!dial(sender, error))
        return FALSE;
    link_up(&sender->link, clock_now_us());
    return TRUE;
}

static void set_busy(Sender *sender, gboolean is_busy)
{
    pthread_mutex_lock(&sender->mutex);
    sender->is_busy = is_busy;
    pthread_mutex_unlock(&sender->mutex);
}

static gboolean send_next(Sender *sender, const OutboxEnvelope *envelope, GError **error)
{
    g_autoptr(GError) failed = NULL;

    set_busy(sender, TRUE);
    const gboolean ok = !sender_is_stopping(sender) &&
                        connect_server(sender, sender->asked.length > 0, &failed) &&
                        sender_send(sender, envelope, &failed);
    set_busy(sender, FALSE);
    if (ok) {
        sender->linger_until_us = 0;
        if (sender->session && !smtp_session_is_alive(sender->session))
            hang_up(sender, FALSE);
        return TRUE;
    }
    hang_up(sender, FALSE);
    if (failed && !tern_error_is(failed, TERN_ERROR_CANCELLED))
        link_lost(&sender->link, failed, 0, clock_now_us());
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

/* ---- requests ---- */

static void answer(Sender *sender, EngineRequest *request, const GError *failed)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_DONE, request->id, sender_account(sender));

    event->error = failed ? g_error_copy(failed) : NULL;
    sender->context.post(event, sender->context.crew, sender->context.data);
    engine_request_free(request);
}

static void answer_all(Sender *sender)
{
    EngineRequest *request;

    while ((request = g_queue_pop_head(&sender->asked)))
        answer(sender, request, sender->failed);
    g_clear_error(&sender->failed);
}

static GArray *take_cancelled(Sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    GArray *cancelled = sender->cancelled;
    sender->cancelled = g_array_new(FALSE, FALSE, sizeof(guint64));
    pthread_mutex_unlock(&sender->mutex);
    return cancelled;
}

static void end_cancelled(Sender *sender, guint64 id)
{
    g_autoptr(GError) cancelled = g_error_new_literal(TERN_ERROR, TERN_ERROR_CANCELLED, _("cancelled"));

    for (GList *at = sender->asked.head, *next; at; at = next) {
        EngineRequest *request = at->data;
        next = at->next;
        if (request->id != id)
            continue;
        g_queue_delete_link(&sender->asked, at);
        answer(sender, request, cancelled);
    }
}

/* Whether mail could be sent; each who asks is told by itself. */
static void check(Sender *sender, EngineRequest *request)
{
    g_autoptr(GError) failed = NULL;

    set_busy(sender, TRUE);
    const gboolean ok = !sender_is_stopping(sender) && connect_server(sender, TRUE, &failed);
    set_busy(sender, FALSE);
    if (!ok) {
        hang_up(sender, FALSE);
        if (!failed)
            tern_error_set(&failed, TERN_ERROR_CANCELLED, _("cancelled"));
        if (!tern_error_is(failed, TERN_ERROR_CANCELLED))
            link_lost(&sender->link, failed, 0, clock_now_us());
    }
    answer(sender, request, failed);
}

static void check_all(Sender *sender)
{
    for (GList *at = sender->asked.head, *next; at; at = next) {
        EngineRequest *request = at->data;
        next = at->next;
        if (request->verb != ENGINE_VERB_CHECK_SENDING)
            continue;
        g_queue_delete_link(&sender->asked, at);
        check(sender, request);
    }
}

/* A person who asks is a reason to try at once, and may have said of a message that it was sent. What is
 * cancelled was pushed before, so it is looked at first. */
static void take_requests(Sender *sender)
{
    g_autoptr(GArray) cancelled = take_cancelled(sender);
    EngineRequest *request;

    while ((request = queue_try_pop(sender->inbox))) {
        g_queue_push_tail(&sender->asked, request);
        sender->has_caught_up = FALSE;
        link_nudge(&sender->link, LINK_NUDGE_PERSON, clock_now_us());
    }
    for (guint i = 0; i < cancelled->len; i++)
        end_cancelled(sender, g_array_index(cancelled, guint64, i));
}

/* ---- the thread ---- */

static void take_nudges(Sender *sender)
{
    const guint nudges = atomic_exchange(&sender->nudges, 0);

    for (guint why = 0; why <= LINK_NUDGE_SLEPT; why++)
        if (nudges & 1u << why)
            link_nudge(&sender->link, (LinkNudge)why, clock_now_us());
    if (nudges && sender->session) /* it may be dead */
        hang_up(sender, FALSE);
}

static gboolean may_work(const Sender *sender)
{
    return sender->asked.length > 0 ||
           (atomic_load(&sender->is_live) && !sender->context.account->offline &&
            (sender->session || link_may_begin(&sender->link, FALSE, clock_now_us(), NULL)));
}

/* When there may be something to do though nobody says so. */
static int64_t wait_until_us(const Sender *sender)
{
    const int64_t now_us = clock_now_us();
    int64_t until_us = sender->session ? sender->linger_until_us : DEADLINE_NONE;

    if (!atomic_load(&sender->is_live))
        return until_us;
    until_us = MIN(until_us, link_due_us(&sender->link));
    if (sender->due_s)
        until_us = MIN(until_us, now_us + MAX(sender->due_s - clock_wall_s(), 1) * SECOND_US);
    return until_us;
}

static void idle(Sender *sender)
{
    struct pollfd news[] = {{wake_fd(queue_wake(sender->inbox)), POLLIN, 0}, {sender->watch_fd, POLLIN, 0}};

    if (sender->session && !sender->linger_until_us)
        sender->linger_until_us = clock_now_us() + LINGER_US;
    poll(news, G_N_ELEMENTS(news), clock_timeout_ms(wait_until_us(sender)));
    if (sender->session && clock_now_us() >= sender->linger_until_us) {
        hang_up(sender, TRUE);
        link_down(&sender->link);
        sender->linger_until_us = 0;
    }
}

/* One message, or the end of what was asked. TRUE: there may be more. */
static gboolean work(Sender *sender)
{
    g_autoptr(OutboxEnvelope) next = next_due(sender, &sender->failed);

    if (next && send_next(sender, next, &sender->failed))
        return TRUE;
    answer_all(sender);
    return FALSE;
}

static void run(void *data)
{
    Sender *sender = data;
    gboolean has_more = TRUE;

    thread_stand_back();
    while (!sender_is_stopping(sender)) {
        wake_clear(queue_wake(sender->inbox));
        take_nudges(sender);
        take_requests(sender);
        check_all(sender);
        has_more = may_work(sender) && work(sender);
        if (!has_more && queue_length(sender->inbox) == 0)
            idle(sender);
    }
    hang_up(sender, TRUE);
    if (!sender->failed)
        tern_error_set(&sender->failed, TERN_ERROR_CANCELLED, _("cancelled"));
    take_requests(sender);
    answer_all(sender);
    g_clear_pointer(&sender->reader, store_reader_free);
    atomic_store(&sender->has_ended, TRUE);
    wake_set(sender->context.ended);
}

/* ---- breaking off ---- */

gboolean sender_is_stopping(Sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    const gboolean is_stopping = sender->is_stopping;
    pthread_mutex_unlock(&sender->mutex);
    return is_stopping;
}

Cancel *sender_new_breaker(Sender *sender)
{
    Cancel *breaker = cancel_new();

    pthread_mutex_lock(&sender->mutex);
    g_clear_pointer(&sender->breaker, cancel_unref);
    sender->breaker = cancel_ref(breaker);
    if (sender->is_stopping)
        cancel_trigger(breaker);
    pthread_mutex_unlock(&sender->mutex);
    return breaker;
}

gboolean sender_mark(Sender *sender, GError **error)
{
    pthread_mutex_lock(&sender->mutex);
    const gboolean is_broken = sender->is_stopping || cancel_check(sender->breaker, error);
    sender->is_marked = !is_broken;
    pthread_mutex_unlock(&sender->mutex);
    if (is_broken && error && !*error)
        tern_error_set(error, TERN_ERROR_CANCELLED, _("cancelled"));
    return !is_broken;
}

void sender_unmark(Sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    sender->is_marked = FALSE;
    pthread_mutex_unlock(&sender->mutex);
}

/* With the mutex. */
static void break_off(Sender *sender, gboolean even_marked)
{
    if (sender->breaker && (even_marked || (sender->is_busy && !sender->is_marked)))
        cancel_trigger(sender->breaker);
}

/* ---- the dispatcher's functions ---- */

Sender *sender_new(const SenderContext *context, GError **error)
{
    Sender *sender = g_new0(Sender, 1);

    sender->context = *context;
    send_lock_ref(context->lock);
    sender->watch_fd = -1;
    sender->inbox = queue_new(0, (GDestroyNotify)engine_request_free);
    sender->cancelled = g_array_new(FALSE, FALSE, sizeof(guint64));
    pthread_mutex_init(&sender->mutex, NULL);
    g_queue_init(&sender->asked);
    link_init(&sender->link, (guint64)clock_now_us() ^ g_str_hash(context->account->id));
    sender->thread = thread_start("sender", STACK_WORKER_BYTES, run, sender, error);
    if (!sender->thread) {
        sender_free(sender);
        return NULL;
    }
    return sender;
}

const char *sender_account(const Sender *sender)
{
    return sender->context.account->id;
}

void sender_set_live(Sender *sender)
{
    atomic_store(&sender->is_live, TRUE);
    wake_set(queue_wake(sender->inbox));
}

void sender_submit(Sender *sender, EngineRequest *request)
{
    if (!queue_push(sender->inbox, request))
        engine_request_free(request);
}

void sender_cancel(Sender *sender, guint64 request)
{
    pthread_mutex_lock(&sender->mutex);
    g_array_append_val(sender->cancelled, request);
    if (!atomic_load(&sender->is_live))
        break_off(sender, FALSE);
    pthread_mutex_unlock(&sender->mutex);
    wake_set(queue_wake(sender->inbox));
}

void sender_nudge(Sender *sender, LinkNudge why)
{
    atomic_fetch_or(&sender->nudges, 1u << why);
    wake_set(queue_wake(sender->inbox));
}

void sender_stop(Sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    sender->is_stopping = TRUE;
    break_off(sender, FALSE);
    pthread_mutex_unlock(&sender->mutex);
    wake_set(queue_wake(sender->inbox));
}

void sender_break(Sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    break_off(sender, TRUE);
    pthread_mutex_unlock(&sender->mutex);
}

gboolean sender_has_ended(Sender *sender)
{
    return atomic_load(&sender->has_ended);
}

void sender_free(Sender *sender)
{
    if (!sender)
        return;
    thread_join(sender->thread);
    queue_free(sender->inbox);
    g_array_unref(sender->cancelled);
    g_queue_clear_full(&sender->asked, (GDestroyNotify)engine_request_free);
    g_clear_error(&sender->failed);
    g_clear_pointer(&sender->breaker, cancel_unref);
    outbox_free(sender->outbox);
    if (sender->watch_fd >= 0)
        close(sender->watch_fd);
    link_clear(&sender->link);
    send_lock_unref(sender->context.lock);
    pthread_mutex_destroy(&sender->mutex);
    g_free(sender);
}
