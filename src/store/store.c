/* store.c - see store.h and writer.h: a profile's store as a whole. */
#include "store/store.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "store/damage.h"
#include "store/profile_lock.h"
#include "store/promise.h"
#include "store/schema.h"
#include "store/store_private.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* For what SQLite keeps its locks in, and a change or two. */
#define ROOM_BYTES (256 << 10)

struct Store {
    char *path;       /* of store.db */
    int lock;         /* the profile's lock file, locked shared */
    char *told;       /* of damage that was repaired */
    StoreDbMode mode; /* of readers */
    Notice *notice;
    Writer *writer;
};

static gboolean is_local(const char *folder, GError **error)
{
    const char *type = NULL;

    if (!file_is_on_network(folder, &type))
        return TRUE;
    tern_error_set(
        error, TERN_ERROR_STORE,
        _("%s is on a network file system (%s), where a database is not safe; set data-dir in tern.conf to a "
          "folder on a local disk"),
        folder, type ? type : "?");
    return FALSE;
}

/* A log that was left behind is looked at by whoever is alone with the profile, before SQLite reads it. With
 * others in it, one of them has done so. */
static void look_at_log(const char *path, const char *lock_path)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    struct stat status;

    if (stat(log, &status) != 0 || status.st_size == 0)
        return;
    const int lock = file_lock(lock_path, TRUE, FALSE, NULL);
    if (lock < 0)
        return;
    store_damage_look(path);
    close(lock);
}

/* A journal that has lost its newest entries: a sentence, to be freed; NULL: it has all. The promise is read
 * first, since other programs go on. */
static char *tell_lost(StoreDb *db)
{
    StorePromise promise;

    store_promise_read(db->path, &promise);
    const int64_t last = store_promise_last_entry(db), n = promise.last_entry - last;
    if (n <= 0)
        return NULL;
    promise.last_entry = last;
    store_promise_write(db->path, &promise);
    return g_strdup_printf(
        ngettext_("the mail store %s is older than what tern had written to it, as when its file is put back "
                  "from a backup, or its log %s-wal is lost; the newest change made here is not in it: look "
                  "whether it is to be made again.",
                  "the mail store %s is older than what tern had written to it, as when its file is put back "
                  "from a backup, or its log %s-wal is lost; the newest %" G_GINT64_FORMAT
                  " changes made here are not in it: look whether they are to be made again.",
                  (gulong)n),
        db->path, db->path, n);
}

static gboolean open_to_write(Store *store, const Paths *paths, const char *lock_path, GError **error)
{
    look_at_log(store->path, lock_path);
    store->lock = profile_lock_shared(lock_path, error);
    if (store->lock < 0)
        return FALSE;
    g_autoptr(StoreDb) db = schema_open(store->path, lock_path, &store->lock, &store->told, error);
    if (!db)
        return FALSE;
    /* SQLite opens a file that it may not write for reading, without a word. */
    if (sqlite3_db_readonly(db->handle, "main") == 1) {
        store_db_error(db, SQLITE_READONLY, error);
        return FALSE;
    }
    if (!store->told)
        store->told = tell_lost(db);
    store->notice = notice_new(paths->data, FALSE, error);
    if (store->notice)
        store->writer = writer_start(g_steal_pointer(&db), store->notice, error);
    return store->writer != NULL;
}

/* Why nothing can be written there, as errno says it; 0: it can. */
static int why_unwritable(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct statvfs space;

    if (access(folder, W_OK) != 0 || access(path, W_OK) != 0)
        return errno;
    if (statvfs(folder, &space) == 0 && space.f_bavail * space.f_frsize < ROOM_BYTES)
        return ENOSPC;
    return 0;
}

/* What is here can be read on a medium that cannot be written, or has no room. Jobs then fail with a
 * sentence. */
static gboolean open_to_read(Store *store, const Paths *paths, const char *lock_path, int why, GError **error)
{
    if (store->lock < 0 && access(lock_path, F_OK) == 0)
        store->lock = profile_lock_shared(lock_path, error);
    if (store->lock < 0 && access(lock_path, F_OK) == 0)
        return FALSE;
    g_autoptr(StoreDb) db = schema_open_to_read(store->path, error);
    if (!db)
        return FALSE;
    store->mode = db->mode;
    g_free(store->told);
    store->told = g_strdup_printf(_("the mail store %s cannot be written (%s): what is here can be read, "
                                    "nothing can be fetched or changed."),
                                  store->path, g_strerror(why));
    store->notice = notice_new(paths->data, TRUE, error);
    if (store->notice)
        store->writer = writer_start(g_steal_pointer(&db), store->notice, error);
    return store->writer != NULL;
}

Store *store_open(const Paths *paths, GError **error)
{
    g_autofree char *lock_path = g_build_filename(paths->data, "lock", NULL);
    g_autoptr(GError) failure = NULL;

    if (!file_make_folder(paths->data, error) || !is_local(paths->data, error))
        return NULL;
    g_autoptr(Store) store = g_new0(Store, 1);
    store->lock = -1;
    store->path = g_build_filename(paths->data, "store.db", NULL);
    if (open_to_write(store, paths, lock_path, &failure))
        return g_steal_pointer(&store);
    const int why = why_unwritable(store->path);
    g_clear_pointer(&store->notice, notice_free);
    if (why && why != ENOENT && open_to_read(store, paths, lock_path, why, NULL))
        return g_steal_pointer(&store);
    g_propagate_error(error, g_steal_pointer(&failure));
    return NULL;
}

void store_close(Store *store)
{
    if (!store)
        return;
    writer_stop(store->writer);
    notice_free(store->notice);
    if (store->lock >= 0)
        close(store->lock);
    g_free(store->told);
    g_free(store->path);
    g_free(store);
}

const char *store_repaired(Store *store)
{
    return store->told;
}

const char *store_path(Store *store)
{
    return store->path;
}

StoreDbMode store_mode(Store *store)
{
    return store->mode;
}

void store_add_listener(Store *store, Wake *wake)
{
    notice_add_listener(store->notice, wake);
}

void store_remove_listener(Store *store, Wake *wake)
{
    notice_remove_listener(store->notice, wake);
}

void store_submit(Store *store, StoreLane lane, gboolean durable, StoreJobFunc run, StoreDoneFunc done,
                  void *data, GDestroyNotify free_data)
{
    writer_submit(store->writer, lane, durable, run, done, data, free_data);
}

/* A job somebody waits for. */
typedef struct {
    StoreJobFunc run;
    void *data;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    gboolean is_ended;
    GError *failure;
} Wait;

static gboolean run_waited(StoreTxn *txn, void *data, GError **error)
{
    Wait *wait = data;

    return wait->run(txn, wait->data, error);
}

static void end_waited(void *data, const GError *error)
{
    Wait *wait = data;

    pthread_mutex_lock(&wait->lock);
    wait->failure = error ? g_error_copy(error) : NULL;
    wait->is_ended = TRUE;
    pthread_cond_signal(&wait->ended);
    pthread_mutex_unlock(&wait->lock);
}

gboolean store_run(Store *store, StoreLane lane, gboolean durable, StoreJobFunc run, void *data,
                   GError **error)
{
    Wait wait = {.run = run, .data = data};

    pthread_mutex_init(&wait.lock, NULL);
    pthread_cond_init(&wait.ended, NULL);
    writer_submit(store->writer, lane, durable, run_waited, end_waited, &wait, NULL);
    pthread_mutex_lock(&wait.lock);
    while (!wait.is_ended)
        pthread_cond_wait(&wait.ended, &wait.lock);
    pthread_mutex_unlock(&wait.lock);
    pthread_cond_destroy(&wait.ended);
    pthread_mutex_destroy(&wait.lock);
    if (wait.failure) {
        g_propagate_error(error, wait.failure);
        return FALSE;
    }
    return TRUE;
}

guint store_bulk_waiting(Store *store)
{
    return writer_bulk_waiting(store->writer);
}

void store_set_bulk_room(Store *store, Wake *room)
{
    writer_add_room(store->writer, room);
}

void store_set_deleted(Store *store, StoreDeletedFunc func, void *data)
{
    writer_set_deleted(store->writer, func, data);
}

void store_unset_bulk_room(Store *store, Wake *room)
{
    writer_remove_room(store->writer, room);
}
