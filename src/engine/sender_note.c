/* sender_note.c - see sender_private.h: what came of a message, for its envelope and for people. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/sender_private.h"

/* What may pass is tried for so long (RFC 5321, 4.5.4.1). */
#define LAST_TRY_S (5 * 24 * 60 * 60)
/* Events of progress are at least so far apart: nobody reads faster. */
#define PROGRESS_US (SECOND_US / 10)

/* ---- telling ---- */

static void post(SenderMail *mail, EngineEvent *event)
{
    event->message_id = mail->envelope->id;
    mail->sender->context.post(event, mail->sender->context.crew, mail->sender->context.data);
}

void sender_mail_tell(SenderMail *mail)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_OUTBOX, 0, sender_account(mail->sender));

    event->what = g_strdup(outbox_state_name(mail->envelope->state));
    post(mail, event);
}

/* Somebody who asked for notices waits for them in vain. */
static void tell_unnotified(SenderMail *mail)
{
    const OutboxEnvelope *envelope = mail->envelope;

    if (!(envelope->notify & OUTBOX_NOTIFY_SUCCESS) || mail->failed || mail->result.is_notified)
        return;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_ALERT, 0, sender_account(mail->sender));
    event->what =
        g_strdup_printf(_("“%s” was sent, but the mail server gives no notices of delivery (it has no DSN)"),
                        outbox_envelope_subject(envelope));
    post(mail, event);
}

/* What a person has to know of, wherever he is. */
static void tell_trouble(SenderMail *mail)
{
    const OutboxEnvelope *envelope = mail->envelope;
    const char *subject = outbox_envelope_subject(envelope);
    EngineEvent *event;

    if (envelope->state != OUTBOX_FAILED && envelope->state != OUTBOX_UNKNOWN)
        return;
    event = engine_event_new(ENGINE_EVENT_ALERT, 0, sender_account(mail->sender));
    event->what = g_strdup_printf(envelope->state == OUTBOX_FAILED ? _("“%s” was not sent: %s")
                                                                   : _("“%s” may have been sent or not: %s"),
                                  subject, envelope->error ? envelope->error : "");
    post(mail, event);
}

void sender_mail_progress(uint64_t sent_bytes, uint64_t total_bytes, void *data)
{
    SenderMail *mail = data;
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

/* ---- the envelope ---- */

/* 1 min, 2, 4 … 4 h. */
static int64_t later_s(guint tries)
{
    return 60 * (INT64_C(1) << MIN(tries > 0 ? tries - 1 : 0, 8));
}

static void note_recipients(OutboxEnvelope *envelope, const SenderMail *mail)
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
static gboolean is_cut(const SenderMail *mail)
{
    const SmtpSession *session = mail->sender->session;

    return mail->failed && (tern_error_is(mail->failed, TERN_ERROR_CANCELLED) ||
                            (session && !smtp_session_is_alive(session)));
}

/* Somebody is still to get it: queued, unless the server will not have it, or it was tried for too long. */
static void note_waiting(OutboxEnvelope *envelope, const SenderMail *mail)
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
static gboolean is_for_all(const OutboxEnvelope *envelope, const SenderMail *mail)
{
    gboolean is_bare = FALSE;

    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        is_bare |= recipient->fate == OUTBOX_WAITING && !recipient->reason;
    }
    return mail->failed && (is_bare || mail->result.is_unknown || !may_pass(mail->failed));
}

static void note_error(OutboxEnvelope *envelope, const SenderMail *mail, OutboxFate fate)
{
    g_free(envelope->error);
    envelope->error = fate == OUTBOX_WAITING && is_for_all(envelope, mail) ? NULL : reason_of(envelope, fate);
    if (!envelope->error && mail->failed)
        envelope->error = g_strdup(tern_error_is(mail->failed, TERN_ERROR_CANCELLED)
                                       ? _("tern was quit, or taken offline, before the server answered")
                                       : mail->failed->message);
}

static gboolean note_result(OutboxEnvelope *envelope, void *data, GError **error)
{
    const SenderMail *mail = data;

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

static void replace(SenderMail *mail, OutboxEnvelope *now)
{
    outbox_envelope_free(mail->envelope);
    mail->envelope = now;
}

gboolean sender_mail_note(SenderMail *mail, GError **error)
{
    OutboxEnvelope *now = NULL;

    if (!outbox_change(mail->sender->outbox, mail->envelope->id, note_result, mail, &now, error))
        return FALSE;
    if (!now)
        return TRUE;
    replace(mail, now);
    sender_mail_tell(mail);
    tell_trouble(mail);
    tell_unnotified(mail);
    return sender_after(mail->sender, mail->envelope, error);
}

/* ---- what is not even tried ---- */

/* Of so many the reason is noted at a time. */
#define MOST_NOTED 50

static gboolean lacks_note(const OutboxEnvelope *envelope, const char *why)
{
    return outbox_may_go(envelope) && envelope->not_before_s <= clock_wall_s() &&
           g_strcmp0(envelope->error, why) != 0;
}

static gboolean note_kept(OutboxEnvelope *envelope, void *data, GError **error)
{
    const char *why = data;

    (void)error;
    if (!lacks_note(envelope, why))
        return FALSE;
    g_free(envelope->error);
    envelope->error = g_strdup(why);
    return TRUE;
}

static void tell_kept(Sender *sender, const OutboxEnvelope *envelope)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_OUTBOX, 0, sender_account(sender));

    event->what = g_strdup(outbox_state_name(envelope->state));
    event->message_id = envelope->id;
    sender->context.post(event, sender->context.crew, sender->context.data);
}

void sender_note_kept(Sender *sender, const GError *failed)
{
    g_autoptr(GPtrArray) all =
        sender->outbox ? outbox_list(sender->outbox, sender_account(sender), NULL) : NULL;
    guint noted = 0;

    for (guint i = 0; all && i < all->len && noted < MOST_NOTED; i++) {
        const OutboxEnvelope *before = all->pdata[i];
        g_autoptr(OutboxEnvelope) now = NULL;
        if (!lacks_note(before, failed->message) ||
            !outbox_change(sender->outbox, before->id, note_kept, failed->message, &now, NULL))
            continue;
        noted++;
        if (now)
            tell_kept(sender, now);
    }
}
