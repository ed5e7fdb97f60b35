/* plan_look.c - see plan_private.h: which message it is whose header was seen, and what follows from that. */
#include "pop3/plan_private.h"

/* A known message with this header, and of this size (0: of any), that is no other on the server; several
 * may have it. One of this size may have been taken for another by its UIDL and size, which was not looked
 * at yet. */
static PlanEntry *find_by_headers(Pop3Plan *plan, guint64 headers, uint64_t octets)
{
    const PlanEntry *first = headers ? g_hash_table_lookup(plan->by_headers, &headers) : NULL;

    for (guint i = first ? (guint)(first - plan->entries) : plan->n_entries; i < plan->n_entries; i++) {
        PlanEntry *entry = &plan->entries[i];
        const gboolean is_other = entry->claimed_by && (!octets || entry->claimed_by->step != POP3_LOOK);
        if (entry->known.headers == headers && !is_other && (!octets || entry->known.octets == octets))
            return entry;
    }
    return NULL;
}

/* A known message that is the same by header and size, and was taken for another one by that one's UIDL,
 * which nobody has looked at. Where UIDLs have moved on by one, and all sizes are the same, the newest
 * message has such a twin. */
static PlanEntry *find_twin(Pop3Plan *plan, guint64 headers, uint64_t octets)
{
    const PlanEntry *first = headers ? g_hash_table_lookup(plan->by_headers, &headers) : NULL;

    for (guint i = first ? (guint)(first - plan->entries) : plan->n_entries; i < plan->n_entries; i++) {
        PlanEntry *entry = &plan->entries[i];
        if (entry->known.headers == headers && entry->known.octets == octets && entry->claimed_by &&
            !entry->claimed_by->is_looked)
            return entry;
    }
    return NULL;
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

/* Servers that make UIDLs of numbers give a message the UIDL of another one when some are deleted: what
 * has header and size of a known message is that one, whatever it is called. Nothing is deleted by such a
 * name. */
static gboolean decide_shifted(Pop3Plan *plan, Pop3Item *item)
{
    PlanEntry *entry = find_by_headers(plan, item->headers, item->message->octets);

    if (!entry)
        return FALSE;
    pop3_plan_claim(item, entry);
    item->is_ambiguous = TRUE;
    if (entry->successor)
        entry->successor->key = made_up_key(plan, entry->successor);
    entry->successor = NULL;
    pop3_plan_decide_known(plan, item);
    return TRUE;
}

/* Another message than the one that is known by its UIDL: what the log says of that is overwritten, unless
 * it is still there by another name. One that cannot be told from it is fetched once more, which loses
 * nothing. */
static void succeed(Pop3Plan *plan, Pop3Item *item, PlanEntry *entry)
{
    item->known = NULL;
    item->key = entry->claimed_by ? made_up_key(plan, item) : item->message->uidl;
    entry->successor = entry->claimed_by ? NULL : item;
    pop3_plan_fetch(plan, item);
}

/* Its UIDL is known: is it still that message? A size that differs alone makes no other of it. */
static void decide_same_uidl(Pop3Plan *plan, Pop3Item *item, PlanEntry *entry)
{
    const gboolean is_same = entry->known.headers && entry->known.headers == item->headers;

    if (is_same) {
        pop3_plan_claim(item, entry);
        pop3_plan_decide_known(plan, item);
        return;
    }
    /* Without a header nothing tells it from another, and fetching it again would tell no more. */
    if (entry->known.is_doubtful && !entry->known.headers && !item->headers &&
        entry->known.octets == item->message->octets) {
        pop3_plan_claim(item, entry);
        pop3_plan_leave(item, POP3_STAYS_UNSEEN);
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
    PlanEntry *asked = plan->asked, *named = pop3_plan_find_by_uidl(plan, item);

    if (item == plan->asked_item && asked->known.headers != item->headers) {
        asked->claimed_by = NULL;
        item->known = NULL;
        plan->is_asked_gone = TRUE;
        pop3_plan_leave(item, POP3_STAYS_NOT);
        return;
    }
    if ((asked->claimed_by && asked->claimed_by != item) || asked->known.headers != item->headers) {
        pop3_plan_leave(item, POP3_STAYS_NOT);
        return;
    }
    item->is_ambiguous |= named && named != asked;
    pop3_plan_claim(item, asked);
    pop3_plan_decide_known(plan, item);
}

static void decide_looked(Pop3Plan *plan, Pop3Item *item)
{
    const gboolean has_uidl = !item->is_nameless && !item->is_ambiguous;
    const guint64 headers = item->headers;
    PlanEntry *entry = pop3_plan_find_by_uidl(plan, item);

    if (plan->policy.only_asked) {
        decide_if_asked(plan, item);
        return;
    }
    if (entry) {
        decide_same_uidl(plan, item, entry);
        return;
    }
    entry = find_by_headers(plan, headers, 0);
    PlanEntry *twin = entry || !has_uidl ? NULL : find_twin(plan, headers, item->message->octets);
    if (twin) { /* it is here; which of the two is the other one is not worth a guess */
        plan->has_twins = TRUE;
        item->known = &twin->known;
        item->key = item->message->uidl;
        pop3_plan_leave(item,
                        pop3_plan_is_due(&plan->policy, item->known) ? POP3_STAYS_AMBIGUOUS : POP3_STAYS_NOT);
        return;
    }
    if (!entry) {
        item->key = has_uidl ? item->message->uidl : made_up_key(plan, item);
        pop3_plan_fetch(plan, item);
        return;
    }
    pop3_plan_claim(item, entry);
    if (!has_uidl) {
        pop3_plan_decide_known(plan, item);
        return;
    }
    item->key = item->message->uidl;
    item->step = POP3_RENAME;
}

void pop3_plan_look(Pop3Plan *plan, Pop3Item *item, guint64 headers)
{
    item->headers = headers;
    item->is_looked = TRUE;
    item->stays = POP3_STAYS_NOT;
    decide_looked(plan, item);
    const PlanEntry *entry = item->known ? g_hash_table_lookup(plan->by_uidl, item->known->uidl) : NULL;
    item->is_settled =
        entry && entry->claimed_by == item && (entry->known.is_doubtful || entry->known.is_stub);
}

const Pop3Known *pop3_plan_find_other(const Pop3Plan *plan, const Pop3Item *item, guint64 headers)
{
    const PlanEntry *first = headers ? g_hash_table_lookup(plan->by_headers, &headers) : NULL;

    for (guint i = first ? (guint)(first - plan->entries) : plan->n_entries; i < plan->n_entries; i++)
        if (plan->entries[i].known.headers == headers && &plan->entries[i].known != item->known)
            return &plan->entries[i].known;
    return NULL;
}

gboolean pop3_plan_is_the_same_again(const Pop3Plan *plan, const Pop3Item *item, guint64 headers)
{
    const PlanEntry *entry = pop3_plan_find_by_uidl(plan, item);

    return entry && entry->successor == item && entry->known.is_doubtful && entry->known.headers == headers &&
           entry->known.octets == item->message->octets;
}

gboolean pop3_plan_is_of_no_stub(const Pop3Item *item, guint64 headers)
{
    const Pop3Known *known = item->known;

    return known && known->is_stub && !item->is_looked && known->headers && known->headers != headers;
}

void pop3_plan_cannot_look(Pop3Plan *plan, Pop3Item *item)
{
    PlanEntry *entry = item->message->uidl ? g_hash_table_lookup(plan->by_uidl, item->message->uidl) : NULL;

    if (entry && !entry->claimed_by)
        pop3_plan_claim(item, entry); /* it may be that, so that is not gone */
    item->is_looked = TRUE;
    pop3_plan_leave(item, POP3_STAYS_UNSEEN);
}
