/* Contacts of anybody: read without harm; changed they are still one card, with the new name and
 * addresses. */
#include "base/limits.h"
#include "compose/vcard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL) || strlen(text) > 5 * LIMIT_VCARD_LINE_BYTES)
        abort();
}

static void check_change(const VCard *card, const char *text)
{
    const char *addresses[] = {"zoe@example.com", "a+b@example.org", NULL};
    g_autofree char *changed = vcard_change(text + card->from, card->bytes, "Zoë, die; Erste", addresses);
    g_autoptr(GPtrArray) cards = vcard_parse(changed, strlen(changed));
    const VCard *read = cards->len == 1 ? cards->pdata[0] : NULL;

    if (!read || strcmp(read->name, "Zoë, die; Erste") != 0 || g_strv_length(read->addresses) != 2)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_memdup2(data, size ? size : 1); /* nothing behind it */
    g_autoptr(GPtrArray) cards = vcard_parse(text, size);

    for (guint i = 0; i < cards->len; i++) {
        const VCard *card = cards->pdata[i];
        if (card->from + card->bytes > size)
            abort();
        check_text(card->name);
        check_text(card->nickname);
        for (char **address = card->addresses; *address; address++)
            check_text(*address);
        if (i < 4 && !memchr(text + card->from, '\0', card->bytes))
            check_change(card, text);
    }
    return 0;
}
