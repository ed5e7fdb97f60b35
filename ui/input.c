/* input.c - keys: to the modal that has the keyboard, or by the keymap to command lines, and these to who
 * does them. */
#include "base/i18n.h"
#include "base/limits.h"
#include "ui/command.h"
#include "ui/paste.h"
#include "ui/state.h"

void ui_run_command(Ui *ui, int command, const char *argument)
{
    View *top = ui_top(ui);

    if (top->ops->command(top, command, argument) || ui_action(ui, command, argument)) {
        ui_redraw(ui);
        return;
    }
    g_autofree char *sentence = g_strdup_printf(_("“%s” does nothing here"), command_get(command)->name);
    ui_error(ui, sentence);
}

void ui_run_line(Ui *ui, const char *line)
{
    g_autofree char *argument = NULL, *why = NULL;
    int command;

    if (command_parse(line, ui_context(ui), &command, &argument, &why))
        ui_run_command(ui, command, argument);
    else
        ui_error(ui, why);
}

static void take_key(Ui *ui, Key key)
{
    const char *line = NULL;

    if (ui->n_pending && (key == KEY_ESCAPE_CHAR || key == KEY_CONTROL('c') || key == KEY_CONTROL('g'))) {
        ui->n_pending = 0;
        return;
    }
    ui->pending[ui->n_pending++] = key;
    KeysMatch match = keymap_find(ui->keymap, ui_context(ui), ui->pending, ui->n_pending, &line);
    if (match == KEYS_UNFINISHED && ui->n_pending < KEYS_MAX)
        return;
    g_autofree char *keys = keys_format(ui->pending, ui->n_pending);
    gboolean is_first = ui->n_pending == 1;
    ui->n_pending = 0;
    if (match == KEYS_BOUND)
        ui_run_line(ui, line);
    else if (key == KEY_CONTROL('z') && !is_first)
        ui_suspend(ui);
    else if (key == KEY_CONTROL('c'))
        ui_news(ui, _("q goes back and at the top quits; :quit quits at once"));
    else if (key != KEY_ESCAPE_CHAR)
        ui_news(ui, _("%s is not bound here. ? shows the keys"), keys);
}

/* Into a prompt; nowhere else, since what was copied from who knows where would be run as commands. */
static void take_paste(Ui *ui)
{
    char *text = paste_take();

    ui->n_pending = 0;
    if (paste_is_too_long()) {
        g_autofree char *most = g_format_size_full(LIMIT_PASTE_BYTES, G_FORMAT_SIZE_IEC_UNITS);
        g_autofree char *sentence = g_strdup_printf(
            _("More than %s was pasted, so none of it was taken; paste it in parts, or attach it as a file"),
            most);
        ui_error(ui, sentence);
    } else if (ui->modal && ui->modal->ops->paste)
        ui->modal->ops->paste(ui->modal, text);
    else
        ui_news(ui, "%s",
                _("Pasted text is not taken for keys; it can be pasted into a prompt, such as : or /"));
    paste_free(text);
}

void ui_take_input(void *data)
{
    Ui *ui = data;
    Key key;

    while ((key = keys_read())) {
        status_key(ui->status);
        ui_begun(ui);
        ui_password_key(ui);
        if (key == KEY_PASTE) {
            take_paste(ui);
            continue;
        }
        if (!ui->modal) {
            take_key(ui, key);
            continue;
        }
        if (key == KEY_CONTROL('z')) { /* no prompt has a use for it, and it is expected to work everywhere */
            ui_suspend(ui);
            continue;
        }
        if (ui->modal->ops->key(ui->modal, key))
            continue;
        Modal *modal = g_steal_pointer(&ui->modal);
        modal->ops->finish(modal);
        modal->ops->free(modal);
    }
}
