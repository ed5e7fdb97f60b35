/*
 * address.h - addresses that a person types: read strictly, so that mail goes to whom the writer sees and to
 * nobody else.
 *
 *     Ada <ada@example.org>, "O'Neill, Pat" <pat@example.org>; zoe@bücher.example, Team: a@b.example, c@d.example;
 *
 * mime/address.h reads what others have written and makes the best of it; here nothing is guessed
 * (THREATS.md 3: addresses that parse two ways), and a mistake is told with its place. Commas part
 * addresses, and outside of groups semicolons too. Names may hold anything but what would need quotes and
 * has none: commas, brackets, '@'. Addresses may be of any script (RFC 6531, 5890). Linear; pure; any
 * thread.
 */
#ifndef TERN_COMPOSE_ADDRESS_H
#define TERN_COMPOSE_ADDRESS_H

#include "mime/write.h"

#include <glib.h>

/* MimeMailbox * with a free function, to be unreffed; of a group that has nobody in it one with a NULL
 * address. NULL and INPUT for a mistake: a sentence, and in *where_out (may be NULL) the byte where it
 * begins. LIMIT over LIMIT_ADDRESSES. */
GPtrArray *compose_addresses_parse(const char *text, gsize *where_out, GError **error);

/* The first address of a list as it is typed, without its name, to be freed; NULL: there is none, or a
 * mistake. */
char *compose_address_first(const char *text);

/* The list as it is typed, to be freed: what compose_addresses_parse() reads the same again. */
char *compose_addresses_format(const GPtrArray *mailboxes);

/* Whether it is a whole address and nothing else, well-formed; else why not (newly allocated; why_out may be
 * NULL). */
gboolean compose_address_check(const char *address, char **why_out);

/* Whether two addresses go to the same box as far as one can tell: the domain in any case and either form,
 * the local part in any case of ASCII letters. */
gboolean compose_address_equal(const char *a, const char *b);

/* Whether it can only be sent with SMTPUTF8: its local part is not ASCII. */
gboolean compose_address_needs_utf8(const char *address);

/* Where the address under the cursor begins, for completion: the byte after the last comma, semicolon or
 * group's colon that stands in no quotes, past the blanks. */
gsize compose_address_word(const char *text, gsize cursor);

#endif
