/* view_private.h - what the files that make pages share. Within src/store/ only. */
#ifndef TERN_STORE_VIEW_PRIVATE_H
#define TERN_STORE_VIEW_PRIVATE_H

#include "store/reader.h"
#include "store/tree.h"
#include "store/view.h"

struct StoreView {
    int64_t folder;
    gboolean is_threaded, is_all_folded;
    GHashTable *exceptions; /* threads that are not as is_all_folded says */
};

/* Where an anchor is now. */
typedef struct {
    int64_t
        key; /* flat: of the row; threaded: of its thread's newest; where nothing was found, of the anchor */
    int64_t thread; /* 0: nothing of it is left */
    int64_t id;     /* 0: the message is gone */
    int64_t message_key;
    int64_t top; /* threaded: how many messages the thread has here */
} Place;

gboolean view_place(StoreView *view, StoreReader *reader, StoreAnchor anchor, Place *place, GError **error);

/* The place's row in its thread's tree: the message, or the newest one not newer than it was; 0 where all
 * are. */
guint view_tree_position(const Tree *tree, const Place *place);

#endif
