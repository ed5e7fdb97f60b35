/* mail_undo.c - taking back what this screen did, and doing it again. */
#include "base/error.h"
#include "base/i18n.h"
#include "store/undo.h"
#include "ui/mail.h"
#include "ui/ui.h"

typedef struct {
    Ui *ui;
    gboolean is_redo;
    StoreGroup *group; /* what it was, of the result; NULL: there was nothing */
} UndoJob;

static gboolean run(StoreTxn *txn, void *data, GError **error)
{
    UndoJob *job = data;
    GError *failure = NULL;

    job->group = job->is_redo ? store_redo(txn, &failure) : store_undo(txn, &failure);
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

static void settled(void *data, const GError *error)
{
    const UndoJob *job = data;

    if (error) {
        ui_error(job->ui, error->message);
        return;
    }
    if (!job->group) {
        ui_news(job->ui, "%s",
                job->is_redo ? _("There is nothing to do again") : _("There is nothing to undo"));
        return;
    }
    g_autofree char *what = store_group_describe(job->group);
    g_autofree char *key =
        keymap_keys_of(ui_keymap(job->ui), ui_context(job->ui), job->is_redo ? "undo" : "redo", TRUE);
    if (job->group->why) {
        g_autofree char *sentence = g_strdup_printf(
            job->is_redo ? _("Not done again: %s; %s") : _("Not undone: %s; %s"), what, job->group->why);
        ui_error(job->ui, sentence);
        return;
    }
    if (job->group->is_too_late) {
        g_autofree char *sentence = g_strdup_printf(
            job->is_redo ? _("Cannot be done again, the files have to be imported once more: %s")
                         : _("Too late to undo: %s"),
            what);
        ui_error(job->ui, sentence);
        return;
    }
    if (job->is_redo)
        ui_news(job->ui, key ? _("Again: %s. %s undoes it.") : _("Again: %s."), what, key);
    else
        ui_news(job->ui, key ? _("Undone: %s. %s does it again.") : _("Undone: %s."), what, key);
}

static void job_free(void *data)
{
    UndoJob *job = data;

    if (job->group)
        store_group_free(job->group);
    g_free(job);
}

/* What it does to the screen only the store knows: the pages are read again when it is done. */
void mail_undo(Ui *ui, gboolean is_redo)
{
    UndoJob *job = g_new0(UndoJob, 1);

    *job = (UndoJob){.ui = ui, .is_redo = is_redo};
    overlay_submit(ui_overlay(ui), &(OverlayEffect){0}, run, settled, job, job_free);
}
