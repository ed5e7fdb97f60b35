/*
 * outgoing_mend.c - see outgoing_private.h: bodies as they may go out.
 *
 * The file is looked at through a map, part by part (structure.h). What is fine is copied; a part with long
 * lines, NULs or CRs is encoded, text as quoted-printable, the rest as base64; 8-bit text that nobody
 * declared is declared, and that in parts' headers encoded.
 */
#include "mime/outgoing_private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "mime/decode.h"
#include "mime/encode.h"
#include "mime/field.h"
#include "mime/structure.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void body_scan(BodyScan *scan, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        const guchar c = (guchar)bytes[i];
        scan->line_bytes = c == '\n' ? 0 : scan->line_bytes + 1;
        scan->has_8bit |= c >= 0x80;
        scan->has_bad_byte |= c == '\0' || c == '\r';
        scan->has_long_line |= scan->line_bytes > MOST_LINE_BYTES;
    }
}

static gboolean is_signed(const MimeNode *node)
{
    for (; node; node = node->parent)
        if (!strcmp(node->part.type, "multipart/signed"))
            return TRUE;
    return FALSE;
}

/* Whether it is made of others. */
static gboolean is_inner(const MimeNode *node)
{
    return node->children || node->is_multipart || node->is_message;
}

static gboolean is_encoded(const MimeNode *node)
{
    return node->encoding == GMIME_CONTENT_ENCODING_BASE64 ||
           node->encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

static gboolean collect(const char *bytes, gsize size, void *data)
{
    g_string_append_len(data, bytes, (gssize)size);
    return TRUE;
}

/* ---- one part ---- */

/* Its header as it may go out; the message's own one is already. Lines, without the empty one. */
static GString *header_of(const char *bytes, const MimeNode *node)
{
    GString *header = g_string_new(NULL);

    outgoing_header(header, bytes + node->header, node->body - node->header);
    return header;
}

/* With another encoding; a charset where it says nothing of what it is. */
static void append_header(GString *into, const GString *header, const MimeNode *node, const char *encoding,
                          const char *charset)
{
    const char *cursor = header->str, *end = cursor + header->len;
    gboolean has_type = FALSE, has_version = node->parent != NULL;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field)) {
        if (mime_field_is(&field, "Content-Transfer-Encoding"))
            continue;
        has_type |= mime_field_is(&field, "Content-Type");
        has_version |= mime_field_is(&field, "MIME-Version");
        g_string_append_len(into, field.name, (field.value - field.name) + (gssize)field.value_bytes);
        g_string_append_c(into, '\n');
    }
    if (!has_version)
        g_string_append(into, "MIME-Version: 1.0\n");
    if (!has_type)
        g_string_append_printf(into, "Content-Type: text/plain; charset=%s\n", charset);
    g_string_append_printf(into, "Content-Transfer-Encoding: %s\n\n", encoding);
}

static void append_mended(GString *into, const char *bytes, const MimeNode *node, const BodyScan *scan,
                          gboolean seven_bit)
{
    const char *body = bytes + node->body;
    const gsize size = node->end - node->body;
    const gboolean is_text = g_str_has_prefix(node->part.type, "text/");
    const gboolean is_utf8 = g_utf8_validate(body, (gssize)size, NULL);
    const char *charset = !scan->has_8bit ? "us-ascii" : is_utf8 ? "utf-8" : "windows-1252";
    g_autoptr(GString) decoded = g_string_new(NULL), header = header_of(bytes, node);

    if (is_text && !seven_bit && !is_encoded(node) && !scan->has_bad_byte && !scan->has_long_line) {
        append_header(into, header, node, "8bit", charset);
        g_string_append_len(into, body, (gssize)size);
        return;
    }
    mime_decode(body, size, node->encoding, collect, decoded);
    append_header(into, header, node, is_text ? "quoted-printable" : "base64", charset);
    if (is_text)
        mime_append_qp(into, decoded->str, decoded->len);
    else
        mime_append_base64(into, decoded->str, decoded->len);
    /* What stands before the next boundary belongs to that. */
    if (node->parent && size > 0 && body[size - 1] != '\n' && into->str[into->len - 1] == '\n')
        g_string_truncate(into, into->len - 1);
}

/* Whether its body cannot stay as it is. */
static gboolean needs_mending(const char *bytes, const MimeNode *node, gboolean seven_bit, BodyScan *scan)
{
    const gboolean is_declared =
        node->encoding == GMIME_CONTENT_ENCODING_8BIT || node->encoding == GMIME_CONTENT_ENCODING_BINARY;

    *scan = (BodyScan){0};
    if (is_inner(node))
        return FALSE;
    body_scan(scan, bytes + node->body, node->end - node->body);
    return scan->has_bad_byte || scan->has_long_line || (scan->has_8bit && seven_bit) ||
           (scan->has_8bit && !is_declared && g_str_has_prefix(node->part.type, "text/"));
}

/* ---- the file ---- */

/* What stands between parts and before them: nobody reads it. */
static void append_between(GString *into, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if (bytes[i] != '\0' && bytes[i] != '\r')
            g_string_append_c(into, bytes[i]);
}

/* From *cursor on up to where its children begin, or its end: that is where *cursor is then. What stays as
 * it is goes straight from the map to the file, however large. */
static gboolean write_node(int fd, const char *bytes, const MimeNode *node, gboolean seven_bit, gsize *cursor,
                           GError **error)
{
    g_autoptr(GString) piece = g_string_new(NULL);
    gsize raw = node->end; /* from here to its end */
    BodyScan scan;

    append_between(piece, bytes + *cursor, node->header - *cursor);
    *cursor = is_inner(node) && !is_signed(node) ? node->body : node->end;
    if (is_signed(node)) {
        raw = node->header;
    } else if (needs_mending(bytes, node, seven_bit, &scan)) {
        append_mended(piece, bytes, node, &scan, seven_bit);
    } else {
        g_autoptr(GString) header = header_of(bytes, node);
        g_string_append_len(piece, header->str, (gssize)header->len);
        if (node->body > node->header) /* the empty line */
            g_string_append_c(piece, '\n');
        raw = is_inner(node) ? node->end : node->body;
    }
    return file_write_all(fd, piece->str, piece->len, error) &&
           file_write_all(fd, bytes + raw, node->end - raw, error);
}

static gboolean write_mended(int fd, const char *bytes, gsize size, const MimeStructure *structure,
                             gboolean seven_bit, GError **error)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    gsize cursor = 0;

    for (guint i = 0; i < structure->nodes->len; i++) {
        const MimeNode *node = structure->nodes->pdata[i];
        if (node->header >= cursor && /* else: within one that was taken whole */
            !write_node(fd, bytes, node, seven_bit, &cursor, error))
            return FALSE;
    }
    append_between(rest, bytes + cursor, size - cursor);
    return file_write_all(fd, rest->str, rest->len, error);
}

/* Back into the file that the caller has, from one without a name. */
static gboolean copy_back(int from, int to, GError **error)
{
    char piece[64 << 10];
    gssize got;

    if (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0 || lseek(from, 0, SEEK_SET) != 0)
        got = -1;
    else
        while ((got = read(from, piece, sizeof piece)) > 0)
            if (!file_write_all(to, piece, (gsize)got, error))
                return FALSE;
    if (got < 0)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be written"));
    return got == 0;
}

static gboolean mend_mapped(int fd, const char *bytes, gsize size, gboolean seven_bit, GError **error)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "tern-mend-XXXXXX", NULL);
    const int temporary = g_mkstemp(path);
    MimeStructure structure = {0};

    if (temporary < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file in %s"), g_get_tmp_dir());
        return FALSE;
    }
    unlink(path);
    mime_structure_scan(&structure, bytes, size);
    if (structure.problem) /* what it found is then one text, which it is not */
        tern_error_set(error, TERN_ERROR_LIMIT, _("the message cannot be made fit to be sent: %s"),
                       _(structure.problem));
    const gboolean ok = !structure.problem &&
                        write_mended(temporary, bytes, size, &structure, seven_bit, error) &&
                        copy_back(temporary, fd, error);
    mime_structure_clear(&structure);
    close(temporary);
    return ok;
}

gboolean outgoing_mend(int fd, gboolean seven_bit, GError **error)
{
    struct stat about;
    char *bytes = MAP_FAILED;

    if (fstat(fd, &about) == 0)
        bytes = mmap(NULL, (gsize)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
        return FALSE;
    }
    const gboolean ok = mend_mapped(fd, bytes, (gsize)about.st_size, seven_bit, error);
    munmap(bytes, (gsize)about.st_size);
    return ok;
}

gboolean mime_outgoing_has_8bit(int fd)
{
    char piece[64 << 10];
    BodyScan scan = {0};
    gssize got;

    for (int64_t at = 0; !scan.has_8bit && (got = file_read_at(fd, piece, sizeof piece, at)) > 0; at += got)
        body_scan(&scan, piece, (gsize)got);
    return scan.has_8bit;
}

gboolean mime_outgoing_to_7bit(int fd, GError **error)
{
    return outgoing_mend(fd, TRUE, error);
}
