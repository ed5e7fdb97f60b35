/* html_style.c - see html_style.h. */
#include "mime/html_style.h"

#include <stdlib.h>
#include <string.h>

/* "0", "0px", "0.0em", "0 !important" and the like. */
static gboolean is_zero(const char *value)
{
    char *rest = NULL;
    double number = g_ascii_strtod(value, &rest);

    return rest != value && number == 0;
}

static HtmlCss yes_if(gboolean condition)
{
    return condition ? HTML_CSS_YES : HTML_CSS_NO;
}

/* Height and overflow hide only together. */
typedef struct {
    gboolean no_height, hides_overflow;
} Box;

static void read_declaration(const char *name, const char *value, HtmlStyleRules *rules, Box *box)
{
    if (!strcmp(name, "display")) {
        rules->is_gone |= g_str_has_prefix(value, "none");
    } else if (!strcmp(name, "visibility")) {
        rules->invisible = yes_if(g_str_has_prefix(value, "hidden") || g_str_has_prefix(value, "collapse"));
    } else if (!strcmp(name, "opacity")) {
        rules->is_gone |= is_zero(value);
    } else if (!strcmp(name, "font-size")) {
        rules->zero_font = yes_if(is_zero(value));
    } else if (!strcmp(name, "max-height")) {
        box->no_height = is_zero(value);
    } else if (!strcmp(name, "overflow")) {
        box->hides_overflow = g_str_has_prefix(value, "hidden");
    } else if (!strcmp(name, "white-space")) {
        rules->keeps_lines = yes_if(g_str_has_prefix(value, "pre") || g_str_has_prefix(value, "break"));
        rules->keeps_spaces =
            yes_if(rules->keeps_lines == HTML_CSS_YES && !g_str_has_prefix(value, "pre-line"));
    } else if (!strcmp(name, "font-weight")) {
        rules->bold = yes_if(g_str_has_prefix(value, "bold") || atoi(value) >= 600);
    } else if (!strcmp(name, "font-style")) {
        rules->italic = yes_if(g_str_has_prefix(value, "italic") || g_str_has_prefix(value, "oblique"));
    } else if (g_str_has_prefix(name, "text-decoration")) {
        if (strstr(value, "line-through"))
            rules->strike = HTML_CSS_YES;
    } else if (!strcmp(name, "width") || !strcmp(name, "height")) {
        rules->is_dot |= is_zero(value) || !strcmp(value, "1px");
    }
}

void html_style_read(const char *style, HtmlStyleRules *rules)
{
    g_autofree char *copy = g_ascii_strdown(style, -1);
    char *rest = copy;
    Box box = {FALSE, FALSE};

    memset(rules, 0, sizeof *rules);
    while (rest) {
        char *declaration = strsep(&rest, ";");
        char *value = strchr(declaration, ':');
        if (!value)
            continue;
        *value++ = '\0';
        read_declaration(g_strstrip(declaration), g_strstrip(value), rules, &box);
    }
    rules->is_gone |= box.no_height && box.hides_overflow;
}
