/*
 * sync_again.c - see sync_run.h. A later visit, by the best that the server has:
 *
 *      QRESYNC     all changes came with SELECT
 *      CONDSTORE   flags by CHANGEDSINCE; expunges only where the numbers do not add up
 *      neither     all flags
 */
#include "engine/sync_run.h"
#include "store/ids.h"

/* Where few messages are, the next window is wider: a server may leave out UIDs by the million. */
static uint32_t next_span(uint32_t span, int64_t found)
{
    if (found < RUN_WINDOW_MESSAGES / 2)
        return MIN(span, G_MAXUINT32 / 2) * 2;
    return MAX(span / 2, RUN_WINDOW_MESSAGES);
}

/* One window of what is new, ascending, so that uid_next can follow. */
static gboolean fetch_window(Run *run, uint32_t end, gboolean is_last, uint32_t server_next, GError **error)
{
    g_autofree char *set = is_last ? g_strdup_printf("%u:*", run->mark.uid_next)
                                   : g_strdup_printf("%u:%u", run->mark.uid_next, end - 1);

    if (!run_fetch_rows(run, TRUE, set, error))
        return FALSE;
    if (is_last)
        run->mark.uid_next = MAX(MAX(server_next, run->max_uid + 1), run->mark.uid_next);
    else
        run->mark.uid_next = end;
    return intake_submit(run->ear->intake, &run->mark, error);
}

gboolean run_fetch_new(Run *run, uint32_t server_next, GError **error)
{
    uint32_t span = RUN_WINDOW_MESSAGES;
    gboolean is_last = FALSE;
    const int64_t done_before = run->done;

    if (server_next && server_next <= run->mark.uid_next)
        return TRUE;
    if (!run->new_uid) {
        if (!store_read_last_id(run->sync->reader, &run->known_id, error))
            return FALSE;
        run->new_uid = run->mark.uid_next;
    }
    run->only_from = run->mark.uid_next;
    run->max_uid = 0;
    while (!is_last) {
        const int64_t done = run->done;
        is_last = !server_next || server_next - run->mark.uid_next <= span;
        if (!fetch_window(run, run->mark.uid_next + span, is_last, server_next, error) ||
            (!is_last && !run_checkpoint(run, error)))
            return FALSE;
        span = next_span(span, run->done - done);
    }
    run->only_from = 0;
    run->fetched += (int)(run->done - done_before);
    return TRUE;
}

/* ---- what changed ---- */

static gboolean take_change(const ImapFetched *message, void *data, GError **error)
{
    Run *run = data;

    return !message->uid || !message->has_flags || intake_told(run->ear->intake, message, error);
}

static gboolean fetch_changes(Run *run, GError **error)
{
    const StoreSync *known = &run->folder->sync;

    if (run->modseq == known->highest_modseq || known->uid_next <= 1)
        return TRUE;
    g_autofree char *set = g_strdup_printf("%u:%u", MAX(known->backfill_uid, 1), known->uid_next - 1);
    return imap_fetch_changes(run->sync->session, set, known->highest_modseq, take_change, run, error);
}

/* Whether as many messages have a row as the server has, of those that should have one: in *adds_up_out. What
 * is below backfill_uid is counted by nobody, and what came just now will be. */
static gboolean check_count(Run *run, gboolean *adds_up_out, GError **error)
{
    const StoreSync *mark = &run->mark;
    int64_t rows;

    *adds_up_out = TRUE;
    if (mark->backfill_uid > 1 || run->ear->has_new)
        return TRUE;
    if (!intake_settle(run->ear->intake, &run->mark, error) ||
        !store_read_uid_count(run->sync->reader, run->folder->id, &rows, error))
        return FALSE;
    *adds_up_out = rows == (int64_t)run->ear->exists;
    return TRUE;
}

static gboolean look_for_gone(Run *run, GError **error)
{
    gboolean adds_up;

    return check_count(run, &adds_up, error) && (adds_up || run_compare_uids(run, error));
}

gboolean run_has_modseqs(const Run *run)
{
    return imap_session_can(run->sync->session, IMAP_CAN_CONDSTORE) && run->modseq &&
           run->folder->sync.highest_modseq && run->modseq >= run->folder->sync.highest_modseq;
}

gboolean run_again(Run *run, gboolean is_quick, GError **error)
{
    const gboolean is_told = run_has_modseqs(run);

    run->done = run->folder->messages;
    if (!run_fetch_new(run, run->selected.uid_next, error))
        return FALSE;
    if (is_told && !run->selected.is_resynced && !fetch_changes(run, error))
        return FALSE;
    if (is_told ? !look_for_gone(run, error) : !is_quick && !run_compare_flags(run, error))
        return FALSE;
    if (is_told || !is_quick)
        run_cover(run);
    return TRUE;
}
