/*
 * flow.h - text that flows (RFC 3676): from what was typed to lines that every reader can show.
 *
 * A line of more than 78 columns is a paragraph: it is broken at blanks, each break marked by a blank at the
 * line's end, which a reader that knows the format takes away again. Lines that were short stay as they are.
 * What is never parted by blanks (Chinese, long addresses) stays whole, since a reader would put blanks
 * there. No break makes a quote, a signature or an mbox file's "From " of what was none: before such a word
 * none is made, and the line is longer. Quotes keep their depth. Pure.
 */
#ifndef TERN_COMPOSE_FLOW_H
#define TERN_COMPOSE_FLOW_H

#include <glib.h>

/* Text (UTF-8, LF) in the form of format=flowed, to be freed. */
char *flow_text(const char *text);

/* The '>' marks that a line begins with, also with blanks between them; *rest_out is what follows them and
 * one blank. */
guint flow_quote_depth(const char *line, const char **rest_out);

/* Appends the words of `text` (one line) in lines of at most `cols` columns (more where words are longer or
 * must stay together, see above), each begun with `prefix` and ended by `soft` (" ", or "" for breaks that
 * stay) but the last, which ends in LF only. */
void flow_wrap(GString *out, const char *text, gsize bytes, const char *prefix, int cols, const char *soft);

/* The paragraph of quote or text that holds the byte `at`, wrapped anew; to be freed: from *from_out,
 * *bytes_out bytes are to be replaced. A paragraph ends at a blank line or where the depth of quotes
 * changes. */
char *flow_reflow(const char *text, gsize at, int cols, gsize *from_out, gsize *bytes_out);

#endif
