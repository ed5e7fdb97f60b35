/* download.c - see download.h and download_private.h: a session, and what goes out in it. */
#include "pop3/download_private.h"

#include "base/limits.h"
#include "pop3/private.h"

/* LIST may lie by this much before a message counts as one without end. */
#define SLACK_OCTETS (16 << 20)

void pop3_outcome_clear(Pop3Outcome *outcome)
{
    g_clear_pointer(&outcome->not_given, g_free);
    g_clear_pointer(&outcome->not_deleted, g_free);
}

/* ---- what goes out ---- */

/* The next item to be asked for, or NULL. */
static Pop3Item *next_item(Pop3Download *download)
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

static gboolean ask(Pop3Download *download, Pop3Item *item, GError **error)
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
static gboolean send_one(Pop3Download *download, gboolean *sent_out, GError **error)
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

static gboolean run(Pop3Download *download, GError **error)
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
        if (!pop3_download_settle(download, waits, error))
            return FALSE;
    }
}

/* ---- a session ---- */

/* Everything that needs a look has one, by RETR where the first TOP was refused. */
static gboolean look(Pop3Download *download, GError **error)
{
    download->is_looking = TRUE;
    download->next = 0;
    const gboolean is_ok = run(download, error);
    download->is_looking = FALSE;
    download->next = 0;
    return is_ok;
}

/* What has a made-up name was not known before it was looked at. */
static gboolean find_here(Pop3Download *download, GError **error)
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
static gboolean run_early(Pop3Download *download, guint chosen, GError **error)
{
    download->next = 0;
    return chosen == 0 || run(download, error);
}

static gboolean run_rest_of_early(Pop3Download *download, GError **error)
{
    const Pop3Keeper *keeper = &download->keeper;
    const guint chosen = pop3_early_choose(download->plan, &download->pace);

    return run_early(download, chosen, error) &&
           (chosen == 0 || !keeper->show || keeper->show(keeper->data, error));
}

/* Headers before the others, where those take long. */
static gboolean fetch_early(Pop3Download *download, GError **error)
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
static gboolean note_looks(Pop3Download *download, GError **error)
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
    return !is_any || pop3_download_commit(download, error);
}

static gboolean fetch(Pop3Download *download, GError **error)
{
    for (guint i = 0; i < pop3_plan_count(download->plan); i++) {
        Pop3Item *item = pop3_plan_item(download->plan, i);
        if (item->step == POP3_DELETE)
            g_queue_push_tail(&download->to_delete, item);
        if (item->step == POP3_FETCH || item->step == POP3_FETCH_HEADERS) {
            download->progress.all++;
            download->progress.octets_all += pop3_download_octets(item);
        }
    }
    return note_looks(download, error) && fetch_early(download, error) && run(download, error);
}

/* QUIT, and what it makes true. */
static gboolean end(Pop3Download *download, GError **error)
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
    const gboolean is_any = download->deleted->len + absent->len > 0 || download->is_doubted;
    return !is_any || keeper->commit(keeper->data, error);
}

static void sum_up(Pop3Download *download)
{
    for (guint i = 0; i < pop3_plan_count(download->plan); i++)
        download->outcome->stays[pop3_plan_item(download->plan, i)->stays]++;
    download->outcome->stays[POP3_STAYS_NOT] = 0;
    download->outcome->withheld = pop3_plan_withheld(download->plan);
}

gboolean pop3_download(Pop3Session *session, Pop3Plan *plan, const Pop3Keeper *keeper,
                       Pop3Outcome *outcome_out, const char **stuck_out, GError **error)
{
    Pop3Download download = {.session = session, .plan = plan, .keeper = *keeper, .outcome = outcome_out};

    *outcome_out = (Pop3Outcome){0};
    download.group = g_ptr_array_new();
    download.preparing = g_ptr_array_new();
    download.deleted = g_ptr_array_new();
    download.came = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_queue_init(&download.to_delete);
    const Pop3Taker taker = pop3_download_taker(&download);
    download.retrieval = pop3_retrieval_new(session, &taker);
    const gboolean is_ok = look(&download, error) && find_here(&download, error) && fetch(&download, error) &&
                           end(&download, error);
    if (!is_ok)
        pop3_download_save(&download);
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
