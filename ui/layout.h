/*
 * layout.h - what stands where, from the size of the screen alone.
 *
 *      title ──────────────────────────────       one row
 *      sidebar │ main (list)
 *              │ ─────────────                    a rule, where a message stands below or beside
 *              │ message
 *      status ─────────────────────────────       one row: connection, place
 *      bottom ─────────────────────────────       one row: news, hints, prompts; more for a long error
 *
 * Rows go first from the status, then the title, then the bottom line when there are too few. Pure; any
 * thread.
 */
#ifndef TERN_UI_LAYOUT_H
#define TERN_UI_LAYOUT_H

#include "ui/view.h"

#include <glib.h>

#define LAYOUT_SIDEBAR_COLUMNS 120 /* from here on there is a sidebar */
#define LAYOUT_BELOW_ROWS 40       /* from here on a message stands below its list */
#define LAYOUT_BESIDE_COLUMNS 160  /* from here on beside it */

typedef struct {
    /* a screen as wide as this has a sidebar; what the option `sidebar` makes of it */
    int sidebar_from_columns;
    gboolean is_message_open; /* a list and a message of it are to be shown */
    int bottom_rows;          /* what the bottom would like to have; 0: one */
} LayoutWants;

/* Parts that are not there have no rows. `message` has rows only where there is room for list and message;
 * otherwise the one that is looked at has `main`. */
typedef struct {
    ViewRect title, sidebar, sidebar_rule, main, rule, message, status, bottom;
} Layout;

Layout layout_compute(int rows, int columns, LayoutWants wants);

#endif
