/* sender_requests.c - see sender_private.h: what people ask of a sender, and its answers. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/sender_private.h"

static void answer(Sender *sender, EngineRequest *request, const GError *failed)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_DONE, request->id, sender_account(sender));

    event->error = failed ? g_error_copy(failed) : NULL;
    sender->context.post(event, sender->context.crew, sender->context.data);
    engine_request_free(request);
}

void sender_answer_all(Sender *sender)
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

    sender_set_busy(sender, TRUE);
    const gboolean ok = !sender_is_stopping(sender) && sender_connect(sender, TRUE, &failed);
    sender_set_busy(sender, FALSE);
    if (!ok) {
        sender_hang_up(sender, FALSE);
        if (!failed)
            tern_error_set(&failed, TERN_ERROR_CANCELLED, _("cancelled"));
        if (!tern_error_is(failed, TERN_ERROR_CANCELLED))
            link_lost(&sender->link, failed, 0, clock_now_us());
    }
    answer(sender, request, failed);
}

void sender_check_all(Sender *sender)
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

/* What is cancelled was pushed before, so it is looked at first. */
void sender_take_requests(Sender *sender)
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
