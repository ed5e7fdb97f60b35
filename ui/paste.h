/*
 * paste.h - text that is pasted: gathered between the terminal's marks, so that none of it is taken for keys.
 *
 * There is one paste at a time. It may come in several pieces; one whose end got lost ends by itself when
 * nothing has come for a second. Ui thread.
 */
#ifndef TERN_UI_PASTE_H
#define TERN_UI_PASTE_H

#include <glib.h>

void paste_begin(void);
gboolean paste_is_open(void);
/* Another code of the terminal (screen_read_key()). TRUE: that was the end. */
gboolean paste_add(int code);
/* Whether its end must have got lost; it ends by that. */
gboolean paste_is_abandoned(void);

/* Whether more was pasted last than is taken (LIMIT_PASTE_BYTES): half a text is worse than none. */
gboolean paste_is_too_long(void);
/* What was pasted last, in UTF-8 as far as it was text; to be given to paste_free(), since it may be a
 * secret. */
char *paste_take(void);
void paste_free(char *text);

#endif
