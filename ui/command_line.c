/* command_line.c - the `:` line: a prompt whose answer is run. */
#include "ui/completion.h"
#include "ui/prompt.h"
#include "ui/ui.h"

static GPtrArray *complete(Ui *ui, G_GNUC_UNUSED void *data, const char *line, gsize *shown_from_out)
{
    return completion_find(ui, line, shown_from_out);
}

static void run(Ui *ui, G_GNUC_UNUSED void *data, const char *text)
{
    if (text && *text)
        ui_run_line(ui, text);
}

void command_line_open(Ui *ui, const char *text)
{
    prompt_open(ui, &(PromptWants){
                        .label = ":", .text = text, .history = "command", .complete = complete, .done = run});
}
