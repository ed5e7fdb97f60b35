/*
 * play_fetch.c - messages of this account that go to another one: brought into the cache, where that one
 * takes them from (play_private.h).
 *
 * In groups, so that the other account begins with the first ones while the next come in. Between two of them
 * others are let in, also where nothing has to be fetched: each file is made durable, and a thousand of those
 * take their time.
 */
#include "engine/play_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/find.h"
#include "engine/link.h"
#include "maildir/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP_MESSAGES 50
#define GROUP_BYTES (8 << 20)

/* Whether it is in the cache. What was put there another time may have been cut short by a power cut, so it
 * has to have the size that the server tells (`size_bytes`), or goes; what came in just now, size_bytes -1,
 * was counted as it came, and is what the server has, whatever size it tells. */
static gboolean is_cached(const Play *play, const StoreBody *body, int64_t size_bytes)
{
    g_autofree char *path = cache_path(play->with->cache_folder, (CacheName){body->body_id, body->token});
    struct stat is;

    if (stat(path, &is) != 0)
        return FALSE;
    if (is.st_size > 0 && (size_bytes < 0 || is.st_size == size_bytes))
        return TRUE;
    unlink(path);
    return FALSE;
}

typedef enum { CACHED_BEFORE, CACHED_NOW } Cached;

/* What of a group is not here yet, as StoreBody. NULL and STORE. */
static GArray *bodies_of(const Play *play, const PlayRun *run, Cached when, GError **error)
{
    g_autoptr(GArray) bodies = g_array_new(FALSE, FALSE, sizeof(StoreBody));

    for (guint i = 0; i < run->n; i++) {
        const StoreEntry *entry = run->entries[i];
        GError *failed = NULL;
        g_autoptr(StoreMessage) message = store_read_message(play->with->reader, entry->message, &failed);
        if (failed) {
            g_propagate_error(error, failed);
            return NULL;
        }
        const StoreBody body = {.id = entry->message,
                                .body_id = message ? message->body_id : entry->message,
                                .folder_id = entry->server_folder,
                                .uid = entry->uid,
                                .size_bytes = entry->size_bytes,
                                .arrival_s = message ? message->arrival_s : 0,
                                .token = message ? store_message_token(message) : 0};
        if (message && !is_cached(play, &body, when == CACHED_NOW ? -1 : entry->size_bytes))
            g_array_append_val(bodies, body);
    }
    return g_steal_pointer(&bodies);
}

static gboolean is_missing(const GArray *bodies, int64_t id)
{
    gboolean is_missing = FALSE;

    for (guint i = 0; i < bodies->len; i++)
        is_missing |= g_array_index(bodies, StoreBody, i).id == id;
    return is_missing;
}

/* Those of the run that the server has still. NULL: an error, or *is_renewed_out. */
static ImapUidSet *search_them(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const StoreEntry *first = run->entries[0];
    g_autoptr(ImapUidSet) uids = play_uids_of(run);
    g_autofree char *set = imap_uid_set_text(uids);

    if (!play_select(play, first->server_folder, first->server_raw, is_renewed_out, error) || *is_renewed_out)
        return NULL;
    return find_uids(play->with->session, set, error);
}

/* What is at the other account's disposal from now on, and will be taken away at the server on that account,
 * is to survive a power cut. FALSE and STORE. */
static gboolean sync_file(const Play *play, const StoreEntry *entry, GError **error)
{
    g_autoptr(StoreMessage) message = store_read_message(play->with->reader, entry->message, NULL);
    const CacheName name = {message ? message->body_id : entry->message,
                            message ? store_message_token(message) : 0};
    g_autofree char *path = cache_path(play->with->cache_folder, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) /* the row is gone, or the cache was swept: it is fetched again where it is wanted */
        return TRUE;
    const gboolean ok = fsync(fd) == 0;
    if (!ok)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
    close(fd);
    return ok;
}

static void end_here(PlayEnd *end, const Play *play, const StoreEntry *entry)
{
    g_autoptr(GError) failed = NULL;

    if (sync_file(play, entry, &failed))
        play_end_done(end, entry, 0);
    else
        play_end_later(end, entry, failed->message);
}

/* `failed`: of the disk, or NULL. What the server did not give is gone, or will be given another time. */
static gboolean end_fetched(Play *play, const PlayRun *run, const GError *failed, gboolean *is_renewed_out,
                            GError **error)
{
    g_autoptr(GArray) missing = bodies_of(play, run, CACHED_NOW, error);
    g_autoptr(ImapUidSet) there = NULL;

    if (!missing)
        return FALSE;
    if (missing->len && !failed && !(there = search_them(play, run, is_renewed_out, error)))
        return *is_renewed_out;
    PlayEnd *end = play_end_new();
    for (guint i = 0; i < run->n; i++) {
        const StoreEntry *entry = run->entries[i];
        if (!is_missing(missing, entry->message))
            end_here(end, play, entry);
        else if (failed)
            play_end_later(end, entry, failed->message);
        else if (!imap_uid_set_contains(there, entry->uid))
            play_end_gone(end, entry);
        else
            play_end_unfetched(end, entry);
    }
    return play_end_commit(end, play, error);
}

static gboolean fetch_group(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const StoreEntry *first = run->entries[0];
    const PlayImap *with = play->with;
    g_autoptr(GArray) bodies = bodies_of(play, run, CACHED_BEFORE, error);
    GError *failed = NULL;

    if (!bodies)
        return FALSE;
    if (!bodies->len)
        return end_fetched(play, run, NULL, is_renewed_out, error);
    if (!play_select(play, first->server_folder, first->server_raw, is_renewed_out, &failed))
        return play_end_run_failed(play, run, failed, error);
    if (*is_renewed_out)
        return TRUE;
    const gboolean ok = with->fetch(first->server_folder, bodies, with->data, &failed);
    g_clear_pointer(&play->selected, g_free);
    if (!ok && !link_survives(failed)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    const gboolean is_ended = end_fetched(play, run, failed, is_renewed_out, error);
    g_clear_error(&failed);
    return is_ended;
}

/* How many go at once: a large one goes alone. */
static guint group_length(StoreEntry *const *entries, guint n)
{
    int64_t bytes = entries[0]->size_bytes;
    guint length = 1;

    while (length < MIN(n, GROUP_MESSAGES) && (bytes += entries[length]->size_bytes) <= GROUP_BYTES)
        length++;
    return length;
}

gboolean play_fetch(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const PlayImap *with = play->with;

    for (guint at = 0, n; at < run->n && !*is_renewed_out; at += n) {
        n = group_length(run->entries + at, run->n - at);
        with->progress(_("messages for another account"), at, run->n, with->data);
        if (!with->checkpoint(with->data, error) ||
            !fetch_group(play, &(PlayRun){run->entries + at, n}, is_renewed_out, error))
            return FALSE;
    }
    return TRUE;
}
