/* html_table.c - tables of data: see html.h. */
#include "render/html.h"

#include "base/sanitise.h"
#include "base/text.h"

#include <string.h>

#define GAP_COLS 2
/* A table of more columns is shown as rows: nobody could follow them on a screen. */
#define MAX_COLUMNS 20

static RenderStyle cell_style(const HtmlCell *cell)
{
    return cell->is_header ? RENDER_BOLD : RENDER_NORMAL;
}

static const HtmlBlock *row_at(const HtmlRender *render, guint i)
{
    return render->html->blocks->pdata[i];
}

/* The columns' widths; FALSE when they do not fit into `room` side by side. */
static gboolean measure(HtmlRender *render, guint first, guint count, int room, int widths[MAX_COLUMNS])
{
    g_auto(RenderText) text = {0};
    guint columns = 0;
    int total = 0;

    render_text_init(&text);
    memset(widths, 0, MAX_COLUMNS * sizeof *widths);
    for (guint i = first; i < first + count; i++) {
        const HtmlBlock *row = row_at(render, i);
        if (row->n_cells > MAX_COLUMNS)
            return FALSE;
        columns = MAX(columns, row->n_cells);
        for (guint j = 0; j < row->n_cells; j++) {
            render_text_clear(&text);
            render_html_add_cell(render, &text, &row->cells[j], RENDER_NORMAL, TRUE);
            widths[j] = MAX(widths[j], text_width_cols(text.text->str, (gssize)text.text->len));
        }
    }
    for (guint j = 0; j < columns; j++)
        total += widths[j] + (j > 0 ? GAP_COLS : 0);
    return total <= room;
}

/* Each cell in its column. */
static void add_aligned(HtmlRender *render, RenderText *text, const HtmlBlock *row,
                        const int widths[MAX_COLUMNS])
{
    for (guint j = 0; j < row->n_cells; j++) {
        gsize start = text->text->len;
        render_html_add_cell(render, text, &row->cells[j], cell_style(&row->cells[j]), TRUE);
        int width = text_width_cols(text->text->str + start, (gssize)(text->text->len - start));
        if (j + 1 < row->n_cells) {
            g_autofree char *gap = g_strdup_printf("%*s", MAX(widths[j] - width, 0) + GAP_COLS, "");
            render_text_add(text, gap, -1, RENDER_NORMAL);
        }
    }
}

/* One cell after the other. */
static void add_joined(HtmlRender *render, RenderText *text, const HtmlBlock *row)
{
    gboolean is_first = TRUE;

    for (guint j = 0; j < row->n_cells; j++) {
        if (row->cells[j].bytes == 0)
            continue;
        if (!is_first)
            render_text_add(text, render_document_is_ascii(render->document) ? " | " : " │ ", -1, RENDER_DIM);
        render_html_add_cell(render, text, &row->cells[j], cell_style(&row->cells[j]), TRUE);
        is_first = FALSE;
    }
}

void render_html_table(HtmlRender *render, guint first, guint count, const RenderFrame *frame)
{
    g_auto(RenderText) text = {0};
    int widths[MAX_COLUMNS];
    int room = render_document_width(render->document) - text_width_cols(frame->prefix, -1);
    gboolean is_aligned = measure(render, first, count, room, widths);

    render_text_init(&text);
    for (guint i = first; i < first + count; i++) {
        render_text_clear(&text);
        if (is_aligned)
            add_aligned(render, &text, row_at(render, i), widths);
        else
            add_joined(render, &text, row_at(render, i));
        render_document_add(render->document, &text, frame);
    }
}
