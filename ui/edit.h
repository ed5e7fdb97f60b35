/*
 * edit.h - one line of text being typed: what every prompt is made of. A plain value; no curses but for keys.
 */
#ifndef TERN_UI_EDIT_H
#define TERN_UI_EDIT_H

#include "ui/keys.h"

#include <glib.h>

typedef struct {
    GString *text;
    gsize cursor;       /* in bytes, between characters */
    char *killed;       /* what C-k and its like took away last, for C-y; NULL: nothing */
    gboolean is_secret; /* drawn as stars, wiped when it goes */
} Edit;

typedef enum { EDIT_IGNORED, EDIT_MOVED, EDIT_CHANGED, EDIT_ACCEPTED, EDIT_CANCELLED } EditResult;

void edit_init(Edit *edit, const char *text);
void edit_clear(Edit *edit);
void edit_set(Edit *edit, const char *text);

/* The usual keys of a line, as in Emacs and shells: arrows, Home, End, C-a C-e C-b C-f M-b M-f; BS, Del, C-d,
 * C-t; C-k, C-u, C-w, M-d, M-BS kill and C-y brings back; Enter accepts; BS on an empty line and Esc, C-c,
 * C-g cancel. */
EditResult edit_key(Edit *edit, Key key);

/* Puts in what was pasted: anything, as one line of safe text, as far as there is room. */
EditResult edit_paste(Edit *edit, const char *text);

/* Draws label and text into one row so that the cursor is seen, and puts the terminal's cursor there. */
void edit_draw(const Edit *edit, const char *label, int row, int column, int columns);

#endif
