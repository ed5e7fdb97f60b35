/*
 * identity_change.h - a draft that is written by somebody else from now on: its From, and what came with the
 * one before.
 *
 *     From, account     the new one's
 *     Reply-To, Bcc     what the one before brought goes, what the new one brings comes; what was typed stays
 *     own fields        likewise
 *     signature         where it stands in the text as tern put it there
 *
 * The fields change at once, so that nobody writes as the one before; a signature may be a command's, and
 * comes later. A draft remembers which one was put into it (its length and checksum): a command may print
 * another one the next time. Pure.
 */
#ifndef TERN_COMPOSE_IDENTITY_CHANGE_H
#define TERN_COMPOSE_IDENTITY_CHANGE_H

#include "compose/draft.h"

/* All but the signature. `from` NULL: nobody's. */
void draft_change_identity(Draft *draft, const Identity *from, const Identity *to);

/* This signature (identity_signature(); "" or NULL: none) instead of the one that stands in the text. FALSE:
 * that was changed by hand, or there is one that is not tern's, and the text stays as it is. */
gboolean draft_change_signature(Draft *draft, const char *signature);

/* It stands in the text now, after a line "-- " (NULL or "": none does). */
void draft_note_signature(Draft *draft, const char *signature);

#endif
