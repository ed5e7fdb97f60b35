/* view.c - see view.h: views as values, and places in them. */
#include "store/view.h"

#include "store/bucket.h"
#include "store/key.h"
#include "store/view_private.h"

StoreView *store_view_new(int64_t folder_id, gboolean threaded)
{
    StoreView *view = g_new0(StoreView, 1);

    view->folder = folder_id;
    view->is_threaded = threaded;
    view->is_all_folded = TRUE;
    view->exceptions = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return view;
}

void store_view_free(StoreView *view)
{
    if (!view)
        return;
    g_hash_table_unref(view->exceptions);
    g_free(view);
}

int64_t store_view_folder(const StoreView *view)
{
    return view->folder;
}

gboolean store_view_is_threaded(const StoreView *view)
{
    return view->is_threaded;
}

void store_view_set_threaded(StoreView *view, gboolean threaded)
{
    view->is_threaded = threaded;
}

void store_view_fold(StoreView *view, int64_t thread, gboolean folded)
{
    if (!folded == !view->is_all_folded)
        g_hash_table_remove(view->exceptions, &thread);
    else
        g_hash_table_add(view->exceptions, g_memdup2(&thread, sizeof thread));
}

void store_view_fold_all(StoreView *view, gboolean folded)
{
    view->is_all_folded = folded != FALSE;
    g_hash_table_remove_all(view->exceptions);
}

gboolean store_view_is_folded(const StoreView *view, int64_t thread)
{
    return view->is_all_folded != g_hash_table_contains(view->exceptions, &thread);
}

/* The thread's newest message in the folder, when there is one: key and number of messages. A thread that
 * lost to another is looked for there. 1, 0, -1. */
static int find_top(StoreView *view, StoreReader *reader, int64_t *thread, int64_t top[2], GError **error)
{
    int64_t winner[1];
    int found;

    while ((found = STORE_GET(reader->db, SQL_MERGED_GET, error, winner, *thread)) == 1)
        *thread = winner[0];
    if (found < 0)
        return -1;
    return store_db_get(reader->db,
                        STORE_START(reader->db, SQL_THREAD_TOP, error, *thread,
                                    key_folder_first(view->folder), key_folder_last(view->folder)),
                        2, top, error);
}

gboolean view_place(StoreView *view, StoreReader *reader, StoreAnchor anchor, Place *place, GError **error)
{
    int64_t row[3], top[2];
    int found = anchor.id ? STORE_GET(reader->db, SQL_ROW_PLACE, error, row, anchor.id) : 0;

    if (found < 0)
        return FALSE;
    *place = (Place){.key = CLAMP(anchor.key, key_folder_first(view->folder), key_folder_last(view->folder)),
                     .thread = anchor.thread};
    place->message_key = place->key;
    if (found && row[1] == view->folder) {
        place->key = place->message_key = row[0];
        place->thread = row[2];
        place->id = anchor.id;
    }
    if (!view->is_threaded || !place->thread)
        return TRUE;
    found = find_top(view, reader, &place->thread, top, error);
    if (found == 1) {
        place->key = top[0];
        place->top = top[1];
    } else {
        place->thread = 0;
    }
    return found >= 0;
}

guint view_tree_position(const Tree *tree, const Place *place)
{
    int best = -1;
    guint position = 0;

    for (guint i = 0; i < tree->n; i++) {
        int node = (int)tree->order[i];
        if (tree->nodes[node].id == place->id)
            return i;
        if (tree->nodes[node].key <= place->message_key && node > best) {
            best = node;
            position = i;
        }
    }
    return position;
}

static gboolean read_total(StoreView *view, StoreReader *reader, int64_t *total_out, GError **error)
{
    int64_t counts[3];
    int found = STORE_GET(reader->db, SQL_FOLDER_COUNTS, error, counts, view->folder);

    *total_out = found == 1 ? counts[view->is_threaded ? 2 : 0] : 0;
    return found >= 0;
}

int64_t store_view_ordinal(StoreView *view, StoreReader *reader, StoreAnchor anchor, int64_t *total_out,
                           GError **error)
{
    int64_t total = 0, above = -1;
    Place place;

    if (!reader_begin(reader, error))
        return 0;
    if (read_total(view, reader, &total, error) && view_place(view, reader, anchor, &place, error))
        above = bucket_count_above(reader->db, view->folder, place.key, view->is_threaded, error);
    reader_end(reader);
    if (total_out)
        *total_out = total;
    /* Where the row is gone this is the next older one's place, or the last. */
    return above < 0 ? 0 : MIN(above + 1, total);
}

gboolean store_view_nth(StoreView *view, StoreReader *reader, int64_t ordinal, StoreAnchor *found_out,
                        GError **error)
{
    int64_t total, row[3];
    int found = 0;

    if (!reader_begin(reader, error))
        return FALSE;
    if (read_total(view, reader, &total, error) && total > 0)
        found = bucket_find_nth(reader->db, view->folder, CLAMP(ordinal, 1, total) - 1, view->is_threaded,
                                row, error);
    reader_end(reader);
    if (found == 1)
        *found_out = (StoreAnchor){row[0], row[1], row[2]};
    return found == 1;
}
