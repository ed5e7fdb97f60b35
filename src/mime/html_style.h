/*
 * html_style.h - the little of CSS that decides whether text is seen. Private to src/mime/.
 */
#ifndef TERN_MIME_HTML_STYLE_H
#define TERN_MIME_HTML_STYLE_H

#include <glib.h>

typedef enum { HTML_CSS_UNSET, HTML_CSS_NO, HTML_CSS_YES } HtmlCss;

/* What a style attribute says. */
typedef struct {
    gboolean is_gone;     /* display:none and its like: nothing in it can be seen */
    HtmlCss zero_font;    /* font-size: inherited, and set again by what is inside (newsletters do it) */
    HtmlCss invisible;    /* visibility: the same */
    HtmlCss keeps_lines;  /* white-space: line ends are line breaks */
    HtmlCss keeps_spaces; /* white-space: pre, pre-wrap */
    HtmlCss bold, italic, underline, strike;
    gboolean is_dot; /* 1 pixel wide or high at most */
} HtmlStyleRules;

void html_style_read(const char *style, HtmlStyleRules *rules);

#endif
