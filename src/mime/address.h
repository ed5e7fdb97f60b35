/*
 * address.h - address lists (RFC 5322 3.4) as they are really written.
 *
 * Own code instead of GMime's: this one is flat, so that groups within groups cost nothing, and linear.
 * Groups are opened up, their names dropped ("undisclosed-recipients:;" is nobody). Read although it is
 * wrong: commas in names that nobody quoted ("Lovelace, Ada <ada@example.org>" is one person), ';' between
 * addresses, missing brackets, quotes and comments that do not end, encoded words in quotes or with commas
 * inside, 8-bit text. Pure; any thread.
 */
#ifndef TERN_MIME_ADDRESS_H
#define TERN_MIME_ADDRESS_H

#include "mime/envelope.h"

#include <glib.h>

/* Adds those of an unfolded field value to `list` (MimeAddress *), until it has LIMIT_ADDRESSES. `charset` as
 * in mime_word_decode(). *is_cut_out (may be NULL): there were more. Returns how deep groups stand within
 * groups. */
guint mime_address_parse(const char *value, gsize size, const char *charset, GPtrArray *list,
                         gboolean *is_cut_out);

void mime_address_free(MimeAddress *address);

#endif
