/* download_take.c - see download_private.h: what comes for a download. */
#include "pop3/download_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "pop3/private.h"

/* Of a long message so much is worth telling of. */
#define TOLD_OCTETS (256 << 10)

static int open_message(guint number, Pop3Part part, void *data, GError **error)
{
    Pop3Download *download = data;
    const Pop3Item *item = pop3_plan_find(download->plan, number);

    (void)part;
    download->coming = item;
    return download->is_looking ? -1 : download->keeper.open(item, download->keeper.data, error);
}

/* A server that never said that it has TOP has none, as it seems; the item is to be asked for in another
 * way. */
static gboolean falls_back(Pop3Download *download, Pop3Item *item, const Pop3Retrieved *message)
{
    if (!message->is_refused || message->part != POP3_HEADERS || download->session->knows_capa)
        return FALSE;
    item->is_asked = FALSE;
    download->next = 0;
    pop3_plan_without_top(download->plan);
    return TRUE;
}

static void close_look(Pop3Download *download, Pop3Item *item, const Pop3Retrieved *message)
{
    if (!message->failed)
        pop3_plan_look(download->plan, item, message->headers);
    else if (message->is_refused)
        pop3_plan_cannot_look(download->plan, item);
    item->is_asked = FALSE; /* for what it is to be now */
}

static void count(Pop3Download *download, Pop3Item *item, const Pop3Retrieved *message)
{
    download->outcome->octets += message->octets;
    item->is_whole = message->part == POP3_WHOLE;
    if (item->is_whole)
        download->outcome->fetched++;
    else if (!item->is_header_first)
        download->outcome->stubs++;
    pop3_download_join(download, item, message->octets);
    if (item->step == POP3_FETCH && item->deletes_then && message->octets < item->message->octets) {
        item->deletes_then = FALSE;
        item->stays = POP3_STAYS_SHORT;
    }
}

/* It stays, also if its DELE has gone out. */
static void keep_there(Pop3Download *download, Pop3Item *item)
{
    download->is_undone |= item->step == POP3_DELETE;
    g_queue_remove(&download->to_delete, item);
    if (item->deletes_then)
        item->stays = POP3_STAYS_TWICE;
    item->deletes_then = FALSE;
}

/* A server that is out of step sends one message for two, whichever of them comes first. The next visit looks at
 * what it says they are, and deletes or fetches what that makes of them. */
static void look_for_twice(Pop3Download *download, Pop3Item *item, guint64 headers)
{
    const Pop3Keeper *keeper = &download->keeper;
    Pop3Item *other = headers ? g_hash_table_lookup(download->came, &headers) : NULL;
    const Pop3Known *known = other ? NULL : pop3_plan_find_other(download->plan, item, headers);

    if (other)
        keep_there(download, other);
    if (other || known) {
        keeper->doubt(other ? other->key : known->uidl, TRUE, keeper->data);
        download->is_doubted = TRUE;
        keep_there(download, item);
        item->is_doubtful = TRUE;
    } else if (headers) {
        g_hash_table_insert(download->came, g_memdup2(&headers, sizeof headers), item);
    }
}

uint64_t pop3_download_octets(const Pop3Item *item)
{
    return item->step == POP3_FETCH ? item->message->octets : 0;
}

static void pass_progress(Pop3Download *download)
{
    if (download->keeper.progress)
        download->keeper.progress(&download->progress, download->keeper.data);
}

static void tell_progress(Pop3Download *download, const Pop3Item *item)
{
    download->finished_octets += pop3_download_octets(item);
    download->came_octets = download->untold_octets = 0;
    download->progress.done++;
    download->progress.octets_done = download->finished_octets;
    pass_progress(download);
}

/* Its header, of which the rest comes in the same visit. */
static gboolean is_only_first(const Pop3Item *item)
{
    return item->is_header_first && item->step == POP3_FETCH_HEADERS;
}

static void note_pace(Pop3Download *download, const Pop3Retrieved *message)
{
    const int64_t now_us = clock_now_us();

    if (!download->paced_us) {
        download->paced_us = now_us;
        return;
    }
    download->pace.n++;
    download->pace.octets += message->octets;
    download->pace.us = now_us - download->paced_us;
}

/* What it is to be known by. Where less came than was announced, LIST must not be believed: at the next
 * visit the size is another one then, and the message stays. */
static uint64_t size_of(const Pop3Item *item, const Pop3Retrieved *message)
{
    return message->part == POP3_WHOLE ? MIN(message->octets, item->message->octets) : item->message->octets;
}

/* The server gives another one's text again, which is here and comes no second time; or what is not its
 * stub's. */
static gboolean drop(Pop3Download *download, Pop3Item *item, const Pop3Retrieved *message, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    g_autoptr(GError) again = NULL;

    tern_error_set(&again, TERN_ERROR_REFUSED, "the same again");
    item->deletes_then = FALSE;
    item->stays = POP3_STAYS_TWICE;
    download->outcome->octets += message->octets;
    tell_progress(download, item);
    keeper->doubt(item->key, TRUE, keeper->data);
    download->is_doubted = TRUE;
    return keeper->close(item, 0, message->bytes, message->headers, again, keeper->data, error);
}

/* One that cannot be written ends the session. */
static gboolean close_fetch(Pop3Download *download, Pop3Item *item, const Pop3Retrieved *message,
                            GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    const gboolean is_whole = !message->failed && message->part == POP3_WHOLE;

    if (is_whole && (pop3_plan_is_the_same_again(download->plan, item, message->headers) ||
                     pop3_plan_is_of_no_stub(item, message->headers)))
        return drop(download, item, message, error);
    if (is_whole)
        look_for_twice(download, item, message->headers);
    if (!keeper->close(item, size_of(item, message), message->bytes, message->headers, message->failed,
                       keeper->data, error))
        return FALSE;
    if (message->failed) {
        if (error)
            *error = g_error_copy(message->failed);
        return FALSE;
    }
    count(download, item, message);
    if (is_only_first(item))
        note_pace(download, message);
    else
        tell_progress(download, item);
    return TRUE;
}

/* Of many the first speaks for all. */
static void note_refusal(char **said, const GError *refused)
{
    if (!*said && refused)
        *said = g_strdup(refused->message);
}

static gboolean close_message(const Pop3Retrieved *message, void *data, GError **error)
{
    Pop3Download *download = data;
    Pop3Item *item = pop3_plan_find(download->plan, message->number);

    if (!message->failed || message->is_refused)
        download->coming = NULL;
    if (falls_back(download, item, message))
        return TRUE;
    if (download->is_looking) {
        close_look(download, item, message);
        return TRUE;
    }
    if (!message->is_refused)
        return close_fetch(download, item, message, error);
    if (is_only_first(item)) {
        item->is_early = item->is_header_first = FALSE; /* the whole may come all the same */
        item->step = POP3_FETCH;
        item->is_asked = FALSE;
        return TRUE;
    }
    item->stays = POP3_STAYS_REFUSED; /* the keeper never heard of it */
    note_refusal(&download->outcome->not_given, message->failed);
    tell_progress(download, item);
    return TRUE;
}

static void hear_deleted(guint number, const GError *refused, void *data)
{
    Pop3Download *download = data;
    Pop3Item *item = pop3_plan_find(download->plan, number);

    if (!refused) {
        g_ptr_array_add(download->deleted, (gpointer)item->key);
        return;
    }
    item->stays = POP3_STAYS_UNDELETED;
    note_refusal(&download->outcome->not_deleted, refused);
}

/* Never more than was announced, whatever comes. */
static void hear_came(uint64_t octets, void *data)
{
    Pop3Download *download = data;

    if (!download->is_looking)
        pop3_download_settle_meanwhile(download);
    download->untold_octets += octets;
    if (download->untold_octets < TOLD_OCTETS || download->is_looking || !download->coming)
        return;
    download->came_octets += download->untold_octets;
    download->untold_octets = 0;
    download->progress.octets_done =
        download->finished_octets + MIN(download->came_octets, pop3_download_octets(download->coming));
    pass_progress(download);
}

Pop3Taker pop3_download_taker(Pop3Download *download)
{
    return (Pop3Taker){open_message, close_message, hear_came, hear_deleted, download};
}
