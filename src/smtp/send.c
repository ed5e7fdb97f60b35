/* send.c - see send.h: a transaction, and what became of each recipient. */
#include "smtp/send_private.h"

#include "base/i18n.h"

#include <string.h>

void smtp_result_clear(SmtpResult *result)
{
    for (guint i = 0; i < result->n; i++)
        g_free(result->recipients[i].reason);
    g_clear_pointer(&result->recipients, g_free);
    result->n = 0;
}

/* ---- what a reply means for recipients ---- */

/* It was tried without (RFC 4954, 6), and takes it once it is told who one is. Where it offers STARTTLS and that was
 * not done, 530 may mean that (RFC 3207, 4). */
static gboolean wants_login(const SmtpSession *session, const SmtpReply *reply)
{
    const gboolean lacks_tls =
        smtp_session_can(session, SMTP_CAN_STARTTLS) && !net_stream_is_tls(session->stream);

    return reply->code == 530 && !session->mechanism && smtp_session_offers_login(session) && !lacks_tls;
}

/* To be freed. */
static char *reason_of(const SmtpSession *session, const SmtpReply *reply)
{
    g_autofree char *words = smtp_reply_words(reply);

    if (!wants_login(session, reply))
        return smtp_reply_meaning(reply);
    return g_strdup_printf(_("the server wants one to log in first: %s; in the account, name the user in "
                             "outgoing = …://USER@%s, and set password-command (or password)"),
                           words, net_stream_host(session->stream));
}

static void decide(const Sending *sending, SmtpOutcome *outcome, const SmtpReply *reply)
{
    const gboolean may_pass = smtp_reply_may_pass(reply) || wants_login(sending->session, reply);

    g_free(outcome->reason);
    outcome->code = reply->code;
    outcome->fate = smtp_reply_is_yes(reply) ? SMTP_TAKEN : may_pass ? SMTP_LATER : SMTP_REFUSED;
    outcome->reason = outcome->fate == SMTP_TAKEN ? NULL : reason_of(sending->session, reply);
}

/* All that were taken so far, or not tried. */
static void decide_rest(const Sending *sending, const SmtpReply *reply)
{
    SmtpResult *result = sending->result;

    for (guint i = 0; i < result->n; i++)
        if (result->recipients[i].fate == SMTP_TAKEN || result->recipients[i].fate == SMTP_NOT_TRIED)
            decide(sending, &result->recipients[i], reply);
}

static void forget_taken(SmtpResult *result)
{
    for (guint i = 0; i < result->n; i++)
        if (result->recipients[i].fate == SMTP_TAKEN)
            result->recipients[i].fate = SMTP_NOT_TRIED;
}

static guint count(const SmtpResult *result, SmtpFate fate)
{
    guint n = 0;

    for (guint i = 0; i < result->n; i++)
        n += result->recipients[i].fate == fate;
    return n;
}

/* Nobody was taken: what may pass counts more, since then the message is to be tried again. */
static gboolean refuse_all(const Sending *sending, GError **error)
{
    const SmtpFate fate = count(sending->result, SMTP_LATER) > 0 ? SMTP_LATER : SMTP_REFUSED;

    for (guint i = 0; i < sending->result->n; i++) {
        const SmtpOutcome *outcome = &sending->result->recipients[i];
        if (outcome->fate != fate)
            continue;
        g_autofree char *safe = g_strescape(sending->message->recipients[i], NULL);
        if (fate == SMTP_LATER && outcome->code == 530) /* of every message: it names nobody */
            tern_error_set(error, TERN_ERROR_AUTH, "%s", outcome->reason);
        else
            tern_error_set(error, fate == SMTP_LATER ? TERN_ERROR_NETWORK : TERN_ERROR_REFUSED, "%s: %s",
                           safe, outcome->reason);
        return FALSE;
    }
    g_return_val_if_reached(FALSE);
}

/* The message as a whole was refused. */
static gboolean refuse_message(const Sending *sending, const SmtpReply *reply, GError **error)
{
    g_autofree char *reason = reason_of(sending->session, reply);

    decide_rest(sending, reply);
    if (wants_login(sending->session, reply))
        tern_error_set(error, TERN_ERROR_AUTH, "%s", reason);
    else
        smtp_refused(reply, NULL, error);
    return FALSE;
}

/* ---- the flight of commands ---- */

GPtrArray *smtp_commands(const Sending *sending)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    if (sending->session->needs_reset)
        g_ptr_array_add(lines, g_strdup("RSET"));
    g_ptr_array_add(lines, smtp_mail_command(sending));
    for (guint i = 0; sending->message->recipients[i]; i++)
        g_ptr_array_add(lines, smtp_rcpt_command(sending, sending->message->recipients[i]));
    if (!smtp_session_can(sending->session, SMTP_CAN_CHUNKING))
        g_ptr_array_add(lines, g_strdup("DATA"));
    return lines;
}

/* How far the answers have come. */
typedef struct {
    guint recipient;     /* whose answer is next */
    gboolean is_refused; /* MAIL was: the other answers mean nothing */
    gboolean is_begun;   /* DATA: the server waits for the message */
} Heard;

/* One answer, to that command. FALSE: without pipelining nothing more is to be asked. */
static gboolean take_answer(Sending *sending, Heard *heard, const char *command, const SmtpReply *reply,
                            GError **error)
{
    SmtpResult *result = sending->result;

    if (g_str_has_prefix(command, "MAIL") && !smtp_reply_is_yes(reply)) {
        heard->is_refused = TRUE;
        return refuse_message(sending, reply, error);
    }
    if (g_str_has_prefix(command, "RCPT") && !heard->is_refused)
        decide(sending, &result->recipients[heard->recipient++], reply);
    if (!g_str_has_prefix(command, "DATA"))
        return TRUE;
    heard->is_begun = reply->code == 354;
    if (!heard->is_begun && !heard->is_refused && count(result, SMTP_TAKEN) > 0) {
        heard->is_refused = TRUE;
        return refuse_message(sending, reply, error);
    }
    return TRUE;
}

static gboolean is_worth_data(const Sending *sending, const char *command)
{
    return !g_str_has_prefix(command, "DATA") || count(sending->result, SMTP_TAKEN) > 0;
}

/* One after the other, since the server does not say that it takes more at once. */
static gboolean ask_each(Sending *sending, Heard *heard, GError **error)
{
    const GPtrArray *lines = sending->commands;

    for (guint i = 0; i < lines->len && is_worth_data(sending, lines->pdata[i]); i++) {
        SmtpReply reply;
        if (!smtp_ask(sending->session, lines->pdata[i], &reply, error) ||
            !take_answer(sending, heard, lines->pdata[i], &reply, error))
            return FALSE;
        if (sending->session->is_leaving)
            return refuse_message(sending, &reply, error);
    }
    return TRUE;
}

static gboolean ask_all(Sending *sending, Heard *heard, GError **error)
{
    const GPtrArray *lines = sending->commands;
    g_autoptr(GError) refusal = NULL;

    for (guint i = 0; i < lines->len && !sending->is_begun; i++)
        if (!smtp_write(sending->session, lines->pdata[i], error))
            return FALSE;
    for (guint i = 0; i < lines->len; i++) {
        SmtpReply reply;
        if (!smtp_read(sending->session, &reply, error))
            return FALSE;
        take_answer(sending, heard, lines->pdata[i], &reply, refusal ? NULL : &refusal);
        if (sending->session->is_leaving) {
            g_clear_error(&refusal);
            return refuse_message(sending, &reply, error);
        }
    }
    if (refusal)
        g_propagate_error(error, g_steal_pointer(&refusal));
    return !heard->is_refused;
}

/* DATA was agreed to though there is nobody to send to: a dot, and nothing before it (RFC 2920, 3.1). */
static gboolean take_back(Sending *sending, const Heard *heard, GError **error)
{
    SmtpReply reply;

    return !heard->is_begun || smtp_ask(sending->session, ".", &reply, error);
}

/* TRUE: the server waits for the message. */
static gboolean begin(Sending *sending, GError **error)
{
    GError *refusal = NULL;
    Heard heard = {0};
    gboolean ok = smtp_session_can(sending->session, SMTP_CAN_PIPELINING)
                      ? ask_all(sending, &heard, &refusal)
                      : ask_each(sending, &heard, &refusal);

    sending->session->needs_reset = TRUE;
    if (ok && count(sending->result, SMTP_TAKEN) == 0)
        ok = refuse_all(sending, &refusal);
    if (!ok && smtp_session_is_alive(sending->session))
        take_back(sending, &heard, NULL);
    if (!ok)
        g_propagate_error(error, refusal);
    return ok;
}

/* ---- the whole ---- */

static gboolean finish(Sending *sending, GError **error)
{
    SmtpReply reply = {0};
    GError *failure = NULL;
    const gboolean is_answered = smtp_send_body(sending, &reply, &failure);

    if (is_answered && smtp_reply_is_yes(&reply)) {
        sending->session->needs_reset = FALSE;
        return TRUE;
    }
    if (!failure && reply.code >= 400)
        return refuse_message(sending, &reply, error);
    if (!failure)
        smtp_fail(sending->session, TERN_ERROR_PROTOCOL, _("the mail server answered what was not asked"),
                  &failure);
    sending->result->is_unknown = sending->is_marked;
    forget_taken(sending->result);
    g_propagate_error(error, failure);
    return FALSE;
}

/* Measured, looked at, and its commands made, unless that was done ahead. */
static gboolean prepare(Sending *sending, GError **error)
{
    if (sending->session->ahead)
        return smtp_ahead_take(sending, error);
    if (!smtp_measure(sending->message->fd, &sending->measure, error) || !smtp_check_message(sending, error))
        return FALSE;
    sending->commands = smtp_commands(sending);
    return TRUE;
}

static gboolean send_prepared(Sending *sending, GError **error)
{
    sending->result->is_notified =
        sending->message->notify != 0 && smtp_session_can(sending->session, SMTP_CAN_DSN);
    if (begin(sending, error))
        return finish(sending, error);
    forget_taken(sending->result);
    return FALSE;
}

gboolean smtp_send(SmtpSession *session, const SmtpMessage *message, SmtpResult *result_out, GError **error)
{
    Sending sending = {.session = session, .message = message, .result = result_out};

    *result_out = (SmtpResult){.n = g_strv_length((char **)message->recipients)};
    result_out->recipients = g_new0(SmtpOutcome, MAX(result_out->n, 1));
    const gboolean ok =
        smtp_check_alive(session, error) && prepare(&sending, error) && send_prepared(&sending, error);
    g_clear_pointer(&sending.commands, g_ptr_array_unref);
    g_free(sending.refusal);
    return ok;
}
