/*
 * wal.h - the log of store.db (SQLite's file format, 4), read without SQLite: how far SQLite reads it, and
 * what is whole behind that. Within src/store/ only.
 *
 *      header │ frame │ frame │ commit │ xxxxx │ frame │ commit │
 *             └─── SQLite reads this ──┘       └── and passes over this without a word: that is how a log ends
 *                                                  that was being written when the power went
 *
 * Each frame is a page and is checked by a sum that goes on from the frame before, which is kept with it: so
 * what stands behind a broken place can be told from what is left of an older log.
 *
 * No state; any thread, with the profile to itself. Blocks for reading the log, 16 MB as a rule.
 */
#ifndef TERN_STORE_WAL_H
#define TERN_STORE_WAL_H

#include <glib.h>
#include <stdint.h>

/* A log from its beginning: SQLite begins again in the same file, with other salts. */
typedef struct {
    uint32_t salts[2];
    uint32_t frames;
} StoreWalMark;

/* The salts of the log as it is now; those of no log are 0. */
void store_wal_salts(const char *log, uint32_t *salts_out);

/* Whether SQLite would pass over the whole log, and with it over what was written last: its header, which is
 * there and durable before anything else is, is none. */
gboolean store_wal_is_broken(const char *log);

/* Whether SQLite would read fewer frames than there were. FALSE for another log than that. */
gboolean store_wal_is_cut(const char *log, const StoreWalMark *there_were);

/* Writes to a new file `to` a log of the frames that are whole, up to the last commit among them, which
 * SQLite reads to its end. What was lost between them is missing: the pages need not fit together.
 * *is_whole_out: nothing was, as far as can be seen here. FALSE and STORE. */
gboolean store_wal_mend(const char *log, const char *to, gboolean *is_whole_out, GError **error);

#endif
