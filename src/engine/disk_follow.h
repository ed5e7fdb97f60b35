/*
 * disk_follow.h - messages that another program has moved from one folder of a Maildir to another: private to
 * the engine.
 *
 *      gone from Work ──┐ the same name, the same size:
 *                       ├──> the same row, with its flags, keywords, thread and what can be undone of it
 *      new in Done    ──┘
 *
 * Whichever folder is read first finds the other half on the disk. One that is still where it was is a copy,
 * and new. Keywords, which stand beside the files, follow. On the caller's thread, between disk_begin() and
 * disk_end().
 */
#ifndef TERN_ENGINE_DISK_FOLLOW_H
#define TERN_ENGINE_DISK_FOLLOW_H

#include "engine/disk.h"
#include "store/files.h"

/* What a look at a folder has found: `rows` are those that the store has in it, `gone` the UIDs (uint32_t) of
 * those that are not there, `added` the DiskFile that are and have none. *n_out of both were followed, and
 * are in the store where they are now. FALSE and STORE, CANCELLED. */
gboolean disk_follow(Disk *disk, const StoreFolder *folder, const StoreFiles *rows, const GArray *gone,
                     const GArray *added, guint *n_out, GError **error);

#endif
