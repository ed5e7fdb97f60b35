/* attachment.c - see attachment.h. */
#include "render/attachment.h"

#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"

#include <string.h>

/* A type, or with a '/' at its end all of that kind. The first match counts. */
static const struct {
    const char *type, *name;
} TYPES[] = {
    {"application/pdf", N_("PDF document")},
    {"application/msword", N_("Word document")},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", N_("Word document")},
    {"application/vnd.ms-excel", N_("Excel spreadsheet")},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", N_("Excel spreadsheet")},
    {"application/vnd.ms-powerpoint", N_("PowerPoint presentation")},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation",
     N_("PowerPoint presentation")},
    {"application/vnd.oasis.opendocument.text", N_("OpenDocument text")},
    {"application/vnd.oasis.opendocument.spreadsheet", N_("OpenDocument spreadsheet")},
    {"application/vnd.oasis.opendocument.presentation", N_("OpenDocument presentation")},
    {"application/vnd.oasis.opendocument.graphics", N_("OpenDocument drawing")},
    {"application/rtf", N_("RTF document")},
    {"text/rtf", N_("RTF document")},
    {"application/epub+zip", N_("EPUB book")},
    {"application/postscript", N_("PostScript document")},
    {"application/zip", N_("ZIP archive")},
    {"application/x-zip-compressed", N_("ZIP archive")},
    {"application/gzip", N_("gzip archive")},
    {"application/x-gzip", N_("gzip archive")},
    {"application/x-tar", N_("tar archive")},
    {"application/x-7z-compressed", N_("7-Zip archive")},
    {"application/x-rar-compressed", N_("RAR archive")},
    {"application/vnd.rar", N_("RAR archive")},
    {"application/json", N_("JSON data")},
    {"application/xml", N_("XML data")},
    {"text/xml", N_("XML data")},
    {"text/csv", N_("CSV table")},
    {"text/calendar", N_("calendar event")},
    {"application/ics", N_("calendar event")},
    {"text/vcard", N_("contact card")},
    {"text/x-vcard", N_("contact card")},
    {"text/html", N_("HTML page")},
    {"text/markdown", N_("Markdown text")},
    {"text/x-patch", N_("patch")},
    {"text/x-diff", N_("patch")},
    {"text/plain", N_("text")},
    {"text/", N_("text")},
    {"image/jpeg", N_("JPEG image")},
    {"image/png", N_("PNG image")},
    {"image/gif", N_("GIF image")},
    {"image/webp", N_("WebP image")},
    {"image/svg+xml", N_("SVG drawing")},
    {"image/", N_("image")},
    {"audio/", N_("sound")},
    {"video/", N_("film")},
    {"font/", N_("font")},
    {"message/rfc822", N_("message")},
    {"message/global", N_("message")},
    {"message/delivery-status", N_("delivery report")},
    {"message/disposition-notification", N_("read receipt")},
    {"application/pgp-signature", N_("OpenPGP signature")},
    {"application/pgp-keys", N_("OpenPGP key")},
    {"application/pgp-encrypted", N_("OpenPGP data")},
    {"application/pkcs7-signature", N_("S/MIME signature")},
    {"application/x-pkcs7-signature", N_("S/MIME signature")},
    {"application/pkcs7-mime", N_("S/MIME data")},
    {"application/x-pkcs7-mime", N_("S/MIME data")},
    {"application/x-msdownload", N_("Windows program")},
    {"application/vnd.microsoft.portable-executable", N_("Windows program")},
    {"application/x-sh", N_("shell script")},
    {"application/ms-tnef", N_("Outlook data")},
    {"application/vnd.ms-tnef", N_("Outlook data")},
    {"application/octet-stream", N_("data")},
};

const char *render_type_name(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(TYPES); i++) {
        gsize length = strlen(TYPES[i].type);
        gboolean is_family = TYPES[i].type[length - 1] == '/';
        if (is_family ? strncmp(type, TYPES[i].type, length) == 0 : strcmp(type, TYPES[i].type) == 0)
            return _(TYPES[i].name);
    }
    return type;
}

char *render_size_text(gsize bytes)
{
    static const char *const UNITS[] = {N_("KB"), N_("MB"), N_("GB")};
    double size = (double)bytes / 1024;
    gsize unit = 0;

    if (bytes < 1024)
        return g_strdup_printf(ngettext_("%u byte", "%u bytes", bytes), (guint)bytes);
    for (; size >= 1000 && unit + 1 < G_N_ELEMENTS(UNITS); unit++)
        size /= 1024;
    return g_strdup_printf(size < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", size, _(UNITS[unit]));
}

void render_attachment_free(gpointer data)
{
    RenderAttachment *attachment = data;

    g_free(attachment->part);
    g_free(attachment->filename);
    g_free(attachment->type);
    g_free(attachment);
}

static RenderAttachment *attachment_new(const MimePart *part, int number)
{
    RenderAttachment *attachment = g_new0(RenderAttachment, 1);

    attachment->number = number;
    attachment->part = g_strdup(part->number);
    attachment->filename = sanitise(part->filename ? part->filename : "", -1, SANITISE_LINE);
    attachment->type = sanitise(render_type_name(part->type), -1, SANITISE_LINE);
    attachment->size_bytes = part->size_bytes;
    return attachment;
}

#define SIZE_COLS 10
#define TYPE_COLS 26
#define LEAST_NAME_COLS 12

/* " 1  budget.ods            OpenDocument spreadsheet      48 KB"; what has no room is left out, the name
 * last. */
static void add_row(RenderDocument *document, const RenderAttachment *attachment, const char *shown,
                    int name_cols)
{
    int width = render_document_width(document);
    gboolean ascii = render_document_is_ascii(document);
    g_autofree char *name = text_pad(shown, name_cols, ascii);
    GString *row = g_string_new(NULL);

    g_string_printf(row, "%2d  ", attachment->number);
    /* A name from right to left moves nothing but itself. */
    if (sanitise_needs_isolate(name, strlen(name)))
        g_string_append_printf(row, "%s%s%s", SANITISE_ISOLATE, name, SANITISE_ISOLATE_END);
    else
        g_string_append(row, name);
    if (width >= LEAST_NAME_COLS + TYPE_COLS + SIZE_COLS + 4) {
        g_autofree char *type =
            text_pad(attachment->filename[0] ? attachment->type : "", TYPE_COLS - 2, ascii);
        g_string_append_printf(row, "  %s", type);
    }
    if (width >= LEAST_NAME_COLS + SIZE_COLS + 4) {
        g_autofree char *size = render_size_text(attachment->size_bytes);
        g_string_append_printf(row, "%*s", SIZE_COLS, size);
    }
    render_document_add_plain(document, row->str, RENDER_ATTACHMENT, RENDER_LINE_ATTACHMENT);
    g_string_free(row, TRUE);
}

/* As wide as the longest name, as far as the rest leaves room. */
static int name_columns(const RenderDocument *document, char **names)
{
    int width = render_document_width(document), longest = LEAST_NAME_COLS;
    int room = width - 4;

    if (width >= LEAST_NAME_COLS + TYPE_COLS + SIZE_COLS + 4)
        room -= TYPE_COLS + SIZE_COLS;
    else if (width >= LEAST_NAME_COLS + SIZE_COLS + 4)
        room -= SIZE_COLS;
    for (; *names; names++)
        longest = MAX(longest, text_width_cols(*names, -1));
    return MIN(longest, room);
}

void render_attachments(RenderDocument *document, const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_attachments(message);
    g_auto(GStrv) names = g_new0(char *, parts->len + 1);

    if (parts->len == 0)
        return;
    render_document_add_gap(document, RENDER_LINE_NOTE);
    render_document_add_plain(document, _("Attachments"), RENDER_HEADING, RENDER_LINE_ATTACHMENT);
    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        gboolean has_name = part->filename && *part->filename;
        names[i] = sanitise(has_name ? part->filename : render_type_name(part->type), -1, SANITISE_OPEN);
        g_strdelimit(names[i], "\n", ' ');
        render_document_add_attachment(document, attachment_new(part, (int)i + 1));
    }
    int name_cols = name_columns(document, names);
    for (guint i = 0; i < parts->len; i++)
        add_row(document, render_document_attachments(document)->pdata[i], names[i], name_cols);
}
