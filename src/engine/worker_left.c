/* worker_left.c - see worker_private.h. Asking about folders that were open meanwhile: left.h tells why. */
#include "engine/link.h"
#include "engine/worker_private.h"
#include "imap/select.h"

/* Each STATUS costs the server an open folder. */
#define MOST_AT_ONCE 200

/* raw name -> StoreFolder, of the account's; NULL: the store cannot be read. */
static GHashTable *read_by_raw_name(const Worker *worker)
{
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), NULL);

    if (!folders)
        return NULL;
    GHashTable *index =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)store_folder_free);
    g_ptr_array_set_free_func(folders, NULL);
    for (guint i = 0; i < folders->len; i++) {
        StoreFolder *folder = g_ptr_array_index(folders, i);
        g_hash_table_replace(index, folder->raw_name, folder);
    }
    return index;
}

static void take_answer(Worker *worker, const GHashTable *folders, const ImapFolder *told)
{
    const StoreFolder *folder = g_hash_table_lookup((GHashTable *)folders, told->raw_name);
    const gboolean is_changed = folder && told->has_status && !sync_imap_is_unchanged(folder, told);

    left_answered(worker->hearing.left, told->raw_name, is_changed, clock_now_us());
    if (is_changed)
        hearing_told(&worker->hearing, told);
}

gboolean worker_ask_about_left(Worker *worker, GError **error)
{
    Left *left = worker->hearing.left;
    const char *selected = imap_session_selected(worker->session);

    if (!worker->is_notified) /* what nobody tells of is polled */
        left_clear(left);
    g_autoptr(GPtrArray) due = left_take_due(left, selected, MOST_AT_ONCE, clock_now_us());
    if (!due->len)
        return TRUE;
    if (!imap_status(worker->session, (ImapFolder *const *)due->pdata, due->len, error))
        return FALSE;
    g_autoptr(GHashTable) folders = read_by_raw_name(worker);
    for (guint i = 0; folders && i < due->len; i++)
        take_answer(worker, folders, g_ptr_array_index(due, i));
    return TRUE;
}

int64_t worker_left_due_us(const Worker *worker)
{
    return left_due_us(worker->hearing.left, imap_session_selected(worker->session));
}
