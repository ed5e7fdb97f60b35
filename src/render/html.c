/* html.c - see html.h. */
#include "render/html.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "render/link.h"
#include "render/plain.h"

#include <string.h>

/* ---- text ---- */

static int document_link(HtmlRender *render, int link)
{
    if (link < 0 || (guint)link >= render->html->links->len)
        return -1;
    if (render->links[link] == -2) {
        const HtmlLink *found = render->html->links->pdata[link];
        render->links[link] = render_document_add_link(render->document, found->text, found->url);
    }
    return render->links[link];
}

/* The strongest of a run's styles, since a span has one. */
static RenderStyle run_style(const HtmlRun *run, RenderStyle style)
{
    if (run->link >= 0)
        return RENDER_LINK;
    if (run->style & HTML_ALT)
        return RENDER_DIM;
    if (style != RENDER_NORMAL)
        return style;
    if (run->style & HTML_BOLD)
        return RENDER_BOLD;
    if (run->style & HTML_ITALIC)
        return RENDER_ITALIC;
    if (run->style & HTML_UNDERLINE)
        return RENDER_UNDERLINE;
    return run->style & HTML_STRIKE ? RENDER_DIM : style;
}

/* What follows a link's text: its number, and where it leads if that is not what it says. */
static void end_link(HtmlRender *render, RenderText *text, int link)
{
    if (link < 0)
        return;
    g_autofree char *number = g_strdup_printf("[%d]", link + 1);
    render_text_add(text, number, -1, RENDER_DIM);
    render_text_add_link_warning(text, render->document, link);
}

void render_html_add_cell(HtmlRender *render, RenderText *text, const HtmlCell *cell, RenderStyle style,
                          gboolean flat)
{
    guint link_start = 0;

    for (guint i = 0; i < cell->n_runs; i++) {
        const HtmlRun *run = &cell->runs[i];
        int link = document_link(render, run->link);
        gboolean is_first = link >= 0 && (i == 0 || cell->runs[i - 1].link != run->link);
        gboolean is_last = link >= 0 && (i + 1 == cell->n_runs || cell->runs[i + 1].link != run->link);
        g_autofree char *safe = sanitise(cell->text + run->start, run->length, SANITISE_OPEN);
        if (flat)
            g_strdelimit(safe, "\n", ' ');
        if (is_first)
            link_start = (guint)text->text->len;
        if (link >= 0)
            render_text_add(text, safe, -1, run_style(run, style));
        else
            render_text_add_linked(text, render->document, safe, strlen(safe), run_style(run, style));
        if (is_last) {
            end_link(render, text, link);
            render_text_mark_link(text, link_start, link);
        }
    }
}

/* ---- blocks ---- */

/* Bars, indentation and a list item's mark. */
static char *block_prefix(HtmlRender *render, const HtmlBlock *block, const char *bars, gboolean is_first)
{
    int room = render_document_width(render->document) / 2;
    int indent = block->list_depth > 0 ? MIN(2 * (block->list_depth - 1), room) : 0;
    g_autofree char *mark = NULL;

    if (block->list_depth == 0)
        return g_strdup(bars);
    if (block->kind != HTML_ITEM || !is_first)
        return g_strdup_printf("%s%*s", bars, MIN(MAX(render->item_cols, indent), room), "");
    if (block->number > 0)
        mark = g_strdup_printf("%d. ", block->number);
    else
        mark = g_strdup(render_document_is_ascii(render->document) ? "* " : "• ");
    render->item_cols = indent + text_width_cols(mark, -1);
    return g_strdup_printf("%s%*s%s", bars, indent, "", mark);
}

static void add_gap(HtmlRender *render, const RenderFrame *frame)
{
    g_auto(RenderText) empty = {0};

    if (frame->quote_depth == 0) {
        render_document_add_gap(render->document, RENDER_LINE_BODY);
        return;
    }
    render_text_init(&empty);
    render_document_add(render->document, &empty, frame);
}

static void add_text_block(HtmlRender *render, const HtmlBlock *block, RenderFrame frame, const char *bars)
{
    g_auto(RenderText) text = {0};
    RenderStyle style = block->kind == HTML_HEADING ? RENDER_HEADING : render_quote_style(frame.quote_depth);
    g_autofree char *prefix = block_prefix(render, block, bars, TRUE);
    g_autofree char *prefix_next = block_prefix(render, block, bars, FALSE);

    render_text_init(&text);
    if (block->n_cells > 0)
        render_html_add_cell(render, &text, &block->cells[0], style, FALSE);
    frame.prefix = prefix;
    frame.prefix_next = prefix_next;
    render_document_add(render->document, &text, &frame);
}

static const HtmlBlock *block_at(const HtmlRender *render, guint i)
{
    return i < render->html->blocks->len ? render->html->blocks->pdata[i] : NULL;
}

/* The block i, or the table whose first row it is; returns the one after. `depth` is that of the bars. */
static guint add_block(HtmlRender *render, guint i, guint depth, guint fold, gboolean is_first)
{
    const HtmlBlock *block = block_at(render, i), *row;
    g_autofree char *bars = depth > 0 ? render_quote_bars(render->document, depth) : g_strdup("");
    RenderFrame frame = {.prefix = bars,
                         .prefix_style = render_quote_style(depth),
                         .kind = RENDER_LINE_BODY,
                         .quote_depth = depth,
                         .fold = fold};
    guint next = i + 1;

    if (block->has_gap && !is_first)
        add_gap(render, &frame);
    if (block->kind == HTML_RULE) {
        render_document_add_rule(render->document, render_document_width(render->document), RENDER_DIM,
                                 RENDER_LINE_BODY);
    } else if (block->kind == HTML_ROW) {
        while ((row = block_at(render, next)) && row->kind == HTML_ROW && row->table == block->table &&
               row->quote_depth == block->quote_depth)
            next++;
        render_html_table(render, i, next - i, &frame);
    } else {
        add_text_block(render, block, frame, bars);
    }
    return next;
}

/* A run of quoted blocks from i on, folded when it comes out long; returns the one after. */
static guint add_quote(HtmlRender *render, guint i, guint fold, gboolean is_unfolded)
{
    guint before = render_document_lines(render->document);

    for (gboolean is_first = TRUE; block_at(render, i) && block_at(render, i)->quote_depth > 0;
         is_first = FALSE)
        i = add_block(render, i, block_at(render, i)->quote_depth, fold, is_first);
    guint lines = render_document_lines(render->document) - before;
    if (!is_unfolded && lines > RENDER_FOLD_LINES) {
        render_document_truncate(render->document, before);
        render_add_fold(render->document, fold, lines);
    }
    return i;
}

static gboolean is_attribution(const HtmlRender *render, guint i)
{
    const HtmlBlock *block = block_at(render, i), *next = block_at(render, i + 1);

    return next && next->quote_depth > 0 && block->quote_depth == 0 && block->kind == HTML_PARAGRAPH &&
           block->n_cells > 0 && render_is_attribution(block->cells[0].text, block->cells[0].bytes);
}

void render_html(RenderDocument *document, const Html *html)
{
    HtmlRender render = {.document = document, .html = html, .links = g_new(int, html->links->len + 1)};
    gboolean is_unfolded;

    for (guint i = 0; i < html->links->len; i++)
        render.links[i] = -2;
    for (guint i = 0; i < html->blocks->len;) {
        gboolean is_source = is_attribution(&render, i), is_first = i == 0;
        if (!is_source && block_at(&render, i)->quote_depth == 0) {
            i = add_block(&render, i, 0, 0, is_first);
            continue;
        }
        guint fold = render_document_next_fold(document, &is_unfolded);
        if (block_at(&render, i)->has_gap && !is_first)
            render_document_add_gap(document, RENDER_LINE_BODY);
        if (is_source)
            i = add_block(&render, i, 1, fold, TRUE);
        i = add_quote(&render, i, fold, is_unfolded);
    }
    g_free(render.links);
}
