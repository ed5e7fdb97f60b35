/* body.c - which parts of a message are read, and which are attachments: see message.h. */
#include "mime/message.h"

#include "base/limits.h"
#include "mime/structure.h"

#include <string.h>

/* What a part of multipart/alternative offers to a reader. */
typedef enum { OFFER_NOTHING, OFFER_OTHER, OFFER_HTML, OFFER_PLAIN } Offer;

typedef struct {
    const MimeMessage *message;
    gboolean prefer_html;
    GPtrArray *out;
} Choice;

/* Readable though not text/: what mail systems report (RFC 3464, 8098, 5965). */
static const char *const REPORT_TYPES[] = {"message/delivery-status", "message/global-delivery-status",
                                           "message/disposition-notification", "message/feedback-report",
                                           NULL};

/* An alternative plain text that says nothing; compared without case. */
static const char *const BOILERPLATE[] = {
    "does not support html",
    "doesn't support html",
    "not support html",
    "unable to display html",
    "cannot display html",
    "html-capable",
    "html-enabled",
    "html compatible",
    "html-compatible",
    "html version",
    "view it in html",
    "html format",
    "html email",
    "html e-mail",
    "in your browser",
    "kein html",
};
#define BOILERPLATE_BYTES 400

static gboolean is_multipart(const MimePart *part, const char *subtype)
{
    return part && g_str_has_prefix(part->type, "multipart/") &&
           (!subtype || strcmp(part->type + strlen("multipart/"), subtype) == 0);
}

static gboolean is_text(const MimePart *part)
{
    return g_str_has_prefix(part->type, "text/");
}

static gboolean is_inside_related(const MimePart *part)
{
    for (part = part->parent; part && !g_str_has_prefix(part->type, "message/"); part = part->parent)
        if (is_multipart(part, "related"))
            return TRUE;
    return FALSE;
}

static gboolean is_attachment(const MimePart *part)
{
    if (part->disposition == MIME_ATTACHMENT)
        return TRUE;
    if (part->children) /* a message within the message */
        return part->disposition != MIME_INLINE || part->filename;
    if (!part->filename || (is_text(part) && part->disposition == MIME_INLINE))
        return FALSE;
    return !(part->content_id && g_str_has_prefix(part->type, "image/") && is_inside_related(part));
}

/* Whether it stands in a message that is itself an attachment. Messages nest to LIMIT_MIME_DEPTH at most. */
static gboolean is_inside_attachment(const MimePart *part)
{
    for (part = part->parent; part; part = part->parent)
        if (g_str_has_prefix(part->type, "message/") && is_attachment(part))
            return TRUE;
    return FALSE;
}

gboolean mime_part_is_in_digest(const MimePart *part)
{
    for (; part; part = part->parent)
        /* One that is to be read in its place is text like any other. */
        if (part->children && !is_multipart(part, NULL) && is_multipart(part->parent, "digest") &&
            is_attachment(part))
            return TRUE;
    return FALSE;
}

GPtrArray *mime_message_attachments(const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_parts(message);
    GPtrArray *attachments = g_ptr_array_new();

    for (guint i = 0; i < parts->len; i++) {
        MimePart *part = parts->pdata[i];
        if (!is_multipart(part, NULL) && is_attachment(part) && !is_inside_attachment(part))
            g_ptr_array_add(attachments, part);
    }
    return attachments;
}

/* Of a leaf that is no attachment. A text is read, or another form of what is read; but for a calendar, which
 * is more than its text. */
static gboolean is_beside_text(const MimePart *part)
{
    const MimePart *parent = part->parent;

    if (parent && (is_multipart(parent, "encrypted") ||
                   (is_multipart(parent, "signed") && part != parent->children[0])))
        return FALSE;
    if (is_text(part))
        return strcmp(part->type, "text/calendar") == 0;
    return !g_strv_contains(REPORT_TYPES, part->type);
}

GPtrArray *mime_message_beside_text(const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_parts(message);
    GPtrArray *beside = g_ptr_array_new();

    for (guint i = 0; i < parts->len; i++) {
        MimePart *part = parts->pdata[i];
        if (!is_multipart(part, NULL) && !is_inside_attachment(part) &&
            (is_attachment(part) || (!part->children && is_beside_text(part))))
            g_ptr_array_add(beside, part);
    }
    return beside;
}

gboolean mime_message_is_encrypted(const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_parts(message);

    for (guint i = 0; i < parts->len; i++)
        if (is_multipart(parts->pdata[i], "encrypted") && !is_inside_attachment(parts->pdata[i]))
            return TRUE;
    return FALSE;
}

/* ---- what is read ---- */

/* The part of multipart/related that the others belong to (RFC 2387: "start", else the first). */
static const MimePart *related_root(const MimePart *related)
{
    const char *start = ((const MimeNode *)related)->start;

    for (guint i = 0; start && related->children[i]; i++)
        if (g_strcmp0(related->children[i]->content_id, start) == 0)
            return related->children[i];
    return related->children[0];
}

/* Depth is at most LIMIT_MIME_DEPTH, so recursion is safe here and below. */
static Offer offer_of(const MimePart *part)
{
    if (is_multipart(part, "related"))
        return offer_of(related_root(part));
    if (part->children && is_multipart(part, NULL)) {
        Offer best = OFFER_NOTHING;
        for (guint i = 0; part->children[i] && best < OFFER_HTML; i++) {
            Offer offer =
                offer_of(part->children[i]); /* not within MAX(), which would ask twice on each level */
            best = MAX(best, offer);
        }
        return best;
    }
    if (part->disposition == MIME_ATTACHMENT || !is_text(part))
        return OFFER_NOTHING;
    if (strcmp(part->type, "text/plain") == 0)
        return OFFER_PLAIN;
    return strcmp(part->type, "text/html") == 0 ? OFFER_HTML : OFFER_OTHER;
}

static gboolean says_nothing(const MimeMessage *message, const MimePart *part)
{
    gsize size = 0;

    if (part->children || strcmp(part->type, "text/plain") != 0)
        return FALSE;
    if (part->size_bytes > LIMIT_SUBJECT_BYTES)
        return FALSE;
    g_autofree char *text = mime_part_text(message, part, NULL, &size, NULL);
    g_strstrip(text);
    if (!*text)
        return TRUE;
    if (strlen(text) > BOILERPLATE_BYTES)
        return FALSE;
    g_autofree char *folded = g_utf8_strdown(text, -1);
    for (guint i = 0; i < G_N_ELEMENTS(BOILERPLATE); i++)
        if (strstr(folded, BOILERPLATE[i]))
            return TRUE;
    return FALSE;
}

/* The last of a kind is the sender's favourite (RFC 2046 5.1.4). */
static const MimePart *best_alternative(const Choice *choice, const MimePart *alternative)
{
    const MimePart *best[OFFER_PLAIN + 1] = {NULL};

    for (guint i = 0; alternative->children[i]; i++)
        best[offer_of(alternative->children[i])] = alternative->children[i];
    const MimePart *plain = best[OFFER_PLAIN], *html = best[OFFER_HTML];
    if (html && (!plain || choice->prefer_html || says_nothing(choice->message, plain)))
        return html;
    return plain ? plain : best[OFFER_OTHER];
}

static void choose(const Choice *choice, const MimePart *part);

static void choose_each(const Choice *choice, const MimePart *part)
{
    for (guint i = 0; part->children[i]; i++)
        choose(choice, part->children[i]);
}

static void choose_multipart(const Choice *choice, const MimePart *part)
{
    if (is_multipart(part, "alternative")) {
        const MimePart *best = best_alternative(choice, part);
        if (best)
            choose(choice, best);
        else
            choose_each(choice, part);
    } else if (is_multipart(part, "related")) {
        choose(choice, related_root(part));
    } else if (is_multipart(part, "signed")) {
        choose(choice, part->children[0]);
    } else if (!is_multipart(part, "encrypted")) {
        choose_each(choice, part);
    }
}

static void choose(const Choice *choice, const MimePart *part)
{
    if (is_multipart(part, NULL)) {
        choose_multipart(choice, part);
    } else if (part->children) {
        if (!is_attachment(part) || is_multipart(part->parent, "digest"))
            choose(choice, part->children[0]);
    } else if (!part->parent && is_text(part)) { /* all there is, whatever it is called */
        g_ptr_array_add(choice->out, (gpointer)part);
    } else if (!is_attachment(part) && (is_text(part) || g_strv_contains(REPORT_TYPES, part->type))) {
        g_ptr_array_add(choice->out, (gpointer)part);
    }
}

GPtrArray *mime_message_body_parts(const MimeMessage *message, gboolean prefer_html)
{
    Choice choice = {message, prefer_html, g_ptr_array_new()};

    choose(&choice, mime_message_root(message));
    return choice.out;
}
