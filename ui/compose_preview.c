/* compose_preview.c - a message as it would be sent, looked at before; and whether HTML is made of it. */
#include "base/clock.h"
#include "base/i18n.h"
#include "compose/preview.h"
#include "ui/compose_private.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/views.h"

#include <string.h>

typedef struct {
    Config *config;
    char *data, *text;
    Draft *draft;
    RenderOptions options;
    GError *error;
} PreviewJob;

static void preview_job_free(void *data)
{
    PreviewJob *job = data;

    config_unref(job->config);
    g_free(job->data);
    g_free(job->text);
    draft_free(job->draft);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_preview(void *data)
{
    PreviewJob *job = data;

    job->text = preview_text(job->draft, job->config, job->data, &job->options, &job->error);
}

static void previewed(Ui *ui, void *data)
{
    const PreviewJob *job = data;
    const ViewCompose *top = compose_top(ui);

    if (job->error)
        ui_error(ui, job->error->message);
    if (!job->text || !top || !g_str_equal(top->draft->id, job->draft->id) || top->is_editing)
        return; /* one has gone on to something else */
    ui_push(ui, view_text_of(ui,
                             job->draft->is_markdown ? _("Preview: text, and HTML made of it")
                                                     : _("Preview: text"),
                             job->text));
}

void compose_preview(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    PreviewJob *job = g_new0(PreviewJob, 1);

    compose_take_body(compose);
    *job = (PreviewJob){
        .config = config_ref(ui->context->config),
        .data = g_strdup(ui->context->paths->data),
        .draft = draft_copy(compose->draft),
        .options = {.width_cols = (int)MIN(compose->columns - 4, (int)ui_option_int(ui, "text-width")),
                    .is_ascii = screen_is_ascii(),
                    .now_s = clock_wall_s()}};
    background_run(ui->background, work_preview, previewed, job, preview_job_free);
}

void compose_toggle_markdown(ViewCompose *compose)
{
    compose->draft->is_markdown = !compose->draft->is_markdown;
    compose_changed(compose);
    ui_news(compose->view.ui, "%s",
            compose->draft->is_markdown ? _("HTML is made of the text, as Markdown. v shows it.")
                                        : _("The text goes out as it is."));
}
