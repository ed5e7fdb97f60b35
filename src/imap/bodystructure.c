/* bodystructure.c - see bodystructure.h. */
#include "imap/bodystructure.h"

#include "base/limits.h"

#include <string.h>

/* Places of what follows the six fields that each leaf has (type, subtype, parameters, id, description,
 * encoding, size), by kind of leaf. */
enum { FIELD_TYPE, FIELD_SUBTYPE, FIELD_PARAMETERS, FIELD_ID, FIELD_DISPOSITION_BASIC = 8 };
enum { FIELD_DISPOSITION_TEXT = 9, FIELD_MESSAGE_BODY = 8, FIELD_DISPOSITION_MESSAGE = 11 };
#define MOST_FIELDS 12

/* What waits to be looked at: a part, and whether it stands inside multipart/related. */
typedef struct {
    guint index;
    gboolean in_related;
} Waiting;

static gboolean is_string(const ImapTree *tree, guint index, const char *text)
{
    return imap_tree_is_astring(tree, index) && !g_ascii_strcasecmp(imap_tree_text(tree, index), text);
}

/* "filename", "filename*", "filename*0*" … in a list of names and values. */
static gboolean has_parameter(const ImapTree *tree, guint list, const char *name)
{
    gsize bytes = strlen(name);

    if (!imap_tree_is_kind(tree, list, IMAP_LIST))
        return FALSE;
    for (guint i = list + 1, end = imap_tree_end(tree, list); i < end; i = imap_tree_end(tree, i)) {
        const char *text = imap_tree_text(tree, i);
        if (!g_ascii_strncasecmp(text, name, bytes) && (text[bytes] == '\0' || text[bytes] == '*'))
            return TRUE;
        i = imap_tree_end(tree, i);
        if (i >= end)
            break;
    }
    return FALSE;
}

typedef struct {
    gboolean is_attachment, is_inline, has_name, has_id;
} Leaf;

static Leaf read_leaf(const ImapTree *tree, const guint *fields, guint n, guint disposition_field)
{
    Leaf leaf = {.has_name = n > FIELD_PARAMETERS && has_parameter(tree, fields[FIELD_PARAMETERS], "name")};

    leaf.has_id = n > FIELD_ID && !imap_tree_is_kind(tree, fields[FIELD_ID], IMAP_NIL) &&
                  *imap_tree_text(tree, fields[FIELD_ID]) != '\0';
    if (n <= disposition_field)
        return leaf;

    guint disposition = fields[disposition_field], kind = disposition;
    if (imap_tree_is_kind(tree, disposition, IMAP_LIST)) {
        guint end = imap_tree_end(tree, disposition);
        kind = disposition + 1;
        if (kind >= end)
            return leaf;
        guint parameters = imap_tree_end(tree, kind);
        if (parameters < end && has_parameter(tree, parameters, "filename"))
            leaf.has_name = TRUE;
    }
    /* A server that gives the disposition as a bare string is understood as well. Unknown kinds are
     * attachments (RFC 2183, 2.8). */
    leaf.is_inline = is_string(tree, kind, "inline");
    leaf.is_attachment = imap_tree_is_astring(tree, kind) && !imap_tree_is_kind(tree, kind, IMAP_NIL) &&
                         *imap_tree_text(tree, kind) != '\0' && !leaf.is_inline;
    return leaf;
}

static gboolean leaf_counts(const ImapTree *tree, const guint *fields, guint n, gboolean in_related)
{
    gboolean is_text = is_string(tree, fields[FIELD_TYPE], "text");
    Leaf leaf = read_leaf(tree, fields, n, is_text ? FIELD_DISPOSITION_TEXT : FIELD_DISPOSITION_BASIC);

    if (leaf.is_attachment)
        return TRUE;
    if (!leaf.has_name || (is_text && leaf.is_inline))
        return FALSE;
    return !(in_related && leaf.has_id && is_string(tree, fields[FIELD_TYPE], "image"));
}

/* A multipart: its parts go to the waiting ones. */
static void look_at_multipart(const ImapTree *tree, guint index, GArray *waiting, gboolean in_related)
{
    guint end = imap_tree_end(tree, index), subtype = index + 1;

    while (subtype < end && imap_tree_is_kind(tree, subtype, IMAP_LIST))
        subtype = imap_tree_end(tree, subtype);
    if (subtype < end && is_string(tree, subtype, "related"))
        in_related = TRUE;
    for (guint i = index + 1; i < subtype; i = imap_tree_end(tree, i)) {
        Waiting part = {i, in_related};
        g_array_append_val(waiting, part);
    }
}

/* A leaf, or a message within the message: 1 when it counts. */
static int look_at_leaf(const ImapTree *tree, guint index, GArray *waiting, gboolean in_related)
{
    guint fields[MOST_FIELDS], n = 0, end = imap_tree_end(tree, index);

    for (guint i = index + 1; i < end && n < MOST_FIELDS; i = imap_tree_end(tree, i))
        fields[n++] = i;
    if (n < 2)
        return 0;

    gboolean is_message = is_string(tree, fields[FIELD_TYPE], "message") && n > FIELD_MESSAGE_BODY &&
                          imap_tree_is_kind(tree, fields[FIELD_MESSAGE_BODY], IMAP_LIST) &&
                          imap_tree_is_kind(tree, fields[FIELD_MESSAGE_BODY - 1], IMAP_LIST);
    if (!is_message)
        return leaf_counts(tree, fields, n, in_related);

    Leaf leaf = read_leaf(tree, fields, n, FIELD_DISPOSITION_MESSAGE);
    if (!leaf.is_inline || leaf.has_name)
        return 1;
    Waiting body = {fields[FIELD_MESSAGE_BODY], FALSE};
    g_array_append_val(waiting, body);
    return 0;
}

int imap_bodystructure_attachments(const ImapTree *tree, guint index)
{
    if (!imap_tree_is_kind(tree, index, IMAP_LIST) || imap_tree_end(tree, index) == index + 1)
        return -1;

    g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
    Waiting root = {index, FALSE};
    int count = 0;

    g_array_append_val(waiting, root);
    while (waiting->len > 0) {
        Waiting part = g_array_index(waiting, Waiting, waiting->len - 1);
        g_array_set_size(waiting, waiting->len - 1);
        if (!imap_tree_is_kind(tree, part.index, IMAP_LIST))
            continue;
        if (imap_tree_is_kind(tree, part.index + 1, IMAP_LIST) &&
            part.index + 1 < imap_tree_end(tree, part.index))
            look_at_multipart(tree, part.index, waiting, part.in_related);
        else
            count += look_at_leaf(tree, part.index, waiting, part.in_related);
    }
    return count;
}
