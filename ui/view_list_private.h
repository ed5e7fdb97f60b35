/* view_list_private.h - the inside of the message list, for the files that make it up: view_list.c (reading
 * and drawing), list_empty.c (what stands there without messages), list_move.c (moving, folding),
 * list_select.c (selecting, and what commands are for). */
#ifndef TERN_UI_VIEW_LIST_PRIVATE_H
#define TERN_UI_VIEW_LIST_PRIVATE_H

#include "ui/selection.h"
#include "ui/views.h"

typedef struct {
    View view;
    StoreView *store_view;   /* NULL: no folder yet */
    StoreFolder *folder;     /* as last read */
    StorePage *page;         /* NULL: not read yet; without what has left the folder */
    int cursor, top, height; /* rows of the page; height as last drawn */
    gint64 ordinal, total;   /* of `ordinal_of`, as last asked */
    StoreAnchor ordinal_of;
    gboolean is_ordinal_known, is_all_folded;
    gboolean is_gone;      /* the folder itself: `folder` is what it was */
    gboolean is_untouched; /* no command was given since the folder was opened */
    gint64 last_id;      /* the newest message there was when the folder was read */
    Selection *selected; /* never NULL while there is a folder */
    char *failure; /* why the folder could not be synced the last time; NULL: it could, or nothing is known */
} ViewList;

/* ---- view_list.c ---- */
int list_row_count(const ViewList *list);
StoreRow *list_row_at(const ViewList *list, int n);
/* The cursor's row; NULL: the list is empty. */
StoreRow *list_current(const ViewList *list);
/* Keeps the cursor on the screen, and no gap at the end while there are rows above. */
void list_scroll_into_view(ViewList *list);
/* Reads a page around a place. The row that is nearest to it comes to stand `offset` rows below the top. */
gboolean list_read_around(ViewList *list, StoreAnchor anchor, int offset);
/* Before the cursor leaves the rows that are here for `target`. */
void list_read_if_near_end(ViewList *list, int target);
/* A row's flags as they are shown: with what the user changed meanwhile. */
uint32_t list_flags(const ViewList *list, const StoreRow *row);

/* ---- list_empty.c ---- */
/* What stands in place of rows: that they are coming, why they are not, or that there are none. */
void list_draw_empty(const ViewList *list, ViewRect rect);

/* ---- list_move.c: FALSE: it is no such command ---- */
gboolean list_move_command(ViewList *list, int command, const char *argument);
void list_move_to(ViewList *list, int target);
gboolean list_step_unread(ViewList *list, gboolean backwards);

/* ---- list_select.c ---- */
gboolean list_select_command(ViewList *list, int command, const char *argument);
/* Whether a row is drawn as selected. */
gboolean list_is_selected(const ViewList *list, const StoreRow *row);

#endif
