/*
 * view.h - pages of a folder: what a list on the screen is made of (DESIGN.md: Views).
 *
 * A view is a source, an order and a shape (flat or threaded, and which threads are unfolded). A page is the
 * rows around an anchor, found by key, never by OFFSET: it costs the rows that are asked for, whatever the
 * folder holds (law 3). A row's place is its StoreAnchor: when mail arrives or leaves, the same anchor finds
 * the same message, or the nearest one that is still there: another of its thread, else the next older row,
 * else the oldest. An anchor within a folded thread finds the thread's row.
 *
 *      threads by their newest message, newest first      anchor ─┐
 *      ▸ thread, folded: one row, the thread's newest             │ before rows
 *      ▾ thread, unfolded: its tree, parents before replies     row
 *          ├ reply                                                │ after rows
 *          └ reply
 *
 * A view is a plain value of the thread that uses it; it holds no statement open between calls. Pages are
 * snapshots.
 */
#ifndef TERN_STORE_VIEW_H
#define TERN_STORE_VIEW_H

#include "store/store.h"

typedef struct StoreView StoreView;

/* A folder, by date. `threaded`: threads by their newest message in this folder. */
StoreView *store_view_new(int64_t folder_id, gboolean threaded);
void store_view_free(StoreView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreView, store_view_free)

int64_t store_view_folder(const StoreView *view);
gboolean store_view_is_threaded(const StoreView *view);
void store_view_set_threaded(StoreView *view, gboolean threaded);

/* Which threads are unfolded; new views have all folded. */
void store_view_fold(StoreView *view, int64_t thread, gboolean folded);
void store_view_fold_all(StoreView *view, gboolean folded);
gboolean store_view_is_folded(const StoreView *view, int64_t thread);

/* A place in a view: the row of message `id`; `key` and `thread` say where to look when that is gone. */
typedef struct {
    int64_t key, id, thread;
} StoreAnchor;
#define STORE_ANCHOR_NEWEST ((StoreAnchor){INT64_MAX, 0, 0})
#define STORE_ANCHOR_OLDEST ((StoreAnchor){INT64_MIN, 0, 0})

typedef struct {
    StoreAnchor anchor;
    uint32_t flags; /* of the message shown in the row */
    int64_t date_s; /* its Date field, whatever that says, or else its arrival; sorted by it within limits */
    int64_t size_bytes;
    int attachments;     /* negative: not known */
    int thread_messages; /* in this folder; 1 when flat */
    int thread_unread;
    gboolean is_thread_row; /* the first row of a thread with more than one message, folded or not */
    gboolean is_folded;
    int depth; /* in the tree: 0 for a root */
    uint64_t
        tree_bits; /* bit n: at depth n a sibling follows further down (draw │), its own depth too; n < 64 */
    gboolean is_last_child;
    gboolean is_subject_repeated; /* equal to the parent's but for "Re:" */
    char *person; /* From's names, else addresses; in Sent and Drafts the recipients'; "" for none */
    char *subject;
    char **keywords; /* NULL-terminated, or NULL: none; $Forwarded is a flag here */
} StoreRow;

typedef struct {
    GPtrArray *rows;            /* StoreRow *, in the order of the list, with a free function */
    guint anchor_row;           /* where the anchor (or what is nearest) stands; 0 on an empty page */
    gboolean at_first, at_last; /* no row comes before, after */
} StorePage;
void store_page_free(StorePage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePage, store_page_free)

/* At most `before` rows above the anchor's and `after` below; fewer only at the ends. An empty page for a
 * folder that is empty or gone. NULL and STORE (see store_is_busy()). */
StorePage *store_view_page(StoreView *view, StoreReader *reader, StoreAnchor anchor, int before, int after,
                           GError **error);

/* The next (or previous) unread message after the anchor in the view's order, going into folded threads
 * (whose row stands before all that is in them); FALSE: none. */
gboolean store_view_next_unread(StoreView *view, StoreReader *reader, StoreAnchor anchor, gboolean backwards,
                                StoreAnchor *found_out, GError **error);

/* "3 of 1,204": of messages when flat, of threads when threaded; 0 on an empty view. *total_out may be
 * NULL. */
int64_t store_view_ordinal(StoreView *view, StoreReader *reader, StoreAnchor anchor, int64_t *total_out,
                           GError **error);
/* The place of the n-th from the newest (1: the newest; beyond the ends: the last there is); for jumping by
 * percent. */
gboolean store_view_nth(StoreView *view, StoreReader *reader, int64_t ordinal, StoreAnchor *found_out,
                        GError **error);

#endif
