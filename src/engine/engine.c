/* engine.c - see engine.h. The face of the engine: numbers for requests, a queue for events, the last known
 * states. */
#include "engine/engine.h"
#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/across.h"
#include "engine/control.h"
#include "engine/disk_box.h"
#include "engine/feed.h"
#include "engine/stranded.h"
#include "engine/sync_pop3.h"
#include "maildir/cache.h"
#include "smtp/send.h"
#include "store/journal.h"
#include "store/read.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* How long a command waits for another process that reads a folder. */
#define PLAY_HERE_US (2 * SECOND_US)
/* From account to account, and back. */
#define PLAY_ROUNDS 4
#define READER_BUSY_MS 5000

struct Engine {
    Config *config;
    const Paths *paths;
    Control *control;
    Feed *feed;
    _Atomic guint64 last_request;
    pthread_mutex_t lock;
    GHashTable *states; /* account -> EngineEvent */
};

static void free_event(void *event)
{
    engine_event_free(event);
}

/* On the dispatcher's thread. */
static void deliver(EngineEvent *event, void *data)
{
    Engine *engine = data;

    if (event->kind == ENGINE_EVENT_STATE && event->account) {
        pthread_mutex_lock(&engine->lock);
        g_hash_table_replace(engine->states, g_strdup(event->account), engine_event_copy(event));
        pthread_mutex_unlock(&engine->lock);
    }
    feed_push(engine->feed, event);
}

static void free_engine(Engine *engine)
{
    feed_free(engine->feed);
    g_hash_table_unref(engine->states);
    pthread_mutex_destroy(&engine->lock);
    config_unref(engine->config);
    g_free(engine);
}

Engine *engine_start(Config *config, Store *store, const Paths *paths, gboolean offline, GError **error)
{
    Engine *engine = g_new0(Engine, 1);

    engine->config = config_ref(config);
    engine->paths = paths;
    engine->feed = feed_new();
    pthread_mutex_init(&engine->lock, NULL);
    engine->states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_event);
    const ControlContext context = {.config = config,
                                    .store = store,
                                    .paths = paths,
                                    .offline = offline,
                                    .deliver = deliver,
                                    .data = engine};
    engine->control = control_start(&context, error);
    if (!engine->control) {
        free_engine(engine);
        return NULL;
    }
    return engine;
}

gboolean engine_stop(Engine *engine)
{
    if (!engine)
        return TRUE;
    if (!control_stop(engine->control))
        return FALSE;
    free_engine(engine);
    return TRUE;
}

EngineEvent *engine_next_event(Engine *engine)
{
    return feed_pop(engine->feed);
}

Wake *engine_wake(Engine *engine)
{
    return feed_wake(engine->feed);
}

static guint64 request(Engine *engine, EngineVerb verb, const char *account, const char *folder,
                       int64_t number)
{
    const guint64 id = atomic_fetch_add(&engine->last_request, 1) + 1;

    control_request(engine->control, engine_request_new(verb, id, account, folder, number));
    return id;
}

guint64 engine_sync(Engine *engine, const char *account, const char *folder)
{
    return request(engine, ENGINE_VERB_SYNC, account, folder, 0);
}

guint64 engine_sync_deleting(Engine *engine, const char *account)
{
    return request(engine, ENGINE_VERB_SYNC, account, NULL, ENGINE_SYNC_DELETING);
}

guint64 engine_open_folder(Engine *engine, int64_t folder_id)
{
    return request(engine, ENGINE_VERB_OPEN_FOLDER, NULL, NULL, folder_id);
}

guint64 engine_fetch(Engine *engine, int64_t message_id)
{
    return request(engine, ENGINE_VERB_FETCH, NULL, NULL, message_id);
}

guint64 engine_keep(Engine *engine, const char *account)
{
    return request(engine, ENGINE_VERB_KEEP, account, NULL, 0);
}

guint64 engine_send(Engine *engine, const char *account)
{
    return request(engine, ENGINE_VERB_SEND, account, NULL, 0);
}

gboolean engine_address_is_valid(const char *address)
{
    return smtp_address_is_valid(address);
}

guint64 engine_check(Engine *engine, const char *account)
{
    return request(engine, ENGINE_VERB_CHECK, account, NULL, 0);
}

guint64 engine_check_sending(Engine *engine, const char *account)
{
    return request(engine, ENGINE_VERB_CHECK_SENDING, account, NULL, 0);
}

void engine_cancel(Engine *engine, guint64 id)
{
    request(engine, ENGINE_VERB_CANCEL, NULL, NULL, (int64_t)id);
}

gboolean engine_allow_deleting(const ConfigAccount *account, const Paths *paths, GError **error)
{
    return sync_pop3_allow_deleting(account, paths, error);
}

char *engine_stranded_mail(const Config *config, const ConfigAccount *account, const Paths *paths)
{
    return stranded_notice(config, account, paths);
}

void engine_retry(Engine *engine)
{
    request(engine, ENGINE_VERB_RETRY, NULL, NULL, 0);
}

void engine_give_password(Engine *engine, const char *account, const char *password)
{
    EngineRequest *given = engine_request_new(ENGINE_VERB_PASSWORD, 0, account, NULL, 0);

    given->secret = g_strdup(password);
    control_request(engine->control, given);
}

char *engine_password_ask(const ConfigAccount *account, GError **error)
{
    return auth_password_ask(account, error);
}

void engine_password_free(char *password)
{
    auth_secret_free(password);
}

void engine_set_live(Engine *engine, gboolean shows_arrivals)
{
    request(engine, ENGINE_VERB_LIVE, NULL, NULL, shows_arrivals);
}

void engine_look(Engine *engine)
{
    request(engine, ENGINE_VERB_LOOK, NULL, NULL, 0);
}

void engine_halt(Engine *engine)
{
    request(engine, ENGINE_VERB_HALT, NULL, NULL, 0);
}

void engine_set_offline(Engine *engine, gboolean offline)
{
    request(engine, ENGINE_VERB_OFFLINE, NULL, NULL, offline);
}

/* A Maildir that is away keeps its changes waiting, which is no failure of the one that was made just now. */
static gboolean is_there(const Disk *disk)
{
    g_autofree char *root = disk_root(disk->account, disk->paths);
    g_autoptr(GError) failed = NULL;

    if (disk_make_root(disk, root, &failed))
        return TRUE;
    g_autofree char *sentence = g_strdup_printf(_("tried again later: %s"), failed->message);
    if (disk->refused)
        disk->refused(sentence, disk->data);
    return FALSE;
}

static gboolean play_account(Disk *disk, gboolean *has_played, GError **error)
{
    GError *failed = NULL;
    const int due = store_journal_is_due(disk->reader, disk->account->id, NULL, error);

    if (due <= 0)
        return due == 0;
    if (!is_there(disk))
        return TRUE;
    *has_played = TRUE;
    if (!disk_begin(disk, PLAY_HERE_US, &failed)) {
        if (failed)
            g_propagate_error(error, failed);
        return !failed;
    }
    const gboolean ok = disk_play(disk, error);
    disk_end(disk);
    return ok;
}

/* `like`: what is the same for all accounts. */
static gboolean play_accounts(const Disk *like, gboolean *has_played, GError **error)
{
    const GPtrArray *accounts = config_accounts(like->config);

    for (guint i = 0; i < accounts->len; i++) {
        Disk disk = *like;
        disk.account = accounts->pdata[i];
        if (disk_is_local(disk.account) && disk.account->is_usable && !play_account(&disk, has_played, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean has_local(const Config *config)
{
    const GPtrArray *accounts = config_accounts(config);
    gboolean has_local = FALSE;

    for (guint i = 0; i < accounts->len; i++)
        has_local |= disk_is_local(accounts->pdata[i]);
    return has_local;
}

gboolean engine_play_here(const Config *config, Store *store, const Paths *paths,
                          void (*tell)(const char *sentence, void *data), void *data, GError **error)
{
    if (!has_local(config))
        return TRUE;
    g_autoptr(StoreReader) reader = store_reader_new(store, READER_BUSY_MS, error);
    const Disk like = {
        .config = config, .paths = paths, .store = store, .reader = reader, .refused = tell, .data = data};
    gboolean has_played = reader != NULL;

    /* What one account has taken over from another is to go there. */
    for (int round = 0; round < PLAY_ROUNDS && has_played; round++) {
        has_played = FALSE;
        if (!play_accounts(&like, &has_played, error))
            return FALSE;
    }
    return reader != NULL;
}

void engine_tidy_imports(const Config *config, Store *store, const Paths *paths)
{
    g_autoptr(StoreReader) reader = store_reader_new(store, READER_BUSY_MS, NULL);

    if (reader)
        across_remove_all_strays(config, paths, reader);
}

/* Of one that was imported and waits to be put on its server. */
static char *find_imported(const Paths *paths, const StoreMessage *message)
{
    if (!message->import_file)
        return NULL;
    g_autofree char *folder = across_folder(paths, message->import_account);
    g_autofree char *path = g_build_filename(folder, message->import_file, NULL);
    return access(path, R_OK) == 0 ? g_steal_pointer(&path) : NULL;
}

static char *find_message(const Config *config, const Paths *paths, const StoreMessage *message,
                          gboolean is_likely)
{
    const ConfigAccount *account = message->file_name && message->server_account
                                       ? config_account(config, message->server_account)
                                       : NULL;
    const CacheName name = {message->body_id, store_message_token(message)};
    char *path = account ? disk_message_path(account, paths, message, is_likely) : NULL;

    if (!path)
        path = find_imported(paths, message);
    if (!path)
        path = cache_find(paths->cache, name);
    return path ? path : cache_find(paths->run, name); /* the cache took no more (worker_fetch.c) */
}

char *engine_message_path(const Config *config, const Paths *paths, const StoreMessage *message)
{
    return find_message(config, paths, message, FALSE);
}

char *engine_message_likely_path(const Config *config, const Paths *paths, const StoreMessage *message)
{
    return find_message(config, paths, message, TRUE);
}

EngineEvent *engine_account_state(Engine *engine, const char *account)
{
    pthread_mutex_lock(&engine->lock);
    const EngineEvent *last = g_hash_table_lookup(engine->states, account);
    EngineEvent *event = last ? engine_event_copy(last) : NULL;
    pthread_mutex_unlock(&engine->lock);
    return event ? event : engine_event_new(ENGINE_EVENT_STATE, 0, account);
}

gboolean engine_is_elsewhere(Engine *engine)
{
    return control_is_elsewhere(engine->control);
}

void engine_park(Engine *engine)
{
    request(engine, ENGINE_VERB_PARK, NULL, NULL, 0);
}

void engine_resume(Engine *engine)
{
    request(engine, ENGINE_VERB_RESUME, NULL, NULL, 0);
}
