/*
 * compose_turns.h - the jobs that save one draft, of which several may be under way at once: a save, and the
 * handing over when it is closed.
 *
 *      turn: 1  saves "One"          fails ──> a later one has newer text: nothing is told
 *            2  saves "One two"      fails ──> the last: "One two" is nowhere else
 *            3  saves nothing newer  fails ──> the last: what 2 could not save is lost by it, too
 *
 * They run one after the other, on the background thread, and end in that order. A turn is its job's: taken
 * by the ui thread, then used by whoever has the job.
 */
#ifndef TERN_UI_COMPOSE_TURNS_H
#define TERN_UI_COMPOSE_TURNS_H

#include <glib.h>

typedef struct SaveTurn SaveTurn;

/* Draft's id -> what its turns share; to be unreffed. */
GHashTable *save_turns_new(void);
/* The next turn of that draft. `has_news`: there is text in it that no job before it had. */
SaveTurn *save_turn_take(GHashTable *turns, const char *id, gboolean has_news);
void save_turn_free(SaveTurn *turn);

/* The job has done its work (background thread). */
void save_turn_note(SaveTurn *turn, gboolean is_saved);
/* Then: whether its text is on no disk, and no later job has it. */
gboolean save_turn_is_lost(const SaveTurn *turn);

#endif
