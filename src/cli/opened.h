/*
 * opened.h - a message for a command to look into: its row, and its file, fetched if need be.
 *
 * (cli sees MIME through render.h, which has the message's parts in its face.)
 */
#ifndef TERN_CLI_OPENED_H
#define TERN_CLI_OPENED_H

#include "cli/json.h"
#include "cli/session.h"
#include "render/render.h"

typedef struct {
    CliContext *context;
    Store *store;
    const ConfigAccount *account; /* NULL: no longer configured */
    StoreMessage *row;
    char *path; /* of its file */
} CliOpened;

/* An exit status; CLI_FAILED with *error set: to be told. */
typedef int (*CliOpenedFunc)(const CliOpened *opened, void *data, GError **error);

/* Finds the message that the word names, fetches it where it is not here (unless offline), and runs func on a
 * thread whose stack is large enough for deep mail. Errors are told. */
int cli_with_message(CliContext *context, const char *word, CliOpenedFunc func, void *data);

/* The path of the message's file, to be freed, fetched when it is not here. NULL and an error. */
char *cli_message_file(CliSession *session, const StoreMessage *row, GError **error);

/* How a command renders: as wide as the terminal, at most text-width. Borrows from `opened`. */
RenderOptions cli_render_options(const CliOpened *opened, gboolean headers);

/* Calls `func` for each part but multiparts, in order. */
void cli_each_part(const MimePart *part, void (*func)(const MimePart *part, void *data), void *data);

/* {"part","type","charset"?,"filename"?,"disposition"?,"size"} */
void cli_json_part(CliJson *json, const char *name, const MimePart *part);

#endif
