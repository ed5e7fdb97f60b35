/* mail_job.c - commands for messages as the writer does them; see mail_private.h. */
#include "ui/mail_private.h"

#include "store/change.h"

static const StoreEach EACH[] = {
    [MAIL_FLAGS] = STORE_EACH_FLAGS,       [MAIL_TAGS] = STORE_EACH_KEYWORDS,
    [MAIL_MOVE] = STORE_EACH_MOVE,         [MAIL_COPY] = STORE_EACH_COPY,
    [MAIL_ARCHIVE] = STORE_EACH_ARCHIVE,   [MAIL_DELETE] = STORE_EACH_DELETE,
    [MAIL_UNDELETE] = STORE_EACH_UNDELETE, [MAIL_JUNK] = STORE_EACH_JUNK,
    [MAIL_NOT_JUNK] = STORE_EACH_NOT_JUNK, [MAIL_EXPUNGE] = STORE_EACH_EXPUNGE,
};

/* "-old", "+new", as the store takes them; to be freed. */
static char **signed_tags(const MailJob *job)
{
    g_autoptr(GStrvBuilder) tags = g_strv_builder_new();

    for (guint i = 0; job->untags && job->untags[i]; i++) {
        g_autofree char *tag = g_strconcat("-", job->untags[i], NULL);
        g_strv_builder_add(tags, tag);
    }
    for (guint i = 0; job->tags && job->tags[i]; i++) {
        g_autofree char *tag = g_strconcat("+", job->tags[i], NULL);
        g_strv_builder_add(tags, tag);
    }
    return g_strv_builder_end(tags);
}

gboolean mail_job_run(StoreTxn *txn, void *data, GError **error)
{
    MailJob *job = data;

    if (!store_change_begin(txn, job->kind, job->name, error))
        return FALSE;
    if (job->is_quiet)
        store_change_aside(txn);
    if (job->verb == MAIL_READ_ALL)
        return store_change_read_all(txn, job->targets->folder_id, error);
    g_autoptr(GArray) ids = selection_resolve(job->targets, txn, job->only, error);
    if (!ids)
        return FALSE;
    g_auto(GStrv) tags = signed_tags(job);
    const StoreEachChange change = {.what = EACH[job->verb],
                                    .set = job->set,
                                    .clear = job->clear,
                                    .folder = job->folder_id,
                                    .keywords = (const char *const *)tags};
    job->n = (int)ids->len;
    return store_change_each(txn, &change, (const int64_t *)(const void *)ids->data, ids->len, error);
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
