/*
 * promise.h - what people were told to be safe, kept apart from store.db: the file data/promised. Within
 * src/store/ only.
 *
 *      a change is made ── durable COMMIT ──> promised: so far in the log, entries of the journal up to n
 *
 *      the next opening: a log that ends before that was cut (wal.h), and not by the power going; a journal
 *      that does not go so far has lost its end
 *
 * SQLite by itself passes over both, since it cannot know. The file is not synced: one that is behind tells
 * less, but never more than what was there. Nothing is kept of commits that may be lost (bulk).
 */
#ifndef TERN_STORE_PROMISE_H
#define TERN_STORE_PROMISE_H

#include "store/db.h"
#include "store/wal.h"

typedef struct {
    StoreWalMark log;
    int64_t last_entry; /* of the journal, ever */
} StorePromise;

/* `path`: of store.db. What is not there is 0. Blocks for a small file. */
void store_promise_read(const char *path, StorePromise *promise_out);
void store_promise_write(const char *path, const StorePromise *promise);

/* So many frames of the log have become durable. `salts`: those before, by store_wal_salts(); when the log
 * was begun anew meanwhile, by whomever, nothing is kept. `last_entry`: as it was in the transaction; 0: no
 * news. */
void store_promise_keep(const char *path, const uint32_t *salts, uint32_t frames, int64_t last_entry);

/* The number of the newest entry that the journal has had; 0: none, or it cannot be read. */
int64_t store_promise_last_entry(StoreDb *db);

#endif
