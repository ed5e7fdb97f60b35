/* text_list.c - see text_list.h. */
#include "store/text_list.h"

#include "base/limits.h"
#include "base/text.h"

#include <string.h>

#define END_OF_ITEM '\xff'
#define END_OF_NAME '\xfe'
#define PEOPLE_SHOWN 3

const char *text_list_valid(const char *text, char **owned_out)
{
    *owned_out = NULL;
    if (!text)
        return "";
    if (g_utf8_validate(text, -1, NULL))
        return text;
    *owned_out = g_utf8_make_valid(text, -1);
    return *owned_out;
}

static void append_valid(GString *into, const char *text)
{
    g_autofree char *owned = NULL;

    g_string_append(into, text_list_valid(text, &owned));
}

void text_list_write_addresses(GString *into, const StoreAddress *addresses, guint n)
{
    for (guint i = 0; i < MIN(n, LIMIT_ADDRESSES); i++) {
        append_valid(into, addresses[i].name);
        g_string_append_c(into, END_OF_NAME);
        append_valid(into, addresses[i].address);
        g_string_append_c(into, END_OF_ITEM);
    }
}

void text_list_write_strings(GString *into, const char *const *strings)
{
    for (guint i = 0; strings && strings[i]; i++) {
        append_valid(into, strings[i]);
        g_string_append_c(into, END_OF_ITEM);
    }
}

static void address_free(void *data)
{
    StoreAddress *address = data;

    g_free(address->name);
    g_free(address->address);
    g_free(address);
}

/* The item that begins at `at`, its length in *size_out; NULL at the end. */
static const char *item_at(const char *at, const char *end, gsize *size_out)
{
    const char *stop = at < end ? memchr(at, (guchar)END_OF_ITEM, (gsize)(end - at)) : NULL;

    if (!stop)
        return NULL;
    *size_out = (gsize)(stop - at);
    return at;
}

/* Where the name of an address item ends. */
static gsize name_size(const char *item, gsize size)
{
    const char *stop = memchr(item, (guchar)END_OF_NAME, size);

    return stop ? (gsize)(stop - item) : 0;
}

GPtrArray *text_list_read_addresses(const void *bytes, gsize size)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(address_free);
    const char *end = (const char *)bytes + size, *item;
    gsize length;

    for (const char *at = bytes; (item = item_at(at, end, &length)); at = item + length + 1) {
        StoreAddress *address = g_new(StoreAddress, 1);
        gsize name = name_size(item, length);
        address->name = g_strndup(item, name);
        address->address = name < length ? g_strndup(item + name + 1, length - name - 1) : g_strdup("");
        g_ptr_array_add(list, address);
    }
    return list;
}

char **text_list_read_strings(const void *bytes, gsize size)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    const char *end = (const char *)bytes + size, *item;
    gsize length;

    for (const char *at = bytes; (item = item_at(at, end, &length)); at = item + length + 1)
        g_ptr_array_add(list, g_strndup(item, length));
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_steal(list, NULL);
}

char *text_list_people(const void *bytes, gsize size)
{
    GString *people = g_string_new(NULL);
    const char *end = (const char *)bytes + size, *item;
    gsize length;
    int n = 0;

    for (const char *at = bytes; (item = item_at(at, end, &length)); at = item + length + 1) {
        gsize name = name_size(item, length);
        if (n++ == PEOPLE_SHOWN) {
            g_string_append(people, ", …");
            break;
        }
        if (people->len)
            g_string_append(people, ", ");
        g_autofree char *shown = g_strndup(item, name);
        g_autofree char *address = length > name ? g_strndup(item + name + 1, length - name - 1) : NULL;
        g_string_append(people, text_person(shown, address));
    }
    return g_string_free(people, FALSE);
}

void text_list_each_back(const void *bytes, gsize size,
                         gboolean (*item)(const char *text, gsize size, void *data), void *data)
{
    const char *begin = bytes, *end = begin + size;

    while (end > begin) {
        const char *start = --end; /* at this item's end mark */
        while (start > begin && start[-1] != END_OF_ITEM)
            start--;
        if (!item(start, (gsize)(end - start), data))
            return;
        end = start;
    }
}
