/*
 * unwanted.h - messages that came by POP3 and were deleted here for good: a list on its way into the log of
 * UIDLs.
 *
 *      data/uidl/ACCOUNT.unwanted      a base (name.h) a line
 *
 * Whoever deletes a file adds its base, without having to wait for the log, which a visit to the server keeps
 * to itself for as long as it takes; the next visit takes the list. Each call has the file for itself
 * (flock). Errors are STORE. Blocks on the disk.
 */
#ifndef TERN_MAILDIR_UNWANTED_H
#define TERN_MAILDIR_UNWANTED_H

#include <glib.h>

/* Adds those of `bases` (const char *) that carry a mark of uidl.h, durably. Nothing to add is no error. */
gboolean unwanted_add(const char *path, const GPtrArray *bases, GError **error);

/* Hands what is there to `take` (char *, borrowed), and empties the list when that says TRUE; what it did has
 * to be durable by then. A file that is not there is an empty list, of which nobody is told. */
gboolean unwanted_take(const char *path, gboolean (*take)(const GPtrArray *bases, void *data, GError **error),
                       void *data, GError **error);

#endif
