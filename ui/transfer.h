/*
 * transfer.h - import and export on the screen: which file, which folder, how far it is.
 *
 *      transfer_import() ── path, folder ──> thread: engine_import() ──> news: 300 of 2,000 … 2,000 new, 0 known
 *
 * One at a time, the others after it, on a thread of their own (background.h), so that nothing else waits for
 * them. What is ended goes on when it is asked for again. Ui thread.
 */
#ifndef TERN_UI_TRANSFER_H
#define TERN_UI_TRANSFER_H

#include "ui/view.h"

/* `path` NULL: it is asked for. */
void transfer_import(Ui *ui, const char *path);
void transfer_export(Ui *ui, const char *path);
/* Ends what is under way, and what waits behind it. FALSE: nothing is. */
gboolean transfer_halt(Ui *ui);
/* The wake was set: tells how far it is, and what has ended. */
void transfer_take(Ui *ui);
/* Ends all and waits for it. */
void transfer_close(Ui *ui);

#endif
