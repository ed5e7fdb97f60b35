/*
 * housekeeper.h - keeps the cache of message files within its bounds; private to the engine.
 *
 *      workers ── housekeeper_added() ──> what each account's files take
 *      store ── ids that were deleted ──> their files go, and those of imports that were undone
 *      once a day, shelf by shelf         files that no row has go, and old entries of the journal
 *      past `cache-size`                  those read longest ago go, down to nine tenths of it
 *
 * One for each process that connects, with a thread of its own that nobody waits for. What it knows is in
 * CACHE/messages/state, so that no start has to look at every file.
 */
#ifndef TERN_ENGINE_HOUSEKEEPER_H
#define TERN_ENGINE_HOUSEKEEPER_H

#include "base/paths.h"
#include "config/config.h"
#include "store/store.h"

typedef struct Housekeeper Housekeeper;

/* Config, store and paths are borrowed. NULL and an error: no thread, or no reader. */
Housekeeper *housekeeper_start(const Config *config, Store *store, const Paths *paths, GError **error);
/* That it is to end, between two shelves; waits for nothing. */
void housekeeper_end(Housekeeper *keeper);
/* The same, waits for that, writes down what is known, and gives up the reference of
 * housekeeper_start(). NULL is allowed. */
void housekeeper_stop(Housekeeper *keeper);
/* For a worker that may be abandoned: what it says afterwards is only heard. */
Housekeeper *housekeeper_ref(Housekeeper *keeper);
void housekeeper_unref(Housekeeper *keeper);

/* A file of that account came into the cache. Any thread, as those below. */
void housekeeper_added(Housekeeper *keeper, const char *account, int64_t bytes);
/* How much more may be put there that nobody has asked for: up to nine tenths of what the account may
 * take. */
int64_t housekeeper_fill_room(Housekeeper *keeper, const char *account);

/* How far filling the cache (keep.h) has come: all rows up to that id were looked at by that rule. 0: none
 * were. */
int64_t housekeeper_kept(Housekeeper *keeper, const char *account, const char *rule);
void housekeeper_set_kept(Housekeeper *keeper, const char *account, const char *rule, int64_t id);

#endif
