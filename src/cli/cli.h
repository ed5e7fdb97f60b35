/*
 * cli.h - tern without a screen: the command line's options, and the headless commands, one file each.
 *
 * Data on stdout, messages on stderr; exit status 0 done, 1 failed, 2 wrong usage or configuration (CONTRACT.md). When stdout is a terminal
 * what comes from outside is made safe; in a pipe it is exact.
 */
#ifndef TERN_CLI_CLI_H
#define TERN_CLI_CLI_H

#include "base/paths.h"
#include "config/config.h"

#include <glib.h>

/* The options that every command knows, and what the screen needs of the command line. */
typedef struct {
    char *profile;
    gboolean offline, json, yes;
    char *trace;
    char *folder;     /* -f */
    gboolean only_if_unread; /* -z */
    char **arguments; /* what is left, the command's name first; NULL-terminated; empty: the screen */
    Paths *paths;
    Config *config;   /* loaded; may hold problems */
} CliContext;
void cli_context_free(CliContext *context);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliContext, cli_context_free)

/* Reads the command line, opens the trace, loads the configuration. NULL when tern shall end at once with *exit_status_out (--help, --version, wrong usage: said). */
CliContext *cli_context_new(int argc, char **argv, int *exit_status_out);

/* One headless command. */
typedef struct {
    const char *name;
    const char *arguments; /* usage: "[FOLDER] [--limit N]" */
    const char *help;      /* N_() */
    int (*run)(CliContext *context, int argc, char **argv); /* exit status; argv[0] is the name */
} CliCommand;

/* The table, ended by a NULL name: for help, man page and completion. */
const CliCommand *cli_commands(void);

/* Runs the command that context->arguments names. */
int cli_run(CliContext *context);

#endif
