/*
 * folder_reader.h - reads the folders and makes the rows of their tree: at once while they are few, and where
 * they are so many that it takes a good part of a frame, on a thread of its own with a handle of its own.
 *
 * Ui thread.
 */
#ifndef TERN_UI_FOLDER_READER_H
#define TERN_UI_FOLDER_READER_H

#include "base/wake.h"
#include "store/store.h"
#include "store/folder_marks.h"

#include <glib.h>

typedef struct FolderReader FolderReader;

/* `done` is set when rows can be taken. */
FolderReader *folder_reader_new(Store *store, StoreReader *reader, Wake *done);
/* Waits for a read that is under way. */
void folder_reader_free(FolderReader *folders);

/* The rows as they are now (FolderRow *, folder_tree.h), also of `accounts` that have none. NULL with an
 * error; or without one: they come later, and stand for the store as it was at this call or after it. */
GPtrArray *folder_reader_read(FolderReader *folders, const FolderMarks *marks, gboolean with_hidden,
                              const GPtrArray *accounts, GError **error);
/* Those that were read meanwhile. NULL with an error, or without one when there are none (yet). */
GPtrArray *folder_reader_take(FolderReader *folders, GError **error);

#endif
