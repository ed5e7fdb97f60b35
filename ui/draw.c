/* draw.c - the picture: views into the places that the layout has for them, and the lines around them. */
#include "base/clock.h"
#include "base/i18n.h"
#include "ui/layout.h"
#include "store/journal.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/views.h"

/* From here on a sidebar that is asked for by `sidebar=yes` leaves a list that can be read. */
#define SIDEBAR_LEAST_COLUMNS 64

static LayoutWants wants_of(const Ui *ui)
{
    const char *sidebar = ui_option(ui, "sidebar");
    gboolean is_message = ui->message && ui->list;
    LayoutWants wants = {0};

    wants.sidebar_from_columns = g_str_equal(sidebar, "no")    ? G_MAXINT
                                 : g_str_equal(sidebar, "yes") ? SIDEBAR_LEAST_COLUMNS
                                                               : LAYOUT_SIDEBAR_COLUMNS;
    if (config_accounts(ui->context->config)->len == 0)
        wants.sidebar_from_columns = G_MAXINT;
    wants.bottom_rows = ui->modal || ui->n_pending ? 1 : status_error_rows(ui->status, screen_columns());
    wants.is_message_open = FALSE;
    for (guint i = 0; is_message && i < ui->stack->len; i++)
        wants.is_message_open |= ui->stack->pdata[i] == ui->message;
    return wants;
}

static void draw_title(View *view, ViewRect rect)
{
    g_autofree char *left = NULL, *right = NULL;
    int columns = rect.columns - 1;

    if (rect.rows < 1)
        return;
    view->ops->title(view, &left, &right);
    screen_fill(rect.row, rect.column, rect.columns, SLOT_TITLE);
    /* The right part goes first when there is no room for both. */
    if (right && screen_width(right) + MIN(screen_width(left), 12) + 3 <= rect.columns)
        columns =
            screen_text_right(rect.row, rect.column, rect.columns - 1, SLOT_STATUS, right) - rect.column - 1;
    screen_text_cut(rect.row, rect.column + 1, columns - 1, SLOT_TITLE, left ? left : "");
}

/* "t sort threads  d …" after the first key of a sequence. */
static void draw_next_keys(const Ui *ui, ViewRect rect)
{
    g_auto(GStrv) next = keymap_next(ui->keymap, ui_context(ui), ui->pending, ui->n_pending);
    g_autofree char *typed = keys_format(ui->pending, ui->n_pending);
    int column = rect.column + 1, end = rect.column + rect.columns;

    column += screen_text(rect.row, column, end - column, SLOT_PROMPT, typed) + 2;
    for (guint i = 0; next[i] && column < end; i += 2) {
        column += screen_text(rect.row, column, end - column, SLOT_HEADER_NAME, next[i]) + 1;
        column += screen_text(rect.row, column, end - column, SLOT_COMPLETION, next[i + 1]) + 2;
    }
}

static void draw_hints(const Ui *ui, ViewRect rect)
{
    View *top = ui_top(ui);
    g_auto(GStrv) lines = g_strsplit(top->ops->hints ? top->ops->hints : "", ",", -1);
    int column = rect.column + (rect.columns > 20 ? 1 : 0), end = rect.column + rect.columns;

    for (guint i = 0; lines[i]; i++) {
        g_autofree char *key = keymap_keys_of(ui->keymap, top->ops->context, lines[i], TRUE);
        g_autofree char *words = g_strdelimit(g_strdup(lines[i]), "-", ' ');
        int width = key ? screen_width(key) + 1 + screen_width(words) : 0;
        if (!key)
            continue;
        if (column + width > end)
            return;
        column += screen_text(rect.row, column, end - column, SLOT_HEADER_NAME, key) + 1;
        column += screen_text(rect.row, column, end - column, SLOT_HINT, words) + 2;
    }
}

static void draw_bottom(const Ui *ui, ViewRect rect)
{
    if (rect.rows < 1)
        return;
    if (ui->n_pending)
        draw_next_keys(ui, rect);
    else if (!status_draw_news(ui->status, rect) && ui_option_bool(ui, "hints"))
        draw_hints(ui, rect);
}

/* The view in the main place: the list where list and message both have room, or beside the sidebar that has
 * the keyboard. */
static View *main_view(const Ui *ui, const Layout *layout)
{
    View *top = ui_top(ui);

    if (top == ui->message && layout->message.rows && ui->list)
        return ui->list;
    if (top == ui->folders && layout->sidebar.rows && ui->list)
        return ui->list;
    return top;
}

static void draw_views(const Ui *ui, const Layout *layout)
{
    View *top = ui_top(ui), *view = main_view(ui, layout);

    draw_title(view, layout->title);
    if (layout->sidebar.rows) {
        view_folders_draw_sidebar(ui->folders, layout->sidebar, top == ui->folders,
                                  ui->list ? view_list_folder(ui->list) : 0);
        screen_rule_down(layout->sidebar_rule.row, layout->sidebar_rule.column, layout->sidebar_rule.rows);
    }
    if (!layout->message.rows || (top != ui->message && top != ui->list)) {
        /* A text on top of a message has the whole place. */
        ViewRect whole = layout->main;
        if (layout->message.rows) {
            whole.rows = MAX(whole.rows, layout->message.row + layout->message.rows - whole.row);
            whole.columns = layout->message.column + layout->message.columns - whole.column;
        }
        view->ops->draw(view, whole, view == top);
        return;
    }
    view->ops->draw(view, layout->main, view == top);
    if (layout->rule.columns == 1)
        screen_rule_down(layout->rule.row, layout->rule.column, layout->rule.rows);
    else
        screen_rule(layout->rule.row, layout->rule.column, layout->rule.columns);
    ui->message->ops->draw(ui->message, layout->message, TRUE);
}

/* Reads the store again where a view shows it. What was settled is forgotten once that worked. */
static void read_store(Ui *ui)
{
    View *views[] = {ui->folders, ui->list, ui->message};
    g_autoptr(GError) error = NULL;

    ui_settle(ui); /* what is settled by now stands in the pages that are read now */
    ui->is_stale = ui->is_stale_soon = ui->is_busy = FALSE;
    ui->read_at_us = clock_now_us();
    for (guint i = 0; i < G_N_ELEMENTS(views); i++)
        if (views[i])
            views[i]->ops->changed(views[i], NULL);
    if (!store_read_journal_count(ui->reader, &ui->waiting, &error))
        ui_read_failed(ui, &error);
    ui_open_first(ui);
    if (!ui->is_busy)
        overlay_drop(ui->overlay);
}

/* From here on the outbox's words and the place stand beside each other. */
#define BOTH_FROM_COLUMNS 60

/* What of the outbox somebody has to look at, or else what it is doing, stands before the place, or instead
 * of it. */
static void add_outbox(const Ui *ui, char **right)
{
    g_autofree char *trouble = outbox_trouble(ui, NULL), *progress = outbox_progress(ui), *place = *right;
    g_autofree char *words = trouble ? g_strdup_printf("%s %s", screen_symbol(SYMBOL_ATTENTION), trouble)
                                     : g_steal_pointer(&progress);

    if (words && place && screen_columns() >= BOTH_FROM_COLUMNS)
        *right = g_strdup_printf("%s  %s", words, place);
    else
        *right = words ? g_steal_pointer(&words) : g_steal_pointer(&place);
}

static void second_passed(void *data)
{
    ui_redraw(data);
}

void ui_draw(Ui *ui)
{
    Layout layout = layout_compute(screen_rows(), screen_columns(), wants_of(ui));
    g_autofree char *left = NULL, *right = NULL, *hint = NULL;
    View *top = ui_top(ui);

    if (ui->is_stale)
        read_store(ui);
    screen_erase();
    screen_cursor(-1, -1);
    draw_views(ui, &layout);
    if (top->ops->status)
        top->ops->status(top, &left, &right);
    add_outbox(ui, &right);
    hint = ui_attention_hint(ui);
    status_draw(ui->status, layout.status, &(StatusLine){left, right, hint, ui->waiting, outbox_to_send(ui)});
    if (ui->modal)
        ui->modal->ops->draw(ui->modal, &layout);
    else
        draw_bottom(ui, layout.bottom);
    screen_flush(ui->draw_whole);
    ui->draw_whole = FALSE;
    guint change_ms = layout.status.rows ? status_change_ms(ui->status, top == ui->folders) : 0;
    if (change_ms)
        loop_after(ui->loop, change_ms, second_passed);
}
