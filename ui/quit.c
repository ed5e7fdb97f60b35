/* quit.c - see quit.h. */
#include "ui/quit.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "compose/send.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <poll.h>

/* How long the end of the screen waits for what is to go out. */
#define FINISH_S 5
/* Of what stays then so many are named. */
#define STAYS_SHOWN 10

/* ---- asking ---- */

typedef struct {
    char *data;
    GPtrArray *envelopes; /* NULL: it cannot be read, which the outbox's view says */
} Look;

static void look_free(void *data)
{
    Look *look = data;

    g_clear_pointer(&look->envelopes, g_ptr_array_unref);
    g_free(look->data);
    g_free(look);
}

static void work_look(void *data)
{
    Look *look = data;
    g_autoptr(Outbox) outbox = outbox_open(look->data, NULL);

    look->envelopes = outbox ? outbox_list(outbox, NULL, NULL) : NULL;
}

/* Whether the account's servers could be reached, as far as anybody knows. */
static gboolean may_connect(Ui *ui, const char *account_id)
{
    const ConfigAccount *account = config_account(ui->context->config, account_id);

    if (!account || account->offline || ui->is_offline || !ui->engine)
        return FALSE;
    g_autoptr(EngineEvent) last = engine_account_state(ui->engine, account_id);
    return last->state != ENGINE_OFFLINE && last->state != ENGINE_WAITING && last->state != ENGINE_ATTENTION;
}

/* Of what is to go out as soon as it can: what ui_send_rest() will not get rid of. What a person put off or
 * holds back waits for its time, as was said then. */
static gboolean is_left(Ui *ui, const OutboxEnvelope *envelope, int64_t now_s)
{
    const gboolean is_put_off = envelope->state == OUTBOX_HELD && !envelope->is_undoable;
    const gboolean is_late = envelope->state == OUTBOX_QUEUED && envelope->not_before_s > now_s + FINISH_S;

    if (envelope->state != OUTBOX_SENDING &&
        (!outbox_may_go(envelope) || (is_put_off && envelope->not_before_s > now_s)))
        return FALSE;
    return is_late || !may_connect(ui, envelope->account);
}

static void agreed(Ui *ui, G_GNUC_UNUSED void *data)
{
    loop_quit(ui->loop);
}

static void ask(Ui *ui, guint n)
{
    g_autofree char *sentence = g_strdup_printf(
        ngettext_(
            "%u message is not sent yet; it goes out when tern runs and is connected. Quit all the same?",
            "%u messages are not sent yet; they go out when tern runs and is connected. Quit all the same?",
            n),
        n);

    question_open(ui, sentence, agreed, NULL, NULL);
}

static void looked(Ui *ui, void *data)
{
    const Look *look = data;
    const int64_t now_s = clock_wall_s();
    guint n = 0;

    ui->is_quitting = FALSE;
    for (guint i = 0; look->envelopes && i < look->envelopes->len; i++)
        n += is_left(ui, look->envelopes->pdata[i], now_s);
    if (n && !(ui->engine && engine_is_elsewhere(ui->engine)))
        ask(ui, n);
    else
        loop_quit(ui->loop);
}

/* Whether there may be something in the outbox; what was sent just now is still being written to it. */
static gboolean may_have_mail(const Ui *ui)
{
    return ui->composing->has_sent || !outbox_rows(ui) || outbox_rows(ui)->len > 0;
}

void ui_quit(Ui *ui)
{
    if (ui->is_quitting || !may_have_mail(ui)) {
        loop_quit(ui->loop);
        return;
    }
    Look *look = g_new0(Look, 1);
    look->data = g_strdup(ui->context->paths->data);
    ui->is_quitting = TRUE;
    background_run(ui->background, work_look, looked, look, look_free);
}

/* ---- the end ---- */

/* Takes what the engine says until all requests (guint64) are done. */
static void wait_for_requests(Engine *engine, GArray *requests)
{
    const gint64 deadline_us = clock_now_us() + FINISH_S * SECOND_US;

    while (requests->len && clock_now_us() < deadline_us) {
        struct pollfd poll_fd = {wake_fd(engine_wake(engine)), POLLIN, 0};
        EngineEvent *event;
        poll(&poll_fd, 1, clock_timeout_ms(deadline_us));
        wake_clear(engine_wake(engine));
        while ((event = engine_next_event(engine))) {
            for (guint i = 0; event->kind == ENGINE_EVENT_DONE && i < requests->len; i++)
                if (g_array_index(requests, guint64, i) == event->request)
                    g_array_remove_index_fast(requests, i--);
            engine_event_free(event);
        }
    }
}

/* What was put there otherwise has been tried all along; what is just on its way is not cut off. */
static GPtrArray *to_wait_for(Ui *ui, GError **error)
{
    const GPtrArray *rows = outbox_rows(ui);

    if (ui->composing->has_sent)
        return send_release(ui->context->paths->data, compose_delay_s(ui) + 1, error);
    GPtrArray *accounts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; rows && i < rows->len; i++) {
        const OutboxEnvelope *envelope = rows->pdata[i];
        if (envelope->state == OUTBOX_SENDING)
            g_ptr_array_add(accounts, g_strdup(envelope->account));
    }
    return accounts;
}

static void send_now(Ui *ui, const GPtrArray *accounts)
{
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(guint64));

    for (guint i = 0; accounts && ui->engine && !ui->is_offline && i < accounts->len; i++) {
        const guint64 request = engine_send(ui->engine, accounts->pdata[i]);
        g_array_append_val(requests, request);
    }
    if (requests->len)
        wait_for_requests(ui->engine, requests);
}

static void tell_what_stays(const GPtrArray *sentences)
{
    const guint n = sentences ? sentences->len : 0, shown = MIN(n, STAYS_SHOWN);

    for (guint i = 0; i < shown; i++)
        g_printerr("tern: %s\n", (const char *)sentences->pdata[i]);
    if (n > shown)
        g_printerr(ngettext_("tern: and %u more message; tern outbox lists them\n",
                             "tern: and %u more messages; tern outbox lists them\n", n - shown),
                   n - shown);
}

void ui_send_rest(Ui *ui)
{
    const gboolean is_elsewhere = ui->engine && engine_is_elsewhere(ui->engine);
    g_autoptr(GError) error = NULL;

    if (!may_have_mail(ui) || (is_elsewhere && !ui->composing->has_sent))
        return;
    g_autoptr(GPtrArray) accounts = to_wait_for(ui, &error);
    send_now(ui, accounts);
    g_autoptr(GPtrArray) stays = send_stays(ui_config(ui), ui->context->paths->data, error ? NULL : &error);
    if (error)
        g_printerr("tern: %s\n", error->message);
    tell_what_stays(stays);
}
