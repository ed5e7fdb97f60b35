/* compose.c - drafts on their way between screen and disk; see compose.h. */
#include "ui/compose.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "compose/editor.h"
#include "compose/send.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

#define DRAFTS_SHOWN 200

Composing *composing_new(void)
{
    Composing *composing = g_new0(Composing, 1);

    composing->ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    composing->attaching = g_ptr_array_new_with_free_func(g_free);
    composing->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return composing;
}

void composing_free(Composing *composing)
{
    if (!composing)
        return;
    g_array_unref(composing->ids);
    draft_free(composing->sent);
    g_ptr_array_unref(composing->attaching);
    g_hash_table_unref(composing->gone);
    compose_people_clear(composing);
    g_free(composing->last_subject);
    g_free(composing);
}

gboolean compose_has_command(int command)
{
    switch (command) {
    case COMMAND_REPLY:
    case COMMAND_REPLY_ALL:
    case COMMAND_REPLY_LIST:
    case COMMAND_FORWARD:
    case COMMAND_FORWARD_ATTACHED:
    case COMMAND_EDIT_AS_NEW:
    case COMMAND_RESEND:
        return TRUE;
    default:
        return FALSE;
    }
}

void compose_open(Ui *ui, Draft *draft, const char *notice)
{
    if (compose_find(ui, draft->id)) {
        draft_free(draft);
        return;
    }
    compose_read_contacts(ui, FALSE);
    g_hash_table_remove(ui->composing->gone, draft->id);
    const ViewCompose *top = compose_top(ui);
    if (top && top->is_editing) /* what is being typed stays in sight */
        ui_push_below(ui, view_compose_new(ui, draft));
    else
        ui_push(ui, view_compose_new(ui, draft));
    if (notice)
        ui_error(ui, notice); /* stays until a key */
}

void compose_reopen(Ui *ui, const Draft *draft, const char *notice)
{
    compose_open(ui, draft_copy(draft), notice);
    compose_changed(compose_find(ui, draft->id));
}

/* ---- jobs: a draft, and what became of it ---- */

void compose_rescue(const Draft *draft, const GError *why)
{
    g_autofree char *folder = g_dir_make_tmp("tern-draft-XXXXXX", NULL);
    const char *subject = compose_subject(draft);

    if (folder && draft_save(draft, folder, NULL))
        g_printerr(_("tern: the draft “%s” cannot be kept: %s; its text is in %s/drafts/cur\n"), subject,
                   why->message, folder);
    else
        g_printerr(_("tern: the draft “%s” cannot be kept: %s; nor could its text be saved elsewhere\n"),
                   subject, why->message);
}

typedef struct {
    Draft *draft;
    char *data, *id;
    GPtrArray *found; /* Draft * */
    guint n;
    GError *error;
    gboolean is_save, is_told;
} DiskJob;

static void disk_job_free(void *data)
{
    DiskJob *job = data;

    if (job->is_save && job->error && !job->is_told)
        compose_rescue(job->draft, job->error);
    draft_free(job->draft);
    g_free(job->data);
    g_free(job->id);
    if (job->found)
        g_ptr_array_unref(job->found);
    g_clear_error(&job->error);
    g_free(job);
}

static DiskJob *disk_job(Ui *ui, const Draft *draft)
{
    DiskJob *job = g_new0(DiskJob, 1);

    job->data = g_strdup(ui->context->paths->data);
    job->draft = draft ? draft_copy(draft) : NULL;
    return job;
}

static void work_save(void *data)
{
    DiskJob *job = data;

    draft_save(job->draft, job->data, &job->error);
}

static void saved(Ui *ui, void *data)
{
    DiskJob *job = data;
    ViewCompose *compose = compose_find(ui, job->draft->id);

    job->is_told = TRUE;
    if (!compose && job->error && !g_hash_table_contains(ui->composing->gone, job->draft->id))
        compose_reopen(ui, job->draft, job->error->message); /* it is nowhere else */
    if (!compose)
        return;
    g_free(compose->unsaved);
    compose->unsaved = job->error ? g_strdup(job->error->message) : NULL;
    if (job->error) { /* a full disk may have room again */
        ui_error(ui, job->error->message);
        compose_changed(compose);
    } else {
        compose->saved_s = clock_wall_s();
    }
    ui_redraw(ui);
}

void compose_save(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;

    compose_take_body(compose);
    compose->is_dirty = FALSE;
    DiskJob *job = disk_job(ui, compose->draft);
    job->is_save = TRUE;
    background_run(ui->background, work_save, saved, job, disk_job_free);
}

void compose_save_all(Ui *ui)
{
    for (guint i = 0; i < ui->stack->len; i++) {
        View *view = ui->stack->pdata[i];
        if (view->ops->context == CONTEXT_COMPOSE && ((ViewCompose *)view)->is_dirty)
            compose_save((ViewCompose *)view);
    }
}

static void work_drop(void *data)
{
    DiskJob *job = data;

    draft_remove(job->draft, job->data);
}

void compose_drop(Ui *ui, const Draft *draft)
{
    g_hash_table_add(ui->composing->gone, g_strdup(draft->id));
    background_run(ui->background, work_drop, NULL, disk_job(ui, draft), disk_job_free);
}

/* ---- drafts that are there ---- */

static void work_count(void *data)
{
    DiskJob *job = data;
    g_autoptr(GPtrArray) ids = draft_list(job->data, &job->error);

    job->n = ids ? ids->len : 0;
    send_clean(job->data);
}

static void counted(Ui *ui, void *data)
{
    const DiskJob *job = data;

    if (job->n)
        ui_news(ui,
                ngettext_("%u message is not finished; :drafts shows it",
                          "%u messages are not finished; :drafts shows them", job->n),
                job->n);
}

void compose_recover(Ui *ui)
{
    g_autofree char *folder = g_build_filename(ui->context->paths->data, "drafts", "cur", NULL);

    if (g_file_test(folder, G_FILE_TEST_IS_DIR)) /* most have none: no thread for that */
        background_run(ui->background, work_count, counted, disk_job(ui, NULL), disk_job_free);
}

static void work_load(void *data)
{
    DiskJob *job = data;
    g_autoptr(GPtrArray) ids = draft_list(job->data, &job->error);

    job->found = g_ptr_array_new_with_free_func((GDestroyNotify)draft_free);
    for (guint i = ids ? ids->len : 0; i > 0 && job->found->len < DRAFTS_SHOWN; i--) {
        Draft *draft = draft_load(job->data, ids->pdata[i - 1], NULL);
        if (!draft)
            continue;
        editor_recover(draft, job->data); /* tern was killed under an editor */
        g_ptr_array_add(job->found, draft);
    }
}

static void chosen(Ui *ui, void *data, const PickerItem *item)
{
    const GPtrArray *found = data;

    compose_open(ui, draft_copy(found->pdata[item->value]), NULL);
}

static void unref_found(void *data)
{
    g_ptr_array_unref(data);
}

static void loaded(Ui *ui, void *data)
{
    const DiskJob *job = data;

    if (job->error) {
        ui_error(ui, job->error->message);
        return;
    }
    if (!job->found->len) {
        ui_news(ui, "%s", _("No message is unfinished"));
        return;
    }
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);
    for (guint i = 0; i < job->found->len; i++) {
        const Draft *draft = job->found->pdata[i];
        const char *subject = draft->fields[DRAFT_SUBJECT], *to = draft->fields[DRAFT_TO];
        g_autofree char *when = date_short(g_ascii_strtoll(draft->id, NULL, 10), clock_wall_s());
        g_ptr_array_add(items, picker_item_new(*subject ? subject : _("(no subject)"), to, when, i));
    }
    picker_open(ui, &(PickerWants){.label = _("Draft: "),
                                   .items = items,
                                   .chosen = chosen,
                                   .data = g_ptr_array_ref(job->found),
                                   .free_data = unref_found});
}

void compose_pick_draft(Ui *ui)
{
    background_run(ui->background, work_load, loaded, disk_job(ui, NULL), disk_job_free);
}
