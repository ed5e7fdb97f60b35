/* help.c - tern help, --help, tern version, tern keys: what is made from tables. */
#include "base/i18n.h"
#include "cli/commands.h"
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

int cli_help(const CliContext *context, const char *name)
{
    const CliCommand *command = name ? cli_command(name) : NULL;

    if (name && !command)
        return cli_unknown_command(context, name);
    if (command) {
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

int cli_command_version(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);

    if (!words)
        return CLI_USAGE;
    cli_print("tern %s\n", TERN_VERSION);
    return CLI_DONE;
}

int cli_command_keys(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);

    if (!words)
        return CLI_USAGE;
    g_autofree char *text = cli_screen_keys(context->config);
    if (text)
        cli_print("%s", text);
    return CLI_DONE;
}
