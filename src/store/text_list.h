/*
 * text_list.h - lists of addresses and of references as they stand in an envelope's columns.
 *
 * Names and addresses are UTF-8, in which the bytes FE and FF never occur: FF ends an address or a reference,
 * FE parts a name from its address. No text from outside can forge either.
 */
#ifndef TERN_STORE_TEXT_LIST_H
#define TERN_STORE_TEXT_LIST_H

#include "store/types.h"

#include <glib.h>

/* Appends to `into`, which is to be empty; nothing for an empty list. */
void text_list_write_addresses(GString *into, const StoreAddress *addresses, guint n);
void text_list_write_strings(GString *into, const char *const *strings);

/* StoreAddress * with a free function; never NULL. */
GPtrArray *text_list_read_addresses(const void *bytes, gsize size);
/* NULL-terminated, never NULL. */
char **text_list_read_strings(const void *bytes, gsize size);

/* What a list on the screen shows of it, text_person() of each, at most three; to be freed. */
char *text_list_people(const void *bytes, gsize size);

/* Calls `item` for each string, the last one first, until it returns FALSE. */
void text_list_each_back(const void *bytes, gsize size,
                         gboolean (*item)(const char *text, gsize size, void *data), void *data);

/* `text` (NULL: "") as valid UTF-8: itself, or a copy in *owned_out, to be freed. */
const char *text_list_valid(const char *text, char **owned_out);

#endif
