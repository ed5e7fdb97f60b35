/* document.c - lines, spans and links of a document: see document.h. Paragraphs are in paragraph.c. */
#include "render/document.h"

#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "render/attachment.h"
#include "render/link.h"

#include <string.h>

struct RenderDocument {
    int width;
    gboolean is_ascii, fold_quotes;
    guint *unfolded; /* ended by 0 */
    guint folds;
    /* While it is made, a line's `text` and `spans` are offsets into these two, which move as they grow. */
    GString *arena;
    GArray *spans;
    GArray *lines;
    gboolean is_full, is_cut;
    GPtrArray *links, *attachments;
    GHashTable *link_index; /* "url\ntext" to index + 1, while it is made */
    GString *summary;
};

/* ---- adding lines ---- */

RenderDocument *render_document_new(const RenderOptions *options)
{
    static const guint NONE[] = {0};
    RenderDocument *document = g_new0(RenderDocument, 1);
    const guint *unfolded = options->unfolded ? options->unfolded : NONE;
    gsize count = 0;

    while (unfolded[count] != 0)
        count++;
    document->width = MAX(options->width_cols, RENDER_MIN_WIDTH);
    document->is_ascii = options->is_ascii;
    document->fold_quotes = options->fold_quotes;
    document->unfolded = g_memdup2(unfolded, (count + 1) * sizeof *unfolded);
    document->arena = g_string_new(NULL);
    document->spans = g_array_new(FALSE, FALSE, sizeof(RenderSpan));
    document->lines = g_array_new(FALSE, FALSE, sizeof(RenderLine));
    document->links = g_ptr_array_new_with_free_func(render_link_free);
    document->attachments = g_ptr_array_new_with_free_func(render_attachment_free);
    document->link_index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    document->summary = g_string_new(NULL);
    return document;
}

int render_document_width(const RenderDocument *document)
{
    return document->width;
}

gboolean render_document_is_ascii(const RenderDocument *document)
{
    return document->is_ascii;
}

/* Adds a span to the line whose first span is number `first`. */
static void add_span(RenderDocument *document, guint first, guint start, guint length, RenderStyle style)
{
    GArray *spans = document->spans;
    RenderSpan span = {start, length, (guint8)style};
    RenderSpan *last = spans->len > first ? &g_array_index(spans, RenderSpan, spans->len - 1) : NULL;

    if (length == 0 || style == RENDER_NORMAL)
        return;
    if (last && last->style == span.style && last->start + last->length == start)
        last->length += length;
    else
        g_array_append_val(spans, span);
}

/* A paragraph on its way into lines. */
typedef struct {
    RenderDocument *document;
    const RenderText *text;
    const RenderFrame *frame;
    const char *prefix;
    int prefix_width;
    guint first_span; /* of the line at hand */
    guint span, link; /* the first ones that are not yet behind: lines come in order */
} Adding;

/* The text's spans within [start, end), moved to where that stands in the line. */
static void add_line_spans(Adding *adding, guint start, guint end, guint at)
{
    const GArray *spans = adding->text->spans;

    for (; adding->span < spans->len; adding->span++) {
        const RenderSpan *span = &g_array_index(spans, RenderSpan, adding->span);
        guint from = MAX(span->start, start), to = MIN(span->start + span->length, end);
        if (span->start >= end)
            return;
        if (from < to)
            add_span(adding->document, adding->first_span, at + from - start, to - from, span->style);
        if (span->start + span->length > end)
            return;
    }
}

static int first_link(Adding *adding, guint start, guint end)
{
    const GArray *links = adding->text->links;

    for (; adding->link < links->len; adding->link++) {
        const RenderTextLink *link = &g_array_index(links, RenderTextLink, adding->link);
        if (link->start >= end)
            return -1;
        if (link->start + link->length > start)
            return link->link;
    }
    return -1;
}

static void add_line(gsize offset, gsize length, int width_cols, void *data)
{
    Adding *adding = data;
    RenderDocument *document = adding->document;
    const char *content = adding->text->text->str + offset;
    gsize arena_start = document->arena->len, prefix_bytes = strlen(adding->prefix);
    gboolean isolated = sanitise_needs_isolate(content, length);
    RenderLine line = {
        .text = GSIZE_TO_POINTER(arena_start),
        .spans = GSIZE_TO_POINTER((gsize)document->spans->len),
        .kind = (guint8)adding->frame->kind,
        .quote_depth = (guint8)MIN(adding->frame->quote_depth, 255),
        .fold = adding->frame->fold,
    };

    if (document->is_full || document->lines->len >= RENDER_MAX_LINES) {
        document->is_full = TRUE;
        return;
    }
    while (length == 0 && prefix_bytes > 0 && adding->prefix[prefix_bytes - 1] == ' ')
        prefix_bytes--;
    g_string_append_len(document->arena, adding->prefix, (gssize)prefix_bytes);
    adding->first_span = document->spans->len;
    add_span(document, adding->first_span, 0, (guint)prefix_bytes, adding->frame->prefix_style);
    if (isolated)
        g_string_append(document->arena, SANITISE_ISOLATE);
    add_line_spans(adding, (guint)offset, (guint)(offset + length),
                   (guint)(document->arena->len - arena_start));
    g_string_append_len(document->arena, content, (gssize)length);
    if (isolated)
        g_string_append(document->arena, SANITISE_ISOLATE_END);
    line.bytes = (guint)(document->arena->len - arena_start);
    line.width_cols =
        (guint)width_cols +
        (guint)(length > 0 ? adding->prefix_width : text_width_cols(adding->prefix, (gssize)prefix_bytes));
    line.link = first_link(adding, (guint)offset, (guint)(offset + length));
    line.n_spans = document->spans->len - (guint)GPOINTER_TO_SIZE(line.spans);
    g_string_append_c(document->arena, '\0');
    g_array_append_val(document->lines, line);
    if (adding->frame->prefix_next && adding->prefix != adding->frame->prefix_next) {
        adding->prefix = adding->frame->prefix_next;
        adding->prefix_width = text_width_cols(adding->prefix, -1);
    }
}

void render_document_add(RenderDocument *document, const RenderText *text, const RenderFrame *frame)
{
    const char *prefix = frame->prefix ? frame->prefix : "";
    int prefix_width = text_width_cols(prefix, -1);
    int next_width = frame->prefix_next ? text_width_cols(frame->prefix_next, -1) : prefix_width;
    int room = document->width - MAX(prefix_width, next_width);
    Adding adding = {document, text, frame, prefix, prefix_width, 0, 0, 0};
    gsize size = text->text->len;

    if (room < 2) { /* the prefix is furniture; the text is what counts */
        RenderFrame bare = *frame;
        bare.prefix = bare.prefix_next = NULL;
        render_document_add(document, text, &bare);
        return;
    }
    /* No byte is wider than a column, so most lines need no second look. */
    if (size <= (gsize)room && !memchr(text->text->str, '\n', size))
        add_line(0, size, text_width_cols(text->text->str, (gssize)size), &adding);
    else
        text_wrap(text->text->str, size, room, add_line, &adding);
}

void render_document_add_plain(RenderDocument *document, const char *safe, RenderStyle style,
                               RenderLineKind kind)
{
    g_auto(RenderText) text = {0};
    RenderFrame frame = {.kind = kind};

    render_text_init(&text);
    render_text_add(&text, safe, -1, style);
    render_document_add(document, &text, &frame);
}

void render_document_add_gap(RenderDocument *document, RenderLineKind kind)
{
    guint count = document->lines->len;

    if (count > 0 && g_array_index(document->lines, RenderLine, count - 1).bytes > 0)
        render_document_add_plain(document, "", RENDER_NORMAL, kind);
}

void render_document_add_rule(RenderDocument *document, int cols, RenderStyle style, RenderLineKind kind)
{
    GString *rule = g_string_new(NULL);

    for (int i = 0; i < MIN(cols, document->width); i++)
        g_string_append(rule, document->is_ascii ? "-" : "─");
    render_document_add_plain(document, rule->str, style, kind);
    g_string_free(rule, TRUE);
}

void render_document_truncate(RenderDocument *document, guint lines)
{
    if (lines >= document->lines->len)
        return;
    const RenderLine *first = &g_array_index(document->lines, RenderLine, lines);
    g_string_truncate(document->arena, GPOINTER_TO_SIZE(first->text));
    g_array_set_size(document->spans, (guint)GPOINTER_TO_SIZE(first->spans));
    g_array_set_size(document->lines, lines);
}

int render_document_add_link(RenderDocument *document, const char *text, const char *url)
{
    if (document->links->len >= RENDER_MAX_LINKS)
        return -1;
    char *key = g_strconcat(url, "\n", text, NULL);
    gpointer known = g_hash_table_lookup(document->link_index, key);
    if (known) {
        g_free(key);
        return GPOINTER_TO_INT(known) - 1;
    }
    g_ptr_array_add(document->links, render_link_new(text, url));
    g_hash_table_insert(document->link_index, key, GINT_TO_POINTER((int)document->links->len));
    return (int)document->links->len - 1;
}

const RenderLink *render_document_link(const RenderDocument *document, int link)
{
    return link >= 0 ? document->links->pdata[link] : NULL;
}

void render_document_add_attachment(RenderDocument *document, RenderAttachment *attachment)
{
    g_ptr_array_add(document->attachments, attachment);
}

guint render_document_next_fold(RenderDocument *document, gboolean *is_unfolded_out)
{
    guint number = ++document->folds;

    *is_unfolded_out = !document->fold_quotes;
    for (const guint *unfolded = document->unfolded; *unfolded; unfolded++)
        *is_unfolded_out |= *unfolded == number;
    return number;
}

void render_document_add_summary(RenderDocument *document, const char *safe)
{
    if (document->summary->len > 0)
        g_string_append(document->summary, document->is_ascii ? ", " : " · ");
    g_string_append(document->summary, safe);
}

void render_document_set_cut(RenderDocument *document)
{
    document->is_cut = TRUE;
}

void render_document_finish(RenderDocument *document)
{
    if (document->is_full)
        g_array_set_size(document->lines, RENDER_MAX_LINES - 10);
    if (document->is_full || document->is_cut) {
        document->is_full = FALSE;
        render_document_add_plain(document, _("There is more, too many lines to show."), RENDER_DIM,
                                  RENDER_LINE_NOTE);
    }
    for (guint i = 0; i < document->lines->len; i++) {
        RenderLine *line = &g_array_index(document->lines, RenderLine, i);
        line->text = document->arena->str + GPOINTER_TO_SIZE(line->text);
        line->spans = line->n_spans > 0
                          ? (const RenderSpan *)document->spans->data + GPOINTER_TO_SIZE(line->spans)
                          : NULL;
    }
    g_hash_table_unref(document->link_index);
    document->link_index = NULL;
}

/* ---- reading it ---- */

void render_document_free(RenderDocument *document)
{
    if (!document)
        return;
    g_free(document->unfolded);
    g_string_free(document->arena, TRUE);
    g_array_unref(document->spans);
    g_array_unref(document->lines);
    g_ptr_array_unref(document->links);
    g_ptr_array_unref(document->attachments);
    if (document->link_index)
        g_hash_table_unref(document->link_index);
    g_string_free(document->summary, TRUE);
    g_free(document);
}

guint render_document_lines(const RenderDocument *document)
{
    return document->lines->len;
}

const RenderLine *render_document_line(const RenderDocument *document, guint n)
{
    return &g_array_index(document->lines, RenderLine, n);
}

const GPtrArray *render_document_links(const RenderDocument *document)
{
    return document->links;
}

const GPtrArray *render_document_attachments(const RenderDocument *document)
{
    return document->attachments;
}

const char *render_document_summary(const RenderDocument *document)
{
    return document->summary->str;
}

char *render_document_text(const RenderDocument *document)
{
    GString *text = g_string_sized_new(document->arena->len);

    for (guint i = 0; i < document->lines->len; i++) {
        const RenderLine *line = render_document_line(document, i);
        g_string_append_len(text, line->text, line->bytes);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
