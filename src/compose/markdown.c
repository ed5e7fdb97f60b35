/* markdown.c - see markdown.h. */
#include "compose/markdown.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/quote.h"

#include <cmark.h>
#include <string.h>

/* ---- before cmark: what others wrote ---- */

/* A character that none is (U+FDD0), and how it stands in a link's address. It parts the "]:" of others'
 * lines, since a link's definition counts in all of the text and the first one wins: "> [1]: http://evil/"
 * would say where the writer's "[1]" leads. In code a backslash would be seen; this is taken out again. */
#define PART "\xef\xb7\x90"

/* Quoted, in a list or within another quote too; what is forwarded goes to the end of the text. */
static gboolean is_others(const char *line, gsize bytes, gboolean *is_forwarded)
{
    const char *forwarded = QUOTE_FORWARDED;

    *is_forwarded |= bytes == strlen(forwarded) && memcmp(line, forwarded, bytes) == 0;
    return *is_forwarded || memchr(line, '>', MIN(strspn(line, " \t>-+*.)0123456789"), bytes));
}

static void append_line(GString *out, const char *line, gsize bytes, gboolean is_others_line)
{
    for (gsize i = 0; i < bytes; i++) {
        g_string_append_c(out, line[i]);
        if (is_others_line && line[i] == ']' && i + 1 < bytes && line[i + 1] == ':')
            g_string_append(out, PART);
    }
    g_string_append_c(out, '\n');
}

/* ---- signatures ---- */

/* Its lines stay lines, and what begins them means nothing; "-- " would make a heading of the line above. */
static void append_signature_line(GString *out, const char *line, gsize bytes)
{
    g_string_append(out, "\\\n");
    if (bytes && g_ascii_ispunct(*line))
        g_string_append_c(out, '\\');
    g_string_append_len(out, line, (gssize)bytes);
}

/* A signature ends at an empty line, or where a quote begins. */
static char *prepare(const char *text)
{
    GString *out = g_string_new(NULL);
    gboolean is_signature = FALSE, is_forwarded = FALSE;

    for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        const gsize bytes = (gsize)(end - line);
        if (is_signature && bytes && *line != '>') {
            append_signature_line(out, line, bytes);
            continue;
        }
        if (is_signature)
            g_string_append(out, "\n\n");
        is_signature = bytes == 3 && memcmp(line, "-- ", 3) == 0;
        if (is_signature)
            g_string_append(out, "\n\\-\\-");
        else
            append_line(out, line, bytes, is_others(line, bytes, &is_forwarded));
    }
    return g_string_free(out, FALSE);
}

/* ---- the tree ---- */

static cmark_node *text_node(const char *text)
{
    cmark_node *node = cmark_node_new(CMARK_NODE_TEXT);

    cmark_node_set_literal(node, text ? text : "");
    return node;
}

static void replace(cmark_node *node, cmark_node *by)
{
    cmark_node_replace(node, by);
    cmark_node_free(node);
}

static void take_parts_out(cmark_node *node, const char *(*get)(cmark_node *),
                           int (*set)(cmark_node *, const char *))
{
    const char *text = get(node);

    if (text && strstr(text, PART)) {
        g_autoptr(GString) whole = g_string_new(text);
        g_string_replace(whole, PART, "", 0);
        set(node, whole->str);
    }
}

/* In the tree, so that cmark judges addresses as they will be ("javascript:"). */
static void restore(cmark_node *node)
{
    take_parts_out(node, cmark_node_get_literal, cmark_node_set_literal);
    take_parts_out(node, cmark_node_get_url, cmark_node_set_url);
    take_parts_out(node, cmark_node_get_title, cmark_node_set_title);
    take_parts_out(node, cmark_node_get_fence_info, cmark_node_set_fence_info);
}

/* As it was typed. */
static void disarm_html(cmark_node *node, gboolean is_block)
{
    cmark_node *text = text_node(cmark_node_get_literal(node));

    if (is_block) {
        cmark_node *paragraph = cmark_node_new(CMARK_NODE_PARAGRAPH);
        cmark_node_append_child(paragraph, text);
        text = paragraph;
    }
    replace(node, text);
}

static void place_picture(cmark_node *node, MarkdownPicture picture, void *data)
{
    const char *url = cmark_node_get_url(node);
    g_autofree char *name = g_uri_unescape_string(url ? url : "", NULL);
    g_autofree char *place = name && picture ? picture(name, data) : NULL;
    cmark_node *link, *child;

    if (place) {
        cmark_node_set_url(node, place);
        return;
    }
    link = cmark_node_new(CMARK_NODE_LINK);
    cmark_node_set_url(link, url ? url : "");
    while ((child = cmark_node_first_child(node))) {
        cmark_node_unlink(child);
        cmark_node_append_child(link, child);
    }
    if (!cmark_node_first_child(link))
        cmark_node_append_child(link, text_node(url));
    replace(node, link);
}

static void make_safe(cmark_node *node, MarkdownPicture picture, void *data)
{
    const cmark_node_type type = cmark_node_get_type(node);

    if (type == CMARK_NODE_IMAGE)
        place_picture(node, picture, data);
    else
        disarm_html(node, type == CMARK_NODE_HTML_BLOCK);
}

/* First they are gathered: a tree that is walked must stay as it is. Pictures within pictures come inner
 * first. */
static void make_all_safe(cmark_node *document, MarkdownPicture picture, void *data)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    cmark_iter *iter = cmark_iter_new(document);
    cmark_event_type event;

    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        const cmark_node_type type = cmark_node_get_type(node);
        if (event == CMARK_EVENT_ENTER)
            restore(node);
        if (event == CMARK_EVENT_EXIT ? type == CMARK_NODE_IMAGE
                                      : type == CMARK_NODE_HTML_INLINE || type == CMARK_NODE_HTML_BLOCK)
            g_ptr_array_add(nodes, node);
    }
    cmark_iter_free(iter);
    for (guint i = 0; i < nodes->len; i++)
        make_safe(nodes->pdata[i], picture, data);
}

char *markdown_to_html(const char *text, MarkdownPicture picture, void *data, GError **error)
{
    if (strlen(text) > LIMIT_MARKDOWN_BYTES) {
        tern_error_set(
            error, TERN_ERROR_LIMIT,
            _("the text is too long for Markdown (%d KB at most); :markdown sends it as plain text"),
            LIMIT_MARKDOWN_BYTES >> 10);
        return NULL;
    }
    g_autofree char *prepared = prepare(text);
    cmark_node *document = cmark_parse_document(prepared, strlen(prepared), CMARK_OPT_VALIDATE_UTF8);
    make_all_safe(document, picture, data);
    char *body = cmark_render_html(document, CMARK_OPT_DEFAULT);
    char *html = g_strconcat("<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"></head>\n<body>\n", body,
                             "</body>\n</html>\n", NULL);
    cmark_get_default_mem_allocator()->free(body);
    cmark_node_free(document);
    return html;
}
