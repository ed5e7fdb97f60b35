/*
 * structure.c - see structure.h.
 *
 * The scan goes line by line. It is in a header (of `current`), in a body (of `current`, a leaf), or between
 * parts (before the first one, after the last). `open` are the multiparts and messages that the line stands
 * in, the innermost last. A line "--boundary" of one of them, the innermost first, ends all that is inside
 * it.
 */
#include "mime/structure.h"

#include "base/i18n.h"
#include "base/limits.h"
#include "mime/describe.h"
#include "mime/field.h"

#include <string.h>

typedef struct {
    MimeStructure *to;
    const char *bytes;
    gsize size, line, next; /* offsets of this line and the next one */
    MimeNode *current;      /* in whose header or body we are; NULL: between parts */
    gboolean in_header;
    guint header_fields;
    MimeNode *open[LIMIT_MIME_DEPTH];
    guint n_open;
} Scan;

static const char TOO_DEEP[] = N_("its parts are nested too deeply");
static const char TOO_MANY_PARTS[] = N_("it has too many parts");
static const char TOO_MANY_FIELDS[] = N_("it has too many header fields");
static const char TOO_LONG_HEADER[] = N_("its header is too long");

static void node_free(MimeNode *node)
{
    g_clear_pointer(&node->children, g_ptr_array_unref);
    g_free(node->boundary);
    g_free(node);
}

static MimeNode *add_node(Scan *s, MimeNode *parent)
{
    MimeNode *node = g_new0(MimeNode, 1);

    if (s->to->nodes->len >= LIMIT_MIME_PARTS)
        s->to->problem = TOO_MANY_PARTS;
    node->header = node->body = s->next;
    node->end = s->size;
    node->parent = parent;
    node->part.parent = parent ? &parent->part : NULL;
    g_ptr_array_add(s->to->nodes, node);
    if (parent) {
        if (!parent->children)
            parent->children = g_ptr_array_new();
        g_ptr_array_add(parent->children, node);
    }
    s->current = node;
    s->in_header = TRUE;
    s->header_fields = 0;
    return node;
}

/* The offset before the line end at the end of which `offset` is, but not before `floor`. */
static gsize before_line_end(const Scan *s, gsize offset, gsize floor)
{
    if (offset > floor && s->bytes[offset - 1] == '\n')
        offset--;
    if (offset > floor && s->bytes[offset - 1] == '\r')
        offset--;
    return offset;
}

static void end_header(Scan *s, gsize body);

/* The line at s->line belongs to a boundary: everything open above the first `keep` ends before it. */
static void close_above(Scan *s, guint keep)
{
    while (s->current && s->in_header) /* of a message in it, too */
        end_header(s, s->line);
    gsize inner_end =
        0; /* of a part of nothing, the line end before the boundary belongs to the boundary before it */
    if (s->current)
        s->current->end = inner_end = before_line_end(s, s->line, s->current->body);
    while (s->n_open > keep) {
        MimeNode *node = s->open[--s->n_open];
        inner_end = MAX(inner_end, before_line_end(s, s->line, node->body));
        node->end = inner_end;
    }
    s->current = NULL;
    s->in_header = FALSE;
}

static void push(Scan *s, MimeNode *node)
{
    if (s->n_open == G_N_ELEMENTS(s->open)) {
        s->to->problem = TOO_DEEP;
        return;
    }
    s->open[s->n_open++] = node;
    s->current = NULL;
    s->in_header = FALSE;
}

/* The header of s->current ended, and its body begins at `body` (s->next is that, or the line's end). */
static void end_header(Scan *s, gsize body)
{
    MimeNode *node = s->current;

    s->in_header = FALSE;
    node->body = body;
    mime_describe(node, s->bytes, s->to->strings);
    if (node->is_multipart) {
        push(s, node);
    } else if (node->is_message) {
        push(s, node);
        if (!s->to->problem) {
            gsize next = s->next;
            s->next = body;
            add_node(s, node);
            s->next = next;
        }
    }
}

/* Whether text[0..length) is the node's boundary, white space after it allowed. */
static gboolean is_boundary(const MimeNode *node, const char *text, gsize length, gboolean *is_close_out)
{
    if (length < node->boundary_bytes || memcmp(text, node->boundary, node->boundary_bytes) != 0)
        return FALSE;
    text += node->boundary_bytes;
    length -= node->boundary_bytes;
    *is_close_out = length >= 2 && text[0] == '-' && text[1] == '-';
    for (gsize i = *is_close_out ? 2 : 0; i < length; i++)
        if (!g_ascii_isspace(text[i]))
            return FALSE;
    return TRUE;
}

/* Handles the line if it is a boundary of an open multipart. */
static gboolean take_boundary(Scan *s)
{
    const char *text = s->bytes + s->line + 2;
    gsize length = s->next - s->line - 2;

    for (guint i = s->n_open; i-- > 0;) {
        MimeNode *node = s->open[i];
        gboolean is_close = FALSE;
        if (!node->is_multipart || !is_boundary(node, text, length, &is_close))
            continue;
        close_above(s, i + 1);
        if (!is_close) {
            add_node(s, node);
        } else {
            node->end = MAX(before_line_end(s, s->next, s->line), node->body);
            s->n_open = i;
        }
        return TRUE;
    }
    return FALSE;
}

/* A line in a header. Where it ends is what mime_field_next() says: at an empty line, or before one that is
 * no field. */
static void take_header_line(Scan *s)
{
    MimeLineKind kind = mime_field_line(s->bytes + s->line, s->bytes + s->next, NULL);

    if (kind == MIME_LINE_EMPTY) {
        end_header(s, s->next);
    } else if (kind == MIME_LINE_OTHER || (kind == MIME_LINE_CONTINUATION && s->line == s->current->header)) {
        s->next = s->line; /* this line once more, as body */
        end_header(s, s->line);
    } else {
        if (kind == MIME_LINE_FIELD && ++s->header_fields > LIMIT_MIME_HEADER_FIELDS)
            s->to->problem = TOO_MANY_FIELDS;
        if (s->next - s->current->header > LIMIT_MIME_HEADER_BYTES)
            s->to->problem = TOO_LONG_HEADER;
    }
}

static void take_line(Scan *s)
{
    const char *line = s->bytes + s->line;
    const char *newline = memchr(line, '\n', s->size - s->line);

    s->next = newline ? (gsize)(newline + 1 - s->bytes) : s->size;
    if (s->n_open && s->next - s->line > 2 && line[0] == '-' && line[1] == '-' && take_boundary(s))
        return;
    if (s->current && s->in_header)
        take_header_line(s);
}

/* A multipart in which no part was found is text: people then see what is there. */
static void settle(MimeStructure *structure)
{
    for (guint i = 0; i < structure->nodes->len; i++) {
        MimeNode *node = structure->nodes->pdata[i];
        if (node->is_multipart && !node->children) {
            node->is_multipart = FALSE;
            node->part.type = "text/plain";
        }
        if (node->children) {
            g_ptr_array_add(node->children, NULL);
            node->part.children = (const MimePart *const *)node->children->pdata;
        }
    }
}

/* Numbers as IMAP has them (RFC 9051 6.4.5): a multipart at the root of a message has none, and its parts are
 * counted under the number of that message. */
static void number_nodes(MimeStructure *structure)
{
    for (guint i = 0; i < structure->nodes->len; i++) {
        MimeNode *node = structure->nodes->pdata[i];
        const MimeNode *parent = node->parent;
        gboolean is_root = !parent || parent->is_message;
        const char *prefix = !parent ? "" : parent->prefix;
        if (is_root && node->is_multipart) {
            node->part.number = "";
            node->prefix = prefix;
            continue;
        }
        guint n = is_root ? 1 : ++node->parent->numbered;
        g_autofree char *number = g_strdup_printf("%s%s%u", prefix, *prefix ? "." : "", n);
        node->prefix = node->part.number = g_string_chunk_insert(structure->strings, number);
    }
}

void mime_structure_scan(MimeStructure *structure, const char *bytes, gsize size)
{
    Scan scan = {.to = structure, .bytes = bytes, .size = size};

    structure->nodes = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
    structure->strings = g_string_chunk_new(512);
    structure->problem = NULL;
    add_node(&scan, NULL);
    while (scan.next < size && !structure->problem) {
        scan.line = scan.next;
        take_line(&scan);
    }
    scan.line = scan.next;
    while (scan.current && scan.in_header && !structure->problem)
        end_header(&scan, size);
    if (structure->problem) {
        mime_structure_make_raw(structure, size, structure->problem);
        return;
    }
    settle(structure);
    number_nodes(structure);
}

void mime_structure_make_raw(MimeStructure *structure, gsize size, const char *problem)
{
    MimeNode *root = g_new0(MimeNode, 1);

    g_ptr_array_set_size(structure->nodes, 0);
    structure->problem = problem;
    root->end = size;
    root->part.number = "1";
    root->part.type = "text/plain";
    root->part.size_bytes = size;
    g_ptr_array_add(structure->nodes, root);
}

void mime_structure_clear(MimeStructure *structure)
{
    g_clear_pointer(&structure->nodes, g_ptr_array_unref);
    g_clear_pointer(&structure->strings, g_string_chunk_free);
}
