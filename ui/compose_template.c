/* compose_template.c - a message that begins with a template (compose/template.h): chosen from a list, or
 * named. */
#include "compose/template.h"
#include "base/i18n.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

typedef struct {
    char *folder;
    GPtrArray *names; /* char * */
} ListJob;

static void list_job_free(void *data)
{
    ListJob *job = data;

    g_free(job->folder);
    if (job->names)
        g_ptr_array_unref(job->names);
    g_free(job);
}

static void work_list(void *data)
{
    ListJob *job = data;

    job->names = template_list(job->folder);
}

static void chosen(Ui *ui, G_GNUC_UNUSED void *data, const PickerItem *item)
{
    compose_command(ui, COMMAND_TEMPLATE, NULL, 0, item->text);
}

static void listed(Ui *ui, void *data)
{
    const ListJob *job = data;
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);

    if (!job->names->len) {
        g_autofree char *sentence =
            g_strdup_printf(_("there are no templates; a text file in %s is one"), job->folder);
        g_ptr_array_unref(items);
        ui_error(ui, sentence);
        return;
    }
    for (guint i = 0; i < job->names->len; i++)
        g_ptr_array_add(items, picker_item_new(job->names->pdata[i], NULL, NULL, i));
    picker_open(ui, &(PickerWants){.label = _("Template: "), .items = items, .chosen = chosen});
}

void compose_template(Ui *ui, const char *name)
{
    if (name) {
        compose_command(ui, COMMAND_TEMPLATE, NULL, 0, name);
        return;
    }
    ListJob *job = g_new0(ListJob, 1);
    job->folder = template_folder(ui->context->paths->config);
    background_run(ui->background, work_list, listed, job, list_job_free);
}

void compose_fill(ViewCompose *compose)
{
    if (!compose->draft->is_template)
        return;
    compose_take_body(compose);
    if (!template_fill(compose->draft))
        return;
    compose_give_body(compose);
    compose_changed(compose);
}
