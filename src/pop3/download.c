/* download.c - see download.h. */
#include "pop3/download.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "pop3/early.h"
#include "pop3/private.h"
#include "pop3/retrieve.h"

/* A group ends with the first of these; each of its files is open meanwhile. The time makes the newest
 * messages visible while others still come. */
#define GROUP_MESSAGES 100
#define GROUP_OCTETS (8 << 20)
#define GROUP_US SECOND_US
/* LIST may lie by this much before a message counts as one without end. */
#define SLACK_OCTETS (16 << 20)
/* Of a long message so much is worth telling of. */
#define TOLD_OCTETS (256 << 10)

typedef struct {
    Pop3Session *session;
    Pop3Plan *plan;
    Pop3Keeper keeper;
    Pop3Outcome *outcome;
    Pop3Progress progress;
    uint64_t finished_octets; /* of messages that are here whole */
    uint64_t came_octets;     /* of the one that comes, as far as that was told of */
    uint64_t untold_octets;
    Pop3Retrieval *retrieval;
    const Pop3Item *coming; /* its bytes are */
    gboolean is_looking;
    gboolean is_early; /* only what is chosen for that is asked for */
    Pop3Pace pace;     /* of headers in that time */
    int64_t paced_us;  /* when the first of them had come; 0: none has */

    guint next;           /* of the plan's items: those before it were asked for */
    GPtrArray *group;     /* Pop3Item *, closed and not committed */
    GPtrArray *preparing; /* the group before that, which is being made durable */
    uint64_t group_octets;
    int64_t group_ends_us;
    GQueue to_delete;   /* Pop3Item *, safe: DELE may go out */
    GPtrArray *deleted; /* const char *: keys of those whose DELE was answered */
    GHashTable *came;   /* guint64 * (a header's hash) to Pop3Item *: what came whole */
    gboolean is_undone; /* nothing is to be deleted at QUIT after all */
    GError *failed;     /* of the disk, while a message came */
} Download;

void pop3_outcome_clear(Pop3Outcome *outcome)
{
    g_clear_pointer(&outcome->not_given, g_free);
    g_clear_pointer(&outcome->not_deleted, g_free);
}

/* ---- what comes ---- */

static int open_message(guint number, Pop3Part part, void *data, GError **error)
{
    Download *download = data;
    const Pop3Item *item = pop3_plan_find(download->plan, number);

    (void)part;
    download->coming = item;
    return download->is_looking ? -1 : download->keeper.open(item, download->keeper.data, error);
}

/* A server that never said that it has TOP has none, as it seems; the item is to be asked for in another
 * way. */
static gboolean falls_back(Download *download, Pop3Item *item, const Pop3Retrieved *message)
{
    if (!message->is_refused || message->part != POP3_HEADERS || download->session->knows_capa)
        return FALSE;
    item->is_asked = FALSE;
    download->next = 0;
    pop3_plan_without_top(download->plan);
    return TRUE;
}

static void close_look(Download *download, Pop3Item *item, const Pop3Retrieved *message)
{
    if (!message->failed)
        pop3_plan_look(download->plan, item, message->headers);
    else if (message->is_refused)
        pop3_plan_cannot_look(download->plan, item);
    item->is_asked = FALSE; /* for what it is to be now */
}

static void count(Download *download, Pop3Item *item, const Pop3Retrieved *message)
{
    download->outcome->octets += message->octets;
    item->is_whole = message->part == POP3_WHOLE;
    if (item->is_whole)
        download->outcome->fetched++;
    else if (!item->is_header_first)
        download->outcome->stubs++;
    if (download->group->len == 0)
        download->group_ends_us = clock_now_us() + GROUP_US;
    g_ptr_array_add(download->group, item);
    download->group_octets += message->octets;
    if (item->step == POP3_FETCH && item->deletes_then && message->octets < item->message->octets) {
        item->deletes_then = FALSE;
        item->stays = POP3_STAYS_SHORT;
    }
}

/* It stays, also if its DELE has gone out. */
static void keep_there(Download *download, Pop3Item *item)
{
    download->is_undone |= item->step == POP3_DELETE;
    g_queue_remove(&download->to_delete, item);
    if (item->deletes_then)
        item->stays = POP3_STAYS_TWICE;
    item->deletes_then = FALSE;
}

/* A server that is out of step sends one message for two, whichever of them comes first. The next visit looks at
 * what it says they are, and deletes or fetches what that makes of them. */
static void look_for_twice(Download *download, Pop3Item *item, guint64 headers)
{
    const Pop3Keeper *keeper = &download->keeper;
    Pop3Item *other = headers ? g_hash_table_lookup(download->came, &headers) : NULL;
    const Pop3Known *known = other ? NULL : pop3_plan_find_other(download->plan, item, headers);

    if (other)
        keep_there(download, other);
    if (other || known) {
        keeper->doubt(other ? other->key : known->uidl, TRUE, keeper->data);
        keep_there(download, item);
        item->is_doubtful = TRUE;
    } else if (headers) {
        g_hash_table_insert(download->came, g_memdup2(&headers, sizeof headers), item);
    }
}

/* Of a header nobody knows how long it is. */
static uint64_t octets_to_come(const Pop3Item *item)
{
    return item->step == POP3_FETCH ? item->message->octets : 0;
}

static void pass_progress(Download *download)
{
    if (download->keeper.progress)
        download->keeper.progress(&download->progress, download->keeper.data);
}

static void tell_progress(Download *download, const Pop3Item *item)
{
    download->finished_octets += octets_to_come(item);
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

static void note_pace(Download *download, const Pop3Retrieved *message)
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
static gboolean drop(Download *download, Pop3Item *item, const Pop3Retrieved *message, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    g_autoptr(GError) again = NULL;

    tern_error_set(&again, TERN_ERROR_REFUSED, "the same again");
    item->deletes_then = FALSE;
    item->stays = POP3_STAYS_TWICE;
    download->outcome->octets += message->octets;
    tell_progress(download, item);
    keeper->doubt(item->key, TRUE, keeper->data);
    return keeper->close(item, 0, message->bytes, message->headers, again, keeper->data, error);
}

/* One that cannot be written ends the session. */
static gboolean close_fetch(Download *download, Pop3Item *item, const Pop3Retrieved *message, GError **error)
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
    Download *download = data;
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
    Download *download = data;
    Pop3Item *item = pop3_plan_find(download->plan, number);

    if (!refused) {
        g_ptr_array_add(download->deleted, (gpointer)item->key);
        return;
    }
    item->stays = POP3_STAYS_UNDELETED;
    note_refusal(&download->outcome->not_deleted, refused);
}

/* ---- groups ---- */

static gboolean commit(Download *download, GError **error)
{
    if (!download->keeper.commit(download->keeper.data, error))
        return FALSE;
    for (guint i = 0; i < download->preparing->len; i++) {
        Pop3Item *item = download->preparing->pdata[i];
        if (item->is_whole && item->step == POP3_FETCH &&
            item->deletes_then) /* not that its header is here */
            g_queue_push_tail(&download->to_delete, item);
    }
    g_ptr_array_set_size(download->preparing, 0);
    return TRUE;
}

/* The group is complete; the one before was committed. */
static gboolean end_group(Download *download, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    GPtrArray *empty = download->preparing;

    download->preparing = download->group;
    download->group = empty;
    download->group_octets = 0;
    return keeper->prepare ? keeper->prepare(keeper->data, error) : commit(download, error);
}

static gboolean is_group_full(const Download *download)
{
    return download->group->len >= GROUP_MESSAGES || download->group_octets >= GROUP_OCTETS ||
           (download->group->len > 0 && clock_now_us() >= download->group_ends_us);
}

/* `waits`: more is under way. */
static gboolean settle_groups(Download *download, gboolean waits, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    const gboolean ends = !waits || is_group_full(download);

    if (download->preparing->len > 0 && (ends || keeper->is_prepared(keeper->data)) &&
        !commit(download, error))
        return FALSE;
    return !ends || download->group->len == 0 || end_group(download, error);
}

/* A long message comes: those before it are not to wait for its end. Nothing is said to the server here. */
static void settle_meanwhile(Download *download)
{
    const Pop3Keeper *keeper = &download->keeper;
    const gboolean has_to_commit = download->preparing->len > 0 && keeper->is_prepared(keeper->data);

    if (!download->failed && (has_to_commit || is_group_full(download)))
        settle_groups(download, TRUE, &download->failed);
}

/* Never more than was announced, whatever comes. */
static void hear_came(uint64_t octets, void *data)
{
    Download *download = data;

    if (!download->is_looking)
        settle_meanwhile(download);
    download->untold_octets += octets;
    if (download->untold_octets < TOLD_OCTETS || download->is_looking || !download->coming)
        return;
    download->came_octets += download->untold_octets;
    download->untold_octets = 0;
    download->progress.octets_done =
        download->finished_octets + MIN(download->came_octets, octets_to_come(download->coming));
    pass_progress(download);
}

/* After an error: what is whole here is not fetched again, whatever happened to the session. */
static void save_groups(Download *download)
{
    if (download->preparing->len > 0)
        commit(download, NULL);
    if (download->group->len > 0 && end_group(download, NULL) && download->preparing->len > 0)
        commit(download, NULL);
}

/* ---- what goes out ---- */

/* The next item to be asked for, or NULL. */
static Pop3Item *next_item(Download *download)
{
    for (; download->next < pop3_plan_count(download->plan); download->next++) {
        Pop3Item *item = pop3_plan_item(download->plan, download->next);
        const gboolean is_fetch = (item->step == POP3_FETCH || item->step == POP3_FETCH_HEADERS) &&
                                  (!download->is_early || item->is_early);
        if (!item->is_asked && (download->is_looking ? item->step == POP3_LOOK : is_fetch))
            return item;
    }
    return NULL;
}

static gboolean ask(Download *download, Pop3Item *item, GError **error)
{
    const gboolean wants_headers =
        download->is_looking ? pop3_plan_policy(download->plan)->can_top : item->step == POP3_FETCH_HEADERS;
    const uint64_t most = (uint64_t)LIMIT_MESSAGE_BYTES;
    const uint64_t likely = MIN(item->message->octets, most) * 4 + SLACK_OCTETS;

    item->is_asked = TRUE;
    download->next++;
    return pop3_retrieval_send(download->retrieval, item->message->number,
                               wants_headers ? POP3_HEADERS : POP3_WHOLE, MIN(likely, most), error);
}

/* Sends what there is room for: what is safe is deleted before more is fetched. *sent_out: something was. */
static gboolean send_one(Download *download, gboolean *sent_out, GError **error)
{
    Pop3Item *item = NULL;

    *sent_out = FALSE;
    if (!pop3_retrieval_has_room(download->retrieval))
        return TRUE;
    item = g_queue_pop_head(&download->to_delete);
    if (item) {
        *sent_out = TRUE;
        item->step = POP3_DELETE;
        return pop3_retrieval_delete(download->retrieval, item->message->number, error);
    }
    item = next_item(download);
    *sent_out = item != NULL;
    return !item || ask(download, item, error);
}

static gboolean run(Download *download, GError **error)
{
    gboolean is_sent;

    for (;;) {
        if (!send_one(download, &is_sent, error))
            return FALSE;
        if (is_sent)
            continue;
        const gboolean waits = pop3_retrieval_under_way(download->retrieval) > 0;
        if (waits && !pop3_retrieval_wait(download->retrieval, error))
            return FALSE;
        if (download->failed) {
            g_propagate_error(error, g_steal_pointer(&download->failed));
            return FALSE;
        }
        if (!waits && download->group->len + download->preparing->len == 0)
            return TRUE;
        if (!settle_groups(download, waits, error))
            return FALSE;
    }
}

/* ---- a session ---- */

/* Everything that needs a look has one, by RETR where the first TOP was refused. */
static gboolean look(Download *download, GError **error)
{
    download->is_looking = TRUE;
    download->next = 0;
    const gboolean is_ok = run(download, error);
    download->is_looking = FALSE;
    download->next = 0;
    return is_ok;
}

/* What has a made-up name was not known before it was looked at. */
static gboolean find_here(Download *download, GError **error)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    g_autoptr(GHashTable) found = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < pop3_plan_count(download->plan); i++) {
        Pop3Item *item = pop3_plan_item(download->plan, i);
        if (item->step == POP3_FETCH && item->headers && item->key != item->message->uidl)
            g_ptr_array_add(items, item);
    }
    if (items->len > 0 && !download->keeper.find(items, found, download->keeper.data, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++)
        if (g_hash_table_contains(found, items->pdata[i]))
            pop3_plan_is_here(items->pdata[i]);
    return TRUE;
}

/* What early.h has chosen; all of it is safe then. */
static gboolean run_early(Download *download, guint chosen, GError **error)
{
    download->next = 0;
    return chosen == 0 || run(download, error);
}

static gboolean run_rest_of_early(Download *download, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    const guint chosen = pop3_early_choose(download->plan, &download->pace);

    return run_early(download, chosen, error) &&
           (chosen == 0 || !keeper->show || keeper->show(keeper->data, error));
}

/* Headers before the others, where those take long. */
static gboolean fetch_early(Download *download, GError **error)
{
    const guint probes = pop3_early_probe(download->plan);

    download->is_early = TRUE;
    const gboolean is_ok =
        probes == 0 || (run_early(download, probes, error) && run_rest_of_early(download, error));
    download->is_early = FALSE;
    download->next = 0;
    if (is_ok)
        pop3_early_end(download->plan);
    return is_ok;
}

/* What the looks have shown, into the log. */
static gboolean note_looks(Download *download, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    gboolean is_any = FALSE;

    for (guint i = 0; i < pop3_plan_count(download->plan); i++) {
        const Pop3Item *item = pop3_plan_item(download->plan, i);
        if (item->step == POP3_RENAME) {
            keeper->renamed(item, keeper->data);
            download->outcome->renamed++;
        } else if (item->is_settled) {
            keeper->doubt(item->key, FALSE, keeper->data);
        }
        is_any |= item->step == POP3_RENAME || item->is_settled;
    }
    return !is_any || commit(download, error);
}

static gboolean fetch(Download *download, GError **error)
{
    for (guint i = 0; i < pop3_plan_count(download->plan); i++) {
        Pop3Item *item = pop3_plan_item(download->plan, i);
        if (item->step == POP3_DELETE)
            g_queue_push_tail(&download->to_delete, item);
        if (item->step == POP3_FETCH || item->step == POP3_FETCH_HEADERS) {
            download->progress.all++;
            download->progress.octets_all += octets_to_come(item);
        }
    }
    return note_looks(download, error) && fetch_early(download, error) && run(download, error);
}

/* QUIT, and what it makes true. */
static gboolean end(Download *download, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    g_autoptr(GPtrArray) absent = pop3_plan_absent(download->plan);

    if (download->is_undone) {
        if (!pop3_reset(download->session, error))
            return FALSE;
        g_ptr_array_set_size(download->deleted, 0);
    }
    if (!pop3_quit(download->session, error))
        return FALSE;
    for (guint i = 0; i < download->deleted->len; i++)
        keeper->gone(download->deleted->pdata[i], keeper->data);
    for (guint i = 0; i < absent->len; i++)
        keeper->gone(absent->pdata[i], keeper->data);
    download->outcome->deleted = download->deleted->len;
    return download->deleted->len + absent->len == 0 || keeper->commit(keeper->data, error);
}

static void sum_up(Download *download)
{
    for (guint i = 0; i < pop3_plan_count(download->plan); i++)
        download->outcome->stays[pop3_plan_item(download->plan, i)->stays]++;
    download->outcome->stays[POP3_STAYS_NOT] = 0;
    download->outcome->withheld = pop3_plan_withheld(download->plan);
}

gboolean pop3_download(Pop3Session *session, Pop3Plan *plan, const Pop3Keeper *keeper,
                       Pop3Outcome *outcome_out, const char **stuck_out, GError **error)
{
    Download download = {.session = session, .plan = plan, .keeper = *keeper, .outcome = outcome_out};
    const Pop3Taker taker = {open_message, close_message, hear_came, hear_deleted, &download};

    *outcome_out = (Pop3Outcome){0};
    download.group = g_ptr_array_new();
    download.preparing = g_ptr_array_new();
    download.deleted = g_ptr_array_new();
    download.came = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_queue_init(&download.to_delete);
    download.retrieval = pop3_retrieval_new(session, &taker);
    const gboolean is_ok = look(&download, error) && find_here(&download, error) && fetch(&download, error) &&
                           end(&download, error);
    if (!is_ok)
        save_groups(&download);
    *stuck_out = !is_ok && download.coming ? download.coming->key : NULL;
    sum_up(&download);
    pop3_retrieval_free(download.retrieval);
    g_queue_clear(&download.to_delete);
    g_ptr_array_unref(download.deleted);
    g_hash_table_unref(download.came);
    g_clear_error(&download.failed);
    g_ptr_array_unref(download.group);
    g_ptr_array_unref(download.preparing);
    return is_ok;
}
