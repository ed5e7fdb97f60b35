/*
 * worker_watch.c - see worker_private.h. Hearing of news at once, and what a connection does without being
 * asked.
 *
 *      TASK_WATCH: NOTIFY where offered; the folder is brought up to date, and its Ear kept
 *          └─> worker_listen(): in IDLE, or after NOTIFY ──news──> TASK_NEWS ──> worker_listen() …
 *
 * What is not watched is looked at by TASK_POLL from time to time.
 */
#include "base/error.h"
#include "engine/link.h"
#include "engine/worker_private.h"
#include "imap/select.h"
#include "imap/watch.h"

/* A folder list that is opened again and again is not asked for each time. */
#define LOOK_US (10 * SECOND_US)
/* After something failed that nobody asked for, and the connection stands: a full disk does not get better at
 * once. Twice as long each time, up to the last. */
#define FAILED_US (10 * SECOND_US)
#define LAST_FAILED_US (16 * FAILED_US)

/* From a poll to the next one for news of the list of folders: twice as long each time, while each poll is followed
 * by such news. A server that tells some with every answer keeps nobody busy. */
#define LIST_US SECOND_US
#define LAST_LIST_US (300 * SECOND_US)

static gboolean is_listening(const Worker *worker)
{
    const char *selected = worker->session ? imap_session_selected(worker->session) : NULL;

    return worker->ear && selected && g_str_equal(selected, worker->ear->raw_name);
}

/* It has to be brought up to date before it is heard of again. */
static void drop_ear(Worker *worker)
{
    hearing_replace(&worker->hearing, worker->ear, NULL);
    g_clear_pointer(&worker->ear, ear_free);
}

static void give_up_folder(Worker *worker)
{
    drop_ear(worker);
    if (worker->watched_id)
        worker_release(worker, worker->watched_id);
    worker->watched_id = worker->fill_id = 0;
}

void worker_stop_watching(Worker *worker)
{
    give_up_folder(worker);
    worker->is_notified = FALSE;
}

gboolean worker_is_watching(const Worker *worker)
{
    return worker->session && (worker->ear || worker->is_notified);
}

/* Where the server does not speak of UIDs by itself (QRESYNC), it has to be known which message a number
 * means. */
gboolean worker_keep_hearing(Worker *worker, GError **error)
{
    if (!is_listening(worker) || imap_session_is_enabled(worker->session, IMAP_CAN_QRESYNC) ||
        worker->hearing.on != worker->ear)
        return TRUE;
    return imap_map(worker->session, error);
}

/* ---- beginning to watch ---- */

/* NOTIFY only together with IDLE: what changes within a second of a SELECT or of other news, Dovecot 2.3.19
 * tells only to who idles. */
static TeamWatch best_watch(const ImapSession *session)
{
    if (!imap_session_can(session, IMAP_CAN_IDLE))
        return TEAM_WATCH_NONE;
    return imap_session_can(session, IMAP_CAN_NOTIFY) ? TEAM_WATCH_ALL : TEAM_WATCH_FOLDERS;
}

/* Asked for before the folder is brought up to date, so that nothing falls between. */
static gboolean start_notify(Worker *worker, GError **error)
{
    g_autoptr(GError) refusal = NULL;

    if (worker->is_notified || team_watch(worker->context.team) != TEAM_WATCH_ALL)
        return TRUE;
    if (imap_notify(worker->session, IMAP_NOTIFY_SELECTED | IMAP_NOTIFY_OTHERS | IMAP_NOTIFY_FOLDERS,
                    &refusal)) {
        worker->is_notified = TRUE;
        worker->poll_at_us = 0; /* what changed before, no one told */
        worker_push_own(worker, TASK_POLL, 0);
        return TRUE;
    }
    if (!imap_session_is_alive(worker->session)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return FALSE;
    }
    /* A server that offers it and refuses it. */
    team_set_watch(worker->context.team, TEAM_WATCH_FOLDERS);
    return TRUE;
}

static StoreFolder *find_watched(Running *running, const char *name, GError **error)
{
    g_autoptr(GError) failed = NULL;
    StoreFolder *folder = worker_find_folder(running->worker, name, &failed);

    if (!folder && !tern_error_is(failed, TERN_ERROR_INPUT))
        g_propagate_error(error, g_steal_pointer(&failed));
    if (folder || !failed)
        return folder;
    /* The first start: whichever connection is first writes the list. */
    SyncImap sync = worker_sync(running);
    gboolean is_cut;
    g_autoptr(GPtrArray) listed = sync_imap_folders(&sync, &is_cut, error);
    return listed ? worker_find_folder(running->worker, name, error) : NULL;
}

/* What the watched folder lacks, unless that failed just now: it would cost the ear at once, and then
 * again. */
static void push_fill(Worker *worker)
{
    if (!worker->fill_id || clock_now_us() < worker->fill_at_us)
        return;
    worker_push_own(worker, TASK_FILL, worker->fill_id);
    worker->fill_id = 0;
}

static gboolean watch_folder(Running *running, const StoreFolder *folder, GError **error)
{
    Worker *worker = running->worker;
    SyncResult result;

    if (worker->watched_id != folder->id) {
        give_up_folder(worker);
        worker->blocked_by = 0;
        if (!team_claim(worker->context.team, worker->member, folder->id)) {
            /* Whoever is at it hears of its news meanwhile; the claim comes free later. */
            worker->blocked_by = folder->id;
            return TRUE;
        }
        worker->watched_id = folder->id;
    }
    if (!worker_sync_folder(running, folder, NULL, TRUE, &result, error))
        return FALSE;
    if (!result.is_complete || !folder->sync.highest_modseq)
        worker->fill_id = folder->id;
    push_fill(worker);
    return TRUE;
}

gboolean worker_do_watch(Running *running, GError **error)
{
    Worker *worker = running->worker;
    Team *team = worker->context.team;

    if (team_watch(team) == TEAM_WATCH_UNKNOWN)
        team_set_watch(team, best_watch(worker->session));
    const char *name = team_watched_by(team, worker->member, clock_now_us());
    if (!name)
        return TRUE;
    if (!start_notify(worker, error))
        return FALSE;
    g_autoptr(StoreFolder) folder = find_watched(running, name, error);
    return folder && watch_folder(running, folder, error);
}

/* ---- news ---- */

static gboolean take_live_news(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, worker->watched_id, error);
    SyncImap sync = worker_sync(running);
    const int64_t began_us = clock_now_us();
    SyncResult result;

    if (!folder)
        return FALSE;
    const gboolean ok = sync_imap_live(&sync, folder, worker->ear, &result, error);
    worker_tell_arrivals(worker, folder, &result);
    if (!ok) {
        drop_ear(worker);
        return FALSE;
    }
    worker_tell_synced(running, folder, &result, began_us, NULL);
    return TRUE;
}

/* raw name -> StoreFolder */
static GHashTable *index_by_raw_name(const GPtrArray *folders)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < folders->len; i++) {
        StoreFolder *folder = g_ptr_array_index(folders, i);
        g_hash_table_insert(index, folder->raw_name, folder);
    }
    return index;
}

static gboolean take_news_of_others(Running *running, GError **error)
{
    Worker *worker = running->worker;
    g_autoptr(GHashTable) told = hearing_take_others(&worker->hearing);
    g_autoptr(GPtrArray) folders = store_read_folders(worker->reader, worker_account(worker), error);
    GHashTableIter iter;
    void *raw_name, *numbers;

    if (!folders)
        return FALSE;
    g_autoptr(GHashTable) by_raw_name = index_by_raw_name(folders);
    g_hash_table_iter_init(&iter, told);
    while (g_hash_table_iter_next(&iter, &raw_name, &numbers)) {
        const StoreFolder *folder = g_hash_table_lookup(by_raw_name, raw_name);
        g_autoptr(GError) failed = NULL;
        if (!folder) {
            worker_push_own(worker, TASK_POLL, 0); /* it is new */
        } else if (!worker_sync_changed(running, folder, numbers, &failed) && !link_survives(failed)) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return FALSE;
        }
    }
    return TRUE;
}

gboolean worker_do_news(Running *running, GError **error)
{
    Worker *worker = running->worker;
    const int64_t id = running->task->request->number;

    if (!id)
        return take_news_of_others(running, error);
    if (id == worker->watched_id) /* if it is selected no more, it is watched anew */
        return !is_listening(worker) || take_live_news(running, error);
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(worker->reader, id, error);
    return folder ? worker_sync_changed(running, folder, NULL, error) : !error || !*error;
}

/* Folders came or went, or news were lost: when all is to be looked at. */
static void hear_of_list(Worker *worker, int64_t now_us)
{
    Hearing *hearing = &worker->hearing;

    worker->is_notified &= !hearing->is_lost; /* asked for again */
    hearing->is_lost = hearing->is_list_changed = FALSE;
    if (now_us - worker->polled_us > 2 * worker->list_pause_us)
        worker->list_pause_us = LIST_US;
    worker->list_at_us = MIN(worker->list_at_us, MAX(now_us, worker->polled_us + worker->list_pause_us));
}

static gboolean push_poll(Worker *worker)
{
    const int64_t now_us = clock_now_us();

    if (worker->hearing.is_lost || worker->hearing.is_list_changed)
        hear_of_list(worker, now_us);
    if (now_us < worker->list_at_us)
        return FALSE;
    worker->list_at_us = DEADLINE_NONE;
    worker->list_pause_us = MIN(2 * worker->list_pause_us, LAST_LIST_US);
    worker_push_own(worker, TASK_POLL, 0);
    return TRUE;
}

/* What was heard becomes tasks. */
static gboolean push_news(Worker *worker)
{
    Hearing *hearing = &worker->hearing;
    gboolean has_news = push_poll(worker);

    if (g_hash_table_size(hearing->others)) {
        worker_push_own(worker, TASK_NEWS, 0);
        has_news = TRUE;
    }
    if (is_listening(worker) && ear_has_news(worker->ear)) {
        worker_push_own(worker, TASK_NEWS, worker->watched_id);
        has_news = TRUE;
    }
    return has_news;
}

/* ---- what is due unasked ---- */

/* What nobody watches; also where NOTIFY should have told everything, but servers have bugs. */
void worker_has_polled(Worker *worker)
{
    worker->polled_us = clock_now_us();
    worker->poll_at_us = worker->polled_us + config_account_poll_s(worker->context.account) * SECOND_US;
}

static int64_t failed_pause_us(guint times)
{
    int64_t pause_us = FAILED_US;

    for (guint i = 1; i < times && pause_us < LAST_FAILED_US; i++)
        pause_us *= 2;
    return pause_us;
}

void worker_own_task_failed(Worker *worker, const Task *task)
{
    const int64_t again_at_us = clock_now_us() + failed_pause_us(++worker->failed[task->kind]);
    const gboolean is_of_watched = worker->watched_id && task->request->number == worker->watched_id;

    if (task->kind == TASK_WATCH || (task->kind == TASK_NEWS && is_of_watched))
        worker->watch_at_us = again_at_us;
    else if (task->kind == TASK_FILL && is_of_watched)
        worker->fill_at_us = again_at_us;
    else
        worker->stand_at_us = again_at_us;
}

static gboolean is_poll_due(Worker *worker, int64_t now_us)
{
    if (worker->member != 0)
        return FALSE;
    if (atomic_exchange(&worker->is_look_wanted, FALSE) && now_us - worker->polled_us >= LOOK_US)
        return TRUE;
    return now_us >= worker->poll_at_us;
}

static gboolean is_watch_due(Worker *worker, const char *name)
{
    if (!name || is_listening(worker) || clock_now_us() < worker->watch_at_us)
        return FALSE;
    if (team_watch(worker->context.team) == TEAM_WATCH_NONE)
        return FALSE;
    return !worker->blocked_by || !team_wants(worker->context.team, worker->member, worker->blocked_by);
}

int64_t worker_stand(Worker *worker)
{
    const int64_t now_us = clock_now_us();

    if (!atomic_load(&worker->is_live) || worker->context.account->offline)
        return DEADLINE_NONE;
    const char *name = team_watched_by(worker->context.team, worker->member, now_us);
    if (!name && worker->watched_id)
        worker_stop_watching(worker);
    if (!name && worker->member != 0) {
        worker_hang_up(worker);
        return DEADLINE_NONE;
    }
    if (!worker->session && !link_may_begin(&worker->link, FALSE, now_us, NULL))
        return link_due_us(&worker->link);
    if (is_watch_due(worker, name)) /* whatever else failed: it is not to be deaf */
        worker_push_own(worker, TASK_WATCH, 0);
    push_fill(worker);
    const int64_t watch_at_us = now_us < worker->watch_at_us ? worker->watch_at_us : DEADLINE_NONE;
    const int64_t own_at_us = worker->fill_id ? MIN(worker->fill_at_us, watch_at_us) : watch_at_us;
    if (now_us < worker->stand_at_us)
        return MIN(worker->stand_at_us, own_at_us);
    if (is_poll_due(worker, now_us))
        worker_push_own(worker, TASK_POLL, 0);
    return MIN(worker->member == 0 ? worker->poll_at_us : DEADLINE_NONE, own_at_us);
}

/* ---- listening ---- */

int64_t worker_look_around(Worker *worker)
{
    const int64_t stand_at_us = worker_stand(worker);

    if (worker->session) /* what came while other things were done, nobody wakes the connection for */
        push_news(worker);
    worker_look_at_journal(worker);
    return MIN(MIN(stand_at_us, worker->journal_at_us), worker->session ? worker->list_at_us : DEADLINE_NONE);
}

/* What woke the connection is often nothing for it: room in the writer, a commit that leaves nothing to be
 * played, a time at which nothing is due. IDLE goes on then. */
static gboolean goes_on(Worker *worker, int64_t *look_at_us)
{
    wake_clear(tasks_wake(worker->tasks));
    if (tasks_has(worker->tasks, URGENCIES) || cancel_is_triggered(worker->cancel))
        return FALSE;
    *look_at_us = worker_look_around(worker);
    if (tasks_has(worker->tasks, URGENCIES) || !worker->session)
        return FALSE;
    const int64_t left_us = worker_left_due_us(worker);
    *look_at_us = MIN(*look_at_us, left_us);
    return left_us > clock_now_us();
}

static int listen_until(Worker *worker, int64_t look_at_us, int64_t renew_at_us, GError **error)
{
    for (;;) {
        const int64_t until_us = MIN(MIN(look_at_us, worker->list_at_us), renew_at_us);
        const int ready = imap_listen(worker->session, tasks_wake(worker->tasks), until_us, error);
        if (ready == NET_ERROR || push_news(worker) || clock_now_us() >= renew_at_us)
            return ready;
        if ((ready & (NET_WOKEN | NET_TIMED_OUT)) && !goes_on(worker, &look_at_us))
            return ready;
    }
}

void worker_listen(Worker *worker, int64_t look_at_us)
{
    g_autoptr(GError) error = NULL;
    const int64_t quiet_us = link_history_renew_us(&worker->history);
    const int64_t since_us = clock_now_us();
    const int64_t renew_at_us = since_us + quiet_us;
    int ready = NET_ERROR;

    worker->hearing.on = NULL;
    if (worker->ear)
        hearing_push(&worker->hearing, worker->ear);
    if (!worker_ask_about_left(worker, &error)) {
        worker_after_error(worker, error);
        return;
    }
    if (push_news(worker))
        return;
    look_at_us = MIN(look_at_us, worker_left_due_us(worker));
    if (!is_listening(worker) || imap_idle_start(worker->session, &error))
        ready = listen_until(worker, look_at_us, renew_at_us, &error);
    if (!worker->session) /* there was nothing to listen for any more, and it was hung up */
        return;
    if (ready != NET_ERROR && !imap_idle_stop(worker->session, &error))
        ready = NET_ERROR;
    if (ready == NET_ERROR) {
        link_history_note(&worker->history, clock_now_us() - since_us, TRUE);
        worker_after_error(worker, error);
        return;
    }
    if (clock_now_us() < renew_at_us)
        return;
    link_history_note(&worker->history, quiet_us, FALSE);
    if (!worker->ear) {
        if (!imap_noop(worker->session, &error))
            worker_after_error(worker, error);
        return;
    }
    /* IDLE is begun anew, after a SELECT, so that HIGHESTMODSEQ follows what was heard. */
    drop_ear(worker);
}
