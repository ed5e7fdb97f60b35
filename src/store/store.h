/*
 * store.h - a profile's local store: what has been seen of the mail, in two SQLite files (DESIGN.md: Store).
 *
 *      Store ── writer thread ── the only read-write handle     (writer.h: jobs in, commits out)
 *        └──── StoreReader, one for each thread that reads      (view.h, read.h)
 *
 * Opening takes the profile's shared lock, migrates or sets a damaged file aside (exclusively) and starts the
 * writer. A network file system is refused in words that name data-dir. Another process may have the same
 * store open: all see each other's commits, and are told by notice.
 */
#ifndef TERN_STORE_STORE_H
#define TERN_STORE_STORE_H

#include "base/paths.h"
#include "base/wake.h"
#include "store/types.h"

#include <glib.h>

typedef struct Store Store;
typedef struct StoreReader StoreReader;

/* Opens, or makes, the store of a profile. NULL and STORE: the disk, a network file system, a newer schema
 * than this tern knows, or other processes in the way of a migration or repair (named). Where nothing can be
 * written (a read-only or full disk, somebody else's folder) a store that is there is opened to be read: jobs
 * of its writer fail, in words that say why. Blocks. */
Store *store_open(const Paths *paths, GError **error);
/* What a person is to be told of this opening: that the file was damaged, where it is now, and what became of
 * changes that were not sent; that it has lost its newest changes; that it cannot be written. A sentence, the
 * store's. NULL: nothing. */
const char *store_repaired(Store *store);
/* Lets the writer finish what it was given, and closes. No reader may be left. */
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* A read-only handle for the calling thread, which waits `busy_ms` for a locked store (0 for the ui: BUSY
 * then comes back as TERN_ERROR_STORE with store_is_busy() true). Holds at most 2 MB of pages. */
StoreReader *store_reader_new(Store *store, int busy_ms, GError **error);
void store_reader_free(StoreReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreReader, store_reader_free)

/* Whether an error of a reader only means "ask again in 5 ms". */
gboolean store_is_busy(const GError *error);

/* From now on `wake` is set after each commit that changed something: of this process at once, of another's
 * within 50 ms. Any thread. */
void store_add_listener(Store *store, Wake *wake);
void store_remove_listener(Store *store, Wake *wake);

/* A number that is another one after any commit, of whichever process; to be compared with this reader's own
 * only. */
int64_t store_reader_version(StoreReader *reader);

/* SQLite's VM steps of this reader since the last call; for tests and the bench. */
int64_t store_reader_steps(StoreReader *reader);

#endif
