/* change.h - what the commands that change something share: one durable job, and the line that tells what it
 * did. */
#ifndef TERN_CLI_CHANGE_H
#define TERN_CLI_CHANGE_H

#include "cli/session.h"
#include "store/undo.h"

/* Runs the job as one group of the commands', tells what it did; its exit status. `name`: what the group is
 * about, or NULL. */
int cli_change(CliSession *session, StoreChangeKind kind, const char *name, StoreJobFunc run, void *data);
/* After changes are committed: what is of accounts on this disk is played to it at once, whoever holds the
 * engine and offline too; the exit status. */
int cli_play_here(CliSession *session);

#endif
