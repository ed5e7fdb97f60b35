/* check.c - see check.h. */
#include "cli/check.h"

static void on_event(const EngineEvent *event, void *data)
{
    GError **failed = data;

    if (event->kind == ENGINE_EVENT_DONE && event->error && !*failed)
        *failed = g_error_copy(event->error);
}

gboolean cli_check_account(CliSession *session, const ConfigAccount *account, GError **error)
{
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GError) failed = NULL;
    guint64 request = engine_check(session->engine, account->id);

    g_array_append_val(requests, request);
    if (!cli_session_wait(session, requests, on_event, &failed, error))
        return FALSE;
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}
