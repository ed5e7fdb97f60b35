/*
 * key.h - a row's key: folder, seconds and tie-breaker in 53 bits, so that the table is clustered by folder
 * and date.
 *
 *      52 … 40   39 … 8    7 … 0
 *      folder    seconds   tie
 *
 * A page of a folder by date is then one range of the table, and any list of keys is in the order of the
 * list.
 */
#ifndef TERN_STORE_KEY_H
#define TERN_STORE_KEY_H

#include <glib.h>
#include <stdint.h>

#define KEY_TIE_BITS 8
#define KEY_TIES (1 << KEY_TIE_BITS)
#define KEY_FOLDER_SHIFT 40
/* Folders of all accounts together: 13 bits, without 0. */
#define KEY_FOLDERS_MAX 8191
/* A folder's last seconds before 2106-02-07 are left free, so that a full second never spills into the next
 * folder. */
#define KEY_SECONDS_MAX INT64_C(0xffff0000)
/* Where a second's first message stands, from below, or from above for a sync that goes from newest to
 * oldest: most room is where the next ones are expected. */
#define KEY_TIE_FIRST 64

static inline int64_t key_make(int64_t folder, int64_t seconds, int tie)
{
    return folder << KEY_FOLDER_SHIFT | seconds << KEY_TIE_BITS | tie;
}

static inline int64_t key_folder(int64_t key)
{
    return key >> KEY_FOLDER_SHIFT;
}

static inline int64_t key_seconds(int64_t key)
{
    return key >> KEY_TIE_BITS & INT64_C(0xffffffff);
}

/* The lowest and the highest key a row of that folder can have. */
static inline int64_t key_folder_first(int64_t folder)
{
    return folder << KEY_FOLDER_SHIFT;
}

static inline int64_t key_folder_last(int64_t folder)
{
    return ((folder + 1) << KEY_FOLDER_SHIFT) - 1;
}

#endif
