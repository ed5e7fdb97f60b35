/* list_select.c - selecting in the message list, and which messages a command is for: the selected ones, or
 * else the cursor's, which on a folded thread are all of it that is in this folder. */
#include "ui/view_list_private.h"

#include "base/i18n.h"
#include "ui/command.h"
#include "ui/compose.h"
#include "ui/contact_commands.h"
#include "ui/mail.h"
#include "ui/ui.h"

gboolean list_is_selected(const ViewList *list, const StoreRow *row)
{
    if (row->is_folded && row->thread_messages > 1)
        return selection_count_thread(list->selected, row->anchor.thread, row->thread_messages) > 0;
    return selection_has(list->selected, row->anchor.id);
}

/* Puts the thread of a row into a selection, or takes it out; FALSE: the store could not be asked. */
static gboolean set_thread(ViewList *list, Selection *selection, const StoreRow *row, gboolean is_in)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) states = store_read_thread(
        ui_reader(list->view.ui), store_view_folder(list->store_view), row->anchor.thread, &error);
    gboolean is_done = TRUE;

    if (!states) {
        ui_read_failed(list->view.ui, &error);
        return FALSE;
    }
    for (guint i = 0; i < states->len; i++) {
        const StoreRowState *state = &g_array_index(states, StoreRowState, i);
        is_done &= selection_set(selection, state->id, state->thread, is_in);
    }
    if (!is_done)
        ui_news(list->view.ui, "%s", _("This came after all were selected; select all anew for it"));
    return TRUE;
}

static gboolean set_row(ViewList *list, Selection *selection, const StoreRow *row, gboolean is_in)
{
    if (row->is_folded && row->thread_messages > 1)
        return set_thread(list, selection, row, is_in);
    if (!selection_set(selection, row->anchor.id, row->anchor.thread, is_in))
        ui_news(list->view.ui, "%s", _("This came after all were selected; select all anew for it"));
    return TRUE;
}

/* The next row is where one goes on selecting. */
static void toggle(ViewList *list)
{
    const StoreRow *row = list_current(list);

    if (row && set_row(list, list->selected, row, !list_is_selected(list, row)))
        list_move_to(list, list->cursor + 1);
}

/* The cursor goes to the first row that is not of the thread. */
static void toggle_thread(ViewList *list)
{
    const StoreRow *row = list_current(list);

    if (!row)
        return;
    gint64 thread = row->anchor.thread;
    gboolean is_whole =
        selection_count_thread(list->selected, thread, row->thread_messages) >= row->thread_messages;
    if (!set_thread(list, list->selected, row, !is_whole))
        return;
    int target = list->cursor;
    while (target < list_row_count(list) && list_row_at(list, target)->anchor.thread == thread)
        target++;
    list_move_to(list, target);
}

static void select_all(ViewList *list, gboolean inverted)
{
    int more, more_unread;

    if (!list->folder)
        return;
    overlay_counts(ui_overlay(list->view.ui), list->folder->id, &more, &more_unread);
    if (inverted)
        selection_invert(list->selected, list->last_id, list->folder->messages + more);
    else
        selection_set_all(list->selected, list->last_id, list->folder->messages + more);
}

/* ---- commands for what is selected ---- */

/* What the selected rows have in common, as far as they are here: of "all" nobody looks at the rest. */
static uint32_t common_flags(const ViewList *list, const Selection *targets)
{
    uint32_t flags = ~0U;

    for (int i = 0; i < list_row_count(list); i++) {
        const StoreRow *row = list_row_at(list, i);
        if (selection_has(targets, row->anchor.id))
            flags &= list_flags(list, row);
    }
    return flags;
}

/* Those that are selected and have not just left the folder. */
static GArray *selected_ids(ViewList *list)
{
    Ui *ui = list->view.ui;
    g_autoptr(GError) error = NULL;
    GArray *ids = selection_read(list->selected, ui_reader(ui), &error);

    if (!ids)
        ui_read_failed(ui, &error);
    for (guint i = ids ? ids->len : 0; i > 0; i--)
        if (overlay_is_gone(ui_overlay(ui), list->selected->folder_id, g_array_index(ids, gint64, i - 1), 0,
                            FALSE))
            g_array_remove_index_fast(ids, i - 1);
    return ids;
}

/* A message begins with those that are selected, or the one under the cursor. */
static void begin_message(ViewList *list, int command)
{
    Ui *ui = list->view.ui;
    const StoreRow *row = list_current(list);
    const guint n = (guint)selection_count(list->selected);
    g_autoptr(GArray) ids = NULL;

    if (n > COMPOSE_SOURCES_MAX) {
        compose_too_many(ui, n);
        return;
    }
    if (n)
        ids = selected_ids(list);
    if (ids && ids->len)
        compose_command(ui, command, (const gint64 *)(void *)ids->data, ids->len, NULL);
    else if (!n && row)
        compose_command(ui, command, &row->anchor.id, 1, NULL);
    else if (n)
        ui_news(ui, "%s",
                ids ? _("What was selected is not here any more")
                    : _("What is selected could not be read just now; press the key again"));
}

static gboolean run(ViewList *list, int command, const char *argument)
{
    const StoreRow *row = list_current(list);
    g_autoptr(Selection) targets = NULL;

    if (compose_has_command(command)) {
        begin_message(list, command);
        return TRUE;
    }
    if (command == COMMAND_CONTACT_ADD) {
        if (argument)
            contact_add(list->view.ui, argument);
        else if (row)
            contact_add_from(list->view.ui, row->anchor.id);
        return TRUE;
    }
    if (!mail_has_command(command))
        return FALSE;
    if (selection_count(list->selected)) {
        targets = selection_copy(list->selected);
    } else {
        targets = selection_new(store_view_folder(list->store_view));
        if (row && !set_row(list, targets, row, TRUE))
            return TRUE;
    }
    uint32_t flags = common_flags(list, targets);
    mail_command(list->view.ui, g_steal_pointer(&targets), flags, command, argument);
    return TRUE;
}

gboolean list_select_command(ViewList *list, int command, const char *argument)
{
    switch (command) {
    case COMMAND_SELECT:
        toggle(list);
        return TRUE;
    case COMMAND_SELECT_THREAD:
        toggle_thread(list);
        return TRUE;
    case COMMAND_SELECT_ALL:
        select_all(list, FALSE);
        return TRUE;
    case COMMAND_SELECT_INVERT:
        select_all(list, TRUE);
        return TRUE;
    case COMMAND_SELECT_NONE:
        selection_clear(list->selected);
        return TRUE;
    default:
        return run(list, command, argument);
    }
}
