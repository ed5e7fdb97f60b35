/* mailbox.c - see mailbox.h. */
#include "engine/mailbox.h"

#include "base/i18n.h"
#include "engine/way.h"
#include "store/read.h"
#include "store/writer.h"

#include <string.h>

char *mailbox_name(const ConfigAccount *account)
{
    const ConfigServer *server = &account->incoming;
    const char *user = way_user(account, server);
    g_autofree char *host = g_ascii_strdown(server->host ? server->host : "", -1);

    if (g_str_has_suffix(host, "."))
        host[strlen(host) - 1] = '\0';
    return g_strdup_printf("%s@%s", user ? user : "", host);
}

typedef struct {
    const char *account, *mailbox;
    StoreOtherMailbox other;
} Job;

static gboolean set_mailbox(StoreTxn *txn, void *data, GError **error)
{
    Job *job = data;

    g_clear_pointer(&job->other.was, g_free); /* of a try that was rolled back */
    return store_txn_set_mailbox(txn, job->account, job->mailbox, &job->other, error);
}

static char *describe(const Job *job)
{
    const int dropped = job->other.dropped;
    g_autofree char *changes =
        dropped
            ? g_strdup_printf(ngettext_("; %d change that waited for the other one was dropped",
                                        "; %d changes that waited for the other one were dropped", dropped),
                              dropped)
            : g_strdup("");

    return g_strdup_printf(_("“%s” is the mailbox %s now, and was %s before: its folders are read anew%s"),
                           job->account, job->mailbox, job->other.was, changes);
}

gboolean mailbox_check(const ConfigAccount *account, Store *store, StoreReader *reader, char **told_out,
                       GError **error)
{
    g_autofree char *mailbox = mailbox_name(account);
    Job job = {.account = account->id, .mailbox = mailbox};
    GError *failed = NULL;

    *told_out = NULL;
    g_autofree char *known = store_read_mailbox(reader, account->id, &failed);
    if (!failed && g_strcmp0(known, mailbox) != 0)
        store_run(store, STORE_LANE_USER, TRUE, set_mailbox, &job, &failed);
    if (!failed && job.other.was)
        *told_out = describe(&job);
    g_free(job.other.was);
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}
