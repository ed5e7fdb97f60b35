/*
 * keep_fetch.c - see keep_fetch.h.
 *
 * How much is under way at once: what the link carries in a round trip and MOMENT_US, by what was measured,
 * so that it is never idle and a person's request, which waits for what is under way, does not wait long. It
 * is asked for in pieces of a quarter of that.
 */
#include "engine/keep_fetch.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "imap/body.h"
#include "maildir/cache.h"

#define MOMENT_US (SECOND_US / 20)
#define LEAST_BYTES (64 << 10)
#define MOST_BYTES (1 << 20)
#define PIECES 4
#define PIECE_MESSAGES 200

/* A FETCH under way. */
typedef struct {
    int64_t bytes, sent_us;
} Piece;

struct KeepFetch {
    const KeepContext *context;
    const StoreFolder *folder;
    ImapBodies *bodies; /* while something is under way */
    GHashTable *asked;  /* UID -> StoreBody *, of this folder, not here yet */
    int64_t asked_bytes;
    GString *set; /* of the piece that is being put together */
    guint set_messages;
    int64_t set_bytes;
    GQueue pieces; /* Piece *, oldest first */
    int64_t pieces_bytes;

    CacheFile *file; /* that comes in just now */
    GError *disk;    /* no more can be written */

    double bytes_per_us; /* of the link, as measured; 0: not yet */
    int64_t trip_us;     /* from asking to the first bytes, when nothing else was under way */
    int64_t alone_us;    /* when a piece was sent while nothing was under way; 0: its first bytes are here */
    int64_t last_us;     /* when a piece came to its end last */
};

KeepFetch *keep_fetch_new(const KeepContext *context)
{
    KeepFetch *fetch = g_new0(KeepFetch, 1);

    fetch->context = context;
    fetch->asked = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    fetch->set = g_string_new(NULL);
    g_queue_init(&fetch->pieces);
    return fetch;
}

void keep_fetch_free(KeepFetch *fetch)
{
    imap_bodies_free(fetch->bodies);
    cache_file_discard(fetch->file);
    g_hash_table_unref(fetch->asked);
    g_string_free(fetch->set, TRUE);
    g_queue_clear_full(&fetch->pieces, g_free);
    g_clear_error(&fetch->disk);
    g_free(fetch);
}

int64_t keep_fetch_asked(const KeepFetch *fetch)
{
    return fetch->asked_bytes;
}

/* ---- files ---- */

static int open_file(void *data, GError **error)
{
    KeepFetch *fetch = data;

    if (fetch->alone_us) {
        fetch->trip_us = clock_now_us() - fetch->alone_us;
        fetch->alone_us = 0;
    }
    fetch->file = fetch->disk ? NULL : cache_file_new(fetch->context->cache_folder, error);
    return fetch->file ? cache_file_fd(fetch->file) : -1;
}

/* Never read by anybody: by its age it goes before what was. */
static int64_t read_time(const StoreBody *body)
{
    return CLAMP(body->arrival_s, 1, clock_wall_s());
}

static void put_in_place(KeepFetch *fetch, const StoreBody *body, int64_t bytes)
{
    const KeepContext *context = fetch->context;

    if (!cache_file_commit(g_steal_pointer(&fetch->file), (CacheName){body->body_id, body->token},
                           read_time(body), fetch->disk ? NULL : &fetch->disk))
        return;
    housekeeper_added(context->housekeeper, context->account->id, bytes);
}

static void forget(KeepFetch *fetch, uint32_t uid)
{
    const StoreBody *body = g_hash_table_lookup(fetch->asked, GUINT_TO_POINTER(uid));

    if (body)
        fetch->asked_bytes -= body->size_bytes;
    g_hash_table_remove(fetch->asked, GUINT_TO_POINTER(uid));
}

/* What was not asked for, or made no sense, is thrown away. */
static gboolean close_file(uint32_t uid, int64_t bytes, const GError *failed, void *data, GError **error)
{
    KeepFetch *fetch = data;
    const StoreBody *body = g_hash_table_lookup(fetch->asked, GUINT_TO_POINTER(uid));

    (void)error;
    if (failed && !fetch->disk) {
        fetch->disk = g_error_copy(failed);
        if (fetch->file)
            g_prefix_error(&fetch->disk, "%s: ", fetch->context->cache_folder);
    }
    if (body && !failed && fetch->file && bytes > 0)
        put_in_place(fetch, body, bytes);
    cache_file_discard(g_steal_pointer(&fetch->file));
    forget(fetch, uid);
    return TRUE;
}

/* ---- pieces ---- */

static int64_t most_under_way(const KeepFetch *fetch)
{
    const double bytes = fetch->bytes_per_us * (double)(fetch->trip_us + MOMENT_US);

    return CLAMP((int64_t)bytes, LEAST_BYTES, MOST_BYTES);
}

/* A piece that came while others were under way took the time since the one before it. */
static void measure(KeepFetch *fetch, const Piece *piece)
{
    const int64_t now_us = clock_now_us(), began_us = MAX(piece->sent_us, fetch->last_us);
    const double rate = (double)piece->bytes / (double)MAX(now_us - began_us, 1);

    fetch->bytes_per_us = fetch->bytes_per_us > 0 ? 0.7 * fetch->bytes_per_us + 0.3 * rate : rate;
    fetch->last_us = now_us;
}

/* A message that the server does not give is no reason to give up the others: it is left out. */
static gboolean wait_for_piece(KeepFetch *fetch, GError **error)
{
    g_autofree Piece *piece = g_queue_pop_head(&fetch->pieces);
    g_autoptr(GError) failed = NULL;

    fetch->pieces_bytes -= piece->bytes;
    if (!imap_bodies_wait(fetch->bodies, &failed) && !tern_error_is(failed, TERN_ERROR_REFUSED)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    measure(fetch, piece);
    return TRUE;
}

static gboolean wait_for_all(KeepFetch *fetch, GError **error)
{
    while (!g_queue_is_empty(&fetch->pieces))
        if (!wait_for_piece(fetch, error))
            return FALSE;
    g_clear_pointer(&fetch->bodies, imap_bodies_free);
    return TRUE;
}

/* Nothing is under way while others are served, and the folder may be another one afterwards. */
static gboolean let_others_in(KeepFetch *fetch, GError **error)
{
    const SyncImap *sync = fetch->context->sync;

    return wait_for_all(fetch, error) && sync->checkpoint(sync->data, error);
}

static gboolean begin(KeepFetch *fetch, GError **error)
{
    const SyncImap *sync = fetch->context->sync;

    if (fetch->bodies)
        return TRUE;
    if (!sync_imap_select(sync, fetch->folder, error))
        return FALSE;
    fetch->bodies = imap_bodies_new(sync->session, &(ImapBodyTaker){open_file, close_file, fetch});
    return TRUE;
}

static gboolean send_piece(KeepFetch *fetch, GError **error)
{
    if (!fetch->set_messages)
        return TRUE;
    if (!begin(fetch, error) || !imap_bodies_send(fetch->bodies, fetch->set->str, error))
        return FALSE;
    Piece *piece = g_new(Piece, 1);
    *piece = (Piece){fetch->set_bytes, clock_now_us()};
    if (g_queue_is_empty(&fetch->pieces))
        fetch->alone_us = piece->sent_us;
    g_queue_push_tail(&fetch->pieces, piece);
    fetch->pieces_bytes += piece->bytes;
    g_string_truncate(fetch->set, 0);
    fetch->set_messages = 0;
    fetch->set_bytes = 0;
    return TRUE;
}

static gboolean check_disk(const KeepFetch *fetch, GError **error)
{
    if (fetch->disk && error)
        *error = g_error_copy(fetch->disk);
    return !fetch->disk;
}

/* The last room on a disk is for what the user does: mail that can be had again takes none of it. All that
 * was asked for and is not here yet counts; it still comes. */
static gboolean check_room(KeepFetch *fetch, const StoreBody *body, GError **error)
{
    const char *folder = fetch->context->cache_folder;

    if (file_leaves_reserve(folder, fetch->asked_bytes + body->size_bytes))
        return TRUE;
    if (!send_piece(fetch, error) || !wait_for_all(fetch, error) || !check_disk(fetch, error))
        return FALSE;
    tern_error_set(error, TERN_ERROR_STORE,
                   _("the disk of %s is nearly full, and what is left is for changes and drafts; make room"),
                   folder);
    return FALSE;
}

gboolean keep_fetch_folder(KeepFetch *fetch, const StoreFolder *folder, GError **error)
{
    fetch->folder = folder;
    return let_others_in(fetch, error);
}

gboolean keep_fetch_add(KeepFetch *fetch, const StoreBody *body, GError **error)
{
    const SyncImap *sync = fetch->context->sync;
    const int64_t most = most_under_way(fetch);

    if (!check_room(fetch, body, error))
        return FALSE;
    g_hash_table_replace(fetch->asked, GUINT_TO_POINTER(body->uid), g_memdup2(body, sizeof *body));
    fetch->asked_bytes += body->size_bytes;
    g_string_append_printf(fetch->set, "%s%u", fetch->set_messages ? "," : "", body->uid);
    fetch->set_messages++;
    fetch->set_bytes += body->size_bytes;
    if (fetch->set_bytes < most / PIECES && fetch->set_messages < PIECE_MESSAGES)
        return TRUE;
    while (fetch->pieces_bytes > 0 && fetch->pieces_bytes + fetch->set_bytes > most)
        if (!wait_for_piece(fetch, error))
            return FALSE;
    if (cancel_check(sync->cancel, error) || (sync->is_wanted(sync->data) && !let_others_in(fetch, error)))
        return FALSE;
    if (fetch->disk)
        return wait_for_all(fetch, error) && check_disk(fetch, error);
    return send_piece(fetch, error);
}

gboolean keep_fetch_finish(KeepFetch *fetch, GError **error)
{
    const gboolean is_done =
        send_piece(fetch, error) && wait_for_all(fetch, error) && check_disk(fetch, error);

    g_hash_table_remove_all(fetch->asked);
    fetch->asked_bytes = 0;
    return is_done;
}
