/* However broken the markup: valid UTF-8, runs that cover the text, links that may be followed. */
#include "base/charset.h"
#include "mime/html.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cell(const HtmlCell *cell, const Html *html)
{
    guint at = 0;

    for (guint i = 0; i < cell->n_runs; i++) {
        if (cell->runs[i].start != at || !cell->runs[i].length || cell->runs[i].link >= (int)html->links->len)
            abort();
        at += cell->runs[i].length;
    }
    if (at != cell->bytes || strlen(cell->text) != cell->bytes || !g_utf8_validate(cell->text, -1, NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gsize bytes = 0;
    g_autofree char *text = charset_to_utf8((const char *)data, size, "utf-8", size * 3, &bytes);
    g_autoptr(Html) html = html_parse(text, bytes);

    for (guint i = 0; i < html->blocks->len; i++) {
        const HtmlBlock *block = html->blocks->pdata[i];
        if ((block->kind == HTML_RULE) != (block->n_cells == 0))
            abort();
        for (guint k = 0; k < block->n_cells; k++)
            check_cell(&block->cells[k], html);
    }
    for (guint i = 0; i < html->links->len; i++) {
        const HtmlLink *link = html->links->pdata[i];
        if (!strchr(link->url, ':') || !*link->text || strpbrk(link->text, "\n\t") ||
            !g_ascii_strncasecmp(link->url, "javascript", 10))
            abort();
    }
    if (html->trackers > html->remote_images)
        abort();
    return 0;
}
