/*
 * view_message_private.h - the inside of the message view, for the files that make it up.
 *
 *      view_message.c       what is drawn: the view's table
 *      message_text.c       how the envelope and the text come, and what happens to them meanwhile
 *      message_file.c       where its file is
 *      message_commands.c   what keys do in it
 *
 * Ui thread.
 */
#ifndef TERN_UI_VIEW_MESSAGE_PRIVATE_H
#define TERN_UI_VIEW_MESSAGE_PRIVATE_H

#include "store/read.h"
#include "ui/pager.h"
#include "ui/views.h"

typedef struct {
    View view;
    gint64 id; /* 0: nothing was opened yet */
    StoreMessage *message;
    char *path; /* of the message's file; NULL: not here yet */
    Pager pager;
    gboolean is_rendered; /* the pager has the message, not only its envelope */
    gboolean all_headers, are_quotes_shown;
    char *note;        /* what stands instead of the text while it is not here */
    guint64 fetching;  /* the engine's number for the request; 0: none under way */
    guint64 searching; /* the number of the search for the file (message_file.c); 0: none under way */
    gboolean was_down; /* no connection when it was asked for last, or since */
    gboolean is_gone;  /* not in the store any more: another client deleted it */
    GArray *unfolded;  /* guint: quotes that are shown, ended by 0 */
    char *receipt;     /* who asks for one that was not answered; NULL: nobody */
    gboolean is_receipt_known;
    guint64 rendering; /* the renderer's number for what is awaited */
    gboolean keep_place;
    int width_cols; /* for which the lines were made */
    gboolean is_brief;
} ViewMessage;

/* ---- message_text.c ---- */

/* Shows what the store knows of it, and `note` in place of its text. */
void view_message_show_envelope(ViewMessage *message, const char *note);
/* Has its lines made, if its file is here; `keep_place`: what is at the top stays there. */
void view_message_ask_for_lines(ViewMessage *message, gboolean keep_place);
/* Asks for the whole of it, where only the header is here (STORE_STUB). */
void view_message_fetch(ViewMessage *message);
/* ViewOps.changed */
void view_message_changed(View *view, const EngineEvent *event);

/* ---- message_file.c ---- */

/* Whether the file is where it is looked for at once; message->path is set. */
gboolean view_message_find_file(ViewMessage *message);
/* Looks for it everywhere, by the background's thread, and calls `found` with message->path set or NULL,
 * unless another message was opened or another search begun meanwhile. FALSE: there is nowhere else to look.
 * */
gboolean view_message_search_file(ViewMessage *message, void (*found)(ViewMessage *message));

/* ---- message_commands.c ---- */

/* ViewOps.command */
gboolean view_message_command(View *view, int command, const char *argument);

#endif
