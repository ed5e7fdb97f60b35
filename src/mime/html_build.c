/* html_build.c - see html_build.h. */
#include "mime/html_build.h"

#include <string.h>

/* More line breaks than this in a row say nothing more. */
#define MAX_BREAKS 2
/* What one link's text is kept of. */
#define MAX_LINK_TEXT_BYTES 1000

static void cell_clear(HtmlCell *cell)
{
    g_free(cell->text);
    g_free(cell->runs);
}

static void block_free(HtmlBlock *block)
{
    for (guint i = 0; i < block->n_cells; i++)
        cell_clear(&block->cells[i]);
    g_free(block->cells);
    g_free(block);
}

static void link_free(HtmlLink *link)
{
    g_free(link->url);
    g_free(link->text);
    g_free(link);
}

void html_free(Html *html)
{
    if (!html)
        return;
    g_ptr_array_unref(html->blocks);
    g_ptr_array_unref(html->links);
    g_free(html);
}

void html_builder_init(HtmlBuilder *builder)
{
    memset(builder, 0, sizeof *builder);
    builder->html = g_new0(Html, 1);
    builder->html->blocks = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
    builder->html->links = g_ptr_array_new_with_free_func((GDestroyNotify)link_free);
    builder->state.link = -1;
    builder->text = g_string_new(NULL);
    builder->runs = g_array_new(FALSE, FALSE, sizeof(HtmlRun));
    builder->link_text = g_string_new(NULL);
}

Html *html_builder_finish(HtmlBuilder *builder)
{
    html_builder_end_block(builder, FALSE);
    g_string_free(builder->text, TRUE);
    g_array_free(builder->runs, TRUE);
    g_string_free(builder->link_text, TRUE);
    return builder->html;
}

/* ---- text ---- */

static HtmlRun *last_run(const HtmlBuilder *b)
{
    return b->runs->len ? &g_array_index(b->runs, HtmlRun, b->runs->len - 1) : NULL;
}

static void append_run(HtmlBuilder *b, const char *text, gsize bytes, guint8 style, int link)
{
    HtmlRun *last = last_run(b);

    if (last && last->style == style && last->link == link) {
        last->length += (guint)bytes;
    } else {
        HtmlRun run = {(guint)b->text->len, (guint)bytes, style, link};
        g_array_append_val(b->runs, run);
    }
    g_string_append_len(b->text, text, (gssize)bytes);
    if (link >= 0 && b->link_text->len < MAX_LINK_TEXT_BYTES)
        g_string_append_len(b->link_text, text, (gssize)bytes);
}

static void append(HtmlBuilder *b, const char *text, gsize bytes, guint8 style)
{
    append_run(b, text, bytes, style, b->state.link);
}

static gboolean at_line_start(const HtmlBuilder *b)
{
    return !b->text->len || b->text->str[b->text->len - 1] == '\n';
}

static void append_word(HtmlBuilder *b, const char *word, gsize bytes, guint8 style)
{
    if (b->space && !at_line_start(b)) { /* between two styles it has what both have */
        const HtmlRun *last = last_run(b);
        append_run(b, " ", 1, last->style & style, last->link == b->state.link ? last->link : -1);
    }
    b->space = FALSE;
    append(b, word, bytes, style);
}

/* Bytes of a character that is there to be invisible (padding of preheaders, soft hyphens), 0 for others. */
static gsize invisible_bytes(const char *p)
{
    static const char *const INVISIBLE[] = {"\u00ad", "\u034f", "\u200b", "\u2060", "\ufeff"};

    if ((guchar)*p < 0xc2)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(INVISIBLE); i++)
        if (g_str_has_prefix(p, INVISIBLE[i]))
            return strlen(INVISIBLE[i]);
    return 0;
}

static gboolean is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void add_collapsed(HtmlBuilder *b, const char *p, gboolean keeps_lines, guint8 style)
{
    while (*p) {
        gsize skip = invisible_bytes(p), word = 0;
        if (is_white(*p)) {
            if (*p == '\n' && keeps_lines)
                html_builder_break(b);
            b->space = TRUE;
            skip = 1;
        }
        p += skip;
        if (skip)
            continue;
        while (p[word] && !is_white(p[word]) && !invisible_bytes(p + word))
            word++;
        append_word(b, p, word, style);
        p += word;
    }
}

static void add_preformatted(HtmlBuilder *b, const char *p)
{
    if (b->space)
        append(b, " ", 1, b->state.style);
    b->space = FALSE;
    append(b, p, strlen(p), b->state.style);
}

void html_builder_text(HtmlBuilder *builder, const char *text)
{
    const HtmlState *state = &builder->state;

    if (state->zero_font || state->invisible || !*text)
        return;
    if (builder->cells && !builder->in_cell) /* between the cells of a row there is no place */
        return;
    if (state->keeps_spaces)
        add_preformatted(builder, text);
    else
        add_collapsed(builder, text, state->keeps_lines, state->style);
}

void html_builder_label(HtmlBuilder *builder, const char *text, guint8 style)
{
    if (!builder->state.invisible && (!builder->cells || builder->in_cell))
        add_collapsed(builder, text, FALSE, builder->state.style | style);
}

void html_builder_break(HtmlBuilder *builder)
{
    GString *text = builder->text;
    gsize breaks = 0;

    if (builder->cells && !builder->in_cell)
        return;
    builder->space = FALSE;
    while (breaks < MAX_BREAKS && breaks < text->len && text->str[text->len - 1 - breaks] == '\n')
        breaks++; /* not all of them: preformatted text may have a million */
    if (!text->len)
        builder->had_break = TRUE;
    else if (breaks < MAX_BREAKS)
        append(builder, "\n", 1, 0);
}

/* ---- blocks ---- */

/* Takes white space off the end of the text, and line ends off the beginning of preformatted text. */
static void trim(HtmlBuilder *b)
{
    gsize end = b->text->len;

    while (end && is_white(b->text->str[end - 1]))
        end--;
    g_string_truncate(b->text, end);
    while (b->runs->len) {
        HtmlRun *last = &g_array_index(b->runs, HtmlRun, b->runs->len - 1);
        if (last->start < end) {
            last->length = (guint)MIN(last->length, end - last->start);
            break;
        }
        g_array_set_size(b->runs, b->runs->len - 1);
    }
}

/* Whether there is anything to see: no-break spaces alone are a way to write an empty line. */
static gboolean is_blank(const GString *text)
{
    for (const char *p = text->str; *p; p = g_utf8_next_char(p))
        if (!is_white(*p) && !g_str_has_prefix(p, "\u00a0") && !g_str_has_prefix(p, "\u200c") &&
            !g_str_has_prefix(p, "\u2007"))
            return FALSE;
    return TRUE;
}

/* Moves the text and its runs into a cell. */
static void take_cell(HtmlBuilder *b, HtmlCell *cell)
{
    trim(b);
    memset(cell, 0, sizeof *cell);
    cell->text = g_strndup(b->text->str, b->text->len);
    cell->bytes = (guint)b->text->len;
    cell->n_runs = b->runs->len;
    cell->runs = g_memdup2(b->runs->data, b->runs->len * sizeof(HtmlRun));
    g_string_truncate(b->text, 0);
    g_array_set_size(b->runs, 0);
    b->space = b->had_break = FALSE;
}

static HtmlBlock *add_block(HtmlBuilder *b, HtmlBlockKind kind)
{
    HtmlBlock *block = g_new0(HtmlBlock, 1);

    block->kind = kind;
    block->quote_depth = b->state.quote_depth;
    block->list_depth = b->state.list_depth;
    block->has_gap = b->wants_gap && b->html->blocks->len;
    b->wants_gap = FALSE;
    g_ptr_array_add(b->html->blocks, block);
    return block;
}

void html_builder_end_block(HtmlBuilder *builder, gboolean gap)
{
    if (builder->cells) { /* blocks in a cell are lines of it */
        if (builder->in_cell && builder->text->len && !at_line_start(builder))
            html_builder_break(builder);
        return;
    }
    if (is_blank(builder->text)) {
        builder->wants_gap |= builder->had_break || builder->text->len;
        g_string_truncate(builder->text, 0);
        g_array_set_size(builder->runs, 0);
        builder->space = builder->had_break = FALSE;
    } else {
        gboolean ends_empty = g_str_has_suffix(builder->text->str, "\n\n");
        builder->wants_gap |= builder->had_break;
        gboolean is_item = builder->item_waits && builder->state.kind != HTML_PRE;
        HtmlBlock *block = add_block(builder, is_item ? HTML_ITEM : builder->state.kind);
        block->level = builder->state.level;
        block->number = is_item ? builder->item_number : 0;
        builder->item_waits = FALSE;
        block->n_cells = 1;
        block->cells = g_new0(HtmlCell, 1);
        take_cell(builder, block->cells);
        builder->wants_gap |= ends_empty;
    }
    builder->wants_gap |= gap;
}

void html_builder_rule(HtmlBuilder *builder)
{
    html_builder_end_block(builder, FALSE);
    if (!builder->cells)
        add_block(builder, HTML_RULE);
}

void html_builder_begin_row(HtmlBuilder *builder)
{
    html_builder_end_block(builder, FALSE);
    builder->cells = g_array_new(FALSE, FALSE, sizeof(HtmlCell));
}

void html_builder_begin_cell(HtmlBuilder *builder)
{
    builder->in_cell = TRUE;
}

void html_builder_end_cell(HtmlBuilder *builder, gboolean is_header)
{
    HtmlCell cell;

    take_cell(builder, &cell);
    cell.is_header = is_header;
    g_array_append_val(builder->cells, cell);
    builder->in_cell = FALSE;
}

void html_builder_end_row(HtmlBuilder *builder)
{
    GArray *cells = g_steal_pointer(&builder->cells);

    if (cells->len) {
        HtmlBlock *block = add_block(builder, HTML_ROW);
        block->table = builder->table;
        block->n_cells = cells->len;
        block->cells = (HtmlCell *)(void *)g_array_free(cells, FALSE);
    } else {
        g_array_free(cells, TRUE);
    }
}

/* ---- links ---- */

void html_builder_begin_link(HtmlBuilder *builder, char *url)
{
    HtmlLink *link = g_new0(HtmlLink, 1);

    link->url = url;
    builder->state.link = (int)builder->html->links->len;
    g_ptr_array_add(builder->html->links, link);
    g_string_truncate(builder->link_text, 0);
}

/* A link without a word, around a picture without one: what a reader can go by is where it leads. */
static char *host_label(const char *url)
{
    const char *host = strchr(url, ':');

    host = host ? host + 1 : url;
    while (*host == '/')
        host++;
    if (g_str_has_prefix(host, "www."))
        host += 4;
    return g_strdup_printf("[%.*s]", (int)strcspn(host, "/?#"), host);
}

void html_builder_end_link(HtmlBuilder *builder)
{
    HtmlLink *link = g_ptr_array_index(builder->html->links, (guint)builder->state.link);

    if (is_blank(builder->link_text)) {
        g_autofree char *label = host_label(link->url);
        html_builder_label(builder, label, HTML_ALT);
        g_string_assign(builder->link_text, label);
    }
    if (!g_utf8_validate(builder->link_text->str, -1, NULL)) {
        const char *end = NULL;
        g_utf8_validate(builder->link_text->str, -1, &end);
        g_string_truncate(builder->link_text, (gsize)(end - builder->link_text->str));
    }
    g_strdelimit(builder->link_text->str, "\n\t\r\f", ' ');
    link->text = g_strdup(g_strstrip(builder->link_text->str));
    g_string_truncate(builder->link_text, 0);
}
