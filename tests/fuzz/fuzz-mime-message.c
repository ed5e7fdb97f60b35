/* A whole message: everything that render asks of it can be had, as valid UTF-8 within the limits. */
#include "base/limits.h"
#include "mime/message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const MimeMessage *message, const MimePart *part)
{
    gsize size = 0;
    gboolean is_cut = FALSE;
    g_autofree char *text = mime_part_text(message, part, NULL, &size, &is_cut);

    if (!g_utf8_validate(text, (gssize)size, NULL) || strlen(text) != size || size > LIMIT_MIME_TEXT_BYTES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(MimeMessage) message = mime_message_parse((const char *)data, size);
    g_autoptr(GPtrArray) parts = mime_message_parts(message);
    const GPtrArray *fields = mime_message_fields(message);

    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        if (!g_utf8_validate(field->name, -1, NULL) || !g_utf8_validate(field->value, -1, NULL))
            abort();
    }
    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        if (*part->number && mime_message_part(message, part->number) != part)
            abort();
        if (!part->children)
            check_text(message, part);
        mime_envelope_free(mime_part_envelope(message, part));
    }
    g_ptr_array_unref(mime_message_attachments(message));
    g_ptr_array_unref(mime_message_body_parts(message, FALSE));
    g_ptr_array_unref(mime_message_body_parts(message, TRUE));
    return 0;
}
