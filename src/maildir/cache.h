/*
 * cache.h - the cache of message files: one file for each message that was fetched whole, named by its row id.
 *
 *      CACHE/messages/3f/1234567        (the folder is the id's lowest byte, so that none grows long)
 *
 * A file appears by rename, so one that is there is whole. All of it can be had again from the server. Any thread.
 */
#ifndef TERN_MAILDIR_CACHE_H
#define TERN_MAILDIR_CACHE_H

#include <glib.h>
#include <stdint.h>

/* The path of a message's file, whether it is there or not; to be freed. */
char *cache_path(const char *cache_folder, int64_t message_id);

/* The same if the file is there, else NULL. */
char *cache_find(const char *cache_folder, int64_t message_id);

/* A file being filled. */
typedef struct CacheFile CacheFile;

/* Opens a temporary file beside the place; NULL and STORE. */
CacheFile *cache_file_new(const char *cache_folder, int64_t message_id, GError **error);
int cache_file_fd(const CacheFile *file);
/* Puts it in its place and frees; FALSE and STORE: it is gone then. */
gboolean cache_file_commit(CacheFile *file, GError **error);
/* Throws it away. NULL is allowed. */
void cache_file_discard(CacheFile *file);

#endif
