/* mail_job.c - commands for messages as the writer does them; see mail_private.h. */
#include "ui/mail_private.h"

#include "store/change.h"

static gboolean change_flags(StoreTxn *txn, MailJob *job, const GArray *ids, GError **error)
{
    for (guint i = 0; i < ids->len; i++)
        if (!store_change_flags(txn, g_array_index(ids, gint64, i), job->set, job->clear, error))
            return FALSE;
    return TRUE;
}

static gboolean (*const VERBS[])(StoreTxn *txn, MailJob *job, const GArray *ids, GError **error) = {
    [MAIL_FLAGS] = change_flags,
};

gboolean mail_job_run(StoreTxn *txn, void *data, GError **error)
{
    MailJob *job = data;
    g_autoptr(GArray) ids = selection_resolve(job->targets, txn, job->only, error);

    if (!ids)
        return FALSE;
    job->n = (int)ids->len;
    return VERBS[job->verb](txn, job, ids, error);
}

void mail_job_free(void *data)
{
    MailJob *job = data;

    selection_free(job->targets);
    g_free(job);
}
