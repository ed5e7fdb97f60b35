/* outgoing_header.c - see outgoing_private.h: header fields as they may go out. */
#include "mime/outgoing_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mime/address.h"
#include "mime/encode.h"
#include "mime/field.h"
#include "mime/word.h"

#include <string.h>

static gboolean is_one_of(const MimeRawField *field, const char *const *names)
{
    for (; *names; names++)
        if (mime_field_is(field, *names))
            return TRUE;
    return FALSE;
}

/* Whether it can go out as it stands. */
static gboolean is_fine(const char *bytes, gsize size)
{
    gsize line = 0;

    for (gsize i = 0; i < size; i++) {
        const guchar c = (guchar)bytes[i];
        line = c == '\n' ? 0 : line + 1;
        if (c >= 0x80 || c == '\0' || c == '\r' || line > MOST_LINE_BYTES)
            return FALSE;
    }
    return TRUE;
}

/* "Ada <ada@x>,\n\tBob <bob@x>" with each name encoded. */
static char *encode_addresses(const char *value, gsize size, gboolean *is_cut_out)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    GString *out = g_string_new(NULL);

    mime_address_parse(value, size, NULL, list, is_cut_out);
    for (guint i = 0; i < list->len; i++) {
        const MimeAddress *address = list->pdata[i];
        g_autofree char *text = mime_encode_address(address->name, address->address);
        g_string_append_printf(out, "%s%s", i ? ", " : "", text);
    }
    return g_string_free(out, FALSE);
}

static char *encode_value(const MimeRawField *field, gboolean *is_cut_out)
{
    static const char *const ADDRESSES[] = {"From",
                                            "To",
                                            "Cc",
                                            "Reply-To",
                                            "Sender",
                                            "Resent-From",
                                            "Resent-To",
                                            "Resent-Cc",
                                            "Resent-Sender",
                                            "Mail-Followup-To",
                                            "Disposition-Notification-To",
                                            NULL};
    static const char *const PARAMS[] = {"Content-Type", "Content-Disposition", NULL};
    gsize size;
    g_autofree char *value = mime_field_unfold(field, &size);

    if (is_one_of(field, ADDRESSES))
        return encode_addresses(value, size, is_cut_out);
    if (is_one_of(field, PARAMS)) {
        g_autofree char *text = g_utf8_make_valid(value, (gssize)size);
        return mime_encode_params(text);
    }
    g_autofree char *text = mime_word_decode(value, size, NULL, LIMIT_MIME_HEADER_BYTES);
    return mime_encode_text(text);
}

/* FALSE: not all of it. */
static gboolean append_field(GString *into, const MimeRawField *field)
{
    const gsize raw_bytes = (gsize)(field->value - field->name) + field->value_bytes;

    if (is_fine(field->name, raw_bytes)) {
        g_string_append_len(into, field->name, (gssize)raw_bytes);
        g_string_append_c(into, '\n');
        return TRUE;
    }
    gboolean is_cut = FALSE;
    g_autofree char *name = g_strndup(field->name, field->name_bytes), *value = encode_value(field, &is_cut);
    mime_fold_field(into, name, value);
    return !is_cut;
}

void outgoing_fail_addresses(GError **error)
{
    tern_error_set(error, TERN_ERROR_LIMIT,
                   _("a field of the message names more than %d addresses: send it to fewer at a time"),
                   LIMIT_ADDRESSES);
}

gboolean outgoing_header(GString *into, const char *header, gsize size)
{
    const char *cursor = header;
    gboolean is_whole = TRUE;
    MimeRawField field;

    while (mime_field_next(&cursor, header + size, &field))
        if (!mime_field_is_private(&field))
            is_whole &= append_field(into, &field);
    return is_whole;
}
