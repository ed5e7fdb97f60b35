/* html_elements.c - see html_elements.h. */
#include "mime/html_elements.h"

#include <string.h>

const HtmlElement HTML_ELEMENT_UNKNOWN = {"", HTML_KIND_INLINE, NULL, NULL};

/* By name, for the binary search. */
static const HtmlElement ELEMENTS[] = {
    {"a", HTML_KIND_INLINE, "span", "a"},
    {"address", HTML_KIND_BLOCK, "div", NULL},
    {"area", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"article", HTML_KIND_BLOCK, "div", NULL},
    {"aside", HTML_KIND_BLOCK, "div", NULL},
    {"b", HTML_KIND_INLINE, "span", "b"},
    {"base", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"blockquote", HTML_KIND_BLOCK, "blockquote", NULL},
    {"body", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"br", HTML_KIND_VOID, "br", NULL},
    {"caption", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"center", HTML_KIND_BLOCK, "div", NULL},
    {"cite", HTML_KIND_INLINE, "span", "i"},
    {"code", HTML_KIND_INLINE, "span", "c"},
    {"col", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"colgroup", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"dd", HTML_KIND_LIST_ITEM, "div", NULL},
    {"del", HTML_KIND_INLINE, "span", "s"},
    {"dfn", HTML_KIND_INLINE, "span", "i"},
    {"dir", HTML_KIND_BLOCK, "ul", NULL},
    {"div", HTML_KIND_BLOCK, "div", NULL},
    {"dl", HTML_KIND_BLOCK, "div", NULL},
    {"dt", HTML_KIND_LIST_ITEM, "div", NULL},
    {"em", HTML_KIND_INLINE, "span", "i"},
    {"embed", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"fieldset", HTML_KIND_BLOCK, "div", NULL},
    {"figcaption", HTML_KIND_BLOCK, "div", NULL},
    {"figure", HTML_KIND_BLOCK, "div", NULL},
    {"font", HTML_KIND_INLINE, NULL, NULL},
    {"footer", HTML_KIND_BLOCK, "div", NULL},
    {"form", HTML_KIND_BLOCK, "div", NULL},
    {"h1", HTML_KIND_BLOCK, "h1", NULL},
    {"h2", HTML_KIND_BLOCK, "h2", NULL},
    {"h3", HTML_KIND_BLOCK, "h3", NULL},
    {"h4", HTML_KIND_BLOCK, "h4", NULL},
    {"h5", HTML_KIND_BLOCK, "h5", NULL},
    {"h6", HTML_KIND_BLOCK, "h6", NULL},
    {"head", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"header", HTML_KIND_BLOCK, "div", NULL},
    {"hr", HTML_KIND_VOID_BLOCK, "hr", NULL},
    {"html", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"i", HTML_KIND_INLINE, "span", "i"},
    {"iframe", HTML_KIND_RAW, NULL, NULL},
    {"img", HTML_KIND_VOID, "img", NULL},
    {"input", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"ins", HTML_KIND_INLINE, "span", "u"},
    {"kbd", HTML_KIND_INLINE, "span", "c"},
    {"legend", HTML_KIND_BLOCK, "div", NULL},
    {"li", HTML_KIND_LIST_ITEM, "li", NULL},
    {"link", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"listing", HTML_KIND_BLOCK, "pre", NULL},
    {"main", HTML_KIND_BLOCK, "div", NULL},
    {"math", HTML_KIND_RAW, NULL, NULL},
    {"menu", HTML_KIND_BLOCK, "ul", NULL},
    {"meta", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"nav", HTML_KIND_BLOCK, "div", NULL},
    {"noembed", HTML_KIND_RAW, NULL, NULL},
    {"noframes", HTML_KIND_RAW, NULL, NULL},
    {"ol", HTML_KIND_BLOCK, "ol", NULL},
    {"option", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"p", HTML_KIND_BLOCK, "p", NULL},
    {"param", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"pre", HTML_KIND_BLOCK, "pre", NULL},
    {"s", HTML_KIND_INLINE, "span", "s"},
    {"samp", HTML_KIND_INLINE, "span", "c"},
    {"script", HTML_KIND_RAW, NULL, NULL},
    {"section", HTML_KIND_BLOCK, "div", NULL},
    {"source", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"span", HTML_KIND_INLINE, NULL, NULL},
    {"strike", HTML_KIND_INLINE, "span", "s"},
    {"strong", HTML_KIND_INLINE, "span", "b"},
    {"style", HTML_KIND_RAW, NULL, NULL},
    {"svg", HTML_KIND_RAW, NULL, NULL},
    {"table", HTML_KIND_TABLE, "table", NULL},
    {"tbody", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"td", HTML_KIND_CELL, "td", NULL},
    {"template", HTML_KIND_RAW, NULL, NULL},
    {"tfoot", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"th", HTML_KIND_CELL, "th", NULL},
    {"thead", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"title", HTML_KIND_RAW, NULL, NULL},
    {"tr", HTML_KIND_ROW, "tr", NULL},
    {"track", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"tt", HTML_KIND_INLINE, "span", "c"},
    {"u", HTML_KIND_INLINE, "span", "u"},
    {"ul", HTML_KIND_BLOCK, "ul", NULL},
    {"var", HTML_KIND_INLINE, "span", "i"},
    {"wbr", HTML_KIND_TRANSPARENT, NULL, NULL},
    {"xmp", HTML_KIND_BLOCK, "pre", NULL},
};

const HtmlElement *html_element_find(const char *name, gsize bytes)
{
    guint low = 0, high = G_N_ELEMENTS(ELEMENTS);

    while (low < high) {
        guint middle = (low + high) / 2;
        const char *other = ELEMENTS[middle].name;
        int order = g_ascii_strncasecmp(name, other, bytes);
        if (order == 0 && strlen(other) == bytes)
            return &ELEMENTS[middle];
        if (order > 0)
            low = middle + 1;
        else /* also when it is the beginning of a longer one */
            high = middle;
    }
    return &HTML_ELEMENT_UNKNOWN;
}
