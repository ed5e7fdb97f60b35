/* views.h - the kinds of views: how each is made, and what only it can do. Ui thread. */
#ifndef TERN_UI_VIEWS_H
#define TERN_UI_VIEWS_H

#include "render/render.h"
#include "store/view.h"
#include "ui/status.h"
#include "ui/view.h"

#include <glib.h>

/* ---- view_folders.c: the folders of all accounts; in the sidebar too ---- */
View *view_folders_new(Ui *ui);
/* The folder reader is done. */
void view_folders_taken(View *view);
/* Draws it as the sidebar; `folder_id` is the open one. */
void view_folders_draw_sidebar(View *view, ViewRect rect, gboolean focused, gint64 folder_id);
/* Puts the cursor on a folder, as soon as its row is there. */
void view_folders_select(View *view, gint64 folder_id);
/* The folder under the cursor; 0: none. */
gint64 view_folders_selected(View *view);

/* ---- view_list.c: the messages of a folder ---- */
View *view_list_new(Ui *ui);
/* Shows another folder, the cursor on its newest message. */
void view_list_open(View *view, gint64 folder_id);
gint64 view_list_folder(View *view);
/* The message under the cursor as it is shown now. FALSE: the list is empty. */
gboolean view_list_current(View *view, StoreRow *row_out);
/* Moves the cursor by rows, or to the next (by > 0) or previous unread message. FALSE: there is none. */
gboolean view_list_step(View *view, int by, gboolean unread);
/* Messages have left the folder (overlay.h): their rows go, the cursor to what follows. */
void view_list_left(View *view);
/* "2 of 1,204", to be freed. */
char *view_list_place(View *view);
/* "work/INBOX", or "INBOX" where there is little room and one account; to be freed. */
char *view_list_name(View *view);

/* ---- view_message.c: the pager ---- */
/* On a screen of fewer rows the whole header block would leave no room for the text. */
#define VIEW_MESSAGE_LOW_ROWS 16
View *view_message_new(Ui *ui);
void view_message_open(View *view, gint64 message_id);
/* Whether the message that is shown has left its folder (overlay.h). */
gboolean view_message_has_left(View *view);
/* The render thread has answered. */
void view_message_rendered(View *view);

/* ---- view_text.c: a text of tern's own; lines of up to three columns ---- */
typedef struct {
    gboolean is_heading;
    char *key, *name, *text; /* NULL: none */
} TextLine;
TextLine *text_line_new(gboolean is_heading, const char *key, const char *name, const char *text);
void text_line_free(TextLine *line);
/* `lines`: TextLine * with a free function; the view takes over the reference. */
View *view_text_new(Ui *ui, const char *title, GPtrArray *lines);
/* The same of text with LF. */
View *view_text_of(Ui *ui, const char *title, const char *text);
/* Whether one may go back from it: not so for the page of the first start. */

/* ---- view_news.c ---- */
View *view_news_new(Ui *ui, const Status *status);

/* ---- view_help.c ---- */
View *view_help_new(Ui *ui, unsigned context);

/* ---- view_contacts.c: whom one may write to ---- */
/* Those that fit the filter, which may be NULL. */
View *view_contacts_new(Ui *ui, const char *filter);

/* ---- view_outbox.c: what waits to be sent ---- */
View *view_outbox_new(Ui *ui);

/* ---- view_links.c ---- */
View *view_links_new(Ui *ui, const RenderDocument *document);

/* ---- view_welcome.c: no account is configured ---- */
View *view_welcome_new(Ui *ui);

#endif
