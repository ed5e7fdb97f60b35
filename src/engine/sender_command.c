/*
 * sender_command.c - see sender_private.h. A message handed to a program as sendmail takes it (msmtp,
 * esmtp, exim): COMMAND -i -f SENDER -- RECIPIENT…, the message on its standard input. No shell sees any of
 * it.
 *
 * From its start on the program may have sent it, so the mark comes before; its exit status is the answer
 * (sysexits.h).
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/spawn.h"
#include "engine/sender_private.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A program that sends by itself may wait as long as tern would. */
#define COMMAND_US (15 * 60 * SECOND_US)

/* The program's words; NULL and CONFIG. */
static char **own_words(const ConfigAccount *account, GError **error)
{
    char **words = NULL;
    g_autoptr(GError) failed = NULL;

    if (!g_shell_parse_argv(account->outgoing.path, NULL, &words, &failed))
        tern_error_set(error, TERN_ERROR_CONFIG, _("outgoing = sendmail:%s cannot be read: %s"),
                       account->outgoing.path, failed->message);
    return words;
}

gboolean sender_has_command(const Sender *sender, GError **error)
{
    g_auto(GStrv) words = own_words(sender->context.account, error);
    g_autofree char *path = words ? g_find_program_in_path(words[0]) : NULL;

    if (words && !path)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("outgoing = sendmail:%s names no program that is there and can be run"), words[0]);
    return path != NULL;
}

/* Them, then tern's; NULL and CONFIG. */
static char **arguments(const ConfigAccount *account, const SmtpMessage *message, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) words = own_words(account, error);

    if (!words)
        return NULL;
    g_strv_builder_addv(builder, (const char **)words);
    g_strv_builder_add_many(builder, "-i", "-f", *message->sender ? message->sender : "<>", "--", NULL);
    g_strv_builder_addv(builder, (const char **)message->recipients);
    return g_strv_builder_end(builder);
}

/* An address that a program might take for something else than one. */
static gboolean check_addresses(const SmtpMessage *message, GError **error)
{
    const char *wrong = *message->sender && !smtp_address_is_valid(message->sender) ? message->sender : NULL;

    for (guint i = 0; message->recipients[i] && !wrong; i++)
        if (!smtp_address_is_valid(message->recipients[i]))
            wrong = message->recipients[i];
    if (wrong || !message->recipients[0]) {
        g_autofree char *safe = g_strescape(wrong ? wrong : "", NULL);
        tern_error_set(error, TERN_ERROR_INPUT,
                       wrong ? _("%s is no mail address") : _("the message has no recipient%s"), safe);
    }
    return !wrong && message->recipients[0];
}

/* What the status says of all recipients. The program may have reached some of them; only its words tell.
 * EX_IOERR is what msmtp says when the connection breaks after the message, too, and EX_OSERR a sendmail that
 * may have queued it: nobody knows then. */
static void decide(SmtpResult *result, int status, const GError *failed)
{
    const gboolean may_pass =
        status == EX_TEMPFAIL || status == EX_UNAVAILABLE || status == SPAWN_NOT_STARTED;

    result->is_unknown = status == -1 || status == EX_IOERR || status == EX_OSERR;
    for (guint i = 0; i < result->n && !result->is_unknown; i++) {
        SmtpOutcome *outcome = &result->recipients[i];
        outcome->fate = status == 0 ? SMTP_TAKEN : may_pass ? SMTP_LATER : SMTP_REFUSED;
        outcome->reason = failed ? g_strdup(failed->message) : NULL;
    }
}

/* Nobody can ask such a program for it. */
static gboolean check_promises(const SmtpMessage *message, GError **error)
{
    if (message->requires_tls)
        tern_error_set(
            error, TERN_ERROR_REFUSED,
            _("a program (outgoing = sendmail:…) cannot promise that the message stays encrypted on "
              "its way"));
    return !message->requires_tls;
}

gboolean sender_run_command(Sender *sender, const SmtpMessage *message, SmtpResult *result_out,
                            GError **error)
{
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) failed = NULL;
    int status;

    *result_out = (SmtpResult){.n = g_strv_length((char **)message->recipients)};
    result_out->recipients = g_new0(SmtpOutcome, MAX(result_out->n, 1));
    if (!check_promises(message, error) || !check_addresses(message, error) ||
        !(argv = arguments(sender->context.account, message, error)))
        return FALSE;
    g_autoptr(Cancel) breaker = sender_new_breaker(sender);
    if (lseek(message->fd, 0, SEEK_SET) != 0 || !message->before_end(message->data, error))
        return FALSE;
    spawn_fed((const char *const *)argv, message->fd, clock_now_us() + COMMAND_US, breaker, &status, &failed);
    decide(result_out, status, failed);
    if (failed && result_out->recipients[0].fate == SMTP_LATER)
        tern_error_set(error, TERN_ERROR_NETWORK, "%s", failed->message);
    else if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return status == 0;
}
