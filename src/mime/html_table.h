/* html_table.h - whether a table holds data, or is there for the layout. Private to src/mime/. */
#ifndef TERN_MIME_HTML_TABLE_H
#define TERN_MIME_HTML_TABLE_H

#include <glib.h>
#include <gumbo.h>

/* A guess by what is in it: rows of the same number of short cells, no table within; <th> or a border
 * help. */
gboolean html_table_is_data(const GumboNode *table);

/* An attribute's value, or NULL. */
const char *html_attribute(const GumboNode *node, const char *name);

#endif
