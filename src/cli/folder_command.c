/* folder_command.c - tern folder create, rename, delete, subscribe, unsubscribe. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/change.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target.h"
#include "store/change.h"

#include <unistd.h>

typedef struct {
    const char *account;
    char *name; /* new one: of create and rename */
    int64_t folder_id;
    gboolean on;
} FolderChange;

static gboolean create(StoreTxn *txn, void *data, GError **error)
{
    const FolderChange *change = data;
    int64_t account;

    return store_txn_account(txn, change->account, &account, error) &&
           store_change_create_folder(txn, account, change->name, STORE_ROLE_NONE, NULL, error);
}

static gboolean rename_it(StoreTxn *txn, void *data, GError **error)
{
    const FolderChange *change = data;

    return store_change_rename_folder(txn, change->folder_id, change->name, error);
}

static gboolean delete (StoreTxn *txn, void *data, GError **error)
{
    const FolderChange *change = data;

    return store_change_delete_folder(txn, change->folder_id, error);
}

static gboolean subscribe(StoreTxn *txn, void *data, GError **error)
{
    const FolderChange *change = data;

    return store_change_subscribe(txn, change->folder_id, change->on, error);
}

static int create_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 1, 1);
    g_autoptr(GError) error = NULL;
    const ConfigAccount *account;
    g_autofree char *name = NULL;

    if (!words)
        return CLI_USAGE;
    if (!cli_target_parse(context, words[0], &account, &name, &error))
        return cli_fail(context, error);
    if (!name)
        return cli_usage(context, "folder", _("it needs the folder's name after the account's"));
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session)
        return cli_fail(context, error);
    FolderChange change = {.account = account->id, .name = name};
    return cli_change(session, STORE_CHANGE_CREATE, name, create, &change);
}

/* A person is asked what the screen asks; a script has said what it wants. FALSE: CANCELLED. */
static gboolean is_to_go(const CliContext *context, const StoreFolder *folder, GError **error)
{
    const int n = store_folder_messages(folder);

    if (n == 0 || context->yes || !isatty(STDIN_FILENO))
        return TRUE;
    g_autofree char *name = sanitise(folder->name, -1, SANITISE_LINE);
    g_autofree char *question =
        n < 0 ? g_strdup_printf(_("Delete the folder “%s” and whatever it holds?"), name)
              : g_strdup_printf(ngettext_("Delete the folder “%s” and its %d message?",
                                          "Delete the folder “%s” and its %d messages?", n),
                                name, n);
    if (cli_ask(question))
        return TRUE;
    tern_error_set(error, TERN_ERROR_CANCELLED, _("the folder “%s” stays"), folder->name);
    return FALSE;
}

static void tell_what_goes(const StoreFolder *folder)
{
    const int n = store_folder_messages(folder);

    if (n > 0)
        cli_note(ngettext_("its %d message goes with it in a minute; until then tern undo takes it back",
                           "its %d messages go with it in a minute; until then tern undo takes it back", n),
                 n);
}

/* Those about a folder that is there; `more` words follow its name. */
static int change_folder(CliContext *context, char **argv, int more, StoreChangeKind kind, StoreJobFunc run,
                         gboolean on)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 1 + more, 1 + more);
    g_autoptr(GError) error = NULL;
    const ConfigAccount *account = NULL;
    g_autofree char *name = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    g_autoptr(StoreFolder) folder = session ? cli_target_folder(session, words[0], &error) : NULL;
    if (!folder || (more && !cli_target_parse(context, words[1], &account, &name, &error)))
        return cli_fail(context, error);
    /* The new name stands alone, or names the same account. */
    if (more &&
        (!name || (account && !g_str_equal(account->id, folder->account) &&
                   config_accounts(context->config)->len > 1 && g_str_has_prefix(words[1], account->id))))
        return cli_usage(context, "folder", _("a folder stays in its account"));
    if (kind == STORE_CHANGE_DELETE_FOLDER && !is_to_go(context, folder, &error))
        return cli_fail(context, error);
    FolderChange change = {.folder_id = folder->id, .name = name, .on = on};
    const int status = cli_change(session, kind, more ? name : folder->name, run, &change);
    if (kind == STORE_CHANGE_DELETE_FOLDER && status == CLI_DONE)
        tell_what_goes(folder);
    return status;
}

static int rename_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    return change_folder(context, argv, 1, STORE_CHANGE_RENAME, rename_it, FALSE);
}

static int delete_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    return change_folder(context, argv, 0, STORE_CHANGE_DELETE_FOLDER, delete, FALSE);
}

static int subscribe_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    return change_folder(context, argv, 0, STORE_CHANGE_SUBSCRIBE, subscribe, TRUE);
}

static int unsubscribe_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    return change_folder(context, argv, 0, STORE_CHANGE_UNSUBSCRIBE, subscribe, FALSE);
}

int cli_command_folder(CliContext *context, int argc, char **argv)
{
    static const CliPart PARTS[] = {{"create", create_folder},           {"rename", rename_folder},
                                    {"delete", delete_folder},           {"subscribe", subscribe_folder},
                                    {"unsubscribe", unsubscribe_folder}, {NULL, NULL}};

    return cli_run_part(context, PARTS, argc, argv);
}
