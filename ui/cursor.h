/*
 * cursor.h - places in a text that is being typed, for the prompts and the built-in editor.
 *
 *      Zoë  Brontë\n> hi          a place is a byte, between characters as people see them (graphemes)
 *      ^  ^^^     ^
 *
 * Graphemes are found forwards only, so that what goes back costs the length of its line. Pure; any thread.
 */
#ifndef TERN_UI_CURSOR_H
#define TERN_UI_CURSOR_H

#include <glib.h>

/* The next and the previous place; the text's ends have none beyond. The end of a line is a place of its
 * own. */
gsize cursor_after(const GString *text, gsize at);
gsize cursor_before(const GString *text, gsize at);

/* The ends of the line that the place is in, without its '\n'. */
gsize cursor_line_start(const GString *text, gsize at);
gsize cursor_line_end(const GString *text, gsize at);

/* What a word is made of. */
typedef gboolean (*CursorIsWord)(gunichar character);
/* The start of the word before, and the end of the word behind; what lies between words is passed over. */
gsize cursor_word_before(const GString *text, gsize at, CursorIsWord is_word);
gsize cursor_word_after(const GString *text, gsize at, CursorIsWord is_word);

#endif
