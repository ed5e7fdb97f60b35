/* terminal.h - whether there is a terminal that a screen can be drawn on. Ui thread. */
#ifndef TERN_UI_TERMINAL_H
#define TERN_UI_TERMINAL_H

#include <glib.h>

/* FALSE and INPUT, in a sentence with what to do: no terminal, TERM unknown, or one that cannot move its
 * cursor. */
gboolean terminal_check(GError **error);

#endif
