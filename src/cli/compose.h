/* compose.h - what `tern compose` and `tern outbox edit` share: a draft in the editor, and what becomes of
 * it. */
#ifndef TERN_CLI_COMPOSE_H
#define TERN_CLI_COMPOSE_H

#include "cli/cli.h"
#include "compose/draft.h"

/* Goes on with a draft that is kept here (taken over): on a terminal it is edited, then sent, kept or thrown
 * away as its writer says; without one it stays a draft, which is told. An exit status; what failed is
 * told. */
int cli_compose_draft(CliContext *context, Draft *draft);

#endif
