/*
 * uploads.h - drafts into the account's folder for drafts, and out of it again; private to the engine, on a
 * worker's thread.
 *
 *     a version ──> is it there already (a lost answer)? else APPEND ──> its row ──> the rows of older ones go,
 *                                                                                    by the journal
 *
 * What there is to do stands in maildir/uploads.h. The new one stands there before an older one goes; a kill
 * in between leaves both, and the next visit takes the older one away. Only what this profile filed, and the
 * row that a draft was begun with, is ever taken away, and only while it is in that folder.
 */
#ifndef TERN_ENGINE_UPLOADS_H
#define TERN_ENGINE_UPLOADS_H

#include "engine/copies.h"
#include "engine/disk.h"
#include "maildir/uploads.h"

/* By IMAP, once the account's folders are known. FALSE: the session is dead, or the disk does not take it;
 * the rest waits. Selects folders. */
gboolean uploads_file(const Copies *with, GError **error);

/* The same of an account whose folders are on this disk, within disk_begin() (uploads_disk.c). One that
 * cannot be filed is told, and the others go on. FALSE: CANCELLED, or STORE. */
gboolean uploads_file_here(Disk *disk, GError **error);

/* ---- what both share ---- */

/* Takes rows (int64_t) away that are in the folder still. */
gboolean uploads_take_away(Store *store, int64_t folder_id, const GArray *rows, GError **error);
/* The row with that UID; 0 without an error: there is none. */
gboolean uploads_row_of(StoreReader *reader, int64_t folder_id, uint32_t uid, int64_t *row_out,
                        GError **error);
/* What became of a version: `row` of that folder stands there now, 0: nobody knows which. */
gboolean uploads_note_filed(const Paths *paths, StoreReader *reader, const Upload *upload,
                            const StoreFolder *folder, int64_t row, GError **error);
/* A row of another store.db is none: whatever has its number now is another message. What stands there is
 * then looked for. */
void uploads_fit_store(Upload *upload, const StoreReader *reader);
/* Whether it is filed, and the row that it is now is to be looked for now: store.db was made anew. */
gboolean uploads_is_strange(const Upload *upload, const StoreReader *reader);
/* That it may stand there from now on. FALSE without an error: it is not to stand there any more, since it
 * was sent, or changed. */
gboolean uploads_note_tried(const Paths *paths, const Upload *upload, GError **error);
/* Whether there is something to be done for it now. */
gboolean uploads_is_due(const Upload *upload);
/* That this folder (its name for people) refused it: it is left alone for an hour, or until its next version.
 * *tell_out, to be freed: what is to be told; NULL: it was told before. */
gboolean uploads_note_refused(const Paths *paths, const Upload *upload, const char *folder, const GError *why,
                              char **tell_out, GError **error);
/* Nothing stands there any more. */
gboolean uploads_note_gone(const Paths *paths, const Upload *upload, GError **error);

#endif
