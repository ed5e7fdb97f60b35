/* write_body.c - see write_body.h. */
#include "mime/write_body.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "mime/write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES (64 << 10)
#define PIECE_BYTES (57 * 512) /* whole lines of base64 */
#define LINE_BYTES 998
#define QP_COLUMNS 76

struct MimeWriter {
    int fd;
    gboolean is_crlf;
    GString *buffer;
    GError *error;
};

MimeWriter *mime_writer_new(int fd, gboolean is_crlf)
{
    MimeWriter *writer = g_new0(MimeWriter, 1);

    *writer = (MimeWriter){fd, is_crlf, g_string_sized_new(BUFFER_BYTES + 1024), NULL};
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

    for (gsize at = 0; at < size && !writer->error;) {
        const char *end = writer->is_crlf ? memchr(text + at, '\n', size - at) : NULL;
        gsize n = end ? (gsize)(end - text) - at : size - at;
        g_string_append_len(writer->buffer, text + at, (gssize)n);
        if (end)
            g_string_append(writer->buffer, "\r\n");
        at += n + (end ? 1 : 0);
        if (writer->buffer->len >= BUFFER_BYTES)
            flush(writer);
    }
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

static void add_base64(MimeWriter *writer, const guchar *bytes, gsize size, int *state, int *save)
{
    g_autofree char *out = g_malloc((size / 3 + 1) * 4 + size / 54 + 8);
    gsize n = g_base64_encode_step(bytes, size, TRUE, out, state, save);

    mime_writer_add(writer, out, (gssize)n);
}

static void end_base64(MimeWriter *writer, int *state, int *save)
{
    char out[8];
    gsize n = g_base64_encode_close(TRUE, out, state, save);

    mime_writer_add(writer, out, (gssize)n);
}

static void add_fields(MimeWriter *writer, const char *field, const char *value,
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
    add_base64(writer, (const guchar *)canonical->str, canonical->len, &state, &save);
    end_base64(writer, &state, &save);
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

    add_fields(writer, "Content-Type", type, parameters);
    g_autofree char *bytes = kind.is_ascii || !kind.is_latin1 ? g_strdup(whole) : to_latin1(whole, &size);
    if (kind.is_safe && (kind.is_ascii || wants.may_8bit)) {
        mime_writer_add(writer, "Content-Transfer-Encoding: ", -1);
        mime_writer_add(writer, kind.is_ascii ? "7bit\n\n" : "8bit\n\n", -1);
        mime_writer_add(writer, bytes, (gssize)size);
    } else {
        add_encoded(writer, bytes, size);
    }
}

/* ---- files ---- */

static int open_file(MimeWriter *writer, const char *path)
{
    struct stat is;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not hold anybody up */
    int failed = fd < 0 ? errno : 0;

    if (fd >= 0 && (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode))) {
        close(fd);
        fd = -1;
        failed = S_ISDIR(is.st_mode) ? EISDIR : EINVAL;
    }
    if (fd < 0 && !writer->error) {
        g_autofree char *name = g_filename_display_name(path);
        tern_error_set_errno(&writer->error, TERN_ERROR_INPUT, failed, _("cannot attach %s"), name);
    }
    return fd;
}

/* Calls `take` for each piece of the file. */
typedef void (*PieceFunc)(const guchar *bytes, gsize size, void *data);

static gboolean each_piece(MimeWriter *writer, const char *path, gsize offset, PieceFunc take, void *data)
{
    g_autofree guchar *piece = g_malloc(PIECE_BYTES);
    int fd = open_file(writer, path);
    gsize filled = 0;
    ssize_t n = 1;

    if (fd < 0)
        return FALSE;
    if (offset && lseek(fd, (off_t)offset, SEEK_SET) < 0)
        n = -1;
    while (n > 0 && !writer->error) {
        n = read(fd, piece + filled, PIECE_BYTES - filled);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            filled += (gsize)n;
        if (filled == PIECE_BYTES || n <= 0) {
            take(piece, filled, data);
            filled = 0;
        }
    }
    if (n < 0 && !writer->error)
        tern_error_set_errno(&writer->error, TERN_ERROR_INPUT, errno, _("cannot read the attachment %s"),
                             path);
    close(fd);
    return !writer->error;
}

/* What a file's bytes are like, found by one pass. */
typedef struct {
    gboolean has_8bit, has_nul_or_cr, has_long_line, is_utf8;
    gsize line;
    guchar last, rest[4]; /* the beginning of a character that the piece ended in */
    gsize n_rest;
} FileKind;

static void look_at_utf8(FileKind *kind, const guchar *bytes, gsize size)
{
    g_autofree char *text = g_malloc(kind->n_rest + size + 1);
    const char *end;
    gsize all = kind->n_rest + size;

    memcpy(text, kind->rest, kind->n_rest);
    memcpy(text + kind->n_rest, bytes, size);
    g_utf8_validate(text, (gssize)all, &end);
    gsize left = all - (gsize)(end - text);
    kind->is_utf8 &= left < 4 && (left == 0 || g_utf8_get_char_validated(end, (gssize)left) == (gunichar)-2);
    kind->n_rest = MIN(left, sizeof kind->rest);
    memcpy(kind->rest, end, kind->n_rest);
}

static void look_at_piece(const guchar *bytes, gsize size, void *data)
{
    FileKind *kind = data;

    for (gsize i = 0; i < size; i++) {
        guchar c = bytes[i];
        kind->has_8bit |= c >= 0x80;
        kind->has_nul_or_cr |= c == '\0' || (kind->last == '\r' && c != '\n');
        kind->line = c == '\n' ? 0 : kind->line + 1;
        kind->has_long_line |= kind->line > LINE_BYTES;
        kind->last = c;
    }
    if (kind->is_utf8 && kind->has_8bit)
        look_at_utf8(kind, bytes, size);
}

typedef struct {
    MimeWriter *writer;
    const MimeFileWants *wants;
    int state, save;
    guchar last;
} Copy;

static void copy_base64(const guchar *bytes, gsize size, void *data)
{
    Copy *copy = data;

    add_base64(copy->writer, bytes, size, &copy->state, &copy->save);
    if (copy->wants->progress)
        copy->wants->progress(size, copy->wants->progress_data);
}

/* CR before LF goes; the writer makes its own. */
static void copy_lines(const guchar *bytes, gsize size, void *data)
{
    Copy *copy = data;
    g_autofree char *out = g_malloc(size + 1);
    gsize n = 0;

    for (gsize i = 0; i < size; i++) {
        if (copy->last == '\r' && bytes[i] != '\n')
            out[n++] = '\r';
        if (bytes[i] != '\r')
            out[n++] = (char)bytes[i];
        copy->last = bytes[i];
    }
    mime_writer_add(copy->writer, out, (gssize)n);
}

gboolean mime_write_file(MimeWriter *writer, const char *path, gsize offset)
{
    Copy copy = {.writer = writer};

    return each_piece(writer, path, offset, copy_lines, &copy);
}

static void add_disposition(MimeWriter *writer, const MimeFileWants *wants)
{
    const char *parameters[] = {wants->name && *wants->name ? "filename" : NULL, wants->name, NULL};

    if (wants->description && *wants->description) {
        g_autoptr(GString) out = g_string_new(NULL);
        GError *error = NULL;
        if (!mime_write_text(out, "Content-Description", wants->description, &error)) {
            if (writer->error)
                g_error_free(error);
            else
                writer->error = error;
        }
        mime_writer_add(writer, out->str, (gssize)out->len);
    }
    add_fields(writer, "Content-Disposition", wants->is_inline ? "inline" : "attachment", parameters);
}

static gboolean write_message_part(MimeWriter *writer, const MimeFileWants *wants, const FileKind *kind)
{
    Copy copy = {.writer = writer, .wants = wants};

    add_fields(writer, "Content-Type", "message/rfc822", NULL);
    add_disposition(writer, wants);
    mime_writer_add(writer, kind->has_8bit ? "Content-Transfer-Encoding: 8bit\n\n" : "\n", -1);
    gboolean ok = each_piece(writer, wants->path, 0, copy_lines, &copy);
    if (copy.last != '\n')
        mime_writer_add(writer, "\n", 1);
    return ok;
}

gboolean mime_write_file_part(MimeWriter *writer, const MimeFileWants *wants)
{
    FileKind kind = {.is_utf8 = TRUE};
    Copy copy = {.writer = writer, .wants = wants};
    gboolean is_message = g_ascii_strcasecmp(wants->type, "message/rfc822") == 0;
    gboolean is_text = g_ascii_strncasecmp(wants->type, "text/", 5) == 0;

    if ((is_message || is_text) && !each_piece(writer, wants->path, 0, look_at_piece, &kind))
        return FALSE;
    if (is_message && !kind.has_nul_or_cr && !kind.has_long_line)
        return write_message_part(writer, wants, &kind);
    /* "unknown-8bit" (RFC 1428): nobody said what it is, and a wrong word is worse. */
    const char *charset = !kind.has_8bit                 ? "us-ascii"
                          : kind.is_utf8 && !kind.n_rest ? "utf-8"
                                                         : "unknown-8bit";
    const char *parameters[] = {is_text ? "charset" : NULL, charset, NULL};
    gboolean is_composite = is_message || g_ascii_strncasecmp(wants->type, "multipart/", 10) == 0 ||
                            g_ascii_strncasecmp(wants->type, "message/", 8) == 0;
    add_fields(writer, "Content-Type", is_composite ? "application/octet-stream" : wants->type, parameters);
    add_disposition(writer, wants);
    mime_writer_add(writer, "Content-Transfer-Encoding: base64\n\n", -1);
    if (!each_piece(writer, wants->path, 0, copy_base64, &copy))
        return FALSE;
    end_base64(writer, &copy.state, &copy.save);
    return !writer->error;
}
