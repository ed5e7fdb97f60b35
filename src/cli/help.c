/* help.c - tern help, --help, tern version, tern keys: what is made from tables. */
#include "base/i18n.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"

static void print_options(void)
{
    cli_print("%s", _("Options, anywhere on the line:\n"
                      "  --profile DIR   everything under DIR: tern.conf, data/, cache/\n"
                      "  --offline       never connect\n"
                      "  --json          data and errors as JSON, one object a line\n"
                      "  --yes           answer yes to what the screen would ask\n"
                      "  --trace FILE    write down what goes over the wire (passwords masked)\n"
                      "  --help          this, or a command's usage\n"
                      "  --version       the version\n"));
}

static void print_all(void)
{
    cli_print("%s",
              _("Usage: tern [-f [ACCOUNT/]FOLDER] [-z]    the screen (-z: only when something is unread)\n"
                "       tern COMMAND …                     without a screen:\n\n"));
    for (const CliCommand *command = cli_commands(); command->name; command++)
        cli_print("  %-12s %s\n", command->name, _(command->help));
    cli_print("\n");
    print_options();
    cli_print("%s", _("\nThe configuration is described in tern.conf(5), the screen in tern(1).\n"));
}

static void print_json(const CliCommand *command)
{
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "command", command->name);
    cli_json_string(&json, "arguments", command->arguments);
    cli_json_string(&json, "help", _(command->help));
    cli_json_end(&json);
    cli_json_print(&json);
}

int cli_help(const CliContext *context, const char *name)
{
    const CliCommand *command = name ? cli_command(name) : NULL;

    if (name && !command)
        return cli_unknown_command(context, name);
    if (context->json && command) {
        print_json(command);
    } else if (context->json) {
        for (const CliCommand *row = cli_commands(); row->name; row++)
            print_json(row);
    } else if (command) {
        cli_print(_("Usage: tern %s %s\n%s.\n\n"), command->name, command->arguments, _(command->help));
        print_options();
    } else {
        print_all();
    }
    return CLI_DONE;
}

int cli_command_help(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 1);

    return words ? cli_help(context, words[0]) : CLI_USAGE;
}

void cli_version(const CliContext *context)
{
    g_auto(CliJson) json = {0};

    if (!context->json) {
        cli_print("tern %s\n", TERN_VERSION);
        return;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "version", TERN_VERSION);
    cli_json_end(&json);
    cli_json_print(&json);
}

int cli_command_version(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);

    if (!words)
        return CLI_USAGE;
    cli_version(context);
    return CLI_DONE;
}

/* ---- keys ---- */

#define KEYS_COLS 22
#define NAME_COLS 18

typedef struct {
    gboolean json;
    char *group; /* of the line before; NULL: there is none */
} KeyPrinter;

static void print_key_json(const CliKey *key)
{
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "group", key->group);
    cli_json_string(&json, "keys", key->keys);
    cli_json_string(&json, "command", key->command);
    cli_json_string(&json, "help", key->help);
    cli_json_end(&json);
    cli_json_print(&json);
}

/* One line a command, under its group. */
static void print_key(const CliKey *key, void *data)
{
    KeyPrinter *printer = data;

    if (printer->json) {
        print_key_json(key);
        return;
    }
    if (g_strcmp0(printer->group, key->group) != 0)
        cli_print("%s%s\n", printer->group ? "\n" : "", key->group);
    g_free(printer->group);
    printer->group = g_strdup(key->group);
    g_autofree char *keys = text_pad(key->keys, KEYS_COLS, FALSE),
                    *name = text_pad(key->command, NAME_COLS, FALSE);
    cli_print("  %s %s %s\n", keys, name, key->help);
}

int cli_command_keys(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);

    if (!words)
        return CLI_USAGE;
    KeyPrinter printer = {.json = context->json};
    cli_screen_keys(context->config, print_key, &printer);
    g_free(printer.group);
    return CLI_DONE;
}
