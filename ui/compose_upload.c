/*
 * compose_upload.c - drafts handed over to the account's folder for drafts, after a rest or when they are
 * closed (compose/upload.h); and taken out of it again.
 */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/send.h"
#include "compose/upload.h"
#include "config/value.h"
#include "store/ids.h"
#include "ui/compose_private.h"
#include "ui/state.h"

#include <unistd.h>

/* A reader of the background thread waits for another process's short transaction. */
#define BUSY_MS 2000

typedef struct {
    Config *config;
    Store *store;
    char *data;
    Draft *draft;
    gboolean is_elsewhere, was_filed;
    SaveTurn *turn;               /* of a job that saves it; NULL */
    gboolean is_unsaved, is_told; /* it could not be saved; the ui thread knows it */
    GError *error;
} UploadJob;

static void upload_job_free(void *data)
{
    UploadJob *job = data;

    if (job->turn && !job->is_told && save_turn_is_lost(job->turn))
        compose_rescue(job->draft, job->error);
    save_turn_free(job->turn);
    config_unref(job->config);
    g_free(job->data);
    draft_free(job->draft);
    g_clear_error(&job->error);
    g_free(job);
}

static UploadJob *upload_job(Ui *ui, const Draft *draft)
{
    UploadJob *job = g_new0(UploadJob, 1);

    job->config = config_ref(ui->context->config);
    job->store = ui->store;
    job->data = g_strdup(ui->context->paths->data);
    job->draft = draft_copy(draft);
    return job;
}

/* ---- whether it changed elsewhere ---- */

gboolean compose_is_elsewhere(Store *store, const char *data, const char *id)
{
    StoreReader *reader = store_reader_new(store, BUSY_MS, NULL);
    const gboolean is_elsewhere = reader && draft_is_elsewhere(data, id, reader);

    if (reader)
        store_reader_free(reader);
    return is_elsewhere;
}

/* ---- handing over ---- */

static int64_t rest_s(const Ui *ui)
{
    int64_t seconds = 0;

    config_value_parse(config_option("upload-drafts"), ui_option(ui, "upload-drafts"), &seconds, NULL);
    return seconds;
}

static gboolean is_here(const ConfigAccount *account)
{
    return account->incoming.protocol != CONFIG_IMAP;
}

void compose_ask_engine(Ui *ui, const char *account_id)
{
    const ConfigAccount *account = account_id ? config_account(ui->context->config, account_id) : NULL;

    if (!ui->engine || !account || (ui->is_offline && !is_here(account)))
        return;
    g_autoptr(StoreFolder) folder = store_read_role_folder(ui->reader, account_id, STORE_ROLE_DRAFTS, NULL);
    if (is_here(account) && folder) /* what is on this disk needs no visit to a server */
        engine_open_folder(ui->engine, folder->id);
    else
        engine_sync(ui->engine, account_id, folder ? folder->name : NULL);
}

static void work_upload(void *data)
{
    UploadJob *job = data;
    gboolean is_saved = FALSE;

    job->is_elsewhere = compose_is_elsewhere(job->store, job->data, job->draft->id);
    draft_upload(job->draft, job->config, job->data, &is_saved, &job->error);
    job->is_unsaved = !is_saved;
    save_turn_note(job->turn, is_saved);
}

/* Of a draft that is open still: what was typed meanwhile makes it another one again. */
static void note_upload(ViewCompose *compose, const UploadJob *job)
{
    if (!compose->is_unfiled) {
        g_free(compose->draft->filed);
        compose->draft->filed = g_strdup(job->draft->filed);
    }
    g_free(compose->unsaved);
    compose->unsaved = job->is_unsaved ? g_strdup(job->error->message) : NULL;
    if (job->is_unsaved)
        compose_changed(compose); /* a full disk may have room again */
    else
        compose->saved_s = clock_wall_s();
}

static void uploaded(Ui *ui, void *data)
{
    UploadJob *job = data;
    ViewCompose *compose = compose_find(ui, job->draft->id);

    job->is_told = TRUE;
    if (compose)
        note_upload(compose, job);
    else if (save_turn_is_lost(job->turn) && !g_hash_table_contains(ui->composing->gone, job->draft->id))
        compose_reopen(ui, job->draft, NULL); /* it is nowhere else */
    if (job->error)
        ui_error(ui, job->error->message);
    else if (job->is_elsewhere)
        ui_error(ui, _("this draft was sent or changed elsewhere meanwhile; yours is kept beside it"));
    compose_ask_engine(ui, job->draft->account);
    ui_redraw(ui);
}

static void hand_over(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;

    compose_take_body(compose);
    UploadJob *job = upload_job(ui, compose->draft);
    job->turn = save_turn_take(ui->composing->turns, job->draft->id, compose->is_dirty);
    compose->is_unfiled = compose->is_dirty = FALSE; /* the job saves it, too */
    background_run(ui->background, work_upload, uploaded, job, upload_job_free);
}

gboolean compose_upload(ViewCompose *compose)
{
    if (!compose->is_unfiled || rest_s(compose->view.ui) <= 0)
        return FALSE;
    hand_over(compose);
    return TRUE;
}

static void rest_passed(void *data)
{
    Ui *ui = data;
    const gint64 rest_us = rest_s(ui) * SECOND_US, now_us = clock_now_us();
    gint64 next_us = G_MAXINT64;

    for (guint i = 0; i < ui->stack->len && rest_us > 0; i++) {
        ViewCompose *compose = ui->stack->pdata[i];
        if (compose->view.ops->context != CONTEXT_COMPOSE || !compose->is_unfiled)
            continue;
        if (send_size(compose->draft) > LIMIT_REST_UPLOAD_BYTES)
            next_us = MIN(next_us, rest_us); /* it may be small again then */
        else if (compose->changed_us + rest_us <= now_us)
            hand_over(compose);
        else
            next_us = MIN(next_us, compose->changed_us + rest_us - now_us);
    }
    if (next_us < G_MAXINT64)
        loop_after(ui->loop, (guint)(next_us / 1000) + 1, rest_passed);
}

void compose_rests(ViewCompose *compose)
{
    const int64_t seconds = rest_s(compose->view.ui);

    compose->changed_us = clock_now_us();
    g_clear_pointer(&compose->draft->filed, g_free);
    if (!compose->is_unfiled && seconds > 0)
        loop_after(compose->view.ui->loop, (guint)MIN(seconds, 86400) * 1000, rest_passed);
    compose->is_unfiled = TRUE;
}

/* ---- taking out ---- */

static void work_drop(void *data)
{
    UploadJob *job = data;

    draft_drop(job->draft, job->data, &job->was_filed, &job->error);
}

static void dropped(Ui *ui, void *data)
{
    const UploadJob *job = data;

    if (job->error)
        ui_error(ui, job->error->message);
    if (job->was_filed)
        compose_ask_engine(ui, job->draft->account);
}

void compose_drop(Ui *ui, const Draft *draft)
{
    g_hash_table_add(ui->composing->gone, g_strdup(draft->id));
    background_run(ui->background, work_drop, dropped, upload_job(ui, draft), upload_job_free);
}

static void work_forget(void *data)
{
    const UploadJob *job = data;

    draft_forget(job->draft, job->data);
}

void compose_forget(Ui *ui, const Draft *draft)
{
    g_hash_table_add(ui->composing->gone, g_strdup(draft->id));
    background_run(ui->background, work_forget, NULL, upload_job(ui, draft), upload_job_free);
}
