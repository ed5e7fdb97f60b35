/*
 * folder_draw.h - how one row of the folders looks: in the view of them, and in the sidebar.
 *
 *      work — ada@example.org                              ● live   41% of 15 GB      a heading
 *      ▾ Projects                                              4 unread       96      a folder
 *          tern              4                                                        the same in the sidebar
 *
 * Ui thread. Draws on the screen; reads nothing but what Ui holds.
 */
#ifndef TERN_UI_FOLDER_DRAW_H
#define TERN_UI_FOLDER_DRAW_H

#include "ui/folder_tree.h"
#include "ui/view.h"

/* What is unread in it, with the changes that the store does not have yet. */
int folder_unread(Ui *ui, const FolderRow *row);

/* An account's heading, or that of folders that are not one's own; a folder. Each in one line of the
 * screen. */
void folder_draw_heading(Ui *ui, const FolderRow *row, ViewRect rect);
void folder_draw(Ui *ui, const FolderRow *row, ViewRect rect, gboolean has_cursor);

/* Either of them in the sidebar, in a style of the caller's. */
void folder_draw_sidebar(Ui *ui, const FolderRow *row, ViewRect rect, unsigned style);

#endif
