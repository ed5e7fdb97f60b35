/*
 * commands.h - the headless commands' functions; the table in commands.c names each with its usage and help.
 *
 * All take the context, and argv with the command's name first; they return an exit status.
 */
#ifndef TERN_CLI_COMMANDS_H
#define TERN_CLI_COMMANDS_H

#include "cli/cli.h"

int cli_command_account(CliContext *context, int argc, char **argv);
int cli_command_action(CliContext *context, int argc, char **argv); /* flag … notjunk */
int cli_command_attachments(CliContext *context, int argc, char **argv);
int cli_command_compose(CliContext *context, int argc, char **argv); /* and mailto:… */
int cli_command_config(CliContext *context, int argc, char **argv);
int cli_command_doctor(CliContext *context, int argc, char **argv);
int cli_command_folder(CliContext *context, int argc, char **argv);
int cli_command_folders(CliContext *context, int argc, char **argv);
int cli_command_import(CliContext *context, int argc, char **argv);
int cli_command_export(CliContext *context, int argc, char **argv);
int cli_command_help(CliContext *context, int argc, char **argv);
int cli_command_journal(CliContext *context, int argc, char **argv);
int cli_command_keys(CliContext *context, int argc, char **argv);
int cli_command_links(CliContext *context, int argc, char **argv);
int cli_command_list(CliContext *context, int argc, char **argv);
int cli_command_show(CliContext *context, int argc, char **argv);
int cli_command_send(CliContext *context, int argc, char **argv);
int cli_command_receipt(CliContext *context, int argc, char **argv);
int cli_command_outbox(CliContext *context, int argc, char **argv);
int cli_command_sync(CliContext *context, int argc, char **argv);
int cli_command_undo(CliContext *context, int argc, char **argv); /* and redo */
int cli_command_watch(CliContext *context, int argc, char **argv);
int cli_command_version(CliContext *context, int argc, char **argv);

/* What `tern --help` and `tern COMMAND --help` print. `name` NULL: of all. CLI_USAGE when there is no such
 * command (told). */
int cli_help(const CliContext *context, const char *name);

/* What `tern --version` and `tern version` print. */
void cli_version(const CliContext *context);

/* Each command of the screen with its keys; none where there is no screen. */
void cli_screen_keys(const Config *config, CliKeyFunc func, void *data);

/* "there is no command …": tells the nearest one. CLI_USAGE. */
int cli_unknown_command(const CliContext *context, const char *name);

/* Picks the function of a command's second word ("check" of `config check`). */
typedef struct {
    const char *name; /* NULL ends a table */
    int (*run)(CliContext *context, int argc, char **argv);
} CliPart;
int cli_run_part(CliContext *context, const CliPart *parts, int argc, char **argv);

#endif
