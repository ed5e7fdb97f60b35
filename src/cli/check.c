/* check.c - see check.h. */
#include "cli/check.h"

static void on_event(const EngineEvent *event, void *data)
{
    GError **failed = data;

    if (event->kind == ENGINE_EVENT_DONE && event->error && !*failed)
        *failed = g_error_copy(event->error);
}

static gboolean wait_for(CliSession *session, guint64 request, GError **error)
{
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GError) failed = NULL;

    g_array_append_val(requests, request);
    if (!cli_session_wait(session, requests, on_event, &failed, error))
        return FALSE;
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

gboolean cli_check_account(CliSession *session, const ConfigAccount *account, GError **error)
{
    return wait_for(session, engine_check(session->engine, account->id), error);
}

const char *cli_way_out(const ConfigAccount *account)
{
    return account->outgoing.protocol == CONFIG_NONE       ? NULL
           : account->outgoing.protocol == CONFIG_SENDMAIL ? account->outgoing.path
                                                           : account->outgoing.host;
}

gboolean cli_check_sending(CliSession *session, const ConfigAccount *account, GError **error)
{
    return !cli_way_out(account) ||
           wait_for(session, engine_check_sending(session->engine, account->id), error);
}
