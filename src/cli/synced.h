/* synced.h - what a folder's sync brought, as `sync` and `watch` say it. */
#ifndef TERN_CLI_SYNCED_H
#define TERN_CLI_SYNCED_H

#include "cli/cli.h"
#include "engine/engine.h"

/* An ENGINE_EVENT_FOLDER as one line, or one object with --json; its error on stderr. */
void cli_print_synced(const CliContext *context, const EngineEvent *event);

#endif
