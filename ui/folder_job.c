/* folder_job.c - see folder_job.h. */
#include "ui/folder_job.h"

#include "store/change.h"

static const StoreChangeKind KINDS[] = {
    [FOLDER_CREATE] = STORE_CHANGE_CREATE,        [FOLDER_RENAME] = STORE_CHANGE_RENAME,
    [FOLDER_DELETE] = STORE_CHANGE_DELETE_FOLDER, [FOLDER_EMPTY] = STORE_CHANGE_EMPTY,
    [FOLDER_SUBSCRIBE] = STORE_CHANGE_SUBSCRIBE,  [FOLDER_UNSUBSCRIBE] = STORE_CHANGE_UNSUBSCRIBE,
};

static gboolean create(StoreTxn *txn, const FolderJob *job, GError **error)
{
    int64_t account, made;

    return store_txn_account(txn, job->account, &account, error) &&
           store_change_create_folder(txn, account, job->name, STORE_ROLE_NONE, &made, error);
}

gboolean folder_job_run(StoreTxn *txn, void *data, GError **error)
{
    const FolderJob *job = data;

    if (!store_change_begin(txn, KINDS[job->verb], job->name, error))
        return FALSE;
    switch (job->verb) {
    case FOLDER_CREATE:
        return create(txn, job, error);
    case FOLDER_RENAME:
        return store_change_rename_folder(txn, job->folder_id, job->name, error);
    case FOLDER_DELETE:
        return store_change_delete_folder(txn, job->folder_id, error);
    case FOLDER_EMPTY:
        return store_change_empty(txn, job->folder_id, error);
    case FOLDER_SUBSCRIBE:
    case FOLDER_UNSUBSCRIBE:
        return store_change_subscribe(txn, job->folder_id, job->verb == FOLDER_SUBSCRIBE, error);
    }
    return TRUE;
}

void folder_job_free(void *data)
{
    FolderJob *job = data;

    g_free(job->account);
    g_free(job->name);
    g_free(job);
}
