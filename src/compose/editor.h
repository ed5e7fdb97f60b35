/*
 * editor.h - a draft as a file for a text editor, and back.
 *
 *     To: Zoë <zoe@example.com>          with headers: the fields that are typed, one a line, then an empty line
 *     Subject: Lunch
 *                                        the body
 *     Noon?
 *
 * The file is the user's own and tern's: data/drafts/edit/ID.eml, mode 0600. An editor that fails or leaves
 * nothing changes nothing; its file stays then. Blocks on the disk.
 */
#ifndef TERN_COMPOSE_EDITOR_H
#define TERN_COMPOSE_EDITOR_H

#include "compose/draft.h"

#include <glib.h>

/* What runs the editor: the option's command (or with "", "external" and "builtin" $VISUAL, $EDITOR, editor,
 * vi) with the file as its last argument. To be freed by g_strfreev(). */
char **editor_argv(const char *option, const char *path);

/* Writes the file; its path, to be freed. What an editor that failed has left there is kept beside it, as
 * ID-1.eml and so on. NULL and STORE. */
char *editor_write(const Draft *draft, const char *data, gboolean with_headers, GError **error);

/* Says to other terns that the editor has the file: a descriptor, to be closed when it has ended; -1: none
 * could be had. */
int editor_hold(const char *path);

/* Takes over what the editor left, with the status that it was waited for with, and takes the file away. A
 * field whose line was deleted is empty (but From), unless none is left at all: then all is body.
 * FALSE and INPUT: the draft is as it was, the sentence says why and where the file is; STORE. */
gboolean editor_read(Draft *draft, const char *path, gboolean with_headers, int status, GError **error);

/* Takes the fields off the top of a text like the file's, and gives what follows them. */
const char *editor_take_headers(Draft *draft, const char *text);

/* Takes over what an editor had saved when tern was killed, and saves the draft; only then the file goes.
 * TRUE: the draft is another one. FALSE: there is nothing, or another tern's editor still has it. */
gboolean editor_recover(Draft *draft, const char *data);

/* Takes away what editors that failed left of drafts that are no more, after a week in which somebody may
 * have looked for it; and what a tern that was killed while it wrote a draft, or a preview of one, left
 * half. */
void editor_clean(const char *data);

#endif
