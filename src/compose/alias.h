/*
 * alias.h - short names for people and groups, as the configuration has them.
 *
 *     [aliases]
 *     zoe   = Zoë Brontë <zoe@example.com>
 *     team  = zoe, bob@example.org                       others may stand in it
 *     board = Board: ada@example.org, pat@example.com;   receivers see it as a group
 *
 * What is typed is expanded where the writer sees it, before anything is sent. Pure; any thread.
 */
#ifndef TERN_COMPOSE_ALIAS_H
#define TERN_COMPOSE_ALIAS_H

#include "compose/draft.h"
#include "config/config.h"
#include "config/problem.h"

#include <glib.h>

/* A list of addresses as typed, with each alias in it (in any case) replaced by what it stands for; the rest
 * byte for byte. One that stands for itself stays as it is, and what would grow past LIMIT_ALIAS_BYTES too.
 * To be freed. */
char *alias_expand(const Config *config, const char *typed);

/* The same with the address fields of a draft that an editor has changed from what they were before: what it
 * left may be a link's word, which means no alias. */
void alias_expand_draft(const Config *config, const Draft *before, Draft *draft);

/* Adds what is wrong with [aliases]: what stands for no addresses, or for nothing. */
void alias_check(const Config *config, ConfigProblems *problems);

#endif
