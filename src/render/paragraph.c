/* paragraph.c - safe text with styles and links over it, before it is cut into lines: see document.h. */
#include "render/document.h"

#include "base/sanitise.h"

#include <string.h>

void render_text_init(RenderText *text)
{
    text->text = g_string_new(NULL);
    text->spans = g_array_new(FALSE, FALSE, sizeof(RenderSpan));
    text->links = g_array_new(FALSE, FALSE, sizeof(RenderTextLink));
}

void render_text_clear(RenderText *text)
{
    g_string_truncate(text->text, 0);
    g_array_set_size(text->spans, 0);
    g_array_set_size(text->links, 0);
}

void render_text_free(RenderText *text)
{
    if (!text->text)
        return;
    g_string_free(text->text, TRUE);
    g_array_unref(text->spans);
    g_array_unref(text->links);
}

void render_text_add(RenderText *text, const char *safe, gssize bytes, RenderStyle style)
{
    RenderSpan span = {(guint)text->text->len, (guint)(bytes < 0 ? strlen(safe) : (gsize)bytes),
                       (guint8)style};
    RenderSpan *last =
        text->spans->len > 0 ? &g_array_index(text->spans, RenderSpan, text->spans->len - 1) : NULL;

    g_string_append_len(text->text, safe, span.length);
    if (span.length == 0 || style == RENDER_NORMAL)
        return;
    if (last && last->style == span.style && last->start + last->length == span.start)
        last->length += span.length;
    else
        g_array_append_val(text->spans, span);
}

void render_text_add_outside(RenderText *text, const char *anything, gssize bytes, RenderStyle style)
{
    g_autofree char *safe = sanitise(anything, bytes, SANITISE_OPEN);

    g_strdelimit(safe, "\n", ' ');
    render_text_add(text, safe, -1, style);
}

void render_text_mark_link(RenderText *text, guint start, int link)
{
    RenderTextLink place = {start, (guint)text->text->len - start, link};

    if (link >= 0)
        g_array_append_val(text->links, place);
}
