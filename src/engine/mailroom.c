/* mailroom.c - see mailroom.h. */
#include "engine/mailroom.h"

#include <string.h>

struct Mailroom {
    GPtrArray *senders; /* Sender */
};

Mailroom *mailroom_start(const Config *config, const SenderContext *like, GError **error)
{
    const GPtrArray *accounts = config_accounts(config);
    Mailroom *mailroom = g_new0(Mailroom, 1);
    SenderContext context = *like;

    mailroom->senders = g_ptr_array_new_with_free_func((GDestroyNotify)sender_free);
    context.lock = send_lock_new();
    for (guint i = 0; mailroom && i < accounts->len; i++) {
        context.account = accounts->pdata[i];
        Sender *sender = sender_new(&context, error);
        if (sender) {
            g_ptr_array_add(mailroom->senders, sender);
            continue;
        }
        mailroom_stop(mailroom);
        g_clear_pointer(&mailroom, mailroom_free);
    }
    send_lock_unref(context.lock);
    return mailroom;
}

static Sender *sender_of(Mailroom *mailroom, const EngineRequest *request)
{
    for (guint i = 0; i < mailroom->senders->len; i++)
        if (!g_strcmp0(request->account, sender_account(mailroom->senders->pdata[i])))
            return mailroom->senders->pdata[i];
    return NULL;
}

gboolean mailroom_submit(Mailroom *mailroom, const EngineRequest *request)
{
    Sender *sender = sender_of(mailroom, request);

    if (sender)
        sender_submit(sender, engine_request_copy(request));
    return sender != NULL;
}

void mailroom_cancel(Mailroom *mailroom, const EngineRequest *request)
{
    Sender *sender = sender_of(mailroom, request);

    if (sender)
        sender_cancel(sender, request->id);
}

static void tell(Mailroom *mailroom, void (*func)(Sender *sender))
{
    for (guint i = 0; i < mailroom->senders->len; i++)
        func(mailroom->senders->pdata[i]);
}

void mailroom_set_live(Mailroom *mailroom)
{
    tell(mailroom, sender_set_live);
}

void mailroom_nudge(Mailroom *mailroom, const char *account, LinkNudge why)
{
    for (guint i = 0; i < mailroom->senders->len; i++) {
        Sender *sender = mailroom->senders->pdata[i];
        if (!account || !strcmp(account, sender_account(sender)))
            sender_nudge(sender, why);
    }
}

void mailroom_stop(Mailroom *mailroom)
{
    tell(mailroom, sender_stop);
}

void mailroom_break(Mailroom *mailroom)
{
    tell(mailroom, sender_break);
}

gboolean mailroom_has_ended(Mailroom *mailroom)
{
    for (guint i = 0; i < mailroom->senders->len; i++)
        if (!sender_has_ended(mailroom->senders->pdata[i]))
            return FALSE;
    return TRUE;
}

void mailroom_free(Mailroom *mailroom)
{
    if (!mailroom)
        return;
    g_ptr_array_unref(mailroom->senders);
    g_free(mailroom);
}
