/*
 * identity_change.h - a draft that is written by somebody else from now on: its From, and what came with the
 * one before.
 *
 *     From, account     the new one's
 *     Reply-To, Bcc     what the one before brought goes, what the new one brings comes; what was typed stays
 *     own fields        likewise
 *     signature         where it ends the text as it was
 */
#ifndef TERN_COMPOSE_IDENTITY_CHANGE_H
#define TERN_COMPOSE_IDENTITY_CHANGE_H

#include "compose/draft.h"

/* The signatures of both, read before on a thread that may wait for a command: "" or NULL: none, or it could
 * not be had. `from` NULL: nobody's. FALSE: the text does not end with the signature as it was, and stays as
 * it is. Pure. */
gboolean draft_change_identity(Draft *draft, const Identity *from, const Identity *to,
                               const char *old_signature, const char *new_signature);

#endif
