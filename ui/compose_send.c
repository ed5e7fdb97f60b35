/* compose_send.c - a message leaves the composer, and may come back for a while. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "compose/send.h"
#include "compose/template.h"
#include "compose/when.h"
#include "config/value.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <string.h>

/* A message that goes out later can be taken back for so long: its files are kept for a day
 * (send_clean()). */
#define UNDO_MOST_S (23 * 60 * 60)

typedef struct {
    Config *config;
    char *data;
    Draft *draft;
    int64_t delay_s, at_s, id;
    GError *error;
    gboolean is_sending, is_saved, is_told;
    SaveTurn *turn; /* of sending, which saves it first; NULL */
    Store *store;
    gboolean looks_elsewhere; /* before it goes: nobody shall get it twice */
    gboolean is_elsewhere;
} SendJob;

/* The screen ended before it could be told: the message is no outbox's. */
static void tell_at_end(const SendJob *job)
{
    if (job->is_saved)
        g_printerr(_("tern: “%s” was not sent: %s; it is kept as the draft %s\n"),
                   compose_subject(job->draft), job->error->message, job->draft->id);
    else
        compose_rescue(job->draft, job->error);
}

static void send_job_free(void *data)
{
    SendJob *job = data;

    if (job->is_sending && job->error && !job->is_told)
        tell_at_end(job);
    save_turn_free(job->turn);
    config_unref(job->config);
    g_free(job->data);
    draft_free(job->draft);
    g_clear_error(&job->error);
    g_free(job);
}

static SendJob *send_job(Ui *ui, const Draft *draft)
{
    SendJob *job = g_new0(SendJob, 1);

    job->config = config_ref(ui->context->config);
    job->data = g_strdup(ui->context->paths->data);
    job->store = ui->store;
    job->draft = draft_copy(draft);
    return job;
}

int64_t compose_delay_s(const Ui *ui)
{
    int64_t seconds = 0;

    config_value_parse(config_option("undo-send"), ui_option(ui, "undo-send"), &seconds, NULL);
    return seconds;
}

const char *compose_subject(const Draft *draft)
{
    return *draft->fields[DRAFT_SUBJECT] ? draft->fields[DRAFT_SUBJECT] : _("(no subject)");
}

/* ---- sending ---- */

/* First the draft, as it is: whatever happens now, the text is on the disk. */
static void work_send(void *data)
{
    SendJob *job = data;
    const SendWants wants = {
        .config = job->config, .data = job->data, .delay_s = job->delay_s, .at_s = job->at_s};

    job->is_saved = draft_save(job->draft, job->data, &job->error);
    save_turn_note(job->turn, job->is_saved);
    job->is_elsewhere = job->looks_elsewhere && compose_is_elsewhere(job->store, job->data, job->draft->id);
    if (job->is_saved && job->is_elsewhere)
        tern_error_set(&job->error, TERN_ERROR_INPUT,
                       _("it was sent or thrown away elsewhere meanwhile; y sends it all the same"));
    else if (job->is_saved)
        send_queue(job->draft, &wants, &job->id, &job->error);
}

static void queued(Ui *ui, void *data)
{
    SendJob *job = data;
    Composing *composing = ui->composing;

    job->is_told = TRUE;
    if (job->error) {
        compose_forget_undo(ui);
        compose_reopen(ui, job->draft, job->error->message);
        compose_find(ui, job->draft->id)->is_told_elsewhere = job->is_elsewhere;
        return;
    }
    if (composing->sent && g_str_equal(composing->sent->id, job->draft->id))
        composing->sent_id = job->id;
    composing->last_id = job->id;
    g_free(composing->last_subject);
    composing->last_subject = g_strdup(compose_subject(job->draft));
    const ConfigAccount *account = send_account(ui->context->config, job->draft, NULL);
    if (account && ui->engine && !ui->is_offline) /* it learns when something will be due */
        engine_send(ui->engine, account->id);
    compose_ask_engine(ui, job->draft->account);
    ui_redraw(ui);
}

static void tell_sent(Ui *ui, const SendJob *job)
{
    const char *subject = compose_subject(job->draft);
    g_autofree char *when = when_format(job->at_s, clock_wall_s());

    if (job->at_s > 0)
        ui_news(ui, _("“%s” goes out %s, if tern runs then, or else at its next start. u takes it back."),
                subject, when);
    else if (job->delay_s > 0)
        ui_news(ui, _("“%s” goes out in %d s. u takes it back."), subject, (int)job->delay_s);
    else
        ui_news(ui, _("“%s” is in the outbox."), subject);
}

static void go(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    SendJob *job = send_job(ui, compose->draft);

    job->at_s = compose->send_at_s;
    job->delay_s = job->at_s > 0 ? MAX(job->at_s - clock_wall_s(), 1) : compose_delay_s(ui);
    job->is_sending = TRUE;
    job->turn = save_turn_take(ui->composing->turns, job->draft->id, TRUE);
    job->looks_elsewhere = !compose->is_told_elsewhere;
    compose_forget_undo(ui);
    g_hash_table_add(ui->composing->gone, g_strdup(job->draft->id));
    ui->composing->has_sent = TRUE;
    if (job->delay_s > 0) {
        ui->composing->sent = draft_copy(compose->draft);
        ui->composing->until_us = clock_now_us() + MIN(job->delay_s, UNDO_MOST_S) * SECOND_US;
    }
    tell_sent(ui, job);
    compose->is_dirty = compose->is_unfiled = FALSE; /* the job saves it */
    background_run(ui->background, work_send, queued, job, send_job_free);
    ui_pop(ui);
    ui_redraw(ui);
}

/* ---- what is asked before ---- */

static gboolean is_too_large(const ViewCompose *compose)
{
    const int64_t limit = compose_limit(compose);

    return limit && !compose->draft->resent && send_size(compose->draft) > limit;
}

/* What the server said last may be out of date: the writer decides. To be freed; NULL: nothing is to be
 * asked. */
static char *ask_size(const ViewCompose *compose)
{
    if (!is_too_large(compose))
        return NULL;
    g_autofree char *size = g_format_size((guint64)send_size(compose->draft));
    g_autofree char *most = g_format_size((guint64)compose_limit(compose));

    return g_strdup_printf(_("The message has about %s, the mail server takes %s. Send it all the same?"),
                           size, most);
}

static char *ask_template(const ViewCompose *compose)
{
    g_autofree char *left = template_left(compose->draft);

    return left ? g_strdup_printf(_("%s of the template is not filled in. Send it all the same?"), left)
                : NULL;
}

static char *ask_attachment(const ViewCompose *compose)
{
    return draft_misses_attachment(compose->draft)
               ? g_strdup(_("The text speaks of an attachment, and there is none. Send it all the same?"))
               : NULL;
}

static char *ask_subject(const ViewCompose *compose)
{
    return *compose->draft->fields[DRAFT_SUBJECT]
               ? NULL
               : g_strdup(_("The message has no subject. Send it all the same?"));
}

static void yes(Ui *ui, void *data);

/* The next question that there is cause for; after the last one it goes. */
static void ask_or_go(ViewCompose *compose)
{
    static char *(*const QUESTIONS[])(const ViewCompose *) = {ask_template, ask_size, ask_attachment,
                                                              ask_subject};
    g_autofree char *sentence = NULL;

    while (!sentence && compose->questions_asked < G_N_ELEMENTS(QUESTIONS))
        sentence = QUESTIONS[compose->questions_asked++](compose);
    if (sentence)
        question_open(compose->view.ui, sentence, yes, g_strdup(compose->draft->id), g_free);
    else
        go(compose);
}

static void yes(Ui *ui, void *data)
{
    ViewCompose *compose = compose_find(ui, data);

    if (compose && compose == compose_top(ui))
        ask_or_go(compose);
}

static void check_and_go(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    g_autoptr(GError) error = NULL;
    g_autoptr(DraftAddresses) addresses = NULL;

    if (compose_is_attaching(compose)) {
        ui_error(ui, _("a file is still being attached; send it when it stands there"));
        return;
    }
    if (compose->signing) {
        ui_error(ui, _("the signature is not there yet; send it when it stands in the text"));
        return;
    }
    compose_take_body(compose);
    compose->questions_asked = 0;
    addresses = draft_check(compose->draft, TRUE, NULL, NULL, &error);
    if (!addresses || !send_account(ui->context->config, compose->draft, &error))
        ui_error(ui, error->message);
    else
        ask_or_go(compose);
}

void compose_send(ViewCompose *compose)
{
    compose->send_at_s = 0;
    check_and_go(compose);
}

static void time_chosen(Ui *ui, void *data, gint64 at_s)
{
    ViewCompose *compose = compose_find(ui, data);

    if (!compose || compose != compose_top(ui))
        return;
    compose->send_at_s = at_s;
    check_and_go(compose);
}

void compose_send_later(ViewCompose *compose, const char *when)
{
    Ui *ui = compose->view.ui;
    g_autoptr(GError) error = NULL;
    int64_t at_s;

    if (!when)
        outbox_ask_time(ui, time_chosen, g_strdup(compose->draft->id), g_free);
    else if (when_parse(when, clock_wall_s(), &at_s, &error))
        time_chosen(ui, compose->draft->id, at_s);
    else
        ui_error(ui, error->message);
}

/* ---- taking back ---- */

void compose_forget_undo(Ui *ui)
{
    g_clear_pointer(&ui->composing->sent, draft_free);
    ui->composing->sent_id = 0;
}

static void work_take_back(void *data)
{
    SendJob *job = data;

    send_take_back(job->draft, job->id, job->data, &job->error);
}

/* It still waits, and only the disk was full: u again tries again. */
static void keep_undo(Composing *composing, const SendJob *job)
{
    if (composing->sent || tern_error_is(job->error, TERN_ERROR_INPUT))
        return;
    composing->sent = draft_copy(job->draft);
    composing->sent_id = job->id;
}

static void taken_back(Ui *ui, void *data)
{
    SendJob *job = data;

    if (job->error) {
        ui_error(ui, job->error->message);
        keep_undo(ui->composing, job);
        return;
    }
    compose_open(ui, draft_copy(job->draft), NULL);
    ViewCompose *compose = compose_find(ui, job->draft->id);
    if (compose)
        compose->is_unfiled = TRUE; /* it was taken out of the folder for drafts */
    ui_news(ui, "%s", _("Taken back: it was not sent"));
}

gboolean compose_undo(Ui *ui)
{
    Composing *composing = ui->composing;

    if (!composing->sent || clock_now_us() > composing->until_us)
        return FALSE;
    if (!composing->sent_id) { /* not in the outbox yet: an attachment is long */
        ui_news(ui, "%s", _("The message is still being written to the outbox; u again takes it back"));
        return TRUE;
    }
    SendJob *job = send_job(ui, composing->sent);
    job->id = composing->sent_id;
    compose_forget_undo(ui);
    background_run(ui->background, work_take_back, taken_back, job, send_job_free);
    return TRUE;
}
