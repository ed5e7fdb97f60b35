/*
 * sweep.h - one look over the cache of message files, shelf by shelf: files that no row has go, the others
 * are counted; private to the engine. On the housekeeper's thread.
 */
#ifndef TERN_ENGINE_SWEEP_H
#define TERN_ENGINE_SWEEP_H

#include "store/read.h"

typedef struct Sweep Sweep;

/* `is_for_room`: every file is remembered, for sweep_make_room(). Both are borrowed. */
Sweep *sweep_new(const char *cache_folder, StoreReader *reader, gboolean is_for_room);
void sweep_free(Sweep *sweep);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sweep, sweep_free)

/* FALSE: there is nothing on it. */
gboolean sweep_shelf(Sweep *sweep, guint shelf);

/* account -> int64_t *: what its files take on the shelves that were looked at. The sweep's. */
GHashTable *sweep_bytes(Sweep *sweep);

/* Of accounts that take more than `limit` says, the files that were read longest ago go, until nine tenths
 * are left. What is on its way to another account stays, up to as much again: it would only be fetched once
 * more. */
void sweep_make_room(Sweep *sweep, int64_t (*limit)(const char *account, void *data), void *data);

#endif
