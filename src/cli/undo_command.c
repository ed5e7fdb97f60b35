/* undo_command.c - tern undo, tern redo: the newest groups that tern commands made on this profile. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/change.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/session.h"
#include "store/undo.h"

#include <string.h>

typedef struct {
    gboolean is_redo;
    GPtrArray *groups; /* StoreGroup * */
} Undo;

/* One group: its taking back is a group of its own. */
static gboolean undo_one(StoreTxn *txn, void *data, GError **error)
{
    Undo *undo = data;
    GError *failed = NULL;

    store_change_as_command(txn);
    StoreGroup *group = undo->is_redo ? store_redo(txn, &failed) : store_undo(txn, &failed);
    if (group)
        g_ptr_array_add(undo->groups, group);
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}

static void free_group(void *data)
{
    store_group_free(data);
}

static void tell(const Undo *undo, const StoreGroup *group)
{
    g_autofree char *what = store_group_describe(group);
    g_autofree char *text = group->why ? g_strdup_printf("%s; %s", what, group->why) : g_strdup(what);
    g_autofree char *safe = sanitise(text, -1, SANITISE_LINE);

    if (group->is_too_late && undo->is_redo && group->why)
        cli_note(_("cannot be made again: %s"), safe);
    else if (group->is_too_late)
        cli_note(undo->is_redo ? _("cannot be made again, the files have to be imported once more: %s")
                               : _("cannot be taken back any more: %s"),
                 safe);
    else
        cli_note(undo->is_redo ? _("made again: %s") : _("taken back: %s"), safe);
}

static int undo_all(CliContext *context, Undo *undo, guint64 n)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    gboolean is_late = FALSE, is_more = TRUE;

    if (!session)
        return cli_fail(context, error);
    for (guint64 i = 0; i < n && is_more; i++) {
        const guint before = undo->groups->len;
        if (!store_run(session->store, STORE_LANE_USER, TRUE, undo_one, undo, &error))
            return cli_fail(context, error);
        is_more = undo->groups->len > before;
        if (is_more) {
            const StoreGroup *group = undo->groups->pdata[before];
            tell(undo, group);
            is_late |= group->is_too_late;
        }
    }
    if (undo->groups->len) {
        engine_tidy_imports(context->config, session->store, context->paths);
        const int status = cli_play_here(session);
        return is_late ? CLI_FAILED : status;
    }
    tern_error_set(&error, TERN_ERROR_INPUT,
                   undo->is_redo
                       ? _("there is nothing to make again")
                       : _("there is nothing to take back; what a screen did, its own u takes back"));
    return cli_fail(context, error);
}

int cli_command_undo(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 1);
    g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(free_group);
    Undo undo = {strcmp(argv[0], "redo") == 0, groups};
    guint64 n = 1;

    if (!words)
        return CLI_USAGE;
    if (words[0] && !g_ascii_string_to_unsigned(words[0], 10, 1, G_MAXINT, &n, NULL))
        return cli_usage(context, argv[0], _("it takes a number of changes, at least 1"));
    return undo_all(context, &undo, n);
}
