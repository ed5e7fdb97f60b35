/* sync_imap.c - see sync_imap.h. The order of a folder's sync is in sync_folder(); the rest serves it. */
#include "engine/sync_imap.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"

#include <poll.h>

/* Messages in one FETCH behind the first page, and how many such FETCHes are under way. Together they are what an opened
 * message waits for at most. */
#define WINDOW_MESSAGES 1000
#define WINDOWS_AHEAD 2
/* Flags are short: more in one go. */
#define FLAGS_MESSAGES 10000
/* UIDs that are asked for one by one in one command, which some servers take no longer than 8 KB. */
#define MISSING_MESSAGES 500
/* Where the writer has no room, how long to wait before looking for cancelling and errors again. */
#define ROOM_POLL_MS 1000

/* One folder's run. */
typedef struct {
    SyncImap *sync;
    const StoreFolder *folder;
    ImapSelected selected;
    StoreSync mark; /* what is true once all that was submitted so far is committed */
    Tally *tally;
    Batch *batch;              /* being filled */
    uint32_t min_uid, max_uid; /* of what the current FETCH gave; 0: nothing */
    uint32_t only_from;  /* UIDs below are passed over: "n:*" gives the last one even where it is older */
    int64_t done, total; /* for the progress */
} Run;

/* ---- the way to the writer ---- */

static gboolean wait_for_room(Run *run, GError **error)
{
    SyncImap *sync = run->sync;

    while (store_bulk_waiting(sync->store) >= STORE_BULK_JOBS) {
        struct pollfd fds[] = {{wake_fd(sync->room), POLLIN, 0}, {cancel_fd(sync->cancel), POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), ROOM_POLL_MS);
        wake_clear(sync->room);
        if (cancel_check(sync->cancel, error))
            return FALSE;
    }
    return tally_check(run->tally, error);
}

/* Hands in what has gathered, with the run's mark if that is now true. */
static gboolean submit(Run *run, gboolean with_mark, GError **error)
{
    if (with_mark)
        batch_set_mark(run->batch, &run->mark);
    batch_submit(run->batch, run->sync->store, run->tally);
    run->batch = batch_new(run->folder->id);
    return wait_for_room(run, error);
}

static gboolean do_nothing(StoreTxn *txn, void *data, GError **error)
{
    (void)txn, (void)data, (void)error;
    return TRUE;
}

/* Until all that was submitted is in the store: the lane keeps its order. */
static gboolean settle(Run *run, GError **error)
{
    return store_run(run->sync->store, STORE_LANE_BULK, FALSE, do_nothing, NULL, error) &&
           tally_check(run->tally, error);
}

/* ---- FETCH answers ---- */

static gboolean take_message(const ImapFetched *message, void *data, GError **error)
{
    Run *run = data;

    if (!message->uid || message->uid < run->only_from || !message->header)
        return TRUE;
    run->min_uid = run->min_uid ? MIN(run->min_uid, message->uid) : message->uid;
    run->max_uid = MAX(run->max_uid, message->uid);
    run->done++;
    batch_add(run->batch, message);
    return !batch_is_full(run->batch) || submit(run, FALSE, error);
}

static gboolean is_selected(const SyncImap *sync, const StoreFolder *folder)
{
    return g_strcmp0(imap_session_selected(sync->session), folder->raw_name) == 0;
}

static gboolean select_folder(Run *run, GError **error)
{
    ImapSelected selected;

    if (is_selected(run->sync, run->folder))
        return TRUE;
    if (!imap_select(run->sync->session, run->folder->raw_name, TRUE, &selected, error))
        return FALSE;
    if (run->mark.uid_validity && run->selected.uid_validity &&
        selected.uid_validity != run->selected.uid_validity) {
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the folder “%s” was replaced while it was read; sync again"), run->folder->name);
        return FALSE;
    }
    run->selected = selected;
    return TRUE;
}

static gboolean checkpoint(Run *run, GError **error)
{
    SyncImap *sync = run->sync;

    sync->progress(run->folder->name, run->done, run->total, sync->data);
    return sync->checkpoint(sync->data, error) && select_folder(run, error);
}

/* ---- first visit ---- */

/* The newest page, by sequence numbers: nothing is known of the UIDs yet. */
static gboolean fetch_page(Run *run, GError **error)
{
    const uint32_t exists = run->selected.exists;
    const uint32_t first = exists > SYNC_PAGE_MESSAGES ? exists - SYNC_PAGE_MESSAGES + 1 : 1;

    run->mark.uid_validity = run->selected.uid_validity;
    if (exists) {
        g_autofree char *set = g_strdup_printf("%u:%u", first, exists);
        if (!imap_fetch(run->sync->session, FALSE, set,
                        IMAP_FETCH_FLAGS | IMAP_FETCH_ENVELOPE | IMAP_FETCH_STRUCTURE, take_message, run,
                        error))
            return FALSE;
    }
    /* A server that does not tell UIDNEXT: what is above the highest one is new. */
    run->mark.uid_next = run->selected.uid_next ? run->selected.uid_next : run->max_uid + 1;
    run->mark.backfill_uid = first > 1 && run->min_uid ? run->min_uid : 1;
    return submit(run, TRUE, error);
}

/* How many UIDs hold about `messages` messages, when all below `uid` hold `left`. */
static uint32_t span_of(uint32_t messages, uint32_t uid, int64_t left)
{
    const int64_t span = (int64_t)messages * uid / MAX(left, 1);

    return (uint32_t)CLAMP(span, messages, G_MAXUINT32);
}

static uint32_t below(uint32_t uid, uint32_t span)
{
    return uid > span ? uid - span : 1;
}

static gboolean send_window(Run *run, uint32_t low, uint32_t high, GError **error)
{
    g_autofree char *set = g_strdup_printf("%u:%u", low, high - 1);

    return imap_fetch_send(run->sync->session, TRUE, set, IMAP_FETCH_FLAGS | IMAP_FETCH_ENVELOPE, error);
}

/* Everything below backfill_uid, newest first; a few FETCHes are under way at once, and none is when others are let in. */
static gboolean backfill(Run *run, GError **error)
{
    uint32_t ahead[WINDOWS_AHEAD]; /* the low ends of the windows under way, oldest first */
    uint32_t n_ahead = 0, next = run->mark.backfill_uid;

    while (run->mark.backfill_uid > 1) {
        const gboolean others_wait = run->sync->is_wanted(run->sync->data);
        if (n_ahead == 0 && !checkpoint(run, error))
            return FALSE;
        while (next > 1 && n_ahead < WINDOWS_AHEAD && (!others_wait || n_ahead == 0)) {
            const uint32_t low = below(next, span_of(WINDOW_MESSAGES, next, run->total - run->done));
            if (!send_window(run, low, next, error))
                return FALSE;
            ahead[n_ahead++] = next = low;
        }
        if (!imap_fetch_wait(run->sync->session, take_message, run, error))
            return FALSE;
        run->mark.backfill_uid = ahead[0];
        for (uint32_t i = 1; i < n_ahead; i++)
            ahead[i - 1] = ahead[i];
        n_ahead--;
        if (!submit(run, TRUE, error))
            return FALSE;
        run->sync->progress(run->folder->name, run->done, run->total, run->sync->data);
    }
    return TRUE;
}

/* ---- later visits ---- */

/* Where few messages are, the next window is wider: a server may leave out UIDs by the million. */
static uint32_t next_span(uint32_t span, int64_t found)
{
    if (found < WINDOW_MESSAGES / 2)
        return MIN(span, G_MAXUINT32 / 2) * 2;
    return MAX(span / 2, WINDOW_MESSAGES);
}

/* What came since: ascending, so that uid_next can follow. */
static gboolean fetch_new(Run *run, GError **error)
{
    const uint32_t server_next = run->selected.uid_next;
    uint32_t span = WINDOW_MESSAGES;

    if (server_next && server_next <= run->mark.uid_next)
        return TRUE;
    run->only_from = run->mark.uid_next;
    run->max_uid = 0;
    while (!server_next || run->mark.uid_next < server_next) {
        const gboolean is_last = !server_next || server_next - run->mark.uid_next <= span;
        const uint32_t end = run->mark.uid_next + span;
        const int64_t done = run->done;
        g_autofree char *set = is_last ? g_strdup_printf("%u:*", run->mark.uid_next)
                                       : g_strdup_printf("%u:%u", run->mark.uid_next, end - 1);
        if (!checkpoint(run, error) ||
            !imap_fetch(run->sync->session, TRUE, set,
                        IMAP_FETCH_FLAGS | IMAP_FETCH_ENVELOPE | IMAP_FETCH_STRUCTURE, take_message, run,
                        error))
            return FALSE;
        if (is_last)
            run->mark.uid_next = MAX(MAX(server_next, run->max_uid + 1), run->mark.uid_next);
        else
            run->mark.uid_next = end;
        if (!submit(run, TRUE, error))
            return FALSE;
        if (is_last)
            break;
        span = next_span(span, run->done - done);
    }
    run->only_from = 0;
    return TRUE;
}

/* The two lists of one range that are compared: the store's rows, and what the server says, both ascending by UID. */
typedef struct {
    Run *run;
    GArray *rows;    /* StoreUid; the id of one that the server has too is cleared */
    GArray *missing; /* uint32_t: UIDs that the server has and the store has not */
    uint32_t low, high;
} Comparison;

static const StoreUid *find_row(GArray *rows, uint32_t uid, guint *at_out)
{
    guint low = 0, high = rows->len;

    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (g_array_index(rows, StoreUid, middle).uid < uid)
            low = middle + 1;
        else
            high = middle;
    }
    *at_out = low;
    return low < rows->len && g_array_index(rows, StoreUid, low).uid == uid
               ? &g_array_index(rows, StoreUid, low)
               : NULL;
}

/* Each row that the server has gets its id cleared; what still has one afterwards is gone. */
static gboolean compare_flags(const ImapFetched *message, void *data, GError **error)
{
    Comparison *compare = data;
    Run *run = compare->run;
    g_autofree const char **keywords = NULL;
    guint at;

    if (!message->uid || !message->has_flags)
        return TRUE;
    if (!find_row(compare->rows, message->uid, &at)) {
        if (message->uid >= compare->low && message->uid <= compare->high)
            g_array_append_val(compare->missing, message->uid);
        return TRUE;
    }
    StoreUid *row = &g_array_index(compare->rows, StoreUid, at);
    const uint32_t flags = batch_flags(message->flags, &keywords);
    row->id = 0;
    /* Keywords are not in the row's bits, so a message with some is always handed in; the store writes what differs. */
    const uint32_t plain = row->flags & ~(uint32_t)STORE_HAS_KEYWORDS;
    if (flags == plain && !keywords && !(row->flags & STORE_HAS_KEYWORDS))
        return TRUE;
    batch_add_flags(run->batch, message->uid, flags, (const char *const *)keywords);
    return !batch_is_full(run->batch) || submit(run, FALSE, error);
}

/* Messages that should have a row and have none, by their UIDs, some at a time. */
static gboolean fetch_missing(Run *run, const GArray *uids, GError **error)
{
    for (guint from = 0; from < uids->len; from += MISSING_MESSAGES) {
        g_autoptr(GString) set = g_string_new(NULL);
        for (guint i = from; i < MIN(uids->len, from + MISSING_MESSAGES); i++)
            g_string_append_printf(set, "%s%u", i > from ? "," : "", g_array_index(uids, uint32_t, i));
        if (!imap_fetch(run->sync->session, TRUE, set->str, IMAP_FETCH_FLAGS | IMAP_FETCH_ENVELOPE,
                        take_message, run, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean compare_range(Run *run, uint32_t low, uint32_t high, GError **error)
{
    g_autofree char *set = g_strdup_printf("%u:%u", low, high);
    g_autoptr(GArray) rows = store_read_uids(run->sync->reader, run->folder->id, low, high, error);
    g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    if (!rows)
        return FALSE;
    Comparison compare = {.run = run, .rows = rows, .missing = missing, .low = low, .high = high};
    if (!imap_fetch(run->sync->session, TRUE, set, IMAP_FETCH_FLAGS, compare_flags, &compare, error))
        return FALSE;
    for (guint i = 0; i < rows->len; i++) {
        const StoreUid *row = &g_array_index(rows, StoreUid, i);
        if (!row->id)
            continue;
        batch_add_gone(run->batch, row->uid);
        if (batch_is_full(run->batch) && !submit(run, FALSE, error))
            return FALSE;
    }
    return fetch_missing(run, missing, error) && submit(run, FALSE, error);
}

/* Flags and expunges of what is known, from the newest down. */
static gboolean compare_known(Run *run, GError **error)
{
    uint32_t high = run->folder->sync.uid_next;
    const uint32_t lowest = MAX(run->mark.backfill_uid, 1);

    /* Rows that were submitted and are not in the store yet would look like missing ones. */
    if (!settle(run, error))
        return FALSE;
    while (high > lowest) {
        uint32_t low = MAX(below(high, span_of(FLAGS_MESSAGES, high, run->folder->messages)), lowest);
        if (!checkpoint(run, error) || !compare_range(run, low, high - 1, error))
            return FALSE;
        high = low;
    }
    return TRUE;
}

/* ---- the folder ---- */

static gboolean is_unchanged(const StoreSync *known, int rows, uint32_t messages, uint32_t uid_next,
                             uint32_t uid_validity, uint64_t modseq)
{
    return known->backfill_uid == 1 && known->synced_s && known->uid_validity == uid_validity &&
           known->uid_next == uid_next && modseq && known->highest_modseq == modseq &&
           (uint32_t)rows == messages;
}

/* What a changed UIDVALIDITY asks of the store, piece by piece. */
typedef struct {
    int64_t folder_id;
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
    return store_txn_drop_orphans(txn, pieces->folder_id, &pieces->changes, &pieces->is_done, error);
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

/* UIDVALIDITY is another one: nothing that is known by UID is true. The rows stay and are adopted again. */
static gboolean start_over(Run *run, GError **error)
{
    Pieces pieces = {0};

    run->mark = (StoreSync){0};
    return run_pieces(run, forget_uids, &pieces, error);
}

static gboolean finish(Run *run, StoreChanges *dropped, GError **error)
{
    Pieces pieces = {0};

    run->mark.highest_modseq = run->selected.highest_modseq;
    run->mark.synced_s = clock_wall_s();
    if (!submit(run, TRUE, error) || !settle(run, error))
        return FALSE;
    const gboolean is_done = run_pieces(run, drop_orphans, &pieces, error);
    *dropped = pieces.changes;
    return is_done;
}

static gboolean sync_folder(Run *run, gboolean page_only, SyncResult *result, GError **error)
{
    StoreChanges dropped = {0};
    const StoreSync *known = &run->folder->sync;

    if (!imap_select(run->sync->session, run->folder->raw_name, TRUE, &run->selected, error))
        return FALSE;
    result->messages = run->selected.exists;
    run->total = run->selected.exists;
    if (is_unchanged(known, run->folder->messages, run->selected.exists, run->selected.uid_next,
                     run->selected.uid_validity, run->selected.highest_modseq))
        return TRUE;
    if (known->uid_validity && known->uid_validity != run->selected.uid_validity && !start_over(run, error))
        return FALSE;
    if (!run->mark.backfill_uid || run->mark.uid_validity != run->selected.uid_validity) {
        if (!fetch_page(run, error))
            return FALSE;
    } else {
        run->done = run->folder->messages;
        if (!fetch_new(run, error) || (!page_only && !compare_known(run, error)))
            return FALSE;
    }
    result->is_complete = !page_only;
    if (page_only)
        return settle(run, error);
    if (!backfill(run, error) || !finish(run, &dropped, error))
        return FALSE;
    result->changes.removed += dropped.removed;
    return TRUE;
}

static int64_t bytes_of(ImapSession *session)
{
    const NetCounters counters = net_stream_counters(imap_session_stream(session));

    return (int64_t)(counters.received + counters.sent);
}

gboolean sync_imap_folder(SyncImap *sync, const StoreFolder *folder, const ImapFolder *listed,
                          gboolean page_only, SyncResult *result, GError **error)
{
    g_autoptr(Tally) tally = tally_new();
    const int64_t bytes_before = bytes_of(sync->session);
    Run run = {
        .sync = sync, .folder = folder, .mark = folder->sync, .tally = tally, .batch = batch_new(folder->id)};

    *result = (SyncResult){.is_complete = TRUE};
    gboolean ok = TRUE;
    /* What LIST-STATUS says of the selected folder is what this session was told of it, not what is there (Dovecot
     * 2.3.19; RFC 9051 6.3.11 warns of it). */
    if (listed && listed->has_status && !is_selected(sync, folder) &&
        is_unchanged(&folder->sync, folder->messages, listed->messages, listed->uid_next,
                     listed->uid_validity, listed->highest_modseq))
        result->messages = listed->messages;
    else
        ok = sync_folder(&run, page_only, result, error);
    batch_free(run.batch);
    const StoreChanges changes = tally_changes(tally);
    result->changes.added += changes.added;
    result->changes.changed += changes.changed;
    result->changes.removed += changes.removed;
    result->bytes = bytes_of(sync->session) - bytes_before;
    return ok;
}

/* ---- the folder list ---- */

typedef struct {
    const char *account;
    GPtrArray *folders; /* ImapFolder * */
} FolderJob;

static gboolean write_folders(StoreTxn *txn, void *data, GError **error)
{
    static const StoreRole ROLES[] = {
        [IMAP_ROLE_NONE] = STORE_ROLE_NONE,       [IMAP_ROLE_INBOX] = STORE_ROLE_INBOX,
        [IMAP_ROLE_SENT] = STORE_ROLE_SENT,       [IMAP_ROLE_DRAFTS] = STORE_ROLE_DRAFTS,
        [IMAP_ROLE_TRASH] = STORE_ROLE_TRASH,     [IMAP_ROLE_JUNK] = STORE_ROLE_JUNK,
        [IMAP_ROLE_ARCHIVE] = STORE_ROLE_ARCHIVE, [IMAP_ROLE_ALL] = STORE_ROLE_ALL,
        [IMAP_ROLE_FLAGGED] = STORE_ROLE_FLAGGED};
    const FolderJob *job = data;
    int64_t account_id;

    if (!store_txn_account(txn, job->account, &account_id, error))
        return FALSE;
    g_autofree StoreListed *listed = g_new0(StoreListed, job->folders->len + 1);
    for (guint i = 0; i < job->folders->len; i++) {
        const ImapFolder *folder = g_ptr_array_index(job->folders, i);
        listed[i] = (StoreListed){.name = folder->name,
                                  .raw_name = folder->raw_name,
                                  .delimiter = folder->delimiter,
                                  .role = ROLES[folder->role],
                                  .selectable = folder->selectable,
                                  .subscribed = folder->subscribed,
                                  .has_status = folder->has_status,
                                  .messages = folder->messages,
                                  .unseen = folder->unseen};
    }
    return store_txn_folders(txn, account_id, listed, job->folders->len, error);
}

static void keep_subscribed(GPtrArray *folders)
{
    guint kept = 0;

    for (guint i = 0; i < folders->len; i++) {
        ImapFolder *folder = g_ptr_array_index(folders, i);
        if (folder->subscribed || folder->role == IMAP_ROLE_INBOX) {
            folders->pdata[i] = folders->pdata[kept];
            folders->pdata[kept++] = folder;
        }
    }
    g_ptr_array_set_size(folders, (gint)kept);
}

GPtrArray *sync_imap_folders(SyncImap *sync, gboolean *is_cut_out, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GPtrArray) folders = imap_list(sync->session, error);

    *is_cut_out = FALSE;
    if (!folders)
        return NULL;
    FolderJob job = {sync->account, folders};
    if (store_run(sync->store, STORE_LANE_BULK, FALSE, write_folders, &job, &failed))
        return g_steal_pointer(&folders);
    if (!tern_error_is(failed, TERN_ERROR_LIMIT)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return NULL;
    }
    *is_cut_out = TRUE;
    keep_subscribed(folders);
    return store_run(sync->store, STORE_LANE_BULK, FALSE, write_folders, &job, error)
               ? g_steal_pointer(&folders)
               : NULL;
}

/* ---- attachments ---- */

typedef struct {
    GArray *wanted; /* StoreUid, ascending */
    GArray *found;  /* StoreUid: id, and the number of attachments in `flags` */
} Structures;

static gint by_uid(gconstpointer a, gconstpointer b)
{
    const StoreUid *one = a, *other = b;

    return one->uid < other->uid ? -1 : one->uid > other->uid;
}

static gboolean take_structure(const ImapFetched *message, void *data, GError **error)
{
    Structures *structures = data;
    guint at;

    (void)error;
    const StoreUid *row = find_row(structures->wanted, message->uid, &at);
    if (row && message->has_attachments_count) {
        const StoreUid found = {message->uid, (uint32_t)message->attachments, row->id};
        g_array_append_val(structures->found, found);
    }
    return TRUE;
}

static gboolean write_structures(StoreTxn *txn, void *data, GError **error)
{
    const GArray *found = data;

    for (guint i = 0; i < found->len; i++) {
        const StoreUid *row = &g_array_index(found, StoreUid, i);
        if (!store_txn_set_attachments(txn, row->id, (int)row->flags, error))
            return FALSE;
    }
    return TRUE;
}

gboolean sync_imap_structures(SyncImap *sync, const StoreFolder *folder, int limit, int *done_out,
                              GError **error)
{
    Run run = {.sync = sync, .folder = folder};
    g_autoptr(GArray) wanted = store_read_unstructured(sync->reader, folder->id, limit, error);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(StoreUid));
    g_autoptr(GString) set = g_string_new(NULL);

    *done_out = 0;
    if (!wanted)
        return FALSE;
    if (!wanted->len)
        return TRUE;
    if (!select_folder(&run, error))
        return FALSE;
    g_array_sort(wanted, by_uid);
    for (guint i = 0; i < wanted->len; i++)
        g_string_append_printf(set, "%s%u", i ? "," : "", g_array_index(wanted, StoreUid, i).uid);
    Structures structures = {wanted, found};
    if (!imap_fetch(sync->session, TRUE, set->str, IMAP_FETCH_STRUCTURE, take_structure, &structures, error))
        return FALSE;
    *done_out = (int)found->len;
    return !found->len || store_run(sync->store, STORE_LANE_BULK, FALSE, write_structures, found, error);
}
