/*
 * charset_names.h - what charsets are called, for charset.c only.
 */
#ifndef TERN_BASE_CHARSET_NAMES_H
#define TERN_BASE_CHARSET_NAMES_H

#include <glib.h>

#define CHARSET_NAME_BYTES 40

/* How its bytes read, as far as something has to be done about it before or instead of iconv. */
typedef enum {
    CHARSET_OTHER,
    CHARSET_ASCII, /* ASCII bytes are ASCII */
    CHARSET_UTF8,
    CHARSET_LATIN1,
    CHARSET_HZ,
    CHARSET_ISO2022JP,
    CHARSET_UTF16,
} CharsetKind;

typedef struct {
    const char *name; /* lower case, as mail has it; NULL: only iconv knows, by what was asked */
    const char *iconv;
    const char *superset; /* tried where `iconv` fails on a text; NULL: none */
    CharsetKind kind;
} CharsetName;

/* Lower case, without quotes and spaces; FALSE for what is no name (only letters, digits and -_:.+ may reach
 * iconv: '/' would ask it for other things). */
gboolean charset_name_normalise(const char *charset, char name_out[CHARSET_NAME_BYTES + 1]);

/* A normalised name in tern's table; NULL: not there, iconv may know it. */
const CharsetName *charset_name_find(const char *name);

/* Whether it is US-ASCII by any name. */
gboolean charset_name_is_ascii(const char *name);

/* Whether the name says nothing, so that the text itself has to tell. */
gboolean charset_name_is_unknown(const char *name);

/* Whether ASCII bytes are ASCII in that charset of iconv's, as far as known. */
gboolean charset_name_contains_ascii(const char *name);

#endif
