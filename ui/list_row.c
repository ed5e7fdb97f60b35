/* list_row.c - see list_row.h. */
#include "ui/list_row.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "ui/format.h"
#include "ui/screen.h"

#include <string.h>

/* In a deep thread the tree takes at most so much of the person's column. */
#define PERSON_LEAST_COLUMNS 6

ListColumns list_columns(int columns)
{
    if (columns < 14)
        return (ListColumns){.selected = 1, .mark = 0, .subject = 2, .end = columns};
    if (columns < 32)
        return (ListColumns){.mark = 1,
                             .person = 3,
                             .person_columns = columns / 2 - 4,
                             .subject = columns / 2,
                             .end = columns};
    if (columns < 60) {
        int person = columns / 4 + 1;
        return (ListColumns){.date = 1,
                             .date_columns = 6,
                             .mark = 8,
                             .person = 10,
                             .person_columns = person,
                             .subject = 12 + person,
                             .end = columns};
    }
    int person = CLAMP(columns / 5, 16, 26);
    return (ListColumns){.selected = 1,
                         .date = 2,
                         .date_columns = 7,
                         .mark = 10,
                         .person = 12,
                         .person_columns = person,
                         .count = 12 + person,
                         .count_columns = 4,
                         .subject = 12 + person + 5,
                         .end = columns - 1};
}

static Symbol mark_of(const StoreRow *row, unsigned *slot)
{
    if (row->flags & STORE_DELETED)
        return *slot = SLOT_DELETED, SYMBOL_DELETED;
    if (row->flags & STORE_FLAGGED)
        return *slot = SLOT_FLAGGED, SYMBOL_FLAGGED;
    if (!(row->flags & STORE_SEEN) || (row->is_folded && row->thread_unread > 0))
        return *slot = SLOT_UNREAD, SYMBOL_NEW;
    if (row->flags & STORE_ANSWERED)
        return *slot = SLOT_DIM, SYMBOL_ANSWERED;
    if (row->flags & STORE_FORWARDED)
        return *slot = SLOT_DIM, SYMBOL_FORWARDED;
    return SYMBOL_COUNT;
}

/* "  │ ├ ": the lines of the tree above this row's person; gives the columns used. */
static int draw_tree(const StoreRow *row, int line, int column, int columns, unsigned extra)
{
    int used = 0;

    if (row->depth == 0 || columns < PERSON_LEAST_COLUMNS + 4)
        return 0;
    int room = MAX((columns - PERSON_LEAST_COLUMNS) / 2, 1), depth = MIN(row->depth, room - 1);
    /* Of a tree that is too deep the upper levels are left out. */
    for (int i = row->depth - depth; i < row->depth; i++) {
        gboolean goes_on = i < 64 && i > 0 && (row->tree_bits >> i & 1);
        used += screen_text(line, column + used, 1, SLOT_TREE | extra,
                            goes_on ? screen_symbol(SYMBOL_VERTICAL) : " ");
        used += screen_text(line, column + used, 1, SLOT_TREE | extra, " ");
    }
    used += screen_text(line, column + used, 1, SLOT_TREE | extra,
                        screen_symbol(row->is_last_child ? SYMBOL_LAST_BRANCH : SYMBOL_BRANCH));
    return used + screen_text(line, column + used, 1, SLOT_TREE | extra, " ");
}

/* A label's colour is chosen by its name, so that it is the same everywhere. */
static unsigned label_slot(const char *label)
{
    return SLOT_LABEL_1 + g_str_hash(label) % 8;
}

/* Those that no person gave ($Forwarded, $MDNSent, NonJunk …) are the programs' own business. */
static gboolean is_shown_label(const char *label)
{
    return label[0] != '$' && g_ascii_strcasecmp(label, "NonJunk") != 0 &&
           g_ascii_strcasecmp(label, "Junk") != 0;
}

/* "9.8 MB on the server": what is here of it is only its header. Gives the column where it begins. */
static int draw_stub(const StoreRow *row, const ListColumns *columns, ViewRect rect, int end, unsigned extra)
{
    g_autofree char *size = format_size(row->size_bytes);
    g_autofree char *words = columns->count_columns ? g_strdup_printf(_("%s on the server"), size) : NULL;
    const char *text = words ? words : size;
    const int width = screen_width(text);

    screen_text(rect.row, end - width, width, SLOT_DIM | extra, text);
    return end - width - 1;
}

/* Labels (where the row is wide enough for counts too) and `+` from the right edge; gives the column where
 * they begin. */
static int draw_right(const StoreRow *row, const ListColumns *columns, ViewRect rect, unsigned extra)
{
    int end = rect.column + columns->end,
        least = rect.column + columns->subject + (columns->end - columns->subject) / 2;

    if (columns->end - columns->subject < 12)
        return end;
    if (row->attachments > 0)
        screen_text(rect.row, end - 1, 1, SLOT_ATTACHMENT | extra, screen_symbol(SYMBOL_ATTACHMENT));
    end -= row->attachments > 0 ? 2 : 0;
    if (row->flags & STORE_STUB)
        end = draw_stub(row, columns, rect, end, extra);
    for (guint i = 0; columns->count_columns && row->keywords && row->keywords[i]; i++) {
        const char *label = row->keywords[i];
        int width = screen_width(label);
        if (!is_shown_label(label) || end - width < least)
            continue;
        screen_text(rect.row, end - width, width, label_slot(label) | extra, label);
        end -= width + 1;
    }
    return end;
}

static void draw_date(const StoreRow *row, const ListColumns *columns, ViewRect rect, unsigned extra)
{
    g_autofree char *date = date_short(row->date_s, clock_wall_s());

    if (!columns->date_columns)
        return;
    /* "2025-03" where there is room for the year only. */
    if (screen_width(date) > columns->date_columns)
        date[strcspn(date, "-")] = '\0';
    screen_text_right(rect.row, rect.column + columns->date, columns->date_columns, SLOT_DATE | extra, date);
}

static void draw_person(const StoreRow *row, const ListColumns *columns, ViewRect rect, unsigned extra,
                        unsigned slot)
{
    int column = rect.column + columns->person;
    int used = draw_tree(row, rect.row, column, columns->person_columns, extra);

    const char *person = row->person && *row->person ? row->person : _("(nobody)");
    screen_text_cut(rect.row, column + used, columns->person_columns - used, slot | extra, person);
    if (!columns->count_columns || !row->is_folded || row->thread_messages < 2)
        return;
    g_autofree char *count = g_strdup_printf("%d", row->thread_messages);
    screen_text_right(rect.row, rect.column + columns->count, columns->count_columns, SLOT_COUNT | extra,
                      count);
}

void list_draw_row(const StoreRow *row, const ListColumns *columns, ViewRect rect, gboolean has_cursor,
                   gboolean is_selected)
{
    gboolean is_unread = !(row->flags & STORE_SEEN) || (row->is_folded && row->thread_unread > 0);
    unsigned extra = (has_cursor ? STYLE_CURSOR : 0) | (is_unread ? STYLE_BOLD : 0), mark_slot = SLOT_NORMAL;
    gboolean is_deleted = row->flags & STORE_DELETED;
    Symbol mark = mark_of(row, &mark_slot);

    if (has_cursor)
        screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL | STYLE_CURSOR);
    if (row->is_thread_row && columns->date_columns)
        screen_text(rect.row, rect.column, 1, SLOT_TREE | (extra & STYLE_CURSOR),
                    screen_symbol(row->is_folded ? SYMBOL_FOLDED : SYMBOL_UNFOLDED));
    if (is_selected)
        screen_text(rect.row, rect.column + columns->selected, 1, SLOT_SELECTED | extra, "*");
    /* Dates and trees are dim in every row: their weight says nothing about the message. */
    draw_date(row, columns, rect, extra & STYLE_CURSOR);
    if (mark != SYMBOL_COUNT)
        screen_text(rect.row, rect.column + columns->mark, 1, mark_slot | (extra & STYLE_CURSOR),
                    screen_symbol(mark));
    if (columns->person_columns)
        draw_person(row, columns, rect, extra,
                    is_selected  ? SLOT_SELECTED
                    : is_deleted ? SLOT_DELETED
                                 : SLOT_PERSON);
    int end = draw_right(row, columns, rect, extra & STYLE_CURSOR);
    unsigned subject = is_selected                                  ? SLOT_SELECTED
                       : is_deleted                                 ? SLOT_DELETED
                       : row->is_subject_repeated && row->depth > 0 ? SLOT_DIM
                                                                    : SLOT_SUBJECT;
    screen_text_cut(rect.row, rect.column + columns->subject, end - rect.column - columns->subject,
                    subject | extra, row->subject && *row->subject ? row->subject : _("(no subject)"));
}
