/*
 * html_wash.c - see html_wash.h.
 *
 * The washer keeps a stack of what is open in its output. Elements that are let through without a tag of
 * their own (a span that says nothing) are on it too, so that their end tags find them.
 */
#include "mime/html_wash.h"

#include "base/limits.h"
#include "mime/html_elements.h"

#include <string.h>

/* Attributes that are let through; all others are dropped. */
static const char *const ATTRIBUTES[] = {"style",  "hidden", "href",  "src",  "alt",   "width",
                                         "height", "start",  "value", "role", "border"};
enum { ATTRIBUTE_STYLE, ATTRIBUTE_HIDDEN };
#define MAX_ATTRIBUTE_BYTES 16384

typedef struct {
    const char *values[G_N_ELEMENTS(ATTRIBUTES)]; /* NULL: not there */
    gsize bytes[G_N_ELEMENTS(ATTRIBUTES)];
} Attributes;

typedef struct {
    const HtmlElement *element;
    const char *name; /* in the input */
    gsize name_bytes;
    gboolean has_tag;
} Open;

typedef struct {
    const char *p, *end;
    GString *out;
    Open open[LIMIT_HTML_DEPTH];
    guint n_open, tags;
    gboolean is_stripping, wants_line;
    const char *start;
    GHashTable *unended; /* raw elements of which the input has no more end tag */
} Washer;

/* ---- the output's stack ---- */

static void pop(Washer *w)
{
    const Open *top = &w->open[--w->n_open];

    if (top->has_tag && !w->is_stripping)
        g_string_append_printf(w->out, "</%s>", top->element->tag ? top->element->tag : "span");
}

static void pop_to(Washer *w, guint depth)
{
    while (w->n_open > depth)
        pop(w);
}

/* Where `element` is open, counted from 1, not looking through the walls of tables unless it is a part of one
 * itself; 0: nowhere. */
static guint find_open(const Washer *w, const HtmlElement *element, const char *name, gsize name_bytes)
{
    gboolean is_table =
        element->kind == HTML_KIND_TABLE || element->kind == HTML_KIND_ROW || element->kind == HTML_KIND_CELL;

    for (guint i = w->n_open; i-- > 0;) {
        const HtmlElement *other = w->open[i].element;
        if (other == element && (element != &HTML_ELEMENT_UNKNOWN ||
                                 (w->open[i].name_bytes == name_bytes &&
                                  g_ascii_strncasecmp(w->open[i].name, name, name_bytes) == 0)))
            return i + 1;
        if (other->kind == HTML_KIND_TABLE || (other->kind == HTML_KIND_CELL && !is_table))
            return 0;
    }
    return 0;
}

static guint find_kind(const Washer *w, HtmlKind kind, HtmlKind wall)
{
    for (guint i = w->n_open; i-- > 0;) {
        HtmlKind other = w->open[i].element->kind;
        if (other == kind)
            return i + 1;
        if (other == wall || other == HTML_KIND_TABLE)
            return 0;
    }
    return 0;
}

static gboolean is_list(const HtmlElement *element)
{
    return element->kind == HTML_KIND_BLOCK &&
           (strcmp(element->tag, "ul") == 0 || strcmp(element->tag, "ol") == 0 ||
            strcmp(element->name, "dl") == 0);
}

static void close_item(Washer *w)
{
    for (guint i = w->n_open; i-- > 0;) {
        const HtmlElement *other = w->open[i].element;
        if (other->kind == HTML_KIND_LIST_ITEM) {
            pop_to(w, i);
            return;
        }
        if (is_list(other) || other->kind == HTML_KIND_CELL || other->kind == HTML_KIND_TABLE)
            return;
    }
}

static void close_paragraph(Washer *w)
{
    guint depth = find_open(w, html_element_find("p", 1), NULL, 0);

    if (depth)
        pop_to(w, depth - 1);
}

/* Closes what the standard says ends where `element` begins. */
static void make_room(Washer *w, const HtmlElement *element)
{
    guint depth;

    switch (element->kind) {
    case HTML_KIND_BLOCK:
    case HTML_KIND_VOID_BLOCK:
    case HTML_KIND_TABLE:
        close_paragraph(w);
        break;
    case HTML_KIND_LIST_ITEM:
        close_item(w);
        close_paragraph(w);
        break;
    case HTML_KIND_ROW:
        if ((depth = find_kind(w, HTML_KIND_ROW, HTML_KIND_TABLE)))
            pop_to(w, depth - 1);
        break;
    case HTML_KIND_CELL:
        if ((depth = find_kind(w, HTML_KIND_CELL, HTML_KIND_ROW)))
            pop_to(w, depth - 1);
        break;
    default:
        if (element->format && *element->format == 'a' && (depth = find_open(w, element, NULL, 0)))
            pop_to(w, depth - 1);
    }
}

/* ---- tags ---- */

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && g_ascii_isspace(*p))
        p++;
    return p;
}

static void keep_attribute(Attributes *attributes, const char *name, gsize name_bytes, const char *value,
                           gsize bytes)
{
    for (guint i = 0; i < G_N_ELEMENTS(ATTRIBUTES); i++) {
        if (strlen(ATTRIBUTES[i]) != name_bytes || g_ascii_strncasecmp(ATTRIBUTES[i], name, name_bytes) != 0)
            continue;
        if (!attributes->values[i] && bytes <= MAX_ATTRIBUTE_BYTES) {
            attributes->values[i] = value;
            attributes->bytes[i] = bytes;
        }
        return;
    }
}

/* Goes over the attributes at p. Past the '>', or NULL when the tag does not end. `attributes` may be
 * NULL. */
static const char *read_attributes(const char *p, const char *end, Attributes *attributes)
{
    while (p < end) {
        while (p < end && (g_ascii_isspace(*p) || *p == '/'))
            p++;
        if (p < end && *p == '>')
            return p + 1;
        const char *name = p;
        while (p < end && (p == name || *p != '=') && *p != '>' && *p != '/' && !g_ascii_isspace(*p))
            p++;
        gsize name_bytes = (gsize)(p - name);
        const char *value = "";
        gsize value_bytes = 0;
        p = skip_space(p, end);
        if (p < end && *p == '=') {
            value = p = skip_space(p + 1, end);
            if (p < end && (*p == '"' || *p == '\'')) {
                value++;
                p = memchr(value, *p, (gsize)(end - value));
                if (!p)
                    return NULL;
                value_bytes = (gsize)(p++ - value);
            } else {
                while (p < end && *p != '>' && !g_ascii_isspace(*p))
                    p++;
                value_bytes = (gsize)(p - value);
            }
        }
        if (attributes)
            keep_attribute(attributes, name, name_bytes, value, value_bytes);
    }
    return NULL;
}

/* Text with every '<' (and in attributes '"') written as a reference, and without NULs. */
static void append_escaped(GString *out, const char *p, gsize bytes)
{
    for (const char *end = p + bytes; p < end;) {
        gsize plain = 0;
        while (p + plain < end && p[plain] != '<' && p[plain] != '"' && p[plain] != '\0')
            plain++;
        g_string_append_len(out, p, (gssize)plain);
        p += plain;
        if (p < end && *p != '\0')
            g_string_append(out, *p == '<' ? "&lt;" : "&quot;");
        p += p < end ? 1 : 0;
    }
}

static void write_tag(Washer *w, const HtmlElement *element, const Attributes *attributes)
{
    g_string_append_printf(w->out, "<%s", element->tag ? element->tag : "span");
    if (element->format)
        g_string_append_printf(w->out, " f=%s", element->format);
    for (guint i = 0; i < G_N_ELEMENTS(ATTRIBUTES); i++) {
        if (!attributes->values[i])
            continue;
        g_string_append_printf(w->out, " %s=\"", ATTRIBUTES[i]);
        append_escaped(w->out, attributes->values[i], attributes->bytes[i]);
        g_string_append_c(w->out, '"');
    }
    g_string_append_c(w->out, '>');
}

/* Past the end tag of a raw element whose start tag ends at p; p itself when there is none. */
static const char *skip_raw(Washer *w, const HtmlElement *element, const char *p)
{
    gsize length = strlen(element->name);

    for (const char *q = p; !g_hash_table_contains(w->unended, element); q += 2) {
        q = memmem(q, (gsize)(w->end - q), "</", 2);
        if (!q)
            break;
        const char *after = q + 2 + length;
        if (after < w->end && g_ascii_strncasecmp(q + 2, element->name, length) == 0 &&
            (g_ascii_isspace(*after) || *after == '/' || *after == '>')) {
            const char *next = read_attributes(after, w->end, NULL);
            return next ? next : w->end;
        }
    }
    g_hash_table_add(w->unended, (gpointer)element);
    return p;
}

static gboolean breaks_line(const HtmlElement *element)
{
    return element->kind != HTML_KIND_INLINE && element->kind != HTML_KIND_TRANSPARENT &&
           element->kind != HTML_KIND_RAW && strcmp(element->name, "img") != 0;
}

static void open_element(Washer *w, const HtmlElement *element, const char *name, gsize name_bytes,
                         const Attributes *attributes)
{
    gboolean says_something =
        element->tag || attributes->values[ATTRIBUTE_STYLE] || attributes->values[ATTRIBUTE_HIDDEN];

    make_room(w, element);
    if (element->kind == HTML_KIND_VOID || element->kind == HTML_KIND_VOID_BLOCK) {
        write_tag(w, element, attributes);
        return;
    }
    if (w->n_open == LIMIT_HTML_DEPTH) /* deeper ones are let through without their tags */
        return;
    w->open[w->n_open++] = (Open){element, name, name_bytes, says_something};
    if (says_something)
        write_tag(w, element, attributes);
}

/* A start tag whose name begins at w->p + 1. */
static void take_start_tag(Washer *w)
{
    const char *name = w->p + 1, *p = name;
    Attributes attributes = {0};

    while (p < w->end && !g_ascii_isspace(*p) && *p != '/' && *p != '>')
        p++;
    gsize name_bytes = (gsize)(p - name);
    const char *next = read_attributes(p, w->end, &attributes);
    w->p = next ? next : w->end;
    if (!next)
        return;
    w->tags++;
    const HtmlElement *element = html_element_find(name, name_bytes);
    if (element == &HTML_ELEMENT_UNKNOWN && !attributes.values[ATTRIBUTE_STYLE] &&
        !attributes.values[ATTRIBUTE_HIDDEN])
        return;
    if (element->kind == HTML_KIND_TRANSPARENT)
        return;
    if (element->kind == HTML_KIND_RAW)
        w->p = skip_raw(w, element, next);
    else if (w->is_stripping)
        w->wants_line |= breaks_line(element);
    else
        open_element(w, element, name, name_bytes, &attributes);
}

static void take_end_tag(Washer *w)
{
    const char *name = w->p + 2, *p = name;

    while (p < w->end && !g_ascii_isspace(*p) && *p != '/' && *p != '>')
        p++;
    const char *next = read_attributes(p, w->end, NULL);
    w->p = next ? next : w->end;
    w->tags++;
    const HtmlElement *element = html_element_find(name, (gsize)(p - name));
    if (!next)
        return;
    if (w->is_stripping) {
        w->wants_line |= breaks_line(element);
        return;
    }
    guint depth = find_open(w, element, name, (gsize)(p - name));
    if (depth)
        pop_to(w, depth - 1);
}

static void take_comment(Washer *w)
{
    const char *p = w->p + 4, *stop = NULL;

    if (p < w->end && *p == '>') {
        stop = p + 1;
    } else if (p + 1 < w->end && p[0] == '-' && p[1] == '>') {
        stop = p + 2;
    } else {
        for (; !stop && (p = memmem(p, (gsize)(w->end - p), "--", 2)); p++) {
            if (p + 2 < w->end && p[2] == '>')
                stop = p + 3;
            else if (p + 3 < w->end && p[2] == '!' && p[3] == '>')
                stop = p + 4;
        }
    }
    w->p = stop ? stop : w->end;
}

/* Up to the next '<' that begins something. */
static void take_text(Washer *w)
{
    const char *p = w->p;

    do {
        p = memchr(p + 1, '<', (gsize)(w->end - p - 1));
    } while (p && p + 1 < w->end && !g_ascii_isalpha(p[1]) && !strchr("/!?", p[1]));
    const char *stop = p ? p : w->end;
    if (w->wants_line) {
        g_string_append_c(w->out, '\n');
        w->wants_line = FALSE;
    }
    if (!w->is_stripping) {
        append_escaped(w->out, w->p, (gsize)(stop - w->p));
    } else {
        g_autofree char *text = g_strndup(w->p, (gsize)(stop - w->p));
        g_strdelimit(text, "\r\n", ' ');
        append_escaped(w->out, text, strlen(text));
    }
    w->p = stop;
}

static void take_token(Washer *w)
{
    char c = w->p + 1 < w->end ? w->p[1] : '\0';

    if (*w->p != '<' || !(g_ascii_isalpha(c) || c == '/' || c == '!' || c == '?')) {
        take_text(w);
    } else if (g_ascii_isalpha(c)) {
        take_start_tag(w);
    } else if (c == '/' && w->p + 2 < w->end && g_ascii_isalpha(w->p[2])) {
        take_end_tag(w);
    } else if (w->end - w->p >= 4 && memcmp(w->p, "<!--", 4) == 0) {
        take_comment(w);
    } else {
        const char *close = memchr(w->p, '>', (gsize)(w->end - w->p));
        w->p = close ? close + 1 : w->end;
    }
}

/* From here on only text comes, in an element that keeps line ends. */
static void begin_stripping(Washer *w)
{
    pop_to(w, 0);
    w->is_stripping = TRUE;
    g_string_append(w->out, "<div style=\"white-space:pre-line\">");
}

GString *html_wash(const char *text, gsize size, gboolean *stripped_out)
{
    Washer *w = g_new0(Washer, 1);

    w->p = w->start = text;
    w->end = text + size;
    w->unended = g_hash_table_new(NULL, NULL);
    w->out = g_string_sized_new(MIN(size, LIMIT_HTML_BYTES) + 64);
    while (w->p < w->end) {
        if (!w->is_stripping && (w->p - w->start >= LIMIT_HTML_BYTES || w->tags >= LIMIT_HTML_TAGS))
            begin_stripping(w);
        take_token(w);
    }
    if (!w->is_stripping)
        pop_to(w, 0);
    *stripped_out = w->is_stripping;
    GString *out = w->out;
    g_hash_table_unref(w->unended);
    g_free(w);
    return out;
}
