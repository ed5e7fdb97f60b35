/*
 * background.h - work for a message that is written, which the ui thread does not wait for: reading mail,
 * drafts on the disk, the outbox. One thread, first in, first out: what was saved before it was sent is
 * saved before it is sent.
 *
 *      background_run(job) ──> thread: work(job) ──> wake ──> background_take(): done(ui, job), free(job)
 *
 * The thread's stack is large enough for deep mail. Ui thread, but for `work`.
 */
#ifndef TERN_UI_BACKGROUND_H
#define TERN_UI_BACKGROUND_H

#include "base/wake.h"
#include "ui/view.h"

#include <glib.h>

typedef struct Background Background;

/* `done` is set when answers can be taken. The thread is started with the first job. */
Background *background_new(Wake *done);
/* Waits until all that was asked for is done; nobody is told. NULL is allowed. */
void background_free(Background *background);

/* `done` may be NULL. Where no thread can be started it is done at once. */
void background_run(Background *background, void (*work)(void *job), void (*done)(Ui *ui, void *job),
                    void *job, GDestroyNotify free_job);
/* Calls what is to be called for what is done by now. */
void background_take(Background *background, Ui *ui);

#endif
