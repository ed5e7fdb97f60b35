/* Markdown with others' words in it: valid UTF-8 comes out, with no element in it that asks for something
 * from elsewhere. */
#include "compose/markdown.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *picture(const char *name, void *data)
{
    (void)data;
    return strcmp(name, "a.png") == 0 ? g_strdup("cid:1@x") : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(size, 20000));
    g_autofree char *utf8 = g_utf8_make_valid(text, -1);
    g_autofree char *html = markdown_to_html(utf8, picture, NULL, NULL);

    if (!html || !g_utf8_validate(html, -1, NULL) || strstr(html, "<script") ||
        strstr(html, "href=\"javascript:"))
        abort();
    for (const char *at = html; (at = strstr(at, "<img src=\"")); at++)
        if (!g_str_has_prefix(at, "<img src=\"cid:1@x\""))
            abort();
    return 0;
}
