/* list_move.c - the cursor of the message list: where it goes, and which threads it opens and folds. */
#include "ui/view_list_private.h"

#include "base/i18n.h"
#include "ui/command.h"
#include "ui/ui.h"

/* ---- moving ---- */

void list_move_to(ViewList *list, int target)
{
    int before = list->cursor;

    if (!list->page || !list_row_count(list))
        return;
    list_read_if_near_end(list, target);
    /* Reading may have moved the rows under the cursor. */
    list->cursor = CLAMP(target + list->cursor - before, 0, list_row_count(list) - 1);
    list_scroll_into_view(list);
}

static void move_page(ViewList *list, int rows)
{
    int offset = list->cursor - list->top;

    list_move_to(list, list->cursor + rows);
    list->top = list->cursor - offset;
    list_scroll_into_view(list);
}

static void move_to_end(ViewList *list, StoreAnchor end)
{
    if (!list->store_view)
        return;
    gboolean is_oldest = end.key == INT64_MIN;
    if (list_read_around(list, end, is_oldest ? list->height - 1 : 0)) {
        list->cursor = is_oldest ? MAX(list_row_count(list) - 1, 0) : 0;
        list_scroll_into_view(list);
    }
}

/* Reads around a place that the cursor goes to. What is on the screen stays there as far as the cursor is
 * then seen. */
static gboolean read_for_cursor(ViewList *list, StoreAnchor anchor)
{
    gint64 top_id = list->top < list_row_count(list) ? list_row_at(list, list->top)->anchor.id : 0;

    if (!list_read_around(list, anchor, list->height / 3))
        return FALSE;
    for (int i = 0; i < list_row_count(list); i++)
        if (list_row_at(list, i)->anchor.id == top_id)
            list->top = i;
    list_scroll_into_view(list);
    return TRUE;
}

/* The place may be inside of a folded thread, which is opened then. */
static gboolean go_to(ViewList *list, StoreAnchor anchor)
{
    if (!read_for_cursor(list, anchor))
        return FALSE;
    /* The folded row shows the thread's newest message: there is no need to open it for that. */
    if (list_current(list) && list_current(list)->anchor.id == anchor.id)
        return TRUE;
    store_view_fold(list->store_view, anchor.thread, FALSE);
    return read_for_cursor(list, anchor);
}

gboolean list_step_unread(ViewList *list, gboolean backwards)
{
    g_autoptr(GError) error = NULL;
    StoreRow *row = list_current(list);
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

/* ---- folding ---- */

/* The first row of the thread that the cursor is in. */
static int thread_start(const ViewList *list)
{
    int start = list->cursor;

    while (start > 0 &&
           list_row_at(list, start - 1)->anchor.thread == list_row_at(list, list->cursor)->anchor.thread)
        start--;
    return start;
}

/* The thread's first row stays where it is on the screen; the cursor stays on its message, or goes to the row
 * that hides it. */
static void fold(ViewList *list)
{
    const StoreRow *row = list_current(list);

    if (!row || row->thread_messages < 2)
        return;
    StoreAnchor anchor = row->anchor;
    int offset = MAX(thread_start(list) - list->top, 0);
    store_view_fold(list->store_view, anchor.thread, !store_view_is_folded(list->store_view, anchor.thread));
    if (list_read_around(list, anchor, offset)) {
        list->top = thread_start(list) - offset;
        list_scroll_into_view(list);
    }
}

static void fold_all(ViewList *list)
{
    const StoreRow *row = list_current(list);

    if (!row || !store_view_is_threaded(list->store_view))
        return;
    StoreAnchor anchor = row->anchor;
    list->is_all_folded = !list->is_all_folded;
    store_view_fold_all(list->store_view, list->is_all_folded);
    list_read_around(list, anchor, list->cursor - list->top);
}

static void sort_as(ViewList *list, const char *argument)
{
    gboolean is_threaded = store_view_is_threaded(list->store_view);
    const StoreRow *row = list_current(list);
    StoreAnchor anchor = row ? row->anchor : STORE_ANCHOR_NEWEST;

    if (argument && !g_str_equal(argument, "flat") && !g_str_equal(argument, "threads")) {
        ui_error(list->view.ui, _("sort takes “threads” or “flat”"));
        return;
    }
    store_view_set_threaded(list->store_view, argument ? g_str_equal(argument, "threads") : !is_threaded);
    list_read_around(list, anchor, list->cursor - list->top);
    ui_news(list->view.ui, "%s",
            store_view_is_threaded(list->store_view) ? _("Threads, the newest first")
                                                     : _("Flat, the newest first"));
}

gboolean list_move_command(ViewList *list, int command, const char *argument)
{
    int page = MAX(list->height - 1, 1);

    switch (command) {
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        list_move_to(list, list->cursor + (command == COMMAND_NEXT ? 1 : -1));
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
        if (!list_step_unread(list, command == COMMAND_PREVIOUS_UNREAD))
            ui_news(list->view.ui, "%s",
                    command == COMMAND_NEXT_UNREAD ? _("No unread message follows")
                                                   : _("No unread message before this"));
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
    default:
        return FALSE;
    }
}
