/* sweep.c - see sweep.h. */
#include "engine/sweep.h"
#include "base/clock.h"
#include "maildir/shelf.h"
#include "store/journal.h"

/* What was read so lately may be being read. */
#define IN_USE_S 60

typedef struct {
    CacheEntry entry;
    const char *account; /* interned in `accounts` */
} File;

struct Sweep {
    const char *cache_folder;
    StoreReader *reader;
    GHashTable *bytes; /* account -> int64_t * */
    GArray *files;     /* File; NULL: they are only counted */
    GArray *entries;   /* of a shelf */
};

Sweep *sweep_new(const char *cache_folder, StoreReader *reader, gboolean is_for_room)
{
    Sweep *sweep = g_new0(Sweep, 1);

    sweep->cache_folder = cache_folder;
    sweep->reader = reader;
    sweep->bytes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sweep->files = is_for_room ? g_array_new(FALSE, FALSE, sizeof(File)) : NULL;
    sweep->entries = g_array_new(FALSE, FALSE, sizeof(CacheEntry));
    return sweep;
}

void sweep_free(Sweep *sweep)
{
    g_hash_table_unref(sweep->bytes);
    if (sweep->files)
        g_array_unref(sweep->files);
    g_array_unref(sweep->entries);
    g_free(sweep);
}

GHashTable *sweep_bytes(Sweep *sweep)
{
    return sweep->bytes;
}

static void count(Sweep *sweep, const CacheEntry *entry, const char *account)
{
    void *name, *bytes;

    if (!g_hash_table_lookup_extended(sweep->bytes, account, &name, &bytes)) {
        name = g_strdup(account);
        bytes = g_new0(int64_t, 1);
        g_hash_table_insert(sweep->bytes, name, bytes);
    }
    *(int64_t *)bytes += entry->size_bytes;
    if (sweep->files) {
        const File file = {*entry, name};
        g_array_append_val(sweep->files, file);
    }
}

/* A store that cannot be read just now is no reason to take a file away. */
static void look_at(Sweep *sweep, const CacheEntry *entry)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreMessage) message = store_read_body_owner(sweep->reader, entry->name.id, &error);

    if (message && store_message_token(message) == entry->name.token)
        count(sweep, entry, message->account);
    else if (!error)
        cache_remove(sweep->cache_folder, entry->name);
}

gboolean sweep_shelf(Sweep *sweep, guint shelf)
{
    g_array_set_size(sweep->entries, 0);
    cache_shelf_list(sweep->cache_folder, shelf, sweep->entries);
    for (guint i = 0; i < sweep->entries->len; i++)
        look_at(sweep, &g_array_index(sweep->entries, CacheEntry, i));
    return sweep->entries->len > 0;
}

static int by_reading(const void *a, const void *b)
{
    const File *one = a, *other = b;

    if (one->entry.read_s != other->entry.read_s)
        return one->entry.read_s < other->entry.read_s ? -1 : 1;
    return one->entry.name.id < other->entry.name.id ? -1 : one->entry.name.id > other->entry.name.id;
}

/* Until no more than `wanted` bytes are left; `spared`: but for what is on its way to another account. */
static void remove_oldest(Sweep *sweep, const char *account, int64_t *bytes, int64_t wanted, gboolean spared)
{
    const int64_t in_use_s = clock_wall_s() - IN_USE_S;

    for (guint i = 0; i<sweep->files->len && * bytes> wanted; i++) {
        File *file = &g_array_index(sweep->files, File, i);
        if (file->account != account || file->entry.read_s > in_use_s ||
            (spared && store_journal_is_leaving(sweep->reader, file->entry.name.id, NULL) == 1))
            continue;
        cache_remove(sweep->cache_folder, file->entry.name);
        *bytes -= file->entry.size_bytes;
        file->account = NULL; /* it is gone */
    }
}

void sweep_make_room(Sweep *sweep, int64_t (*limit)(const char *account, void *data), void *data)
{
    GHashTableIter iter;
    void *account, *value;

    g_array_sort(sweep->files, by_reading);
    g_hash_table_iter_init(&iter, sweep->bytes);
    while (g_hash_table_iter_next(&iter, &account, &value)) {
        const int64_t most = limit(account, data);
        if (*(int64_t *)value > most)
            remove_oldest(sweep, account, value, most / 10 * 9, TRUE);
        remove_oldest(sweep, account, value, most < INT64_MAX / 2 ? most * 2 : INT64_MAX, FALSE);
    }
}
