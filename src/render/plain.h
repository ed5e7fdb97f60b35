/*
 * plain.h - plain text as mail writes it, into a document; for src/render only.
 *
 * Lines keep their ends (but in format=flowed, RFC 3676) and are wrapped where they are too wide. A run of
 * lines that begin with '>' is a quote block: it gets a bar for each level, together with the line above that
 * says who wrote it, and folds. From "-- " on it is signature. Hunks of patches are coloured by the counts in
 * their "@@" line, so that prose with a dash in front stays prose.
 */
#ifndef TERN_RENDER_PLAIN_H
#define TERN_RENDER_PLAIN_H

#include "render/document.h"

typedef struct {
    gboolean is_flowed, is_delsp; /* RFC 3676 */
} PlainFormat;

/* UTF-8 from outside. */
void render_plain(RenderDocument *document, const char *text, gsize bytes, PlainFormat format);

/* In front of quoted text: a bar for each level, as many as leave room for text; to be freed. */
char *render_quote_bars(const RenderDocument *document, guint depth);

/* The style of quotes of that depth (from 1). */
RenderStyle render_quote_style(guint depth);

/* Whether a line could say who wrote what is quoted below: it ends with a colon, and names a date, an address
 * or the deed. */
gboolean render_is_attribution(const char *text, gsize length);

/* "+ 14 quoted lines" in place of a block of that number. */
void render_add_fold(RenderDocument *document, guint fold, guint lines);

/* Blocks of more lines are folded. */
#define RENDER_FOLD_LINES 3

#endif
