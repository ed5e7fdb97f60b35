/*
 * difference.h - what differs between two states of a draft, for its writer to look at.
 *
 *      " " a line that is near a change    "-" one that was there before    "+" one that came since
 *
 * Pure; any thread. Bounded: of texts that differ in too many lines, all of both is shown.
 */
#ifndef TERN_COMPOSE_DIFFERENCE_H
#define TERN_COMPOSE_DIFFERENCE_H

#include "compose/draft.h"

/* Lines that each begin with one of the three; NULL: nothing differs. To be freed. *lines_out: how many
 * lines were changed (those that came, or where there are more, those that went). */
char *draft_difference(const Draft *before, const Draft *after, guint *lines_out);

#endif
