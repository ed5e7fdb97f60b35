/*
 * keep_fetch.h - messages of a folder on their way into the cache, by FETCHes that are under way at once;
 * private to the engine. On a worker's thread.
 */
#ifndef TERN_ENGINE_KEEP_FETCH_H
#define TERN_ENGINE_KEEP_FETCH_H

#include "engine/keep.h"

typedef struct KeepFetch KeepFetch;

KeepFetch *keep_fetch_new(const KeepContext *context);
void keep_fetch_free(KeepFetch *fetch);

/* Everything from here on is in that folder, which is selected when something is asked for. Nothing is under
 * way. */
gboolean keep_fetch_folder(KeepFetch *fetch, const StoreFolder *folder, GError **error);
/* Asks for a message; what was asked for earlier comes in meanwhile, and who is more urgent is let in. */
gboolean keep_fetch_add(KeepFetch *fetch, const StoreBody *body, GError **error);
/* Waits for all that was asked for. */
gboolean keep_fetch_finish(KeepFetch *fetch, GError **error);
/* Bytes that were asked for and are not here. */
int64_t keep_fetch_asked(const KeepFetch *fetch);

#endif
