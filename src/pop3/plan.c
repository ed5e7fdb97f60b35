/* plan.c - see plan.h. */
#include "pop3/plan.h"

#include "base/limits.h"

#include <string.h>

/* What is known, with what has been recognised in this session. */
typedef struct {
    Pop3Known known;
    const Pop3Item *claimed_by; /* the message on the server that is it; NULL: none */
    gboolean is_named;          /* its UIDL stands on another message now */
    Pop3Item *successor;        /* which is to be known by that; NULL: none is */
} Entry;

struct Pop3Plan {
    Pop3List *list;
    Pop3Policy policy;
    Pop3Item *items; /* of the list's messages, newest first */
    guint *order;    /* in which they are taken: indices of `items` */
    Entry *entries;
    guint n_entries;
    GHashTable *by_uidl;    /* const char * to Entry * */
    GHashTable *by_headers; /* guint64 * to Entry *: the first of those with this hash */
    GHashTable *keys;       /* a set of those that are in use, so that no two messages get the same */
    GStringChunk *texts;
    Entry *asked; /* NULL: nothing is asked for */
    Pop3Item
        *asked_item; /* it has its UIDL, alone, and its size; NULL: it is to be looked for by its header */
    gboolean is_asked_gone; /* another message has its UIDL and size */
    gboolean are_uidls_new; /* none of those that are known is there */
    gboolean has_twins;     /* of which nobody knows by what UIDL they are here */
    GHashTable *octets;     /* of what is known, a set; NULL: what is known is there, as it was */
};

/* ---- what is known ---- */

static void learn_known(Pop3Plan *plan, const Pop3Known *known, guint n)
{
    plan->entries = g_new0(Entry, n);
    plan->n_entries = n;
    for (guint i = 0; i < n; i++) {
        Entry *entry = &plan->entries[i];
        entry->known = known[i];
        entry->known.uidl = g_string_chunk_insert(plan->texts, known[i].uidl);
        g_hash_table_insert(plan->by_uidl, (gpointer)entry->known.uidl, entry);
        g_hash_table_add(plan->keys, (gpointer)entry->known.uidl);
        if (entry->known.headers && !g_hash_table_contains(plan->by_headers, &entry->known.headers))
            g_hash_table_insert(plan->by_headers, &entry->known.headers, entry);
    }
}

/* A known message with this header, and of this size (0: of any), that is no other on the server; several
 * may have it. One of this size may have been taken for another by its UIDL and size, which was not looked
 * at yet. */
static Entry *find_by_headers(Pop3Plan *plan, guint64 headers, uint64_t octets)
{
    const Entry *first = headers ? g_hash_table_lookup(plan->by_headers, &headers) : NULL;

    for (guint i = first ? (guint)(first - plan->entries) : plan->n_entries; i < plan->n_entries; i++) {
        Entry *entry = &plan->entries[i];
        const gboolean is_other = entry->claimed_by && (!octets || entry->claimed_by->step != POP3_LOOK);
        if (entry->known.headers == headers && !is_other && (!octets || entry->known.octets == octets))
            return entry;
    }
    return NULL;
}

/* A known message that is the same by header and size, and was taken for another one by that one's UIDL,
 * which nobody has looked at. Where UIDLs have moved on by one, and all sizes are the same, the newest
 * message has such a twin. */
static Entry *find_twin(Pop3Plan *plan, guint64 headers, uint64_t octets)
{
    const Entry *first = headers ? g_hash_table_lookup(plan->by_headers, &headers) : NULL;

    for (guint i = first ? (guint)(first - plan->entries) : plan->n_entries; i < plan->n_entries; i++) {
        Entry *entry = &plan->entries[i];
        if (entry->known.headers == headers && entry->known.octets == octets && entry->claimed_by &&
            !entry->claimed_by->is_looked)
            return entry;
    }
    return NULL;
}

static void claim(Pop3Item *item, Entry *entry)
{
    entry->claimed_by = item;
    item->known = &entry->known;
    item->key = entry->known.uidl;
}

/* For a message without a UIDL of its own: "=HASH", "=HASH.2" for another with the same header … */
static const char *made_up_key(Pop3Plan *plan, const Pop3Item *item)
{
    g_autofree char *key = item->headers ? g_strdup_printf("=%016" G_GINT64_MODIFIER "x", item->headers)
                                         : g_strdup_printf("=%" G_GUINT64_FORMAT, item->message->octets);
    g_autofree char *other = g_strdup(key);

    for (guint n = 2; g_hash_table_contains(plan->keys, other); n++) {
        g_free(other);
        other = g_strdup_printf("%s.%u", key, n);
    }
    const char *kept = g_string_chunk_insert(plan->texts, other);
    g_hash_table_add(plan->keys, (gpointer)kept);
    return kept;
}

/* ---- deciding ---- */

static void leave(Pop3Item *item, Pop3Stays stays)
{
    item->step = POP3_LEAVE;
    item->stays = stays;
}

/* A clock that was set back makes nothing old. */
static gboolean is_due(const Pop3Policy *policy, const Pop3Known *known)
{
    if (known->is_stub)
        return FALSE; /* it is nowhere but there */
    switch (policy->keep) {
    case POP3_KEEP_NOT:
        return TRUE;
    case POP3_KEEP_ALWAYS:
        return FALSE;
    case POP3_KEEP_FOR:
        return known->fetched_s <= policy->now_s && policy->now_s - known->fetched_s >= policy->age_s;
    default:
        return known->is_unwanted;
    }
}

static gboolean is_wanted_whole(const Pop3Policy *policy, const Pop3Item *item)
{
    return item->known->is_asked_for || policy->max_octets == 0 ||
           item->message->octets <= policy->max_octets;
}

static void fetch(Pop3Plan *plan, Pop3Item *item)
{
    const Pop3Policy *policy = &plan->policy;
    const gboolean is_stub = item->known && item->known->is_stub;
    const uint64_t octets = item->message->octets;

    if (octets > (uint64_t)LIMIT_MESSAGE_BYTES) {
        leave(item, POP3_STAYS_HUGE);
        return;
    }
    const gboolean is_large = policy->max_octets > 0 && octets > policy->max_octets && !is_stub;
    if (is_large && !policy->can_top) {
        leave(item, POP3_STAYS_LARGE);
        return;
    }
    item->step = is_large ? POP3_FETCH_HEADERS : POP3_FETCH;
    item->deletes_then = item->step == POP3_FETCH && policy->keep == POP3_KEEP_NOT;
    if (!item->deletes_then)
        return;
    if (item->is_ambiguous)
        item->stays = POP3_STAYS_AMBIGUOUS;
    else if (!policy->may_delete)
        item->stays = POP3_STAYS_ASKED;
    item->deletes_then = item->stays == POP3_STAYS_NOT;
}

/* What was fetched in an earlier session is deleted only if it is surely the same. */
static void decide_due(Pop3Plan *plan, Pop3Item *item)
{
    if (!plan->policy.may_delete)
        leave(item, POP3_STAYS_ASKED);
    else if (item->is_ambiguous)
        leave(item, POP3_STAYS_AMBIGUOUS);
    else if (item->is_nameless)
        leave(item, POP3_STAYS_NAMELESS);
    else if (item->message->octets != item->known->octets)
        leave(item, POP3_STAYS_SIZE);
    else if (item->known->headers == 0)
        leave(item, POP3_STAYS_UNSEEN);
    else
        item->step = item->is_looked ? POP3_DELETE : POP3_LOOK;
}

/* A stub's row becomes the message's that comes: it is to be that of its header. */
static void fetch_known(Pop3Plan *plan, Pop3Item *item)
{
    if (item->is_looked || item->known->headers == 0)
        fetch(plan, item);
    else
        item->step = POP3_LOOK;
}

static void decide_known(Pop3Plan *plan, Pop3Item *item)
{
    const Pop3Known *known = item->known;

    if (known->is_stub && is_wanted_whole(&plan->policy, item))
        fetch_known(plan, item);
    else if (is_due(&plan->policy, known))
        decide_due(plan, item);
    else
        leave(item, POP3_STAYS_NOT);
}

/* What stands alone by this UIDL on the server; NULL: nobody knows it. */
static Entry *find_by_uidl(const Pop3Plan *plan, const Pop3Item *item)
{
    return item->is_nameless || item->is_ambiguous ? NULL
                                                   : g_hash_table_lookup(plan->by_uidl, item->message->uidl);
}

/* Who comes for one message takes that, and looks for it where it may be if it has no UIDL of its own, or a
 * new one. */
static void decide_for_asked(Pop3Plan *plan, Pop3Item *item)
{
    Entry *asked = plan->asked;
    const gboolean may_be =
        asked && !plan->asked_item &&
        (item->message->octets == asked->known.octets || find_by_uidl(plan, item) == asked);

    if (item == plan->asked_item) {
        claim(item, asked);
        decide_known(plan, item);
    } else if (may_be && asked->known.headers) {
        item->step = POP3_LOOK;
    } else {
        leave(item, may_be ? POP3_STAYS_UNSEEN : POP3_STAYS_NOT);
    }
}

static void decide_unlooked(Pop3Plan *plan, Pop3Item *item)
{
    Entry *entry = find_by_uidl(plan, item);

    if (plan->policy.only_asked) {
        decide_for_asked(plan, item);
    } else if (entry && entry->known.octets == item->message->octets) {
        claim(item, entry);
        decide_known(plan, item);
    } else if (entry) {
        item->step = POP3_LOOK;
    } else if (item->is_nameless || item->is_ambiguous || plan->are_uidls_new) {
        item->step = plan->n_entries > 0 || item->is_nameless || item->is_ambiguous ? POP3_LOOK : POP3_FETCH;
    } else if (plan->octets && g_hash_table_contains(plan->octets, &item->message->octets)) {
        item->step = POP3_LOOK;
    } else {
        item->key = item->message->uidl;
        fetch(plan, item);
    }
}

/* ---- after a look ---- */

/* Servers that make UIDLs of numbers give a message the UIDL of another one when some are deleted: what
 * has header and size of a known message is that one, whatever it is called. Nothing is deleted by such a
 * name. */
static gboolean decide_shifted(Pop3Plan *plan, Pop3Item *item)
{
    Entry *entry = find_by_headers(plan, item->headers, item->message->octets);

    if (!entry)
        return FALSE;
    claim(item, entry);
    item->is_ambiguous = TRUE;
    if (entry->successor)
        entry->successor->key = made_up_key(plan, entry->successor);
    entry->successor = NULL;
    decide_known(plan, item);
    return TRUE;
}

/* Another message than the one that is known by its UIDL: what the log says of that is overwritten, unless
 * it is still there by another name. One that cannot be told from it is fetched once more, which loses
 * nothing. */
static void succeed(Pop3Plan *plan, Pop3Item *item, Entry *entry)
{
    item->known = NULL;
    item->key = entry->claimed_by ? made_up_key(plan, item) : item->message->uidl;
    entry->successor = entry->claimed_by ? NULL : item;
    fetch(plan, item);
}

/* Its UIDL is known: is it still that message? A size that differs alone makes no other of it. */
static void decide_same_uidl(Pop3Plan *plan, Pop3Item *item, Entry *entry)
{
    const gboolean is_same = entry->known.headers && entry->known.headers == item->headers;

    if (is_same) {
        claim(item, entry);
        decide_known(plan, item);
        return;
    }
    if (entry->claimed_by == item)
        entry->claimed_by = NULL;
    entry->is_named = TRUE;
    if (!decide_shifted(plan, item))
        succeed(plan, item, entry);
}

/* The first that has its header is it. By the UIDL of another nothing is deleted. What has its UIDL and size
 * and another header is a new message, for the next visit: what was asked for is gone. */
static void decide_if_asked(Pop3Plan *plan, Pop3Item *item)
{
    Entry *asked = plan->asked, *named = find_by_uidl(plan, item);

    if (item == plan->asked_item && asked->known.headers != item->headers) {
        asked->claimed_by = NULL;
        item->known = NULL;
        plan->is_asked_gone = TRUE;
        leave(item, POP3_STAYS_NOT);
        return;
    }
    if ((asked->claimed_by && asked->claimed_by != item) || asked->known.headers != item->headers) {
        leave(item, POP3_STAYS_NOT);
        return;
    }
    item->is_ambiguous |= named && named != asked;
    claim(item, asked);
    decide_known(plan, item);
}

void pop3_plan_look(Pop3Plan *plan, Pop3Item *item, guint64 headers)
{
    const gboolean has_uidl = !item->is_nameless && !item->is_ambiguous;
    Entry *entry = find_by_uidl(plan, item);

    item->headers = headers;
    item->is_looked = TRUE;
    item->stays = POP3_STAYS_NOT;
    if (plan->policy.only_asked) {
        decide_if_asked(plan, item);
        return;
    }
    if (entry) {
        decide_same_uidl(plan, item, entry);
        return;
    }
    entry = find_by_headers(plan, headers, 0);
    Entry *twin = entry || !has_uidl ? NULL : find_twin(plan, headers, item->message->octets);
    if (twin) { /* it is here; which of the two is the other one is not worth a guess */
        plan->has_twins = TRUE;
        item->known = &twin->known;
        item->key = item->message->uidl;
        leave(item, is_due(&plan->policy, item->known) ? POP3_STAYS_AMBIGUOUS : POP3_STAYS_NOT);
        return;
    }
    if (!entry) {
        item->key = has_uidl ? item->message->uidl : made_up_key(plan, item);
        fetch(plan, item);
        return;
    }
    claim(item, entry);
    if (!has_uidl) {
        decide_known(plan, item);
        return;
    }
    item->key = item->message->uidl;
    item->step = POP3_RENAME;
}

void pop3_plan_cannot_look(Pop3Plan *plan, Pop3Item *item)
{
    Entry *entry = item->message->uidl ? g_hash_table_lookup(plan->by_uidl, item->message->uidl) : NULL;

    if (entry && !entry->claimed_by)
        claim(item, entry); /* it may be that, so that is not gone */
    item->is_looked = TRUE;
    leave(item, POP3_STAYS_UNSEEN);
}

void pop3_plan_is_here(Pop3Item *item)
{
    leave(item, item->deletes_then ? POP3_STAYS_NAMELESS : item->stays);
    item->deletes_then = FALSE;
}

void pop3_plan_without_top(Pop3Plan *plan)
{
    plan->policy.can_top = FALSE;
    for (guint i = 0; i < plan->list->n; i++)
        if (plan->items[i].step == POP3_FETCH_HEADERS)
            fetch(plan, &plan->items[i]);
}

/* ---- a plan ---- */

static void free_tables(Pop3Plan *plan)
{
    g_hash_table_unref(plan->by_uidl);
    g_hash_table_unref(plan->by_headers);
    g_hash_table_unref(plan->keys);
    if (plan->octets)
        g_hash_table_unref(plan->octets);
}

/* Something that is known is not where it was: a UIDL that nobody knows may be its new one. */
static void learn_octets(Pop3Plan *plan)
{
    plan->octets = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < plan->n_entries; i++)
        g_hash_table_add(plan->octets, &plan->entries[i].known.octets);
}

/* The items, with which of them have no UIDL of their own, and whether any is known. */
static void read_names(Pop3Plan *plan)
{
    g_autoptr(GHashTable) first =
        g_hash_table_new(g_str_hash, g_str_equal); /* UIDL to the item that had it first */
    gboolean is_any_known = FALSE, is_moved = FALSE;
    guint n_named = 0;

    for (guint i = 0; i < plan->list->n; i++) {
        Pop3Item *item = &plan->items[i];
        item->message = &plan->list->messages[plan->list->n - 1 - i];
        const char *uidl = item->message->uidl;
        Pop3Item *other = uidl ? g_hash_table_lookup(first, uidl) : NULL;
        item->is_nameless = !uidl;
        item->is_ambiguous = other != NULL;
        if (other)
            other->is_ambiguous = TRUE;
        else if (uidl)
            g_hash_table_insert(first, (gpointer)uidl, item);
        is_any_known |= uidl && g_hash_table_contains(plan->by_uidl, uidl);
    }
    for (guint i = 0; i < plan->n_entries; i++) {
        const Pop3Known *known = &plan->entries[i].known;
        Pop3Item *item = g_hash_table_lookup(first, known->uidl);
        const gboolean is_named = *known->uidl != '=',
                       is_as_known = item && item->message->octets == known->octets;
        n_named += is_named;
        is_moved |= is_named && !is_as_known;
        if (!known->is_asked_for)
            continue;
        plan->asked = &plan->entries[i];
        plan->asked_item = is_as_known && !item->is_ambiguous ? item : NULL;
    }
    if (is_moved)
        learn_octets(plan);
    plan->are_uidls_new = n_named > 0 && !is_any_known;
}

Pop3Plan *pop3_plan_new(Pop3List *list, const Pop3Known *known, guint n_known, const Pop3Policy *policy)
{
    Pop3Plan *plan = g_new0(Pop3Plan, 1);

    plan->list = list;
    plan->policy = *policy;
    plan->texts = g_string_chunk_new(4096);
    plan->by_uidl = g_hash_table_new(g_str_hash, g_str_equal);
    plan->by_headers = g_hash_table_new(g_int64_hash, g_int64_equal);
    plan->keys = g_hash_table_new(g_str_hash, g_str_equal);
    learn_known(plan, known, n_known);

    plan->items = g_new0(Pop3Item, list->n);
    plan->order = g_new0(guint, list->n);
    for (guint i = 0; i < list->n; i++)
        plan->order[i] = i;
    read_names(plan);
    for (guint i = 0; i < list->n; i++)
        decide_unlooked(plan, &plan->items[i]);
    return plan;
}

void pop3_plan_free(Pop3Plan *plan)
{
    if (!plan)
        return;
    free_tables(plan);
    g_string_chunk_free(plan->texts);
    pop3_list_free(plan->list);
    g_free(plan->items);
    g_free(plan->order);
    g_free(plan->entries);
    g_free(plan);
}

guint pop3_plan_count(const Pop3Plan *plan)
{
    return plan->list->n;
}

Pop3Item *pop3_plan_item(Pop3Plan *plan, guint index)
{
    return &plan->items[plan->order[index]];
}

Pop3Item *pop3_plan_find(Pop3Plan *plan, guint number)
{
    guint low = 0, high = plan->list->n; /* the items' numbers descend */

    while (high - low > 1) {
        const guint middle = low + (high - low) / 2;
        if (plan->items[middle].message->number >= number)
            low = middle;
        else
            high = middle;
    }
    return &plan->items[low];
}

void pop3_plan_postpone(Pop3Plan *plan, const char *key)
{
    const guint n = plan->list->n;

    for (guint i = 0; i < n; i++) {
        const guint index = plan->order[i];
        if (g_strcmp0(plan->items[index].key, key) != 0)
            continue;
        memmove(plan->order + i, plan->order + i + 1, (n - i - 1) * sizeof *plan->order);
        plan->order[n - 1] = index;
        return;
    }
}

const Pop3Policy *pop3_plan_policy(const Pop3Plan *plan)
{
    return &plan->policy;
}

guint pop3_plan_withheld(const Pop3Plan *plan)
{
    guint n = 0;

    for (guint i = 0; i < plan->list->n; i++)
        n += plan->items[i].stays == POP3_STAYS_ASKED;
    return n;
}

GPtrArray *pop3_plan_absent(Pop3Plan *plan)
{
    GPtrArray *absent = g_ptr_array_new();

    if (plan->is_asked_gone)
        g_ptr_array_add(absent, (gpointer)plan->asked->known.uidl);
    if (plan->policy.only_asked)
        return absent;
    for (guint i = 0; i < plan->n_entries; i++)
        if (!plan->entries[i].claimed_by && !plan->entries[i].is_named)
            g_ptr_array_add(absent, (gpointer)plan->entries[i].known.uidl);
    if (absent->len == plan->n_entries || plan->has_twins)
        g_ptr_array_set_size(absent, 0);
    return absent;
}
