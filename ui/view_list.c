/*
 * view_list.c - the messages of a folder.
 *
 * Kept are the rows around the cursor, a few screens to each side; the rest of the folder is not looked at.
 * The cursor and the top of the screen are places among these rows; when they come near an end, or the store
 * changed, a new page is read around the cursor's message, and everything is found again by it: the cursor
 * follows the message, not the row.
 *
 *      rows    0 ─────────────── top ───── cursor ──── top+height ─────────────── len
 *              overscan          what is on the screen              overscan
 */
#include "ui/view_list_private.h"

#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/compose.h"
#include "ui/format.h"
#include "ui/list_row.h"
#include "ui/mail.h"
#include "ui/screen.h"
#include "ui/ui.h"

/* Rows read to each side of the cursor, in screens and at least. */
#define OVERSCAN_SCREENS 3
#define OVERSCAN_ROWS 40
/* So many selected messages are looked up after a change of the store. */
#define PRUNED_MAX 300

int list_row_count(const ViewList *list)
{
    return list->page ? (int)list->page->rows->len : 0;
}

StoreRow *list_row_at(const ViewList *list, int n)
{
    return list->page->rows->pdata[n];
}

StoreRow *list_current(const ViewList *list)
{
    return list_row_count(list) ? list_row_at(list, list->cursor) : NULL;
}

void list_scroll_into_view(ViewList *list)
{
    int height = MAX(list->height, 1), count = list_row_count(list);

    list->cursor = CLAMP(list->cursor, 0, MAX(count - 1, 0));
    if (list->page && list->page->at_last)
        list->top = MIN(list->top, count - height);
    list->top = CLAMP(list->top, list->cursor - height + 1, list->cursor);
    list->top = MAX(list->top, 0);
}

/* Takes the rows out that have left the folder by a change that the store does not show yet. Where the
 * cursor's is among them, the next one gets it, or else the one before, as is wished. `is_fresh`: the page
 * was read just now. */
static void drop_gone(ViewList *list, gboolean is_fresh)
{
    const Overlay *overlay = ui_overlay(list->view.ui);
    gboolean is_upwards = g_str_equal(ui_option(list->view.ui, "after-move"), "previous");

    for (int i = list_row_count(list) - 1; i >= 0; i--) {
        const StoreRow *row = list_row_at(list, i);
        if (!overlay_is_gone(overlay, store_view_folder(list->store_view), row->anchor.id, row->flags,
                             is_fresh))
            continue;
        g_ptr_array_remove_index(list->page->rows, (guint)i);
        list->cursor -= i < list->cursor || (i == list->cursor && is_upwards && i > 0);
        list->top -= i < list->top;
    }
    list->cursor = CLAMP(list->cursor, 0, MAX(list_row_count(list) - 1, 0));
}

gboolean list_read_around(ViewList *list, StoreAnchor anchor, int offset)
{
    g_autoptr(GError) error = NULL;
    int overscan = MAX(list->height * OVERSCAN_SCREENS, OVERSCAN_ROWS);
    StorePage *page =
        store_view_page(list->store_view, ui_reader(list->view.ui), anchor, overscan, overscan, &error);

    if (!page) {
        ui_read_failed(list->view.ui, &error);
        return FALSE;
    }
    if (list->page)
        store_page_free(list->page);
    list->page = page;
    list->cursor = (int)page->anchor_row;
    list->top = list->cursor - offset;
    list->is_ordinal_known = FALSE;
    drop_gone(list, TRUE);
    list_scroll_into_view(list);
    return TRUE;
}

void list_read_if_near_end(ViewList *list, int target)
{
    int margin = MAX(list->height, 1);
    gboolean is_near_start = target < margin && !list->page->at_first;
    gboolean is_near_end = target >= list_row_count(list) - margin && !list->page->at_last;

    if (list_current(list) && (is_near_start || is_near_end))
        list_read_around(list, list_current(list)->anchor, list->cursor - list->top);
}

/* ---- reading again ---- */

static void read_folder(ViewList *list)
{
    g_autoptr(GError) error = NULL;
    StoreFolder *folder =
        store_read_folder_by_id(ui_reader(list->view.ui), store_view_folder(list->store_view), &error);

    list->is_gone = !folder && !error;
    if (!folder) {
        ui_read_failed(list->view.ui, &error);
        return;
    }
    if (list->folder)
        store_folder_free(list->folder);
    list->folder = folder;
    store_read_last_id(ui_reader(list->view.ui), &list->last_id, &error);
}

/* A few are looked up: what has left the folder is not selected any more. Of many the id says enough. */
static void prune_selected(ViewList *list)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GError) error = NULL;
    GHashTableIter iter;
    void *id, *thread;

    if (list->selected->is_all || g_hash_table_size(list->selected->ids) > PRUNED_MAX)
        return;
    g_hash_table_iter_init(&iter, list->selected->ids);
    while (g_hash_table_iter_next(&iter, &id, &thread)) {
        StoreRowState state;
        int found = store_read_state(ui_reader(list->view.ui), *(gint64 *)id, &state, &error);
        if (found == 0 || (found == 1 && state.folder_id != list->selected->folder_id))
            g_array_append_vals(ids, id, 1);
        g_clear_error(&error);
    }
    for (guint i = 0; i < ids->len; i++)
        selection_set(list->selected, g_array_index(ids, gint64, i), 0, FALSE);
}

/* The cursor stays on its message, and that where it is on the screen; but while the first row is seen, new
 * ones come in above it. */
static void read_page_again(ViewList *list)
{
    gboolean was_first_seen = list->page && list->page->at_first && list->top == 0;
    const StoreRow *row = list_current(list);
    /* Whoever has not done anything yet looks at the newest, also while a first sync brings newer ones. */
    gboolean is_newest_wanted = !row || (list->is_untouched && list->folder && !list->folder->sync.synced_s);
    StoreAnchor anchor = is_newest_wanted ? STORE_ANCHOR_NEWEST : row->anchor;

    if (!list_read_around(list, anchor, is_newest_wanted ? 0 : list->cursor - list->top))
        return;
    if (was_first_seen && list->page->at_first) {
        list->top = 0;
        list_scroll_into_view(list);
    }
}

/* How the last sync of the folder ended. */
static void note_failure(ViewList *list, const EngineEvent *event)
{
    const StoreFolder *folder = list->folder;

    if (event->kind != ENGINE_EVENT_FOLDER || !folder || g_strcmp0(event->account, folder->account) != 0 ||
        g_strcmp0(event->folder, folder->name) != 0)
        return;
    g_free(list->failure);
    list->failure = event->error ? g_strdup(event->error->message) : NULL;
}

static void list_changed(View *view, const EngineEvent *event)
{
    ViewList *list = (ViewList *)view;

    if (event) {
        note_failure(list, event);
        return;
    }
    if (!list->store_view)
        return;
    read_folder(list);
    prune_selected(list);
    read_page_again(list);
}

void view_list_left(View *view)
{
    ViewList *list = (ViewList *)view;
    GHashTableIter iter;
    void *id;

    if (!list->page)
        return;
    drop_gone(list, FALSE);
    list_scroll_into_view(list);
    list->is_ordinal_known = FALSE;
    if (list_current(list))
        list_read_if_near_end(list, list->cursor);
    else
        list_read_around(list, STORE_ANCHOR_NEWEST, 0);
    /* A selection that was moved away has done its work. */
    g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_hash_table_iter_init(&iter, list->selected->ids);
    while (!list->selected->is_all && g_hash_table_iter_next(&iter, &id, NULL))
        if (overlay_is_gone(ui_overlay(view->ui), list->selected->folder_id, *(gint64 *)id, 0, FALSE))
            g_array_append_vals(gone, id, 1);
    for (guint i = 0; i < gone->len; i++)
        selection_set(list->selected, g_array_index(gone, gint64, i), 0, FALSE);
    if (list->selected->is_all)
        selection_clear(list->selected);
}

/* ---- commands ---- */

gboolean view_list_step(View *view, int by, gboolean unread)
{
    ViewList *list = (ViewList *)view;
    const StoreRow *row = list_current(list);
    gint64 before = row ? row->anchor.id : 0;

    if (!row)
        return FALSE;
    if (unread)
        return list_step_unread(list, by < 0);
    list_move_to(list, list->cursor + by);
    return list_current(list)->anchor.id != before;
}

/* A draft is gone on with, anything else is read. */
static void list_open_row(Ui *ui, gint64 id)
{
    if (compose_is_draft(ui, id))
        compose_command(ui, COMMAND_DRAFTS, &id, 1, NULL);
    else
        ui_open_message(ui, id);
}

static gboolean list_command(View *view, int command, const char *argument)
{
    ViewList *list = (ViewList *)view;

    if (!list->store_view)
        return command <= COMMAND_OPEN || mail_has_command(command);
    list->is_untouched = FALSE;
    if (command == COMMAND_OPEN) {
        if (list_current(list))
            list_open_row(view->ui, list_current(list)->anchor.id);
        return TRUE;
    }
    return list_move_command(list, command, argument) || list_select_command(list, command, argument);
}

/* ---- what it says about itself ---- */

uint32_t list_flags(const ViewList *list, const StoreRow *row)
{
    return overlay_flags(ui_overlay(list->view.ui), row->anchor.id, row->flags);
}

gboolean view_list_current(View *view, StoreRow *row_out)
{
    ViewList *list = (ViewList *)view;
    const StoreRow *row = list_current(list);

    if (!row)
        return FALSE;
    *row_out = *row;
    row_out->flags = list_flags(list, row);
    return TRUE;
}

gint64 view_list_folder(View *view)
{
    ViewList *list = (ViewList *)view;

    return list->store_view ? store_view_folder(list->store_view) : 0;
}

char *view_list_name(View *view)
{
    ViewList *list = (ViewList *)view;

    if (!list->folder)
        return g_strdup(_("Mail"));
    if (screen_columns() < 60)
        return ui_folder_name(list->view.ui, list->folder);
    return g_strdup_printf("%s/%s", list->folder->account, list->folder->name);
}

static void find_ordinal(ViewList *list)
{
    const StoreRow *row = list_current(list);
    g_autoptr(GError) error = NULL;

    if (!row || (list->is_ordinal_known && list->ordinal_of.id == row->anchor.id))
        return;
    gint64 ordinal =
        store_view_ordinal(list->store_view, ui_reader(list->view.ui), row->anchor, &list->total, &error);
    if (error) {
        ui_read_failed(list->view.ui, &error);
        return;
    }
    list->ordinal = ordinal;
    list->ordinal_of = row->anchor;
    list->is_ordinal_known = TRUE;
}

char *view_list_place(View *view)
{
    ViewList *list = (ViewList *)view;

    find_ordinal(list);
    if (!list_current(list) || !list->is_ordinal_known)
        return NULL;
    g_autofree char *ordinal = format_count(list->ordinal), *total = format_count(list->total);
    return g_strdup_printf(_("%s of %s"), ordinal, total);
}

static void list_title(View *view, char **left_out, char **right_out)
{
    ViewList *list = (ViewList *)view;
    const char *dot = screen_symbol(SYMBOL_DOT);

    *left_out = view_list_name(view);
    if (!list->folder)
        return;
    if (list->is_gone) {
        *right_out = g_strdup(_("gone"));
        return;
    }
    gboolean is_synced = list->folder->sync.uid_validity != 0;
    int more, more_unread;
    overlay_counts(ui_overlay(view->ui), list->folder->id, &more, &more_unread);
    int n_messages = MAX(store_folder_messages(list->folder) + (is_synced ? more : 0), 0);
    int n_unread = store_folder_unread(list->folder) + (is_synced ? more_unread : 0);
    g_autofree char *messages = format_count(n_messages), *unread = format_count(MAX(n_unread, 0));
    if (screen_columns() < 60)
        *right_out =
            n_unread > 0 ? g_strdup_printf(_("%s %s %s new"), messages, dot, unread) : g_strdup(messages);
    else if (n_unread > 0)
        *right_out =
            g_strdup_printf(ngettext_("%s message %s %s unread", "%s messages %s %s unread", n_messages),
                            messages, dot, unread);
    else
        *right_out = g_strdup_printf(ngettext_("%s message", "%s messages", n_messages), messages);
    const gboolean may_change =
        list->folder->rights & STORE_MAY_CHANGE && ui_has_account(view->ui, list->folder->account);
    if (!may_change && screen_columns() >= 60) {
        g_autofree char *counts = g_steal_pointer(right_out);
        *right_out = g_strdup_printf("%s %s %s", _("read only"), dot, counts);
    }
}

static void list_status(View *view, char **left_out, char **right_out)
{
    ViewList *list = (ViewList *)view;
    g_autofree char *place = view_list_place(view);
    int n_selected = list->selected ? selection_count(list->selected) : 0;
    g_autofree char *count = format_count(n_selected);
    g_autofree char *selected =
        n_selected ? g_strdup_printf(ngettext_("%s selected", "%s selected", n_selected), count) : NULL;

    *left_out = NULL;
    if (!place || (selected && screen_columns() < 60)) {
        *right_out = g_steal_pointer(&selected);
        return;
    }
    gint64 percent = list->total > 1 ? (list->ordinal - 1) * 100 / (list->total - 1) : 100;
    if (screen_columns() < 60) {
        *right_out = g_strdup(place);
        return;
    }
    g_autofree char *bar = screen_bar(5, list->ordinal, list->total);
    *right_out = g_strdup_printf("%s%s%s %s %d%%", selected ? selected : "", selected ? "  " : "", place, bar,
                                 (int)percent);
}

/* ---- drawing ---- */

static void list_draw(View *view, ViewRect rect, G_GNUC_UNUSED gboolean focused)
{
    ViewList *list = (ViewList *)view;
    ListColumns columns = list_columns(rect.columns);

    if (list->height != rect.rows) {
        list->height = MAX(rect.rows, 1);
        if (list->page)
            list_read_if_near_end(list, list->cursor);
        list_scroll_into_view(list);
    }
    if (!list_row_count(list)) {
        list_draw_empty(list, rect);
        return;
    }
    for (int i = 0; i < rect.rows; i++) {
        int n = list->top + i;
        if (n >= list_row_count(list)) {
            screen_text(rect.row + i, rect.column, 1, SLOT_DIM, "~");
            continue;
        }
        StoreRow row = *list_row_at(list, n);
        g_auto(GStrv) keywords = NULL;
        overlay_row(ui_overlay(view->ui), &row, &keywords);
        list_draw_row(&row, &columns, (ViewRect){rect.row + i, rect.column, 1, rect.columns},
                      n == list->cursor, list_is_selected(list, &row));
    }
}

static void list_clear(ViewList *list)
{
    g_clear_pointer(&list->page, store_page_free);
    g_clear_pointer(&list->folder, store_folder_free);
    g_clear_pointer(&list->store_view, store_view_free);
    g_clear_pointer(&list->selected, selection_free);
    g_clear_pointer(&list->failure, g_free);
    list->cursor = list->top = 0;
    list->is_ordinal_known = list->is_gone = FALSE;
}

static void list_free(View *view)
{
    list_clear((ViewList *)view);
    g_free(view);
}

static const ViewOps LIST_OPS = {
    .name = "list",
    .context = CONTEXT_LIST,
    .hints = "open,delete,archive,undo,select,move,folder,command,help",
    .draw = list_draw,
    .command = list_command,
    .changed = list_changed,
    .title = list_title,
    .status = list_status,
    .free = list_free,
};

View *view_list_new(Ui *ui)
{
    ViewList *list = g_new0(ViewList, 1);

    list->view = (View){&LIST_OPS, ui};
    list->height = MAX(screen_rows() - 3, 1);
    list->is_all_folded = TRUE;
    return &list->view;
}

void view_list_open(View *view, gint64 folder_id)
{
    ViewList *list = (ViewList *)view;

    if (view_list_folder(view) == folder_id)
        return;
    list_clear(list);
    list->store_view = store_view_new(folder_id, TRUE);
    list->selected = selection_new(folder_id);
    list->is_all_folded = list->is_untouched = TRUE;
    read_folder(list);
    list_read_around(list, STORE_ANCHOR_NEWEST, 0);
}
