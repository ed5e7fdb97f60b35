/* config_command.c - tern config check, tern config show. */
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/config_beyond.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "config/value.h"

static void print_problem(const CliContext *context, const ConfigProblem *problem)
{
    g_auto(CliJson) json = {0};

    if (!context->json) {
        cli_print("%s:%d: %s\n", problem->file, problem->line, problem->text);
        return;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "file", problem->file);
    cli_json_int(&json, "line", problem->line);
    cli_json_string(&json, "message", problem->text);
    cli_json_end(&json);
    cli_json_print(&json);
}

static int check(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autoptr(GPtrArray) problems = cli_problems_beyond(context->config);
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);
    guint accounts = config_accounts(context->config)->len;

    if (!words)
        return CLI_USAGE;
    for (guint i = 0; i < problems->len; i++)
        print_problem(context, problems->pdata[i]);
    if (problems->len)
        return CLI_USAGE;
    if (context->json)
        return CLI_DONE;
    if (!config_exists(context->config))
        cli_print(_("%s is not there yet; tern.conf(5) tells how it is written\n"),
                  config_path(context->config));
    else
        cli_print(ngettext_("%s is right; %u account\n", "%s is right; %u accounts\n", accounts),
                  config_path(context->config), accounts);
    return CLI_DONE;
}

/* A value as what it is, from its text in the file: numbers (bytes, seconds), true and false, lists; else its
 * text. NULL: left out. */
static void add_value(CliJson *json, const ConfigOption *key, const char *text)
{
    union {
        int number;
        gboolean is_true;
        int64_t big;
        char **list;
    } value = {0};
    const gboolean has_type = key->type == OPTION_INT || key->type == OPTION_BOOL ||
                              key->type == OPTION_SIZE || key->type == OPTION_DURATION ||
                              key->type == OPTION_LIST;

    if (!text || !has_type || (key->type != OPTION_LIST && !config_value_parse(key, text, &value, NULL))) {
        cli_json_string(json, key->name, text);
    } else if (key->type == OPTION_INT) {
        cli_json_int(json, key->name, value.number);
    } else if (key->type == OPTION_BOOL) {
        cli_json_bool(json, key->name, value.is_true);
    } else if (key->type != OPTION_LIST) {
        cli_json_int(json, key->name, value.big);
    } else {
        cli_json_begin_array(json, key->name);
        if (config_value_parse(key, text, &value, NULL)) /* none without a value */
            for (char **item = value.list; *item; item++)
                cli_json_string(json, NULL, *item);
        config_value_clear(key, &value);
        cli_json_end(json);
    }
}

static void add_account_json(CliJson *json, const ConfigAccount *account)
{
    cli_json_begin(json, NULL);
    cli_json_string(json, "account", account->id);
    for (const ConfigOption *key = config_account_keys(); key->name; key++) {
        g_autofree char *value = config_account_format(account, key);
        add_value(json, key, value);
    }
    cli_json_end(json);
}

static void add_identities_json(CliJson *json, const GPtrArray *identities)
{
    cli_json_begin_array(json, "identities");
    for (guint i = 0; i < identities->len; i++) {
        const ConfigIdentity *identity = identities->pdata[i];
        cli_json_begin(json, NULL);
        cli_json_string(json, "identity", identity->id);
        for (const ConfigOption *key = config_identity_keys(); key->name; key++) {
            g_autofree char *value = config_identity_format(identity, key);
            add_value(json, key, value);
        }
        cli_json_end(json);
    }
    cli_json_end(json);
}

static void show_json(const CliContext *context)
{
    const GPtrArray *accounts = config_accounts(context->config);
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "file", config_path(context->config));
    cli_json_begin(&json, "options");
    for (const ConfigOption *option = config_options(); option->name; option++)
        add_value(&json, option, config_string(context->config, option->name));
    cli_json_end(&json);
    cli_json_begin_array(&json, "accounts");
    for (guint i = 0; i < accounts->len; i++)
        add_account_json(&json, accounts->pdata[i]);
    cli_json_end(&json);
    add_identities_json(&json, config_identities(context->config));
    cli_json_end(&json);
    cli_json_print(&json);
}

static void show_options(const CliContext *context)
{
    cli_print("# %s\n[tern]\n", config_path(context->config));
    for (const ConfigOption *option = config_options(); option->name; option++) {
        const char *value = config_string(context->config, option->name);
        if (*value)
            cli_print("%s = %s\n", option->name, value);
    }
}

static void show_identities(const GPtrArray *identities)
{
    for (guint i = 0; i < identities->len; i++) {
        const ConfigIdentity *identity = identities->pdata[i];
        cli_print("\n[identity %s]\n", identity->id);
        for (const ConfigOption *key = config_identity_keys(); key->name; key++) {
            g_autofree char *value = config_identity_format(identity, key);
            if (value)
                cli_print("%s = %s\n", key->name, value);
        }
    }
}

/* What can be put into a file again, but for passwords. */
static int show(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    const GPtrArray *accounts = config_accounts(context->config);
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);

    if (!words || cli_tell_problems(context) != CLI_DONE)
        return CLI_USAGE;
    if (context->json) {
        show_json(context);
        return CLI_DONE;
    }
    show_options(context);
    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        cli_print("\n[account %s]\n", account->id);
        for (const ConfigOption *key = config_account_keys(); key->name; key++) {
            g_autofree char *value = config_account_format(account, key);
            if (value)
                cli_print("%s = %s\n", key->name, value);
        }
    }
    show_identities(config_identities(context->config));
    return CLI_DONE;
}

int cli_command_config(CliContext *context, int argc, char **argv)
{
    static const CliPart PARTS[] = {{"check", check}, {"show", show}, {NULL, NULL}};

    return cli_run_part(context, PARTS, argc, argv);
}
