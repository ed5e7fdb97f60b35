/*
 * overlay.h - what the user changed and the store has not settled yet (DESIGN.md: Threads).
 *
 * A key has its effect at once: the change goes to the writer as a job, and its effect (which messages, and
 * what becomes of them) lies over every row and count that is drawn until the writer says that it was
 * committed, or failed. Then the pages are read again, and the effect is forgotten. Ui thread; only the job
 * itself runs on the writer's.
 */
#ifndef TERN_UI_OVERLAY_H
#define TERN_UI_OVERLAY_H

#include "base/wake.h"
#include "store/view.h"
#include "store/writer.h"
#include "ui/selection.h"

#include <glib.h>

typedef struct Overlay Overlay;

/* `wake` is set when a change is settled. */
Overlay *overlay_new(Store *store, Wake *wake);
/* Waits for nothing: the writer still does what it was given. */
void overlay_free(Overlay *overlay);

/* What a change does to what is seen. */
typedef struct {
    Selection *targets; /* the messages; taken over, NULL: none is changed that can be seen */
    uint32_t only;      /* of them, those that are shown with all of these flags */
    uint32_t set, clear;
    char **tags, **untags; /* keywords; taken over, NULL: none */
    gboolean is_gone;      /* they leave their folder */
    gint64 to_folder;      /* where to; 0: nowhere that counts them */
    int messages;          /* how many they are; 0: not known */
    int unread; /* how many are unread no more (less than nothing: newly); or those that go or are copied */
} OverlayEffect;

/* Hands a job to the writer (durable, in the user's lane) and lays its effect over what is drawn. `done` is
 * called on the ui thread once it is settled, by overlay_settle(); NULL: a failure comes out there. `data`
 * belongs to `run` until then, to `done` in it, and is freed after it. */
void overlay_submit(Overlay *overlay, const OverlayEffect *effect, StoreJobFunc run,
                    void (*done)(void *data, const GError *error), void *data, GDestroyNotify free_data);

/* A message's flags with what was changed. */
uint32_t overlay_flags(const Overlay *overlay, gint64 id, uint32_t flags);
/* A row of a list with what was changed. Its keywords may be others for it: *keywords_out is to be freed once
 * the row was drawn. */
void overlay_row(const Overlay *overlay, StoreRow *row, char ***keywords_out);
/* Whether a message, which the store shows with `flags`, has left the folder. `is_fresh`: that was read just
 * now, so what was settled before stands in it, and may have been refused and taken back since. */
gboolean overlay_is_gone(const Overlay *overlay, gint64 folder_id, gint64 id, uint32_t flags,
                         gboolean is_fresh);
/* What is to be added to a folder's counts. */
void overlay_counts(const Overlay *overlay, gint64 folder_id, int *messages_out, int *unread_out);
/* The second of them alone. */
int overlay_unread(const Overlay *overlay, gint64 folder_id);

/* Takes what the writer answered; the changes lie there until overlay_drop(), so that a page read before
 * shows no gap. The first failure that nobody else is told comes as an error. TRUE: there was something. */
gboolean overlay_settle(Overlay *overlay, GError **error);
/* Forgets what was settled: the pages were read again. */
void overlay_drop(Overlay *overlay);

#endif
