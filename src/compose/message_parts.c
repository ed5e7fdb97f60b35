/* message_parts.c - see message_parts.h. */
#include "compose/message_parts.h"

#include "compose/flow.h"
#include "compose/markdown.h"
#include "mime/write.h"

#include <string.h>

/* ---- planning ---- */

typedef struct {
    MessageParts *parts;
    const Draft *draft;
} Planning;

/* An attachment that is called as the picture's name, for the text to show. */
static char *picture_of(const char *name, void *data)
{
    const Planning *planning = data;
    const GPtrArray *all = planning->draft->attachments;

    for (guint i = 0; i < all->len; i++) {
        const DraftAttachment *attachment = all->pdata[i];
        if (!g_str_equal(attachment->name, name) || !g_str_has_prefix(attachment->type, "image/"))
            continue;
        if (!planning->parts->ids[i]) {
            g_autofree char *chance = mime_boundary_new();
            planning->parts->ids[i] = g_strconcat(chance + 2, "@tern.invalid", NULL);
            planning->parts->n_beside--;
        }
        return g_strconcat("cid:", planning->parts->ids[i], NULL);
    }
    return NULL;
}

gboolean message_parts_plan(MessageParts *parts, const Draft *draft, gboolean as_markdown, GError **error)
{
    Planning planning = {parts, draft};

    *parts = (MessageParts){.ids = g_new0(char *, draft->attachments->len + 1),
                            .n_beside = draft->attachments->len};
    if (!as_markdown)
        return TRUE;
    parts->html = markdown_to_html(draft->body, picture_of, &planning, error);
    return parts->html != NULL;
}

void message_parts_clear(MessageParts *parts, const Draft *draft)
{
    for (guint i = 0; parts->ids && i < draft->attachments->len; i++)
        g_free(parts->ids[i]);
    g_free(parts->ids);
    g_free(parts->html);
}

/* ---- writing ---- */

typedef struct {
    MimeWriter *writer;
    const MessageParts *parts;
    const Draft *draft;
    const ComposeOptions *options;
    gboolean needs_8bit;
} Writing;

/* Begins a multipart; its boundary, to be freed. */
static char *begin(const Writing *writing, const char *type)
{
    char *boundary = mime_boundary_new();
    const char *parameters[] = {"boundary", boundary, NULL};
    g_autoptr(GString) field = g_string_new(NULL);

    mime_write_value(field, "Content-Type", type, parameters, NULL);
    /* As the parts, so the whole (RFC 2045 6.4). */
    if (writing->needs_8bit)
        g_string_append(field, "Content-Transfer-Encoding: 8bit\n");
    g_string_append_printf(field, "\n--%s\n", boundary);
    mime_writer_add(writing->writer, field->str, (gssize)field->len);
    return boundary;
}

static void next(const Writing *writing, const char *boundary)
{
    g_autofree char *line = g_strdup_printf("\n--%s\n", boundary);

    mime_writer_add(writing->writer, line, -1);
}

static void end(const Writing *writing, const char *boundary)
{
    g_autofree char *line = g_strdup_printf("\n--%s--\n", boundary);

    mime_writer_add(writing->writer, line, -1);
}

static void write_text(const Writing *writing)
{
    const Draft *draft = writing->draft;
    g_autofree char *flowed = writing->options->is_flowed ? flow_text(draft->body) : NULL;

    mime_write_text_part(writing->writer, flowed ? flowed : draft->body,
                         (MimeTextWants){.subtype = "plain",
                                         .is_flowed = flowed != NULL,
                                         .may_8bit = writing->options->may_8bit});
}

/* Where an attachment goes. */
typedef enum { PLACE_TEXT, PLACE_DIGEST, PLACE_BESIDE } Place;

static Place place_of(const Writing *writing, guint n)
{
    const DraftAttachment *attachment = writing->draft->attachments->pdata[n];

    if (writing->parts->ids[n])
        return PLACE_TEXT;
    return writing->draft->is_digest && g_str_equal(attachment->type, "message/rfc822") ? PLACE_DIGEST
                                                                                        : PLACE_BESIDE;
}

/* Attachments of one place, each behind its boundary; `is_begun`: that of the first stands there. */
static void write_files(const Writing *writing, Place place, const char *boundary, gboolean is_begun)
{
    for (guint i = 0; !writing->options->without_files && i < writing->draft->attachments->len; i++) {
        const DraftAttachment *attachment = writing->draft->attachments->pdata[i];
        const MimeFileWants wants = {.path = attachment->path,
                                     .name = attachment->name,
                                     .type = attachment->type,
                                     .content_id = writing->parts->ids[i],
                                     .is_inline = place == PLACE_TEXT,
                                     .progress = writing->options->progress,
                                     .progress_data = writing->options->progress_data};
        if (place_of(writing, i) != place)
            continue;
        if (!is_begun)
            next(writing, boundary);
        is_begun = FALSE;
        if (!mime_write_file_part(writing->writer, &wants))
            return;
    }
}

static void write_html(const Writing *writing)
{
    const gboolean has_pictures = writing->parts->n_beside < writing->draft->attachments->len;
    g_autofree char *boundary = has_pictures ? begin(writing, "multipart/related") : NULL;

    mime_write_text_part(writing->writer, writing->parts->html,
                         (MimeTextWants){.subtype = "html", .may_8bit = writing->options->may_8bit});
    if (!has_pictures)
        return;
    write_files(writing, PLACE_TEXT, boundary, FALSE);
    end(writing, boundary);
}

static void write_what_is_said(const Writing *writing)
{
    if (!writing->parts->html) {
        write_text(writing);
        return;
    }
    g_autofree char *boundary = begin(writing, "multipart/alternative");
    write_text(writing);
    next(writing, boundary);
    write_html(writing);
    end(writing, boundary);
}

/* Messages that are to be read one after the other, where there are any. */
static void write_digest(const Writing *writing, const char *boundary)
{
    guint n = 0;

    for (guint i = 0; i < writing->draft->attachments->len; i++)
        n += place_of(writing, i) == PLACE_DIGEST;
    if (!n || writing->options->without_files)
        return;
    next(writing, boundary);
    g_autofree char *inner = begin(writing, "multipart/digest");
    write_files(writing, PLACE_DIGEST, inner, TRUE);
    end(writing, inner);
}

static gboolean has_message(const Draft *draft)
{
    for (guint i = 0; i < draft->attachments->len; i++)
        if (g_str_equal(((const DraftAttachment *)draft->attachments->pdata[i])->type, "message/rfc822"))
            return TRUE;
    return FALSE;
}

void message_parts_write(MimeWriter *writer, const MessageParts *parts, const Draft *draft,
                         const ComposeOptions *options)
{
    const Writing writing = {writer, parts, draft, options,
                             has_message(draft) || (options->may_8bit && !g_str_is_ascii(draft->body))};
    g_autofree char *boundary = parts->n_beside ? begin(&writing, "multipart/mixed") : NULL;

    write_what_is_said(&writing);
    if (!boundary)
        return;
    write_digest(&writing, boundary);
    write_files(&writing, PLACE_BESIDE, boundary, FALSE);
    end(&writing, boundary);
}
