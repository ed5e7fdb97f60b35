/* message.c - a message's document put together: see render.h. */
#include "base/i18n.h"
#include "base/sanitise.h"
#include "mime/html.h"
#include "render/attachment.h"
#include "render/document.h"
#include "render/header.h"
#include "render/html.h"
#include "render/plain.h"

#include <string.h>

/* Columns of the quiet rule between two parts. */
#define PART_RULE_COLS 20

/* Tern speaking, within the text. */
static void add_note(RenderDocument *document, const char *sentence)
{
    render_document_add_gap(document, RENDER_LINE_NOTE);
    g_autofree char *safe = sanitise(sentence, -1, SANITISE_OPEN);
    render_document_add_plain(document, safe, RENDER_DIM, RENDER_LINE_NOTE);
}

static void add_image_summary(RenderDocument *document, const Html *html)
{
    if (html->remote_images == 0)
        return;
    g_autofree char *images = g_strdup_printf(
        ngettext_("%u remote image not loaded", "%u remote images not loaded", html->remote_images),
        html->remote_images);
    render_document_add_summary(document, images);
}

static void add_part(RenderDocument *document, const MimeMessage *message, const MimePart *part,
                     const RenderOptions *options)
{
    gsize size = 0;
    gboolean is_cut = FALSE;
    g_autofree char *text = mime_part_text(message, part, options->charset, &size, &is_cut);

    if (strcmp(part->type, "text/html") == 0) {
        g_autoptr(Html) html = html_parse(text, size);
        render_html(document, html);
        add_image_summary(document, html);
        if (html->is_stripped)
            add_note(document, _("This HTML is too large or too deep to be laid out; its text is shown."));
    } else {
        render_plain(document, text, size, (PlainFormat){part->is_flowed, part->is_delsp});
    }
    if (is_cut)
        add_note(document, _("There is more: this text is too long to be shown whole."));
}

/* The innermost message that a part belongs to, when that is not the one shown. */
static const MimePart *inner_message(const MimePart *part)
{
    for (part = part->parent; part; part = part->parent)
        if (g_str_has_prefix(part->type, "message/"))
            return part;
    return NULL;
}

/* A quiet rule, and the header of the message that begins here. */
static void add_part_border(RenderDocument *document, const MimeMessage *message, const MimePart *inner,
                            gboolean is_first, gboolean is_other_message, const RenderOptions *options)
{
    if (!is_first) {
        render_document_add_gap(document, RENDER_LINE_BODY);
        render_document_add_rule(document, PART_RULE_COLS, RENDER_DIM, RENDER_LINE_NOTE);
    }
    if (!is_other_message || !inner)
        return;
    g_autoptr(MimeEnvelope) envelope = mime_part_envelope(message, inner);
    if (envelope)
        render_inner_header(document, envelope, options);
}

static void add_body(RenderDocument *document, const MimeMessage *message, const RenderOptions *options)
{
    g_autoptr(GPtrArray) parts = mime_message_body_parts(message, options->prefer_html);
    const MimePart *inner = NULL;

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i], *before = inner;
        if (options->without_digest && mime_part_is_in_digest(part))
            continue;
        inner = inner_message(part);
        add_part_border(document, message, inner, i == 0, inner != before, options);
        add_part(document, message, part, options);
    }
}

/* "text/plain" of the first part that is read, else of the whole. */
static void add_type_summary(RenderDocument *document, const MimeMessage *message,
                             const RenderOptions *options)
{
    g_autoptr(GPtrArray) parts = mime_message_body_parts(message, options->prefer_html);
    const MimePart *part = parts->len > 0 ? parts->pdata[0] : mime_message_root(message);
    g_autofree char *type = sanitise(part->type, -1, SANITISE_LINE);

    render_document_add_summary(document, type);
}

RenderDocument *render_message(const MimeMessage *message, const RenderOptions *options)
{
    RenderDocument *document = render_document_new(options);
    const char *problem = mime_message_problem(message);

    if (options->all_headers)
        render_header_fields(document, mime_message_fields(message));
    else if (options->headers)
        render_header_block(document, mime_message_envelope(message), options);
    guint before = render_document_lines(document);
    if (problem) {
        g_autofree char *sentence = g_strdup_printf(_("This message is shown as it came: %s."), problem);
        add_note(document, sentence);
        render_document_add_gap(document, RENDER_LINE_NOTE);
    }
    add_type_summary(document, message, options);
    add_body(document, message, options);
    if (render_document_lines(document) == before)
        add_note(document, mime_message_is_encrypted(message)
                               ? _("This message is encrypted, which tern cannot open.")
                               : _("There is no text in this message."));
    render_attachments(document, message);
    render_document_finish(document);
    return document;
}

RenderDocument *render_file(const char *path, const RenderOptions *options, GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(path, error);

    return message ? render_message(message, options) : NULL;
}

RenderDocument *render_envelope(const RenderEnvelope *envelope, const char *note,
                                const RenderOptions *options)
{
    RenderDocument *document = render_document_new(options);

    if (options->headers || options->all_headers)
        render_header_from_store(document, envelope, options);
    if (note)
        add_note(document, note);
    render_document_finish(document);
    return document;
}
