/* sync_folders.c - see sync_imap.h. The folder list: LIST into the store. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/across.h"
#include "engine/roles.h"
#include "engine/sync_imap.h"
#include "imap/select.h"

/* New folders that are opened to learn whether they are known ones, renamed: each costs a round trip. */
#define MOST_RENAMED 100
/* Lists that are asked for anew, since another connection's was written meanwhile. */
#define MOST_ROUNDS 3
/* Of the folders that the store takes in all, an account leaves so many (half of what is left, where that is
 * fewer) to others, to folders that are to be made, and to those whose rows are still being deleted. */
#define LEFT_TO_OTHERS 691

typedef struct {
    const ConfigAccount *account;
    GPtrArray *folders;  /* ImapFolder * */
    const GArray *saved; /* StoreSaved; NULL: none */
    Team *team;          /* NULL: it counts whatever others have brought */
    guint since;         /* team_lists() before the list was asked for */
    gboolean has_labels, is_overtaken;
    gboolean is_partial; /* others may be there */
    int taken_back, lost;
} FolderJob;

/* For folders that are still to be made, and for a start with another configuration (roles_apply.c). */
static gboolean write_roles(StoreTxn *txn, const FolderJob *job, int64_t account_id, GError **error)
{
    const char *told[IMAP_ROLE_FLAGGED + 1] = {NULL};

    for (guint i = 0; i < job->folders->len; i++) {
        const ImapFolder *folder = g_ptr_array_index(job->folders, i);
        if (folder->space == IMAP_PERSONAL && !told[folder->told_role])
            told[folder->told_role] = folder->raw_name;
    }
    told[IMAP_ROLE_NONE] = ""; /* it was asked */
    for (ImapRole role = IMAP_ROLE_NONE; role < G_N_ELEMENTS(told); role++)
        if ((role > IMAP_ROLE_INBOX &&
             !store_txn_set_role_name(txn, account_id, role_in_store(role),
                                      role_configured(job->account, role), error)) ||
            !store_txn_set_told_role(txn, account_id, role_in_store(role), told[role], error))
            return FALSE;
    return TRUE;
}

static gboolean write_folders(StoreTxn *txn, void *data, GError **error)
{
    static const StoreSpace SPACES[] = {[IMAP_PERSONAL] = STORE_SPACE_OWN,
                                        [IMAP_OTHER_USERS] = STORE_SPACE_OTHERS,
                                        [IMAP_SHARED] = STORE_SPACE_SHARED};
    FolderJob *job = data;
    int64_t account_id;

    job->is_overtaken = job->team && !team_list_counts(job->team, &job->since);
    if (job->is_overtaken)
        return TRUE;
    if (!store_txn_account(txn, job->account->id, &account_id, error) ||
        !store_txn_set_labels(txn, account_id, job->has_labels, error) ||
        !write_roles(txn, job, account_id, error))
        return FALSE;
    g_autofree StoreListed *listed = g_new0(StoreListed, job->folders->len + 1);
    for (guint i = 0; i < job->folders->len; i++) {
        const ImapFolder *folder = g_ptr_array_index(job->folders, i);
        listed[i] = (StoreListed){.name = folder->name,
                                  .raw_name = folder->raw_name,
                                  .delimiter = folder->delimiter,
                                  .role = role_in_store(folder->role),
                                  .space = SPACES[folder->space],
                                  .selectable = folder->selectable,
                                  .subscribed = folder->subscribed,
                                  .has_status = folder->has_status,
                                  .messages = folder->messages,
                                  .unseen = folder->unseen,
                                  .mailbox_id = folder->mailbox_id};
    }
    store_txn_save(txn, job->saved);
    const gboolean ok = job->is_partial
                            ? store_txn_folders_seen(txn, account_id, listed, job->folders->len, error)
                            : store_txn_folders(txn, account_id, listed, job->folders->len, error);
    store_txn_save(txn, NULL);
    job->taken_back = store_txn_taken_back(txn);
    job->lost = store_txn_lost(txn);
    return ok;
}

static void tell_taken_back(int n, SyncTellFunc tell, void *data)
{
    g_autofree char *sentence =
        g_strdup_printf(ngettext_("taken back, since the folder is not there any more: %d change",
                                  "taken back, since the folder is not there any more: %d changes", n),
                        n);

    tell(sentence, data);
}

static void tell_lost(int n, SyncTellFunc tell, void *data)
{
    g_autofree char *sentence = g_strdup_printf(
        ngettext_(
            "somebody has deleted a folder with %d message that was to be moved or copied out of it: it is "
            "gone",
            "somebody has deleted a folder with %d messages that were to be moved or copied out of it: they "
            "are gone",
            n),
        n);

    tell(sentence, data);
}

static gboolean write_list(Store *store, FolderJob *job, SyncTellFunc tell, void *data, GError **error)
{
    const gboolean is_durable = job->saved && job->saved->len;

    if (!store_run(store, is_durable ? STORE_LANE_USER : STORE_LANE_BULK, is_durable, write_folders, job,
                   error))
        return FALSE;
    if (job->taken_back && tell)
        tell_taken_back(job->taken_back, tell, data);
    if (job->lost && tell)
        tell_lost(job->lost, tell, data);
    return TRUE;
}

gboolean sync_write_folders(Store *store, const ConfigAccount *account, GPtrArray *folders, SyncTellFunc tell,
                            void *data, GError **error)
{
    FolderJob job = {.account = account, .folders = folders};

    return write_list(store, &job, tell, data, error);
}

/* ---- what is on its way out of folders that are gone ---- */

/* Numbers of known folders that are not in the list, which may be since they have another name. NULL and
 * STORE. */
static GHashTable *numbers_gone(SyncImap *sync, const GPtrArray *listed, GError **error)
{
    g_autoptr(GPtrArray) known = store_read_folders(sync->reader, sync->account, error);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *gone = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

    for (guint i = 0; i < listed->len; i++)
        g_hash_table_add(names, ((ImapFolder *)g_ptr_array_index(listed, i))->raw_name);
    for (guint i = 0; known && i < known->len; i++) {
        const StoreFolder *folder = g_ptr_array_index(known, i);
        if (!g_hash_table_contains(names, folder->raw_name))
            g_hash_table_add(gone, g_memdup2(&folder->id, sizeof folder->id));
    }
    if (!known)
        g_clear_pointer(&gone, g_hash_table_unref);
    return gone;
}

/* The list into the store, once what would go with it is safe. */
static gboolean take_list(SyncImap *sync, FolderJob *job, GError **error)
{
    g_autoptr(GHashTable) gone = NULL;
    g_autoptr(GArray) saved = NULL;
    int64_t unsettled;

    if (!store_read_journal_count(sync->reader, &unsettled, error) ||
        (unsettled && !(gone = numbers_gone(sync, job->folders, error))))
        return FALSE;
    if (gone && g_hash_table_size(gone)) {
        g_autoptr(Across) across = across_new(sync->accounts, sync->paths, sync->store, sync->reader,
                                              ACROSS_LOCK_WAIT_US, sync->cancel);
        if (!(saved = across_save(across, sync->paths, sync->reader, gone, error)))
            return FALSE;
    }
    job->saved = saved;
    const gboolean ok = write_list(sync->store, job, sync->refused, sync->data, error);
    job->saved = NULL;
    return ok;
}

/* ---- folders that another client has renamed (RFC 8474) ---- */

/* The ids of known folders that are not in the list any more; names in the list that are not known, in
 * `fresh`. NULL and STORE. */
static GHashTable *ids_gone(SyncImap *sync, const GPtrArray *listed, GPtrArray *fresh, GError **error)
{
    g_autoptr(GPtrArray) known = store_read_folders(sync->reader, sync->account, error);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < listed->len; i++)
        g_hash_table_add(names, ((ImapFolder *)g_ptr_array_index(listed, i))->raw_name);
    for (guint i = 0; known && i < known->len; i++) {
        const StoreFolder *folder = g_ptr_array_index(known, i);
        if (!g_hash_table_remove(names, folder->raw_name) && folder->mailbox_id)
            g_hash_table_add(ids, g_strdup(folder->mailbox_id));
    }
    for (guint i = 0; i < listed->len; i++) {
        ImapFolder *folder = g_ptr_array_index(listed, i);
        if (folder->selectable && g_hash_table_contains(names, folder->raw_name))
            g_ptr_array_add(fresh, folder);
    }
    if (!known)
        g_clear_pointer(&ids, g_hash_table_unref);
    return ids;
}

/* What a folder of a new name is called. Not by STATUS (imap/status.c). One that cannot be opened is new. */
static gboolean learn_mailbox_id(const SyncImap *sync, ImapFolder *folder, GHashTable *wanted, GError **error)
{
    ImapSelected selected;
    GError *failed = NULL;

    if (imap_select(sync->session, folder->raw_name, TRUE, &selected, &failed)) {
        if (g_hash_table_remove(wanted, selected.mailbox_id))
            folder->mailbox_id = g_strdup(selected.mailbox_id);
        return TRUE;
    }
    if (imap_session_is_alive(sync->session)) {
        g_clear_error(&failed);
        return TRUE;
    }
    g_propagate_error(error, failed);
    return FALSE;
}

static gboolean find_renamed(SyncImap *sync, const GPtrArray *listed, GError **error)
{
    g_autoptr(GPtrArray) fresh = g_ptr_array_new();

    if (!imap_session_can(sync->session, IMAP_CAN_OBJECTID))
        return TRUE;
    g_autoptr(GHashTable) wanted = ids_gone(sync, listed, fresh, error);
    if (!wanted)
        return FALSE;
    if (!fresh->len || !g_hash_table_size(wanted))
        return TRUE;
    for (guint i = 0; i < MIN(fresh->len, MOST_RENAMED) && g_hash_table_size(wanted); i++)
        if (!learn_mailbox_id(sync, fresh->pdata[i], wanted, error))
            return FALSE;
    /* So that what the list told of the last one counts: of a folder that is open it may be old. */
    return imap_unselect(sync->session, error);
}

/* What a person misses most, first: the Inbox, folders that have a role, those that are subscribed to. */
static int by_weight(const void *a, const void *b)
{
    const ImapFolder *folders[] = {*(const ImapFolder *const *)a, *(const ImapFolder *const *)b};
    int weight[2];

    for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
        weight[i] = folders[i]->role == IMAP_ROLE_INBOX  ? 3
                    : folders[i]->role != IMAP_ROLE_NONE ? 2
                    : folders[i]->subscribed             ? 1
                                                         : 0;
    return weight[1] - weight[0];
}

/* More than the store takes are cut; of those that weigh the same the server's first stay. */
static gboolean keep_most(const SyncImap *sync, GPtrArray *folders, gboolean *is_cut, GError **error)
{
    int64_t room;

    if (!store_read_folder_room(sync->reader, sync->account, &room, error))
        return FALSE;
    room = MAX(room - MIN(LEFT_TO_OTHERS, room / 2), 1);
    if (folders->len <= room)
        return TRUE;
    g_ptr_array_sort(folders, by_weight); /* stable */
    g_ptr_array_set_size(folders, (gint)room);
    *is_cut = TRUE;
    return TRUE;
}

GPtrArray *sync_imap_folders(SyncImap *sync, gboolean *is_cut_out, GError **error)
{
    for (int round = 1;; round++) {
        FolderJob job = {.account = sync->config,
                         .team = round < MOST_ROUNDS ? sync->team : NULL,
                         .since = team_lists(sync->team),
                         .has_labels = imap_session_can(sync->session, IMAP_CAN_GMAIL)};
        ImapListGaps gaps;
        g_autoptr(GPtrArray) folders = imap_list(sync->session, &gaps, error);
        if (!folders)
            return NULL;
        *is_cut_out = gaps.has_more;
        job.is_partial = gaps.has_odd;
        roles_assign(folders, sync->config);
        job.folders = folders;
        if (!keep_most(sync, folders, is_cut_out, error) || !find_renamed(sync, folders, error) ||
            !take_list(sync, &job, error))
            return NULL;
        if (!job.is_overtaken)
            return g_steal_pointer(&folders);
    }
}
