/*
 * html.c - see html.h.
 *
 * The walk over gumbo's tree is a loop with a stack of its own: each frame is an element whose children are
 * being visited, with the state to go back to when they are done.
 */
#include "mime/html.h"

#include "base/i18n.h"
#include "base/limits.h"
#include "mime/html_build.h"
#include "mime/html_style.h"
#include "mime/html_table.h"
#include "mime/html_wash.h"

#include <gumbo.h>
#include <stdlib.h>
#include <string.h>

#define MAX_URL_BYTES 8192

typedef struct {
    const GumboNode *node;
    guint next; /* child */
    HtmlState outer;
    gboolean is_data; /* a table of data, and what is in it */
    gboolean is_link;
} Frame;

typedef struct {
    HtmlBuilder builder;
    GArray *frames; /* Frame */
    gboolean is_ordered[HTML_MAX_LISTS + 1];
    int next_number[HTML_MAX_LISTS + 1];
} Walker;

static const char *const LINK_SCHEMES[] = {"http:", "https:", "mailto:", "ftp:", "news:"};

static const struct {
    char format;
    guint8 style;
} FORMATS[] = {
    {'b', HTML_BOLD}, {'i', HTML_ITALIC}, {'u', HTML_UNDERLINE}, {'s', HTML_STRIKE}, {'c', HTML_CODE},
};

/* The link as it may be followed, or NULL for one that is only text. Browsers take white space out as
 * well. */
static char *clean_url(const char *href)
{
    gsize bytes = href ? strlen(href) : 0;

    if (!bytes || bytes > MAX_URL_BYTES)
        return NULL;
    char *url = g_malloc(bytes + 1), *to = url;
    while (*href && (g_ascii_isspace(*href) || g_ascii_iscntrl(*href)))
        href++;
    for (; *href; href++)
        if (!g_ascii_iscntrl(*href))
            *to++ = *href;
    *to = '\0';
    g_strchomp(url);
    for (guint i = 0; i < G_N_ELEMENTS(LINK_SCHEMES); i++) {
        gsize length = strlen(LINK_SCHEMES[i]);
        if (g_ascii_strncasecmp(url, LINK_SCHEMES[i], length) == 0 && url[length])
            return url;
    }
    g_free(url);
    return NULL;
}

static int number_attribute(const GumboNode *node, const char *name, int otherwise)
{
    const char *value = html_attribute(node, name);

    return value && (g_ascii_isdigit(*value) || (*value == '-' && g_ascii_isdigit(value[1]))) ? atoi(value)
                                                                                              : otherwise;
}

static void apply_css(HtmlState *state, const HtmlStyleRules *rules)
{
    const struct {
        HtmlCss css;
        guint8 style;
    } styles[] = {{rules->bold, HTML_BOLD},
                  {rules->italic, HTML_ITALIC},
                  {rules->underline, HTML_UNDERLINE},
                  {rules->strike, HTML_STRIKE}};
    const struct {
        HtmlCss css;
        gboolean *to;
    } switches[] = {{rules->zero_font, &state->zero_font},
                    {rules->invisible, &state->invisible},
                    {rules->keeps_lines, &state->keeps_lines},
                    {rules->keeps_spaces, &state->keeps_spaces}};

    for (guint i = 0; i < G_N_ELEMENTS(styles); i++) {
        if (styles[i].css == HTML_CSS_YES)
            state->style |= styles[i].style;
        else if (styles[i].css == HTML_CSS_NO)
            state->style &= (guint8)~styles[i].style;
    }
    for (guint i = 0; i < G_N_ELEMENTS(switches); i++)
        if (switches[i].css != HTML_CSS_UNSET)
            *switches[i].to = switches[i].css == HTML_CSS_YES;
}

/* ---- pictures ---- */

static gboolean is_dot(const GumboNode *image, const HtmlStyleRules *rules)
{
    return rules->is_gone || rules->is_dot || number_attribute(image, "width", 2) <= 1 ||
           number_attribute(image, "height", 2) <= 1;
}

static void enter_image(Walker *w, const GumboNode *image, const HtmlStyleRules *rules)
{
    Html *html = w->builder.html;
    const char *src = html_attribute(image, "src"), *alt = html_attribute(image, "alt");
    gboolean is_remote = src && (g_ascii_strncasecmp(src, "http:", 5) == 0 ||
                                 g_ascii_strncasecmp(src, "https:", 6) == 0 || g_str_has_prefix(src, "//"));

    html->remote_images += is_remote;
    if (is_dot(image, rules)) {
        html->trackers += is_remote;
        return;
    }
    if (src && g_ascii_strncasecmp(src, "cid:", 4) == 0) {
        g_autofree char *label =
            alt && *alt ? g_strdup_printf(_("[picture: %s]"), alt) : g_strdup(_("[picture]"));
        html_builder_label(&w->builder, label, HTML_ALT);
    } else if (alt && *alt) {
        html_builder_label(&w->builder, alt, HTML_ALT);
    }
}

/* ---- elements ---- */

static void enter_list(Walker *w, const GumboNode *list, gboolean is_ordered)
{
    HtmlState *state = &w->builder.state;

    html_builder_end_block(&w->builder, state->list_depth == 0);
    if (state->list_depth < HTML_MAX_LISTS)
        state->list_depth++;
    w->is_ordered[state->list_depth] = is_ordered;
    w->next_number[state->list_depth] = number_attribute(list, "start", 1);
}

static void enter_item(Walker *w, const GumboNode *item)
{
    HtmlBuilder *b = &w->builder;
    HtmlState *state = &b->state;

    html_builder_end_block(b, FALSE);
    if (state->list_depth == 0) { /* an item of no list */
        state->list_depth = 1;
        w->is_ordered[1] = FALSE;
    }
    int *next = &w->next_number[state->list_depth];
    *next = number_attribute(item, "value", *next);
    b->item_waits = TRUE;
    b->item_number = w->is_ordered[state->list_depth] ? *next : 0;
    *next += *next < G_MAXINT;
}

static void enter_span(Walker *w, const GumboNode *span, Frame *frame)
{
    const char *format = html_attribute(span, "f");
    HtmlState *state = &w->builder.state;

    if (!format)
        return;
    if (*format == 'a') {
        char *url = state->link < 0 ? clean_url(html_attribute(span, "href")) : NULL;
        if (url)
            html_builder_begin_link(&w->builder, url);
        frame->is_link = url != NULL;
    }
    for (guint i = 0; i < G_N_ELEMENTS(FORMATS); i++)
        if (FORMATS[i].format == *format)
            state->style |= FORMATS[i].style;
}

static void enter_table(Walker *w, const GumboNode *table, Frame *frame)
{
    HtmlBuilder *b = &w->builder;

    frame->is_data = !b->cells && html_table_is_data(table);
    html_builder_end_block(b, frame->is_data);
    b->table += frame->is_data;
}

static void enter_row(Walker *w, const Frame *frame)
{
    if (frame->is_data && !w->builder.cells)
        html_builder_begin_row(&w->builder);
    else
        html_builder_end_block(&w->builder, FALSE);
}

static void enter_cell(Walker *w, const Frame *frame)
{
    if (frame->is_data && w->builder.cells && !w->builder.in_cell)
        html_builder_begin_cell(&w->builder);
    else
        html_builder_end_block(&w->builder, FALSE);
}

/* Whether an empty line stands around it. */
static gboolean has_margin(GumboTag tag)
{
    return tag == GUMBO_TAG_P || tag == GUMBO_TAG_BLOCKQUOTE || tag == GUMBO_TAG_PRE ||
           (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6);
}

/* Before the children. Elements without any (br, hr, img) are done with it. */
static void enter_element(Walker *w, const GumboNode *node, Frame *frame, const HtmlStyleRules *rules)
{
    HtmlBuilder *b = &w->builder;
    GumboTag tag = node->v.element.tag;

    switch (tag) {
    case GUMBO_TAG_BR:
        html_builder_break(b);
        break;
    case GUMBO_TAG_HR:
        html_builder_rule(b);
        break;
    case GUMBO_TAG_IMG:
        enter_image(w, node, rules);
        break;
    case GUMBO_TAG_SPAN:
        enter_span(w, node, frame);
        break;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
        enter_list(w, node, tag == GUMBO_TAG_OL);
        break;
    case GUMBO_TAG_LI:
        enter_item(w, node);
        break;
    case GUMBO_TAG_TABLE:
        enter_table(w, node, frame);
        break;
    case GUMBO_TAG_TR:
        enter_row(w, frame);
        break;
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
        enter_cell(w, frame);
        break;
    default:
        html_builder_end_block(b, has_margin(tag));
    }
    if (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6) {
        b->state.kind = HTML_HEADING;
        b->state.level = (guint8)(1 + (int)tag - (int)GUMBO_TAG_H1);
    } else if (tag == GUMBO_TAG_PRE) {
        b->state.kind = HTML_PRE;
        b->state.keeps_lines = b->state.keeps_spaces = TRUE;
    } else if (tag == GUMBO_TAG_BLOCKQUOTE) {
        if (b->state.quote_depth < G_MAXUINT8)
            b->state.quote_depth++;
    }
}

/* After the children, with the state still that of the inside. */
static void leave_element(Walker *w, const Frame *frame)
{
    HtmlBuilder *b = &w->builder;
    GumboTag tag = frame->node->v.element.tag;

    switch (tag) {
    case GUMBO_TAG_SPAN:
        if (frame->is_link)
            html_builder_end_link(b);
        break;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
        html_builder_end_block(b, frame->outer.list_depth == 0);
        break;
    case GUMBO_TAG_LI:
        html_builder_end_block(b, FALSE);
        b->item_waits = FALSE;
        break;
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
        if (frame->is_data && b->in_cell)
            html_builder_end_cell(b, tag == GUMBO_TAG_TH);
        else
            html_builder_end_block(b, FALSE);
        break;
    case GUMBO_TAG_TR:
        if (frame->is_data && b->cells)
            html_builder_end_row(b);
        break;
    default:
        html_builder_end_block(b, has_margin(tag) || (tag == GUMBO_TAG_TABLE && frame->is_data));
    }
}

/* ---- the walk ---- */

static void push(Walker *w, const GumboNode *node, gboolean is_data)
{
    Frame frame = {.node = node, .outer = w->builder.state, .is_data = is_data};
    const char *style = html_attribute(node, "style");
    HtmlStyleRules rules = {0};

    if (style)
        html_style_read(style, &rules);
    if (node->v.element.tag != GUMBO_TAG_IMG && (rules.is_gone || html_attribute(node, "hidden")))
        return;
    enter_element(w, node, &frame, &rules);
    GumboTag tag = node->v.element.tag;
    if (tag == GUMBO_TAG_BR || tag == GUMBO_TAG_HR || tag == GUMBO_TAG_IMG)
        return;
    apply_css(&w->builder.state, &rules);
    g_array_append_val(w->frames, frame);
}

static void step(Walker *w)
{
    Frame *top = &g_array_index(w->frames, Frame, w->frames->len - 1);
    const GumboVector *children = &top->node->v.element.children;

    if (top->next == children->length) {
        leave_element(w, top);
        w->builder.state = top->outer;
        g_array_set_size(w->frames, w->frames->len - 1);
        return;
    }
    const GumboNode *child = children->data[top->next++];
    if (child->type == GUMBO_NODE_ELEMENT)
        push(w, child, top->is_data);
    else if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE)
        html_builder_text(&w->builder, child->v.text.text);
}

Html *html_parse(const char *text, gsize size)
{
    Walker w = {.frames = g_array_new(FALSE, FALSE, sizeof(Frame))};
    gboolean is_stripped = FALSE;
    GString *washed = html_wash(text, size, &is_stripped);
    GumboOptions options = kGumboDefaultOptions;

    options.max_errors = 0; /* gumbo 0.10.1 otherwise keeps every error, with a copy of what was open */
    GumboOutput *output = gumbo_parse_with_options(&options, washed->str, washed->len);
    html_builder_init(&w.builder);
    push(&w, output->root, FALSE);
    while (w.frames->len)
        step(&w);
    gumbo_destroy_output(&options, output);
    g_string_free(washed, TRUE);
    g_array_free(w.frames, TRUE);
    Html *html = html_builder_finish(&w.builder);
    html->is_stripped = is_stripped;
    return html;
}
