/*
 * options.h - a command's words: options anywhere among them, and what is left.
 *
 * --name, --name VALUE, --name=VALUE, -n, -n VALUE; "--" ends the options, "-" alone is no option.
 */
#ifndef TERN_CLI_OPTIONS_H
#define TERN_CLI_OPTIONS_H

#include "cli/cli.h"

typedef enum {
    CLI_FLAG,   /* gboolean, set to TRUE */
    CLI_TEXT,   /* char *, newly allocated */
    CLI_NUMBER, /* int64_t of at least 1 */
    CLI_LIST,   /* may be given several times: GPtrArray of char * with a free function, which is there */
} CliOptionKind;

typedef struct {
    const char *name; /* without dashes; NULL ends a table */
    char letter;      /* '\0': none */
    CliOptionKind kind;
    void *value_out;
} CliOption;

/* Goes through `words` (NULL-terminated) and gives back those that are no options of the table, in an array
 * to be freed by g_free() (the words stay the caller's). An option that is not in the table is a mistake, or
 * stays among the words where `others_too`. NULL and *why_out. */
char **cli_options_take(const CliOption *options, char **words, gboolean others_too, char **why_out);

/* What a command does first: options (NULL: none) out of argv, the number of words left checked (`most` -1:
 * any). NULL: usage was told, the command returns CLI_USAGE. */
char **cli_arguments(const CliContext *context, const CliOption *options, char **argv, int least, int most);

/* "tern list: WHY", and how it is used. CLI_USAGE. */
int cli_usage(const CliContext *context, const char *command, const char *why);

#endif
