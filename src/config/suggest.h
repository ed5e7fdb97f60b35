/*
 * suggest.h - the known word that somebody probably meant. Pure; any thread.
 */
#ifndef TERN_CONFIG_SUGGEST_H
#define TERN_CONFIG_SUGGEST_H

#include <glib.h>

/* Insertions, deletions, replacements and swaps of neighbours (bytes, letters' case aside) between two words;
 * words over 64 bytes are infinitely far (G_MAXUINT). */
guint suggest_distance(const char *a, const char *b);

/* The nearest of `known` (NULL-terminated): one that `word` begins, or at most a third of its letters away.
 * NULL: none is near. */
const char *suggest_nearest(const char *word, const char *const *known);

#endif
