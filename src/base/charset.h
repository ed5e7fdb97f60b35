/*
 * charset.h - from whatever bytes mail calls text to UTF-8.
 *
 * glibc's iconv, with the aliases that mail uses and it lacks (x-sjis, ks_c_5601-1987, ISO-8859-8-I, x-mac-roman, …); HZ is unwrapped. Any thread.
 */
#ifndef TERN_BASE_CHARSET_H
#define TERN_BASE_CHARSET_H

#include <glib.h>

/* `bytes` in `charset` (any spelling, NULL or "": unknown) as UTF-8, NUL-terminated, to be freed; never NULL. Whatever cannot be read becomes U+FFFD, a NUL
 * too; a charset that nobody knows, or US-ASCII with high bytes, is read as UTF-8 where it is valid, else as windows-1252. *size_out may be NULL. Output at most `max_bytes` (cut at a character). */
char *charset_to_utf8(const char *bytes, gsize size, const char *charset, gsize max_bytes, gsize *size_out);

/* Whether iconv or tern knows it. */
gboolean charset_is_known(const char *charset);

/* Whether the process's locale speaks UTF-8; where not, the screen and the terminal output go through charset_from_utf8(). */
gboolean charset_locale_is_utf8(void);

/* UTF-8 to the locale's charset, with '?' for what it lacks, to be freed. */
char *charset_to_locale(const char *text);

#endif
