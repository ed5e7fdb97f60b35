/* schema.h - the tables of store.db, and how an older file gets them. Within src/store/ only. */
#ifndef TERN_STORE_SCHEMA_H
#define TERN_STORE_SCHEMA_H

#include "store/db.h"

#include <glib.h>

/* The read-write handle on the file at `path`, which is made, or brought to this tern's schema, where needed;
 * a damaged one is set aside (damage.h). `lock_path`: the profile's lock file; `lock_fd` its descriptor,
 * locked shared, which is exchanged for an exclusive one while the file changes (so *lock_fd may be another
 * one afterwards, and -1 on failure). *told_out: what was done about damage, to be freed; NULL: nothing. NULL
 * and STORE. */
StoreDb *schema_open(const char *path, const char *lock_path, int *lock_fd, char **told_out, GError **error);

/* A handle that only reads, of a file that cannot be written: STORE_DB_READ where SQLite can make its locks,
 * else STORE_DB_STILL. NULL and STORE, also when it is of another version. */
StoreDb *schema_open_to_read(const char *path, GError **error);

/* Makes the file where it is missing, and brings it to this tern's schema. With the profile's lock held
 * exclusively. */
gboolean schema_make(const char *path, GError **error);

/* The number of this tern's schema. */
int schema_version(void);

#endif
