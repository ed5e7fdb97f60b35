/* The scan for parts keeps to the caps, and its ranges lie in each other in order, whatever the bytes. */
#include "base/limits.h"
#include "mime/structure.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_node(const MimeNode *node, gsize size)
{
    guint depth = 0;

    if (node->header > node->body || node->body > node->end || node->end > size)
        abort();
    if (!node->part.type || !node->part.number)
        abort();
    if (node->parent && (node->header < node->parent->body || node->end > node->parent->end))
        abort();
    for (const MimeNode *up = node->parent; up; up = up->parent)
        if (++depth > LIMIT_MIME_DEPTH)
            abort();
    for (guint i = 0; node->part.children && node->part.children[i]; i++)
        if (node->part.children[i]->parent != &node->part)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MimeStructure structure;

    mime_structure_scan(&structure, (const char *)data, size);
    if (structure.nodes->len > LIMIT_MIME_PARTS || (structure.problem && structure.nodes->len != 1))
        abort();
    for (guint i = 0; i < structure.nodes->len; i++)
        check_node(structure.nodes->pdata[i], size);
    mime_structure_clear(&structure);
    return 0;
}
