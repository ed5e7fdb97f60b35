/*
 * output.h - how commands speak: data on stdout, messages on stderr; exact in a pipe, made safe on a
 * terminal.
 *
 * The only place of src/ that prints. A failed write (a full disk, a reader that went away) is remembered for
 * cli_finish().
 */
#ifndef TERN_CLI_OUTPUT_H
#define TERN_CLI_OUTPUT_H

#include "cli/cli.h"

#include <stdint.h>

/* Whether stdout is a terminal, and its columns (`otherwise` where it is none). */
gboolean cli_is_terminal(void);
int cli_columns(int otherwise);

/* Text for people to stdout. */
void cli_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Text from outside as one line of output, to be freed: the line ends in it, which would draw lines of their
 * own, are spaces. The rest is as it was, and becomes safe where cli_print() says. */
char *cli_one_line(const char *text);
/* "ACCOUNT/FOLDER" within a line for people, to be freed: safe in a pipe, too, so that no folder's name draws
 * lines or colours of its own; exact names are --json's. Whatever prints a folder uses it. */
char *cli_folder_path(const char *account, const char *folder);
/* Bytes of a message to stdout: as they are in a pipe, as safe text on a terminal. */
void cli_write(const void *bytes, gsize size);

/* FALSE: a write to stdout has failed, and nobody reads what would still come. */
gboolean cli_is_read(void);

/* A line for people on stderr. */
void cli_note(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Asks on stderr and reads the answer of who sits at the terminal: TRUE: yes. */
gboolean cli_ask(const char *question);
/* A line that the next one overwrites, when stderr is a terminal, else nothing. NULL takes it away. */
void cli_progress(const char *line);

/* Says what failed: "tern: SENTENCE", or {"error":…} with --json. CLI_USAGE for CONFIG, else CLI_FAILED. */
int cli_fail(const CliContext *context, const GError *error);

/* Puts "ACCOUNT: " before what failed there, unless the sentence says itself whose it is. `account` NULL: it
 * stays as it is. */
void cli_name_account(const char *account, GError **error);

/* The command's end: `status`, or CLI_FAILED (told) when not all could be written. A reader that went away
 * (head) has seen enough: that is no failure. */
int cli_finish(const CliContext *context, int status);

/* "1,204"; to be freed. */
char *cli_number(int64_t number);
/* "2 KB", "48 KB", "1.5 MB"; to be freed. */
char *cli_size(int64_t bytes);

#endif
