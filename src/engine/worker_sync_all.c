/* worker_sync_all.c - see worker_private.h. Tasks that bring a whole account into the store, folder by
 * folder; what other connections have a claim to is asked of those. */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/link.h"
#include "engine/worker_private.h"
#include "imap/select.h"

#include <poll.h>

/* Folders whose STATUS is asked for one by one, where LIST does not tell it: each costs the server an open
 * folder. */
#define MOST_STATUS 200
/* Folders one after another that may cost the connection, before that is taken for the server's fault and not
 * theirs. */
#define MOST_LOST 5

/* ---- one of many ---- */

/* Asks the connection that has the claim to look at the folder. FALSE: nobody has it any more. */
static gboolean ask_owner(Running *running, int64_t folder_id, Promise *promise)
{
    const Worker *worker = running->worker;
    EngineRequest *request = engine_request_new(ENGINE_VERB_OPEN_FOLDER, running->task->request->id,
                                                worker_account(worker), NULL, folder_id);
    Task *part = task_new(TASK_OPEN, URGENCY_OPEN, request);

    task_promise(part, promise);
    if (team_hand_over(worker->context.team, worker->member, folder_id, part))
        return TRUE;
    task_take_back(part);
    return FALSE;
}

static gboolean sync_whole(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                           GError **error)
{
    SyncResult result;

    return worker_sync_folder(running, folder, listed, FALSE, &result, error);
}

/* One folder of many. What another connection has a claim to is asked of that one; what nobody asked for is
 * left to it. */
static gboolean sync_one_of_all(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                                Promise *promise, GError **error)
{
    Worker *worker = running->worker;

    while (!team_claim(worker->context.team, worker->member, folder->id))
        if (worker_is_quiet(running) ? team_wants(worker->context.team, worker->member, folder->id)
                                     : ask_owner(running, folder->id, promise))
            return TRUE;
    const WorkerFillEnd end = worker_fill_or_leave(running, folder, listed, sync_whole, promise, error);
    if (end != WORKER_FILL_AGAIN)
        return end == WORKER_FILL_DONE;
    g_autoptr(StoreFolder) now = store_read_folder_by_id(worker->reader, folder->id, error);
    return now ? sync_one_of_all(running, now, NULL, promise, error) : !error || !*error;
}

/* What others failed at has failed; this connection has nothing to do with why. */
static gboolean check_others(Running *running, const Promise *promise, GError **error)
{
    const Worker *worker = running->worker;

    if (promise_check(promise, error))
        return TRUE;
    running->is_anew = worker->session && !worker->is_link_lost;
    return FALSE;
}

/* Until all that was asked of other connections is done; more urgent tasks go on meanwhile. FALSE: one of
 * them has failed, or this task is to end. */
static gboolean wait_for(Running *running, const Promise *promise, GError **error)
{
    Worker *worker = running->worker;
    Wake *wake = tasks_wake(worker->tasks);

    for (;;) {
        wake_clear(wake);
        if (!worker_checkpoint(running, error))
            return FALSE;
        if (promise_is_kept(promise))
            return check_others(running, promise, error);
        struct pollfd fds[] = {{wake_fd(wake), POLLIN, 0}, {cancel_fd(worker->cancel), POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), -1);
    }
}

gboolean worker_sync_and_wait(Running *running, const StoreFolder *folder, GError **error)
{
    g_autoptr(Promise) promise = promise_new(tasks_wake(running->worker->tasks));

    return sync_one_of_all(running, folder, NULL, promise, error) && wait_for(running, promise, error);
}

/* ---- all ---- */

/* raw name -> ImapFolder: what is shown may be another name, one that waits to be played */
static GHashTable *index_listed(const GPtrArray *listed)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < listed->len; i++) {
        ImapFolder *folder = g_ptr_array_index(listed, i);
        g_hash_table_insert(index, folder->raw_name, folder);
    }
    return index;
}

/* After a folder that cost the connection: another one for those behind it. FALSE: they are not reached
 * either, or all of it is tried again anyway. A task within another leaves the session to that one. */
static gboolean connect_anew(Running *running, const GError *failed)
{
    Worker *worker = running->worker;
    const int64_t poll_at_us = worker->poll_at_us;
    const gboolean is_its_fault = tern_error_is(failed, TERN_ERROR_PROTOCOL) ||
                                  tern_error_is(failed, TERN_ERROR_LIMIT) ||
                                  (tern_error_is(failed, TERN_ERROR_NETWORK) && worker->session);

    if (!is_its_fault || worker->depth > 0 || worker_tries_again(running, failed) ||
        cancel_is_triggered(worker->cancel))
        return FALSE;
    worker_close_link(worker);
    if (!worker->context.ops->open(running, NULL))
        return FALSE;
    worker->poll_at_us = poll_at_us; /* this is the poll */
    return TRUE;
}

/* Whether it goes on with the next folder after one that failed; `lost`: so many in a row have cost the
 * connection. */
static gboolean stops_no_other(Running *running, const StoreFolder *folder, const GError *failed, guint *lost)
{
    if (link_survives(failed))
        return TRUE;
    if (++*lost > MOST_LOST || !connect_anew(running, failed))
        return FALSE;
    if (worker_is_quiet(running)) {
        g_autofree char *text = g_strdup_printf("%s: %s", folder->name, failed->message);
        worker_tell_alert(text, running->worker);
    }
    return TRUE;
}

/* All folders, the Inbox first; one that is refused (no rights, gone meanwhile), or costs the connection,
 * stops no other. */
static gboolean sync_all(Running *running, const GPtrArray *listed, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    g_autoptr(GHashTable) by_raw_name = index_listed(listed);
    g_autoptr(Promise) promise = promise_new(tasks_wake(worker->tasks));
    GError *first = NULL;
    gboolean is_over = FALSE;
    guint lost = 0;

    if (!folders)
        return FALSE;
    for (guint i = 0; i < folders->len && !is_over; i++) {
        const StoreFolder *folder = g_ptr_array_index(folders, i);
        g_autoptr(GError) failed = NULL;
        const ImapFolder *in_list = g_hash_table_lookup(by_raw_name, folder->raw_name);
        if (!folder->selectable || !in_list || !(folder->rights & STORE_MAY_READ))
            continue;
        if (sync_one_of_all(running, folder, in_list, promise, &failed)) {
            lost = 0;
            continue;
        }
        is_over = !stops_no_other(running, folder, failed, &lost);
        if (!first)
            first = g_steal_pointer(&failed);
    }
    if (!is_over)
        wait_for(running, promise, first ? NULL : &first);
    running->is_anew = !is_over && worker->session && !worker->is_link_lost;
    if (first)
        g_propagate_error(error, first);
    return !first;
}

/* ---- the list ---- */

/* Numbers for folders that LIST told none of, where that saves opening each. */
static gboolean ask_for_status(Worker *worker, const GPtrArray *listed, GError **error)
{
    g_autoptr(GPtrArray) asked = g_ptr_array_new();

    if (!imap_session_can(worker->session, IMAP_CAN_CONDSTORE))
        return TRUE; /* numbers alone do not say that nothing has changed */
    for (guint i = 0; i < listed->len; i++) {
        ImapFolder *folder = g_ptr_array_index(listed, i);
        if (folder->selectable && !folder->has_status)
            g_ptr_array_add(asked, folder);
    }
    return !asked->len || asked->len > MOST_STATUS ||
           imap_status(worker->session, (ImapFolder *const *)(void *)asked->pdata, asked->len, error);
}

/* At the first visit the Inbox is opened in the flight of LIST: its page is there a round trip earlier, and
 * another one where it can be asked for in that same flight. */
static gboolean look_ahead(Worker *worker, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(StoreFolder) inbox =
        store_read_folder(worker->reader, worker_account(worker), "INBOX", &failed);
    /* Without LIST-STATUS more commands follow, which would drop it. */
    const gboolean is_one_command = imap_session_can(worker->session, IMAP_CAN_LIST_STATUS);

    return failed || (inbox && inbox->sync.uid_validity) ||
           imap_examine_ahead(worker->session, "INBOX", is_one_command ? &SYNC_PAGE : NULL, error);
}

static GPtrArray *list_folders(Running *running, GError **error)
{
    Worker *worker = running->worker;
    SyncImap sync = worker_sync(running);
    gboolean is_cut;

    if (worker->member == 0 && !look_ahead(worker, error))
        return NULL;
    g_autoptr(GPtrArray) listed = sync_imap_folders(&sync, &is_cut, error);

    if (!listed || !ask_for_status(worker, listed, error))
        return NULL;
    if (is_cut) {
        g_autofree char *text = g_strdup_printf(
            _("the server has more folders than tern takes; %u are here, those subscribed to before others"),
            listed->len);
        worker_tell_once(text, worker);
    }
    return g_steal_pointer(&listed);
}

/* ---- the tasks ---- */

static gboolean sync_named(Running *running, const GPtrArray *listed, const char *name, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(StoreFolder) folder = worker_find_folder(worker, name, error);
    g_autoptr(GHashTable) by_raw_name = index_listed(listed);
    g_autoptr(Promise) promise = promise_new(tasks_wake(worker->tasks));

    return folder &&
           sync_one_of_all(running, folder, g_hash_table_lookup(by_raw_name, folder->raw_name), promise,
                           error) &&
           wait_for(running, promise, error);
}

/* Where others say what one may do, which nobody should have to find out by trying. */
static gboolean has_shared(const GPtrArray *listed)
{
    for (guint i = 0; i < listed->len; i++)
        if (((const ImapFolder *)g_ptr_array_index(listed, i))->space != IMAP_PERSONAL)
            return TRUE;
    return FALSE;
}

/* What is to be done to a message that another client has moved is played where a sync has found it again. */
static gboolean play_found(Running *running, gboolean ok, GError **error)
{
    return ok && (running->worker->member != 0 || worker_play(running, error));
}

gboolean worker_do_sync(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const char *name = running->task->request->folder;

    worker_tell_state(worker, ENGINE_WORKING, NULL, 0, 0, NULL);
    if (worker->member == 0 && !worker_play(running, error))
        return FALSE;
    g_autoptr(GPtrArray) listed = list_folders(running, error);
    if (!listed || (worker->member == 0 && !worker_file_copies_now(running, error)))
        return FALSE;
    if (name)
        return play_found(running, sync_named(running, listed, name, error), error);
    worker_has_polled(worker);
    return play_found(running,
                      (!has_shared(listed) || worker_learn_access(running, error)) &&
                          sync_all(running, listed, error),
                      error);
}

gboolean worker_do_poll(Running *running, GError **error)
{
    g_autoptr(GPtrArray) listed = list_folders(running, error);

    if (!listed || (running->worker->member == 0 && !worker_file_copies_now(running, error)))
        return FALSE;
    worker_has_polled(running->worker);
    return worker_learn_access(running, error) && sync_all(running, listed, error);
}
