/* layout.c - see layout.h. */
#include "ui/layout.h"

/* With fewer rows than these the status line, the title, the bottom line have to go. */
#define STATUS_FROM_ROWS 5
#define TITLE_FROM_ROWS 3
#define BOTTOM_FROM_ROWS 2
/* An error is there until the next key: on few rows it may take this many, and leaves title, status line and
 * one row. */
#define ERROR_ROWS_MIN 3
#define ROWS_BESIDE_ERROR 3

static ViewRect rect(int row, int column, int rows, int columns)
{
    return (ViewRect){row, column, MAX(rows, 0), MAX(columns, 0)};
}

static void place_sidebar(Layout *layout, int columns, ViewRect *area)
{
    int width = CLAMP(columns / 5, 24, 32);

    layout->sidebar = rect(0, 0, area->rows, width);
    layout->sidebar_rule = rect(0, width, area->rows, 1);
    area->column = width + 1;
    area->columns = columns - area->column;
}

/* Parts the area between list and message. */
static void place_message(Layout *layout, gboolean is_beside)
{
    ViewRect area = layout->main;

    if (is_beside) {
        int width = area.columns * 45 / 100;
        layout->main.columns = width;
        layout->rule = rect(area.row, area.column + width, area.rows, 1);
        layout->message = rect(area.row, area.column + width + 1, area.rows, area.columns - width - 1);
        return;
    }
    int rows = MAX(area.rows / 3, 6);
    layout->main.rows = rows;
    layout->rule = rect(area.row + rows, area.column, 1, area.columns);
    layout->message = rect(area.row + rows + 1, area.column, area.rows - rows - 1, area.columns);
}

Layout layout_compute(int rows, int columns, LayoutWants wants)
{
    Layout layout = {0};
    gboolean is_beside = columns >= LAYOUT_BESIDE_COLUMNS && rows >= 12;
    ViewRect area = rect(0, 0, rows, columns);

    if (rows >= BOTTOM_FROM_ROWS) {
        const int most = MAX(rows / 3, MIN(rows - ROWS_BESIDE_ERROR, ERROR_ROWS_MIN));
        const int bottom = CLAMP(wants.bottom_rows, 1, MAX(most, 1));
        area.rows -= bottom;
        layout.bottom = rect(area.rows, 0, bottom, columns);
    }
    if (rows >= STATUS_FROM_ROWS)
        layout.status = rect(--area.rows, 0, 1, columns);
    if (columns >= wants.sidebar_from_columns && rows >= STATUS_FROM_ROWS)
        place_sidebar(&layout, columns, &area);
    if (rows >= TITLE_FROM_ROWS) {
        layout.title = rect(0, area.column, 1, area.columns);
        area.row++;
        area.rows--;
    }
    layout.main = area;
    if (wants.is_message_open && (is_beside || rows >= LAYOUT_BELOW_ROWS))
        place_message(&layout, is_beside);
    return layout;
}
