/*
 * param.h - the values of Content-Type and Content-Disposition: "type/subtype; name=value; …" (RFC 2045,
 * 2183, 2231).
 *
 * Comments are left out, parameters in pieces (name*0*, name*1 …) joined and their charset undone; of a name
 * that is there twice the first counts, and an extended one before a plain one. Linear but for sorting
 * pieces, of which 1,000 count. Pure; any thread.
 */
#ifndef TERN_MIME_PARAM_H
#define TERN_MIME_PARAM_H

#include <glib.h>

/* What stands before the first ';', lower case, without comments; "" when there is nothing. To be freed. */
char *mime_param_main(const char *value);

/* The parameter's value, to be freed; NULL when it is missing or empty. `is_text`: for people, so that
 * encoded words and raw 8-bit bytes are decoded and unquoted spaces belong to it; else the bytes as they
 * are. */
char *mime_param_get(const char *value, const char *name, gboolean is_text);

#endif
