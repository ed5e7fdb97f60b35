/*
 * html_wash.h - any markup made harmless for a tree builder.
 *
 * Tokens are read as the HTML standard says (13.2.5); what comes out is balanced: end tags are put in where
 * they are missing and left out where nothing is open, at most LIMIT_HTML_DEPTH elements are open, and there
 * are only the elements div, p, h1 to h6, ul, ol, li, pre, blockquote, table, caption, tr, td, th, span, br,
 * hr and img. Formatting elements (which a tree builder opens again and again: quadratic) and links become
 * spans: <span f=b>, <span f=a href=…>. Linear.
 */
#ifndef TERN_MIME_HTML_WASH_H
#define TERN_MIME_HTML_WASH_H

#include <glib.h>

/* To be freed by the caller. *stripped_out: LIMIT_HTML_BYTES or LIMIT_HTML_TAGS was passed, and from there on
 * there is only text, in one element. */
GString *html_wash(const char *text, gsize size, gboolean *stripped_out);

#endif
