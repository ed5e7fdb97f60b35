/*
 * overlay.h - what the user changed and the store has not settled yet (DESIGN.md: Threads).
 *
 * A key has its effect at once: the change goes to the writer as a job, and lies over every row and count
 * that is drawn until the writer says that it was committed, or failed. Ui thread; only the writer's answer
 * comes from another one.
 */
#ifndef TERN_UI_OVERLAY_H
#define TERN_UI_OVERLAY_H

#include "base/wake.h"
#include "store/store.h"

#include <glib.h>

typedef struct Overlay Overlay;

/* `wake` is set when a change is settled. */
Overlay *overlay_new(Store *store, Wake *wake);
/* Waits for nothing: the writer still does what it was given. */
void overlay_free(Overlay *overlay);

/* What is changed; flags are those shown now, changes included. */
typedef struct {
    int64_t id, thread, folder_id;
    uint32_t flags;
} OverlayTarget;

/* Changes flags: at once for the screen, and by a journal entry for the server. */
void overlay_change(Overlay *overlay, OverlayTarget target, uint32_t set, uint32_t clear);

/* A row's flags with the changes of that message. */
uint32_t overlay_flags(const Overlay *overlay, int64_t id, uint32_t flags);
/* What is to be added to the unread messages of a thread (folder_id and thread) or of a folder (thread 0). */
int overlay_unread(const Overlay *overlay, int64_t folder_id, int64_t thread);

/* Takes what the writer answered; the changes lie there until overlay_drop(), so that a page read before
 * shows no gap. The first failure comes as an error. TRUE: there was something. */
gboolean overlay_settle(Overlay *overlay, GError **error);
/* Forgets what was settled: the pages were read again. */
void overlay_drop(Overlay *overlay);

#endif
