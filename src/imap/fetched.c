/* fetched.c - FETCH responses (RFC 3501, 7.4.2) as values; see response.h. A table of items. */
#include "imap/response.h"

#include "base/date.h"
#include "base/limits.h"
#include "imap/bodystructure.h"

#include <string.h>

/* What an item's reader works on: its value stands at `index`. FALSE: nonsense. */
typedef struct {
    const ImapTree *tree;
    guint index;
    GPtrArray *flags;
    ImapFetchLine *line;
} Item;

static gboolean read_uid(const Item *item)
{
    uint64_t uid;

    if (!imap_tree_number(item->tree, item->index, UINT32_MAX, &uid) || uid == 0)
        return FALSE;
    item->line->message.uid = (uint32_t)uid;
    return TRUE;
}

static gboolean read_flags(const Item *item)
{
    guint end = imap_tree_end(item->tree, item->index);

    if (!imap_tree_is_kind(item->tree, item->index, IMAP_LIST))
        return FALSE;
    g_ptr_array_set_size(item->flags, 0);
    for (guint i = item->index + 1; i < end; i++) {
        if (!imap_tree_is_astring(item->tree, i))
            return FALSE;
        g_ptr_array_add(item->flags, (gpointer)imap_tree_text(item->tree, i));
    }
    item->line->message.has_flags = TRUE;
    return TRUE;
}

/* A date nobody can read is no reason to do without the message. */
static gboolean read_date(const Item *item)
{
    ImapFetched *message = &item->line->message;

    if (imap_tree_is_astring(item->tree, item->index))
        message->has_date =
            date_parse_imap(imap_tree_text(item->tree, item->index), &message->internal_date_s);
    return TRUE;
}

static gboolean read_size(const Item *item)
{
    uint64_t size;

    if (!imap_tree_number(item->tree, item->index, INT64_MAX, &size))
        return FALSE;
    item->line->message.size_bytes = (int64_t)size;
    item->line->message.has_size = TRUE;
    return TRUE;
}

static gboolean read_modseq(const Item *item)
{
    return imap_tree_is_kind(item->tree, item->index, IMAP_LIST) &&
           imap_tree_number(item->tree, item->index + 1, INT64_MAX, &item->line->message.modseq);
}

static gboolean read_structure(const Item *item)
{
    int count = imap_bodystructure_attachments(item->tree, item->index);

    item->line->message.has_attachments_count = count >= 0;
    item->line->message.attachments = MAX(count, 0);
    return TRUE;
}

/* NIL stands for a message without one. */
static gboolean read_header(const Item *item)
{
    ImapFetched *message = &item->line->message;
    gboolean is_nil = imap_tree_is_kind(item->tree, item->index, IMAP_NIL);

    if (!imap_tree_is_astring(item->tree, item->index))
        return FALSE;
    message->header = is_nil ? "" : imap_tree_text(item->tree, item->index);
    message->header_bytes = is_nil ? 0 : MIN(item->tree->values[item->index].bytes, LIMIT_HEADER_BYTES);
    return TRUE;
}

static gboolean read_body(const Item *item)
{
    if (!imap_tree_is_astring(item->tree, item->index) &&
        !imap_tree_is_kind(item->tree, item->index, IMAP_STREAMED))
        return FALSE;
    item->line->body = item->index;
    return TRUE;
}

typedef struct {
    const char *name;
    gboolean is_prefix;
    gboolean (*read)(const Item *item);
} Reader;

static const Reader READERS[] = {
    {"UID", FALSE, read_uid},           {"FLAGS", FALSE, read_flags},
    {"INTERNALDATE", FALSE, read_date}, {"RFC822.SIZE", FALSE, read_size},
    {"MODSEQ", FALSE, read_modseq},     {"BODY[HEADER", TRUE, read_header},
    {"BODY[]", FALSE, read_body},       {"BODYSTRUCTURE", FALSE, read_structure},
};

/* NULL for items that nobody asked for. */
static const Reader *find_reader(const ImapTree *tree, guint index)
{
    const char *name = imap_tree_text(tree, index);

    for (gsize i = 0; i < G_N_ELEMENTS(READERS); i++)
        if (READERS[i].is_prefix ? !g_ascii_strncasecmp(name, READERS[i].name, strlen(READERS[i].name))
                                 : !g_ascii_strcasecmp(name, READERS[i].name))
            return &READERS[i];
    return NULL;
}

gboolean imap_response_fetch(const ImapTree *tree, const ImapResponse *response, GPtrArray *flags,
                             ImapFetchLine *line_out, GError **error)
{
    guint end = imap_tree_end(tree, response->first);
    Item item = {.tree = tree, .flags = flags, .line = line_out};

    *line_out = (ImapFetchLine){.message = {.seq = response->number}};
    g_ptr_array_set_size(flags, 0);
    if (!imap_tree_is_kind(tree, response->first, IMAP_LIST))
        return imap_nonsense(error, "FETCH");
    for (guint i = response->first + 1; i < end; i = imap_tree_end(tree, item.index)) {
        const Reader *reader = find_reader(tree, i);

        item.index = i + 1;
        if (item.index >= end || !imap_tree_is_kind(tree, i, IMAP_ATOM) || (reader && !reader->read(&item)))
            return imap_nonsense(error, "FETCH");
    }
    g_ptr_array_add(flags, NULL);
    line_out->message.flags = (const char *const *)flags->pdata;
    return TRUE;
}
