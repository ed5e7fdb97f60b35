/* outgoing.c - see outgoing.h: reading what a program says, and writing it down. What its header says is in
 * outgoing_fields.c. */
#include "mime/outgoing_private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mime/field.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- what comes in: CRLF made LF, up to the end or the dot ---- */

static void put_held(MimeOutgoing *message, GString *out)
{
    if (message->has_dot)
        g_string_append_c(out, '.');
    if (message->has_cr)
        g_string_append_c(out, '\r');
    message->is_line_start &= !message->has_dot && !message->has_cr;
    message->has_dot = message->has_cr = FALSE;
}

static void take_byte(MimeOutgoing *message, char c, GString *out)
{
    if (c == '\n') {
        message->has_cr = FALSE; /* the line end's */
        if (message->has_dot) {
            message->is_ended = TRUE;
            return;
        }
        g_string_append_c(out, '\n');
        message->is_line_start = TRUE;
        return;
    }
    if (c == '\r' && !message->has_cr) {
        message->has_cr = TRUE;
        return;
    }
    if (c == '.' && message->dot_ends && message->is_line_start && !message->has_dot && !message->has_cr) {
        message->has_dot = TRUE;
        return;
    }
    put_held(message, out);
    if (c == '\r') {
        message->has_cr = TRUE;
        return;
    }
    g_string_append_c(out, c);
    message->is_line_start = FALSE;
}

/* Adds what comes next. FALSE: it cannot be read. At the end nothing is added, and is_ended set. */
static gboolean read_piece(MimeOutgoing *message, GString *out, GError **error)
{
    gssize got;

    do
        got = read(message->fd, message->in, sizeof message->in);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("the message cannot be read"));
        return FALSE;
    }
    for (gssize i = 0; i < got && !message->is_ended; i++)
        take_byte(message, message->in[i], out);
    if (got == 0) {
        put_held(message, out);
        message->is_ended = TRUE;
    }
    return TRUE;
}

/* ---- the header ---- */

/* How far what was read can be judged: a line that goes on may still become a field, but a very long one. */
static const char *end_of_lines(const GString *text, gboolean is_all)
{
    const char *end = text->str + text->len;
    const char *newline = memrchr(text->str, '\n', text->len);
    const char *line = newline ? newline + 1 : text->str;

    return is_all || end - line > MOST_LINE_BYTES ? end : line;
}

/* Where the body begins in what was read. FALSE: the header's end is not there yet. */
static gboolean find_body(const GString *text, gboolean is_all, gsize *header_bytes, gsize *body_at)
{
    const char *cursor = text->str, *end = end_of_lines(text, is_all);
    const char *last = cursor;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        last = cursor;
    *header_bytes = (gsize)(last - text->str);
    *body_at = (gsize)(cursor - text->str);
    return is_all || cursor < end;
}

static guint count_lines(const char *text, gsize bytes)
{
    guint n = 0;

    for (gsize i = 0; i < bytes; i++)
        n += text[i] == '\n';
    return n;
}

static gboolean read_header(MimeOutgoing *message, GError **error)
{
    GString *text = message->header;
    gsize header_bytes, body_at;

    do {
        if (text->len > LIMIT_MIME_HEADER_BYTES) {
            tern_error_set(error, TERN_ERROR_LIMIT, _("the header of the message does not end"));
            return FALSE;
        }
        if (!read_piece(message, text, error))
            return FALSE;
    } while (!find_body(text, message->is_ended, &header_bytes, &body_at));
    const gboolean is_empty_line =
        body_at == 0 ? *text->str == '\n' : body_at == 1 || text->str[body_at - 2] == '\n';
    if (body_at < text->len && !is_empty_line)
        message->cut_line = count_lines(text->str, body_at) + 1;
    g_string_append_len(message->rest, text->str + body_at, (gssize)(text->len - body_at));
    g_string_truncate(text, header_bytes);
    if (text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
    return TRUE;
}

gboolean outgoing_read_on(MimeOutgoing *message, GError **error)
{
    const GString *rest = message->rest;

    while (!message->is_ended && rest->len < LIMIT_MIME_HEADER_BYTES && !strstr(rest->str, "\n\n"))
        if (!read_piece(message, message->rest, error))
            return FALSE;
    return TRUE;
}

MimeOutgoing *mime_outgoing_read(int fd, gboolean dot_ends, GError **error)
{
    g_autoptr(MimeOutgoing) message = g_new0(MimeOutgoing, 1);

    message->fd = fd;
    message->dot_ends = dot_ends;
    message->is_line_start = TRUE;
    message->header = g_string_new(NULL);
    message->rest = g_string_new(NULL);
    if (!read_header(message, error))
        return NULL;
    if (message->header->len == 0 && message->rest->len == 0) {
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no message: nothing was given"));
        return NULL;
    }
    message->envelope = mime_envelope_parse(message->header->str, message->header->len);
    message->message_id = g_strdup(message->envelope->message_id);
    return g_steal_pointer(&message);
}

void mime_outgoing_free(MimeOutgoing *message)
{
    if (!message)
        return;
    g_string_free(message->header, TRUE);
    g_string_free(message->rest, TRUE);
    mime_envelope_free(message->envelope);
    g_free(message->message_id);
    g_free(message);
}

const MimeEnvelope *mime_outgoing_envelope(const MimeOutgoing *message)
{
    return message->envelope;
}

const char *mime_outgoing_message_id(const MimeOutgoing *message)
{
    return message->message_id;
}

/* ---- writing ---- */

static gboolean is_multipart(const MimeOutgoing *message)
{
    const char *cursor = message->header->str, *end = cursor + message->header->len;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        if (mime_field_is(&field, "Content-Type")) {
            g_autofree char *value = mime_field_unfold(&field, NULL);
            return !g_ascii_strncasecmp(value, "multipart/", 10) ||
                   !g_ascii_strncasecmp(value, "message/", 8);
        }
    return FALSE;
}

/* Whether the body says by itself that it has 8-bit text; in parts, each does. */
static gboolean is_declared(const MimeOutgoing *message)
{
    const char *cursor = message->header->str, *end = cursor + message->header->len;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        if (mime_field_is(&field, "Content-Transfer-Encoding")) {
            g_autofree char *value = mime_field_unfold(&field, NULL);
            return !g_ascii_strcasecmp(g_strstrip(value), "8bit") || !g_ascii_strcasecmp(value, "binary");
        }
    return FALSE;
}

static gboolean write_piece(int fd, const GString *piece, BodyScan *scan, int64_t *bytes, GError **error)
{
    body_scan(scan, piece->str, piece->len);
    *bytes += (int64_t)piece->len;
    if (*bytes <= LIMIT_MESSAGE_BYTES)
        return file_write_all(fd, piece->str, piece->len, error);
    tern_error_set(error, TERN_ERROR_LIMIT, _("the message is larger than tern sends"));
    return FALSE;
}

static gboolean write_body(MimeOutgoing *message, int fd, BodyScan *scan, GError **error)
{
    g_autoptr(GString) piece = g_string_new(NULL);
    int64_t bytes = 0;

    if (!write_piece(fd, message->rest, scan, &bytes, error))
        return FALSE;
    while (!message->is_ended) {
        g_string_truncate(piece, 0);
        if (!read_piece(message, piece, error) || !write_piece(fd, piece, scan, &bytes, error))
            return FALSE;
    }
    return scan->line_bytes == 0 || file_write_all(fd, "\n", 1, error);
}

/* The header, and where there are files the first part's. FALSE: LIMIT. */
static gboolean append_headers(MimeOutgoing *message, const GString *part, const char *boundary, GString *out,
                               GError **error)
{
    gboolean is_whole = outgoing_header(out, message->header->str, message->header->len);

    g_string_append_c(out, '\n');
    if (boundary) {
        g_string_append_printf(out, "--%s\n", boundary);
        is_whole &= outgoing_header(out, part->str, part->len);
        g_string_append_c(out, '\n');
    }
    if (!is_whole)
        outgoing_fail_addresses(error);
    return is_whole;
}

static gboolean check_size(int fd, GError **error)
{
    if (lseek(fd, 0, SEEK_CUR) <= LIMIT_MESSAGE_BYTES)
        return TRUE;
    tern_error_set(error, TERN_ERROR_LIMIT, _("the message is larger than tern sends"));
    return FALSE;
}

gboolean mime_outgoing_write_with(MimeOutgoing *message, const MimeFileWants *files, guint n, int fd,
                                  GError **error)
{
    g_autoptr(GString) headers = g_string_new(NULL), part = g_string_new(NULL);
    g_autofree char *boundary = n ? mime_boundary_new() : NULL;
    BodyScan scan = {0};

    if (n)
        outgoing_wrap_header(message->header, part, boundary, files, n);
    if (!append_headers(message, part, boundary, headers, error) ||
        !file_write_all(fd, headers->str, headers->len, error) || !write_body(message, fd, &scan, error))
        return FALSE;
    if (n && (!outgoing_write_files(fd, boundary, files, n, error) || !check_size(fd, error)))
        return FALSE;
    const gboolean is_silent = scan.has_8bit && (is_multipart(message) || !is_declared(message));
    return !(scan.has_bad_byte || scan.has_long_line || is_silent) || outgoing_mend(fd, FALSE, error);
}

gboolean mime_outgoing_write(MimeOutgoing *message, int fd, GError **error)
{
    return mime_outgoing_write_with(message, NULL, 0, fd, error);
}
