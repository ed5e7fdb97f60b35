/* pager.c - see pager.h. */
#include "ui/pager.h"

#include "base/i18n.h"
#include "ui/screen.h"

#include <string.h>

/* The slot that each style of a rendered line is drawn in. */
static const unsigned STYLES[RENDER_STYLES] = {
    [RENDER_NORMAL] = SLOT_NORMAL,
    [RENDER_DIM] = SLOT_DIM,
    [RENDER_HEADER_NAME] = SLOT_HEADER_NAME,
    [RENDER_HEADER_VALUE] = SLOT_HEADER_VALUE,
    [RENDER_SUBJECT] = SLOT_HEADER_VALUE | STYLE_BOLD,
    [RENDER_RULE] = SLOT_RULE,
    [RENDER_SECURITY_GOOD] = SLOT_SECURITY_GOOD,
    [RENDER_SECURITY_WARN] = SLOT_SECURITY_WARN,
    [RENDER_SECURITY_BAD] = SLOT_SECURITY_BAD,
    [RENDER_QUOTE_1] = SLOT_QUOTE_1,
    [RENDER_QUOTE_2] = SLOT_QUOTE_2,
    [RENDER_QUOTE_3] = SLOT_QUOTE_3,
    [RENDER_QUOTE_4] = SLOT_QUOTE_4,
    [RENDER_QUOTE_5] = SLOT_QUOTE_5,
    [RENDER_SIGNATURE] = SLOT_SIGNATURE,
    [RENDER_LINK] = SLOT_LINK,
    [RENDER_ATTACHMENT] = SLOT_ATTACHMENT,
    [RENDER_DIFF_ADD] = SLOT_DIFF_ADD,
    [RENDER_DIFF_DEL] = SLOT_DIFF_DEL,
    [RENDER_DIFF_HUNK] = SLOT_DIFF_HUNK,
    [RENDER_BOLD] = SLOT_NORMAL | STYLE_BOLD,
    [RENDER_ITALIC] = SLOT_NORMAL | STYLE_ITALIC,
    [RENDER_UNDERLINE] = SLOT_NORMAL | STYLE_UNDERLINE,
    [RENDER_HEADING] = SLOT_NORMAL | STYLE_BOLD,
};

static guint line_count(const Pager *pager)
{
    return pager->document ? render_document_lines(pager->document) : 0;
}

static guint last_top(const Pager *pager)
{
    guint lines = line_count(pager), height = MAX(pager->height, 1);

    return lines > height ? lines - height : 0;
}

void pager_set(Pager *pager, RenderDocument *document, gboolean keep)
{
    guint lines_before = line_count(pager), top = pager->top;

    if (pager->document)
        render_document_free(pager->document);
    pager->document = document;
    pager->top = 0;
    if (keep && lines_before && line_count(pager) != lines_before)
        top = (guint)((guint64)top * line_count(pager) / lines_before);
    if (keep)
        pager_go(pager, top);
}

void pager_clear(Pager *pager)
{
    pager_set(pager, NULL, FALSE);
    g_clear_pointer(&pager->pattern, g_free);
}

gboolean pager_move(Pager *pager, int lines)
{
    gint64 target = CLAMP((gint64)pager->top + lines, 0, (gint64)last_top(pager));
    gboolean moved = (guint)target != pager->top;

    pager->top = (guint)target;
    return moved;
}

void pager_go(Pager *pager, guint line)
{
    pager->top = MIN(line, last_top(pager));
}

gboolean pager_is_at_end(const Pager *pager)
{
    return pager->top >= last_top(pager);
}

char *pager_place(const Pager *pager)
{
    guint end = last_top(pager);

    if (end == 0)
        return g_strdup(_("All"));
    if (pager->top == 0)
        return g_strdup(_("Top"));
    if (pager->top >= end)
        return g_strdup(_("End"));
    return g_strdup_printf("%u%%", pager->top * 100 / end);
}

/* ---- searching ---- */

static gboolean line_matches(const Pager *pager, guint n)
{
    const RenderLine *line = render_document_line(pager->document, n);
    g_autofree char *folded = g_utf8_casefold(line->text, line->bytes);

    return strstr(folded, pager->pattern) != NULL;
}

gboolean pager_search(Pager *pager, const char *text, gboolean backwards)
{
    gint64 lines = line_count(pager);

    if (text) {
        g_free(pager->pattern);
        pager->pattern = *text ? g_utf8_casefold(text, -1) : NULL;
    }
    if (!pager->pattern)
        return FALSE;
    /* A new text may stand in the top line itself. */
    gint64 from = (gint64)pager->top + (text ? 0 : backwards ? -1 : 1);
    for (gint64 i = from; i >= 0 && i < lines; i += backwards ? -1 : 1) {
        if (!line_matches(pager, (guint)i))
            continue;
        /* Near the end the top cannot go there; then one looks on from the line itself by moving as far as it
         * goes. */
        gboolean is_new_place = (guint)i <= last_top(pager) || pager->top < last_top(pager) || text;
        pager_go(pager, (guint)i);
        return is_new_place;
    }
    return FALSE;
}

/* ---- drawing ---- */

/* Found text, where folding the case leaves the letters' lengths: what else is found is only gone to. */
static void draw_matches(const Pager *pager, const RenderLine *line, int row, int column, int columns)
{
    g_autofree char *folded = g_utf8_casefold(line->text, line->bytes);
    gsize length = strlen(pager->pattern);

    if (strlen(folded) != line->bytes)
        return;
    for (const char *at = folded; (at = strstr(at, pager->pattern)); at += length) {
        gsize start = (gsize)(at - folded);
        g_autofree char *before = g_strndup(line->text, start),
                        *match = g_strndup(line->text + start, length);
        int used = screen_width(before);
        if (used < columns)
            screen_text(row, column + used, columns - used, SLOT_MATCH, match);
    }
}

static void draw_line(const Pager *pager, const RenderLine *line, int row, int column, int columns)
{
    int used = 0;
    guint at = 0;

    for (guint i = 0; i <= line->n_spans; i++) {
        const RenderSpan *span = i < line->n_spans ? &line->spans[i] : NULL;
        guint until = span ? span->start : line->bytes;
        if (until > at) {
            g_autofree char *plain = g_strndup(line->text + at, until - at);
            used += screen_text(row, column + used, columns - used, SLOT_NORMAL, plain);
        }
        if (!span)
            break;
        g_autofree char *styled = g_strndup(line->text + span->start, span->length);
        used += screen_text(row, column + used, columns - used,
                            span->style < RENDER_STYLES ? STYLES[span->style] : SLOT_NORMAL, styled);
        at = span->start + span->length;
    }
    if (pager->pattern)
        draw_matches(pager, line, row, column, columns);
}

void pager_draw(Pager *pager, ViewRect rect)
{
    int margin = rect.columns > 24 ? 1 : 0;

    pager->height = (guint)MAX(rect.rows, 0);
    pager_go(pager, pager->top);
    for (guint i = 0; i < pager->height && pager->top + i < line_count(pager); i++)
        draw_line(pager, render_document_line(pager->document, pager->top + i), rect.row + (int)i,
                  rect.column + margin, rect.columns - margin);
}
