/*
 * disk_folder.h - entries about folders of an account on this disk, one change each; for disk_play.c.
 *
 * On the thread of whoever plays, under the account's lock.
 */
#ifndef TERN_ENGINE_DISK_FOLDER_H
#define TERN_ENGINE_DISK_FOLDER_H

#include "engine/disk.h"
#include "store/journal.h"

/* Makes, renames, deletes or subscribes to the folder. *raw_out: the name that it has then, where it is another
 * one, to be freed. *was_there_out: it was to be made, and was there. INPUT: it cannot be; a folder whose
 * making was undone holds something. STORE: the disk. */
gboolean disk_change_folder(Disk *disk, const StoreEntry *entry, char **raw_out, gboolean *was_there_out,
                            GError **error);

#endif
