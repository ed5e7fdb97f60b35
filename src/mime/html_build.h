/*
 * html_build.h - from pieces of text to the blocks of an Html: white space, runs, gaps. Private to src/mime/.
 *
 * The walker sets `state` as it goes through the elements, adds text and ends blocks; a block gets the state
 * it had when it ended.
 */
#ifndef TERN_MIME_HTML_BUILD_H
#define TERN_MIME_HTML_BUILD_H

#include "mime/html.h"

#define HTML_MAX_LISTS 32

typedef struct {
    HtmlBlockKind kind; /* PARAGRAPH, HEADING or PRE */
    guint8 level, style, quote_depth, list_depth;
    int link; /* -1: none */
    gboolean keeps_lines, keeps_spaces, zero_font, invisible;
} HtmlState;

typedef struct {
    Html *html;
    HtmlState state;
    GString *text;       /* of the block or cell that is being made */
    GArray *runs;        /* HtmlRun */
    gboolean space;      /* white space waits to see whether text comes */
    gboolean wants_gap;  /* before the next block */
    gboolean had_break;  /* a line break with nothing before it in this block: an empty line */
    gboolean item_waits; /* the next block begins a list item */
    int item_number;
    GArray *cells; /* HtmlCell of the row being made; NULL: in none */
    gboolean in_cell;
    guint table;
    GString *link_text; /* of the link one is in */
} HtmlBuilder;

void html_builder_init(HtmlBuilder *builder);
/* Ends the last block; the html is the caller's. */
Html *html_builder_finish(HtmlBuilder *builder);

/* Text as it stands in the document. */
void html_builder_text(HtmlBuilder *builder, const char *text);
/* Text of tern's own, or of an attribute: all white space as spaces, hidden or not. */
void html_builder_label(HtmlBuilder *builder, const char *text, guint8 style);
void html_builder_break(HtmlBuilder *builder);

/* Ends the block, if there is any text in it. `gap`: an empty line belongs here. */
void html_builder_end_block(HtmlBuilder *builder, gboolean gap);
void html_builder_rule(HtmlBuilder *builder);

void html_builder_begin_row(HtmlBuilder *builder);
void html_builder_begin_cell(HtmlBuilder *builder);
void html_builder_end_cell(HtmlBuilder *builder, gboolean is_header);
void html_builder_end_row(HtmlBuilder *builder);

/* A new link (url is taken) becomes the current one; or the end of it. */
void html_builder_begin_link(HtmlBuilder *builder, char *url);
void html_builder_end_link(HtmlBuilder *builder);

#endif
