/*
 * selection.h - a set of a folder's messages: those named one by one, or all that were there at a moment but
 * some.
 *
 * By id, so that it stays what it was whatever is scrolled, synced or moved; "all" is a bound on the ids and
 * costs nothing however many there are, and what comes later does not belong to it. A plain value of one
 * thread; a copy can be given to the writer, who alone makes the list of "all".
 */
#ifndef TERN_UI_SELECTION_H
#define TERN_UI_SELECTION_H

#include "store/ids.h"

#include <glib.h>

typedef struct {
    gint64 folder_id;
    gboolean is_all;
    gint64 last_id;  /* of all: the newest that belongs to it */
    int n_all;       /* of all: how many there were */
    GHashTable *ids; /* gint64 -> gint64, id -> thread: those that belong to it; of all: those that do not */
    GHashTable *threads; /* gint64 -> count: how many of `ids` are in a thread */
} Selection;

Selection *selection_new(gint64 folder_id);
Selection *selection_copy(const Selection *selection);
void selection_free(Selection *selection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Selection, selection_free)

/* Puts a message in, or takes it out. FALSE: it came after "all" was said, and cannot be put in by itself. */
gboolean selection_set(Selection *selection, gint64 id, gint64 thread, gboolean is_in);
void selection_clear(Selection *selection);
/* The whole folder, which now holds `n` messages, the newest id being `last_id`. */
void selection_set_all(Selection *selection, gint64 last_id, int n);
/* Those that are not in it, of what is there now. */
void selection_invert(Selection *selection, gint64 last_id, int n);

gboolean selection_has(const Selection *selection, gint64 id);
/* How many messages of a thread that has `n` in this folder are in it; of all, later ones counted too. */
int selection_count_thread(const Selection *selection, gint64 thread, int n);
int selection_count(const Selection *selection);

/* The ids (int64_t) of what is in it just now. Of "all" it costs the folder: for small ones. Ui thread; NULL
 * and STORE. */
GArray *selection_read(const Selection *selection, StoreReader *reader, GError **error);
/* The ids (int64_t), as far as all of `flags` are set. Of ids named one by one with `flags` 0 none is looked
 * up. Writer thread; NULL and STORE. */
GArray *selection_resolve(const Selection *selection, StoreTxn *txn, uint32_t flags, GError **error);

#endif
