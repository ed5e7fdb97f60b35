/*
 * prompt.c - a line of text is asked for, on the bottom line: editing, history, and Tab, which shows on the
 * line above what may follow.
 */
#include "ui/prompt.h"

#include "ui/edit.h"
#include "ui/history.h"
#include "ui/screen.h"
#include "ui/state.h"

#include <string.h>

typedef struct {
    Modal modal;
    PromptWants wants;
    char *label, *kind; /* wants.label and wants.history */
    Edit edit;
    GPtrArray *found; /* char *: ways to go on; NULL: to be looked for when they are needed */
    gsize shown_from;
    int chosen;   /* which of them stands in the line; -1: what was typed */
    char *typed;  /* the line before Tab, or before the history */
    int recalled; /* which line of the history stands there; -1: none */
    gboolean is_accepted;
} Prompt;

/* The line is another one: what was found is no more. A thousand letters that come at once are looked up
 * once. */
static void forget_found(Prompt *prompt)
{
    g_clear_pointer(&prompt->found, g_ptr_array_unref);
    prompt->chosen = -1;
}

static void tell_typed(Prompt *prompt)
{
    if (prompt->wants.typed)
        prompt->wants.typed(prompt->modal.ui, prompt->wants.data, prompt->edit.text->str);
}

static void changed(Prompt *prompt)
{
    forget_found(prompt);
    prompt->recalled = -1;
    tell_typed(prompt);
}

static const GPtrArray *found_of(Prompt *prompt)
{
    if (!prompt->found && prompt->wants.complete)
        prompt->found = prompt->wants.complete(prompt->modal.ui, prompt->wants.data, prompt->edit.text->str,
                                               &prompt->shown_from);
    return prompt->found;
}

static void keep_typed(Prompt *prompt)
{
    g_free(prompt->typed);
    prompt->typed = g_strdup(prompt->edit.text->str);
}

/* ---- Tab ---- */

static void choose(Prompt *prompt, int step)
{
    const GPtrArray *found = found_of(prompt);
    int n = found ? (int)found->len : 0;

    if (n == 0)
        return;
    if (prompt->chosen < 0)
        keep_typed(prompt);
    /* One more place than there are: what was typed comes round again. */
    prompt->chosen = (prompt->chosen + 1 + step + n + 1) % (n + 1) - 1;
    edit_set(&prompt->edit, prompt->chosen < 0 ? prompt->typed : found->pdata[prompt->chosen]);
    if (n == 1) {
        g_autofree char *whole = g_strconcat(prompt->edit.text->str, " ", NULL);
        if (prompt->shown_from == 0 && !prompt->wants.is_whole &&
            !g_str_has_suffix(prompt->edit.text->str, "="))
            edit_set(&prompt->edit, whole);
        forget_found(prompt);
    }
}

/* ---- history ---- */

/* The next line in a direction that begins as what was typed does. */
static int find_line(const GPtrArray *lines, int from, int step, const char *beginning)
{
    for (int i = from + step; i >= 0 && i < (int)lines->len; i += step)
        if (g_str_has_prefix(lines->pdata[i], beginning) && !g_str_equal(lines->pdata[i], beginning))
            return i;
    return -1;
}

static void recall(Prompt *prompt, int step)
{
    if (!prompt->kind)
        return;
    const GPtrArray *lines = history_lines(ui_history(prompt->modal.ui), prompt->kind);
    if (prompt->recalled < 0) {
        if (step > 0)
            return;
        keep_typed(prompt);
    }
    int at = find_line(lines, prompt->recalled < 0 ? (int)lines->len : prompt->recalled, step, prompt->typed);
    if (at < 0 && step < 0)
        return;
    prompt->recalled = at;
    edit_set(&prompt->edit, at < 0 ? prompt->typed : lines->pdata[at]);
    forget_found(prompt);
}

/* ---- keys ---- */

static gboolean prompt_key(Modal *modal, Key key)
{
    Prompt *prompt = (Prompt *)modal;

    if (key == KEY_TAB_CHAR || key == key_named("S-Tab")) {
        choose(prompt, key == KEY_TAB_CHAR ? 1 : -1);
        return TRUE;
    }
    if (key == key_named("Up") || key == KEY_CONTROL('p') || key == key_named("Down") ||
        key == KEY_CONTROL('n')) {
        recall(prompt, key == key_named("Up") || key == KEY_CONTROL('p') ? -1 : 1);
        return TRUE;
    }
    EditResult result = edit_key(&prompt->edit, key);
    if (result == EDIT_CHANGED)
        changed(prompt);
    prompt->is_accepted = result == EDIT_ACCEPTED;
    return result != EDIT_ACCEPTED && result != EDIT_CANCELLED;
}

static void prompt_paste(Modal *modal, const char *text)
{
    Prompt *prompt = (Prompt *)modal;

    if (edit_paste(&prompt->edit, text) == EDIT_CHANGED)
        changed(prompt);
}

static void prompt_finish(Modal *modal)
{
    Prompt *prompt = (Prompt *)modal;
    char *text = prompt->edit.text->str;

    if (!prompt->is_accepted) {
        prompt->wants.done(modal->ui, prompt->wants.data, NULL);
        return;
    }
    if (!prompt->wants.is_secret)
        g_strstrip(text);
    if (prompt->kind)
        history_add(ui_history(modal->ui), prompt->kind, text);
    prompt->wants.done(modal->ui, prompt->wants.data, text);
}

/* ---- drawing ---- */

/* As many as fit, beginning so that the chosen one is among them. */
static void draw_found(Prompt *prompt, const GPtrArray *found, ViewRect rect)
{
    guint first = 0;
    int column = rect.column + 1, end = rect.column + rect.columns - 1;

    screen_fill(rect.row, rect.column, rect.columns, SLOT_STATUS);
    if (prompt->chosen > 3)
        first = (guint)prompt->chosen - 3;
    for (guint i = first; i < found->len && column < end; i++) {
        const char *word = (char *)found->pdata[i] + prompt->shown_from;
        unsigned style = (int)i == prompt->chosen ? SLOT_NORMAL | STYLE_CURSOR : SLOT_STATUS;
        column += screen_text_cut(rect.row, column, end - column, style, word) + 2;
    }
}

/* What went wrong just before, such as a paste that was not taken: above the prompt, until a key. */
static gboolean draw_error(const Modal *modal, ViewRect status)
{
    const int rows = MIN(status_error_rows(modal->ui->status, status.columns), status.row / 2);
    const ViewRect rect = {status.row + status.rows - rows, status.column, rows, status.columns};

    return status.rows && rows > 0 && status_draw_news(modal->ui->status, rect);
}

static void prompt_draw(Modal *modal, const Layout *layout)
{
    Prompt *prompt = (Prompt *)modal;
    ViewRect rect = layout->bottom.rows ? layout->bottom : layout->main;
    const GPtrArray *found = layout->status.rows ? found_of(prompt) : NULL;

    if (!draw_error(modal, layout->status) && found && found->len)
        draw_found(prompt, found, layout->status);
    screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL);
    edit_draw(&prompt->edit, prompt->label, rect.row, rect.column, rect.columns);
}

static void prompt_free(Modal *modal)
{
    Prompt *prompt = (Prompt *)modal;

    if (prompt->wants.free_data)
        prompt->wants.free_data(prompt->wants.data);
    edit_clear(&prompt->edit);
    forget_found(prompt);
    g_free(prompt->typed);
    g_free(prompt->label);
    g_free(prompt->kind);
    g_free(prompt);
}

static const ModalOps PROMPT_OPS = {prompt_key, prompt_paste, prompt_finish, prompt_draw, prompt_free};

void prompt_complete_again(Ui *ui)
{
    Prompt *prompt = (Prompt *)ui->modal;

    if (!prompt || prompt->modal.ops != &PROMPT_OPS || prompt->chosen >= 0)
        return;
    forget_found(prompt);
    ui_redraw(ui);
}

void prompt_open(Ui *ui, const PromptWants *wants)
{
    Prompt *prompt = g_new0(Prompt, 1);

    prompt->modal = (Modal){&PROMPT_OPS, ui};
    prompt->wants = *wants;
    prompt->label = g_strdup(wants->label);
    prompt->kind = wants->is_secret ? NULL : g_strdup(wants->history);
    edit_init(&prompt->edit, wants->text ? wants->text : "");
    prompt->edit.is_secret = wants->is_secret;
    prompt->chosen = prompt->recalled = -1;
    ui_open_modal(ui, &prompt->modal);
}
