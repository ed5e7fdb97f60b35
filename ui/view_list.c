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
#include "ui/views.h"

#include "base/i18n.h"
#include "store/read.h"
#include "store/view.h"
#include "ui/command.h"
#include "ui/format.h"
#include "ui/list_row.h"
#include "ui/screen.h"
#include "ui/ui.h"

/* Rows read to each side of the cursor, in screens and at least. */
#define OVERSCAN_SCREENS 3
#define OVERSCAN_ROWS 40

typedef struct {
    View view;
    StoreView *store_view;   /* NULL: no folder yet */
    StoreFolder *folder;     /* as last read */
    StorePage *page;         /* NULL: not read yet */
    int cursor, top, height; /* rows of the page; height as last drawn */
    gint64 ordinal, total;   /* of `ordinal_of`, as last asked */
    StoreAnchor ordinal_of;
    gboolean is_ordinal_known, is_all_folded;
} ViewList;

static int row_count(const ViewList *list)
{
    return list->page ? (int)list->page->rows->len : 0;
}

static StoreRow *row_at(const ViewList *list, int n)
{
    return list->page->rows->pdata[n];
}

static StoreRow *current(const ViewList *list)
{
    return row_count(list) ? row_at(list, list->cursor) : NULL;
}

/* Keeps the cursor on the screen, and no gap at the end while there are rows above. */
static void scroll_into_view(ViewList *list)
{
    int height = MAX(list->height, 1), count = row_count(list);

    list->cursor = CLAMP(list->cursor, 0, MAX(count - 1, 0));
    if (list->page && list->page->at_last)
        list->top = MIN(list->top, count - height);
    list->top = CLAMP(list->top, list->cursor - height + 1, list->cursor);
    list->top = MAX(list->top, 0);
}

/* Reads a page around a place. The row that is nearest to it comes to stand `offset` rows below the top. */
static gboolean read_around(ViewList *list, StoreAnchor anchor, int offset)
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
    scroll_into_view(list);
    return TRUE;
}

/* Before the cursor leaves the rows that are here. */
static void read_if_near_end(ViewList *list, int target)
{
    int margin = MAX(list->height, 1);
    gboolean is_near_start = target < margin && !list->page->at_first;
    gboolean is_near_end = target >= row_count(list) - margin && !list->page->at_last;

    if (current(list) && (is_near_start || is_near_end))
        read_around(list, current(list)->anchor, list->cursor - list->top);
}

/* ---- reading again ---- */

static void read_folder(ViewList *list)
{
    g_autoptr(GError) error = NULL;
    StoreFolder *folder =
        store_read_folder_by_id(ui_reader(list->view.ui), store_view_folder(list->store_view), &error);

    if (!folder) {
        ui_read_failed(list->view.ui, &error);
        return;
    }
    if (list->folder)
        store_folder_free(list->folder);
    list->folder = folder;
}

/* The cursor stays on its message, and that where it is on the screen; but while the first row is seen, new
 * ones come in above it. */
static void read_page_again(ViewList *list)
{
    gboolean was_first_seen = list->page && list->page->at_first && list->top == 0;
    const StoreRow *row = current(list);
    StoreAnchor anchor = row ? row->anchor : STORE_ANCHOR_NEWEST;

    if (!read_around(list, anchor, list->cursor - list->top))
        return;
    if (was_first_seen && list->page->at_first) {
        list->top = 0;
        scroll_into_view(list);
    }
}

static void list_changed(View *view, const EngineEvent *event)
{
    ViewList *list = (ViewList *)view;

    if (event || !list->store_view)
        return;
    read_folder(list);
    read_page_again(list);
}

/* ---- moving ---- */

static void move_to(ViewList *list, int target)
{
    int before = list->cursor;

    if (!list->page || !row_count(list))
        return;
    read_if_near_end(list, target);
    /* Reading may have moved the rows under the cursor. */
    list->cursor = CLAMP(target + list->cursor - before, 0, row_count(list) - 1);
    scroll_into_view(list);
}

static void move_page(ViewList *list, int rows)
{
    int offset = list->cursor - list->top;

    move_to(list, list->cursor + rows);
    list->top = list->cursor - offset;
    scroll_into_view(list);
}

static void move_to_end(ViewList *list, StoreAnchor end)
{
    if (!list->store_view)
        return;
    gboolean is_oldest = end.key == INT64_MIN;
    if (read_around(list, end, is_oldest ? list->height - 1 : 0)) {
        list->cursor = is_oldest ? MAX(row_count(list) - 1, 0) : 0;
        scroll_into_view(list);
    }
}

/* Reads around a place that the cursor goes to. What is on the screen stays there as far as the cursor is then seen. */
static gboolean read_for_cursor(ViewList *list, StoreAnchor anchor)
{
    gint64 top_id = list->top < row_count(list) ? row_at(list, list->top)->anchor.id : 0;

    if (!read_around(list, anchor, list->height / 3))
        return FALSE;
    for (int i = 0; i < row_count(list); i++)
        if (row_at(list, i)->anchor.id == top_id)
            list->top = i;
    scroll_into_view(list);
    return TRUE;
}

/* The place may be inside of a folded thread, which is opened then. */
static gboolean go_to(ViewList *list, StoreAnchor anchor)
{
    if (!read_for_cursor(list, anchor))
        return FALSE;
    /* The folded row shows the thread's newest message: there is no need to open it for that. */
    if (current(list) && current(list)->anchor.id == anchor.id)
        return TRUE;
    store_view_fold(list->store_view, anchor.thread, FALSE);
    return read_for_cursor(list, anchor);
}

static gboolean step_unread(ViewList *list, gboolean backwards)
{
    g_autoptr(GError) error = NULL;
    StoreRow *row = current(list);
    StoreAnchor found, from = row ? row->anchor : STORE_ANCHOR_NEWEST;

    /* What was read a moment ago may still count as unread in the store. */
    for (int tries = 0; tries < 100; tries++) {
        if (!store_view_next_unread(list->store_view, ui_reader(list->view.ui), from, backwards, &found,
                                    &error)) {
            ui_read_failed(list->view.ui, &error);
            return FALSE;
        }
        if (!(overlay_flags(ui_overlay(list->view.ui), found.id, 0) & STORE_SEEN))
            return go_to(list, found);
        from = found;
    }
    return FALSE;
}

gboolean view_list_step(View *view, int by, gboolean unread)
{
    ViewList *list = (ViewList *)view;
    const StoreRow *row = current(list);
    gint64 before = row ? row->anchor.id : 0;

    if (!row)
        return FALSE;
    if (unread)
        return step_unread(list, by < 0);
    move_to(list, list->cursor + by);
    return current(list)->anchor.id != before;
}

/* ---- changing ---- */

/* The first row of the thread that the cursor is in. */
static int thread_start(const ViewList *list)
{
    int start = list->cursor;

    while (start > 0 && row_at(list, start - 1)->anchor.thread == row_at(list, list->cursor)->anchor.thread)
        start--;
    return start;
}

/* The thread's first row stays where it is on the screen; the cursor stays on its message, or goes to the row that hides it. */
static void fold(ViewList *list)
{
    const StoreRow *row = current(list);

    if (!row || row->thread_messages < 2)
        return;
    StoreAnchor anchor = row->anchor;
    int offset = MAX(thread_start(list) - list->top, 0);
    store_view_fold(list->store_view, anchor.thread, !store_view_is_folded(list->store_view, anchor.thread));
    if (read_around(list, anchor, offset)) {
        list->top = thread_start(list) - offset;
        scroll_into_view(list);
    }
}

static void fold_all(ViewList *list)
{
    const StoreRow *row = current(list);

    if (!row || !store_view_is_threaded(list->store_view))
        return;
    StoreAnchor anchor = row->anchor;
    list->is_all_folded = !list->is_all_folded;
    store_view_fold_all(list->store_view, list->is_all_folded);
    read_around(list, anchor, list->cursor - list->top);
}

static void sort_as(ViewList *list, const char *argument)
{
    gboolean is_threaded = store_view_is_threaded(list->store_view);
    const StoreRow *row = current(list);
    StoreAnchor anchor = row ? row->anchor : STORE_ANCHOR_NEWEST;

    if (argument && !g_str_equal(argument, "flat") && !g_str_equal(argument, "threads")) {
        ui_error(list->view.ui, _("sort takes “threads” or “flat”"));
        return;
    }
    store_view_set_threaded(list->store_view, argument ? g_str_equal(argument, "threads") : !is_threaded);
    read_around(list, anchor, list->cursor - list->top);
    ui_news(list->view.ui, "%s",
            store_view_is_threaded(list->store_view) ? _("Threads, the newest first")
                                                     : _("Flat, the newest first"));
}

/* The row as it is shown: with what the user changed meanwhile. */
static uint32_t shown_flags(const ViewList *list, const StoreRow *row)
{
    return overlay_flags(ui_overlay(list->view.ui), row->anchor.id, row->flags);
}

static void toggle(ViewList *list, uint32_t flag)
{
    const StoreRow *row = current(list);

    if (!row)
        return;
    uint32_t flags = shown_flags(list, row);
    OverlayTarget target = {row->anchor.id, row->anchor.thread, store_view_folder(list->store_view), flags};
    overlay_change(ui_overlay(list->view.ui), target, flags & flag ? 0 : flag, flags & flag ? flag : 0);
}

static gboolean list_command(View *view, int command, const char *argument)
{
    ViewList *list = (ViewList *)view;
    int page = MAX(list->height - 1, 1);

    if (!list->store_view)
        return command <= COMMAND_OPEN;
    switch (command) {
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        move_to(list, list->cursor + (command == COMMAND_NEXT ? 1 : -1));
        return TRUE;
    case COMMAND_PAGE_DOWN:
    case COMMAND_PAGE_UP:
        move_page(list, command == COMMAND_PAGE_DOWN ? page : -page);
        return TRUE;
    case COMMAND_HALF_DOWN:
    case COMMAND_HALF_UP:
        move_page(list, command == COMMAND_HALF_DOWN ? (page + 1) / 2 : -((page + 1) / 2));
        return TRUE;
    case COMMAND_FIRST:
        move_to_end(list, STORE_ANCHOR_NEWEST);
        return TRUE;
    case COMMAND_LAST:
        move_to_end(list, STORE_ANCHOR_OLDEST);
        return TRUE;
    case COMMAND_NEXT_UNREAD:
    case COMMAND_PREVIOUS_UNREAD:
        if (!step_unread(list, command == COMMAND_PREVIOUS_UNREAD))
            ui_news(view->ui, "%s",
                    command == COMMAND_NEXT_UNREAD ? _("No unread message follows")
                                                   : _("No unread message before this"));
        return TRUE;
    case COMMAND_OPEN:
        if (current(list))
            ui_open_message(view->ui, current(list)->anchor.id);
        return TRUE;
    case COMMAND_FOLD:
        fold(list);
        return TRUE;
    case COMMAND_FOLD_ALL:
        fold_all(list);
        return TRUE;
    case COMMAND_SORT:
        sort_as(list, argument);
        return TRUE;
    case COMMAND_TOGGLE_READ:
        toggle(list, STORE_SEEN);
        return TRUE;
    case COMMAND_FLAG:
        toggle(list, STORE_FLAGGED);
        return TRUE;
    default:
        return FALSE;
    }
}

/* ---- what it says about itself ---- */

gboolean view_list_current(View *view, StoreRow *row_out)
{
    ViewList *list = (ViewList *)view;
    const StoreRow *row = current(list);

    if (!row)
        return FALSE;
    *row_out = *row;
    row_out->flags = shown_flags(list, row);
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
        return g_strdup(list->folder->name);
    return g_strdup_printf("%s/%s", list->folder->account, list->folder->name);
}

static void find_ordinal(ViewList *list)
{
    const StoreRow *row = current(list);
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
    if (!current(list) || !list->is_ordinal_known)
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
    gboolean is_synced = list->folder->sync.uid_validity != 0;
    int n_messages = is_synced ? list->folder->messages : (int)list->folder->server_messages;
    int n_unread = is_synced
                       ? list->folder->unread + overlay_unread(ui_overlay(view->ui), list->folder->id, 0)
                       : (int)list->folder->server_unseen;
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
}

static void list_status(View *view, char **left_out, char **right_out)
{
    ViewList *list = (ViewList *)view;
    g_autofree char *place = view_list_place(view);

    *left_out = NULL;
    if (!place)
        return;
    gint64 percent = list->total > 1 ? (list->ordinal - 1) * 100 / (list->total - 1) : 100;
    if (screen_columns() < 60)
        *right_out = g_strdup(place);
    else {
        g_autofree char *bar = screen_bar(5, list->ordinal, list->total);
        *right_out = g_strdup_printf("%s %s %d%%", place, bar, (int)percent);
    }
}

/* ---- drawing ---- */

static void draw_empty(const ViewList *list, ViewRect rect)
{
    const char *text = !list->store_view ? _("The folders are being fetched.")
                       : !list->page     ? ""
                       : list->folder && !list->folder->sync.uid_validity && list->folder->server_messages
                           ? _("The messages are being fetched.")
                           : _("No messages here.");

    screen_text_cut(rect.row + (rect.rows > 4 ? 1 : 0), rect.column + 1, rect.columns - 1, SLOT_DIM, text);
}

static void list_draw(View *view, ViewRect rect, gboolean focused)
{
    ViewList *list = (ViewList *)view;
    ListColumns columns = list_columns(rect.columns);

    if (list->height != rect.rows) {
        list->height = MAX(rect.rows, 1);
        if (list->page)
            read_if_near_end(list, list->cursor);
        scroll_into_view(list);
    }
    if (!row_count(list)) {
        draw_empty(list, rect);
        return;
    }
    for (int i = 0; i < rect.rows; i++) {
        int n = list->top + i;
        if (n >= row_count(list)) {
            screen_text(rect.row + i, rect.column, 1, SLOT_DIM, "~");
            continue;
        }
        StoreRow row = *row_at(list, n);
        int unread = row.thread_unread +
                     overlay_unread(ui_overlay(view->ui), view_list_folder(view), row.anchor.thread);
        row.flags = shown_flags(list, &row);
        row.thread_unread = MAX(unread, 0);
        list_draw_row(&row, &columns, (ViewRect){rect.row + i, rect.column, 1, rect.columns},
                      n == list->cursor, focused);
    }
}

static void list_clear(ViewList *list)
{
    g_clear_pointer(&list->page, store_page_free);
    g_clear_pointer(&list->folder, store_folder_free);
    g_clear_pointer(&list->store_view, store_view_free);
    list->cursor = list->top = 0;
    list->is_ordinal_known = FALSE;
}

static void list_free(View *view)
{
    list_clear((ViewList *)view);
    g_free(view);
}

static const ViewOps LIST_OPS = {
    .name = "list",
    .context = CONTEXT_LIST,
    .hints = "open,folder,next-unread,toggle-read,flag,fold,sync,command,help",
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
    list->is_all_folded = TRUE;
    read_folder(list);
    read_around(list, STORE_ANCHOR_NEWEST, 0);
}
