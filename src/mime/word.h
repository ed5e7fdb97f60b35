/*
 * word.h - encoded words (RFC 2047) and raw 8-bit text in header fields.
 *
 * Broken ones are common, so all that can be read is: in quotes, without space around them, with spaces or
 * '?' inside, with damaged base64, and with a character that is split between neighbours (bytes of adjacent
 * words of one charset are joined before they are decoded). What is no encoded word stays as it is. Linear;
 * pure; any thread.
 */
#ifndef TERN_MIME_WORD_H
#define TERN_MIME_WORD_H

#include <glib.h>

/* `size` bytes of an unfolded value as UTF-8, at most `max_bytes` of it (cut at a character), to be freed.
 * `charset` (NULL: none) is what raw 8-bit text that is no UTF-8 is read as. NULs become U+FFFD. */
char *mime_word_decode(const char *text, gsize size, const char *charset, gsize max_bytes);

/* The bytes of the encoded word at `text`, 0 when none begins there. Only such as could stand in an address
 * list: without quotes, angle brackets and '@', and of 2,000 bytes at most. *searched, at first `text`, is
 * how far has been looked for an end: handed on from word to word, it keeps many beginnings without an end
 * from costing more. */
gsize mime_word_length(const char *text, const char *end, const char **searched);

#endif
