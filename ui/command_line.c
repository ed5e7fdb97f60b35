/* command_line.c - the `:` line: editing, history, and Tab, which shows on the line above what may follow. */
#include "ui/completion.h"
#include "ui/edit.h"
#include "ui/modal.h"
#include "ui/screen.h"
#include "ui/ui.h"

#include <string.h>

#define HISTORY_MAX 200

typedef struct {
    Modal modal;
    Edit edit;
    GPtrArray *found; /* char *: ways to go on; NULL: to be looked for when they are needed */
    gsize shown_from;
    int chosen;    /* which of them stands in the line; -1: what was typed */
    char *typed;   /* the line before Tab, or before the history */
    guint history; /* which line of the history stands there; its length: none */
    gboolean is_accepted;
} CommandLine;

/* The line is another one: what was found is no more. A thousand letters that come at once are looked up once. */
static void forget_found(CommandLine *line)
{
    g_clear_pointer(&line->found, g_ptr_array_unref);
    line->chosen = -1;
}

static const GPtrArray *found_of(CommandLine *line)
{
    if (!line->found)
        line->found = completion_find(line->modal.ui, line->edit.text->str, &line->shown_from);
    return line->found;
}

static void choose(CommandLine *line, int step)
{
    const GPtrArray *found = found_of(line);
    int n = (int)found->len;

    if (n == 0)
        return;
    if (line->chosen < 0) {
        g_free(line->typed);
        line->typed = g_strdup(line->edit.text->str);
    }
    /* One more place than there are: what was typed comes round again. */
    line->chosen = (line->chosen + 1 + step + n + 1) % (n + 1) - 1;
    edit_set(&line->edit, line->chosen < 0 ? line->typed : found->pdata[line->chosen]);
    if (n == 1) {
        g_autofree char *whole = g_strconcat(line->edit.text->str, " ", NULL);
        if (!strchr(line->edit.text->str, ' '))
            edit_set(&line->edit, whole);
        forget_found(line);
    }
}

static void recall(CommandLine *line, int step)
{
    GPtrArray *history = ui_history(line->modal.ui);
    int at = (int)line->history + step;

    if (at < 0 || at > (int)history->len)
        return;
    if (line->history == history->len) {
        g_free(line->typed);
        line->typed = g_strdup(line->edit.text->str);
    }
    line->history = (guint)at;
    edit_set(&line->edit, line->history == history->len ? line->typed : history->pdata[line->history]);
    forget_found(line);
}

static gboolean command_line_key(Modal *modal, Key key)
{
    CommandLine *line = (CommandLine *)modal;

    if (key == KEY_TAB_CHAR || key == key_named("S-Tab")) {
        choose(line, key == KEY_TAB_CHAR ? 1 : -1);
        return TRUE;
    }
    if (key == key_named("Up") || key == KEY_CONTROL('p') || key == key_named("Down") ||
        key == KEY_CONTROL('n')) {
        recall(line, key == key_named("Up") || key == KEY_CONTROL('p') ? -1 : 1);
        return TRUE;
    }
    switch (edit_key(&line->edit, key)) {
    case EDIT_ACCEPTED:
        line->is_accepted = TRUE;
        return FALSE;
    case EDIT_CANCELLED:
        return FALSE;
    case EDIT_CHANGED:
        forget_found(line);
        return TRUE;
    default:
        return TRUE;
    }
}

static void command_line_finish(Modal *modal)
{
    CommandLine *line = (CommandLine *)modal;
    g_autofree char *text = g_strstrip(g_strdup(line->edit.text->str));
    GPtrArray *history = ui_history(modal->ui);

    if (!line->is_accepted || !*text)
        return;
    if (!history->len || !g_str_equal(history->pdata[history->len - 1], text))
        g_ptr_array_add(history, g_strdup(text));
    if (history->len > HISTORY_MAX)
        g_ptr_array_remove_index(history, 0);
    ui_run_line(modal->ui, text);
}

/* As many as fit, beginning so that the chosen one is among them. */
static void draw_found(CommandLine *line, ViewRect rect)
{
    const GPtrArray *found = found_of(line);
    guint first = 0;
    int column = rect.column + 1, end = rect.column + rect.columns - 1;

    screen_fill(rect.row, rect.column, rect.columns, SLOT_STATUS);
    if (line->chosen > 3)
        first = (guint)line->chosen - 3;
    for (guint i = first; i < found->len && column < end; i++) {
        const char *word = (char *)found->pdata[i] + line->shown_from;
        unsigned style = (int)i == line->chosen ? SLOT_NORMAL | STYLE_CURSOR : SLOT_STATUS;
        column += screen_text_cut(rect.row, column, end - column, style, word) + 2;
    }
}

static void command_line_draw(Modal *modal, const Layout *layout)
{
    CommandLine *line = (CommandLine *)modal;
    ViewRect rect = layout->bottom.rows ? layout->bottom : layout->main;

    if (layout->status.rows && found_of(line)->len)
        draw_found(line, layout->status);
    screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL);
    edit_draw(&line->edit, ":", rect.row, rect.column, rect.columns);
}

static void command_line_free(Modal *modal)
{
    CommandLine *line = (CommandLine *)modal;

    edit_clear(&line->edit);
    forget_found(line);
    g_free(line->typed);
    g_free(line);
}

static const ModalOps COMMAND_LINE_OPS = {command_line_key, command_line_finish, command_line_draw,
                                          command_line_free};

void command_line_open(Ui *ui, const char *text)
{
    CommandLine *line = g_new0(CommandLine, 1);

    line->modal = (Modal){&COMMAND_LINE_OPS, ui};
    edit_init(&line->edit, text);
    line->history = ui_history(ui)->len;
    line->chosen = -1;
    ui_open_modal(ui, &line->modal);
}
