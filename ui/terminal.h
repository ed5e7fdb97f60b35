/* terminal.h - whether there is a terminal that a screen can be drawn on. Ui thread. */
#ifndef TERN_UI_TERMINAL_H
#define TERN_UI_TERMINAL_H

#include <glib.h>

/* FALSE and INPUT, in a sentence with what to do: no terminal, TERM unknown, or one that cannot move its
 * cursor. */
gboolean terminal_check(GError **error);

/* Whether the terminal of the open screen may be told of private modes: one that speaks ANSI and has colours.
 * Those that do not know a mode pass over it. */
gboolean terminal_knows_modes(void);
/* Where a frame begins and ends (synchronised output, mode 2026), so that half of one is never shown. */
void terminal_begin_frame(void);
/* Sends what has been drawn since. */
void terminal_end_frame(void);
/* Its bell, or what it has instead. */
void terminal_ring(void);
/* A notification of the terminal's own: OSC 9 (the sentence alone), or 777 (title and sentence). Both are
 * made safe. */
void terminal_notify(gboolean has_title, const char *title, const char *sentence);
/* Whether pasted text comes between marks (bracketed paste, mode 2004). */
void terminal_mark_paste(gboolean is_marked);

#endif
