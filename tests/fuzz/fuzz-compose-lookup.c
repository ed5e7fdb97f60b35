/* What a query-command prints: only addresses that can be sent to come out, with names that can be seen; what
 * was typed stays one word of the command. */
#include "base/sanitise.h"
#include "compose/address.h"
#include "compose/lookup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GPtrArray) found = lookup_parse(text);
    g_auto(GStrv) words = lookup_words("khard email %s x", text, NULL);

    for (guint i = 0; i < found->len; i++) {
        const MimeMailbox *mailbox = found->pdata[i];
        if (!compose_address_check(mailbox->address, NULL) ||
            !sanitise_is_safe(mailbox->name, -1, SANITISE_OPEN) || strpbrk(mailbox->name, "\n\t"))
            abort();
    }
    if (g_strv_length(words) != 4 || words[2][0] == '-' || strcmp(words[3], "x") != 0)
        abort();
    return 0;
}
