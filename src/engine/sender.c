/* sender.c - see sender.h and sender_private.h: the thread, and the dispatcher's functions. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "engine/sender_private.h"

#include <poll.h>
#include <unistd.h>

/* A connection stays for the next message: a person who sends one often sends another. */
#define LINGER_US (5 * SECOND_US)
/* The outbox is looked at again after a disk that could not be read. */
#define DISK_RETRY_S 60

/* ---- what is due ---- */

static gboolean open_outbox(Sender *sender, GError **error)
{
    if (!sender->outbox)
        sender->outbox = outbox_open(sender->context.paths->data, error);
    if (sender->outbox && sender->watch_fd < 0 && atomic_load(&sender->is_live))
        sender->watch_fd = outbox_watch(sender->outbox);
    outbox_watch_clear(sender->watch_fd); /* before it is looked at */
    if (!sender->outbox || !sender_take_lock(sender, error))
        return FALSE;
    if (!sender->has_caught_up)
        sender_catch_up(sender);
    sender->has_caught_up = TRUE;
    return TRUE;
}

OutboxEnvelope *sender_next_due(Sender *sender, GError **error)
{
    const int64_t now_s = clock_wall_s();
    g_autoptr(GError) failed = NULL;
    OutboxEnvelope *due =
        open_outbox(sender, &failed)
            ? outbox_next_due(sender->outbox, sender_account(sender), now_s, &sender->due_s, &failed)
            : NULL;

    if (!failed)
        return due;
    sender->due_s = now_s + DISK_RETRY_S;
    g_propagate_error(error, g_steal_pointer(&failed));
    return NULL;
}

static gboolean send_next(Sender *sender, SenderMail *mail, GError **error)
{
    g_autoptr(GError) failed = NULL;

    sender_set_busy(sender, TRUE);
    const gboolean ok = !sender_is_stopping(sender) &&
                        sender_connect(sender, sender->asked.length > 0, &failed) &&
                        sender_mail_send(mail, &failed);
    sender_set_busy(sender, FALSE);
    if (ok) {
        sender->linger_until_us = 0;
        if (sender->session && !smtp_session_is_alive(sender->session))
            sender_hang_up(sender, FALSE);
        return TRUE;
    }
    sender_hang_up(sender, FALSE);
    if (failed && !tern_error_is(failed, TERN_ERROR_CANCELLED)) {
        link_lost(&sender->link, failed, 0, clock_now_us());
        sender_note_kept(sender, failed);
    }
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

/* ---- the thread ---- */

static void take_nudges(Sender *sender)
{
    const guint nudges = atomic_exchange(&sender->nudges, 0);

    for (guint why = 0; why <= LINK_NUDGE_SLEPT; why++)
        if (nudges & 1u << why)
            link_nudge(&sender->link, (LinkNudge)why, clock_now_us());
    if (nudges && sender->session) /* it may be dead */
        sender_hang_up(sender, FALSE);
}

static gboolean may_work(const Sender *sender)
{
    return sender->asked.length > 0 ||
           (atomic_load(&sender->is_live) && !sender->context.account->offline &&
            (sender->session || link_may_begin(&sender->link, FALSE, clock_now_us(), NULL)));
}

/* When there may be something to do though nobody says so. `is_due`: something waits for the link, or nobody could
 * look; else the link's time does not matter. */
static int64_t wait_until_us(const Sender *sender, gboolean is_due)
{
    const int64_t now_us = clock_now_us();
    int64_t until_us = sender->session ? sender->linger_until_us : DEADLINE_NONE;

    if (!atomic_load(&sender->is_live) || sender->context.account->offline)
        return until_us;
    if (is_due)
        until_us = MIN(until_us, link_due_us(&sender->link));
    /* Whose time has come waits for the link, or is to be looked at again. */
    if (sender->due_s && (sender->due_s > clock_wall_s() || !is_due))
        until_us = MIN(until_us, now_us + MAX(sender->due_s - clock_wall_s(), 1) * SECOND_US);
    return until_us;
}

/* Closed by ourselves. */
static void end_connection(Sender *sender, gboolean politely)
{
    sender_hang_up(sender, politely);
    link_down(&sender->link);
    sender->linger_until_us = 0;
}

static void idle(Sender *sender, gboolean is_due)
{
    struct pollfd news[] = {{wake_fd(queue_wake(sender->inbox)), POLLIN, 0}, {sender->watch_fd, POLLIN, 0}};

    if (sender->ahead) /* nobody asks for it any more: there is no other way to take it back */
        end_connection(sender, FALSE);
    if (sender->session && !sender->linger_until_us)
        sender->linger_until_us = clock_now_us() + LINGER_US;
    poll(news, G_N_ELEMENTS(news), clock_timeout_ms(wait_until_us(sender, is_due)));
    if (news[1].revents) /* before it is looked at; also while that cannot be */
        outbox_watch_clear(sender->watch_fd);
    if (sender->session && clock_now_us() >= sender->linger_until_us)
        end_connection(sender, TRUE);
}

static SenderMail *take_next(Sender *sender)
{
    if (sender->ahead)
        return g_steal_pointer(&sender->ahead);
    OutboxEnvelope *due = sender_next_due(sender, &sender->failed);
    return due ? sender_mail_new(sender, due) : NULL;
}

/* One message, or the end of what was asked. TRUE: there may be more. *is_due_out: there was one. */
static gboolean work(Sender *sender, gboolean *is_due_out)
{
    g_autoptr(SenderMail) next = take_next(sender);

    *is_due_out = next != NULL;
    if (next && send_next(sender, next, &sender->failed))
        return TRUE;
    sender_answer_all(sender);
    return FALSE;
}

/* What is due while the link waits says what for, though nobody tries it. *is_due_out: there is something. */
static void note_held_back(Sender *sender, gboolean *is_due_out)
{
    g_autoptr(GError) unread = NULL; /* it is looked at again */

    if (!atomic_load(&sender->is_live) || !link_is_held_back(&sender->link) || !sender->link.error)
        return;
    g_autoptr(OutboxEnvelope) due = sender_next_due(sender, &unread);
    *is_due_out = due || unread;
    if (due)
        sender_note_kept(sender, sender->link.error);
}

static void run(void *data)
{
    Sender *sender = data;

    thread_stand_back();
    while (!sender_is_stopping(sender)) {
        wake_clear(queue_wake(sender->inbox));
        take_nudges(sender);
        sender_take_requests(sender);
        sender_check_all(sender);
        gboolean is_due = TRUE; /* as far as anybody knows who may not look */
        const gboolean is_free = may_work(sender), has_more = is_free && work(sender, &is_due);
        if (!is_free)
            note_held_back(sender, &is_due);
        /* Looked at after the clearing: what is said from then on ends the waiting. */
        if (!has_more && queue_length(sender->inbox) == 0 && !sender_is_stopping(sender))
            idle(sender, is_due);
    }
    sender_hang_up(sender, TRUE);
    if (!sender->failed)
        tern_error_set(&sender->failed, TERN_ERROR_CANCELLED, _("cancelled"));
    sender_take_requests(sender);
    sender_answer_all(sender);
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

void sender_set_busy(Sender *sender, gboolean is_busy)
{
    pthread_mutex_lock(&sender->mutex);
    sender->is_busy = is_busy;
    pthread_mutex_unlock(&sender->mutex);
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
