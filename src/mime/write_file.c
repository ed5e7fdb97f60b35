/* write_file.c - files as parts of a message (write_body.h): looked at, then streamed. */
#include "base/error.h"
#include "base/i18n.h"
#include "mime/write.h"
#include "mime/write_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES (57 * 512) /* whole lines of base64 */

static int open_file(MimeWriter *writer, const char *path)
{
    struct stat is;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not hold anybody up */
    int failed = fd < 0 ? errno : 0;

    if (fd >= 0 && (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode))) {
        close(fd);
        fd = -1;
        failed = S_ISDIR(is.st_mode) ? EISDIR : 0;
    }
    if (fd < 0 && !writer->error) {
        g_autofree char *name = g_filename_display_name(path);
        if (!failed)
            tern_error_set(&writer->error, TERN_ERROR_INPUT, _("cannot attach %s: it is no file"), name);
        else
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

    mime_writer_add_base64(copy->writer, bytes, size, &copy->state, &copy->save);
    if (copy->wants->progress)
        copy->wants->progress(size, copy->wants->progress_data);
}

/* CR before LF goes: SMTP puts it there. */
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
    if (wants->content_id) {
        const char *ids[] = {wants->content_id, NULL};
        g_autoptr(GString) out = g_string_new(NULL);
        mime_write_ids(out, "Content-ID", ids);
        mime_writer_add(writer, out->str, (gssize)out->len);
    }
    mime_writer_add_value(writer, "Content-Disposition", wants->is_inline ? "inline" : "attachment",
                          parameters);
}

static gboolean write_message_part(MimeWriter *writer, const MimeFileWants *wants, const FileKind *kind)
{
    Copy copy = {.writer = writer, .wants = wants};

    mime_writer_add_value(writer, "Content-Type", "message/rfc822", NULL);
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
    mime_writer_add_value(writer, "Content-Type", is_composite ? "application/octet-stream" : wants->type,
                          parameters);
    add_disposition(writer, wants);
    mime_writer_add(writer, "Content-Transfer-Encoding: base64\n\n", -1);
    if (!each_piece(writer, wants->path, 0, copy_base64, &copy))
        return FALSE;
    mime_writer_end_base64(writer, &copy.state, &copy.save);
    return !writer->error;
}
