/*
 * html.h - what an HTML text says, as blocks of lines-to-be: from markup to a model that render turns into
 * lines.
 *
 * An Html is a list of blocks in reading order, each with the text of one or (table rows) several cells and
 * runs of style over it, and the list of links. Nothing is ever fetched. Left out: scripts, styles, titles,
 * comments, and what its own style hides (preheaders). Layout tables flow as paragraphs; tables of data are
 * rows.
 *
 * The markup goes through html_wash() first, which leaves well-formed HTML of a few harmless elements, so
 * that gumbo meets nothing that costs it more than linear time (a caps check alone could be fooled by what
 * gumbo reads otherwise). Past LIMIT_HTML_BYTES or LIMIT_HTML_TAGS only text is left. The text is decoded,
 * not safe to show yet. Pure; any thread, whose stack is STACK_WORKER_BYTES at least.
 */
#ifndef TERN_MIME_HTML_H
#define TERN_MIME_HTML_H

#include <glib.h>

typedef enum {
    HTML_PARAGRAPH,
    HTML_HEADING, /* `level` */
    HTML_ITEM,    /* the first block of a list item: `number`, `list_depth` */
    HTML_PRE,     /* white space counts: not to be wrapped where it can be helped */
    HTML_ROW,     /* of a table of data: `cells` */
    HTML_RULE,    /* no text */
} HtmlBlockKind;

typedef enum {
    HTML_BOLD = 1 << 0,
    HTML_ITALIC = 1 << 1,
    HTML_UNDERLINE = 1 << 2,
    HTML_STRIKE = 1 << 3,
    HTML_CODE = 1 << 4,
    HTML_ALT = 1 << 5, /* stands for a picture */
} HtmlStyle;

/* Runs follow each other and cover the text of their cell. */
typedef struct {
    guint start, length; /* bytes */
    guint8 style;        /* bits of HtmlStyle */
    int link;            /* index into links, -1: none */
} HtmlRun;

typedef struct {
    char *
        text; /* UTF-8; white space is collapsed (but in HTML_PRE), '\n' is a line break that was asked for */
    guint bytes;
    HtmlRun *runs;
    guint n_runs;
    gboolean is_header; /* <th> */
} HtmlCell;

typedef struct {
    HtmlBlockKind kind;
    guint8 level;       /* HTML_HEADING: 1 to 6 */
    guint8 quote_depth; /* blockquotes around it */
    guint8 list_depth;  /* lists around it; other blocks than HTML_ITEM go on with the item before */
    int number;         /* HTML_ITEM: its number, 0 for a bullet */
    guint table;        /* HTML_ROW: which table, from 1; rows of one follow each other */
    gboolean has_gap;   /* an empty line belongs before it */
    HtmlCell *cells;    /* one, but in HTML_ROW (any number) and HTML_RULE (none) */
    guint n_cells;
} HtmlBlock;

typedef struct {
    char *url;  /* http, https, mailto, ftp or news; as written, white space taken out */
    char *text; /* what it stands on, on one line; "" never: then it is "[host]" */
} HtmlLink;

typedef struct {
    GPtrArray *blocks;    /* HtmlBlock * */
    GPtrArray *links;     /* HtmlLink * */
    guint remote_images;  /* that a browser would have fetched, */
    guint trackers;       /* those among them of one pixel, or hidden */
    gboolean is_stripped; /* it was over the limits: a part of the markup is left out */
} Html;

/* From `size` bytes of UTF-8. Never NULL. */
Html *html_parse(const char *text, gsize size);
void html_free(Html *html);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Html, html_free)

#endif
