/* sync_run.c - see sync_run.h. */
#include "engine/sync_run.h"
#include "engine/quirks.h"
#include "base/error.h"
#include "base/i18n.h"
#include "imap/uidset.h"

/* Messages, within a FETCH: on a slow link one takes long. */
#define TOLD_EVERY 32
#define ROW_ITEMS (RUN_NEW_ITEMS | IMAP_FETCH_STRUCTURE)

const ImapPage SYNC_PAGE = {.most = SYNC_PAGE_MESSAGES, .items = ROW_ITEMS};

static gboolean is_selected(const SyncImap *sync, const StoreFolder *folder)
{
    return g_strcmp0(imap_session_selected(sync->session), folder->raw_name) == 0;
}

gboolean sync_imap_select(const SyncImap *sync, const StoreFolder *folder, GError **error)
{
    ImapSelected selected;

    if (!is_selected(sync, folder) && !imap_select(sync->session, folder->raw_name, TRUE, &selected, error))
        return FALSE;
    /* Whoever has it open already may have opened it without looking at that. */
    if (imap_session_uid_validity(sync->session) == folder->sync.uid_validity)
        return TRUE;
    tern_error_set(error, TERN_ERROR_REFUSED, _("the folder “%s” was replaced on the server; sync it again"),
                   folder->name);
    return FALSE;
}

/* Everything that has a row, but for what came since: there the server need not tell of others. */
static ImapUidSet *known_uids(const StoreSync *mark)
{
    ImapUidSet *known = imap_uid_set_new();

    imap_uid_set_add_range(known, MAX(mark->backfill_uid, 1), mark->uid_next - 1);
    return known;
}

/* As many as the list has told. */
static gboolean select_new(Run *run, GError **error)
{
    ImapPage page = SYNC_PAGE;

    page.told = (uint32_t)CLAMP(run->folder->server_messages, 0, G_MAXUINT32);
    return imap_examine_page(run->sync->session, run->folder->raw_name, &page, &run->selected, error);
}

gboolean run_select(Run *run, GError **error)
{
    ImapSession *session = run->sync->session;
    const StoreSync *mark = &run->mark;
    const char *raw_name = run->folder->raw_name;
    gboolean ok;

    run->ear->is_selecting = TRUE;
    run->ear->exists = 0;
    if (!mark->backfill_uid) {
        ok = select_new(run, error);
    } else if (mark->uid_validity && mark->highest_modseq && mark->uid_next > 1 &&
               !(quirks_of(session) & QUIRK_NO_QRESYNC)) {
        g_autoptr(ImapUidSet) known = known_uids(mark);
        const ImapResync resync = {
            .uid_validity = mark->uid_validity, .modseq = mark->highest_modseq, .known = known};
        ok = imap_select_resync(session, raw_name, TRUE, &resync, &run->selected, error);
    } else {
        ok = imap_select(session, raw_name, TRUE, &run->selected, error);
    }
    run->ear->is_selecting = FALSE;
    /* What came since the folder was opened, with a page that was dropped, is heard of already. */
    run->ear->has_new = !mark->backfill_uid && run->ear->exists > run->selected.exists;
    if (!run->ear->has_new)
        run->ear->exists = run->selected.exists;
    return ok;
}

static gboolean select_again(Run *run, GError **error)
{
    const uint32_t uid_validity = run->selected.uid_validity;

    if (is_selected(run->sync, run->folder) && imap_session_uid_validity(run->sync->session) == uid_validity)
        return TRUE;
    if (!run_select(run, error))
        return FALSE;
    if (!run->selected.is_resynced)
        run->was_away = TRUE;
    run->ear->has_new = TRUE; /* or not; it costs one small FETCH to know */
    if (run->selected.uid_validity == uid_validity)
        return TRUE;
    tern_error_set(error, TERN_ERROR_REFUSED, _("the folder “%s” was replaced while it was read; sync again"),
                   run->folder->name);
    return FALSE;
}

gboolean run_checkpoint(Run *run, GError **error)
{
    SyncImap *sync = run->sync;

    sync->progress(run->folder->name, run->done, run->total, sync->data);
    return sync->checkpoint(sync->data, error) && select_again(run, error);
}

gboolean run_take_message(const ImapFetched *message, void *data, GError **error)
{
    Run *run = data;

    if (!message->uid || message->uid < run->only_from || !message->header)
        return TRUE;
    run->min_uid = run->min_uid ? MIN(run->min_uid, message->uid) : message->uid;
    run->max_uid = MAX(run->max_uid, message->uid);
    if (++run->done % TOLD_EVERY == 0)
        run->sync->progress(run->folder->name, run->done, run->total, run->sync->data);
    return intake_message(run->ear->intake, message, error);
}

/* A FETCH of rows, and which of them it has brought. */
typedef struct {
    Run *run;
    ImapUidSet *brought;
} Rows;

static gboolean take_row(const ImapFetched *message, void *data, GError **error)
{
    Rows *rows = data;

    imap_uid_set_add(rows->brought, message->uid);
    return run_take_message(message, rows->run, error);
}

static gboolean take_missing(const ImapFetched *message, void *data, GError **error)
{
    Rows *rows = data;

    return imap_uid_set_contains(rows->brought, message->uid) || run_take_message(message, rows->run, error);
}

/* Of a page that is on its way; *is_here_out FALSE: the server does not give it so. */
static gboolean wait_for_page(Rows *rows, gboolean *is_here_out, GError **error)
{
    ImapSession *session = rows->run->sync->session;
    GError *failed = NULL;

    rows->run->selected.has_page = FALSE;
    const gboolean ok = imap_fetch_wait(session, take_row, rows, &failed);
    *is_here_out = ok && imap_uid_set_count(rows->brought);
    if (ok || (imap_session_is_alive(session) &&
               (tern_error_is(failed, TERN_ERROR_REFUSED) || tern_error_is(failed, TERN_ERROR_PROTOCOL)))) {
        g_clear_error(&failed);
        return TRUE;
    }
    g_propagate_error(error, failed);
    return FALSE;
}

static gboolean take_rows(Rows *rows, gboolean by_uid, const char *set, GError **error)
{
    gboolean is_here = FALSE;

    if (rows->run->selected.has_page && !wait_for_page(rows, &is_here, error))
        return FALSE;
    return is_here || imap_fetch(rows->run->sync->session, by_uid, set, ROW_ITEMS, take_row, rows, error);
}

gboolean run_fetch_rows(Run *run, gboolean by_uid, const char *set, GError **error)
{
    ImapSession *session = run->sync->session;
    const guint skipped = imap_session_skipped(session);
    g_autoptr(ImapUidSet) brought = imap_uid_set_new();
    Rows rows = {run, brought};

    return take_rows(&rows, by_uid, set, error) &&
           (imap_session_skipped(session) == skipped ||
            imap_fetch(session, by_uid, set, RUN_NEW_ITEMS, take_missing, &rows, error));
}

uint32_t run_span(uint32_t messages, uint32_t uid, int64_t left)
{
    const int64_t span = (int64_t)messages * uid / MAX(left, 1);

    return (uint32_t)CLAMP(span, messages, G_MAXUINT32);
}

uint32_t run_below(uint32_t uid, uint32_t span)
{
    return uid > span ? uid - span : 1;
}

void run_cover(Run *run)
{
    /* An answer that made no sense may have been a change. */
    if (imap_session_skipped(run->sync->session) == run->skipped)
        run->mark.highest_modseq = run->modseq;
}
