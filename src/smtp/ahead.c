/* ahead.c - see send_private.h: the next message is begun in the flight that ends the one before, so that its
 * answers are there when that one's is (RFC 2920, 3.1). */
#include "smtp/send_private.h"

#include "base/i18n.h"

struct SmtpAhead {
    const SmtpMessage *message;
    SmtpMeasure measure;
    GPtrArray *commands;
};

void smtp_ahead_free(SmtpAhead *ahead)
{
    if (!ahead)
        return;
    if (ahead->commands)
        g_ptr_array_unref(ahead->commands);
    g_free(ahead);
}

void smtp_ahead_look(const Sending *sending)
{
    const SmtpMessage *message = sending->message;
    Sending next = {.session = sending->session};

    if (!message->next || !smtp_session_can(sending->session, SMTP_CAN_PIPELINING))
        return;
    next.message = message->next(message->data);
    if (!next.message || !smtp_measure(next.message->fd, &next.measure, NULL) ||
        !smtp_check_message(&next, NULL))
        return;
    SmtpAhead *ahead = g_new0(SmtpAhead, 1);
    ahead->message = next.message;
    ahead->measure = next.measure;
    ahead->commands = smtp_commands(&next);
    sending->session->ahead = ahead;
}

gboolean smtp_ahead_write(SmtpSession *session, GError **error)
{
    for (guint i = 0; session->ahead && i < session->ahead->commands->len; i++)
        if (!smtp_write(session, session->ahead->commands->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean smtp_ahead_take(Sending *sending, GError **error)
{
    SmtpAhead *ahead = sending->session->ahead;

    if (ahead->message != sending->message)
        return smtp_fail(sending->session, TERN_ERROR_BUG, _("another message was begun"), error);
    sending->measure = ahead->measure;
    sending->commands = g_steal_pointer(&ahead->commands);
    sending->is_begun = TRUE;
    g_clear_pointer(&sending->session->ahead, smtp_ahead_free);
    return TRUE;
}
