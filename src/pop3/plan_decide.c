/* plan_decide.c - see plan_private.h: fetch, look at, delete, leave; by policy, and by what is known. */
#include "pop3/plan_private.h"

#include "base/limits.h"

/* So long a header that was seen on the server goes for what is there by its UIDL and size. */
#define SEEN_S 3600

void pop3_plan_claim(Pop3Item *item, PlanEntry *entry)
{
    entry->claimed_by = item;
    item->known = &entry->known;
    item->key = entry->known.uidl;
}

void pop3_plan_leave(Pop3Item *item, Pop3Stays stays)
{
    item->step = POP3_LEAVE;
    item->stays = stays;
}

/* A clock that was set back makes nothing old. */
gboolean pop3_plan_is_due(const Pop3Policy *policy, const Pop3Known *known)
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

void pop3_plan_fetch(Pop3Plan *plan, Pop3Item *item)
{
    const Pop3Policy *policy = &plan->policy;
    const gboolean is_stub = item->known && item->known->is_stub;
    const uint64_t octets = item->message->octets;

    if (octets > (uint64_t)LIMIT_MESSAGE_BYTES) {
        pop3_plan_leave(item, POP3_STAYS_HUGE);
        return;
    }
    const gboolean is_large = policy->max_octets > 0 && octets > policy->max_octets && !is_stub;
    if (is_large && !policy->can_top) {
        pop3_plan_leave(item, POP3_STAYS_LARGE);
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
        pop3_plan_leave(item, POP3_STAYS_ASKED);
    else if (item->is_ambiguous)
        pop3_plan_leave(item, POP3_STAYS_AMBIGUOUS);
    else if (item->is_nameless)
        pop3_plan_leave(item, POP3_STAYS_NAMELESS);
    else if (item->message->octets != item->known->octets)
        pop3_plan_leave(item, POP3_STAYS_SIZE);
    else if (item->known->headers == 0 || item->known->is_nowhere)
        pop3_plan_leave(item, POP3_STAYS_UNSEEN);
    else
        item->step = item->is_looked ? POP3_DELETE : POP3_LOOK;
}

/* Visits that break off one after another do not begin with the same looks each time. */
static gboolean was_just_seen(const Pop3Policy *policy, const Pop3Known *stub)
{
    return stub->fetched_s <= policy->now_s && policy->now_s - stub->fetched_s < SEEN_S;
}

/* A stub's row becomes the message's that comes: it is to be that of its header, which is made sure of before,
 * or, as long as that was not long ago, when it has come (pop3_plan_is_of_no_stub()). */
static void fetch_known(Pop3Plan *plan, Pop3Item *item)
{
    if (item->is_looked || item->known->headers == 0 ||
        (!plan->policy.only_asked && was_just_seen(&plan->policy, item->known)))
        pop3_plan_fetch(plan, item);
    else
        item->step = POP3_LOOK;
}

void pop3_plan_decide_known(Pop3Plan *plan, Pop3Item *item)
{
    const Pop3Known *known = item->known;

    if (known->is_stub && is_wanted_whole(&plan->policy, item))
        fetch_known(plan, item);
    else if (known->is_doubtful && !item->is_looked)
        item->step = POP3_LOOK;
    else if (pop3_plan_is_due(&plan->policy, known))
        decide_due(plan, item);
    else
        pop3_plan_leave(item, POP3_STAYS_NOT);
}

PlanEntry *pop3_plan_find_by_uidl(const Pop3Plan *plan, const Pop3Item *item)
{
    return item->is_nameless || item->is_ambiguous ? NULL
                                                   : g_hash_table_lookup(plan->by_uidl, item->message->uidl);
}

/* Who comes for one message takes that, and looks for it where it may be if it has no UIDL of its own, or a
 * new one. */
static void decide_for_asked(Pop3Plan *plan, Pop3Item *item)
{
    PlanEntry *asked = plan->asked;
    const gboolean may_be =
        asked && !plan->asked_item &&
        (item->message->octets == asked->known.octets || pop3_plan_find_by_uidl(plan, item) == asked);

    if (asked && item == plan->asked_item) {
        pop3_plan_claim(item, asked);
        pop3_plan_decide_known(plan, item);
    } else if (may_be && asked->known.headers) {
        item->step = POP3_LOOK;
    } else {
        pop3_plan_leave(item, may_be ? POP3_STAYS_UNSEEN : POP3_STAYS_NOT);
    }
}

void pop3_plan_decide(Pop3Plan *plan, Pop3Item *item)
{
    PlanEntry *entry = pop3_plan_find_by_uidl(plan, item);

    if (plan->policy.only_asked) {
        decide_for_asked(plan, item);
    } else if (entry && entry->known.octets == item->message->octets) {
        pop3_plan_claim(item, entry);
        pop3_plan_decide_known(plan, item);
    } else if (entry) {
        item->step = POP3_LOOK;
    } else if (item->is_nameless || item->is_ambiguous || plan->are_uidls_new) {
        item->step = plan->n_entries > 0 || item->is_nameless || item->is_ambiguous ? POP3_LOOK : POP3_FETCH;
    } else if (plan->octets && g_hash_table_contains(plan->octets, &item->message->octets)) {
        item->step = POP3_LOOK;
    } else {
        item->key = item->message->uidl;
        pop3_plan_fetch(plan, item);
    }
}

void pop3_plan_is_here(Pop3Item *item)
{
    pop3_plan_leave(item, item->deletes_then ? POP3_STAYS_NAMELESS : item->stays);
    item->deletes_then = FALSE;
}

void pop3_plan_without_top(Pop3Plan *plan)
{
    plan->policy.can_top = FALSE;
    for (guint i = 0; i < plan->list->n; i++) {
        Pop3Item *item = &plan->items[i];
        if (item->step != POP3_FETCH_HEADERS)
            continue;
        item->is_asked &= !item->is_header_first; /* only its header has come */
        item->is_early = item->is_header_first = FALSE;
        pop3_plan_fetch(plan, item);
    }
}
