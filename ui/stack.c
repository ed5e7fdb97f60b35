/* stack.c - where one is: the views on the stack, the folder and the message that are open. */
#include "base/i18n.h"
#include "store/read.h"
#include "ui/folder_find.h"
#include "ui/quit.h"
#include "ui/state.h"
#include "ui/views.h"

View *ui_top(const Ui *ui)
{
    return ui->stack->pdata[ui->stack->len - 1];
}

unsigned ui_context(const Ui *ui)
{
    return ui_top(ui)->ops->context;
}

static gboolean is_kept(const Ui *ui, const View *view)
{
    return view == ui->folders || view == ui->list || view == ui->message;
}

void ui_pop(Ui *ui)
{
    View *view = ui_top(ui);

    g_ptr_array_set_size(ui->stack, (gint)ui->stack->len - 1);
    if (!is_kept(ui, view))
        view->ops->free(view);
}

/* Everything down to the bottom goes; the bottom is where `view` will stand. */
static void set_bottom(Ui *ui, View *view)
{
    while (ui->stack->len)
        ui_pop(ui);
    g_ptr_array_add(ui->stack, view);
    ui_redraw(ui);
}

void ui_push(Ui *ui, View *view)
{
    g_ptr_array_add(ui->stack, view);
    ui_redraw(ui);
}

void ui_push_below(Ui *ui, View *view)
{
    g_ptr_array_insert(ui->stack, (int)ui->stack->len - 1, view);
    ui_redraw(ui);
}

void ui_show_folders(Ui *ui)
{
    if (ui->list)
        view_folders_select(ui->folders, view_list_folder(ui->list));
    if (ui->stack->len && ui->stack->pdata[0] != ui->folders)
        ui->is_from_list = ui->stack->pdata[0] == ui->list && view_list_folder(ui->list) != 0;
    set_bottom(ui, ui->folders);
    if (ui->engine)
        engine_look(ui->engine);
}

/* The list gets the folder, wherever the list stands. */
static void fill_list(Ui *ui, gint64 folder_id)
{
    if (!ui->list)
        ui->list = view_list_new(ui);
    view_list_open(ui->list, folder_id);
    view_folders_select(ui->folders, folder_id);
    if (ui->engine && !ui->is_offline)
        engine_open_folder(ui->engine, folder_id);
    ui_redraw(ui);
}

/* The list at the bottom is about to show another folder. One that it has shown already is gone back to. */
static void note_way(Ui *ui, gint64 folder_id)
{
    const gint64 before = ui->list ? view_list_folder(ui->list) : 0;

    if (!before || before == folder_id)
        return;
    for (guint i = 0; i < ui->came_from->len; i++) {
        if (g_array_index(ui->came_from, gint64, i) == folder_id) {
            g_array_set_size(ui->came_from, i);
            return;
        }
    }
    g_array_append_val(ui->came_from, before);
}

/* From the folders to the list that they were opened from; from there to the folder before, as far as it is
 * still there. */
static gboolean go_back(Ui *ui)
{
    if (ui_top(ui) == ui->folders && ui->is_from_list) {
        ui->is_from_list = FALSE;
        set_bottom(ui, ui->list);
        return TRUE;
    }
    while (ui_top(ui) == ui->list && ui->came_from->len) {
        const gint64 folder_id = g_array_index(ui->came_from, gint64, ui->came_from->len - 1);
        g_autoptr(GError) error = NULL;
        g_autoptr(StoreFolder) folder = store_read_folder_by_id(ui->reader, folder_id, &error);
        g_array_set_size(ui->came_from, ui->came_from->len - 1);
        if (folder || error) { /* a store that is busy says nothing of it */
            fill_list(ui, folder_id);
            return TRUE;
        }
    }
    return FALSE;
}

void ui_back(Ui *ui)
{
    if (ui->stack->len > 1)
        ui_pop(ui);
    else if (!go_back(ui))
        ui_quit(ui);
    ui_redraw(ui);
}

void ui_open_folder(Ui *ui, gint64 folder_id)
{
    gboolean from_folders = ui->stack->len && ui->stack->pdata[0] == ui->folders;

    ui->is_from_list = FALSE;
    if (from_folders)
        g_array_set_size(ui->came_from, 0); /* they are what one goes back to */
    else
        note_way(ui, folder_id);
    fill_list(ui, folder_id);
    set_bottom(ui, from_folders ? ui->folders : ui->list);
    if (from_folders)
        ui_push(ui, ui->list);
}

void ui_open_message(Ui *ui, gint64 message_id)
{
    if (!ui->message)
        ui->message = view_message_new(ui);
    view_message_open(ui->message, message_id);
    if (ui_top(ui) != ui->message)
        ui_push(ui, ui->message);
    ui_redraw(ui);
}

void ui_messages_left(Ui *ui)
{
    StoreRow row;

    if (ui->list)
        view_list_left(ui->list);
    if (!ui->message || ui_top(ui) != ui->message || !view_message_has_left(ui->message))
        return;
    /* The list's cursor has gone on to the next one, or to the one before. */
    if (ui->list && !g_str_equal(ui_option(ui, "after-move"), "list") && view_list_current(ui->list, &row))
        ui_open_message(ui, row.anchor.id);
    else
        ui_back(ui);
}

void ui_open_modal(Ui *ui, Modal *modal)
{
    if (ui->modal)
        ui->modal->ops->free(ui->modal);
    ui->modal = modal;
    status_cover_news(ui->status); /* "n is not bound here" was of another place, once the prompt is closed */
    ui_redraw(ui);
}

/* ---- folders by name ---- */

static gboolean has_one_account(const Ui *ui)
{
    return config_accounts(ui->context->config)->len <= 1;
}

char *ui_folder_name(const Ui *ui, const StoreFolder *folder)
{
    return has_one_account(ui) && ui_has_account(ui, folder->account)
               ? g_strdup(folder->name)
               : g_strdup_printf("%s/%s", folder->account, folder->name);
}

GPtrArray *ui_read_folders(Ui *ui, GError **error)
{
    /* Before: what is committed meanwhile is read the next time. */
    const int64_t version = store_reader_version(ui->reader);

    if (!ui->known_folders || !version || version != ui->known_folders_version) {
        g_clear_pointer(&ui->known_folders, g_ptr_array_unref);
        ui->known_folders = store_read_folders(ui->reader, NULL, error);
        ui->known_folders_version = version;
    }
    return ui->known_folders ? g_ptr_array_ref(ui->known_folders) : NULL;
}

GPtrArray *ui_folder_names(Ui *ui)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = ui_read_folders(ui, &error);

    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->selectable && ui_has_account(ui, folder->account))
            g_ptr_array_add(names, ui_folder_name(ui, folder));
    }
    return names;
}

gint64 ui_find_folder_of(Ui *ui, const char *account, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = store_read_folders(ui->reader, account, &error);
    const StoreFolder *found = folders ? folder_find(ui->context->config, folders, name) : NULL;

    ui_read_failed(ui, &error);
    return found ? found->id : 0;
}

gint64 ui_find_folder(Ui *ui, const char *name)
{
    return ui_find_folder_of(ui, NULL, name);
}

void ui_no_folder(Ui *ui, const char *name)
{
    g_autofree char *sentence =
        g_strdup_printf(_("there is no folder “%s”; c finds one by a few letters"), name);

    ui_error(ui, sentence);
}

/* The folder to begin in, by -f or `start`; NULL: none was named. */
static const char *asked_for(const Ui *ui)
{
    const char *asked = ui->context->folder ? ui->context->folder : ui_option(ui, "start");

    return asked && *asked ? asked : NULL;
}

void ui_begun(Ui *ui)
{
    const char *asked = asked_for(ui);

    if (!ui->is_beginning)
        return;
    ui->is_beginning = FALSE;
    if (!asked || !ui->list || !view_list_folder(ui->list))
        return;
    g_autoptr(GPtrArray) folders = ui_read_folders(ui, NULL);
    if (folders && !folder_find(ui->context->config, folders, asked))
        ui_no_folder(ui, asked);
}

void ui_open_first(Ui *ui)
{
    const gint64 shown = ui->list ? view_list_folder(ui->list) : 0;
    const Config *config = ui->context->config;

    if (!ui->list || (shown && !ui->is_beginning))
        return;
    const char *asked = asked_for(ui);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = ui_read_folders(ui, &error);
    ui_read_failed(ui, &error);
    if (!folders || !folders->len)
        return;
    const StoreFolder *found =
        asked ? folder_find(config, folders, asked) : folder_find_inbox(config, folders);
    ui->is_beginning = ui->is_beginning && !ui->is_offline && folder_find_may_change(config, folders, found);
    if (asked && !found && !ui->is_beginning)
        ui_no_folder(ui, asked);
    found = found ? found : folder_find_inbox(config, folders);
    /* The list is on the stack already; whoever reads help or types meanwhile is not disturbed. */
    if (found && found->id != shown)
        fill_list(ui, found->id);
}
