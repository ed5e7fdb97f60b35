/* housekeeper.c - see housekeeper.h: the thread, and what it remembers. What it does with files is in
 * sweep.c. */
#include "engine/housekeeper.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"
#include "base/wake.h"
#include "engine/across.h"
#include "engine/sweep.h"
#include "maildir/shelf.h"
#include "store/journal.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#define READER_BUSY_MS 5000
/* Files without a row are looked for so often. */
#define SWEEP_S (24 * 60 * 60)
/* Between two shelves when there is no hurry; between two sweeps because an account is past its bounds. */
#define SHELF_PAUSE_MS 20
#define CROWDED_US (60 * SECOND_US)
/* What a kill may leave uncounted until the next sweep. */
#define UNSAVED_BYTES (16 << 20)
#define STATE_BYTES (1 << 20)
#define SWEEP_GROUP "sweep"

struct Housekeeper {
    gatomicrefcount references;
    const Config *config;
    Store *store;
    const Paths *paths;
    char *state_path;
    StoreReader *reader;
    Thread *thread;
    Wake *wake; /* something below has changed */

    pthread_mutex_t lock; /* the rest */
    gboolean is_stopping;
    GArray *deleted; /* int64_t: rows whose files are to go */
    GKeyFile *state; /* a group for each account (bytes, kept, rule), and that of the sweep (ended, shelf) */
    int64_t unsaved_bytes; /* added since it was written */
    gboolean is_unsaved;
    int64_t swept_us; /* when the last sweep for want of room ended; 0: none yet */
};

/* ---- what is remembered; with the lock ---- */

static int64_t get_number(Housekeeper *keeper, const char *group, const char *key)
{
    return MAX(g_key_file_get_int64(keeper->state, group, key, NULL), 0);
}

static void set_number(Housekeeper *keeper, const char *group, const char *key, int64_t value)
{
    g_key_file_set_int64(keeper->state, group, key, value);
    keeper->is_unsaved = TRUE;
}

/* Prefixed, so that no account's name is taken for the sweep. */
static char *group_of(const char *account)
{
    return g_strconcat("account ", account, NULL);
}

static int64_t limit_of(const Housekeeper *keeper, const char *account_id)
{
    const ConfigAccount *account = config_account(keeper->config, account_id);

    if (!account)
        return INT64_C(1) << 30;
    const int64_t kept = account->keep_offline.rest.size_bytes;
    return kept ? MIN(kept, account->cache_size_bytes) : account->cache_size_bytes;
}

static int64_t room_of(Housekeeper *keeper, const char *account)
{
    g_autofree char *group = group_of(account);

    return limit_of(keeper, account) - get_number(keeper, group, "bytes");
}

static gboolean is_crowded(Housekeeper *keeper)
{
    g_auto(GStrv) groups = g_key_file_get_groups(keeper->state, NULL);

    for (char **group = groups; *group; group++) {
        const char *account = *group + strlen("account ");
        if (g_str_has_prefix(*group, "account ") && room_of(keeper, account) < 0)
            return TRUE;
    }
    return FALSE;
}

static void load(Housekeeper *keeper)
{
    g_autofree char *text = file_read(keeper->state_path, STATE_BYTES, NULL, NULL);

    keeper->state = g_key_file_new();
    if (text)
        g_key_file_load_from_data(keeper->state, text, (gsize)-1, G_KEY_FILE_NONE, NULL);
}

/* A write that fails (a full disk) loses an estimate. */
static void save(Housekeeper *keeper)
{
    gsize size;

    pthread_mutex_lock(&keeper->lock);
    const gboolean is_due = keeper->is_unsaved;
    g_autofree char *text = is_due ? g_key_file_to_data(keeper->state, &size, NULL) : NULL;
    keeper->is_unsaved = FALSE;
    keeper->unsaved_bytes = 0;
    pthread_mutex_unlock(&keeper->lock);
    g_autofree char *folder = g_path_get_dirname(keeper->state_path);
    if (is_due && file_make_folder(folder, NULL))
        file_write_atomic(keeper->state_path, text, size, NULL);
}

/* ---- the thread ---- */

static gboolean is_stopping(Housekeeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    const gboolean stopping = keeper->is_stopping;
    pthread_mutex_unlock(&keeper->lock);
    return stopping;
}

static void remove_deleted(Housekeeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    g_autoptr(GArray) deleted = keeper->deleted;
    keeper->deleted = g_array_new(FALSE, FALSE, sizeof(int64_t));
    pthread_mutex_unlock(&keeper->lock);
    cache_remove_rows(keeper->paths->cache, (const int64_t *)(const void *)deleted->data, deleted->len);
    /* Some may be of an import that was undone. */
    if (deleted->len)
        across_remove_all_strays(keeper->config, keeper->paths, keeper->reader);
}

/* What was added while the shelves were counted may count twice, until the next sweep. */
static void note_sweep(Housekeeper *keeper, GHashTable *bytes_by_account)
{
    g_auto(GStrv) groups = g_key_file_get_groups(keeper->state, NULL);
    GHashTableIter iter;
    void *account, *bytes;

    for (char **group = groups; *group; group++) {
        if (g_str_has_prefix(*group, "account "))
            set_number(keeper, *group, "bytes", 0);
    }
    g_hash_table_iter_init(&iter, bytes_by_account);
    while (g_hash_table_iter_next(&iter, &account, &bytes)) {
        g_autofree char *group = group_of(account);
        set_number(keeper, group, "bytes", *(int64_t *)bytes);
    }
}

static int64_t sweep_limit(const char *account, void *data)
{
    return limit_of(data, account);
}

/* One sweep over all shelves. One that was begun by an earlier run goes on where that stopped, and counts
 * nothing. */
static void sweep_all(Housekeeper *keeper, gboolean is_for_room)
{
    pthread_mutex_lock(&keeper->lock);
    guint shelf = is_for_room ? 0 : (guint)get_number(keeper, SWEEP_GROUP, "shelf") % CACHE_SHELVES;
    pthread_mutex_unlock(&keeper->lock);
    const gboolean is_whole = shelf == 0;
    g_autoptr(Sweep) sweep = sweep_new(keeper->paths->cache, keeper->reader, is_for_room);

    for (; shelf < CACHE_SHELVES && !is_stopping(keeper); shelf++) {
        const gboolean had_files = sweep_shelf(sweep, shelf);
        if (had_files && !is_for_room) {
            struct pollfd woken = {wake_fd(keeper->wake), POLLIN, 0};
            poll(&woken, 1, SHELF_PAUSE_MS);
        }
    }
    const gboolean is_done = shelf == CACHE_SHELVES;
    if (is_done && is_for_room)
        sweep_make_room(sweep, sweep_limit, keeper);
    pthread_mutex_lock(&keeper->lock);
    set_number(keeper, SWEEP_GROUP, "shelf", is_done ? 0 : shelf);
    if (is_done)
        set_number(keeper, SWEEP_GROUP, "ended", clock_wall_s());
    if (is_done && is_whole)
        note_sweep(keeper, sweep_bytes(sweep));
    if (is_for_room)
        keeper->swept_us = clock_now_us();
    pthread_mutex_unlock(&keeper->lock);
    save(keeper);
}

static gboolean prune_job(StoreTxn *txn, void *data, GError **error)
{
    return store_journal_prune(txn, data, error);
}

/* Old entries of the journal go once a day too. What fails goes another day. */
static void prune_journal(Housekeeper *keeper)
{
    gboolean is_done = FALSE;

    while (!is_done && !is_stopping(keeper) &&
           store_run(keeper->store, STORE_LANE_BULK, FALSE, prune_job, &is_done, NULL))
        ;
}

/* What is to be done now, and when to look again at the latest. A clock that was set back is no reason to
 * wait. */
typedef struct {
    gboolean is_stopping, has_deleted, wants_room, is_due, wants_saving;
    int64_t again_us;
} Plan;

static Plan plan(Housekeeper *keeper)
{
    Plan plan = {0};

    pthread_mutex_lock(&keeper->lock);
    const int64_t now_us = clock_now_us(),
                  since_s = clock_wall_s() - get_number(keeper, SWEEP_GROUP, "ended");
    const gboolean crowded = is_crowded(keeper);
    const int64_t room_us = keeper->swept_us ? keeper->swept_us + CROWDED_US : now_us;
    plan.is_stopping = keeper->is_stopping;
    plan.has_deleted = keeper->deleted->len > 0;
    plan.wants_room = crowded && room_us <= now_us;
    plan.is_due = since_s >= SWEEP_S || since_s < 0;
    plan.wants_saving = keeper->unsaved_bytes >= UNSAVED_BYTES;
    plan.again_us = crowded ? room_us : now_us + (SWEEP_S - since_s) * SECOND_US;
    pthread_mutex_unlock(&keeper->lock);
    return plan;
}

static void run(void *data)
{
    Housekeeper *keeper = data;

    for (;;) {
        wake_clear(keeper->wake);
        const Plan todo = plan(keeper);
        if (todo.is_stopping)
            break;
        if (todo.has_deleted)
            remove_deleted(keeper);
        else if (todo.wants_room || todo.is_due) {
            if (todo.is_due) {
                prune_journal(keeper);
                across_remove_all_strays(keeper->config, keeper->paths, keeper->reader);
            }
            sweep_all(keeper, todo.wants_room);
        } else if (todo.wants_saving)
            save(keeper);
        else {
            struct pollfd woken = {wake_fd(keeper->wake), POLLIN, 0};
            poll(&woken, 1, clock_timeout_ms(todo.again_us));
        }
    }
    remove_deleted(keeper);
    save(keeper);
}

/* ---- for others ---- */

static void on_deleted(const int64_t *ids, guint n, void *data)
{
    Housekeeper *keeper = data;

    pthread_mutex_lock(&keeper->lock);
    g_array_append_vals(keeper->deleted, ids, n);
    pthread_mutex_unlock(&keeper->lock);
    wake_set(keeper->wake);
}

Housekeeper *housekeeper_start(const Config *config, Store *store, const Paths *paths, GError **error)
{
    Housekeeper *keeper = g_new0(Housekeeper, 1);

    g_atomic_ref_count_init(&keeper->references);
    keeper->config = config;
    keeper->store = store;
    keeper->paths = paths;
    keeper->state_path = g_build_filename(paths->cache, "messages", "state", NULL);
    keeper->wake = wake_new();
    keeper->deleted = g_array_new(FALSE, FALSE, sizeof(int64_t));
    pthread_mutex_init(&keeper->lock, NULL);
    load(keeper);
    cache_remove_unfinished(paths->cache);
    if (strcmp(paths->run, paths->data) != 0) { /* what was read while the disk was full (worker_fetch.c) */
        cache_remove_unfinished(paths->run);
        cache_trim(paths->run, 0);
    }
    keeper->reader = store_reader_new(store, READER_BUSY_MS, error);
    if (keeper->reader)
        keeper->thread = thread_start("cache", 0, run, keeper, error);
    if (!keeper->thread) {
        housekeeper_stop(keeper);
        return NULL;
    }
    store_set_deleted(store, on_deleted, keeper);
    return keeper;
}

Housekeeper *housekeeper_ref(Housekeeper *keeper)
{
    g_atomic_ref_count_inc(&keeper->references);
    return keeper;
}

void housekeeper_unref(Housekeeper *keeper)
{
    if (!keeper || !g_atomic_ref_count_dec(&keeper->references))
        return;
    wake_unref(keeper->wake);
    g_array_unref(keeper->deleted);
    g_key_file_free(keeper->state);
    pthread_mutex_destroy(&keeper->lock);
    g_free(keeper->state_path);
    g_free(keeper);
}

void housekeeper_end(Housekeeper *keeper)
{
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->is_stopping = TRUE;
    pthread_mutex_unlock(&keeper->lock);
    wake_set(keeper->wake);
}

void housekeeper_stop(Housekeeper *keeper)
{
    if (!keeper)
        return;
    if (keeper->thread)
        store_set_deleted(keeper->store, NULL, NULL);
    housekeeper_end(keeper);
    thread_join(keeper->thread);
    store_reader_free(keeper->reader);
    housekeeper_unref(keeper);
}

void housekeeper_added(Housekeeper *keeper, const char *account, int64_t bytes)
{
    g_autofree char *group = group_of(account);

    pthread_mutex_lock(&keeper->lock);
    set_number(keeper, group, "bytes", get_number(keeper, group, "bytes") + bytes);
    keeper->unsaved_bytes += bytes;
    const gboolean is_work = keeper->unsaved_bytes >= UNSAVED_BYTES || room_of(keeper, account) < 0;
    pthread_mutex_unlock(&keeper->lock);
    if (is_work)
        wake_set(keeper->wake);
}

int64_t housekeeper_fill_room(Housekeeper *keeper, const char *account)
{
    pthread_mutex_lock(&keeper->lock);
    const int64_t room = room_of(keeper, account) - limit_of(keeper, account) / 10;
    pthread_mutex_unlock(&keeper->lock);
    return room;
}

int64_t housekeeper_kept(Housekeeper *keeper, const char *account, const char *rule)
{
    g_autofree char *group = group_of(account);

    pthread_mutex_lock(&keeper->lock);
    g_autofree char *last = g_key_file_get_string(keeper->state, group, "rule", NULL);
    const int64_t id = g_strcmp0(last, rule) == 0 ? get_number(keeper, group, "kept") : 0;
    pthread_mutex_unlock(&keeper->lock);
    return id;
}

void housekeeper_set_kept(Housekeeper *keeper, const char *account, const char *rule, int64_t id)
{
    g_autofree char *group = group_of(account);

    pthread_mutex_lock(&keeper->lock);
    g_key_file_set_string(keeper->state, group, "rule", rule);
    set_number(keeper, group, "kept", id);
    pthread_mutex_unlock(&keeper->lock);
}
