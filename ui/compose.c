/* compose.c - drafts on their way between screen and disk; see compose.h. */
#include "ui/compose.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "compose/upload.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/contact_commands.h"
#include "ui/state.h"

#include <unistd.h>

Composing *composing_new(void)
{
    Composing *composing = g_new0(Composing, 1);

    composing->ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    composing->attaching = g_ptr_array_new_with_free_func(g_free);
    composing->contact_changes = contact_changes_new();
    composing->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    composing->turns = save_turns_new();
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
    g_hash_table_unref(composing->turns);
    compose_people_clear(composing);
    g_free(composing->last_subject);
    g_free(composing->last_draft);
    g_free(composing->running);
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
    case COMMAND_ATTACH_TO_DRAFT:
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
    g_free(ui->composing->last_draft);
    ui->composing->last_draft = g_strdup(draft->id);
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
    char *data;
    int hold_fd; /* -1: it is held already */
    gboolean wants_hold;
    SaveTurn *turn;
    GError *error;
    gboolean is_told;
} SaveJob;

static void save_job_free(void *data)
{
    SaveJob *job = data;

    if (!job->is_told && save_turn_is_lost(job->turn))
        compose_rescue(job->draft, job->error);
    save_turn_free(job->turn);
    draft_free(job->draft);
    g_free(job->data);
    if (job->hold_fd >= 0)
        close(job->hold_fd);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_save(void *data)
{
    SaveJob *job = data;

    if (job->wants_hold)
        job->hold_fd = draft_hold(job->data, job->draft->id, NULL);
    save_turn_note(job->turn, draft_save(job->draft, job->data, &job->error));
}

static void saved(Ui *ui, void *data)
{
    SaveJob *job = data;
    ViewCompose *compose = compose_find(ui, job->draft->id);

    job->is_told = TRUE;
    if (!compose && save_turn_is_lost(job->turn) &&
        !g_hash_table_contains(ui->composing->gone, job->draft->id))
        compose_reopen(ui, job->draft, job->error->message); /* it is nowhere else */
    if (!compose)
        return;
    if (compose->hold_fd < 0) {
        compose->hold_fd = job->hold_fd;
        job->hold_fd = -1;
    }
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
    SaveJob *job = g_new0(SaveJob, 1);
    job->data = g_strdup(ui->context->paths->data);
    job->draft = draft_copy(compose->draft);
    job->hold_fd = -1;
    job->wants_hold = compose->hold_fd < 0;
    job->turn = save_turn_take(ui->composing->turns, job->draft->id, TRUE);
    background_run(ui->background, work_save, saved, job, save_job_free);
}

static ViewCompose *composer_at(const Ui *ui, guint i)
{
    View *view = ui->stack->pdata[i];

    return view->ops->context == CONTEXT_COMPOSE ? (ViewCompose *)view : NULL;
}

void compose_save_all(Ui *ui)
{
    for (guint i = 0; i < ui->stack->len; i++) {
        ViewCompose *compose = composer_at(ui, i);
        if (compose && compose->is_dirty)
            compose_save(compose);
    }
}

void compose_close_all(Ui *ui)
{
    compose_save_all(ui); /* first what is quick */
    for (guint i = 0; i < ui->stack->len; i++) {
        ViewCompose *compose = composer_at(ui, i);
        if (compose)
            compose_upload(compose);
    }
}
