/* commands.c - the table of commands, and running one. */
#include "cli/commands.h"

#include "base/error.h"
#include "base/i18n.h"
#include "cli/options.h"
#include "cli/output.h"
#include "config/suggest.h"

#include <string.h>

static const CliCommand COMMANDS[] = {
    {"sync", "[--keep] [ACCOUNT[/FOLDER]…]", N_("Fetch what is new, for all accounts or those named"),
     cli_command_sync, FALSE},
    {"watch", "", N_("Stay connected and fetch what is new at once, until told to stop"), cli_command_watch,
     FALSE},
    {"folders", "", N_("List the folders with their messages and unread ones"), cli_command_folders, FALSE},
    {"list", "[[ACCOUNT/]FOLDER] [--threads] [--limit N]",
     N_("List a folder's messages, newest first (the Inbox, if none is named)"), cli_command_list, FALSE},
    {"show", "ID [--raw|--headers|--text|--html|--part N] [--save DIR]",
     N_("Show a message, or one side of it, or save its attachments"), cli_command_show, FALSE},
    {"attachments", "ID", N_("List a message's attachments"), cli_command_attachments, FALSE},
    {"links", "ID", N_("List a message's links"), cli_command_links, FALSE},
    {"read", "ID…", N_("Mark messages read"), cli_command_action, FALSE},
    {"unread", "ID…", N_("Mark messages unread"), cli_command_action, FALSE},
    {"flag", "ID…", N_("Flag messages"), cli_command_action, FALSE},
    {"unflag", "ID…", N_("Take the flag off messages"), cli_command_action, FALSE},
    {"tag", "ID… KEYWORD", N_("Give messages a keyword"), cli_command_action, FALSE},
    {"untag", "ID… KEYWORD", N_("Take a keyword off messages"), cli_command_action, FALSE},
    {"move", "ID… FOLDER", N_("Move messages to a folder"), cli_command_action, FALSE},
    {"copy", "ID… FOLDER", N_("Copy messages to a folder"), cli_command_action, FALSE},
    {"archive", "ID…", N_("Move messages to the archive"), cli_command_action, FALSE},
    {"delete", "ID…", N_("Move messages to the Trash; those there are deleted for good"), cli_command_action,
     FALSE},
    {"undelete", "ID…", N_("Take messages out of the Trash, and the mark for deletion off"),
     cli_command_action, FALSE},
    {"junk", "ID…", N_("Move messages to Junk, marked as such"), cli_command_action, FALSE},
    {"notjunk", "ID…", N_("Take messages out of Junk, marked as no junk"), cli_command_action, FALSE},
    {"undo", "[N]", N_("Take back what tern commands changed last"), cli_command_undo, FALSE},
    {"redo", "[N]", N_("Make again what was taken back"), cli_command_undo, FALSE},
    {"journal", "[--all]", N_("List what was changed here and is not on the server yet"), cli_command_journal,
     FALSE},
    {"import", "[--into [ACCOUNT/]FOLDER] PATH…",
     N_("Take in mail from mboxes and Maildirs; what was taken in before is passed over"), cli_command_import,
     FALSE},
    {"export", "[ACCOUNT/]FOLDER PATH",
     N_("Write a folder to an mbox, or to a Maildir (PATH/); what is there already is passed over"),
     cli_command_export, FALSE},
    {"send",
     "[-t] [-i] [-f ADDRESS] [--attach F]… [--identity A] [--file F] [--at TIME] [-N WHEN] [-R hdrs|full] "
     "[-n] "
     "[--require-tls] [--no-copy] [ADDRESS…]",
     N_("Send the message on standard input, as sendmail does"), cli_command_send, FALSE},
    {"receipt", "[--refuse] ID",
     N_("Send the receipt that a message asks for, after a question, or refuse it for good"),
     cli_command_receipt, FALSE},
    {"outbox", "[retry|hold|sent|edit|cancel|show ID…]",
     N_("List what is not sent yet; send it again, hold it, say that it was sent, edit it, drop it, show it"),
     cli_command_outbox, FALSE},
    {"folder", "create|delete|subscribe|unsubscribe|hide|unhide NAME, rename NAME NEW-NAME",
     N_("Make, rename, delete, subscribe or hide a folder"), cli_command_folder, FALSE},
    {"compose", "[-s SUBJECT] [-c CC] [-b BCC] [-a FILE] [-i TEXT] [ADDRESS…]",
     N_("Write a message in the editor, or send standard input as one; mailto: links too"),
     cli_command_compose, FALSE},
    {"account", "list|check [ACCOUNT…]", N_("List the accounts, or try to log in at both their servers"),
     cli_command_account, FALSE},
    {"config", "check|show", N_("Check the configuration, or show what is in effect"), cli_command_config,
     TRUE},
    {"doctor", "", N_("Look over everything that tern needs, and say what to do"), cli_command_doctor, TRUE},
    {"keys", "", N_("List the keys of the screen"), cli_command_keys, TRUE},
    {"help", "[COMMAND]", N_("Explain a command"), cli_command_help, TRUE},
    {"version", "", N_("Print the version"), cli_command_version, TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const CliCommand *cli_commands(void)
{
    return COMMANDS;
}

const CliCommand *cli_command(const char *name)
{
    if (g_ascii_strncasecmp(name, "mailto:", 7) == 0)
        name = "compose";
    for (const CliCommand *command = COMMANDS; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

int cli_unknown_command(const CliContext *context, const char *name)
{
    const char *known[G_N_ELEMENTS(COMMANDS)];

    for (gsize i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        known[i] = COMMANDS[i].name;
    const char *near = suggest_nearest(name, known);
    g_autofree char *why = near ? g_strdup_printf(_("there is no command “%s”; did you mean %s?"), name, near)
                                : g_strdup_printf(_("there is no command “%s”"), name);
    return cli_usage(context, NULL, why);
}

int cli_run_part(CliContext *context, const CliPart *parts, int argc, char **argv)
{
    for (const CliPart *part = parts; argc > 1 && part->name; part++)
        if (strcmp(part->name, argv[1]) == 0)
            return part->run(context, argc - 1, argv + 1);
    g_autofree char *why = argc > 1 ? g_strdup_printf(_("“%s” is not known here"), argv[1])
                                    : g_strdup(_("it needs one more word"));
    return cli_usage(context, argv[0], why);
}

int cli_tell_problems(const CliContext *context)
{
    const GPtrArray *problems = config_problems(context->config);
    g_autoptr(GError) error = NULL;

    if (!problems->len)
        return CLI_DONE;
    if (context->json) {
        const ConfigProblem *first = problems->pdata[0];
        tern_error_set(&error, TERN_ERROR_CONFIG, "%s:%d: %s", first->file, first->line, first->text);
        if (problems->len > 1) {
            g_autofree char *more =
                g_strdup_printf(_("%s (and %u more: tern config check)"), error->message, problems->len - 1);
            g_clear_error(&error);
            tern_error_set(&error, TERN_ERROR_CONFIG, "%s", more);
        }
        return cli_fail(context, error);
    }
    for (guint i = 0; i < problems->len; i++) {
        const ConfigProblem *problem = problems->pdata[i];
        cli_note("%s:%d: %s", problem->file, problem->line, problem->text);
    }
    return CLI_USAGE;
}

int cli_run(CliContext *context)
{
    const CliCommand *command = cli_command(context->arguments[0]);

    if (!command)
        return cli_unknown_command(context, context->arguments[0]);
    if (!command->any_config && cli_tell_problems(context) != CLI_DONE)
        return CLI_USAGE;
    int status = command->run(context, (int)g_strv_length(context->arguments), context->arguments);
    return cli_finish(context, status);
}
