/* sync_first.c - see sync_run.h. */
#include "engine/sync_run.h"

/* FETCHes under way at once. Together they are what an opened message waits for at most. */
#define WINDOWS_AHEAD 2

/* By sequence numbers: nothing is known of the UIDs yet. */
gboolean run_first_page(Run *run, GError **error)
{
    const uint32_t exists = run->selected.exists;
    const uint32_t first = exists > SYNC_PAGE_MESSAGES ? exists - SYNC_PAGE_MESSAGES + 1 : 1;

    run->mark.uid_validity = run->selected.uid_validity;
    if (exists) {
        g_autofree char *set = g_strdup_printf("%u:%u", first, exists);
        if (!run_fetch_rows(run, FALSE, set, error))
            return FALSE;
    }
    /* A server that does not tell UIDNEXT: what is above the highest one is new. */
    run->mark.uid_next = run->selected.uid_next ? run->selected.uid_next : run->max_uid + 1;
    /* What came meanwhile may be in the page, in place of the oldest. */
    const gboolean is_whole = MAX(exists, run->ear->exists) <= SYNC_PAGE_MESSAGES;
    run->mark.backfill_uid = !is_whole && run->min_uid ? run->min_uid : 1;
    /* Messages that are fetched later are as they are then, which is later still. */
    run_cover(run);
    return intake_submit(run->ear->intake, &run->mark, error);
}

static gboolean send_window(Run *run, uint32_t low, uint32_t high, GError **error)
{
    g_autofree char *set = g_strdup_printf("%u:%u", low, high - 1);

    return imap_fetch_send(run->sync->session, TRUE, set, RUN_NEW_ITEMS, error);
}

/* A task that was let in may have synced this very folder, and further. */
static gboolean catch_up(Run *run, GError **error)
{
    GError *failed = NULL;
    g_autoptr(StoreFolder) now = store_read_folder_by_id(run->sync->reader, run->folder->id, &failed);

    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (!now || now->sync.uid_validity != run->mark.uid_validity)
        return TRUE;
    run->mark.uid_next = MAX(run->mark.uid_next, now->sync.uid_next);
    if (now->sync.backfill_uid && now->sync.backfill_uid < run->mark.backfill_uid) {
        run->mark.backfill_uid = now->sync.backfill_uid;
        run->done = CLAMP(now->messages, run->done, run->total);
    }
    return TRUE;
}

/* Between two pieces, with nothing under way: others first, who find in the store what is done, and what came
 * above meanwhile. */
static gboolean let_in(Run *run, GError **error)
{
    if (!intake_settle(run->ear->intake, NULL, error) || !run_checkpoint(run, error) || !catch_up(run, error))
        return FALSE;
    if (!run->ear->has_new)
        return TRUE;
    run->ear->has_new = FALSE;
    return run_fetch_new(run, 0, error);
}

/* A few FETCHes are under way at once, and none is when others are let in. */
gboolean run_backfill(Run *run, GError **error)
{
    uint32_t ahead[WINDOWS_AHEAD]; /* the low ends of the windows under way, oldest first */
    uint32_t n_ahead = 0, next = 0;

    while (run->mark.backfill_uid > 1) {
        const gboolean others_wait = run->ear->has_new || run->sync->is_wanted(run->sync->data);
        if (n_ahead == 0) {
            if (!let_in(run, error))
                return FALSE;
            next = run->mark.backfill_uid;
            if (next <= 1)
                break; /* all was done meanwhile */
        }
        while (next > 1 && n_ahead < WINDOWS_AHEAD && (!others_wait || n_ahead == 0)) {
            const uint32_t low = run_below(next, run_span(RUN_WINDOW_MESSAGES, next, run->total - run->done));
            if (!send_window(run, low, next, error))
                return FALSE;
            ahead[n_ahead++] = next = low;
        }
        if (!imap_fetch_wait(run->sync->session, run_take_message, run, error))
            return FALSE;
        run->mark.backfill_uid = ahead[0];
        for (uint32_t i = 1; i < n_ahead; i++)
            ahead[i - 1] = ahead[i];
        n_ahead--;
        if (!intake_submit(run->ear->intake, &run->mark, error))
            return FALSE;
        run->sync->progress(run->folder->name, run->done, run->total, run->sync->data);
    }
    return TRUE;
}
