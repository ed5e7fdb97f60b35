/* change.c - see change.h. */
#include "cli/change.h"

#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/output.h"

typedef struct {
    StoreChangeKind kind;
    const char *name;
    StoreJobFunc run;
    void *data;
    StoreGroup *group; /* what it made; NULL: nothing */
} Change;

static gboolean run_change(StoreTxn *txn, void *data, GError **error)
{
    Change *change = data;
    GError *failed = NULL;

    if (!store_change_begin(txn, change->kind, change->name, error))
        return FALSE;
    store_change_as_command(txn);
    if (!change->run(txn, change->data, error))
        return FALSE;
    change->group = store_txn_group(txn, &failed);
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}

static void tell(const char *sentence, void *data)
{
    g_autofree char *safe = sanitise(sentence, -1, SANITISE_LINE);

    (void)data;
    cli_note("%s", safe);
}

int cli_play_here(CliSession *session)
{
    const CliContext *context = session->context;
    g_autoptr(GError) error = NULL;

    if (engine_play_here(context->config, session->store, context->paths, tell, NULL, &error))
        return CLI_DONE;
    return cli_fail(session->context, error);
}

int cli_change(CliSession *session, StoreChangeKind kind, const char *name, StoreJobFunc run, void *data)
{
    Change change = {kind, name, run, data, NULL};
    g_autoptr(GError) error = NULL;

    if (!store_run(session->store, STORE_LANE_USER, TRUE, run_change, &change, &error))
        return cli_fail(session->context, error);
    g_autoptr(StoreGroup) group = change.group;
    g_autofree char *text = group ? store_group_describe(group) : g_strdup(_("nothing had to be changed"));
    g_autofree char *safe = sanitise(text, -1, SANITISE_LINE);
    cli_note("%s", safe);
    return cli_play_here(session);
}
