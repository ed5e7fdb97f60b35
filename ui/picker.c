/* picker.c - choosing from a list by a few letters: the palette and folders. It covers the lower half. */
#include "ui/edit.h"
#include "ui/fuzzy.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/ui.h"

#include <string.h>

typedef struct {
    Modal modal;
    PickerWants wants;
    char *label;
    Edit edit;
    char *pattern; /* what `found` was found by */
    GArray *found; /* Found, best first */
    guint cursor, top;
    int text_columns; /* of the widest text */
    gboolean is_accepted;
} Picker;

typedef struct {
    guint item;
    int score;
} Found;

PickerItem *picker_item_new(const char *text, const char *detail, const char *right, gint64 value)
{
    PickerItem *item = g_new0(PickerItem, 1);

    *item = (PickerItem){g_strdup(text), g_strdup(detail), g_strdup(right), value, 0};
    return item;
}

void picker_item_free(PickerItem *item)
{
    g_free(item->text);
    g_free(item->detail);
    g_free(item->right);
    g_free(item);
}

static const PickerItem *item_at(const Picker *picker, guint n)
{
    return picker->wants.items->pdata[g_array_index(picker->found, Found, n).item];
}

/* ---- finding ---- */

static int compare(const void *a, const void *b)
{
    const Found *first = a, *second = b;

    if (first->score != second->score)
        return second->score > first->score ? 1 : -1;
    return first->item < second->item ? -1 : 1;
}

/* The names come first; what is only found in the explanation follows them. */
static int score_item(const char *pattern, const PickerItem *item)
{
    int score = fuzzy_score(pattern, item->text);

    if (score >= 0)
        return score + item->bonus + G_MAXINT / 2;
    return item->detail ? fuzzy_score(pattern, item->detail) : -1;
}

/* What a longer pattern fits, the shorter one did. */
static void filter(Picker *picker)
{
    const char *pattern = picker->edit.text->str;
    gboolean is_narrower = picker->pattern && g_str_has_prefix(pattern, picker->pattern);
    guint n = is_narrower ? picker->found->len : picker->wants.items->len, kept = 0;

    if (!is_narrower)
        g_array_set_size(picker->found, n);
    for (guint i = 0; i < n; i++) {
        guint item = is_narrower ? g_array_index(picker->found, Found, i).item : i;
        Found found = {item, score_item(pattern, picker->wants.items->pdata[item])};
        if (found.score >= 0)
            g_array_index(picker->found, Found, kept++) = found;
    }
    g_array_set_size(picker->found, kept);
    g_array_sort(picker->found, compare);
    g_free(picker->pattern);
    picker->pattern = g_strdup(pattern);
    picker->cursor = picker->top = 0;
}

/* ---- keys ---- */

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

    if (step) {
        guint n = picker->found->len;
        picker->cursor = n ? (picker->cursor + n + (guint)step) % n : 0;
        return TRUE;
    }
    switch (edit_key(&picker->edit, key)) {
    case EDIT_CHANGED:
        filter(picker);
        return TRUE;
    case EDIT_ACCEPTED:
        picker->is_accepted = picker->found->len || (picker->wants.unknown && *picker->edit.text->str);
        return !picker->is_accepted;
    case EDIT_CANCELLED:
        return FALSE;
    default:
        return TRUE;
    }
}

static void picker_paste(Modal *modal, const char *text)
{
    Picker *picker = (Picker *)modal;

    if (edit_paste(&picker->edit, text) == EDIT_CHANGED)
        filter(picker);
}

static void picker_finish(Modal *modal)
{
    Picker *picker = (Picker *)modal;

    if (!picker->is_accepted)
        return;
    if (picker->found->len)
        picker->wants.chosen(modal->ui, picker->wants.data, item_at(picker, picker->cursor));
    else
        picker->wants.unknown(modal->ui, picker->wants.data, g_strstrip(picker->edit.text->str));
}

/* ---- drawing ---- */

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
    int rows = MIN(bottom, MAX(screen_rows_now / 2, 3)) - 1, width = MIN(picker->text_columns, columns / 2);

    /* Where nothing stands beside the names they may be as long as the row. */
    if (picker->wants.items->len && !((PickerItem *)picker->wants.items->pdata[0])->detail)
        width = MAX(width, MIN(picker->text_columns, columns - 14));
    if (rows > 0)
        screen_rule(bottom - rows - 1, 0, columns);
    picker->top = MIN(picker->top, picker->cursor);
    if (rows > 0 && picker->cursor >= picker->top + (guint)rows)
        picker->top = picker->cursor - (guint)rows + 1;
    for (int i = 0; i < rows; i++) {
        guint n = picker->top + (guint)i;
        screen_fill(bottom - rows + i, 0, columns, SLOT_NORMAL);
        if (n < picker->found->len)
            draw_item(item_at(picker, n), bottom - rows + i, columns, width, n == picker->cursor);
    }
    screen_fill(bottom, 0, columns, SLOT_NORMAL);
    edit_draw(&picker->edit, picker->label, bottom, 0, columns);
}

static void picker_free(Modal *modal)
{
    Picker *picker = (Picker *)modal;

    if (picker->wants.free_data)
        picker->wants.free_data(picker->wants.data);
    edit_clear(&picker->edit);
    g_free(picker->label);
    g_free(picker->pattern);
    g_ptr_array_unref(picker->wants.items);
    g_array_unref(picker->found);
    g_free(picker);
}

static const ModalOps PICKER_OPS = {picker_key, picker_paste, picker_finish, picker_draw, picker_free};

void picker_open(Ui *ui, const PickerWants *wants)
{
    Picker *picker = g_new0(Picker, 1);

    picker->modal = (Modal){&PICKER_OPS, ui};
    picker->wants = *wants;
    picker->label = g_strdup(wants->label);
    edit_init(&picker->edit, "");
    picker->found = g_array_new(FALSE, FALSE, sizeof(Found));
    picker->text_columns = 8;
    for (guint i = 0; i < wants->items->len; i++)
        picker->text_columns =
            MAX(picker->text_columns, screen_width(((PickerItem *)wants->items->pdata[i])->text));
    filter(picker);
    ui_open_modal(ui, &picker->modal);
}
