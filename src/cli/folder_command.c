/* folder_command.c - tern folder create, rename, delete, subscribe, unsubscribe, hide, unhide. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/change.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target.h"
#include "store/change.h"
#include "store/folder_marks.h"

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

/* "account/path" of the folder that is named; also of one that is not there any more, where it is marked. */
static char *key_of(CliSession *session, const FolderMarks *marks, const char *word, GError **error)
{
    const ConfigAccount *account;
    g_autofree char *name = NULL;

    if (!cli_target_parse(session->context, word, &account, &name, error))
        return NULL;
    if (!name) {
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” is an account; name one of its folders"), word);
        return NULL;
    }
    char *key = g_strdup_printf("%s/%s", account->id, name);
    if (folder_marks_has(marks, FOLDER_HIDDEN, key))
        return key;
    g_free(key);
    g_autoptr(StoreFolder) folder = cli_target_folder(session, word, error);
    return folder ? g_strdup_printf("%s/%s", folder->account, folder->name) : NULL;
}

static void tell_hidden(const FolderMarks *marks, const char *key, gboolean is_hidden, gboolean is_news)
{
    g_autoptr(GHashTable) hidden = folder_marks_copy(marks, FOLDER_HIDDEN);
    g_autofree char *account = g_strndup(key, strcspn(key, "/"));
    g_autofree char *safe = sanitise(key, -1, SANITISE_LINE);

    if (!is_news)
        cli_note(_("nothing had to be changed"));
    else if (is_hidden)
        cli_note(_("the screen hides %s and what is below it; tern folder unhide brings it back"), safe);
    else
        cli_note(_("the screen shows %s"), safe);
    if (!is_hidden && folder_marks_hides(hidden, account, key + strlen(account) + 1))
        cli_note(_("it is below a folder that is hidden, too"));
}

/* A mark for the screens of this profile: no server hears of it, and there is no journal to it. */
static int mark_folder(CliContext *context, char **argv, gboolean is_hidden)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 1, 1);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session)
        return cli_fail(context, error);
    g_autoptr(FolderMarks) marks = folder_marks_new(context->paths->data);
    g_autofree char *key = key_of(session, marks, words[0], &error);
    if (!key)
        return cli_fail(context, error);
    const gboolean is_news = folder_marks_set(marks, FOLDER_HIDDEN, key, is_hidden);
    if (folder_marks_problem(marks))
        return cli_fail(context, folder_marks_problem(marks));
    tell_hidden(marks, key, is_hidden, is_news);
    return CLI_DONE;
}

static int hide_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    return mark_folder(context, argv, TRUE);
}

static int unhide_folder(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    return mark_folder(context, argv, FALSE);
}

int cli_command_folder(CliContext *context, int argc, char **argv)
{
    static const CliPart PARTS[] = {{"create", create_folder},           {"rename", rename_folder},
                                    {"delete", delete_folder},           {"subscribe", subscribe_folder},
                                    {"unsubscribe", unsubscribe_folder}, {"hide", hide_folder},
                                    {"unhide", unhide_folder},           {NULL, NULL}};

    return cli_run_part(context, PARTS, argc, argv);
}
