/* An envelope of any bytes: none, or one that says for whom it is, and that is the same when written and
 * read again. */
#include "maildir/outbox_private.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char PATH[] = "fuzz-envelope";
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_parse((const char *)data, size, 7);

    if (!envelope)
        return 0;
    if (envelope->recipients->len == 0 || !envelope->account || !envelope->sender)
        g_error("for nobody");
    if (!outbox_envelope_save(envelope, PATH, NULL))
        return 0;
    g_autoptr(OutboxEnvelope) again = outbox_envelope_load(PATH, 7, NULL);
    unlink(PATH);
    if (!again || again->state != envelope->state || again->recipients->len != envelope->recipients->len ||
        strcmp(again->sender, envelope->sender) != 0)
        g_error("not the same");
    for (guint i = 0; i < again->recipients->len; i++) {
        const OutboxRecipient *a = again->recipients->pdata[i], *b = envelope->recipients->pdata[i];
        if (strcmp(a->address, b->address) != 0 || a->fate != b->fate)
            g_error("for somebody else");
    }
    return 0;
}
