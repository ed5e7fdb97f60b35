/* write_body.c - see write_body.h. */
#include "mime/write_body.h"

#include "base/file.h"
#include "mime/write.h"
#include "mime/write_private.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define BUFFER_BYTES (64 << 10)
#define QP_COLUMNS 76

MimeWriter *mime_writer_new(int fd)
{
    MimeWriter *writer = g_new0(MimeWriter, 1);

    *writer = (MimeWriter){fd, g_string_sized_new(BUFFER_BYTES + 1024), NULL};
    return writer;
}

static void flush(MimeWriter *writer)
{
    if (!writer->error)
        file_write_all(writer->fd, writer->buffer->str, writer->buffer->len, &writer->error);
    g_string_truncate(writer->buffer, 0);
}

void mime_writer_add(MimeWriter *writer, const char *text, gssize bytes)
{
    gsize size = bytes < 0 ? strlen(text) : (gsize)bytes;

    if (writer->error)
        return;
    g_string_append_len(writer->buffer, text, (gssize)size);
    if (writer->buffer->len >= BUFFER_BYTES)
        flush(writer);
}

gboolean mime_writer_close(MimeWriter *writer, GError **error)
{
    flush(writer);
    gboolean ok = !writer->error;
    if (!ok)
        g_propagate_error(error, writer->error);
    g_string_free(writer->buffer, TRUE);
    g_free(writer);
    return ok;
}

char *mime_boundary_new(void)
{
    guchar bytes[15];

    /* Fails only where there is no such system call; a boundary that can be guessed is still one. */
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        for (gsize i = 0; i < sizeof bytes; i++)
            bytes[i] = (guchar)g_random_int();
    g_autofree char *word = g_base64_encode(bytes, sizeof bytes);
    /* "=_" stands in no base64 and in no quoted-printable text (RFC 2045 6.7). */
    return g_strdup_printf("=_%s", g_strdelimit(g_strdelimit(word, "+", '-'), "/", '_'));
}

/* ---- text ---- */

/* What a text needs. */
typedef struct {
    gboolean is_ascii, is_latin1, is_safe; /* safe: as 7bit or 8bit no relay would touch it */
} TextKind;

static TextKind kind_of_text(const char *text)
{
    TextKind kind = {TRUE, TRUE, TRUE};
    const char *line = text;

    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        kind.is_ascii &= c < 0x80;
        /* Readers take 0x80 to 0x9f of ISO 8859-1 for windows-1252. */
        kind.is_latin1 &= c < 0x80 || (c >= 0xa0 && c < 0x100);
        kind.is_safe &= (c >= ' ' && c != 0x7f) || c == '\n' || c == '\t';
        if (at == line)
            kind.is_safe &= strncmp(line, "From ", 5) != 0;
        if (c == '\n') {
            kind.is_safe &= at - line < LINE_BYTES;
            line = at + 1;
        }
    }
    kind.is_safe &= strlen(line) < LINE_BYTES;
    return kind;
}

static char *to_latin1(const char *text, gsize *size_out)
{
    GString *out = g_string_new(NULL);

    for (; *text; text = g_utf8_next_char(text))
        g_string_append_c(out, (char)g_utf8_get_char(text));
    *size_out = out->len;
    return g_string_free(out, FALSE);
}

static gboolean qp_is_plain(const char *at, const char *end, gboolean begins_line)
{
    guchar c = (guchar)*at;

    if (c == ' ' || c == '\t') /* not at a line's end, where relays take them away */
        return at + 1 < end && at[1] != '\n';
    if (begins_line && (c == '.' || (c == 'F' && end - at >= 5 && memcmp(at, "From ", 5) == 0)))
        return FALSE; /* for programs that keep mail in mbox, or forget to double dots */
    return c > ' ' && c < 0x7f && c != '=';
}

char *mime_quoted_printable(const char *bytes, gsize size)
{
    GString *out = g_string_sized_new(size + size / 8);
    const char *end = bytes + size;
    gsize column = 0;

    for (const char *at = bytes; at < end; at++) {
        if (*at == '\n') {
            g_string_append_c(out, '\n');
            column = 0;
            continue;
        }
        gboolean is_plain = qp_is_plain(at, end, column == 0);
        gboolean is_last = at + 1 == end || at[1] == '\n';
        gsize width = is_plain ? 1 : 3;
        if (column + width + (is_last ? 0 : 1) > QP_COLUMNS) {
            g_string_append(out, "=\n");
            column = 0;
            is_plain = qp_is_plain(at, end, TRUE);
            width = is_plain ? 1 : 3;
        }
        if (is_plain)
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "=%02X", (guchar)*at);
        column += width;
    }
    return g_string_free(out, FALSE);
}

void mime_writer_add_base64(MimeWriter *writer, const guchar *bytes, gsize size, int *state, int *save)
{
    g_autofree char *out = g_malloc((size / 3 + 1) * 4 + size / 54 + 8);
    gsize n = g_base64_encode_step(bytes, size, TRUE, out, state, save);

    mime_writer_add(writer, out, (gssize)n);
}

void mime_writer_end_base64(MimeWriter *writer, int *state, int *save)
{
    char out[8];
    gsize n = g_base64_encode_close(TRUE, out, state, save);

    mime_writer_add(writer, out, (gssize)n);
}

void mime_writer_add_value(MimeWriter *writer, const char *field, const char *value,
                           const char *const *parameters)
{
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;

    if (!mime_write_value(out, field, value, parameters, &error)) {
        if (writer->error)
            g_error_free(error);
        else
            writer->error = error;
    }
    mime_writer_add(writer, out->str, (gssize)out->len);
}

static void add_encoded(MimeWriter *writer, const char *bytes, gsize size)
{
    g_autofree char *qp = mime_quoted_printable(bytes, size);
    int state = 0, save = 0;

    if (strlen(qp) <= size / 3 * 4 + size / 54) {
        mime_writer_add(writer, "Content-Transfer-Encoding: quoted-printable\n\n", -1);
        mime_writer_add(writer, qp, -1);
        return;
    }
    mime_writer_add(writer, "Content-Transfer-Encoding: base64\n\n", -1);
    /* Text in base64 has CRLF at its line ends (RFC 2045 6.8). */
    g_autoptr(GString) canonical = g_string_new_len(bytes, (gssize)size);
    g_string_replace(canonical, "\n", "\r\n", 0);
    mime_writer_add_base64(writer, (const guchar *)canonical->str, canonical->len, &state, &save);
    mime_writer_end_base64(writer, &state, &save);
}

void mime_write_text_part(MimeWriter *writer, const char *text, MimeTextWants wants)
{
    g_autofree char *whole =
        !*text || g_str_has_suffix(text, "\n") ? g_strdup(text) : g_strconcat(text, "\n", NULL);
    TextKind kind = kind_of_text(whole);
    const char *charset = kind.is_ascii ? "us-ascii" : kind.is_latin1 ? "iso-8859-1" : "utf-8";
    g_autofree char *type = g_strconcat("text/", wants.subtype, NULL);
    const char *parameters[] = {"charset", charset, wants.is_flowed ? "format" : NULL, "flowed", NULL};
    gsize size = strlen(whole);

    mime_writer_add_value(writer, "Content-Type", type, parameters);
    g_autofree char *bytes = kind.is_ascii || !kind.is_latin1 ? g_strdup(whole) : to_latin1(whole, &size);
    if (kind.is_safe && (kind.is_ascii || wants.may_8bit)) {
        mime_writer_add(writer, "Content-Transfer-Encoding: ", -1);
        mime_writer_add(writer, kind.is_ascii ? "7bit\n\n" : "8bit\n\n", -1);
        mime_writer_add(writer, bytes, (gssize)size);
    } else {
        add_encoded(writer, bytes, size);
    }
}
