/*
 * sync_imap.c - see sync_imap.h. The order of a folder's sync, and what came of it.
 *
 *      SELECT ── unchanged? ── first page, or what changed ── the rest downwards ── end
 */
#include "engine/sync_run.h"
#include "base/clock.h"
#include "store/journal.h"

/* ---- UIDs that mean nothing any more ---- */

/* What a changed UIDVALIDITY asks of the store, piece by piece. */
typedef struct {
    int64_t folder_id, untold;
    gboolean is_done;
    StoreChanges changes;
} Pieces;

static gboolean forget_uids(StoreTxn *txn, void *data, GError **error)
{
    Pieces *pieces = data;
    return store_txn_forget_uids(txn, pieces->folder_id, &pieces->is_done, error);
}

static gboolean drop_orphans(StoreTxn *txn, void *data, GError **error)
{
    Pieces *pieces = data;
    return store_txn_drop_orphans(txn, pieces->folder_id, pieces->untold, &pieces->changes, &pieces->is_done,
                                  error);
}

static gboolean run_pieces(Run *run, StoreJobFunc func, Pieces *pieces, GError **error)
{
    pieces->folder_id = run->folder->id;
    while (!pieces->is_done) {
        if (cancel_check(run->sync->cancel, error) ||
            !store_run(run->sync->store, STORE_LANE_BULK, FALSE, func, pieces, error))
            return FALSE;
    }
    return TRUE;
}

/* Nothing that is known by UID is true. The rows stay and are adopted again. */
static gboolean start_over(Run *run, GError **error)
{
    Pieces pieces = {0};

    run->mark = (StoreSync){0};
    run->has_orphans = TRUE;
    return intake_settle(run->ear->intake, NULL, error) && run_pieces(run, forget_uids, &pieces, error);
}

static gboolean has_row_from(const Run *run, uint32_t uid, gboolean *has_out, GError **error)
{
    g_autoptr(GArray) rows = store_read_uids(run->sync->reader, run->folder->id, uid, G_MAXUINT32, error);

    *has_out = rows && rows->len;
    return rows != NULL;
}

/* UIDNEXT never goes down (RFC 3501, 2.3.1.1), but where a mailbox was put back from a copy. A UID that tern
 * knows from before may then stand for another message. */
static gboolean check_uid_next(Run *run, GError **error)
{
    const uint32_t server_next = run->selected.uid_next;
    gboolean has_rows;

    if (!server_next || server_next >= run->mark.uid_next)
        return TRUE;
    if (!has_row_from(run, server_next, &has_rows, error))
        return FALSE;
    if (has_rows)
        return start_over(run, error);
    run->mark.uid_next = server_next; /* those above are gone, and what comes next will have their numbers */
    return TRUE;
}

static gboolean check_known(Run *run, GError **error)
{
    if (!run->mark.uid_validity)
        return TRUE;
    if (run->mark.uid_validity != run->selected.uid_validity)
        return start_over(run, error);
    return check_uid_next(run, error);
}

/* ---- the folder ---- */

static gboolean is_unchanged(const StoreFolder *folder, uint32_t messages, uint32_t uid_next,
                             uint32_t uid_validity, uint64_t modseq)
{
    const StoreSync *known = &folder->sync;

    return known->backfill_uid == 1 && known->synced_s && known->uid_validity == uid_validity &&
           known->uid_next == uid_next && modseq && known->highest_modseq == modseq &&
           (uint32_t)folder->messages == messages;
}

static gboolean is_unchanged_since(const Run *run)
{
    const ImapSelected *now = &run->selected;

    return !intake_is_waiting(run->ear->intake) &&
           is_unchanged(run->folder, now->exists, now->uid_next, now->uid_validity, now->highest_modseq);
}

static gboolean finish(Run *run, SyncResult *result, GError **error)
{
    Pieces pieces = {.untold = run->untold};

    run->mark.synced_s = clock_wall_s();
    if (!intake_settle(run->ear->intake, &run->mark, error))
        return FALSE;
    /* Whatever waits for a UID still, now that all of the folder is known, is not there: a move of a message
     * that was gone before, by a server that does not tell what became of it. */
    const int has_orphans =
        run->has_orphans ? 1 : store_read_has_waiting(run->sync->reader, run->folder->id, error);
    if (has_orphans <= 0)
        return has_orphans == 0;
    const gboolean is_done = run_pieces(run, drop_orphans, &pieces, error);
    result->changes.removed += pieces.changes.removed;
    return is_done;
}

/* How many messages the server counts more than have a row, 0 where there is another reason for it: more came,
 * not all was heard, a change of ours is on its way, or a message that made no sense was told already. */
static gboolean count_unsent(const Run *run, uint32_t *unsent_out, GError **error)
{
    const SyncImap *sync = run->sync;
    const Ear *ear = run->ear;
    int64_t rows, unsettled;

    *unsent_out = 0;
    if (ear->has_new || ear->is_unclear || run->was_away ||
        imap_session_skipped(sync->session) != run->skipped)
        return TRUE;
    if (!store_read_journal_count(sync->reader, &unsettled, error) ||
        !store_read_uid_count(sync->reader, run->folder->id, &rows, error))
        return FALSE;
    if (!unsettled && rows < (int64_t)ear->exists)
        *unsent_out = ear->exists - (uint32_t)rows;
    return TRUE;
}

/* After all was asked for. A server may keep back that messages are gone until it is asked for nothing
 * else. */
static gboolean look_for_unsent(Run *run, SyncResult *result, GError **error)
{
    ImapSession *session = run->sync->session;

    if (!count_unsent(run, &result->unsent, error))
        return FALSE;
    if (!result->unsent)
        return TRUE;
    if (!imap_noop(session, NULL) && !imap_session_is_alive(session))
        return imap_noop(session, error); /* says why it is dead */
    return intake_settle(run->ear->intake, NULL, error) && count_unsent(run, &result->unsent, error);
}

static gboolean write_mailbox_id(StoreTxn *txn, void *data, GError **error)
{
    const Run *run = data;
    return store_txn_set_mailbox_id(txn, run->folder->id, run->selected.mailbox_id, error);
}

/* By which it is known when another client has renamed it (sync_folders.c). */
static gboolean keep_mailbox_id(Run *run, GError **error)
{
    const char *told = run->selected.mailbox_id;

    return !*told || g_strcmp0(told, run->folder->mailbox_id) == 0 ||
           store_run(run->sync->store, STORE_LANE_BULK, FALSE, write_mailbox_id, run, error);
}

/* Whether a page was all there was to do: not where older messages are missing, UIDs began anew (some rows
 * may wait for one that will not come), or nobody told what changed. */
static gboolean is_all_done(const Run *run)
{
    const StoreSync *known = &run->folder->sync;

    return run->mark.backfill_uid == 1 && !(run->has_orphans && known->uid_validity) &&
           (!known->highest_modseq || run_has_modseqs(run));
}

static gboolean sync_folder(Run *run, gboolean page_only, SyncResult *result, GError **error)
{
    if (!store_read_untold(run->sync->reader, &run->untold, error) || !run_select(run, error) ||
        !keep_mailbox_id(run, error))
        return FALSE;
    result->messages = run->selected.exists;
    run->total = run->selected.exists;
    run->modseq = run->selected.highest_modseq;
    if (is_unchanged_since(run))
        return TRUE;
    if (!check_known(run, error))
        return FALSE;
    if (!(run->mark.backfill_uid ? run_again(run, page_only, error) : run_first_page(run, error)))
        return FALSE;
    result->is_complete = is_all_done(run);
    if (page_only)
        return intake_settle(run->ear->intake, &run->mark, error);
    result->is_complete = TRUE;
    return run_backfill(run, error) && finish(run, result, error) && look_for_unsent(run, result, error);
}

static int64_t bytes_of(ImapSession *session)
{
    const NetCounters counters = net_stream_counters(imap_session_stream(session));

    return (int64_t)(counters.received + counters.sent);
}

static void add_changes(SyncResult *result, StoreChanges before, StoreChanges after)
{
    result->changes.added += after.added - before.added;
    result->changes.changed += after.changed - before.changed;
    result->changes.removed += after.removed - before.removed;
}

static void note_arrivals(SyncResult *result, const Run *run)
{
    result->fetched = run->fetched;
    result->new_uid = run->fetched ? run->new_uid : 0;
    result->known_id = run->known_id;
}

static Run new_run(SyncImap *sync, const StoreFolder *folder, Ear *ear)
{
    return (Run){.sync = sync,
                 .folder = folder,
                 .mark = folder->sync,
                 .has_orphans = !folder->sync.synced_s,
                 .ear = ear,
                 .skipped = imap_session_skipped(sync->session)};
}

gboolean sync_imap_is_unchanged(const StoreFolder *folder, const ImapFolder *told)
{
    return told->has_status &&
           is_unchanged(folder, told->messages, told->uid_next, told->uid_validity, told->highest_modseq);
}

/* What LIST-STATUS says of the selected folder is what this session was told of it, not what is there
 * (Dovecot 2.3.19; RFC 9051 6.3.11 warns of it). */
static gboolean is_unchanged_in_list(const SyncImap *sync, const StoreFolder *folder,
                                     const ImapFolder *listed)
{
    return listed && g_strcmp0(imap_session_selected(sync->session), folder->raw_name) != 0 &&
           sync_imap_is_unchanged(folder, listed);
}

/* In place of the one that was kept before. */
static void keep_ear(SyncImap *sync, Ear *ear)
{
    Hearing *hearing = sync->hearing;

    if (hearing->on)
        hearing_replace(hearing, *sync->keep_ear, ear); /* also where this sync runs within another */
    else if (ear)
        hearing_push(hearing, ear);
    ear_free(*sync->keep_ear);
    *sync->keep_ear = ear;
}

gboolean sync_imap_folder(SyncImap *sync, const StoreFolder *folder, const ImapFolder *listed,
                          gboolean page_only, SyncResult *result, GError **error)
{
    const IntakeContext context = {sync->store, sync->reader, sync->cancel, sync->room};
    const int64_t bytes_before = bytes_of(sync->session);

    *result = (SyncResult){.is_complete = TRUE};
    if (is_unchanged_in_list(sync, folder, listed)) {
        result->messages = listed->messages;
        return TRUE;
    }
    g_autoptr(Ear) ear = ear_new(folder->raw_name, intake_new(&context, folder->id));
    Run run = new_run(sync, folder, ear);
    hearing_push(sync->hearing, ear);
    const gboolean ok = sync_folder(&run, page_only, result, error);
    hearing_replace(sync->hearing, ear, NULL);
    add_changes(result, (StoreChanges){0}, intake_changes(ear->intake));
    result->bytes = bytes_of(sync->session) - bytes_before;
    note_arrivals(result, &run);
    if (sync->keep_ear)
        keep_ear(sync, ok && !run.was_away ? g_steal_pointer(&ear) : NULL);
    else if (ear->has_new) /* came after the last FETCH, and nobody is told a second time */
        hearing_missed(sync->hearing, folder->raw_name);
    return ok;
}

/* ---- live ---- */

static gboolean take_news(Run *run, GError **error)
{
    Ear *ear = run->ear;

    if (ear->is_unclear) {
        ear->is_unclear = FALSE;
        if (!run_compare_flags(run, error))
            return FALSE;
    }
    if (ear->has_new) {
        ear->has_new = FALSE;
        if (!run_fetch_new(run, 0, error))
            return FALSE;
    }
    return intake_settle(ear->intake, NULL, error);
}

gboolean sync_imap_live(SyncImap *sync, const StoreFolder *folder, Ear *kept, SyncResult *result,
                        GError **error)
{
    g_autoptr(Ear) ear = ear_ref(kept); /* a sync within the checkpoint may put another in its place */
    Run run = new_run(sync, folder, ear);
    const StoreChanges before = intake_changes(ear->intake);
    const int64_t bytes_before = bytes_of(sync->session);

    *result = (SyncResult){.is_complete = folder->sync.backfill_uid == 1};
    const gboolean ok = take_news(&run, error);
    add_changes(result, before, intake_changes(ear->intake));
    result->messages = ear->exists;
    result->bytes = bytes_of(sync->session) - bytes_before;
    note_arrivals(result, &run);
    return ok;
}
