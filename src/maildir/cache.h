/*
 * cache.h - the cache of message files: one file for each message that was fetched whole.
 *
 *      CACHE/messages/3f/1234567-89abcdef01234567     by the row's id, in the folder ("shelf") of its lowest byte,
 *                                                     and a token that says which message the row is;
 *                        -1234567-89abcdef01234567    of one that may stand in many folders: by a number of its own
 *      CACHE/messages/new/XXXXXX                      being filled
 *
 * A file appears by rename, so one that is there is whole. The token keeps a file from being shown for
 * another message: a store that is older than the cache (a backup that was put back, a power cut) gives ids a
 * second time. A file's time is when it was read last, to a day; by it the cache is kept within its bounds
 * (shelf.h). All of it can be had again from the server. Any thread.
 */
#ifndef TERN_MAILDIR_CACHE_H
#define TERN_MAILDIR_CACHE_H

#include <glib.h>
#include <stdint.h>

/* Which message: a row's id, or the number (below 0) that all which are the same share; and what is always
 * the same of it. */
typedef struct {
    int64_t id;
    uint64_t token;
} CacheName;

/* The path of a message's file, whether it is there or not; to be freed. */
char *cache_path(const char *cache_folder, CacheName name);

/* The same if the file is there, which now counts as read, else NULL. */
char *cache_find(const char *cache_folder, CacheName name);

/* Whether it is there, for those who do not read it. */
gboolean cache_has(const char *cache_folder, CacheName name);

/* A file being filled. */
typedef struct CacheFile CacheFile;

/* Opens a temporary file; NULL and STORE. */
CacheFile *cache_file_new(const char *cache_folder, GError **error);
int cache_file_fd(const CacheFile *file);
/* Puts it in its place and frees; FALSE and STORE: it is gone then. `read_s`: when it counts as read, 0:
 * now. */
gboolean cache_file_commit(CacheFile *file, CacheName name, int64_t read_s, GError **error);
/* Throws it away. NULL is allowed. */
void cache_file_discard(CacheFile *file);

#endif
