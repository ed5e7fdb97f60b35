/* worker_sync.c - see worker_private.h. Tasks that bring folders into the store, each folder under its claim
 * (team.h). */
#include "base/error.h"
#include "base/i18n.h"
#include "engine/link.h"
#include "engine/worker_private.h"
#include "imap/select.h"

#include <poll.h>

/* Structures (numbers of attachments) that are asked for in one piece, when there is nothing else to do. */
#define STRUCTURES_AT_ONCE 200
/* Folders whose STATUS is asked for one by one, where LIST does not tell it: each costs the server an open
 * folder. */
#define MOST_STATUS 200
/* Folders one after another that may cost the connection, before that is taken for the server's fault and not
 * theirs. */
#define MOST_LOST 5

/* Whether the connection that is to watch the folder stands meanwhile. */
static gboolean is_to_be_left(const Running *running)
{
    const Worker *worker = running->worker;

    return running->fills &&
           team_has_watcher(worker->context.team, worker->member, running->fills, clock_now_us());
}

static gboolean checkpoint(void *data, GError **error)
{
    Running *running = data;

    if (!worker_checkpoint(running, error))
        return FALSE;
    running->is_left = is_to_be_left(running);
    if (running->is_left)
        tern_error_set(error, TERN_ERROR_CANCELLED, _("another connection goes on with it"));
    return !running->is_left;
}

static gboolean is_wanted(void *data)
{
    return worker_is_wanted(data) || is_to_be_left(data);
}

static void progress(const char *folder, int64_t done, int64_t total, void *data)
{
    worker_tell_progress(((Running *)data)->worker, folder, done, total);
}

static void on_refused(const char *sentence, void *data)
{
    worker_tell_alert(sentence, ((Running *)data)->worker);
}

SyncImap worker_sync(Running *running)
{
    Worker *worker = running->worker;

    return (SyncImap){.session = worker->session,
                      .store = worker->context.store,
                      .reader = worker->reader,
                      .account = worker_account(worker),
                      .config = worker->context.account,
                      .hearing = &worker->hearing,
                      .cancel = worker->cancel,
                      .room = tasks_wake(worker->tasks),
                      .checkpoint = checkpoint,
                      .is_wanted = is_wanted,
                      .progress = progress,
                      .refused = on_refused,
                      .data = running};
}

/* ---- one folder ---- */

static gboolean is_quiet(const Running *running)
{
    return running->task->request->id == 0;
}

static gboolean has_changes(const SyncResult *result)
{
    return result->changes.added || result->changes.changed || result->changes.removed;
}

void worker_tell_synced(Running *running, const StoreFolder *folder, const SyncResult *result,
                        int64_t began_us, const GError *failed)
{
    /* What nobody asked for is told when there is something to tell. */
    if (!is_quiet(running) || has_changes(result))
        worker_tell_folder(running->worker, running->task, folder, result, began_us, failed);
}

/* By the connection that works, since it goes through many folders. */
static void push_keep(Worker *worker)
{
    if (worker->member == 0)
        worker_push_own(worker, TASK_KEEP, 0);
    else
        team_give_work(worker->context.team,
                       task_new(TASK_KEEP, URGENCY_BEHIND,
                                engine_request_new(ENGINE_VERB_SYNC, 0, worker_account(worker), NULL, 0)));
}

gboolean worker_sync_folder(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                            gboolean is_quick, SyncResult *result, GError **error)
{
    Worker *worker = running->worker;
    SyncImap sync = worker_sync(running);
    GError *failed = NULL;
    const int64_t began_us = clock_now_us();

    if (is_quiet(running)) /* short work is not worth a word */
        worker->progress_us = began_us;
    else if (!listed) /* a whole account's sync says what it does folder by folder as progress */
        worker_tell_state(worker, ENGINE_WORKING, folder->name, 0, 0, NULL);
    if (folder->id == worker->watched_id)
        sync.keep_ear = &worker->ear;
    const gboolean ok = sync_imap_folder(&sync, folder, listed, is_quick, result, &failed);
    worker_tell_arrivals(worker, folder, result);
    if (ok || !worker_tries_again(running, failed))
        worker_tell_synced(running, folder, result, began_us, running->is_left ? NULL : failed);
    if (!ok) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if ((worker->is_keeping || atomic_load(&worker->is_live)) && result->changes.added)
        push_keep(worker);
    return worker_keep_hearing(worker, error);
}

/* Of a task that nobody would take. */
static void take_back(Task *task)
{
    task_settle(task, NULL);
    task_free(task);
}

/* Gives the task to whoever has the claim to the folder. */
static gboolean hand_over(Running *running, int64_t folder_id)
{
    const Worker *worker = running->worker;
    const Task *task = running->task;
    Task *copy = task_new(task->kind, task->urgency, engine_request_copy(task->request));

    if (task->part_of) /* which is kept only when that one has done it */
        task_promise(copy, task->part_of);
    running->is_handed_over = team_hand_over(worker->context.team, worker->member, folder_id, copy);
    if (!running->is_handed_over)
        take_back(copy);
    return running->is_handed_over;
}

void worker_release(Worker *worker, int64_t folder_id)
{
    if (team_release(worker->context.team, worker->member, folder_id))
        worker_push_own(worker, TASK_NEWS, folder_id);
}

/* The claim to a folder, for as long as a task runs: FALSE: another connection has it and got the task. */
static gboolean claim_or_hand_over(Running *running, int64_t folder_id)
{
    const Worker *worker = running->worker;

    while (!team_claim(worker->context.team, worker->member, folder_id))
        if (hand_over(running, folder_id))
            return FALSE;
    return TRUE;
}

/* ---- what takes long in a folder that is watched ---- */

/* `promise`: of somebody who asked, and waits for it. FALSE: that one has lost its connection since. */
static gboolean give_to_watcher(const Running *running, const StoreFolder *folder, Promise *promise)
{
    const Worker *worker = running->worker;
    const gboolean is_asked = !is_quiet(running);
    EngineRequest *request =
        engine_request_new(ENGINE_VERB_SYNC, running->task->request->id, worker_account(worker),
                           is_asked ? folder->name : NULL, is_asked ? 0 : folder->id);
    Task *task =
        task_new(is_asked ? TASK_SYNC : TASK_FILL, is_asked ? URGENCY_ASKED : URGENCY_BEHIND, request);

    if (is_asked)
        task_promise(task, promise);
    if (team_give_watcher(worker->context.team, worker->member, folder->name, clock_now_us(), task))
        return TRUE;
    take_back(task);
    return FALSE;
}

typedef enum { FILL_FAILED, FILL_DONE, FILL_AGAIN } FillEnd;

typedef gboolean (*FillFunc)(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                             GError **error);

/* With the claim: that, or, as soon as the connection that is to watch the folder stands, as much of it as
 * was done then; that one goes on. So what people ask for finds this one free. The first page of a folder is
 * not left to it: here the folder is open already. FILL_AGAIN: it was left, but that connection is lost
 * again; the folder is to be claimed anew. */
static FillEnd fill_or_leave(Running *running, const StoreFolder *folder, const ImapFolder *listed,
                             FillFunc func, Promise *promise, GError **error)
{
    Worker *worker = running->worker;
    GError *failed = NULL;

    running->fills = folder->name;
    running->is_left = folder->sync.uid_validity && is_to_be_left(running);
    const gboolean ok = running->is_left || func(running, folder, listed, &failed);
    const gboolean is_left = running->is_left;
    running->fills = NULL;
    running->is_left = FALSE;
    worker_release(worker, folder->id);
    if (is_left) {
        g_clear_error(&failed);
        return give_to_watcher(running, folder, promise) ? FILL_DONE : FILL_AGAIN;
    }
    if (ok)
        return FILL_DONE;
    g_propagate_error(error, failed);
    return FILL_FAILED;
}

/* ---- a whole account ---- */

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
    take_back(part);
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
        if (is_quiet(running) ? team_wants(worker->context.team, worker->member, folder->id)
                              : ask_owner(running, folder->id, promise))
            return TRUE;
    const FillEnd end = fill_or_leave(running, folder, listed, sync_whole, promise, error);
    if (end != FILL_AGAIN)
        return end == FILL_DONE;
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
    if (is_quiet(running)) {
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

/* At the first visit the Inbox is opened in the flight of LIST: its page is there a round trip earlier. */
static gboolean look_ahead(Worker *worker, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(StoreFolder) inbox =
        store_read_folder(worker->reader, worker_account(worker), "INBOX", &failed);

    return failed || (inbox && inbox->sync.uid_validity) ||
           imap_examine_ahead(worker->session, "INBOX", error);
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
    if (is_cut)
        worker_tell_alert(
            _("the server has more folders than tern can keep; only those subscribed to are here"), worker);
    return g_steal_pointer(&listed);
}

StoreFolder *worker_find_folder(const Worker *worker, const char *name, GError **error)
{
    GError *failed = NULL;
    StoreFolder *folder = store_read_folder(worker->reader, worker_account(worker), name, &failed);

    if (!folder && !failed)
        tern_error_set(&failed, TERN_ERROR_INPUT, _("there is no folder “%s” in the account “%s”"), name,
                       worker_account(worker));
    if (failed)
        g_propagate_error(error, failed);
    return folder;
}

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
        return sync_named(running, listed, name, error);
    worker_has_polled(worker);
    return (!has_shared(listed) || worker_learn_access(running, error)) && sync_all(running, listed, error);
}

gboolean worker_do_poll(Running *running, GError **error)
{
    g_autoptr(GPtrArray) listed = list_folders(running, error);

    if (!listed || (running->worker->member == 0 && !worker_file_copies_now(running, error)))
        return FALSE;
    worker_has_polled(running->worker);
    return worker_learn_access(running, error) && sync_all(running, listed, error);
}

/* ---- one folder, as a task ---- */

/* The folder that a task names by number; NULL and an error: it is gone. */
static StoreFolder *folder_of(const Running *running, GError **error)
{
    StoreFolder *folder =
        store_read_folder_by_id(running->worker->reader, running->task->request->number, error);

    if (!folder && error && !*error)
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
    return folder;
}

/* What is new, or the first page; the rest goes on when nothing else is asked. */
gboolean worker_do_open(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(StoreFolder) folder = folder_of(running, error);
    SyncResult result;

    if (!folder)
        return FALSE;
    if (!claim_or_hand_over(running, folder->id))
        return TRUE;
    const gboolean ok = worker_sync_folder(running, folder, NULL, TRUE, &result, error);
    worker_release(worker, folder->id);
    if (ok && !running->task->part_of) {
        worker->is_keeping = TRUE;
        worker_push_own(worker, TASK_FILL, folder->id);
        push_keep(worker);
    }
    return ok;
}

static gboolean fill(Running *running, const StoreFolder *folder, const ImapFolder *listed, GError **error)
{
    SyncResult result;
    int done;

    if (!worker_sync_folder(running, folder, listed, FALSE, &result, error))
        return FALSE;
    do {
        SyncImap sync = worker_sync(running);
        if (!checkpoint(running, error))
            return FALSE;
        /* As the sync has left it. */
        g_autoptr(StoreFolder) now = store_read_folder_by_id(running->worker->reader, folder->id, error);
        if (!now)
            return !error || !*error;
        if (!sync_imap_structures(&sync, now, STRUCTURES_AT_ONCE, &done, error))
            return FALSE;
    } while (done > 0);
    return TRUE;
}

/* The whole folder, and then what its messages hold. */
gboolean worker_do_fill(Running *running, GError **error)
{
    g_autoptr(StoreFolder) folder = folder_of(running, error);

    if (!folder)
        return FALSE;
    if (!claim_or_hand_over(running, folder->id))
        return TRUE;
    const FillEnd end = fill_or_leave(running, folder, NULL, fill, NULL, error);
    return end == FILL_AGAIN ? worker_do_fill(running, error) : end == FILL_DONE;
}

/* A folder that the server said something of; `told`: its numbers, or NULL. Left to whoever has the claim to
 * it. */
gboolean worker_sync_changed(Running *running, const StoreFolder *folder, const ImapFolder *told,
                             GError **error)
{
    Worker *worker = running->worker;
    SyncResult result;

    while (!team_claim(worker->context.team, worker->member, folder->id))
        if (team_wants(worker->context.team, worker->member, folder->id))
            return TRUE;
    const gboolean ok = worker_sync_folder(running, folder, told, TRUE, &result, error);
    worker_release(worker, folder->id);
    if (ok && !result.is_complete && clock_now_us() >= worker->stand_at_us) /* else the next poll has it */
        worker_push_own(worker, TASK_FILL, folder->id);
    return ok;
}
