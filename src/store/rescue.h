/*
 * rescue.h - what a damaged store.db still gives: the changes that were not sent yet, and what they need.
 * Within src/store/ only.
 *
 * Accounts, folders, logins, unsettled journal entries with their groups, and the rows that those entries
 * name come into the new file, with their numbers. Of a row the server's half is kept without its UID: it
 * waits to be adopted by a sync, which knows it by its Message-ID, size and date, as after a changed
 * UIDVALIDITY (writer.h); the entry is played then. A row that no sync finds goes, and so do its entries.
 *
 * What was left to do of a change of thousands, or of its undo, is done (rescue_pieces.c).
 *
 * A move that was sent waits again where it stood: if it was made after all, its row is not found there, and
 * nothing is lost.
 */
#ifndef TERN_STORE_RESCUE_H
#define TERN_STORE_RESCUE_H

#include <glib.h>

typedef struct {
    int n_kept, n_lost; /* entries */
    GString *lost;      /* what they were, in words; NULL: none */
    gboolean is_whole;  /* all of the journal could be read */
    int64_t last_entry; /* the number of the last one that there was, where that can be read; else 0 */
} StoreRescued;
void store_rescued_clear(StoreRescued *rescued);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreRescued, store_rescued_clear)

/* From the damaged file, which is read as far as it goes, into the new one, which is as schema_make() made
 * it. A header that cannot be read is written anew. All of the new one is in the file itself then, and
 * durable, with no log beside. FALSE and STORE when it cannot be written. */
gboolean store_rescue(const char *damaged, const char *into, StoreRescued *rescued, GError **error);

#endif
