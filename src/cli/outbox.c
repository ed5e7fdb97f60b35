/* outbox.c - see outbox.h. */
#include "cli/outbox.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/json.h"
#include "cli/output.h"
#include "compose/waiting.h"

#include <string.h>

/* One attempt, with all its messages. */
#define SEND_US (300 * SECOND_US)

/* ---- telling ---- */

static void print_recipients(CliJson *json, const OutboxEnvelope *envelope)
{
    static const char *const FATES[] = {"waiting", "sent", "refused"};

    cli_json_begin_array(json, "recipients");
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        cli_json_begin(json, NULL);
        cli_json_string(json, "address", recipient->address);
        cli_json_string(json, "state", FATES[recipient->fate]);
        cli_json_string(json, "error", recipient->reason);
        cli_json_end(json);
    }
    cli_json_end(json);
}

static void print_json(const OutboxEnvelope *envelope, const char *reason)
{
    g_auto(CliJson) json = {0};
    g_autofree char *target = waiting_for(envelope);

    cli_json_begin(&json, NULL);
    cli_json_int(&json, "id", envelope->id);
    cli_json_string(&json, "account", envelope->account);
    cli_json_string(&json, "verb", "send");
    cli_json_string(&json, "target", target);
    cli_json_string(&json, "state", outbox_state_name(envelope->state));
    cli_json_int(&json, "tries", envelope->tries);
    cli_json_string(&json, "error", reason);
    cli_json_string(&json, "subject", envelope->subject);
    cli_json_string(&json, "message_id", envelope->message_id);
    if (envelope->not_before_s > 0)
        cli_json_time(&json, "not_before", envelope->not_before_s, 0);
    print_recipients(&json, envelope);
    cli_json_end(&json);
    cli_json_print(&json);
}

static void print_line(const OutboxEnvelope *envelope, const char *reason)
{
    g_autofree char *target = waiting_for(envelope);
    g_autofree char *safe = sanitise(target, -1, SANITISE_LINE);
    g_autofree char *subject = sanitise(envelope->subject ? envelope->subject : "", -1, SANITISE_LINE);
    g_autofree char *why = sanitise(reason ? reason : "", -1, SANITISE_LINE);

    cli_print("%5" G_GINT64_FORMAT "  %-7s  %s  %s  %s%s%s\n", envelope->id,
              outbox_state_name(envelope->state), envelope->account, safe, subject, *why ? "  " : "", why);
}

void cli_outbox_print(const CliContext *context, const OutboxEnvelope *envelope)
{
    g_autofree char *stray = waiting_stray(envelope, context->config);
    const char *reason = stray ? stray : envelope->error;

    if (context->json)
        print_json(envelope, reason);
    else
        print_line(envelope, reason);
}

char *cli_outbox_strays(const CliContext *context, GError **error)
{
    g_autoptr(Outbox) outbox = outbox_open(context->paths->data, error);
    g_autoptr(GPtrArray) all = outbox ? outbox_list(outbox, NULL, error) : NULL;
    g_autoptr(GString) lines = g_string_new(NULL);

    for (guint i = 0; all && i < all->len; i++) {
        const OutboxEnvelope *envelope = all->pdata[i];
        g_autofree char *stray = waiting_stray(envelope, context->config);
        g_autofree char *safe = stray ? sanitise(stray, -1, SANITISE_LINE) : NULL;
        if (safe)
            g_string_append_printf(lines, _("%smessage %" G_GINT64_FORMAT " in the outbox: %s"),
                                   lines->len ? "\n" : "", envelope->id, safe);
    }
    return lines->len ? g_string_free(g_steal_pointer(&lines), FALSE) : NULL;
}

void cli_outbox_tell_kept(const OutboxEnvelope *now, gboolean is_told)
{
    if (!now || now->state == OUTBOX_SENT)
        return;
    g_autofree char *why = waiting_why(now, clock_wall_s());
    g_autofree char *safe = sanitise(now->error ? now->error : why, -1, SANITISE_LINE);
    if (now->error && !(is_told && now->state == OUTBOX_QUEUED))
        cli_note(_("kept in the outbox as %" G_GINT64_FORMAT " (%s): %s"), now->id,
                 outbox_state_name(now->state), safe);
    else if (now->state == OUTBOX_HELD)
        cli_note(_("kept in the outbox as %" G_GINT64_FORMAT ". %s"), now->id, safe);
    else
        cli_note(_("kept in the outbox as %" G_GINT64_FORMAT " (%s)"), now->id,
                 outbox_state_name(now->state));
}

/* ---- sending ---- */

typedef struct {
    CliContext *context;
    gboolean has_failed, is_sent; /* sent: the message that was told of last */
} Sending;

static void on_progress(const EngineEvent *event)
{
    if (event->total <= 0) {
        cli_progress(NULL);
        return;
    }
    g_autofree char *done = cli_size(event->done), *total = cli_size(event->total);
    g_autofree char *line = g_strdup_printf(_("%s: sending, %s of %s"), event->account, done, total);
    cli_progress(line);
}

static void on_event(const EngineEvent *event, void *data)
{
    Sending *sending = data;

    if (event->kind == ENGINE_EVENT_OUTBOX) {
        sending->is_sent = g_strcmp0(event->what, outbox_state_name(OUTBOX_SENT)) == 0;
        on_progress(event);
    }
    /* Why one was not sent, its envelope says, too. */
    if (event->kind == ENGINE_EVENT_ALERT && event->what && sending->is_sent) {
        g_autofree char *safe = sanitise(event->what, -1, SANITISE_LINE);
        cli_note("%s", safe);
    }
    if (event->kind != ENGINE_EVENT_DONE || !event->error ||
        tern_error_is(event->error, TERN_ERROR_CANCELLED))
        return;
    g_autoptr(GError) error = g_error_copy(event->error);
    cli_name_account(event->account, &error);
    cli_progress(NULL);
    cli_fail(sending->context, error);
    sending->has_failed = TRUE;
}

gboolean cli_outbox_send(CliSession *session, const GPtrArray *accounts, GError **error)
{
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(guint64));
    Sending sending = {.context = session->context};

    for (guint i = 0; i < accounts->len; i++) {
        const guint64 request = engine_send(session->engine, accounts->pdata[i]);
        g_array_append_val(requests, request);
    }
    const gboolean ok =
        cli_session_wait_until(session, requests, clock_now_us() + SEND_US, on_event, &sending, error);
    cli_progress(NULL);
    return ok && !sending.has_failed;
}

GPtrArray *cli_outbox_due(const CliContext *context, GError **error)
{
    g_autoptr(Outbox) outbox = outbox_open(context->paths->data, error);
    g_autoptr(GPtrArray) all = outbox ? outbox_list(outbox, NULL, error) : NULL;
    GPtrArray *due = all ? waiting_due(all, clock_wall_s()) : NULL;

    for (guint i = due ? due->len : 0; i > 0; i--)
        if (!config_account(context->config, due->pdata[i - 1]))
            g_ptr_array_remove_index(due, i - 1);
    return due;
}

gboolean cli_outbox_try(CliContext *context, const char *account)
{
    g_autoptr(GPtrArray) accounts = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(accounts, (char *)account);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (session && cli_session_connect(session, &error) && cli_outbox_send(session, accounts, &error))
        return TRUE;
    if (error && tern_error_is(error, TERN_ERROR_CANCELLED))
        return TRUE; /* nothing was said */
    if (error)
        cli_fail(context, error);
    return FALSE;
}
