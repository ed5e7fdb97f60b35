/*
 * play_move.c - copies, moves and expunges of a stretch of the journal (play_imap.h).
 *
 * Before a COPY or MOVE goes out `sent` is committed with the destination's UIDNEXT; so after a lost answer
 * only what is there from that UID on can be ours. Where MOVE is missing it is a copy, and the message is
 * taken away where it stood; where that may have to wait (play_expunge.c), by an entry of its own.
 */
#include "engine/play_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/find.h"
#include "engine/link.h"
#include "imap/change.h"
#include "imap/folder.h"

#include <string.h>

ImapUidSet *play_uids_of(const PlayRun *run)
{
    ImapUidSet *uids = imap_uid_set_new();

    for (guint i = 0; i < run->n; i++)
        imap_uid_set_add(uids, run->entries[i]->uid);
    return uids;
}

/* What was copied and could not be taken away. */
static gboolean is_left(const Play *play, const StoreEntry *entry)
{
    return entry->verb == STORE_VERB_MOVE && !imap_session_can(play->with->session, IMAP_CAN_MOVE) &&
           !play_can_take_away(play);
}

gboolean play_end_run(Play *play, const PlayRun *run, const GError *failed, const ImapCopied *copied,
                      GError **error)
{
    const gboolean tells_uids = imap_session_can(play->with->session, IMAP_CAN_UIDPLUS);
    const gboolean is_renumbered =
        copied && play_is_renumbered(play, run->entries[0]->folder, imap_copied_uid_validity(copied));
    PlayEnd *end = play_end_new();

    for (guint i = 0; i < run->n; i++) {
        const StoreEntry *entry = run->entries[i];
        const uint32_t uid = copied ? imap_copied_find(copied, entry->uid) : 0;
        if (!failed && !uid && tells_uids && entry->verb != STORE_VERB_EXPUNGE)
            play_end_gone(end, entry); /* it was not there any more */
        else if ((!failed || uid) && is_left(play, entry))
            play_end_copied(end, entry, is_renumbered ? 0 : uid);
        else if (!failed || uid)
            play_end_done(end, entry, is_renumbered ? 0 : uid);
        else
            play_end_refused(end, play, entry, failed);
    }
    if (!play_end_commit(end, play, error))
        return FALSE;
    if (!is_renumbered)
        return TRUE;
    g_clear_pointer(&play->selected, g_free);
    return play->with->sync(run->entries[0]->folder, play->with->data, error);
}

gboolean play_end_run_failed(Play *play, const PlayRun *run, GError *failed, GError **error)
{
    if (!link_survives(failed)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    const gboolean ok = play_end_run(play, run, failed, NULL, error);
    g_error_free(failed);
    return ok;
}

/* ---- copying and moving ---- */

gboolean play_mark_sent(Play *play, const PlayRun *run, uint32_t *uid_next_out, gboolean *is_renewed_out,
                        GError **error)
{
    const StoreEntry *first = run->entries[0];
    ImapFolder folder = {.raw_name = first->folder_raw}, *folders[] = {&folder};
    ImapSession *session = play->with->session;

    /* A server answers STATUS of the selected folder from what it knows, which may be old. */
    if (!g_strcmp0(imap_session_selected(session), first->folder_raw) && !imap_noop(session, error))
        return FALSE;
    if (!imap_status(session, folders, 1, error))
        return FALSE;
    if (!folder.has_status) {
        tern_error_set(error, TERN_ERROR_REFUSED, _("the folder “%s” cannot be opened on the server"),
                       first->folder_name);
        return FALSE;
    }
    if (uid_next_out)
        *uid_next_out = folder.uid_next;
    return play_begin(play, run, folder.uid_validity, folder.uid_next, is_renewed_out, error);
}

static gboolean transfer(Play *play, const PlayRun *run, ImapChanged *changed, GError **error)
{
    const StoreEntry *first = run->entries[0];
    ImapSession *session = play->with->session;
    g_autoptr(ImapUidSet) uids = play_uids_of(run);
    gboolean is_left;

    if (first->verb == STORE_VERB_MOVE && imap_session_can(session, IMAP_CAN_MOVE))
        return imap_move(session, uids, first->folder_raw, changed, error);
    if (!imap_copy(session, uids, first->folder_raw, changed, error))
        return FALSE;
    return first->verb == STORE_VERB_COPY || !play_can_take_away(play) ||
           play_take_away(play, first->server_folder, uids, &is_left, error);
}

gboolean play_transfer(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const StoreEntry *first = run->entries[0];
    g_auto(ImapChanged) changed = {0};
    GError *failed = NULL;

    if (first->folder_raw && !*first->folder_raw) { /* it was made just now: its name is to be read again */
        *is_renewed_out = TRUE;
        return TRUE;
    }
    if (!first->folder_raw) {
        tern_error_set(&failed, TERN_ERROR_INPUT, _("the folder is not there any more"));
        return play_end_run_failed(play, run, failed, error);
    }
    gboolean ok = play_select(play, first->server_folder, first->server_raw, is_renewed_out, &failed);
    ok = ok && (*is_renewed_out || play_mark_sent(play, run, NULL, is_renewed_out, &failed));
    if (ok && *is_renewed_out)
        return TRUE;
    ok = ok && transfer(play, run, &changed, &failed);
    if (ok)
        return play_end_run(play, run, NULL, changed.copied, error);
    if (link_survives(failed) && changed.copied) { /* some of it was done */
        ok = play_end_run(play, run, failed, changed.copied, error);
        g_error_free(failed);
        return ok;
    }
    return play_end_run_failed(play, run, failed, error);
}

/* ---- after a lost answer ---- */

/* Of those that were found, the lowest that is no other row's; 0: none. */
static gboolean pick(Play *play, const StoreEntry *entry, ImapUidSet *found, uint32_t *uid_out,
                     GError **error)
{
    const int64_t own = entry->verb == STORE_VERB_COPY ? entry->copy : entry->message;
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(found, &n);

    *uid_out = 0;
    for (guint i = 0; i < n; i++) {
        for (uint64_t uid = ranges[i].first; uid <= ranges[i].last && !*uid_out; uid++) {
            g_autoptr(GArray) rows =
                store_read_uids(play->with->reader, entry->folder, (uint32_t)uid, (uint32_t)uid, error);
            if (!rows)
                return FALSE;
            /* A row that a sync has made of it meanwhile is joined with the one that moved; a copy of its own
             * is not. */
            if (!rows->len || g_array_index(rows, StoreUid, 0).id == own || entry->verb == STORE_VERB_MOVE)
                *uid_out = (uint32_t)uid;
        }
    }
    return TRUE;
}

/* Where the message went: the UID in the destination, 0: it is not there. */
static gboolean find_there(Play *play, const StoreEntry *entry, uint32_t *uid_out, GError **error)
{
    ImapSession *session = play->with->session;
    ImapSelected selected;

    g_clear_pointer(&play->selected, g_free);
    if (!imap_select(session, entry->folder_raw, FALSE, &selected, error))
        return FALSE;
    const uint32_t from = selected.uid_validity == entry->uid_validity ? MAX(entry->uid_next, 1) : 1;
    g_autofree char *id = entry->message_id ? g_strdup_printf("<%s>", entry->message_id) : NULL;
    g_autoptr(ImapUidSet) found =
        id ? find_message_id(session, from, id, error) : find_size(session, from, entry->size_bytes, error);
    return found && pick(play, entry, found, uid_out, error);
}

/* Whether it is still where it stood. */
static gboolean find_here(Play *play, const StoreEntry *entry, gboolean *is_here_out, GError **error)
{
    ImapSelected selected;
    g_autofree char *set = g_strdup_printf("%u", entry->old_uid);

    *is_here_out = FALSE;
    g_clear_pointer(&play->selected, g_free);
    if (!entry->old_raw || !entry->old_uid)
        return TRUE;
    if (!imap_select(play->with->session, entry->old_raw, FALSE, &selected, error))
        return FALSE;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(play->with->reader, entry->old_folder, error);
    if (!folder || folder->sync.uid_validity != selected.uid_validity)
        return folder || !*error; /* gone, or another one */
    g_autoptr(ImapUidSet) found = find_uids(play->with->session, set, error);
    *is_here_out = found && imap_uid_set_contains(found, entry->old_uid);
    return found != NULL;
}

/* What a move has come to that is in the destination with that UID, 0: is not. NULL and an error. */
static PlayEnd *recover_move(Play *play, const StoreEntry *entry, uint32_t uid, GError **error)
{
    gboolean is_here, is_left;

    if (!find_here(play, entry, &is_here, error))
        return NULL;
    const gboolean is_both = uid && is_here; /* it was cut between the copy and the taking away */
    if (is_both && play_can_take_away(play)) {
        g_autoptr(ImapUidSet) old = imap_uid_set_new();
        imap_uid_set_add(old, entry->old_uid);
        if (!play_take_away(play, entry->old_folder, old, &is_left, error))
            return NULL;
    }
    PlayEnd *end = play_end_new();
    if (is_both && !play_can_take_away(play))
        play_end_copied(end, entry, uid);
    else if (uid)
        play_end_done(end, entry, uid);
    else if (is_here)
        play_end_again(end, entry);
    else
        play_end_gone(end, entry);
    return end;
}

static PlayEnd *recover(Play *play, const StoreEntry *entry, GError **error)
{
    const gboolean is_move = entry->verb == STORE_VERB_MOVE;
    uint32_t uid = 0;

    if (is_move && entry->uid && entry->server_folder == entry->folder)
        uid = entry->uid; /* a sync was quicker */
    if (!uid && !find_there(play, entry, &uid, error))
        return NULL;
    if (is_move)
        return recover_move(play, entry, uid, error);
    PlayEnd *end = play_end_new();
    if (uid)
        play_end_done(end, entry, uid);
    else
        play_end_again(end, entry);
    return end;
}

gboolean play_recover(Play *play, const StoreEntry *entry, GError **error)
{
    StoreEntry *const one = (StoreEntry *)entry;
    GError *failed = NULL;

    if (!play->with->checkpoint(play->with->data, error))
        return FALSE;
    PlayEnd *end = entry->is_across || entry->verb == STORE_VERB_APPEND
                       ? play_recover_across(play, entry, &failed)
                       : recover(play, entry, &failed);
    return end ? play_end_commit(end, play, error)
               : play_end_run_failed(play, &(PlayRun){&one, 1}, failed, error);
}
