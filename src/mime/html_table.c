/* html_table.c - see html_table.h. */
#include "mime/html_table.h"

#include <stdlib.h>
#include <string.h>

/* What is longer is prose. */
#define MAX_CELL_BYTES 200
#define MEAN_CELL_BYTES 60
#define MAX_COLUMNS 30

typedef struct {
    guint rows, columns, cells, filled, text_bytes, cell_bytes;
    gboolean has_header, is_layout;
} Survey;

const char *html_attribute(const GumboNode *node, const char *name)
{
    const GumboAttribute *attribute = gumbo_get_attribute(&node->v.element.attributes, name);

    return attribute ? attribute->value : NULL;
}

static void end_cell(Survey *survey)
{
    survey->filled += survey->cell_bytes > 0;
    survey->text_bytes += survey->cell_bytes;
    survey->is_layout |= survey->cell_bytes > MAX_CELL_BYTES;
    survey->cell_bytes = 0;
}

static guint cells_of(const GumboNode *row)
{
    const GumboVector *children = &row->v.element.children;
    guint cells = 0;

    for (guint i = 0; i < children->length; i++) {
        const GumboNode *child = children->data[i];
        cells += child->type == GUMBO_NODE_ELEMENT &&
                 (child->v.element.tag == GUMBO_TAG_TD || child->v.element.tag == GUMBO_TAG_TH);
    }
    return cells;
}

static void survey_element(Survey *survey, const GumboNode *node)
{
    guint cells;

    switch (node->v.element.tag) {
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
        survey->is_layout = TRUE;
        break;
    case GUMBO_TAG_TR:
        cells = cells_of(node);
        survey->is_layout |= cells > MAX_COLUMNS || (survey->rows && cells != survey->columns);
        survey->columns = cells;
        survey->rows++;
        break;
    case GUMBO_TAG_TH:
        survey->has_header = TRUE;
        /* fall through */
    case GUMBO_TAG_TD:
        survey->cells++;
        end_cell(survey);
        break;
    default:
        break;
    }
}

static guint text_bytes(const char *text)
{
    guint bytes = 0;

    for (; *text; text++)
        bytes += !g_ascii_isspace(*text);
    return bytes;
}

/* The node after `node` in the order of the document, inside `root`. */
static const GumboNode *next_node(const GumboNode *node, const GumboNode *root)
{
    if (node->type == GUMBO_NODE_ELEMENT && node->v.element.children.length)
        return node->v.element.children.data[0];
    while (node != root) {
        const GumboVector *siblings = &node->parent->v.element.children;
        if (node->index_within_parent + 1 < siblings->length)
            return siblings->data[node->index_within_parent + 1];
        node = node->parent;
    }
    return NULL;
}

gboolean html_table_is_data(const GumboNode *table)
{
    Survey survey = {0};
    const char *role = html_attribute(table, "role"), *border = html_attribute(table, "border");
    gboolean has_border = border && (atoi(border) > 0 || !*border);

    if (role && (!g_ascii_strcasecmp(role, "presentation") || !g_ascii_strcasecmp(role, "none")))
        return FALSE;
    for (const GumboNode *node = next_node(table, table); node && !survey.is_layout;
         node = next_node(node, table)) {
        if (node->type == GUMBO_NODE_ELEMENT)
            survey_element(&survey, node);
        else if (node->type == GUMBO_NODE_TEXT)
            survey.cell_bytes += text_bytes(node->v.text.text);
    }
    end_cell(&survey);
    if (survey.is_layout || survey.columns < 2)
        return FALSE;
    if (survey.has_header || has_border)
        return TRUE;
    return survey.rows >= 2 && survey.filled * 5 >= survey.cells * 3 &&
           survey.text_bytes <= survey.filled * MEAN_CELL_BYTES;
}
