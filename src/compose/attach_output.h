/*
 * attach_output.h - what a command prints, attached to a draft.
 *
 *     | pdftotext report.pdf -     ──>  data/drafts/files/ID/…, which goes with the draft
 *
 * The command line is the writer's own and goes to `sh -c`; what it prints goes straight into a file, and
 * never stands in memory. Blocks: the command, for a minute at most.
 */
#ifndef TERN_COMPOSE_ATTACH_OUTPUT_H
#define TERN_COMPOSE_ATTACH_OUTPUT_H

#include "base/cancel.h"
#include "compose/draft.h"

/* Attaches it by the program's name, with ".txt" where it is text. FALSE and INPUT (it failed, took too long,
 * printed nothing), STORE, CANCELLED: nothing is attached. */
gboolean attach_output(Draft *draft, const char *data, const char *command, Cancel *cancel, GError **error);

#endif
