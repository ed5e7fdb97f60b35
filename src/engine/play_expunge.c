/*
 * play_expunge.c - taking messages away for good (play_imap.h).
 *
 * \Deleted, and UID EXPUNGE of just these (UIDPLUS). Without it EXPUNGE takes all that is marked, whoever
 * marked it: it is only sent when a SEARCH in the same session, just before, has found nothing marked but
 * what is to be taken away here. Otherwise ours stay marked and hidden, others' marks are left alone, and it
 * is tried again later.
 */
#include "engine/play_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/link.h"
#include "imap/change.h"
#include "imap/search.h"

gboolean play_can_take_away(const Play *play)
{
    return imap_session_can(play->with->session, IMAP_CAN_UIDPLUS);
}

/* What is held back may still be undone, until its time has come. */
static gboolean is_to_be_taken(const StoreEntry *entry, int64_t now_s)
{
    return entry->verb == STORE_VERB_EXPUNGE &&
           (entry->state != STORE_ENTRY_HELD || entry->not_before_s <= now_s);
}

/* Takes out of `found` what other entries want to have taken away in that folder. */
static gboolean remove_ours(Play *play, int64_t folder, ImapUidSet *found, GError **error)
{
    const int64_t now_s = clock_wall_s();
    g_autoptr(GPtrArray) entries = store_read_journal(play->with->reader, play->with->account, FALSE, error);

    for (guint i = 0; entries && i < entries->len; i++) {
        const StoreEntry *entry = entries->pdata[i];
        if (is_to_be_taken(entry, now_s) && entry->server_folder == folder && entry->uid)
            imap_uid_set_remove_range(found, entry->uid, entry->uid);
    }
    return entries != NULL;
}

static void remove_all_of(ImapUidSet *found, ImapUidSet *uids)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(uids, &n);

    for (guint i = 0; i < n; i++)
        imap_uid_set_remove_range(found, ranges[i].first, ranges[i].last);
}

static gboolean expunge_all_if_ours(Play *play, int64_t folder, ImapUidSet *uids, gboolean *is_left_out,
                                    GError **error)
{
    gboolean is_told;
    g_autoptr(ImapUidSet) found = imap_search(play->with->session, "DELETED", &is_told, error);

    if (!found)
        return FALSE;
    if (!is_told) {
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the server does not tell which messages are marked as deleted, and others may be"));
        return FALSE;
    }
    if (!remove_ours(play, folder, found, error))
        return FALSE;
    remove_all_of(found, uids);
    *is_left_out = imap_uid_set_count(found) > 0;
    return *is_left_out || imap_expunge_all(play->with->session, error);
}

gboolean play_take_away(Play *play, int64_t folder, ImapUidSet *uids, gboolean *is_left_out, GError **error)
{
    static const char *const DELETED[] = {"\\Deleted", NULL};
    ImapSession *session = play->with->session;
    g_auto(ImapChanged) stored = {0}, expunged = {0};

    *is_left_out = FALSE;
    if (!imap_store(session, uids, IMAP_STORE_ADD, DELETED, 0, &stored, error))
        return FALSE;
    if (!play_can_take_away(play))
        return expunge_all_if_ours(play, folder, uids, is_left_out, error);
    return imap_expunge(session, uids, &expunged, error);
}

/* They stay marked; told at the first time. */
static gboolean end_left(Play *play, const PlayRun *run, GError **error)
{
    g_autoptr(StoreFolder) folder =
        store_read_folder_by_id(play->with->reader, run->entries[0]->server_folder, error);

    if (!folder)
        return error && !*error; /* it has gone, with all in it */
    g_autofree char *why = g_strdup_printf(
        _("this server can only delete all that is marked as deleted in “%s”, and another program has marked "
          "messages there: yours stay marked too, and go when the others are gone or unmarked"),
        folder->name);
    PlayEnd *end = play_end_new();
    for (guint i = 0; i < run->n; i++) {
        play_end_later(end, run->entries[i], why);
        if (run->entries[i]->tries == 0)
            play_end_tell(end, g_strdup(why));
    }
    return play_end_commit(end, play, error);
}

gboolean play_expunge(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const StoreEntry *first = run->entries[0];
    g_autoptr(ImapUidSet) uids = play_uids_of(run);
    gboolean is_left = FALSE;
    GError *failed = NULL;
    gboolean ok = play_select(play, first->server_folder, first->server_raw, is_renewed_out, &failed);

    ok = ok && (*is_renewed_out || play_begin(play, run, 0, 0, is_renewed_out, &failed));
    if (ok && *is_renewed_out)
        return TRUE;
    ok = ok && play_take_away(play, first->server_folder, uids, &is_left, &failed);
    if (!ok)
        return play_end_run_failed(play, run, failed, error);
    return is_left ? end_left(play, run, error) : play_end_run(play, run, NULL, NULL, error);
}
