/* sync_structures.c - see sync_imap.h. How many attachments messages have. */
#include "engine/sync_imap.h"
#include "imap/fetch.h"
#include "imap/select.h"

typedef struct {
    GArray *wanted; /* StoreUid, ascending */
    GArray *found;  /* StoreUid: id, and the number of attachments, or STORE_NO_STRUCTURE, in `flags` */
} Structures;

static gint by_uid(gconstpointer a, gconstpointer b)
{
    const StoreUid *one = a, *other = b;

    return one->uid < other->uid ? -1 : one->uid > other->uid;
}

static gboolean take_structure(const ImapFetched *message, void *data, GError **error)
{
    Structures *structures = data;
    const StoreUid wanted = {.uid = message->uid};
    guint at;

    (void)error;
    if (message->has_attachments_count && g_array_binary_search(structures->wanted, &wanted, by_uid, &at)) {
        const StoreUid found = {message->uid, (uint32_t)message->attachments,
                                g_array_index(structures->wanted, StoreUid, at).id};
        g_array_append_val(structures->found, found);
    }
    return TRUE;
}

static gboolean write_structures(StoreTxn *txn, void *data, GError **error)
{
    const GArray *found = data;

    for (guint i = 0; i < found->len; i++) {
        const StoreUid *row = &g_array_index(found, StoreUid, i);
        if (!store_txn_set_attachments(txn, row->id, (int)row->flags, error))
            return FALSE;
    }
    return TRUE;
}

/* Those that an answer was to be of that could not be read: they are not asked for each time. */
static void give_up_rest(Structures *structures)
{
    for (guint i = 0; i < structures->wanted->len; i++) {
        const StoreUid *wanted = &g_array_index(structures->wanted, StoreUid, i);
        const StoreUid none = {wanted->uid, (uint32_t)STORE_NO_STRUCTURE, wanted->id};
        gboolean is_found = FALSE;

        for (guint k = 0; k < structures->found->len && !is_found; k++)
            is_found = g_array_index(structures->found, StoreUid, k).id == wanted->id;
        if (!is_found)
            g_array_append_val(structures->found, none);
    }
}

gboolean sync_imap_structures(SyncImap *sync, const StoreFolder *folder, int limit, int *done_out,
                              GError **error)
{
    g_autoptr(GArray) wanted = store_read_unstructured(sync->reader, folder->id, limit, error);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(StoreUid));
    g_autoptr(GString) set = g_string_new(NULL);

    *done_out = 0;
    if (!wanted)
        return FALSE;
    if (!wanted->len)
        return TRUE;
    if (!sync_imap_select(sync, folder, error))
        return FALSE;
    g_array_sort(wanted, by_uid);
    for (guint i = 0; i < wanted->len; i++)
        g_string_append_printf(set, "%s%u", i ? "," : "", g_array_index(wanted, StoreUid, i).uid);
    Structures structures = {wanted, found};
    const guint skipped = imap_session_skipped(sync->session);
    if (!imap_fetch(sync->session, TRUE, set->str, IMAP_FETCH_STRUCTURE, take_structure, &structures, error))
        return FALSE;
    if (imap_session_skipped(sync->session) != skipped)
        give_up_rest(&structures);
    *done_out = (int)found->len;
    return !found->len || store_run(sync->store, STORE_LANE_BULK, FALSE, write_structures, found, error);
}
