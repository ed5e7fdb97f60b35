/* profile_lock.h - the profile's lock file: shared by all who use the store, exclusive for who changes its
 * schema. Within src/store/ only. */
#ifndef TERN_STORE_PROFILE_LOCK_H
#define TERN_STORE_PROFILE_LOCK_H

#include <glib.h>

/* A descriptor that holds the lock until it is closed; -1 and STORE. Both wait for a moment: another process
 * may be making the store right now. The exclusive one then names the processes in the way. */
int profile_lock_shared(const char *path, GError **error);
int profile_lock_exclusive(const char *path, GError **error);

#endif
