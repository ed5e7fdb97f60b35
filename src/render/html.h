/*
 * html.h - mime/html.h's blocks into a document; for src/render only.
 *
 * Links are numbered in the text, "[1]"; one that leads elsewhere than it says is followed by where. Quotes
 * get bars and fold as in plain text, lists are indented, tables of data stand in columns where these fit and
 * are rows of cells one after the other where not.
 */
#ifndef TERN_RENDER_HTML_H
#define TERN_RENDER_HTML_H

#include "mime/html.h"
#include "render/document.h"

void render_html(RenderDocument *document, const Html *html);

/* For html.c and html_table.c. */
typedef struct {
    RenderDocument *document;
    const Html *html;
    int *links;    /* of each HtmlLink its number in the document, -2: not yet known */
    int item_cols; /* how far the text of the last list item is indented */
} HtmlRender;

/* Appends a cell's text, its line ends as spaces when it is `flat`. */
void render_html_add_cell(HtmlRender *render, RenderText *text, const HtmlCell *cell, RenderStyle style,
                          gboolean flat);

/* The rows of one table, `count` blocks from `first` on, behind `bars`. */
void render_html_table(HtmlRender *render, guint first, guint count, const RenderFrame *frame);

#endif
