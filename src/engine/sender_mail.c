/* sender_mail.c - see sender_private.h. One message from the outbox: SENDING, the mark, its end; and the one
 * after it, which the server is told of in the same flight. */
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/sender_private.h"
#include "mime/outgoing.h"

#include <unistd.h>

G_STATIC_ASSERT((guint)OUTBOX_NOTIFY_NEVER == SMTP_NOTIFY_NEVER &&
                (guint)OUTBOX_NOTIFY_SUCCESS == SMTP_NOTIFY_SUCCESS &&
                (guint)OUTBOX_NOTIFY_FAILURE == SMTP_NOTIFY_FAILURE &&
                (guint)OUTBOX_NOTIFY_DELAY == SMTP_NOTIFY_DELAY);

/* ---- what goes out ---- */

/* A copy without 8-bit bytes for a server that takes none; NULL without an error: the message can go as it
 * is. */
static OutboxFile *seven_bit_copy(Sender *sender, int fd, GError **error)
{
    if (!sender->session || smtp_session_can(sender->session, SMTP_CAN_8BITMIME) ||
        !mime_outgoing_has_8bit(fd))
        return NULL;
    g_autoptr(OutboxFile) copy = outbox_begin(sender->outbox, error);
    return copy && file_copy_rest(fd, outbox_file_fd(copy), _("a message cannot be read"), error) &&
                   mime_outgoing_to_7bit(outbox_file_fd(copy), error)
               ? g_steal_pointer(&copy)
               : NULL;
}

/* Opens what goes out, once it is known to whom it is handed. */
static void make_ready(SenderMail *mail)
{
    Sender *sender = mail->sender;

    if (mail->fd >= 0 || mail->unready)
        return;
    mail->fd = outbox_open_message(sender->outbox, mail->plan->id, &mail->unready);
    if (mail->fd >= 0)
        mail->copy = seven_bit_copy(sender, mail->fd, &mail->unready);
    mail->message.fd = mail->copy ? outbox_file_fd(mail->copy) : mail->fd;
}

/* ---- what is asked on the way ---- */

/* Looked at again: meanwhile a person may have held it, put it off, begun to edit it, or sent it another
 * way. */
static gboolean begin(OutboxEnvelope *envelope, void *data, GError **error)
{
    SenderMail *mail = data;

    (void)error;
    mail->is_begun = outbox_may_go(envelope) && envelope->not_before_s <= clock_wall_s() &&
                     outbox_envelope_equals(envelope, mail->plan);
    if (!mail->is_begun)
        return FALSE;
    envelope->state = OUTBOX_SENDING;
    envelope->is_marked = FALSE;
    envelope->tries++;
    return TRUE;
}

static gboolean set_mark(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data;
    if (envelope->state != OUTBOX_SENDING) {
        tern_error_set(error, TERN_ERROR_BUG, _("a message in the outbox was changed while it was sent"));
        return FALSE;
    }
    envelope->is_marked = TRUE;
    return TRUE;
}

/* The second mark: durable before the end of the message goes out. */
static gboolean before_end(void *data, GError **error)
{
    SenderMail *mail = data;
    g_autoptr(OutboxEnvelope) now = NULL;

    if (!sender_mark(mail->sender, error))
        return FALSE;
    if (!outbox_change(mail->sender->outbox, mail->envelope->id, set_mark, NULL, &now, error)) {
        mail->is_unmarked = TRUE;
        return FALSE;
    }
    if (now)
        return TRUE;
    tern_error_set(error, TERN_ERROR_STORE, _("a message in the outbox is gone"));
    return FALSE;
}

/* What will be sent after it. Nothing of that is noted yet: its turn begins with what the outbox says then,
 * and a crash finds it there as if nobody had told of it. */
static const SmtpMessage *next(void *data)
{
    const SenderMail *mail = data;
    Sender *sender = mail->sender;
    OutboxEnvelope *due = sender_next_due(sender, NULL);
    SenderMail *ahead = due ? sender_mail_new(sender, due) : NULL;

    if (!ahead)
        return NULL;
    make_ready(ahead);
    sender->ahead = ahead;
    return ahead->unready ? NULL : &ahead->message;
}

/* ---- the value ---- */

/* The addresses that wait. */
static void choose_recipients(SenderMail *mail)
{
    GPtrArray *addresses = g_ptr_array_new();

    mail->asked = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < mail->plan->recipients->len; i++) {
        OutboxRecipient *recipient = mail->plan->recipients->pdata[i];
        if (recipient->fate != OUTBOX_WAITING)
            continue;
        g_array_append_val(mail->asked, i);
        g_ptr_array_add(addresses, recipient->address);
    }
    g_ptr_array_add(addresses, NULL);
    mail->addresses = (const char **)g_ptr_array_free(addresses, FALSE);
}

SenderMail *sender_mail_new(Sender *sender, OutboxEnvelope *plan)
{
    SenderMail *mail = g_new0(SenderMail, 1);

    mail->sender = sender;
    mail->plan = plan;
    mail->fd = -1;
    choose_recipients(mail);
    mail->message = (SmtpMessage){.sender = plan->sender,
                                  .recipients = (const char *const *)mail->addresses,
                                  .notify = plan->notify,
                                  .returns = plan->returned,
                                  .envelope_id = plan->message_id,
                                  .requires_tls = plan->requires_tls,
                                  .next = next,
                                  .before_end = before_end,
                                  .progress = sender_mail_progress,
                                  .data = mail};
    return mail;
}

void sender_mail_free(SenderMail *mail)
{
    if (!mail)
        return;
    smtp_result_clear(&mail->result);
    g_array_unref(mail->asked);
    g_free(mail->addresses);
    if (mail->fd >= 0)
        close(mail->fd);
    outbox_file_free(mail->copy);
    g_clear_error(&mail->unready);
    outbox_envelope_free(mail->plan);
    outbox_envelope_free(mail->envelope);
    g_free(mail);
}

/* ---- one message ---- */

static gboolean transmit(SenderMail *mail, GError **error)
{
    Sender *sender = mail->sender;

    if (mail->unready) {
        g_propagate_error(error, g_error_copy(mail->unready));
        return FALSE;
    }
    const gboolean ok = sender->session ? smtp_send(sender->session, &mail->message, &mail->result, error)
                                        : sender_run_command(sender, &mail->message, &mail->result, error);
    sender_unmark(sender);
    return ok;
}

static gboolean send_begun(SenderMail *mail, GError **error)
{
    g_autoptr(GError) failed = NULL;

    sender_mail_tell(mail);
    transmit(mail, &failed);
    mail->failed = failed;
    gboolean ok = sender_mail_note(mail, error);
    mail->failed = NULL;
    /* A server that wants a login takes nothing else over this connection either. */
    if (ok && mail->sender->session && failed &&
        (tern_error_is(failed, TERN_ERROR_AUTH) || !smtp_session_is_alive(mail->sender->session))) {
        g_propagate_error(error, g_steal_pointer(&failed));
        ok = FALSE;
    }
    return ok;
}

gboolean sender_mail_send(SenderMail *mail, GError **error)
{
    Sender *sender = mail->sender;
    const gboolean is_ahead = mail->fd >= 0;

    make_ready(mail);
    if (!outbox_change(sender->outbox, mail->plan->id, begin, mail, &mail->envelope, error))
        return FALSE;
    if (mail->is_begun)
        return send_begun(mail, error);
    if (is_ahead) /* the server waits for it, and there is no other way to take it back */
        sender_hang_up(sender, FALSE);
    return TRUE;
}
