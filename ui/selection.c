/* selection.c - see selection.h. */
#include "ui/selection.h"

static GHashTable *new_table(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

Selection *selection_new(gint64 folder_id)
{
    Selection *selection = g_new0(Selection, 1);

    selection->folder_id = folder_id;
    selection->ids = new_table();
    selection->threads = new_table();
    return selection;
}

static void put(GHashTable *table, gint64 key, gint64 value)
{
    g_hash_table_insert(table, g_memdup2(&key, sizeof key), g_memdup2(&value, sizeof value));
}

static GHashTable *copy_table(GHashTable *table)
{
    GHashTable *copy = new_table();
    GHashTableIter iter;
    void *key, *value;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &key, &value))
        put(copy, *(gint64 *)key, *(gint64 *)value);
    return copy;
}

Selection *selection_copy(const Selection *selection)
{
    Selection *copy = g_memdup2(selection, sizeof *selection);

    copy->ids = copy_table(selection->ids);
    copy->threads = copy_table(selection->threads);
    return copy;
}

void selection_free(Selection *selection)
{
    if (!selection)
        return;
    g_hash_table_unref(selection->ids);
    g_hash_table_unref(selection->threads);
    g_free(selection);
}

static void count_thread(Selection *selection, gint64 thread, gint64 by)
{
    const gint64 *counted = g_hash_table_lookup(selection->threads, &thread);
    gint64 n = (counted ? *counted : 0) + by;

    if (n > 0)
        put(selection->threads, thread, n);
    else
        g_hash_table_remove(selection->threads, &thread);
}

gboolean selection_set(Selection *selection, gint64 id, gint64 thread, gboolean is_in)
{
    const gint64 *listed_thread = g_hash_table_lookup(selection->ids, &id);
    gboolean is_listed = !is_in == !!selection->is_all;

    if (selection->is_all && id > selection->last_id)
        return !is_in;
    if (is_listed == (listed_thread != NULL))
        return TRUE;
    if (is_listed) {
        put(selection->ids, id, thread);
        count_thread(selection, thread, 1);
    } else {
        count_thread(selection, *listed_thread, -1);
        g_hash_table_remove(selection->ids, &id);
    }
    return TRUE;
}

void selection_clear(Selection *selection)
{
    selection->is_all = FALSE;
    g_hash_table_remove_all(selection->ids);
    g_hash_table_remove_all(selection->threads);
}

void selection_set_all(Selection *selection, gint64 last_id, int n)
{
    selection_clear(selection);
    selection->is_all = TRUE;
    selection->last_id = last_id;
    selection->n_all = n;
}

void selection_invert(Selection *selection, gint64 last_id, int n)
{
    selection->is_all = !selection->is_all;
    selection->last_id = last_id;
    selection->n_all = n;
}

gboolean selection_has(const Selection *selection, gint64 id)
{
    gboolean is_listed = g_hash_table_contains(selection->ids, &id);

    return selection->is_all ? id <= selection->last_id && !is_listed : is_listed;
}

int selection_count_thread(const Selection *selection, gint64 thread, int n)
{
    const gint64 *counted = g_hash_table_lookup(selection->threads, &thread);
    int listed = counted ? (int)*counted : 0;

    return selection->is_all ? MAX(n - listed, 0) : listed;
}

int selection_count(const Selection *selection)
{
    int listed = (int)g_hash_table_size(selection->ids);

    return selection->is_all ? MAX(selection->n_all - listed, 0) : listed;
}

/* ---- the list ---- */

static gboolean has_flags(StoreTxn *txn, gint64 folder_id, gint64 id, uint32_t flags, gboolean *has_out,
                          GError **error)
{
    StoreRowState state;
    int found = flags ? store_txn_state(txn, id, &state, error) : 1;

    *has_out = !flags || (found == 1 && state.folder_id == folder_id && (state.flags & flags) == flags);
    return found >= 0;
}

/* Ids in their order: the same set is the same list each time. */
static int compare_ids(const void *a, const void *b)
{
    gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;

    return first < second ? -1 : first > second;
}

static GArray *resolve_listed(const Selection *selection, StoreTxn *txn, uint32_t flags, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    GHashTableIter iter;
    void *key;
    gboolean has;

    g_hash_table_iter_init(&iter, selection->ids);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!has_flags(txn, selection->folder_id, *(gint64 *)key, flags, &has, error))
            return NULL;
        if (has)
            g_array_append_vals(ids, key, 1);
    }
    g_array_sort(ids, compare_ids);
    return g_steal_pointer(&ids);
}

/* Of all that were there, those that were not taken out. */
static void leave_out(const Selection *selection, GArray *ids)
{
    guint kept = 0;

    for (guint i = 0; i < ids->len; i++) {
        gint64 id = g_array_index(ids, gint64, i);
        if (!g_hash_table_contains(selection->ids, &id))
            g_array_index(ids, gint64, kept++) = id;
    }
    g_array_set_size(ids, kept);
}

GArray *selection_read(const Selection *selection, StoreReader *reader, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    GHashTableIter iter;
    void *key;

    if (selection->is_all) {
        if (!store_read_folder_ids(reader, selection->folder_id, selection->last_id, ids, error))
            return NULL;
        leave_out(selection, ids);
        return g_steal_pointer(&ids);
    }
    g_hash_table_iter_init(&iter, selection->ids);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_array_append_vals(ids, key, 1);
    return g_steal_pointer(&ids);
}

GArray *selection_resolve(const Selection *selection, StoreTxn *txn, uint32_t flags, GError **error)
{
    if (!selection->is_all)
        return resolve_listed(selection, txn, flags, error);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

    if (!store_txn_folder_ids(txn, selection->folder_id, selection->last_id, flags, ids, error))
        return NULL;
    leave_out(selection, ids);
    return g_steal_pointer(&ids);
}
