/* find.c - see find.h. */
#include "engine/find.h"
#include "engine/quirks.h"
#include "imap/fetch.h"
#include "imap/search.h"
#include "mime/envelope.h"

#include <string.h>

typedef struct {
    const char *message_id; /* NULL: by size */
    int64_t size_bytes;
    uint32_t from_uid;
    ImapUidSet *found;
} Looking;

/* ---- UIDs ---- */

static gboolean take_uid(const ImapFetched *message, void *data, GError **error)
{
    (void)error;
    if (message->uid)
        imap_uid_set_add(data, message->uid);
    return TRUE;
}

ImapUidSet *find_uids(ImapSession *session, const char *set, GError **error)
{
    g_autofree char *criteria = g_strdup_printf("UID %s", set);
    g_autoptr(ImapUidSet) found = imap_search(session, criteria, NULL, error);

    if (!found)
        return NULL;
    if (!imap_uid_set_count(found) &&
        !imap_fetch(session, TRUE, set, IMAP_FETCH_FLAGS, take_uid, found, error))
        return NULL;
    return g_steal_pointer(&found);
}

/* ---- one message ---- */

static gboolean has_id(const ImapFetched *message, const char *wanted)
{
    if (!message->header)
        return FALSE;
    g_autoptr(MimeEnvelope) envelope = mime_envelope_parse(message->header, message->header_bytes);
    g_autofree char *id = envelope->message_id ? g_strdup_printf("<%s>", envelope->message_id) : NULL;
    return id && strstr(id, wanted);
}

static gboolean look_at(const ImapFetched *message, void *data, GError **error)
{
    const Looking *looking = data;

    (void)error;
    /* "n:*" means the last one even where it is older. */
    if (message->uid >= looking->from_uid &&
        (looking->message_id ? has_id(message, looking->message_id)
                             : message->has_size && message->size_bytes == looking->size_bytes))
        imap_uid_set_add(looking->found, message->uid);
    return TRUE;
}

static gboolean look(ImapSession *session, Looking *looking, GError **error)
{
    g_autofree char *set = g_strdup_printf("%u:*", looking->from_uid);

    return imap_fetch(session, TRUE, set, IMAP_FETCH_ENVELOPE, look_at, looking, error);
}

static ImapUidSet *search(ImapSession *session, const Looking *looking, gboolean *is_told_out, GError **error)
{
    const int64_t bytes = looking->size_bytes;

    if (looking->message_id)
        return imap_search_message_id(session, looking->from_uid, looking->message_id, is_told_out, error);
    g_autofree char *criteria =
        g_strdup_printf("UID %u:* LARGER %" G_GINT64_FORMAT " SMALLER %" G_GINT64_FORMAT, looking->from_uid,
                        MAX(bytes - 1, 0), bytes + 1);
    ImapUidSet *found = imap_search(session, criteria, is_told_out, error);
    if (found && looking->from_uid > 1)
        imap_uid_set_remove_range(found, 1, looking->from_uid - 1);
    return found;
}

static ImapUidSet *find(ImapSession *session, Looking *looking, GError **error)
{
    const gboolean is_blind = looking->message_id && (quirks_of(session) & QUIRK_BLIND_SEARCH);
    gboolean is_told = FALSE;
    g_autoptr(ImapUidSet) found = is_blind ? imap_uid_set_new() : search(session, looking, &is_told, error);

    if (!found)
        return NULL;
    looking->found = found;
    const gboolean is_believed = imap_uid_set_count(found) || (is_told && looking->from_uid == 1);
    return is_believed || look(session, looking, error) ? g_steal_pointer(&found) : NULL;
}

ImapUidSet *find_message_id(ImapSession *session, uint32_t from_uid, const char *message_id, GError **error)
{
    Looking looking = {.message_id = message_id, .from_uid = MAX(from_uid, 1)};

    return find(session, &looking, error);
}

ImapUidSet *find_size(ImapSession *session, uint32_t from_uid, int64_t size_bytes, GError **error)
{
    Looking looking = {.size_bytes = size_bytes, .from_uid = MAX(from_uid, 1)};

    return find(session, &looking, error);
}
