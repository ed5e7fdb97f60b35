/* view_unread.c - the next unread message of a view, wherever it is: one seek in an index, and one thread's
 * tree. */
#include "store/key.h"
#include "store/view_private.h"

typedef struct {
    StoreView *view;
    StoreReader *reader;
    int64_t account;
    gboolean backwards;
} Search;

/* The first unread message of a tree from `position` on, in the direction of the search. */
static gboolean scan_tree(const Search *search, const Tree *tree, int position, StoreAnchor *found_out)
{
    int step = search->backwards ? -1 : 1;

    for (int i = position; i >= 0 && i < (int)tree->n; i += step) {
        const TreeNode *node = &tree->nodes[tree->order[i]];
        if (!(node->flags & STORE_SEEN)) {
            *found_out = (StoreAnchor){node->key, node->id, tree->thread};
            return TRUE;
        }
    }
    return FALSE;
}

/* In the anchor's own thread. A folded one is one row, its newest message, which stands before all that is in
 * it. */
static int search_own(const Search *search, const Place *place, StoreAnchor *found_out, GError **error)
{
    if (!place->thread || place->top < 2)
        return 0;
    g_autoptr(Tree) tree =
        tree_load(search->reader, search->view->folder, search->account, place->thread, error);
    if (!tree)
        return -1;
    gboolean is_folded =
        store_view_is_folded(search->view, place->thread) && place->message_key == place->key;
    int position = is_folded ? -1 : (int)view_tree_position(tree, place);
    gboolean is_found = scan_tree(search, tree, position + (search->backwards ? -1 : 1), found_out);
    /* Not the row one stands on: without this, Tab on a folded thread whose newest is unread would stay
     * there. */
    if (is_found && is_folded && found_out->id == place->id)
        is_found = scan_tree(search, tree, (int)view_tree_position(tree, place) + 1, found_out);
    return is_found;
}

/* In the next thread that has some. */
static int search_threads(const Search *search, const Place *place, StoreAnchor *found_out, GError **error)
{
    int64_t row[3];
    int found = STORE_GET(search->reader->db, search->backwards ? SQL_UNREAD_TOP_UP : SQL_UNREAD_TOP_DOWN,
                          error, row, search->view->folder, place->key);

    if (found <= 0)
        return found;
    g_autoptr(Tree) tree = tree_load(search->reader, search->view->folder, search->account, row[2], error);
    if (!tree)
        return -1;
    return scan_tree(search, tree, search->backwards ? (int)tree->n - 1 : 0, found_out);
}

static int search_flat(const Search *search, const Place *place, StoreAnchor *found_out, GError **error)
{
    int64_t row[3];
    int found = STORE_GET(search->reader->db, search->backwards ? SQL_UNREAD_UP : SQL_UNREAD_DOWN, error, row,
                          search->view->folder, place->key);

    if (found == 1)
        *found_out = (StoreAnchor){row[0], row[1], row[2]};
    return found;
}

static int search_view(Search *search, StoreAnchor anchor, StoreAnchor *found_out, GError **error)
{
    StoreView *view = search->view;
    int64_t account[1];
    Place place;
    int found = STORE_GET(search->reader->db, SQL_FOLDER_ACCOUNT, error, account, view->folder);

    if (found <= 0 || !view_place(view, search->reader, anchor, &place, error))
        return -1;
    search->account = account[0];
    /* An end of the list is no row: what stands there is after it. */
    if (!anchor.id && !place.thread)
        place.key += anchor.key == INT64_MAX ? 1 : anchor.key == INT64_MIN ? -1 : 0;
    if (!view->is_threaded)
        return search_flat(search, &place, found_out, error);
    found = search_own(search, &place, found_out, error);
    return found ? found : search_threads(search, &place, found_out, error);
}

gboolean store_view_next_unread(StoreView *view, StoreReader *reader, StoreAnchor anchor, gboolean backwards,
                                StoreAnchor *found_out, GError **error)
{
    Search search = {.view = view, .reader = reader, .backwards = backwards};

    if (!reader_begin(reader, error))
        return FALSE;
    int found = search_view(&search, anchor, found_out, error);
    reader_end(reader);
    return found == 1;
}
