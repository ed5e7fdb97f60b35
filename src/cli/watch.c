/* watch.c - tern watch: the engine without a screen, until it is told to stop. */
#include "base/error.h"
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/synced.h"
#include "cli/target.h"

#include <stdio.h>

typedef struct {
    CliContext *context;
    GHashTable *told; /* account -> what was said of it last */
} Watch;

/* Each state of an account once: what is wrong, and when it is right again. */
static void on_state(Watch *watch, const EngineEvent *event)
{
    const char *before = g_hash_table_lookup(watch->told, event->account);
    g_autofree char *line = NULL;

    if (event->error) {
        g_autoptr(GError) named = g_error_copy(event->error);
        cli_name_account(event->account, &named);
        line = g_strdup(named->message);
    } else if (event->state == ENGINE_IDLE) {
        line = g_strdup_printf(event->is_live ? _("%s: live") : _("%s: connected"), event->account);
    }
    if (!line || g_strcmp0(before, line) == 0)
        return;
    cli_note("%s", line);
    g_hash_table_replace(watch->told, g_strdup(event->account), g_steal_pointer(&line));
}

static void on_event(const EngineEvent *event, void *data)
{
    Watch *watch = data;

    if (event->kind == ENGINE_EVENT_STATE && event->account)
        on_state(watch, event);
    else if (event->kind == ENGINE_EVENT_ALERT && event->what && event->account)
        cli_note("%s: %s", event->account, event->what);
    else if (event->kind == ENGINE_EVENT_ALERT && event->what)
        cli_note("%s", event->what);
    else if (event->kind == ENGINE_EVENT_FOLDER &&
             (event->error || event->new_messages || event->changed || event->removed))
        cli_print_synced(watch->context, event);
    fflush(stdout); /* whoever reads wants to know now */
}

int cli_command_watch(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);
    g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GError) error = NULL;
    Watch watch = {context, told};

    if (!words)
        return CLI_USAGE;
    if (!cli_target_any(context, &error))
        return cli_fail(context, error);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session || !cli_session_connect(session, &error))
        return cli_fail(context, error);
    engine_sync(session->engine, NULL, NULL); /* before all connect: a wrong password is tried once */
    engine_set_live(session->engine, FALSE);
    cli_session_serve(session, on_event, &watch);
    return CLI_DONE;
}
