/* Whatever a header holds, what comes out is valid UTF-8 without NULs and within the limits. */
#include "base/limits.h"
#include "mime/envelope.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, gsize limit)
{
    if (!g_utf8_validate(text, -1, NULL) || strlen(text) > limit)
        abort();
}

static void check_list(const GPtrArray *list)
{
    if (list->len > LIMIT_ADDRESSES)
        abort();
    for (guint i = 0; i < list->len; i++) {
        const MimeAddress *address = list->pdata[i];
        check(address->name, LIMIT_SUBJECT_BYTES);
        check(address->address, LIMIT_SUBJECT_BYTES);
        if (!*address->name && !*address->address)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(MimeEnvelope) envelope = mime_envelope_parse((const char *)data, size);

    check_list(envelope->from);
    check_list(envelope->to);
    check_list(envelope->cc);
    check_list(envelope->reply_to);
    check(envelope->subject, LIMIT_SUBJECT_BYTES);
    if (envelope->message_id)
        check(envelope->message_id, LIMIT_MESSAGE_ID_BYTES);
    for (char **id = envelope->references; *id; id++)
        check(*id, LIMIT_MESSAGE_ID_BYTES);
    if (g_strv_length(envelope->references) > LIMIT_REFERENCES)
        abort();
    return 0;
}
