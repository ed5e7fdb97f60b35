/* message.c - see message.h. */
#include "compose/message.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/draft_private.h"
#include "compose/message_parts.h"
#include "mime/message.h"
#include "mime/write.h"
#include "mime/write_body.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void compose_message_id(Draft *draft, const char *from)
{
    g_autofree char *chance = mime_boundary_new();
    g_autofree char *ascii = mime_address_ascii_domain(from, NULL);
    const char *at = ascii ? strrchr(ascii, '@') : NULL;

    if (draft->message_id)
        return;
    /* A literal ("[192.0.2.1]") is no name to make others of. */
    draft->message_id = g_strconcat(chance + 2, at && at[1] != '[' ? at : "@tern.invalid", NULL);
}

static gboolean write_people(GString *out, const DraftAddresses *addresses, const char *before,
                             GError **error)
{
    const struct {
        const char *name;
        const GPtrArray *list;
    } FIELDS[] = {{"From", addresses->from}, {"To", addresses->to}, {"Cc", addresses->cc}};

    for (gsize i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        g_autofree char *name = g_strconcat(before, FIELDS[i].name, NULL);
        if (!mime_write_addresses(out, name, FIELDS[i].list, error))
            return FALSE;
    }
    return TRUE;
}

gboolean compose_is_language(const char *text)
{
    return *text &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-, ") == strlen(text);
}

static gboolean write_header(GString *out, const Draft *draft, const DraftAddresses *addresses,
                             const ComposeOptions *options, GError **error)
{
    const char *id[] = {draft->message_id, NULL}, *parent[] = {draft->in_reply_to, NULL};

    mime_write_date(out, "Date", options->now_s, 0);
    if (draft->asks & DRAFT_ASKS_RECEIPT &&
        !mime_write_addresses(out, "Disposition-Notification-To", addresses->from, error))
        return FALSE;
    if (!write_people(out, addresses, "", error) ||
        !mime_write_addresses(out, "Reply-To", addresses->reply_to, error) ||
        !mime_write_text(out, "Subject", draft->fields[DRAFT_SUBJECT], error))
        return FALSE;
    mime_write_ids(out, "Message-ID", id);
    mime_write_ids(out, "In-Reply-To", parent);
    mime_write_ids(out, "References", (const char *const *)draft->references);
    if (options->language && compose_is_language(options->language) &&
        !mime_write_text(out, "Content-Language", options->language, error))
        return FALSE;
    for (guint i = 0; i < draft->own_fields->len; i++) {
        const MimeField *field = draft->own_fields->pdata[i];
        if (!mime_write_text(out, field->name, field->value, error))
            return FALSE;
    }
    g_string_append(out, "MIME-Version: 1.0\n");
    return TRUE;
}

/* ---- a message sent on as it is (RFC 5322 3.6.6) ---- */

/* What the way here left, and what names people that nobody was to see. */
static gboolean stays_behind(const MimeRawField *field)
{
    static const char *const NAMES[] = {"Return-Path",   "Delivered-To",  "Envelope-To",
                                        "X-Original-To", "Delivery-Date", "Status",
                                        "X-Status",      "X-UID",         NULL};

    for (int i = 0; NAMES[i]; i++)
        if (mime_field_is(field, NAMES[i]))
            return TRUE;
    return mime_field_is_private(field);
}

static gboolean read_head(const char *path, char **bytes_out, gsize *size_out, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;

    *bytes_out = g_malloc(LIMIT_HEADER_BYTES);
    *size_out = 0;
    while (fd >= 0 && n > 0 && *size_out < LIMIT_HEADER_BYTES) {
        n = read(fd, *bytes_out + *size_out, LIMIT_HEADER_BYTES - *size_out);
        *size_out += n > 0 ? (gsize)n : 0;
    }
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && n >= 0)
        return TRUE;
    tern_error_set(error, TERN_ERROR_INPUT, _("the message that was to be sent on cannot be read: %s"), path);
    return FALSE;
}

static gboolean write_resent(MimeWriter *writer, const Draft *draft, const DraftAddresses *addresses,
                             const ComposeOptions *options, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *bytes = NULL;
    const char *id[] = {draft->message_id, NULL};
    MimeRawField field;
    gsize size;

    mime_write_date(out, "Resent-Date", options->now_s, 0);
    if (!write_people(out, addresses, "Resent-", error) || !read_head(draft->resent, &bytes, &size, error))
        return FALSE;
    mime_write_ids(out, "Resent-Message-ID", id);
    const char *cursor = bytes;
    while (mime_field_next(&cursor, bytes + size, &field)) {
        if (stays_behind(&field))
            continue;
        g_string_append_len(out, field.name, (gssize)field.name_bytes);
        g_string_append_c(out, ':');
        g_string_append_len(out, field.value, (gssize)field.value_bytes);
        g_string_append_c(out, '\n');
    }
    g_string_replace(out, "\r", "", 0);
    g_string_append_c(out, '\n');
    mime_writer_add(writer, out->str, (gssize)out->len);
    return mime_write_file(writer, draft->resent, (gsize)(cursor - bytes));
}

gboolean compose_message_write(Draft *draft, const DraftAddresses *addresses, const ComposeOptions *options,
                               int fd, GError **error)
{
    g_autoptr(GString) header = g_string_new(NULL);
    g_autoptr(GError) why = NULL;
    MimeWriter *writer = mime_writer_new(fd);
    gboolean ok;

    compose_message_id(draft, ((const MimeMailbox *)addresses->from->pdata[0])->address);
    if (draft->resent) {
        ok = write_resent(writer, draft, addresses, options, &why);
    } else {
        MessageParts parts;
        ok = message_parts_plan(&parts, draft, draft->is_markdown, &why) &&
             write_header(header, draft, addresses, options, &why);
        mime_writer_add(writer, header->str, (gssize)header->len);
        if (ok)
            message_parts_write(writer, &parts, draft, options);
        message_parts_clear(&parts, draft);
    }
    /* The writer's own error is the cause, where there are both. */
    gboolean closed = mime_writer_close(writer, why ? NULL : &why);
    if (why)
        g_propagate_error(error, g_steal_pointer(&why));
    return ok && closed;
}

gboolean compose_draft_write(const Draft *draft, const char *message_id, int fd, GError **error)
{
    const ComposeOptions options = {.may_8bit = FALSE};
    g_autoptr(GString) header = draft_header(draft, message_id);
    MessageParts parts;
    MimeWriter *writer = mime_writer_new(fd);

    /* Whoever reads it again learns that its text is as it was typed, and how it is to be sent. */
    draft_write_wishes(header, draft);
    g_string_append(header, "MIME-Version: 1.0\n");
    mime_writer_add(writer, header->str, (gssize)header->len);
    message_parts_plan(&parts, draft, FALSE, NULL);
    message_parts_write(writer, &parts, draft, &options);
    message_parts_clear(&parts, draft);
    return mime_writer_close(writer, error);
}
