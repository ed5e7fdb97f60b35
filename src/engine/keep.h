/*
 * keep.h - filling the cache of message files with what `keep-offline` names, when nothing else is to be
 * done; private to the engine.
 *
 *   first time:  each folder, the Inbox first, the newest messages first, while there is room (housekeeper.h)
 *   later:       what came since, by the rows' ids
 *
 * `text` takes messages up to KEEP_TEXT_BYTES whole, `all` any. Several FETCHes are under way at once, as
 * much as the link carries in a moment, so that a person's request waits for no more than that. On a worker's
 * thread.
 */
#ifndef TERN_ENGINE_KEEP_H
#define TERN_ENGINE_KEEP_H

#include "config/config.h"
#include "engine/housekeeper.h"
#include "engine/sync_imap.h"

/* Mail that people read as text is nearly always below; what is above has attachments. */
#define KEEP_TEXT_BYTES (256 << 10)

/* Borrowed for the call. */
typedef struct {
    const SyncImap *sync; /* its checkpoint is called between pieces, as in a sync */
    const ConfigAccount *account;
    const char *cache_folder;
    Housekeeper *housekeeper;
} KeepContext;

/* Until all is here, or there is no more room. FALSE and STORE: the disk; the session goes on. */
gboolean keep_fill(const KeepContext *context, GError **error);

#endif
