/* keep.c - see keep.h: which messages are wanted. How they come is in keep_fetch.c. */
#include "engine/keep.h"
#include "base/clock.h"
#include "engine/keep_fetch.h"
#include "maildir/cache.h"
#include "store/ids.h"

/* Rows that are looked at in one go. */
#define ROWS_AT_ONCE 500
#define DAY_S (24 * 60 * 60)
/* New mail comes even where there is no more room: what was read longest ago goes for it. */
#define NEW_S (30 * DAY_S)

typedef struct {
    const KeepContext *context;
    int64_t now_s;
    const StoreFolder *folder;
    ConfigKeep keep; /* of the folder */
    KeepFetch *fetch;
    int64_t bytes; /* of the folder's messages that were looked at, here or fetched */
    gboolean is_full;
} Run;

static gboolean is_too_old(const Run *run, int64_t time_s)
{
    return run->keep.age_s && time_s < run->now_s - run->keep.age_s;
}

static gboolean is_wanted(const Run *run, const StoreBody *body)
{
    return body->folder_id == run->folder->id && !is_too_old(run, body->arrival_s) &&
           (run->keep.what == CONFIG_KEEP_ALL || body->size_bytes <= KEEP_TEXT_BYTES);
}

/* Asks for a message, unless it is here. FALSE and an error: no more can be fetched. */
static gboolean take(Run *run, const StoreBody *body, gboolean is_new, GError **error)
{
    const KeepContext *context = run->context;

    if (!is_wanted(run, body))
        return TRUE;
    run->bytes += body->size_bytes;
    if (run->keep.size_bytes && run->bytes > run->keep.size_bytes && !is_new) {
        run->is_full = TRUE;
        return TRUE;
    }
    if (cache_has(context->cache_folder, (CacheName){body->body_id, body->token}))
        return TRUE;
    const int64_t room =
        housekeeper_fill_room(context->housekeeper, context->account->id) - keep_fetch_asked(run->fetch);
    if (room < body->size_bytes && !(is_new && body->arrival_s > run->now_s - NEW_S)) {
        run->is_full = TRUE;
        return TRUE;
    }
    return keep_fetch_add(run->fetch, body, error);
}

static gboolean begin_folder(Run *run, const StoreFolder *folder, GError **error)
{
    run->folder = folder;
    run->keep = config_account_keep(run->context->account, folder->name);
    run->bytes = 0;
    return keep_fetch_folder(run->fetch, folder, error);
}

static gboolean is_kept(const Run *run, const StoreFolder *folder)
{
    return folder->selectable && folder->sync.uid_validity &&
           config_account_keep(run->context->account, folder->name).what != CONFIG_KEEP_HEADERS;
}

/* From the newest to the oldest. */
static gboolean fill_folder(Run *run, const StoreFolder *folder, GError **error)
{
    int64_t below = INT64_MAX;
    gboolean is_done = FALSE;

    if (!begin_folder(run, folder, error))
        return FALSE;
    run->is_full = FALSE;
    while (!is_done && !run->is_full) {
        g_autoptr(GArray) bodies =
            store_read_bodies(run->context->sync->reader, folder->id, below, ROWS_AT_ONCE, error);
        if (!bodies)
            return FALSE;
        for (guint i = 0; i < bodies->len && !run->is_full; i++) {
            const StoreBody *body = &g_array_index(bodies, StoreBody, i);
            below = body->key;
            /* They stand in the order of Date, which is at most a day after the arrival. */
            is_done = is_too_old(run, body->sorted_s + DAY_S);
            if (is_done)
                break;
            if (!take(run, body, FALSE, error))
                return FALSE;
        }
        is_done |= bodies->len < ROWS_AT_ONCE;
    }
    return keep_fetch_finish(run->fetch, error);
}

static gboolean fill_all(Run *run, const GPtrArray *folders, GError **error)
{
    for (guint i = 0; i < folders->len; i++)
        if (is_kept(run, folders->pdata[i]) && !fill_folder(run, folders->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* Those of `bodies` that are in that folder, the ones that came last first. */
static gboolean fill_from(Run *run, const StoreFolder *folder, const GArray *bodies, GError **error)
{
    gboolean is_begun = FALSE;

    for (guint i = bodies->len; i > 0; i--) {
        const StoreBody *body = &g_array_index(bodies, StoreBody, i - 1);
        if (body->folder_id != folder->id)
            continue;
        if (!is_begun && !begin_folder(run, folder, error))
            return FALSE;
        is_begun = TRUE;
        if (!take(run, body, TRUE, error))
            return FALSE;
    }
    return !is_begun || keep_fetch_finish(run->fetch, error);
}

/* What has come since the last time. */
static gboolean fill_after(Run *run, const GPtrArray *folders, int64_t id, GError **error)
{
    guint n;

    do {
        g_autoptr(GArray) bodies =
            store_read_bodies_after(run->context->sync->reader, id, ROWS_AT_ONCE, error);
        if (!bodies)
            return FALSE;
        for (guint i = 0; i < folders->len && bodies->len; i++)
            if (is_kept(run, folders->pdata[i]) && !fill_from(run, folders->pdata[i], bodies, error))
                return FALSE;
        n = bodies->len;
        if (n)
            id = g_array_index(bodies, StoreBody, n - 1).id;
    } while (n == ROWS_AT_ONCE);
    return TRUE;
}

/* What is kept, as it stands in the configuration. */
static char *rule_of(const ConfigAccount *account)
{
    const ConfigOption *key = config_account_keys();

    while (key->type != OPTION_KEEP)
        key++;
    return config_account_format(account, key);
}

gboolean keep_fill(const KeepContext *context, GError **error)
{
    const char *account = context->account->id;
    g_autofree char *rule = rule_of(context->account);
    const int64_t kept = housekeeper_kept(context->housekeeper, account, rule);
    int64_t last;

    if (!store_read_last_id(context->sync->reader, &last, error))
        return FALSE;
    if (last <= kept)
        return TRUE;
    g_autoptr(GPtrArray) folders = store_read_folders(context->sync->reader, account, error);
    if (!folders)
        return FALSE;
    Run run = {.context = context, .now_s = clock_wall_s(), .fetch = keep_fetch_new(context)};
    const gboolean is_done = kept ? fill_after(&run, folders, kept, error) : fill_all(&run, folders, error);
    keep_fetch_free(run.fetch);
    if (is_done)
        housekeeper_set_kept(context->housekeeper, account, rule, last);
    return is_done;
}
