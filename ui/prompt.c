/* prompt.c - a line of text is asked for, on the bottom line. */
#include "ui/edit.h"
#include "ui/modal.h"
#include "ui/screen.h"
#include "ui/ui.h"

typedef struct {
    Modal modal;
    Edit edit;
    char *label;
    void (*done)(void *data, const char *text);
    void *data;
    gboolean is_accepted;
} Prompt;

static gboolean prompt_key(Modal *modal, Key key)
{
    Prompt *prompt = (Prompt *)modal;
    EditResult result = edit_key(&prompt->edit, key);

    prompt->is_accepted = result == EDIT_ACCEPTED;
    return result != EDIT_ACCEPTED && result != EDIT_CANCELLED;
}

static void prompt_finish(Modal *modal)
{
    Prompt *prompt = (Prompt *)modal;

    prompt->done(prompt->data, prompt->is_accepted ? prompt->edit.text->str : NULL);
}

static void prompt_draw(Modal *modal, const Layout *layout)
{
    Prompt *prompt = (Prompt *)modal;
    ViewRect rect = layout->bottom.rows ? layout->bottom : layout->main;

    screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL);
    edit_draw(&prompt->edit, prompt->label, rect.row, rect.column, rect.columns);
}

static void prompt_free(Modal *modal)
{
    Prompt *prompt = (Prompt *)modal;

    edit_clear(&prompt->edit);
    g_free(prompt->label);
    g_free(prompt);
}

static const ModalOps PROMPT_OPS = {prompt_key, prompt_finish, prompt_draw, prompt_free};

void prompt_open(Ui *ui, const char *label, void (*done)(void *data, const char *text), void *data)
{
    Prompt *prompt = g_new0(Prompt, 1);

    prompt->modal = (Modal){&PROMPT_OPS, ui};
    edit_init(&prompt->edit, "");
    prompt->label = g_strdup(label);
    prompt->done = done;
    prompt->data = data;
    ui_open_modal(ui, &prompt->modal);
}
