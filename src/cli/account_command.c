/* account_command.c - tern account list, tern account check. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target.h"

static char *server_url(const ConfigAccount *account, const char *key_name)
{
    for (const ConfigOption *key = config_account_keys(); key->name; key++)
        if (g_str_equal(key->name, key_name))
            return config_account_format(account, key);
    return NULL;
}

static int list(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    const GPtrArray *accounts = config_accounts(context->config);
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    if (!cli_target_any(context, &error))
        return cli_fail(context, error);
    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        g_autofree char *incoming = server_url(account, "incoming"),
                        *outgoing = server_url(account, "outgoing");
        if (!context->json) {
            cli_print("%-12s  %s  %s%s\n", account->id, account->address, incoming,
                      account->offline ? _("  (offline)") : "");
            continue;
        }
        g_auto(CliJson) json = {0};
        cli_json_begin(&json, NULL);
        cli_json_string(&json, "account", account->id);
        cli_json_string(&json, "name", account->name);
        cli_json_string(&json, "address", account->address);
        cli_json_string(&json, "incoming", incoming);
        cli_json_string(&json, "outgoing", outgoing);
        cli_json_bool(&json, "offline", account->offline);
        cli_json_end(&json);
        cli_json_print(&json);
    }
    return CLI_DONE;
}

/* What became of each way; an error is the caller's. */
typedef struct {
    GError *incoming, *outgoing;
    gboolean has_tried_outgoing;
} Result;

static void print_words(const ConfigAccount *account, const Result *result)
{
    g_autofree char *incoming = server_url(account, "incoming"), *outgoing = server_url(account, "outgoing");

    if (result->incoming) {
        g_autoptr(GError) named = g_error_copy(result->incoming);
        cli_name_account(account->id, &named);
        cli_print("%s\n", named->message);
    } else {
        cli_print(cli_is_on_disk(account) ? _("%s: its folders are at %s\n") : _("%s: logged in at %s\n"),
                  account->id, incoming);
    }
    if (result->outgoing)
        cli_print(_("%s: mail cannot be sent: %s\n"), account->id, result->outgoing->message);
    else if (result->has_tried_outgoing)
        cli_print(_("%s: mail goes out by %s\n"), account->id, outgoing);
}

static void print_result(const CliContext *context, const ConfigAccount *account, const Result *result)
{
    g_auto(CliJson) json = {0};

    if (!context->json) {
        print_words(account, result);
        return;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "account", account->id);
    cli_json_bool(&json, "ok", !result->incoming && !result->outgoing);
    cli_json_error(&json, "error", result->incoming ? result->incoming : result->outgoing);
    if (result->has_tried_outgoing)
        cli_json_bool(&json, "sending", !result->outgoing);
    cli_json_end(&json);
    cli_json_print(&json);
}

/* A password that was refused once is not tried at the other server, too: accounts get locked. FALSE: broken
 * off. */
static gboolean check_one(CliSession *session, const ConfigAccount *account, Result *result)
{
    cli_check_account(session, account, &result->incoming);
    if (cli_way_out(account) && !tern_error_is(result->incoming, TERN_ERROR_AUTH) &&
        !tern_error_is(result->incoming, TERN_ERROR_CANCELLED)) {
        result->has_tried_outgoing = TRUE;
        cli_check_sending(session, account, &result->outgoing);
    }
    return !tern_error_is(result->incoming, TERN_ERROR_CANCELLED) &&
           !tern_error_is(result->outgoing, TERN_ERROR_CANCELLED);
}

/* The accounts that the words name, all without any; NULL and INPUT, or CONFIG: there is none. */
static GPtrArray *named_accounts(const CliContext *context, char **words, GError **error)
{
    const GPtrArray *all = config_accounts(context->config);
    g_autoptr(GPtrArray) named = g_ptr_array_new();

    if (!cli_target_any(context, error))
        return NULL;
    for (guint i = 0; !*words && i < all->len; i++)
        g_ptr_array_add(named, all->pdata[i]);
    for (; *words; words++) {
        const ConfigAccount *account = config_account(context->config, *words);
        if (!account) {
            tern_error_set(error, TERN_ERROR_INPUT,
                           _("there is no account “%s”; tern account list names them"), *words);
            return NULL;
        }
        g_ptr_array_add(named, (void *)account);
    }
    return g_steal_pointer(&named);
}

static int check(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, -1);
    g_autoptr(GError) error = NULL;
    int status = CLI_DONE;

    if (!words)
        return CLI_USAGE;
    g_autoptr(GPtrArray) accounts = named_accounts(context, words, &error);
    g_autoptr(CliSession) session = accounts ? cli_session_open(context, &error) : NULL;
    if (!session || !cli_session_connect(session, &error))
        return cli_fail(context, error);
    for (guint i = 0; i < accounts->len; i++) {
        Result result = {0};
        const gboolean ok = check_one(session, accounts->pdata[i], &result);
        if (ok)
            print_result(context, accounts->pdata[i], &result);
        if (!ok || result.incoming || result.outgoing)
            status = CLI_FAILED;
        if (!ok)
            cli_fail(context, result.outgoing ? result.outgoing : result.incoming);
        g_clear_error(&result.incoming);
        g_clear_error(&result.outgoing);
        if (!ok)
            break;
    }
    return status;
}

int cli_command_account(CliContext *context, int argc, char **argv)
{
    static const CliPart PARTS[] = {{"list", list}, {"check", check}, {NULL, NULL}};

    return cli_run_part(context, PARTS, argc, argv);
}
