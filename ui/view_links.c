/* view_links.c - the links of a message with where they really go: text and target may say different
 * things. */
#include "ui/views.h"

#include "base/i18n.h"

#include <string.h>

/* What stands between "://" and the next "/": the place that would be asked. */
static char *host_of(const char *url)
{
    const char *start = strstr(url, "://");

    if (!start)
        return g_strndup(url, strcspn(url, ":"));
    start += 3;
    gsize length = strcspn(start, "/?#");
    const char *at = g_strrstr_len(start, (gssize)length, "@");
    if (at) {
        length -= (gsize)(at + 1 - start);
        start = at + 1;
    }
    return g_strndup(start, length);
}

View *view_links_new(Ui *ui, const RenderDocument *document)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);
    const GPtrArray *links = render_document_links(document);

    for (guint i = 0; i < links->len; i++) {
        const RenderLink *link = links->pdata[i];
        g_autofree char *number = g_strdup_printf("%2u", i + 1), *host = host_of(link->url);
        g_autofree char *text =
            link->is_suspicious ? g_strdup_printf(_("%s (careful: the text looks like another place)"), host)
                                : g_strdup(host);
        g_ptr_array_add(lines, text_line_new(FALSE, number, NULL, text));
        if (link->text && *link->text && !g_str_equal(link->text, link->url))
            g_ptr_array_add(lines, text_line_new(FALSE, "", NULL, link->text));
        g_ptr_array_add(lines, text_line_new(FALSE, "", NULL, link->url));
        g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, ""));
    }
    return view_text_new(ui, _("Links of this message"), lines);
}
