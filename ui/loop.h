/*
 * loop.h - the ui thread's main loop: the terminal, signals and flags as sources of GLib's.
 *
 * Whatever wakes the loop, the screen is drawn once for it, and at most each 8 ms but after a key, whose
 * answer is drawn at once. End of file, an error or a hang-up on the terminal is the same as SIGHUP. Ui
 * thread only.
 */
#ifndef TERN_UI_LOOP_H
#define TERN_UI_LOOP_H

#include "base/wake.h"

#include <glib.h>

typedef struct Loop Loop;

typedef struct {
    void (*input)(void *data);     /* keys may be read until there are none; then it is drawn */
    void (*resized)(void *data);   /* SIGWINCH */
    void (*suspend)(void *data);   /* SIGTSTP from outside */
    void (*continued)(void *data); /* SIGCONT */
    void (*draw)(void *data);
} LoopCalls;

/* Blocks the signals that the loop takes as events; to be called before any thread is started. */
void loop_block_signals(void);

Loop *loop_new(const LoopCalls *calls, void *data);
void loop_free(Loop *loop);

/* Calls `woken` each time the flag is set (cleared before). */
void loop_watch(Loop *loop, Wake *wake, void (*woken)(void *data));
/* Calls `ready` as long as there is something to read. */
void loop_watch_fd(Loop *loop, int fd, void (*ready)(void *data));
/* Calls `run` once, after `delay_ms`; a second call for the same function before that can only move it to an
 * earlier time. */
void loop_after(Loop *loop, guint delay_ms, void (*run)(void *data));
/* The screen is to be drawn. */
void loop_draw(Loop *loop);

void loop_run(Loop *loop);
void loop_quit(Loop *loop);

/* Stops the process as Ctrl-Z does; returns when it was continued. Nothing is stopped where nobody could
 * continue it. */
void loop_stop_process(void);

#endif
