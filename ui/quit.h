/*
 * quit.h - the end of the screen that a person asks for, and what becomes of mail that is not sent by then.
 *
 *      ui_quit() ── nothing waits, or another tern sends it ─────────────────> the loop ends
 *                └─ background: what is in the outbox ── this end cannot send it ──> asked first
 *      loop ended ── ui_send_rest(): the time for taking back is over, some seconds for what is due ──> what stays is named
 *
 * Signals and a terminal that is gone end the loop without asking. Ui thread.
 */
#ifndef TERN_UI_QUIT_H
#define TERN_UI_QUIT_H

#include "ui/view.h"

/* Ends the screen; where mail would be left that nobody else sends, after a question. Asked for twice, while
 * the outbox is still being read: at once. */
void ui_quit(Ui *ui);

/* The screen is closed: what was sent from it goes out now, for some seconds at most, and so does what is
 * just on its way; what stays is said on stderr, unless another tern sends it. Blocks. */
void ui_send_rest(Ui *ui);

#endif
