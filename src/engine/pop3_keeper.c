/* pop3_keeper.c - see pop3_keeper.h. */
#include "engine/pop3_keeper_private.h"

#include "base/clock.h"
#include "engine/stubs.h"
#include "maildir/deliver_many.h"

#include <fcntl.h>
#include <unistd.h>

/* A message that is here and not yet committed. */
typedef struct {
    MaildirDelivery *delivery; /* NULL once it has its name */
    char *key, *base;
    int64_t octets;
    guint64 headers;
    gboolean is_stub, is_doubtful;
} Arrived;

/* A group whose files are being synced. */
struct Preparation {
    GPtrArray *group;        /* Arrived * */
    GPtrArray *deliveries;   /* theirs, until all are synced */
    MaildirSyncing *syncing; /* NULL: it was waited for */
};

/* ---- syncing ---- */

static void arrived_free(gpointer data)
{
    Arrived *arrived = data;

    if (arrived->delivery)
        maildir_delivery_discard(arrived->delivery);
    g_free(arrived->key);
    g_free(arrived->base);
    g_free(arrived);
}

/* Waits for the threads. */
static gboolean await(Preparation *preparation, GError **error)
{
    MaildirSyncing *syncing = g_steal_pointer(&preparation->syncing);

    return !syncing || maildir_sync_end(syncing, error);
}

/* NULL is allowed. */
static void preparation_free(Preparation *preparation)
{
    if (!preparation)
        return;
    await(preparation, NULL);
    g_ptr_array_unref(preparation->deliveries);
    g_ptr_array_unref(preparation->group);
    g_free(preparation);
}

Keeper *keeper_new(const char *account, const char *root, const char *stubs, UidlLog *log,
                   const KeeperOwner *owner, GError **error)
{
    g_autoptr(MaildirFolder) inbox = maildir_open(root, MAILDIR_INBOX, error);
    GError *failed = NULL;
    MaildirFolder *folder = inbox ? stubs_open(stubs, FALSE, &failed) : NULL;

    if (failed)
        g_propagate_error(error, failed);
    if (!inbox || failed)
        return NULL;
    Keeper *keeper = g_new0(Keeper, 1);
    keeper->stubs_root = g_strdup(stubs);
    keeper->stubs = folder;
    keeper->account = g_strdup(account);
    keeper->root = g_strdup(root);
    keeper->inbox = g_steal_pointer(&inbox);
    keeper->log = log;
    keeper->owner = *owner;
    keeper->gone = g_ptr_array_new_with_free_func(g_free);
    keeper->group = g_ptr_array_new_with_free_func(arrived_free);
    return keeper;
}

void keeper_free(Keeper *keeper)
{
    if (!keeper)
        return;
    preparation_free(keeper->preparing);
    if (keeper->coming)
        maildir_delivery_discard(keeper->coming);
    g_ptr_array_unref(keeper->group);
    g_ptr_array_unref(keeper->gone);
    maildir_close(keeper->inbox);
    maildir_close(keeper->stubs);
    g_free(keeper->stubs_root);
    g_free(keeper->account);
    g_free(keeper->root);
    g_free(keeper);
}

/* ---- a session's messages ---- */

static MaildirFolder *stubs_of(Keeper *keeper, GError **error)
{
    if (!keeper->stubs)
        keeper->stubs = stubs_open(keeper->stubs_root, TRUE, error);
    return keeper->stubs;
}

/* A stub that becomes whole keeps its base. */
static char *base_for(const Keeper *keeper, const Pop3Item *item)
{
    const gboolean was_stub = item->known && item->known->is_stub;
    const UidlEntry *entry = was_stub                ? uidl_log_find(keeper->log, item->known->uidl)
                             : item->is_header_first ? uidl_log_find(keeper->log, item->key)
                                                     : NULL;
    g_autofree char *mark = uidl_mark(keeper->account, item->key);

    if (entry && item->step == POP3_FETCH)
        return g_strdup(entry->base);
    g_autofree char *base = uidl_new_base(mark);
    return item->step == POP3_FETCH ? g_steal_pointer(&base) : stubs_base(base, item->message->octets);
}

static int open_message(const Pop3Item *item, void *data, GError **error)
{
    Keeper *keeper = data;
    g_autofree char *base = base_for(keeper, item);
    MaildirFolder *folder = item->step == POP3_FETCH_HEADERS ? stubs_of(keeper, error) : keeper->inbox;

    keeper->coming = folder ? maildir_deliver(folder, base, error) : NULL;
    return keeper->coming ? maildir_delivery_fd(keeper->coming) : -1;
}

static gboolean close_message(const Pop3Item *item, uint64_t octets, int64_t bytes, guint64 headers,
                              const GError *failed, void *data, GError **error)
{
    Keeper *keeper = data;
    MaildirDelivery *delivery = g_steal_pointer(&keeper->coming);

    (void)bytes, (void)error;
    if (failed) {
        if (delivery)
            maildir_delivery_discard(delivery);
        return TRUE;
    }
    /* So that the group's first fsync finds all its files on their way, and the others have little to wait
     * for. That it cannot be had is no failure. */
    sync_file_range(maildir_delivery_fd(delivery), 0, 0, SYNC_FILE_RANGE_WRITE);
    Arrived *arrived = g_new0(Arrived, 1);
    arrived->delivery = delivery;
    arrived->key = g_strdup(item->key);
    arrived->octets = (int64_t)octets;
    arrived->headers = headers;
    arrived->is_stub = item->step == POP3_FETCH_HEADERS;
    arrived->is_doubtful = item->is_doubtful;
    g_ptr_array_add(keeper->group, arrived);
    return TRUE;
}

static gboolean prepare(void *data, GError **error)
{
    Keeper *keeper = data;
    Preparation *preparation = g_new0(Preparation, 1);

    preparation->group = keeper->group;
    keeper->group = g_ptr_array_new_with_free_func(arrived_free);
    preparation->deliveries = g_ptr_array_sized_new(preparation->group->len);
    for (guint i = 0; i < preparation->group->len; i++)
        g_ptr_array_add(preparation->deliveries, ((Arrived *)preparation->group->pdata[i])->delivery);
    preparation->syncing = maildir_sync_begin((MaildirDelivery *const *)preparation->deliveries->pdata,
                                              preparation->deliveries->len, error);
    if (preparation->syncing) {
        keeper->preparing = preparation;
        return TRUE;
    }
    preparation_free(preparation);
    return FALSE;
}

static gboolean is_prepared(void *data)
{
    const Keeper *keeper = data;

    return !keeper->preparing || maildir_sync_is_done(keeper->preparing->syncing);
}

/* Each file, its name, and the folder. */
static gboolean deliver_group(Keeper *keeper, const GPtrArray *group, GError **error)
{
    for (guint i = 0; i < group->len; i++) {
        Arrived *arrived = group->pdata[i];
        if (!maildir_delivery_commit(g_steal_pointer(&arrived->delivery), 0, NULL, 0, &arrived->base, error))
            return FALSE;
    }
    return group->len == 0 ||
           (maildir_flush(keeper->inbox, error) && (!keeper->stubs || maildir_flush(keeper->stubs, error)));
}

static void log_group(Keeper *keeper, const GPtrArray *group)
{
    const int64_t now_s = clock_wall_s();

    for (guint i = 0; i < group->len; i++) {
        const Arrived *arrived = group->pdata[i];
        const UidlEntry entry = {.uidl = arrived->key,
                                 .size_bytes = arrived->octets,
                                 .fetched_s = now_s,
                                 .header_hash = arrived->headers,
                                 .base = arrived->base,
                                 .is_stub = arrived->is_stub,
                                 .is_doubtful = arrived->is_doubtful};
        uidl_log_add(keeper->log, &entry);
    }
}

/* After a failure what has its name already is recognised by its mark the next time. */
static gboolean finish(Keeper *keeper, Preparation *preparation, GError **error)
{
    if (!await(preparation, error) || !deliver_group(keeper, preparation->group, error))
        return FALSE;
    log_group(keeper, preparation->group);
    return TRUE;
}

static gboolean commit(void *data, GError **error)
{
    Keeper *keeper = data;
    Preparation *preparation = g_steal_pointer(&keeper->preparing);

    const gboolean ok =
        (!preparation || finish(keeper, preparation, error)) && uidl_log_sync(keeper->log, error);
    const gboolean has_arrived = preparation != NULL;
    preparation_free(preparation);
    if (ok && keeper->gone->len) {
        keeper_remove_stubs(keeper, keeper->gone, NULL); /* else the next visit does it */
        g_ptr_array_set_size(keeper->gone, 0);
    }
    return ok && (!has_arrived || keeper->owner.committed(keeper->owner.data, error));
}

static void rename_key(const Pop3Item *item, void *data)
{
    Keeper *keeper = data;
    const UidlEntry *old = uidl_log_find(keeper->log, item->known->uidl);

    if (!old)
        return;
    g_autofree char *base = g_strdup(old->base);
    UidlEntry entry = *old;
    entry.uidl = item->key;
    entry.base = base;
    entry.size_bytes = MIN(old->size_bytes, (int64_t)item->message->octets); /* of a short one: what came */
    entry.is_doubtful = FALSE;                                               /* its header was seen */
    if (entry.is_stub)
        entry.fetched_s = clock_wall_s();
    uidl_log_add(keeper->log, &entry);
    uidl_log_gone(keeper->log, item->known->uidl);
}

static gboolean doubt_arrived(const GPtrArray *group, const char *key, gboolean is_doubtful)
{
    for (guint i = 0; i < group->len; i++) {
        Arrived *arrived = group->pdata[i];
        if (arrived->is_stub || !g_str_equal(arrived->key, key))
            continue;
        arrived->is_doubtful = is_doubtful;
        return TRUE;
    }
    return FALSE;
}

/* It may be on its way to the log yet. */
static void doubt(const char *key, gboolean is_doubtful, void *data)
{
    Keeper *keeper = data;

    if (doubt_arrived(keeper->group, key, is_doubtful) ||
        (keeper->preparing && doubt_arrived(keeper->preparing->group, key, is_doubtful)))
        return;
    const UidlEntry *old = uidl_log_find(keeper->log, key);
    if (!old || (!old->is_stub && old->is_doubtful == is_doubtful))
        return;
    UidlEntry entry = *old;
    entry.is_doubtful = is_doubtful && !old->is_stub;
    if (old->is_stub)
        entry.fetched_s = is_doubtful ? 0 : clock_wall_s();
    uidl_log_add(keeper->log, &entry);
}

static void forget(const char *key, void *data)
{
    Keeper *keeper = data;
    const UidlEntry *entry = uidl_log_find(keeper->log, key);

    if (entry && entry->is_stub)
        g_ptr_array_add(keeper->gone, g_strdup(entry->base));
    uidl_log_gone(keeper->log, key);
}

static gboolean show(void *data, GError **error)
{
    const Keeper *keeper = data;

    return !keeper->owner.show || keeper->owner.show(keeper->owner.data, error);
}

static void pass_progress(const Pop3Progress *progress, void *data)
{
    Keeper *keeper = data;

    if (keeper->progress)
        keeper->progress(progress, keeper->owner.data);
}

/* ---- what is known ---- */

GArray *keeper_known(const UidlLog *log, const char *asked_for)
{
    g_autoptr(GPtrArray) entries = uidl_log_entries(log);
    GArray *known = g_array_sized_new(FALSE, FALSE, sizeof(Pop3Known), entries->len);

    for (guint i = 0; i < entries->len; i++) {
        const UidlEntry *entry = entries->pdata[i];
        const Pop3Known one = {.uidl = entry->uidl,
                               .octets = (uint64_t)MAX(entry->size_bytes, 0),
                               .headers = entry->header_hash,
                               .fetched_s = entry->fetched_s,
                               .is_unwanted = entry->is_unwanted,
                               .is_stub = entry->is_stub,
                               .is_doubtful = entry->is_doubtful,
                               .is_nowhere = !*entry->base,
                               .is_asked_for = entry->is_stub && g_strcmp0(entry->base, asked_for) == 0};
        g_array_append_val(known, one);
    }
    return known;
}

Pop3Keeper keeper_as_pop3(Keeper *keeper, void (*progress)(const Pop3Progress *progress, void *data))
{
    keeper->progress = progress;
    return (Pop3Keeper){.find = keeper_find_items,
                        .open = open_message,
                        .close = close_message,
                        .prepare = prepare,
                        .is_prepared = is_prepared,
                        .commit = commit,
                        .renamed = rename_key,
                        .doubt = doubt,
                        .gone = forget,
                        .show = show,
                        .progress = pass_progress,
                        .data = keeper};
}
