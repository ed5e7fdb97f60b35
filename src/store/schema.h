/* schema.h - the tables of store.db, and how an older file gets them. Within src/store/ only. */
#ifndef TERN_STORE_SCHEMA_H
#define TERN_STORE_SCHEMA_H

#include "store/db.h"

#include <glib.h>

/* The read-write handle on the file at `path`, which is made, or brought to this tern's schema, where needed.
 * `lock_path`: the profile's lock file; `lock_fd` its descriptor, locked shared, which is exchanged for an
 * exclusive one while the schema changes (so *lock_fd may be another one afterwards, and -1 on failure). NULL
 * and STORE. */
StoreDb *schema_open(const char *path, const char *lock_path, int *lock_fd, GError **error);

/* The number of this tern's schema. */
int schema_version(void);

#endif
