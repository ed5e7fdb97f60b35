/*
 * list_row.h - one row of a message list: which columns there is room for, and how a message fills them.
 *
 *      ▸*  12:04 ● Łukasz Żółć       3  Release 2.1 is out                        dev +
 *      fold, selected, date, mark, person, count, subject, labels, attachment
 */
#ifndef TERN_UI_LIST_ROW_H
#define TERN_UI_LIST_ROW_H

#include "store/view.h"
#include "ui/view.h"

#include <glib.h>

/* First columns and widths, from the left edge of the row; a width of 0: no room for it. */
typedef struct {
    int selected, date, date_columns, mark, person, person_columns, count, count_columns, subject, end;
} ListColumns;

/* For a row of so many columns. Pure. */
ListColumns list_columns(int columns);

/* Draws a row into a rectangle one row high. */
void list_draw_row(const StoreRow *row, const ListColumns *columns, ViewRect rect, gboolean has_cursor,
                   gboolean is_selected);

#endif
