/* mail_job.c - commands for messages as the writer does them; see mail_private.h. */
#include "ui/mail_private.h"

#include "store/change.h"

typedef gboolean (*MailFunc)(StoreTxn *txn, const MailJob *job, gint64 id, GError **error);

static gboolean change_flags(StoreTxn *txn, const MailJob *job, gint64 id, GError **error)
{
    return store_change_flags(txn, id, job->set, job->clear, error);
}

static gboolean change_tags(StoreTxn *txn, const MailJob *job, gint64 id, GError **error)
{
    for (guint i = 0; job->untags && job->untags[i]; i++)
        if (!store_change_keyword(txn, id, job->untags[i], FALSE, error))
            return FALSE;
    for (guint i = 0; job->tags && job->tags[i]; i++)
        if (!store_change_keyword(txn, id, job->tags[i], TRUE, error))
            return FALSE;
    return TRUE;
}

static gboolean move(StoreTxn *txn, const MailJob *job, gint64 id, GError **error)
{
    return store_change_move(txn, id, job->folder_id, error);
}

static gboolean copy(StoreTxn *txn, const MailJob *job, gint64 id, GError **error)
{
    return store_change_copy(txn, id, job->folder_id, NULL, error);
}

static gboolean archive(StoreTxn *txn, G_GNUC_UNUSED const MailJob *job, gint64 id, GError **error)
{
    return store_change_archive(txn, id, error);
}

static gboolean delete (StoreTxn *txn, G_GNUC_UNUSED const MailJob *job, gint64 id, GError **error)
{
    return store_change_delete(txn, id, error);
}

static gboolean undelete(StoreTxn *txn, G_GNUC_UNUSED const MailJob *job, gint64 id, GError **error)
{
    return store_change_undelete(txn, id, error);
}

static gboolean junk(StoreTxn *txn, const MailJob *job, gint64 id, GError **error)
{
    return store_change_junk(txn, id, job->verb == MAIL_JUNK, error);
}

static gboolean expunge(StoreTxn *txn, G_GNUC_UNUSED const MailJob *job, gint64 id, GError **error)
{
    return store_change_expunge(txn, id, error);
}

static const MailFunc VERBS[] = {
    [MAIL_FLAGS] = change_flags, [MAIL_TAGS] = change_tags, [MAIL_MOVE] = move,         [MAIL_COPY] = copy,
    [MAIL_ARCHIVE] = archive,    [MAIL_DELETE] = delete,    [MAIL_UNDELETE] = undelete, [MAIL_JUNK] = junk,
    [MAIL_NOT_JUNK] = junk,      [MAIL_EXPUNGE] = expunge,
};

gboolean mail_job_run(StoreTxn *txn, void *data, GError **error)
{
    MailJob *job = data;

    store_change_begin(txn, job->kind, job->name);
    if (job->is_quiet)
        store_change_aside(txn);
    if (job->verb == MAIL_READ_ALL)
        return store_change_read_all(txn, job->targets->folder_id, error);
    g_autoptr(GArray) ids = selection_resolve(job->targets, txn, job->only, error);
    if (!ids)
        return FALSE;
    job->n = (int)ids->len;
    for (guint i = 0; i < ids->len; i++)
        if (!VERBS[job->verb](txn, job, g_array_index(ids, gint64, i), error))
            return FALSE;
    return TRUE;
}

void mail_job_free(void *data)
{
    MailJob *job = data;

    selection_free(job->targets);
    g_strfreev(job->tags);
    g_strfreev(job->untags);
    g_free(job->name);
    g_free(job);
}
