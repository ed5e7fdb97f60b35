/* fetched.c - FETCH responses (RFC 3501, 7.4.2) as values; see response.h. A table of items. */
#include "imap/response.h"

#include "base/date.h"
#include "base/limits.h"
#include "imap/bodystructure.h"

#include <string.h>

/* RFC 8474, 4: an object's id has 1 to 255 characters. */
#define MOST_ID_BYTES 255

/* What an item's reader works on: its value stands at `index`. FALSE: nonsense. */
typedef struct {
    const ImapTree *tree;
    guint index;
    GPtrArray *texts;
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

/* A list of texts, into item->texts and NULL behind it; where it starts there in *from_out. */
static gboolean read_texts(const Item *item, guint *from_out)
{
    guint end = imap_tree_end(item->tree, item->index);

    *from_out = item->texts->len;
    if (!imap_tree_is_kind(item->tree, item->index, IMAP_LIST))
        return FALSE;
    for (guint i = item->index + 1; i < end; i++) {
        if (!imap_tree_is_astring(item->tree, i))
            return FALSE;
        g_ptr_array_add(item->texts, (gpointer)imap_tree_text(item->tree, i));
    }
    g_ptr_array_add(item->texts, NULL);
    return TRUE;
}

static gboolean read_flags(const Item *item)
{
    item->line->message.has_flags = TRUE;
    return read_texts(item, &item->line->flags);
}

static gboolean read_labels(const Item *item)
{
    item->line->message.has_labels = TRUE;
    return read_texts(item, &item->line->labels);
}

/* EMAILID (M6d99), THREADID (T8) or NIL (RFC 8474); X-GM-MSGID 1278455344230334865. One in a wrong shape is
 * not told. */
static const char *read_id(const Item *item)
{
    const ImapTree *tree = item->tree;
    const gboolean is_list = imap_tree_is_kind(tree, item->index, IMAP_LIST);
    const guint at = is_list ? item->index + 1 : item->index;

    if (is_list && imap_tree_end(tree, item->index) != at + 1)
        return NULL;
    if (!imap_tree_is_kind(tree, at, IMAP_ATOM) && !imap_tree_is_kind(tree, at, IMAP_NUMBER))
        return NULL;
    return tree->values[at].bytes <= MOST_ID_BYTES ? imap_tree_text(tree, at) : NULL;
}

static gboolean read_email_id(const Item *item)
{
    item->line->message.email_id = read_id(item);
    return TRUE;
}

static gboolean read_thread_id(const Item *item)
{
    item->line->message.thread_id = read_id(item);
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
    {"UID", FALSE, read_uid},
    {"FLAGS", FALSE, read_flags},
    {"INTERNALDATE", FALSE, read_date},
    {"RFC822.SIZE", FALSE, read_size},
    {"MODSEQ", FALSE, read_modseq},
    {"BODY[HEADER", TRUE, read_header},
    {"BODY[]", FALSE, read_body},
    {"BODYSTRUCTURE", FALSE, read_structure},
    {"EMAILID", FALSE, read_email_id},
    {"THREADID", FALSE, read_thread_id},
    {"X-GM-MSGID", FALSE, read_email_id},
    {"X-GM-THRID", FALSE, read_thread_id},
    {"X-GM-LABELS", FALSE, read_labels},
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

gboolean imap_response_fetch(const ImapTree *tree, const ImapResponse *response, GPtrArray *texts,
                             ImapFetchLine *line_out, GError **error)
{
    guint end = imap_tree_end(tree, response->first);
    Item item = {.tree = tree, .texts = texts, .line = line_out};

    *line_out = (ImapFetchLine){.message = {.seq = response->number}};
    g_ptr_array_set_size(texts, 0);
    if (response->number == 0 || !imap_tree_is_kind(tree, response->first, IMAP_LIST))
        return imap_nonsense(error, "FETCH");
    for (guint i = response->first + 1; i < end; i = imap_tree_end(tree, item.index)) {
        const Reader *reader = find_reader(tree, i);

        item.index = i + 1;
        if (item.index >= end || !imap_tree_is_kind(tree, i, IMAP_ATOM) || (reader && !reader->read(&item)))
            return imap_nonsense(error, "FETCH");
    }
    /* Only now: the array may have moved while it grew. */
    g_ptr_array_add(texts, NULL);
    const char *const *all = (const char *const *)texts->pdata, *const *none = all + texts->len - 1;
    line_out->message.flags = line_out->message.has_flags ? all + line_out->flags : none;
    line_out->message.labels = line_out->message.has_labels ? all + line_out->labels : none;
    return TRUE;
}
