/*
 * buffer.h - the text of the built-in editor: typing, moving by what is seen, cutting, undo. No curses but
 * for keys.
 *
 *      text   "Thursday is fine.\n\n> shall we meet …"        a paragraph is one line, however long
 *      rows   [0,17) [18,0) [19,…)                            as wrapped for the columns of the screen
 *
 * The cursor stands between characters as people see them (graphemes). A plain value of one thread. Each key
 * costs the length of the text, so it is for what people write: up to BUFFER_MAX_BYTES, above which another
 * editor is asked for.
 */
#ifndef TERN_UI_BUFFER_H
#define TERN_UI_BUFFER_H

#include "ui/keys.h"

#include <glib.h>

#define BUFFER_MAX_BYTES (512 << 10)

typedef struct Buffer Buffer;

typedef struct {
    gsize offset, length; /* bytes of the text; the blank at a break belongs to no row */
} BufferRow;

/* UTF-8 with LF. The cursor is a byte of it. */
Buffer *buffer_new(const char *text, gsize cursor);
void buffer_free(Buffer *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Buffer, buffer_free)

const char *buffer_text(const Buffer *buffer);
gsize buffer_cursor(const Buffer *buffer);

/* Wraps for that many columns, if it is not wrapped so; `page` is how many rows are seen at once. */
void buffer_layout(Buffer *buffer, int columns, int page);
guint buffer_rows(const Buffer *buffer);
BufferRow buffer_row(const Buffer *buffer, guint n);
/* The cursor's row, and its column. */
guint buffer_cursor_row(const Buffer *buffer, int *column_out);

typedef enum { BUFFER_IGNORED, BUFFER_MOVED, BUFFER_CHANGED, BUFFER_LEFT } BufferResult;

/* Letters, arrows, Home and End, words (M-b M-f), pages; BS, Del; C-k and C-u cut to the line's ends, C-w a
 * word, M-d the next one, C-y brings back; C-_ or M-u takes back, C-r does again; M-q wraps the paragraph or
 * quote anew; Esc, C-x, C-g leave. */
BufferResult buffer_key(Buffer *buffer, Key key);
/* Pasted text: several lines, made safe. */
BufferResult buffer_paste(Buffer *buffer, const char *text);

#endif
