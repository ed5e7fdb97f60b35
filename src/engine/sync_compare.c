/*
 * sync_compare.c - see sync_run.h. Two lists side by side, both ascending by UID: the store's rows, and what
 * the server has. In ranges, so that neither is ever whole in memory.
 */
#include "engine/sync_run.h"
#include "engine/find.h"

/* Messages in one range: flags are short. */
#define RANGE_MESSAGES 10000
/* UIDs that are asked for one by one in one command. */
#define MISSING_MESSAGES 500

/* One range. */
typedef struct {
    Run *run;
    GArray *rows;        /* StoreUid; the id of one that the server has too is cleared */
    ImapUidSet *missing; /* UIDs that the server has and the store has not */
    gboolean has_any;    /* the server told of at least one */
    uint32_t low, high;
} Comparison;

static gint by_uid(gconstpointer a, gconstpointer b)
{
    const StoreUid *one = a, *other = b;

    return one->uid < other->uid ? -1 : one->uid > other->uid;
}

static StoreUid *find_row(GArray *rows, uint32_t uid)
{
    const StoreUid wanted = {.uid = uid};
    guint at;

    return g_array_binary_search(rows, &wanted, by_uid, &at) ? &g_array_index(rows, StoreUid, at) : NULL;
}

/* ---- by UIDs ---- */

static gboolean ask_for_uids(Comparison *compare, GError **error)
{
    g_autofree char *set = g_strdup_printf("%u:%u", compare->low, compare->high);
    g_autoptr(ImapUidSet) found = find_uids(compare->run->sync->session, set, error);
    guint n;

    if (!found)
        return FALSE;
    const ImapUidRange *ranges = imap_uid_set_ranges(found, &n);
    for (guint i = 0; i < n; i++) {
        const uint32_t last = MIN(ranges[i].last, compare->high);
        for (uint64_t uid = MAX(ranges[i].first, compare->low); uid <= last; uid++) {
            StoreUid *row = find_row(compare->rows, (uint32_t)uid);
            if (row)
                row->id = 0;
            else
                imap_uid_set_add(compare->missing, (uint32_t)uid);
        }
    }
    return TRUE;
}

/* ---- by flags ---- */

static gboolean take_flags(const ImapFetched *message, void *data, GError **error)
{
    Comparison *compare = data;
    StoreUid *row;

    if (!message->uid || !message->has_flags || message->uid < compare->low || message->uid > compare->high)
        return TRUE;
    compare->has_any = TRUE;
    if (!(row = find_row(compare->rows, message->uid))) {
        imap_uid_set_add(compare->missing, message->uid);
        return TRUE;
    }
    row->id = 0;
    g_auto(GStrv) keywords = NULL;
    const uint32_t told = batch_told(message, &keywords), flags = told & ~(uint32_t)STORE_WITH_LABELS;
    /* Keywords are not in the row's bits, so a message with some is always handed in; the store writes what
     * differs. */
    const uint32_t plain = row->flags & ~(uint32_t)STORE_HAS_KEYWORDS;
    if (flags == plain && !keywords && !(row->flags & STORE_HAS_KEYWORDS))
        return TRUE;
    return intake_local_flags(compare->run->ear->intake, message->uid, told, (const char *const *)keywords,
                              error);
}

static gboolean ask_for_flags(Comparison *compare, GError **error)
{
    g_autofree char *set = g_strdup_printf("%u:%u", compare->low, compare->high);

    if (!imap_fetch(compare->run->sync->session, TRUE, set, IMAP_FETCH_FLAGS | IMAP_FETCH_LABELS, take_flags,
                    compare, error))
        return FALSE;
    /* That all are gone is asked about once more, in the other way. */
    return compare->has_any || !compare->rows->len || ask_for_uids(compare, error);
}

/* ---- both ---- */

static gboolean drop_rows(Comparison *compare, GError **error)
{
    for (guint i = 0; i < compare->rows->len; i++) {
        const StoreUid *row = &g_array_index(compare->rows, StoreUid, i);
        if (row->id && !intake_gone_one(compare->run->ear->intake, row->uid, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean fetch_missing(Comparison *compare, GError **error)
{
    guint n, in_set = 0;
    g_autoptr(GString) set = g_string_new(NULL);
    const ImapUidRange *ranges = imap_uid_set_ranges(compare->missing, &n);

    for (guint i = 0; i < n; i++) {
        g_string_append_printf(set, "%s%u:%u", in_set++ ? "," : "", ranges[i].first, ranges[i].last);
        if (in_set < MISSING_MESSAGES && i + 1 < n)
            continue;
        if (!imap_fetch(compare->run->sync->session, TRUE, set->str, RUN_NEW_ITEMS, run_take_message,
                        compare->run, error))
            return FALSE;
        g_string_truncate(set, 0);
        in_set = 0;
    }
    return TRUE;
}

typedef gboolean (*AskFunc)(Comparison *compare, GError **error);

static gboolean compare_range(Run *run, uint32_t low, uint32_t high, AskFunc ask, GError **error)
{
    g_autoptr(GArray) rows = store_read_uids(run->sync->reader, run->folder->id, low, high, error);
    g_autoptr(ImapUidSet) missing = imap_uid_set_new();
    Comparison compare = {.run = run, .rows = rows, .missing = missing, .low = low, .high = high};

    return rows && ask(&compare, error) && drop_rows(&compare, error) && fetch_missing(&compare, error) &&
           intake_submit(run->ear->intake, NULL, error);
}

static gboolean compare_all(Run *run, AskFunc ask, GError **error)
{
    const uint32_t lowest = MAX(run->mark.backfill_uid, 1);
    uint32_t high = run->folder->sync.uid_next;

    /* Rows that were submitted and are not in the store yet would look like missing ones. */
    if (!intake_settle(run->ear->intake, NULL, error))
        return FALSE;
    while (high > lowest) {
        const uint32_t span = run_span(RANGE_MESSAGES, high, run->folder->messages);
        const uint32_t low = MAX(run_below(high, span), lowest);
        if (!run_checkpoint(run, error) || !compare_range(run, low, high - 1, ask, error))
            return FALSE;
        high = low;
    }
    return TRUE;
}

gboolean run_compare_flags(Run *run, GError **error)
{
    return compare_all(run, ask_for_flags, error);
}

gboolean run_compare_uids(Run *run, GError **error)
{
    return compare_all(run, ask_for_uids, error);
}
