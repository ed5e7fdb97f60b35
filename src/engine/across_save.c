/*
 * across_save.c - see across.h: messages on their way to another account out of folders that the server has
 * no more.
 *
 * A message that was fetched for another account is nowhere but here once its folder is gone. Before the
 * store hears of that, its bytes are put beside those of imported messages, and it goes on as one of them.
 */
#include "engine/across.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    Across *across;
    const Paths *paths;
    StoreReader *reader;
    GHashTable *unfetched; /* messages whose bytes were asked for and are not known to be here whole */
    GHashTable *moved;     /* messages whose first move is dealt with: later ones begin at its end */
    GHashTable *spools;    /* folders that were written to */
    GArray *saved;
} Saving;

gboolean across_is_saved(const StoreEntry *entry)
{
    return entry->verb == STORE_VERB_APPEND && entry->name && g_str_has_prefix(entry->name, STORE_SAVED);
}

static void add_number(GHashTable *set, int64_t number)
{
    g_hash_table_add(set, g_memdup2(&number, sizeof number));
}

/* What an earlier reading has left in the cache may have been cut short by a power cut. */
static gboolean is_whole(const Saving *saving, const StoreEntry *entry, int fd)
{
    struct stat is;

    return fstat(fd, &is) == 0 && is.st_size > 0 &&
           (is.st_size == entry->size_bytes || !g_hash_table_contains(saving->unfetched, &entry->message));
}

static char *write_bytes(const Saving *saving, const StoreEntry *entry, int from, GError **error)
{
    g_autofree char *spool = across_folder(saving->paths, entry->account);
    g_autofree char *start = g_strdup_printf(STORE_SAVED "%" G_GINT64_FORMAT, entry->id);

    if (!file_make_folder(spool, error))
        return NULL;
    char *name = across_write_file(spool, start, from, error);
    if (name)
        g_hash_table_add(saving->spools, g_steal_pointer(&spool));
    return name;
}

/* What is not here cannot be saved, which is no error. FALSE and STORE. */
static gboolean save(const Saving *saving, const StoreEntry *entry, GError **error)
{
    GError *failed = NULL;
    g_autoptr(StoreMessage) message = store_read_message(saving->reader, entry->message, &failed);
    const int fd = message ? across_open_message(saving->across, message, &failed) : -1;
    char *name = NULL;

    if (fd >= 0) {
        if (is_whole(saving, entry, fd))
            name = write_bytes(saving, entry, fd, &failed);
        close(fd);
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (name)
        g_array_append_val(saving->saved, ((StoreSaved){entry->id, name}));
    return TRUE;
}

static GHashTable *new_numbers(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

/* Each message's copies, and the first move, which ends its stay there. */
static gboolean save_all(const Saving *saving, const GPtrArray *entries, GHashTable *gone, GError **error)
{
    for (guint i = 0; i < entries->len; i++) {
        const StoreEntry *entry = entries->pdata[i];
        if ((entry->verb != STORE_VERB_MOVE && entry->verb != STORE_VERB_COPY) || !entry->is_across ||
            !g_hash_table_contains(gone, &entry->server_folder) ||
            g_hash_table_contains(saving->moved, &entry->message))
            continue;
        if (entry->verb == STORE_VERB_MOVE)
            add_number(saving->moved, entry->message);
        if (!save(saving, entry, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean sync_spools(const Saving *saving, GError **error)
{
    GHashTableIter iter;
    void *spool;

    g_hash_table_iter_init(&iter, saving->spools);
    while (g_hash_table_iter_next(&iter, &spool, NULL))
        if (!file_sync_folder(spool, error))
            return FALSE;
    return TRUE;
}

static void clear_saved(void *data)
{
    g_free(((StoreSaved *)data)->file);
}

GArray *across_save(Across *across, const Paths *paths, StoreReader *reader, GHashTable *gone, GError **error)
{
    g_autoptr(GPtrArray) entries = store_read_journal(reader, NULL, FALSE, error);
    g_autoptr(GHashTable) unfetched = new_numbers(), moved = new_numbers(),
                          spools = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GArray) saved = g_array_new(FALSE, FALSE, sizeof(StoreSaved));
    const Saving saving = {across, paths, reader, unfetched, moved, spools, saved};

    g_array_set_clear_func(saved, clear_saved);
    for (guint i = 0; entries && i < entries->len; i++) {
        const StoreEntry *entry = entries->pdata[i];
        if (entry->verb == STORE_VERB_FETCH)
            add_number(unfetched, entry->message);
    }
    const gboolean ok = entries && save_all(&saving, entries, gone, error) && sync_spools(&saving, error);
    across_release(across);
    return ok ? g_steal_pointer(&saved) : NULL;
}
