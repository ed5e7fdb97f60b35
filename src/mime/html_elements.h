/*
 * html_elements.h - the HTML elements that mail uses, and what they are to html_wash(). Private to src/mime/.
 */
#ifndef TERN_MIME_HTML_ELEMENTS_H
#define TERN_MIME_HTML_ELEMENTS_H

#include <glib.h>

/* What an element is to the washer. */
typedef enum {
    HTML_KIND_INLINE,    /* let through as a span when it says something */
    HTML_KIND_BLOCK,     /* closes an open paragraph */
    HTML_KIND_LIST_ITEM, /* closes the one before it */
    HTML_KIND_TABLE,     /* a wall for what is inside */
    HTML_KIND_ROW,
    HTML_KIND_CELL,
    HTML_KIND_VOID, /* has no content */
    HTML_KIND_VOID_BLOCK,
    HTML_KIND_RAW,         /* dropped with its content */
    HTML_KIND_TRANSPARENT, /* dropped, its content stays */
} HtmlKind;

typedef struct {
    const char *name; /* in the input */
    HtmlKind kind;
    const char *tag;    /* in the output, NULL: none unless it has a style */
    const char *format; /* the "f" of a span */
} HtmlElement;

/* The element of that name, in any case; HTML_ELEMENT_UNKNOWN for what nobody knows (<o:p>, made-up ones),
 * which counts only when it hides something. Static. */
const HtmlElement *html_element_find(const char *name, gsize bytes);

extern const HtmlElement HTML_ELEMENT_UNKNOWN;

#endif
