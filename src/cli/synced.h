/*
 * synced.h - what syncing brought, as `sync` and `watch` say it.
 *
 *      work/INBOX: 12 new; 1,204 messages (45 KB in 1.2 s)       as it comes: a folder that has changed
 *      work: nothing new in the other 4,998 folders; …            at the end, once for each account
 *
 * With --json each folder is told, changed or not, at once. The first thread.
 */
#ifndef TERN_CLI_SYNCED_H
#define TERN_CLI_SYNCED_H

#include "cli/cli.h"
#include "engine/engine.h"

/* An ENGINE_EVENT_FOLDER as one line, or one object with --json; its error on stderr. */
void cli_print_synced(const CliContext *context, const EngineEvent *event);

/* What one `sync` has told so far. */
typedef struct CliSynced CliSynced;
CliSynced *cli_synced_new(const CliContext *context);
void cli_synced_free(CliSynced *synced);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliSynced, cli_synced_free)

/* A folder's event: printed, or counted for the account's last line. `is_named`: it was asked for by name, and
 * is told in any case. */
void cli_synced_folder(CliSynced *synced, const EngineEvent *event, gboolean is_named);
/* The end of an account's sync, `error` NULL when all of it went well. An error that a folder was told with is
 * not told again, but for --json, where the folder's went to stdout. */
void cli_synced_account(CliSynced *synced, const char *account, const GError *error);
/* The last lines; none of an account that failed as a whole. */
void cli_synced_end(CliSynced *synced);

#endif
