/*
 * charset.h - from whatever bytes mail calls text to UTF-8.
 *
 * glibc's iconv, with the aliases that mail uses and it lacks (x-sjis, ks_c_5601-1987, ISO-8859-8-I,
 * x-mac-roman, …) and the supersets that senders mean (windows-1252 for the controls of ISO-8859-1, GB18030
 * for GB2312); HZ is unwrapped. Converters are kept for each thread, since opening one costs more than a
 * header. Any thread.
 */
#ifndef TERN_BASE_CHARSET_H
#define TERN_BASE_CHARSET_H

#include <glib.h>

/* `bytes` in `charset` (any spelling, NULL or "": unknown) as UTF-8, NUL-terminated, to be freed; never NULL.
 * Whatever cannot be read becomes U+FFFD, a NUL too; a byte order mark in front goes. A charset that nobody
 * knows, or US-ASCII with high bytes, is read as UTF-8 where it is valid, as UTF-16 where its mark stands in front, else
 * as windows-1252. Output at
 * most `max_bytes` (cut at a character); its size in *size_out, which may be NULL. */
char *charset_to_utf8(const char *bytes, gsize size, const char *charset, gsize max_bytes, gsize *size_out);

/* Whether iconv or tern knows it. */
gboolean charset_is_known(const char *charset);

/* Whether the process's locale (setlocale() was called) speaks UTF-8; where not, what goes to the screen and
 * the terminal goes through charset_to_locale(). */
gboolean charset_locale_is_utf8(void);

/* UTF-8 to the locale's charset, to be freed. A character that it lacks becomes as many '?' as it has
 * columns, so that what was laid out stays laid out. */
char *charset_to_locale(const char *text);

#endif
