/* buffer_private.h - what the text of the built-in editor (buffer.c) and its keys (buffer_keys.c) share. */
#ifndef TERN_UI_BUFFER_PRIVATE_H
#define TERN_UI_BUFFER_PRIVATE_H

#include "ui/buffer.h"

struct Buffer {
    GString *text;
    gsize cursor;
    int columns, page;
    int wanted; /* the column that moving up and down keeps to; -1: the cursor's */
    GArray *rows;
    GPtrArray *undo, *redo; /* Change * */
    gboolean is_typing;     /* the next letter belongs to the last change */
    gboolean is_cutting;    /* the next cut is added to the last one */
    char *cut;
};

/* Puts `new` in the place of so many bytes, the cursor behind it, as a change that can be taken back; nothing
 * happens (MOVED) where the text would become too large. */
BufferResult buffer_replace(Buffer *buffer, gsize from, gsize bytes, const char *new);
BufferResult buffer_take_back(Buffer *buffer);
BufferResult buffer_do_again(Buffer *buffer);

#endif
