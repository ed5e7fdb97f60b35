/*
 * damage.h - a store.db that is damaged: how that is known, and what is done about it. Within src/store/
 * only.
 *
 *      an error of SQLite's ── store_damage_note() ──> store.db.is-damaged, empty
 *
 *      the next opening, alone in the profile:
 *          store.db.rescued                            made: what rescue.h can read of the old one
 *          store.db.is-damaged with the plan in it     from here on the new one is whole
 *          store.db -> store.db.damaged-2026-11-30     with its log
 *          store.db.rescued -> store.db                and the mark goes
 *
 * Each step is durable before the next, and the plan says what is still to be done: a repair that is killed
 * begins again before it, and goes on behind it.
 *
 * A whole check of a large file would take seconds at each start; so damage is noted where it is met, and
 * what can be seen of the file from outside (no file, empty, a log that is none) is looked at when it is
 * opened; a log that was left behind also for its end (promise.h).
 */
#ifndef TERN_STORE_DAMAGE_H
#define TERN_STORE_DAMAGE_H

#include "store/rescue.h"

#include <glib.h>

/* The name of the mark, behind that of store.db. */
#define STORE_DAMAGE_MARK ".is-damaged"

/* The file at that path turned out to be damaged. Any thread; blocks for making a file. */
void store_damage_note(const char *path);

/* Notes it when the log has lost what was there: with the profile's lock held exclusively, before SQLite
 * reads that log. Blocks for reading it. */
void store_damage_look(const char *path);

/* Whether it was noted, or can be seen without opening it. No file at all is no damage. */
gboolean store_damage_is_seen(const char *path);

/* Whether a store was opened in this profile before; one that is new is empty for a reason. */
gboolean store_damage_was_used(const char *path);

/* What is told of it: what is where now, and which changes are kept, lost, or may be. To be freed. */
char *store_damage_tell(const char *aside, const StoreRescued *rescued);

/* Sets the file aside and puts a new one in its place with what could be rescued; both, or none, whenever it
 * is killed. With the profile's lock held exclusively, and no handle open. *told_out: what was done, in a
 * sentence for people, to be freed, in place of an earlier one; NULL: there was nothing to set aside after
 * all. FALSE and STORE. */
gboolean store_damage_repair(const char *path, char **told_out, GError **error);

#endif
