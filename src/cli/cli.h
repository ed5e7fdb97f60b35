/*
 * cli.h - tern without a screen: the command line's options, and the headless commands, one file each.
 *
 * Data on stdout, messages on stderr; exit status 0 done, 1 failed, 2 wrong usage or configuration
 * (CONTRACT.md). When stdout is a terminal what comes from outside is made safe; in a pipe it is exact. The
 * process's first thread.
 */
#ifndef TERN_CLI_CLI_H
#define TERN_CLI_CLI_H

#include "base/paths.h"
#include "config/problem.h"

#include <glib.h>

/* Exit statuses. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* The options that every command knows, and what the screen needs of the command line. */
typedef struct {
    char *profile;
    gboolean offline, json, yes;
    char *trace;
    char *folder;            /* -f */
    gboolean only_if_unread; /* -z */
    char **arguments;        /* what is left, the command's name first; NULL-terminated; empty: the screen */
    Paths *paths;            /* data-dir of the configuration is already in them */
    Config *config;          /* loaded; may hold problems */
} CliContext;
void cli_context_free(CliContext *context);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliContext, cli_context_free)

/* Sets the locale, reads the command line, opens the trace, loads the configuration. NULL when tern shall end
 * at once with *exit_status_out (--help, --version, wrong usage: said). */
CliContext *cli_context_new(int argc, char **argv, int *exit_status_out);

/* One headless command. */
typedef struct {
    const char *name;
    const char *arguments;                                  /* usage: "[FOLDER] [--limit N]" */
    const char *help;                                       /* N_() */
    int (*run)(CliContext *context, int argc, char **argv); /* exit status; argv[0] is the name */
    gboolean any_config; /* makes sense while the configuration has mistakes */
} CliCommand;

/* The table, ended by a NULL name: for help, man page and completion. */
const CliCommand *cli_commands(void);
/* By name, or NULL. */
const CliCommand *cli_command(const char *name);

/* Runs the command that context->arguments names; its exit status. */
int cli_run(CliContext *context);

/* The mistakes that hinder every command, all of them, on stderr. CLI_USAGE, or CLI_DONE when there are
 * none. */
int cli_tell_problems(const CliContext *context);

/* A command of the screen with the keys that it has; for one call. */
typedef struct {
    const char *group, *keys, *command, *help;
} CliKey;
typedef void (*CliKeyFunc)(const CliKey *key, void *data);

/* What commands need of the screen, whose tables this folder cannot see. */
typedef struct {
    void (*keys)(const Config *config, CliKeyFunc func, void *data); /* by group */
    void (*check)(const Config *config,
                  ConfigProblems *problems_out); /* adds what is wrong in [keys] and the theme */
} CliScreen;
void cli_set_screen(const CliScreen *screen);

/* All that is wrong in a configuration, the screen's part too, which hinders no other command: ConfigProblem
 * *, the file's own by line, then those of files that it names; to be unreffed. */
GPtrArray *cli_problems(const Config *config);

#endif
