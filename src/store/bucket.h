/*
 * bucket.h - how many rows, unread and threads a stretch of time holds, so that an ordinal is a short sum.
 *
 * Three levels of slots: 2^14 seconds (4.5 hours), 2^19 (6 days), 2^24 (194 days), each 32 of the one below.
 * What is newer than a row is the sum of newer slots of the coarsest level, of those of the middle one within
 * its own coarse slot, of the finest within its middle one, and a count of rows within its finest: at most 31
 * of each but the first, whatever the folder holds.
 */
#ifndef TERN_STORE_BUCKET_H
#define TERN_STORE_BUCKET_H

#include "store/db.h"

#define BUCKET_LEVELS 3
#define BUCKET_FAN_BITS 5
#define BUCKET_SHIFT(level) (14 + (level)*BUCKET_FAN_BITS)

/* The key of the slot in which `seconds` of a folder falls. */
static inline int64_t bucket_slot(int level, int64_t folder, int64_t seconds)
{
    return (int64_t)level << 48 | folder << 32 | seconds >> BUCKET_SHIFT(level);
}

/* Rows (or threads) of a folder with a key above that one; -1 and STORE. */
int64_t bucket_count_above(StoreDb *db, int64_t folder, int64_t key, gboolean threads, GError **error);

/* The row (or thread) that has `above` others above it: 1 and its key, id and thread; 0: there is none; -1
 * and STORE. */
int bucket_find_nth(StoreDb *db, int64_t folder, int64_t above, gboolean threads, int64_t found[3],
                    GError **error);

#endif
