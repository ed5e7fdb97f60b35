/* outbox_command.c - tern outbox: what is not sent, and what a person says about it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"

#include <string.h>
#include <unistd.h>

static gboolean is_unsent(const OutboxEnvelope *envelope)
{
    return envelope->state != OUTBOX_SENT;
}

/* ---- list, show ---- */

static int list(CliContext *context, Outbox *outbox, char **words, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (words[0]) {
        g_autofree char *why = g_strdup_printf(_("“%s” is neither retry, cancel nor show"), words[0]);
        return cli_usage(context, "outbox", why);
    }
    all = outbox_list(outbox, NULL, error);
    for (guint i = 0; all && i < all->len; i++)
        if (is_unsent(all->pdata[i]))
            cli_outbox_print(context, all->pdata[i]);
    return all ? CLI_DONE : CLI_FAILED;
}

static gboolean show_one(Outbox *outbox, int64_t id, GError **error)
{
    const int fd = outbox_open_message(outbox, id, error);
    char piece[16 << 10];
    gssize got = 0;

    while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0)
        cli_write(piece, (gsize)got);
    if (fd >= 0)
        close(fd);
    return fd >= 0 && got == 0;
}

/* ---- what a person says ---- */

static gboolean is_being_sent(const OutboxEnvelope *envelope, GError **error)
{
    if (envelope->state != OUTBOX_SENDING)
        return FALSE;
    tern_error_set(error, TERN_ERROR_INPUT, _("message %" G_GINT64_FORMAT " is being sent just now"),
                   envelope->id);
    return TRUE;
}

static gboolean retry(OutboxEnvelope *envelope, void *data, GError **error)
{
    GPtrArray *accounts = data;

    if (is_being_sent(envelope, error))
        return FALSE;
    if (envelope->recipients->len == 0) {
        tern_error_set(error, TERN_ERROR_INPUT, "%s", envelope->error);
        return FALSE;
    }
    envelope->not_before_s = 0;
    if (envelope->state == OUTBOX_SENT) /* its copy is tried again */
        return TRUE;
    for (guint i = 0; i < envelope->recipients->len; i++) {
        OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate == OUTBOX_REFUSED)
            recipient->fate = OUTBOX_WAITING;
        g_clear_pointer(&recipient->reason, g_free);
    }
    g_clear_pointer(&envelope->error, g_free);
    envelope->state = OUTBOX_QUEUED;
    envelope->queued_s = clock_wall_s();
    envelope->tries = 0;
    if (!g_ptr_array_find_with_equal_func(accounts, envelope->account, g_str_equal, NULL))
        g_ptr_array_add(accounts, g_strdup(envelope->account));
    return TRUE;
}

static gboolean retry_one(Outbox *outbox, int64_t id, GPtrArray *accounts, GError **error)
{
    g_autoptr(OutboxEnvelope) now = NULL;

    if (!outbox_change(outbox, id, retry, accounts, &now, error))
        return FALSE;
    if (!now)
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT " in the outbox"),
                       id);
    return now != NULL;
}

static gboolean may_cancel(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data;
    return !is_being_sent(envelope, error);
}

static gboolean cancel_one(Outbox *outbox, int64_t id, GPtrArray *accounts, GError **error)
{
    g_autoptr(OutboxEnvelope) before = outbox_read(outbox, id, NULL);

    (void)accounts;
    if (before)
        return outbox_remove(outbox, id, may_cancel, NULL, error);
    tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT " in the outbox"), id);
    return FALSE;
}

static gboolean show(Outbox *outbox, int64_t id, GPtrArray *accounts, GError **error)
{
    (void)accounts;
    return show_one(outbox, id, error);
}

/* ---- the command ---- */

static const struct {
    const char *name;
    gboolean (*run)(Outbox *outbox, int64_t id, GPtrArray *accounts, GError **error);
} VERBS[] = {{"retry", retry_one}, {"cancel", cancel_one}, {"show", show}};

static void send_again(CliContext *context, const GPtrArray *accounts)
{
    g_autoptr(GError) error = NULL;

    if (context->offline || accounts->len == 0)
        return;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if ((!session || !cli_session_connect(session, &error) || !cli_outbox_send(session, accounts, &error)) &&
        error)
        cli_fail(context, error);
}

/* What is there still after another try. */
static void tell_rest(CliContext *context, Outbox *outbox, const GArray *ids)
{
    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(OutboxEnvelope) now = outbox_read(outbox, (int64_t)g_array_index(ids, guint64, i), NULL);
        if (now && is_unsent(now))
            cli_outbox_print(context, now);
    }
}

/* Each by itself: one that cannot be is told, and stops no other. */
static int for_each(CliContext *context, Outbox *outbox, guint verb, char **words)
{
    g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    int status = CLI_DONE;

    for (; *words; words++) {
        g_autoptr(GError) error = NULL;
        guint64 id = 0;
        if (!g_ascii_string_to_unsigned(*words, 10, 1, G_MAXINT64, &id, NULL))
            tern_error_set(&error, TERN_ERROR_INPUT, _("“%s” is no number of a message in the outbox"),
                           *words);
        if (error || !VERBS[verb].run(outbox, (int64_t)id, accounts, &error))
            status = cli_fail(context, error);
        else
            g_array_append_val(ids, id);
    }
    send_again(context, accounts);
    if (accounts->len > 0)
        tell_rest(context, outbox, ids);
    return status;
}

int cli_command_outbox(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, -1);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(Outbox) outbox = outbox_open(context->paths->data, &error);
    if (!outbox)
        return cli_fail(context, error);
    for (guint i = 0; words[0] && i < G_N_ELEMENTS(VERBS); i++) {
        if (strcmp(words[0], VERBS[i].name) != 0)
            continue;
        return words[1] ? for_each(context, outbox, i, words + 1)
                        : cli_usage(context, "outbox", _("which message? tern outbox lists their numbers"));
    }
    const int status = list(context, outbox, words, &error);
    return error ? cli_fail(context, error) : status;
}
