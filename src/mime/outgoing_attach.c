/*
 * outgoing_attach.c - see outgoing_private.h: files put beside what a program has handed over.
 *
 *      From, To, Subject …                     From, To, Subject …
 *      Content-Type: text/plain      ──>       Content-Type: multipart/mixed
 *                                                  Content-Type: text/plain, and the body as it was
 *      the body                                    the files
 */
#include "mime/outgoing_private.h"

#include "mime/field.h"
#include "mime/write.h"

#include <string.h>

static gboolean describes_body(const MimeRawField *field)
{
    return field->name_bytes > strlen("Content-") &&
           !g_ascii_strncasecmp(field->name, "Content-", strlen("Content-"));
}

static gboolean is_8bit(const MimeRawField *field)
{
    g_autofree char *value = NULL;

    if (!mime_field_is(field, "Content-Transfer-Encoding"))
        return FALSE;
    value = mime_field_unfold(field, NULL);
    return !g_ascii_strcasecmp(g_strstrip(value), "8bit") || !g_ascii_strcasecmp(value, "binary");
}

static gboolean attaches_message(const MimeFileWants *files, guint n)
{
    for (guint i = 0; i < n; i++)
        if (!g_ascii_strcasecmp(files[i].type, "message/rfc822"))
            return TRUE;
    return FALSE;
}

void outgoing_wrap_header(GString *header, GString *part, const char *boundary, const MimeFileWants *files,
                          guint n)
{
    g_autofree char *old = g_strndup(header->str, header->len);
    const char *cursor = old, *end = old + header->len;
    const char *parameters[] = {"boundary", boundary, NULL};
    gboolean needs_8bit = attaches_message(files, n); /* RFC 2045, 6.4: as the parts, so the whole */
    MimeRawField field;

    g_string_truncate(header, 0);
    while (mime_field_next(&cursor, end, &field)) {
        GString *into = describes_body(&field) ? part : header;
        needs_8bit |= is_8bit(&field);
        if (mime_field_is(&field, "MIME-Version"))
            continue;
        g_string_append_len(into, field.name,
                            (gssize)((gsize)(field.value - field.name) + field.value_bytes));
        g_string_append_c(into, '\n');
    }
    g_string_append(header, "MIME-Version: 1.0\n");
    mime_write_value(header, "Content-Type", "multipart/mixed", parameters, NULL);
    if (needs_8bit)
        g_string_append(header, "Content-Transfer-Encoding: 8bit\n");
}

gboolean outgoing_write_files(int fd, const char *boundary, const MimeFileWants *files, guint n,
                              GError **error)
{
    g_autofree char *next = g_strdup_printf("\n--%s\n", boundary);
    g_autofree char *end = g_strdup_printf("\n--%s--\n", boundary);
    MimeWriter *writer = mime_writer_new(fd);

    for (guint i = 0; i < n; i++) {
        mime_writer_add(writer, next, -1);
        if (!mime_write_file_part(writer, &files[i]))
            break; /* remembered by the writer */
    }
    mime_writer_add(writer, end, -1);
    return mime_writer_close(writer, error);
}
