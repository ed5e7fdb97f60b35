/*
 * shelf.h - keeping the cache of message files (cache.h) tidy: what is on a shelf, and taking files away. One
 * shelf at a time, so that nobody waits for a hundred thousand names. Any thread; blocks on the disk.
 */
#ifndef TERN_MAILDIR_SHELF_H
#define TERN_MAILDIR_SHELF_H

#include "maildir/cache.h"

#define CACHE_SHELVES 256

typedef struct {
    CacheName name;
    int64_t size_bytes, read_s;
} CacheEntry;

/* Adds what is on a shelf to `entries` (CacheEntry). What is no message's file is taken away. */
void cache_shelf_list(const char *cache_folder, guint shelf, GArray *entries);

/* Takes a file away, or those of all these rows, whatever their token. */
void cache_remove(const char *cache_folder, CacheName name);
void cache_remove_rows(const char *cache_folder, const int64_t *ids, guint n);

/* Takes away those read longest ago until the others take so many bytes. Looks at all: for a small cache. */
void cache_trim(const char *cache_folder, int64_t max_bytes);

/* Takes away what runs that were killed had not filled. Nobody may be filling one yet. */
void cache_remove_unfinished(const char *cache_folder);

#endif
