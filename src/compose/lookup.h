/*
 * lookup.h - people whom another program knows: a directory, an address book with a command line.
 *
 *     query-command = khard email --parsable --search-in-source-files %s
 *
 *     Searching 2 address books …                 its first line, which says something
 *     zoe@example.com <Tab> Zoë Brontë <Tab> …    address, name, and what is not looked at
 *
 * This is what mutt's query_command prints, too; a program that has no first line of that kind is understood
 * as well. It is run by its words, no shell between: what somebody typed is one of them. What it prints is
 * taken as anything from outside is.
 */
#ifndef TERN_COMPOSE_LOOKUP_H
#define TERN_COMPOSE_LOOKUP_H

#include "base/cancel.h"

#include <glib.h>

/* The command's words with what was typed in the place of %s, or behind the last one where there is no %s.
 * To be freed by g_strfreev(). NULL and CONFIG. */
char **lookup_words(const char *command, const char *typed, GError **error);

/* Those in its output whose address is one: MimeMailbox * with a free function; to be unreffed. Pure. */
GPtrArray *lookup_parse(const char *output);

/* Runs it and reads what it prints, whatever its status: khard, abook and lbdbq end with 1 when they know
 * nobody. NULL and INPUT (it cannot be run, failed with words on its standard error, or took more than 10 s),
 * LIMIT, CONFIG, CANCELLED. Blocks. */
GPtrArray *lookup_run(const char *command, const char *typed, Cancel *cancel, GError **error);

#endif
