/* sender_mail.c - see sender_private.h. One message from the outbox: SENDING, the mark, and what came of
 * it. */
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/sender_private.h"
#include "mime/outgoing.h"

#include <unistd.h>

/* What may pass is tried for so long (RFC 5321, 4.5.4.1). */
#define LAST_TRY_S (5 * 24 * 60 * 60)
/* Events of progress are at least so far apart: nobody reads faster. */
#define PROGRESS_US (SECOND_US / 10)

/* A message that is being sent. */
typedef struct {
    Sender *sender;
    OutboxEnvelope *envelope; /* as it is in the outbox */
    GArray *asked;            /* guint: the index in the envelope of each recipient that was asked for */
    SmtpResult result;
    gboolean is_unmarked; /* the disk did not take the second mark: it may, the next time */
    const GError *failed; /* NULL: taken for at least one */
    int64_t progress_us;
} Mail;

/* ---- telling ---- */

static void post(Mail *mail, EngineEvent *event)
{
    event->message_id = mail->envelope->id;
    mail->sender->context.post(event, mail->sender->context.crew, mail->sender->context.data);
}

static void tell(Mail *mail)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_OUTBOX, 0, sender_account(mail->sender));

    event->what = g_strdup(outbox_state_name(mail->envelope->state));
    post(mail, event);
}

G_STATIC_ASSERT((guint)OUTBOX_NOTIFY_NEVER == SMTP_NOTIFY_NEVER &&
                (guint)OUTBOX_NOTIFY_SUCCESS == SMTP_NOTIFY_SUCCESS &&
                (guint)OUTBOX_NOTIFY_FAILURE == SMTP_NOTIFY_FAILURE &&
                (guint)OUTBOX_NOTIFY_DELAY == SMTP_NOTIFY_DELAY);

/* Somebody who asked for notices waits for them in vain. */
static void tell_unnotified(Mail *mail)
{
    const OutboxEnvelope *envelope = mail->envelope;

    if (!(envelope->notify & OUTBOX_NOTIFY_SUCCESS) || mail->failed || mail->result.is_notified)
        return;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_ALERT, 0, sender_account(mail->sender));
    event->what =
        g_strdup_printf(_("“%s” was sent, but the mail server gives no notices of delivery (it has no DSN)"),
                        envelope->subject && *envelope->subject ? envelope->subject : _("(no subject)"));
    post(mail, event);
}

/* What a person has to know of, wherever he is. */
static void tell_trouble(Mail *mail)
{
    const OutboxEnvelope *envelope = mail->envelope;
    const char *subject = envelope->subject && *envelope->subject ? envelope->subject : _("(no subject)");
    EngineEvent *event;

    if (envelope->state != OUTBOX_FAILED && envelope->state != OUTBOX_UNKNOWN)
        return;
    event = engine_event_new(ENGINE_EVENT_ALERT, 0, sender_account(mail->sender));
    event->what = g_strdup_printf(envelope->state == OUTBOX_FAILED ? _("“%s” was not sent: %s")
                                                                   : _("“%s” may have been sent or not: %s"),
                                  subject, envelope->error ? envelope->error : "");
    post(mail, event);
}

static void on_progress(uint64_t sent_bytes, uint64_t total_bytes, void *data)
{
    Mail *mail = data;
    const int64_t now_us = clock_now_us();

    if (now_us - mail->progress_us < PROGRESS_US)
        return;
    mail->progress_us = now_us;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_OUTBOX, 0, sender_account(mail->sender));
    event->what = g_strdup(outbox_state_name(OUTBOX_SENDING));
    event->done = (int64_t)sent_bytes;
    event->total = (int64_t)total_bytes;
    post(mail, event);
}

/* ---- before ---- */

/* Looked at again: while tern connected, a person may have held it, put it off, or begun to edit it. */
static gboolean begin(OutboxEnvelope *envelope, void *data, GError **error)
{
    gboolean *is_begun = data;

    (void)error;
    *is_begun = outbox_may_go(envelope) && envelope->not_before_s <= clock_wall_s();
    if (!*is_begun)
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
    Mail *mail = data;
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

/* ---- after ---- */

/* 1 min, 2, 4 … 4 h. */
static int64_t later_s(guint tries)
{
    return 60 * (INT64_C(1) << MIN(tries > 0 ? tries - 1 : 0, 8));
}

static void note_recipients(OutboxEnvelope *envelope, const Mail *mail)
{
    for (guint i = 0; i < mail->asked->len && i < mail->result.n; i++) {
        const SmtpOutcome *outcome = &mail->result.recipients[i];
        OutboxRecipient *recipient = envelope->recipients->pdata[g_array_index(mail->asked, guint, i)];
        recipient->fate = outcome->fate == SMTP_TAKEN     ? OUTBOX_TAKEN
                          : outcome->fate == SMTP_REFUSED ? OUTBOX_REFUSED
                                                          : OUTBOX_WAITING;
        g_free(recipient->reason);
        recipient->reason = g_strdup(outcome->reason);
    }
}

/* Why it is where it is, of the first recipient of that fate. */
static char *reason_of(const OutboxEnvelope *envelope, OutboxFate fate)
{
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate == fate && recipient->reason)
            return g_strdup_printf("%s: %s", recipient->address, recipient->reason);
    }
    return NULL;
}

static gboolean may_pass(const GError *failed)
{
    return tern_error_is(failed, TERN_ERROR_NETWORK) || tern_error_is(failed, TERN_ERROR_PROTOCOL) ||
           tern_error_is(failed, TERN_ERROR_CANCELLED) || tern_error_is(failed, TERN_ERROR_AUTH) ||
           tern_error_is(failed, TERN_ERROR_TLS) || tern_error_is(failed, TERN_ERROR_CONFIG);
}

/* The connection was lost, or broken off here: not for a reason that the message has. */
static gboolean is_cut(const Mail *mail)
{
    const SmtpSession *session = mail->sender->session;

    return mail->failed && (tern_error_is(mail->failed, TERN_ERROR_CANCELLED) ||
                            (session && !smtp_session_is_alive(session)));
}

/* Somebody is still to get it: queued, unless the server will not have it, or it was tried for too long. */
static void note_waiting(OutboxEnvelope *envelope, const Mail *mail)
{
    g_autofree char *reason = reason_of(envelope, OUTBOX_WAITING);

    envelope->state = OUTBOX_QUEUED;
    if (mail->failed && !may_pass(mail->failed) && !mail->is_unmarked)
        envelope->state = OUTBOX_FAILED;
    else if (clock_wall_s() - envelope->queued_s > LAST_TRY_S)
        envelope->state = OUTBOX_FAILED;
    else if (reason || !is_cut(mail)) /* the link has its own waiting times */
        outbox_wait(envelope, later_s(envelope->tries));
}

/* Whether what ended the try says more of those who wait than what was said to one of them. */
static gboolean is_for_all(const OutboxEnvelope *envelope, const Mail *mail)
{
    gboolean is_bare = FALSE;

    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        is_bare |= recipient->fate == OUTBOX_WAITING && !recipient->reason;
    }
    return mail->failed && (is_bare || mail->result.is_unknown || !may_pass(mail->failed));
}

static void note_error(OutboxEnvelope *envelope, const Mail *mail, OutboxFate fate)
{
    g_free(envelope->error);
    envelope->error = fate == OUTBOX_WAITING && is_for_all(envelope, mail) ? NULL : reason_of(envelope, fate);
    if (!envelope->error && mail->failed)
        envelope->error = g_strdup(mail->failed->message);
}

static gboolean note_result(OutboxEnvelope *envelope, void *data, GError **error)
{
    const Mail *mail = data;

    (void)error;
    if (envelope->recipients->len != mail->envelope->recipients->len) /* its file was damaged meanwhile */
        return FALSE;
    envelope->is_marked = FALSE;
    note_recipients(envelope, mail);
    if (mail->result.is_unknown) {
        envelope->state = OUTBOX_UNKNOWN;
        note_error(envelope, mail, OUTBOX_WAITING);
    } else if (outbox_envelope_count(envelope, OUTBOX_WAITING) > 0) {
        note_waiting(envelope, mail);
        note_error(envelope, mail, OUTBOX_WAITING);
    } else if (outbox_envelope_count(envelope, OUTBOX_REFUSED) > 0) {
        envelope->state = OUTBOX_FAILED;
        note_error(envelope, mail, OUTBOX_REFUSED);
    } else {
        envelope->state = OUTBOX_SENT;
        g_clear_pointer(&envelope->error, g_free);
    }
    return TRUE;
}

/* ---- one message ---- */

/* The addresses that wait; NULL-terminated, the envelope's. */
static const char **waiting(Mail *mail)
{
    GPtrArray *addresses = g_ptr_array_new();

    for (guint i = 0; i < mail->envelope->recipients->len; i++) {
        OutboxRecipient *recipient = mail->envelope->recipients->pdata[i];
        if (recipient->fate != OUTBOX_WAITING)
            continue;
        g_array_append_val(mail->asked, i);
        g_ptr_array_add(addresses, recipient->address);
    }
    g_ptr_array_add(addresses, NULL);
    return (const char **)g_ptr_array_free(addresses, FALSE);
}

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

static gboolean transmit_file(Mail *mail, int fd, const char *const *addresses, GError **error)
{
    Sender *sender = mail->sender;
    const OutboxEnvelope *envelope = mail->envelope;
    const SmtpMessage message = {.sender = envelope->sender,
                                 .recipients = addresses,
                                 .fd = fd,
                                 .notify = envelope->notify,
                                 .envelope_id = envelope->message_id,
                                 .requires_tls = envelope->requires_tls,
                                 .before_end = before_end,
                                 .progress = on_progress,
                                 .data = mail};

    return sender->session ? smtp_send(sender->session, &message, &mail->result, error)
                           : sender_run_command(sender, &message, &mail->result, error);
}

static gboolean transmit(Mail *mail, GError **error)
{
    Sender *sender = mail->sender;
    g_autofree const char **addresses = waiting(mail);
    g_autoptr(GError) failed = NULL;
    const int fd = outbox_open_message(sender->outbox, mail->envelope->id, error);

    if (fd < 0)
        return FALSE;
    g_autoptr(OutboxFile) copy = seven_bit_copy(sender, fd, &failed);
    const gboolean ok = !failed && transmit_file(mail, copy ? outbox_file_fd(copy) : fd,
                                                 (const char *const *)addresses, &failed);
    close(fd);
    sender_unmark(sender);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return ok;
}

static void replace(Mail *mail, OutboxEnvelope *now)
{
    outbox_envelope_free(mail->envelope);
    mail->envelope = now;
}

static gboolean note(Mail *mail, GError **error)
{
    OutboxEnvelope *now = NULL;

    if (!outbox_change(mail->sender->outbox, mail->envelope->id, note_result, mail, &now, error))
        return FALSE;
    if (!now)
        return TRUE;
    replace(mail, now);
    tell(mail);
    tell_trouble(mail);
    tell_unnotified(mail);
    return sender_after(mail->sender, mail->envelope, error);
}

static gboolean send_begun(Mail *mail, GError **error)
{
    g_autoptr(GError) failed = NULL;

    tell(mail);
    mail->asked = g_array_new(FALSE, FALSE, sizeof(guint));
    transmit(mail, &failed);
    mail->failed = failed;
    gboolean ok = note(mail, error);
    if (ok && mail->sender->session && failed && !smtp_session_is_alive(mail->sender->session)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        ok = FALSE;
    }
    smtp_result_clear(&mail->result);
    g_array_unref(mail->asked);
    return ok;
}

gboolean sender_send(Sender *sender, const OutboxEnvelope *envelope, GError **error)
{
    Mail mail = {.sender = sender};
    gboolean is_begun = FALSE;

    if (!outbox_change(sender->outbox, envelope->id, begin, &is_begun, &mail.envelope, error))
        return FALSE;
    const gboolean ok = !mail.envelope || !is_begun || send_begun(&mail, error);
    outbox_envelope_free(mail.envelope);
    return ok;
}
