/* folders.c - tern folders: what each account has, from the store. */
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/target.h"
#include "store/folder_marks.h"

/* How many messages and unread ones: as shown where all rows are here, else as the server said. FALSE: it
 * holds none, or it is not known, since the folder was never synced and the server did not say. */
static gboolean counts(const StoreFolder *folder, int64_t *messages_out, int64_t *unread_out)
{
    gboolean is_whole = folder->sync.uid_validity && folder->sync.backfill_uid == 1;

    *messages_out = is_whole ? folder->messages : MAX(folder->server_messages, folder->messages);
    *unread_out = is_whole ? folder->unread : MAX(folder->server_unseen, folder->unread);
    return folder->selectable && (is_whole || folder->server_messages >= 0);
}

static void print_json(const StoreFolder *folder, gboolean is_hidden)
{
    g_auto(CliJson) json = {0};
    int64_t messages = 0, unread = 0;

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "account", folder->account);
    cli_json_string(&json, "folder", folder->name);
    cli_json_string(&json, "role", store_role_name(folder->role));
    if (counts(folder, &messages, &unread)) {
        cli_json_int(&json, "messages", messages);
        cli_json_int(&json, "unread", unread);
    }
    cli_json_bool(&json, "selectable", folder->selectable);
    cli_json_bool(&json, "subscribed", folder->subscribed);
    cli_json_bool(&json, "hidden", is_hidden);
    cli_json_end(&json);
    cli_json_print(&json);
}

static void print_line(const StoreFolder *folder, int width_cols)
{
    g_autofree char *safe = cli_folder_path(folder->account, folder->name);
    g_autofree char *name = text_pad(safe, width_cols, FALSE);
    int64_t messages = 0, unread = 0;

    if (!counts(folder, &messages, &unread)) {
        cli_print("%s\n", g_strchomp(name));
        return;
    }
    g_autofree char *all = cli_number(messages), *new = cli_number(unread);
    g_autofree char *unread_text = unread ? g_strdup_printf(_("%s unread"), new) : g_strdup("");
    cli_print("%s  %14s %9s\n", name, unread_text, all);
}

static int longest(const GPtrArray *folders)
{
    int width_cols = 20;

    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        g_autofree char *safe = sanitise(folder->name, -1, SANITISE_LINE);
        width_cols = MAX(width_cols, text_width_cols(safe, -1) + text_width_cols(folder->account, -1) + 1);
    }
    return MIN(width_cols, 50);
}

static gboolean print_account(CliSession *session, const char *account, GHashTable *hidden, GError **error)
{
    g_autoptr(GPtrArray) folders = store_read_folders(session->reader, account, error);

    if (!folders)
        return FALSE;
    if (!folders->len && !session->context->json)
        cli_note(_("nothing is known of the account %s yet; run: tern sync %s"), account, account);
    int width_cols = longest(folders);
    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (session->context->json)
            print_json(folder, folder_marks_hides(hidden, account, folder->name));
        else
            print_line(folder, width_cols);
    }
    return TRUE;
}

int cli_command_folders(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    const GPtrArray *accounts = config_accounts(context->config);
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    if (!cli_target_any(context, &error))
        return cli_fail(context, error);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session)
        return cli_fail(context, error);
    g_autoptr(FolderMarks) marks = folder_marks_new(context->paths->data);
    g_autoptr(GHashTable) hidden = folder_marks_copy(marks, FOLDER_HIDDEN);
    for (guint i = 0; i < accounts->len; i++)
        if (!print_account(session, ((const ConfigAccount *)accounts->pdata[i])->id, hidden, &error))
            return cli_fail(context, error);
    return CLI_DONE;
}
