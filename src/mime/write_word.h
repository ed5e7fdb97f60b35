/* write_word.h - encoded words (RFC 2047) being made. Private to src/mime/. Pure; any thread. */
#ifndef TERN_MIME_WRITE_WORD_H
#define TERN_MIME_WRITE_WORD_H

#include <glib.h>

/* Where they will stand: a phrase (a name) allows fewer characters as they are (RFC 2047 5). */
typedef enum { MIME_WORD_TEXT, MIME_WORD_PHRASE } MimeWordPlace;

/* Whether a word of valid UTF-8 cannot go out as it is: not ASCII, looking like an encoded word, or too long
 * for a line. */
gboolean mime_word_needs_encoding(const char *word, gsize bytes, MimeWordPlace place);

/* Valid UTF-8 as encoded words of at most 75 characters each, cut between characters; to be freed by
 * g_strfreev(). The first has at most `first_columns` of them, if that is enough for a word at all. */
char **mime_word_encode(const char *text, gsize bytes, MimeWordPlace place, gsize first_columns);

#endif
