/* tree.c - reading what parser.c put together; see parser.h. */
#include "imap/parser.h"

const char *imap_tree_text(const ImapTree *tree, guint index)
{
    if (index >= tree->n || tree->values[index].kind == IMAP_LIST)
        return "";
    return tree->bytes + tree->values[index].text;
}

gboolean imap_tree_is(const ImapTree *tree, guint index, const char *atom)
{
    if (index >= tree->n || tree->values[index].kind > IMAP_NUMBER)
        return FALSE;
    return !g_ascii_strcasecmp(tree->bytes + tree->values[index].text, atom);
}

gboolean imap_tree_is_kind(const ImapTree *tree, guint index, ImapValueKind kind)
{
    return index < tree->n && tree->values[index].kind == kind;
}

gboolean imap_tree_is_astring(const ImapTree *tree, guint index)
{
    if (index >= tree->n)
        return FALSE;
    switch (tree->values[index].kind) {
    case IMAP_ATOM:
    case IMAP_NUMBER:
    case IMAP_QUOTED:
    case IMAP_LITERAL:
    case IMAP_NIL:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean imap_digits(const char *text, gsize bytes, uint64_t most, uint64_t *number_out)
{
    uint64_t number = 0;

    if (bytes == 0)
        return FALSE;
    for (gsize i = 0; i < bytes; i++) {
        if (!g_ascii_isdigit(text[i]))
            return FALSE;

        uint64_t digit = (uint64_t)(text[i] - '0');
        if (number > (most - MIN(digit, most)) / 10 || digit > most - number * 10)
            return FALSE;
        number = number * 10 + digit;
    }
    *number_out = number;
    return TRUE;
}

gboolean imap_tree_number(const ImapTree *tree, guint index, uint64_t most, uint64_t *number_out)
{
    if (!imap_tree_is_kind(tree, index, IMAP_NUMBER))
        return FALSE;
    return imap_digits(tree->bytes + tree->values[index].text, tree->values[index].bytes, most, number_out);
}

guint imap_tree_end(const ImapTree *tree, guint index)
{
    return index < tree->n ? tree->values[index].end : index + 1;
}
