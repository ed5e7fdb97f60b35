/*
 * worker_access.c - see worker_private.h. What the server lets one do in folders (ACL, RFC 4314), and how
 * full the mailbox is (QUOTA, RFC 9208): asked when the account is looked at anyway, and kept in the store,
 * so that a key can say at once why it does nothing.
 */
#include "base/error.h"
#include "engine/link.h"
#include "engine/worker_private.h"
#include "imap/access.h"

#include <string.h>

/* Folders whose rights are asked for at once; one's own beyond that are taken for one's own. */
#define MOST_FOLDERS 1000

/* ---- rights ---- */

static guint as_stored(guint rights)
{
    static const struct {
        guint needs; /* all of them, by IMAP */
        StoreRight gives;
    } RIGHTS[] = {
        {IMAP_MAY_READ, STORE_MAY_READ},
        {IMAP_MAY_KEEP_SEEN, STORE_MAY_MARK_SEEN},
        {IMAP_MAY_SET_FLAGS, STORE_MAY_FLAG},
        {IMAP_MAY_INSERT, STORE_MAY_INSERT},
        {IMAP_MAY_DELETE | IMAP_MAY_EXPUNGE, STORE_MAY_DELETE},
        {IMAP_MAY_CREATE, STORE_MAY_CREATE},
        {IMAP_MAY_DELETE_FOLDER, STORE_MAY_REMOVE},
    };
    guint stored = 0;

    for (guint i = 0; i < G_N_ELEMENTS(RIGHTS); i++)
        if ((rights & RIGHTS[i].needs) == RIGHTS[i].needs)
            stored |= RIGHTS[i].gives;
    return stored;
}

typedef struct {
    const GPtrArray *folders; /* StoreFolder * */
    const guint *rights;      /* ImapRight, of each */
} RightsJob;

static gboolean write_rights(StoreTxn *txn, void *data, GError **error)
{
    const RightsJob *job = data;

    for (guint i = 0; i < job->folders->len; i++) {
        const StoreFolder *folder = g_ptr_array_index(job->folders, i);
        if (!store_txn_set_rights(txn, folder->id, as_stored(job->rights[i]), error))
            return FALSE;
    }
    return TRUE;
}

/* Shared folders each time, since others may change what one may do there; one's own once a connection. */
static GPtrArray *folders_to_ask(const Worker *worker, const GPtrArray *all)
{
    GPtrArray *asked = g_ptr_array_new();

    for (guint i = 0; i < all->len && asked->len < MOST_FOLDERS; i++) {
        const StoreFolder *folder = g_ptr_array_index(all, i);
        if (folder->selectable && (folder->space != STORE_SPACE_OWN || !worker->knows_rights))
            g_ptr_array_add(asked, (StoreFolder *)folder);
    }
    return asked;
}

static gboolean has_changed(const GPtrArray *folders, const guint *rights)
{
    for (guint i = 0; i < folders->len; i++)
        if (((const StoreFolder *)g_ptr_array_index(folders, i))->rights != as_stored(rights[i]))
            return TRUE;
    return FALSE;
}

static gboolean learn_rights(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GPtrArray) all = store_read_folders(worker->reader, worker_account(worker), error);

    if (!all)
        return FALSE;
    g_autoptr(GPtrArray) asked = folders_to_ask(worker, all);
    g_autofree const char **names = g_new(const char *, asked->len + 1);
    g_autofree guint *rights = g_new(guint, asked->len + 1);
    for (guint i = 0; i < asked->len; i++) {
        names[i] = ((const StoreFolder *)g_ptr_array_index(asked, i))->raw_name;
        rights[i] = IMAP_MAY_ALL; /* where the server does not say it */
    }
    if (!imap_my_rights_of(worker->session, names, asked->len, rights, error))
        return FALSE;
    worker->knows_rights = TRUE;
    RightsJob job = {asked, rights};
    return !has_changed(asked, rights) ||
           store_run(worker->context.store, STORE_LANE_BULK, FALSE, write_rights, &job, error);
}

/* ---- quota ---- */

typedef struct {
    const char *account;
    StoreQuota quota;
} QuotaJob;

static gboolean write_quota(StoreTxn *txn, void *data, GError **error)
{
    const QuotaJob *job = data;
    int64_t account_id;

    return store_txn_account(txn, job->account, &account_id, error) &&
           store_txn_set_quota(txn, account_id, &job->quota, error);
}

/* Of several limits on the room for mail the one that is nearest. */
static StoreQuota tightest(const GPtrArray *quotas)
{
    StoreQuota tightest = {0, 0};

    for (guint i = 0; i < quotas->len; i++) {
        const ImapQuota *quota = g_ptr_array_index(quotas, i);
        if (strcmp(quota->resource, "STORAGE") != 0 || !quota->limit)
            continue;
        if (!tightest.limit_bytes || (double)quota->used * (double)tightest.limit_bytes >
                                         (double)tightest.used_bytes * (double)quota->limit)
            tightest = (StoreQuota){(int64_t)quota->used, (int64_t)quota->limit};
    }
    return tightest;
}

static gboolean learn_quota(Running *running, GError **error)
{
    Worker *worker = running->worker;
    StoreQuota before;
    GError *failed = NULL;
    g_autoptr(GPtrArray) quotas = imap_quota(worker->session, "INBOX", &failed);

    if (!quotas) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    QuotaJob job = {worker_account(worker), tightest(quotas)};
    if (!store_read_quota(worker->reader, job.account, &before, error))
        return FALSE;
    return (before.used_bytes == job.quota.used_bytes && before.limit_bytes == job.quota.limit_bytes) ||
           store_run(worker->context.store, STORE_LANE_BULK, FALSE, write_quota, &job, error);
}

gboolean worker_learn_access(Running *running, GError **error)
{
    static const struct {
        ImapCapability capability;
        TaskFunc learn;
    } THINGS[] = {{IMAP_CAN_ACL, learn_rights}, {IMAP_CAN_QUOTA, learn_quota}};

    for (guint i = 0; i < G_N_ELEMENTS(THINGS); i++) {
        g_autoptr(GError) failed = NULL;
        if (!imap_session_can(running->worker->session, THINGS[i].capability) ||
            THINGS[i].learn(running, &failed) || link_survives(failed)) /* a server that refuses has none */
            continue;
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    return TRUE;
}
