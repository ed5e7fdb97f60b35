/* wrapped.h - a sentence on the bottom line, and on as many lines above it as it needs. Ui thread. */
#ifndef TERN_UI_WRAPPED_H
#define TERN_UI_WRAPPED_H

#include "ui/view.h"

#include <glib.h>

/* Draws text (anything; made one safe paragraph) so that its last line stands in `bottom`, over whatever is
 * above; at most `rows` lines: of a longer text the middle is left out. Gives the column after its end. */
int wrapped_draw(int bottom, int rows, int columns, unsigned style, const char *text);

/* The same from the top of a place downwards, over what is there. */
void wrapped_draw_in(ViewRect rect, unsigned style, const char *text);

/* How many lines it would need. */
int wrapped_rows(int columns, const char *text);

#endif
