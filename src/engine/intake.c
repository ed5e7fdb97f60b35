/* intake.c - see intake.h. */
#include "engine/intake.h"
#include "base/error.h"

#include <poll.h>

/* Where the writer has no room, how long to wait before looking for cancelling and errors again. */
#define ROOM_POLL_MS 1000
/* A range of UIDs that is taken as it is said; of longer ones only those that the store has. */
#define RANGE_UIDS 1000

struct Intake {
    IntakeContext context;
    int64_t folder_id;
    Tally *tally;
    Batch *batch; /* being filled */
    gboolean
        is_late; /* flags or expunges are in it: no message may follow them, which the batch would write first */
    GError *failed; /* what went wrong where nobody could be told */
};

Intake *intake_new(const IntakeContext *context, int64_t folder_id)
{
    Intake *intake = g_new0(Intake, 1);

    intake->context = *context;
    intake->folder_id = folder_id;
    intake->tally = tally_new();
    intake->batch = batch_new(folder_id);
    return intake;
}

void intake_free(Intake *intake)
{
    if (!intake)
        return;
    batch_free(intake->batch);
    tally_unref(intake->tally);
    g_clear_error(&intake->failed);
    g_free(intake);
}

static gboolean wait_for_room(Intake *intake, GError **error)
{
    const IntakeContext *context = &intake->context;

    while (store_bulk_waiting(context->store) >= STORE_BULK_JOBS) {
        struct pollfd fds[] = {{wake_fd(context->room), POLLIN, 0}, {cancel_fd(context->cancel), POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), ROOM_POLL_MS);
        wake_clear(context->room);
        if (cancel_check(context->cancel, error))
            return FALSE;
    }
    return tally_check(intake->tally, error);
}

static gboolean check(const Intake *intake, GError **error)
{
    if (!intake->failed)
        return TRUE;
    g_propagate_error(error, g_error_copy(intake->failed));
    return FALSE;
}

/* What failed is kept for whoever calls next: the last one may have had nobody to tell. */
static gboolean keep(Intake *intake, GError *failed, GError **error)
{
    if (!failed)
        return TRUE;
    intake->failed = failed;
    return check(intake, error);
}

gboolean intake_submit(Intake *intake, const StoreSync *mark, GError **error)
{
    GError *failed = NULL;

    if (!check(intake, error))
        return FALSE;
    if (mark)
        batch_set_mark(intake->batch, mark);
    batch_submit(intake->batch, intake->context.store, intake->tally);
    intake->batch = batch_new(intake->folder_id);
    intake->is_late = FALSE;
    wait_for_room(intake, &failed);
    return keep(intake, failed, error);
}

static gboolean do_nothing(StoreTxn *txn, void *data, GError **error)
{
    (void)txn, (void)data, (void)error;
    return TRUE;
}

gboolean intake_settle(Intake *intake, const StoreSync *mark, GError **error)
{
    if ((mark || !batch_is_empty(intake->batch)) && !intake_submit(intake, mark, error))
        return FALSE;
    /* The lane keeps its order. */
    return check(intake, error) &&
           store_run(intake->context.store, STORE_LANE_BULK, FALSE, do_nothing, NULL, error) &&
           tally_check(intake->tally, error);
}

static gboolean submit_if_full(Intake *intake, GError **error)
{
    return !batch_is_full(intake->batch) || intake_submit(intake, NULL, error);
}

gboolean intake_message(Intake *intake, const ImapFetched *message, GError **error)
{
    if (!check(intake, error) || (intake->is_late && !intake_submit(intake, NULL, error)))
        return FALSE;
    batch_add(intake->batch, message);
    return submit_if_full(intake, error);
}

gboolean intake_local(Intake *intake, const BatchLocal *message, GError **error)
{
    if (!check(intake, error) || (intake->is_late && !intake_submit(intake, NULL, error)))
        return FALSE;
    batch_add_local(intake->batch, message);
    return submit_if_full(intake, error);
}

gboolean intake_local_flags(Intake *intake, uint32_t uid, uint32_t flags, const char *const *keywords,
                            GError **error)
{
    if (!check(intake, error))
        return FALSE;
    batch_add_flags(intake->batch, uid, flags, keywords);
    intake->is_late = TRUE;
    return submit_if_full(intake, error);
}

gboolean intake_told(Intake *intake, const ImapFetched *message, GError **error)
{
    g_auto(GStrv) keywords = NULL;
    const uint32_t flags = batch_told(message, &keywords);

    return intake_local_flags(intake, message->uid, flags, (const char *const *)keywords, error);
}

gboolean intake_flags(Intake *intake, uint32_t uid, const char *const *flags, GError **error)
{
    g_autofree const char **keywords = NULL;
    const uint32_t bits = batch_flags(flags, &keywords);

    return intake_local_flags(intake, uid, bits, (const char *const *)keywords, error);
}

gboolean intake_gone_one(Intake *intake, uint32_t uid, GError **error)
{
    if (!check(intake, error))
        return FALSE;
    batch_add_gone(intake->batch, uid);
    intake->is_late = TRUE;
    return submit_if_full(intake, error);
}

/* Those of a long range that have a row. */
static gboolean gone_rows(Intake *intake, ImapUidRange range, GError **error)
{
    if (!intake_settle(intake, NULL, error))
        return FALSE;
    g_autoptr(GArray) rows =
        store_read_uids(intake->context.reader, intake->folder_id, range.first, range.last, error);
    if (!rows)
        return FALSE;
    for (guint i = 0; i < rows->len; i++)
        if (!intake_gone_one(intake, g_array_index(rows, StoreUid, i).uid, error))
            return FALSE;
    return TRUE;
}

static gboolean gone_each(Intake *intake, ImapUidRange range, GError **error)
{
    for (uint64_t uid = range.first; uid <= range.last; uid++)
        if (!intake_gone_one(intake, (uint32_t)uid, error))
            return FALSE;
    return TRUE;
}

gboolean intake_gone(Intake *intake, ImapUidSet *uids, GError **error)
{
    GError *failed = NULL;
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(uids, &n);

    for (guint i = 0; i < n && !failed; i++) {
        const gboolean is_long = ranges[i].last - ranges[i].first >= RANGE_UIDS;
        (is_long ? gone_rows : gone_each)(intake, ranges[i], &failed);
    }
    if (failed && intake->failed) { /* it is kept already */
        g_propagate_error(error, failed);
        return FALSE;
    }
    return keep(intake, failed, error);
}

gboolean intake_is_waiting(const Intake *intake)
{
    return intake->failed || !batch_is_empty(intake->batch);
}

StoreChanges intake_changes(const Intake *intake)
{
    return tally_changes(intake->tally);
}
