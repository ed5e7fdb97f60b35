/* actions.c - the commands that need no view: one function each, and the table of them. */
#include "base/i18n.h"
#include "ui/command.h"
#include "ui/compose.h"
#include "ui/mail.h"
#include "ui/prompt.h"
#include "ui/quit.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/transfer.h"
#include "ui/views.h"

#include <string.h>

static void act_back(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_back(ui);
}

static void act_quit(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_quit(ui);
}

static void act_folders(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_show_folders(ui);
}

static void folder_chosen(Ui *ui, G_GNUC_UNUSED void *data, gint64 folder_id)
{
    ui_open_folder(ui, folder_id);
}

static void pick_folder(Ui *ui)
{
    folder_prompt_open(ui,
                       &(FolderWants){.label = _("Folder: "), .history = "folder", .chosen = folder_chosen});
}

static void act_folder(Ui *ui, const char *argument)
{
    gint64 folder_id = argument ? ui_find_folder(ui, argument) : 0;

    if (!argument)
        pick_folder(ui);
    else if (folder_id)
        ui_open_folder(ui, folder_id);
    else
        ui_no_folder(ui, argument);
}

static void step_sidebar(Ui *ui, int command)
{
    ui->folders->ops->command(ui->folders, command, NULL);
}

static void act_sidebar_next(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    step_sidebar(ui, COMMAND_NEXT);
}

static void act_sidebar_previous(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    step_sidebar(ui, COMMAND_PREVIOUS);
}

static void act_sidebar_open(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    gint64 folder_id = view_folders_selected(ui->folders);

    if (folder_id)
        ui_open_folder(ui, folder_id);
}

static void act_undo(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    if (!compose_undo(ui))
        mail_undo(ui, FALSE);
}

static void act_redo(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    mail_undo(ui, TRUE);
}

static void act_compose(Ui *ui, const char *argument)
{
    compose_command(ui, COMMAND_COMPOSE, NULL, 0, argument);
}

static void act_template(Ui *ui, const char *argument)
{
    compose_template(ui, argument);
}

static void act_drafts(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    compose_pick_draft(ui);
}

static void act_contacts(Ui *ui, const char *argument)
{
    compose_read_contacts(ui, FALSE);
    if (ui_context(ui) != CONTEXT_CONTACTS)
        ui_push(ui, view_contacts_new(ui, argument));
}

static void act_outbox(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    if (ui_context(ui) != CONTEXT_OUTBOX)
        ui_push(ui, view_outbox_new(ui));
}

static void act_sync(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    if (!ui->engine || ui->is_offline) {
        ui_error(ui, _("tern is offline; O goes online"));
        return;
    }
    ui->sync_new = 0;
    engine_retry(ui->engine);
    ui->sync_request = engine_sync(ui->engine, NULL, NULL);
    ui_news(ui, _("Looking at the servers"));
}

static void act_offline(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    if (!ui->engine)
        return;
    ui->is_offline = !ui->is_offline;
    engine_set_offline(ui->engine, ui->is_offline);
    ui_look_at_servers(ui);
    ui_news(ui, "%s", ui->is_offline ? _("Offline. O goes online again.") : _("Online again"));
}

static void act_password(Ui *ui, const char *argument)
{
    ui_ask_password(ui, argument);
}

static void act_delete_there(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_ask_deleting(ui);
}

static void act_halt(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    if (!compose_halt(ui) && !transfer_halt(ui))
        ui_halt(ui);
}

static void act_why(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_tell_why(ui);
}

static void act_help(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_push(ui, view_help_new(ui, ui_context(ui)));
}

static void act_news(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_push(ui, view_news_new(ui, ui->status));
}

static void act_command(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    command_line_open(ui, "");
}

static void command_chosen(Ui *ui, G_GNUC_UNUSED void *data, const PickerItem *item)
{
    const Command *command = command_get((int)item->value);

    if (command->argument != ARGUMENT_NONE && !(command->argument & ARGUMENT_OPTIONAL)) {
        g_autofree char *line = g_strconcat(command->name, " ", NULL);
        command_line_open(ui, line);
        return;
    }
    ui_run_command(ui, (int)item->value, NULL);
}

static void act_palette(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);

    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = command_get(i);
        g_autofree char *keys = keymap_keys_of(ui->keymap, ui_context(ui), command->name, FALSE);
        if ((command->contexts & ui_context(ui)) && i != COMMAND_PALETTE)
            g_ptr_array_add(items, picker_item_new(command->name, _(command->help), keys, i));
    }
    picker_open(ui, &(PickerWants){.label = _("Command: "), .items = items, .chosen = command_chosen});
}

static void act_set(Ui *ui, const char *argument)
{
    g_auto(GStrv) parts = g_strsplit(argument ? argument : "", "=", 2);
    g_autoptr(GError) error = NULL;

    if (!parts[0])
        return;
    g_strstrip(parts[0]);
    if (parts[1]) {
        g_strstrip(parts[1]);
        if (!ui_set_option(ui, parts[0], parts[1], &error))
            ui_error(ui, error->message);
        return;
    }
    for (const ConfigOption *option = config_options(); option->name; option++) {
        if (!g_str_equal(option->name, parts[0]))
            continue;
        ui_news(ui, "%s=%s", option->name, ui_option(ui, option->name));
        return;
    }
    g_autofree char *sentence = g_strdup_printf(_("there is no option “%s”; Tab shows them"), parts[0]);
    ui_error(ui, sentence);
}

static void act_redraw(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    screen_resize();
    ui->is_stale = ui->draw_whole = TRUE;
}

static void act_suspend(Ui *ui, G_GNUC_UNUSED const char *argument)
{
    ui_suspend(ui);
}

static void act_import(Ui *ui, const char *argument)
{
    transfer_import(ui, argument);
}

static void act_export(Ui *ui, const char *argument)
{
    transfer_export(ui, argument);
}

static void (*const ACTIONS[COMMAND_COUNT])(Ui *ui, const char *argument) = {
    [COMMAND_BACK] = act_back,
    [COMMAND_QUIT] = act_quit,
    [COMMAND_FOLDERS_] = act_folders,
    [COMMAND_FOLDER] = act_folder,
    [COMMAND_SIDEBAR_NEXT] = act_sidebar_next,
    [COMMAND_SIDEBAR_PREVIOUS] = act_sidebar_previous,
    [COMMAND_SIDEBAR_OPEN] = act_sidebar_open,
    [COMMAND_COMPOSE] = act_compose,
    [COMMAND_TEMPLATE] = act_template,
    [COMMAND_DRAFTS] = act_drafts,
    [COMMAND_CONTACTS] = act_contacts,
    [COMMAND_OUTBOX] = act_outbox,
    [COMMAND_UNDO] = act_undo,
    [COMMAND_REDO] = act_redo,
    [COMMAND_SYNC] = act_sync,
    [COMMAND_OFFLINE] = act_offline,
    [COMMAND_IMPORT] = act_import,
    [COMMAND_EXPORT] = act_export,
    [COMMAND_PASSWORD] = act_password,
    [COMMAND_DELETE_THERE] = act_delete_there,
    [COMMAND_HALT] = act_halt,
    [COMMAND_WHY] = act_why,
    [COMMAND_HELP] = act_help,
    [COMMAND_NEWS] = act_news,
    [COMMAND_COMMAND] = act_command,
    [COMMAND_PALETTE] = act_palette,
    [COMMAND_SET] = act_set,
    [COMMAND_REDRAW] = act_redraw,
    [COMMAND_SUSPEND] = act_suspend,
};

gboolean ui_action(Ui *ui, int command, const char *argument)
{
    if (!ACTIONS[command])
        return FALSE;
    ACTIONS[command](ui, argument);
    return TRUE;
}
