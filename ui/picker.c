/* picker.c - choosing from a list by a few letters: the palette and the folder prompt. It covers the lower
 * half. */
#include "ui/edit.h"
#include "ui/fuzzy.h"
#include "ui/modal.h"
#include "ui/screen.h"
#include "ui/ui.h"

typedef struct {
    Modal modal;
    Edit edit;
    char *label;
    GPtrArray *items; /* PickerItem * */
    GArray *found;    /* Found, best first */
    guint cursor, top;
    void (*chosen)(Ui *ui, const PickerItem *item);
    gboolean is_accepted;
} Picker;

typedef struct {
    guint item;
    int score;
} Found;

PickerItem *picker_item_new(const char *text, const char *detail, const char *right, gint64 value)
{
    PickerItem *item = g_new0(PickerItem, 1);

    *item = (PickerItem){g_strdup(text), g_strdup(detail), g_strdup(right), value};
    return item;
}

void picker_item_free(PickerItem *item)
{
    g_free(item->text);
    g_free(item->detail);
    g_free(item->right);
    g_free(item);
}

static int compare(const void *a, const void *b)
{
    const Found *first = a, *second = b;

    if (first->score != second->score)
        return second->score - first->score;
    return first->item < second->item ? -1 : 1;
}

/* The names come first; what is only found in the explanation follows them. */
static int score_item(const char *pattern, const PickerItem *item)
{
    int score = fuzzy_score(pattern, item->text);

    if (score >= 0)
        return score + G_MAXINT / 2;
    return item->detail ? fuzzy_score(pattern, item->detail) : -1;
}

static void filter(Picker *picker)
{
    g_array_set_size(picker->found, 0);
    for (guint i = 0; i < picker->items->len; i++) {
        Found found = {i, score_item(picker->edit.text->str, picker->items->pdata[i])};
        if (found.score >= 0)
            g_array_append_val(picker->found, found);
    }
    g_array_sort(picker->found, compare);
    picker->cursor = picker->top = 0;
}

static int step_of(Key key)
{
    if (key == key_named("Down") || key == KEY_CONTROL('n') || key == KEY_TAB_CHAR)
        return 1;
    if (key == key_named("Up") || key == KEY_CONTROL('p') || key == key_named("S-Tab"))
        return -1;
    return 0;
}

static gboolean picker_key(Modal *modal, Key key)
{
    Picker *picker = (Picker *)modal;
    int step = step_of(key);

    if (step && picker->found->len) {
        picker->cursor = (picker->cursor + picker->found->len + (guint)step) % picker->found->len;
        return TRUE;
    }
    switch (edit_key(&picker->edit, key)) {
    case EDIT_CHANGED:
        filter(picker);
        return TRUE;
    case EDIT_ACCEPTED:
        picker->is_accepted = picker->found->len > 0;
        return FALSE;
    case EDIT_CANCELLED:
        return FALSE;
    default:
        return TRUE;
    }
}

static void picker_finish(Modal *modal)
{
    Picker *picker = (Picker *)modal;

    if (picker->is_accepted) {
        guint item = g_array_index(picker->found, Found, picker->cursor).item;
        picker->chosen(modal->ui, picker->items->pdata[item]);
    }
}

static void draw_item(const PickerItem *item, int row, int columns, int text_columns, gboolean is_cursor)
{
    unsigned cursor = is_cursor ? STYLE_CURSOR : 0;
    int right = item->right ? screen_width(item->right) + 1 : 0;

    screen_fill(row, 0, columns, SLOT_NORMAL | cursor);
    screen_text_cut(row, 1, MIN(text_columns, columns - 2), SLOT_NORMAL | cursor, item->text);
    int detail = text_columns + 3, room = columns - detail - right - 1;
    if (item->detail && room > 0)
        screen_text_cut(row, detail, room, SLOT_COMPLETION | cursor, item->detail);
    if (item->right && columns - right > text_columns + 2)
        screen_text_right(row, columns - right - 1, right, SLOT_HEADER_NAME | cursor, item->right);
}

static void picker_draw(Modal *modal, const Layout *layout)
{
    Picker *picker = (Picker *)modal;
    int screen_rows_now = screen_rows(), columns = screen_columns();
    int bottom = layout->bottom.rows ? layout->bottom.row : screen_rows_now - 1;
    int rows = MIN(bottom, MAX(screen_rows_now / 2, 3)) - 1, width = 8;

    for (guint i = 0; i < picker->items->len; i++)
        width = MAX(width, MIN(screen_width(((PickerItem *)picker->items->pdata[i])->text), columns / 2));
    if (rows > 0)
        screen_rule(bottom - rows - 1, 0, columns);
    picker->top = picker->cursor < picker->top ? picker->cursor : picker->top;
    if (rows > 0 && picker->cursor >= picker->top + (guint)rows)
        picker->top = picker->cursor - (guint)rows + 1;
    for (int i = 0; i < rows; i++) {
        guint n = picker->top + (guint)i;
        screen_fill(bottom - rows + i, 0, columns, SLOT_NORMAL);
        if (n < picker->found->len)
            draw_item(picker->items->pdata[g_array_index(picker->found, Found, n).item], bottom - rows + i,
                      columns, width, n == picker->cursor);
    }
    screen_fill(bottom, 0, columns, SLOT_NORMAL);
    edit_draw(&picker->edit, picker->label, bottom, 0, columns);
}

static void picker_free(Modal *modal)
{
    Picker *picker = (Picker *)modal;

    edit_clear(&picker->edit);
    g_free(picker->label);
    g_ptr_array_unref(picker->items);
    g_array_unref(picker->found);
    g_free(picker);
}

static const ModalOps PICKER_OPS = {picker_key, picker_finish, picker_draw, picker_free};

void picker_open(Ui *ui, const char *label, GPtrArray *items, void (*chosen)(Ui *ui, const PickerItem *item))
{
    Picker *picker = g_new0(Picker, 1);

    picker->modal = (Modal){&PICKER_OPS, ui};
    edit_init(&picker->edit, "");
    picker->label = g_strdup(label);
    picker->items = items;
    picker->found = g_array_new(FALSE, FALSE, sizeof(Found));
    picker->chosen = chosen;
    filter(picker);
    ui_open_modal(ui, &picker->modal);
}
