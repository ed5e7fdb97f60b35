/*
 * play_across.c - messages of other accounts, put into this one by APPEND (play_private.h).
 *
 * In groups, each in one commit: `sent` with the destination's UIDNEXT, APPEND, done. A group is small enough
 * that a person waits for no more than it, and that little is to be looked for after a lost answer: by
 * Message-ID and size, from that UIDNEXT on. What is there belongs to a message only if it belongs to no
 * other.
 */
#include "engine/play_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/find.h"
#include "engine/link.h"
#include "engine/quirks.h"
#include "imap/append.h"

#define GROUP_MESSAGES 50
#define GROUP_BYTES (8 << 20)

/* ---- a group ---- */

/* One message of it. */
typedef struct {
    StoreEntry *entry;
    AcrossMessage message;
    uint64_t bytes; /* on the wire */
    GPtrArray *flags;
    ImapAppended appended;
} Item;

static void clear_item(void *data)
{
    Item *item = data;

    across_message_clear(&item->message);
    g_clear_pointer(&item->flags, g_ptr_array_unref);
}

/* Opens what is to go; what is not here is to be fetched again, and waits. FALSE and STORE: it cannot be
 * read. */
static gboolean add_item(Play *play, GArray *items, PlayEnd *end, StoreEntry *entry, uint64_t *bytes,
                         GError **error)
{
    Item item = {.entry = entry, .message = {.fd = -1}};
    g_autoptr(GError) failed = NULL;
    const int found = across_open(play->with->across, entry, &item.message, &failed);

    if (found < 0) {
        if (tern_error_is(failed, TERN_ERROR_INPUT)) /* only its header is here */
            play_end_kept(end, entry, failed->message);
        else
            play_end_later(end, entry, failed->message);
        return TRUE;
    }
    if (found == 0) {
        play_end_unfetched(end, entry);
        return TRUE;
    }
    if (!imap_append_size(item.message.fd, &item.bytes, error)) {
        across_message_clear(&item.message);
        return FALSE;
    }
    item.flags = play_flag_words(item.message.flags, item.message.keywords);
    *bytes += item.bytes;
    g_array_append_val(items, item);
    return TRUE;
}

/* The first messages of the run, as many as go at once: their number, 0 and an error. */
static guint take_group(Play *play, const PlayRun *run, GArray *items, GError **error)
{
    PlayEnd *end = play_end_new();
    uint64_t bytes = 0;
    guint n = 0;
    gboolean ok = TRUE;

    while (ok && n < run->n && items->len < GROUP_MESSAGES && bytes < GROUP_BYTES)
        ok = add_item(play, items, end, run->entries[n++], &bytes, error);
    across_release(play->with->across);
    ok = play_end_commit(end, play, ok ? error : NULL) && ok;
    return ok ? n : 0;
}

static ImapAppend append_of(const Item *item)
{
    return (ImapAppend){.fd = item->message.fd,
                        .flags = (const char *const *)item->flags->pdata,
                        .date_s = item->message.arrival_s};
}

/* ---- looking for one that is there ---- */

/* Whether what has that UID is no other message's. */
static gboolean is_free(const Play *play, const StoreEntry *entry, uint32_t uid, gboolean *is_free_out,
                        GError **error)
{
    const int64_t own = entry->copy ? entry->copy : entry->message;
    g_autoptr(GArray) rows = store_read_uids(play->with->reader, entry->folder, uid, uid, error);

    if (!rows)
        return FALSE;
    const int64_t id = rows->len ? g_array_index(rows, StoreUid, 0).id : 0;
    const int is_placed =
        id && id != own ? store_journal_has_placed(play->with->reader, id, entry->folder, error) : 0;
    *is_free_out = is_placed == 0;
    return is_placed >= 0;
}

/* The lowest UID of both sets (`of_size` NULL: of the first) that is free and not in `taken`; 0: none. */
static gboolean pick(const Play *play, const StoreEntry *entry, ImapUidSet *found, ImapUidSet *of_size,
                     ImapUidSet *taken, uint32_t *uid_out, GError **error)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(found, &n);

    for (guint i = 0; i < n; i++) {
        for (uint64_t uid = ranges[i].first; uid <= ranges[i].last; uid++) {
            gboolean is_ours = (!of_size || imap_uid_set_contains(of_size, (uint32_t)uid)) &&
                               !imap_uid_set_contains(taken, (uint32_t)uid);
            if (is_ours && !is_free(play, entry, (uint32_t)uid, &is_ours, error))
                return FALSE;
            if (is_ours) {
                *uid_out = (uint32_t)uid;
                imap_uid_set_add(taken, *uid_out);
                return TRUE;
            }
        }
    }
    return TRUE;
}

/* Where the message is in the destination, which is selected: the UID, 0: it is not there. */
static gboolean find(const Play *play, const StoreEntry *entry, int64_t bytes, uint32_t from,
                     ImapUidSet *taken, uint32_t *uid_out, GError **error)
{
    ImapSession *session = play->with->session;
    const gboolean by_size = !entry->message_id || !(quirks_of(session) & QUIRK_ROUGH_SIZES);
    g_autoptr(ImapUidSet) of_size = by_size ? find_size(session, from, bytes, error) : NULL;
    g_autoptr(ImapUidSet) found = NULL;

    *uid_out = 0;
    if (by_size && !of_size)
        return FALSE;
    if (entry->message_id && (!by_size || imap_uid_set_count(of_size))) {
        g_autofree char *id = g_strdup_printf("<%s>", entry->message_id);
        if (!(found = find_message_id(session, from, id, error)))
            return FALSE;
    }
    ImapUidSet *all = found ? found : of_size;
    return pick(play, entry, all, of_size, taken, uid_out, error);
}

/* Opened anew: it is to show what came just now. */
static gboolean open_destination(Play *play, const StoreEntry *entry, ImapSelected *selected, GError **error)
{
    g_clear_pointer(&play->selected, g_free);
    return imap_select(play->with->session, entry->folder_raw, TRUE, selected, error);
}

/* ---- after a lost answer ---- */

static gboolean size_of(const Play *play, const StoreEntry *entry, int64_t *bytes_out, GError **error)
{
    g_auto(AcrossMessage) message = {.fd = -1};
    const int found = across_open(play->with->across, entry, &message, error);
    uint64_t bytes;

    *bytes_out = entry->size_bytes;
    across_release(play->with->across);
    if (found <= 0)
        return found == 0;
    if (!imap_append_size(message.fd, &bytes, error))
        return FALSE;
    *bytes_out = (int64_t)bytes;
    return TRUE;
}

PlayEnd *play_recover_across(Play *play, const StoreEntry *entry, GError **error)
{
    g_autoptr(ImapUidSet) taken = imap_uid_set_new();
    ImapSelected selected;
    uint32_t uid;
    int64_t bytes;

    if (!size_of(play, entry, &bytes, error) || !open_destination(play, entry, &selected, error))
        return NULL;
    const uint32_t from = selected.uid_validity == entry->uid_validity ? MAX(entry->uid_next, 1) : 1;
    if (!find(play, entry, bytes, from, taken, &uid, error))
        return NULL;
    PlayEnd *end = play_end_new();
    if (uid)
        play_end_arrived(end, entry, play_is_renumbered(play, entry->folder, selected.uid_validity) ? 0 : uid,
                         bytes);
    else
        play_end_again(end, entry);
    return end;
}

/* ---- putting them there ---- */

/* A server without UIDPLUS does not tell which UIDs they have. *is_renumbered_out: they are of no use. */
static gboolean find_untold(Play *play, const GArray *items, uint32_t from, gboolean *is_renumbered_out,
                            GError **error)
{
    g_autoptr(ImapUidSet) taken = imap_uid_set_new();
    gboolean is_open = FALSE;
    ImapSelected selected;

    for (guint i = 0; i < items->len; i++) {
        Item *item = &g_array_index(items, Item, i);
        if (!item->appended.is_there || item->appended.uid)
            continue;
        if (!is_open && !open_destination(play, item->entry, &selected, error))
            return FALSE;
        is_open = TRUE;
        if (play_is_renumbered(play, item->entry->folder, selected.uid_validity)) {
            *is_renumbered_out = TRUE;
            return TRUE;
        }
        if (!find(play, item->entry, (int64_t)item->bytes, from, taken, &item->appended.uid, error))
            return FALSE;
    }
    return TRUE;
}

/* Those that are not there yet, one by one, so that one that is refused stops no other: each has its own end.
 * FALSE: the session is lost. */
static gboolean append_singly(Play *play, GArray *items, PlayEnd *end, uint32_t *uid_validity_out,
                              GError **error)
{

    for (guint i = 0; i < items->len; i++) {
        Item *item = &g_array_index(items, Item, i);
        const ImapAppend message = append_of(item);
        uint32_t uid_validity = 0;
        g_autoptr(GError) failed = NULL;
        if (item->appended.is_there)
            continue;
        const gboolean ok = imap_append(play->with->session, item->entry->folder_raw, &message, 1,
                                        &item->appended, &uid_validity, &failed);
        if (item->appended.uid)
            *uid_validity_out = uid_validity;
        if (ok)
            continue;
        if (!link_survives(failed)) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return FALSE;
        }
        play_end_refused(end, play, item->entry, failed);
    }
    return TRUE;
}

/* *uid_validity_out: of the UIDs that were told, if any. */
static gboolean append_all(Play *play, GArray *items, PlayEnd *end, uint32_t *uid_validity_out,
                           GError **error)
{
    g_autofree ImapAppend *messages = g_new(ImapAppend, items->len);
    g_autofree ImapAppended *appended = g_new0(ImapAppended, items->len);
    const char *raw = g_array_index(items, Item, 0).entry->folder_raw;
    g_autoptr(GError) failed = NULL;

    for (guint i = 0; i < items->len; i++)
        messages[i] = append_of(&g_array_index(items, Item, i));
    const gboolean ok =
        imap_append(play->with->session, raw, messages, items->len, appended, uid_validity_out, &failed);
    for (guint i = 0; i < items->len; i++)
        g_array_index(items, Item, i).appended = appended[i];
    if (!ok && !link_survives(failed)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    return ok || append_singly(play, items, end, uid_validity_out, error);
}

/* What arrived is told also where the session was lost on the way: it is known. Renumbered: without the
 * UIDs. */
static void tell_arrived(const GArray *items, PlayEnd *end, gboolean is_renumbered, gboolean has_failed)
{
    for (guint i = 0; i < items->len; i++) {
        const Item *item = &g_array_index(items, Item, i);
        const uint32_t uid = is_renumbered ? 0 : item->appended.uid;
        /* What nobody knows the UID of is looked for once more as after a lost answer, unless it cannot be
         * found at all. */
        if (item->appended.is_there && (uid || is_renumbered || !has_failed))
            play_end_arrived(end, item->entry, uid, (int64_t)item->bytes);
    }
}

static gboolean end_group(Play *play, GArray *items, PlayEnd *end, uint32_t from, gboolean *is_renumbered,
                          GError *failed, GError **error)
{
    if (!failed && !*is_renumbered)
        find_untold(play, items, from, is_renumbered, &failed);
    tell_arrived(items, end, *is_renumbered, failed != NULL);
    const gboolean ok = play_end_commit(end, play, failed ? NULL : error);
    for (guint i = 0; ok && i < items->len; i++)
        if (g_array_index(items, Item, i).appended.is_there)
            across_end(play->with->across, g_array_index(items, Item, i).entry);
    if (failed)
        g_propagate_error(error, failed);
    return ok && !failed;
}

static gboolean append_group(Play *play, GArray *items, gboolean *is_renewed_out, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    GError *failed = NULL;
    uint32_t from, uid_validity = 0;

    for (guint i = 0; i < items->len; i++)
        g_ptr_array_add(entries, g_array_index(items, Item, i).entry);
    const PlayRun run = {(StoreEntry *const *)entries->pdata, entries->len};
    if (!play_mark_sent(play, &run, &from, is_renewed_out, &failed))
        return play_end_run_failed(play, &run, failed, error);
    if (*is_renewed_out)
        return TRUE;
    const int64_t folder = run.entries[0]->folder;
    PlayEnd *end = play_end_new();
    append_all(play, items, end, &uid_validity, &failed);
    gboolean is_renumbered = play_is_renumbered(play, folder, uid_validity);
    if (!end_group(play, items, end, from, &is_renumbered, failed, error))
        return FALSE;
    if (!is_renumbered)
        return TRUE;
    *is_renewed_out = TRUE;
    g_clear_pointer(&play->selected, g_free);
    return play->with->sync(folder, play->with->data, error);
}

gboolean play_append(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const StoreEntry *first = run->entries[0];
    const PlayImap *with = play->with;
    GError *failed = NULL;

    if (first->folder_raw && !*first->folder_raw) { /* it was made just now: its name is to be read again */
        *is_renewed_out = TRUE;
        return TRUE;
    }
    if (!first->folder_raw) {
        tern_error_set(&failed, TERN_ERROR_INPUT, _("the folder is not there any more"));
        return play_end_run_failed(play, run, failed, error);
    }
    for (guint at = 0, n; at < run->n && !*is_renewed_out; at += n) {
        g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(Item));
        g_array_set_clear_func(items, clear_item);
        with->progress(first->folder_name, at, run->n, with->data);
        if (!with->checkpoint(with->data, error))
            return FALSE;
        n = take_group(play, &(PlayRun){run->entries + at, run->n - at}, items, error);
        if (!n || (items->len && !append_group(play, items, is_renewed_out, error)))
            return FALSE;
    }
    return TRUE;
}
