/*
 * import.h - mail of other programs' into folders on this disk, and out to files of theirs: Maildir and mbox.
 *
 *      PATH (mbox, or a Maildir with its folders) ──> import_path() ──> FOLDER, FOLDER/… of an account on this disk, or
 *                                                                       on a server, by the journal (import_server.h)
 *      a message's file ──> export_message() ──> mbox or Maildir at PATH
 *
 * Each message gets a name made of its bytes, so that what was cut off goes on, and what is done again
 * changes nothing; the second of two that are the same is kept as such. Groups share their fsyncs. An import
 * gives the account's folders (disk.h) to others from time to time. On the caller's thread; blocks.
 */
#ifndef TERN_ENGINE_IMPORT_H
#define TERN_ENGINE_IMPORT_H

#include "engine/disk.h"

typedef struct {
    int64_t added, known, bytes; /* known: were there before */
    int64_t
        passed_over; /* no messages (a FIFO, a link in a Maildir) and no folders; each is told of by Disk.refused */
    int64_t missing; /* of an export: could not be had; counted by whoever reads them */
} ImportResult;

/* Into `folder` (as shown; made where it is not there) and, of a Maildir with folders, those under it; and
 * into the store. `disk`: an account's (disk.h). FALSE and INPUT (neither mbox nor Maildir, or not for this
 * account), STORE, or CANCELLED: what was done is kept. */
gboolean import_path(Disk *disk, const char *path, const char *folder, ImportResult *result, GError **error);

typedef struct Export Export;

/* A Maildir at `path`, or an mbox; made where there is none, else added to. NULL and STORE or INPUT. */
Export *export_open(const char *path, gboolean is_mbox, GError **error);
/* A message from a descriptor to its end; flags as the store has them, keywords NULL-terminated or NULL. */
gboolean export_message(Export *out, int fd, uint32_t flags, char **keywords, int64_t arrival_s,
                        GError **error);
/* All of it is durable. Frees, also on failure. */
gboolean export_close(Export *out, ImportResult *result, GError **error);

#endif
