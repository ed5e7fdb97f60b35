/* terminal.h - whether there is a terminal that a screen can be drawn on. Ui thread. */
#ifndef TERN_UI_TERMINAL_H
#define TERN_UI_TERMINAL_H

#include <glib.h>

/* FALSE and INPUT, in a sentence with what to do: no terminal, TERM unknown, or one that cannot move its
 * cursor. */
gboolean terminal_check(GError **error);

/* Whether the terminal of the open screen may be told where a frame begins and ends (synchronised output, private mode
 * 2026), so that it never shows half of one: one that speaks ANSI and has colours. Those that do not know the
 * mode pass over it. */
gboolean terminal_knows_frames(void);
void terminal_begin_frame(void);
/* Sends what has been drawn since. */
void terminal_end_frame(void);

#endif
