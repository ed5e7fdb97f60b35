/* early.c - see early.h. */
#include "pop3/early.h"

/* Up to this a message costs little more than its header. */
#define SMALL_OCTETS (8 << 10)
/* From this on its header is worth a round trip. */
#define LARGE_OCTETS (64 << 10)
/* So many tell the pace; fewer large ones are not worth it. */
#define PROBES 4
/* Of the time that all would take so much goes to what comes first, as far as nobody would scroll further. */
#define SHARE 10
#define EARLY_MOST 100

static gboolean is_new(const Pop3Item *item)
{
    return item->step == POP3_FETCH && !item->known && !item->is_ambiguous && !item->is_nameless;
}

static void choose(Pop3Item *item)
{
    item->is_early = TRUE;
    item->is_header_first = item->message->octets > SMALL_OCTETS;
    if (item->is_header_first)
        item->step = POP3_FETCH_HEADERS;
}

static guint choose_large(Pop3Plan *plan, gboolean counts_only)
{
    guint n = 0;

    for (guint i = 0; i < pop3_plan_count(plan) && n < PROBES; i++) {
        Pop3Item *item = pop3_plan_item(plan, i);
        if (!is_new(item) || item->message->octets < LARGE_OCTETS)
            continue;
        n++;
        if (!counts_only)
            choose(item);
    }
    return n;
}

/* What an earlier visit had begun with comes first, or links that break off again and again would bring headers
 * only. */
static gboolean has_begun(Pop3Plan *plan)
{
    for (guint i = 0; i < pop3_plan_count(plan); i++) {
        const Pop3Item *item = pop3_plan_item(plan, i);
        if (item->step == POP3_FETCH && item->known && item->known->is_stub)
            return TRUE;
    }
    return FALSE;
}

guint pop3_early_probe(Pop3Plan *plan)
{
    const Pop3Policy *policy = pop3_plan_policy(plan);

    if (policy->patience_us <= 0 || policy->only_asked || !policy->can_top || has_begun(plan) ||
        choose_large(plan, TRUE) < PROBES)
        return 0;
    return choose_large(plan, FALSE);
}

static uint64_t octets_left(Pop3Plan *plan)
{
    uint64_t octets = 0;

    for (guint i = 0; i < pop3_plan_count(plan); i++) {
        const Pop3Item *item = pop3_plan_item(plan, i);
        if (item->step == POP3_FETCH || item->is_header_first)
            octets += item->message->octets;
    }
    return octets;
}

guint pop3_early_choose(Pop3Plan *plan, const Pop3Pace *pace)
{
    const uint64_t left = octets_left(plan), header = pace->n ? pace->octets / pace->n : 0;
    /* octets_left / (pace->octets / pace->us), without passing the largest number */
    const double left_us = pace->octets ? (double)left / (double)pace->octets * (double)pace->us : 0;
    uint64_t octets = 0;
    guint n = 0;

    if (left_us <= (double)pop3_plan_policy(plan)->patience_us)
        return 0;
    for (guint i = 0; i < pop3_plan_count(plan) && n < EARLY_MOST && octets < left / SHARE; i++) {
        Pop3Item *item = pop3_plan_item(plan, i);
        if (!is_new(item) || item->is_early)
            continue;
        choose(item);
        octets += item->is_header_first ? header : item->message->octets;
        n++;
    }
    return n;
}

void pop3_early_end(Pop3Plan *plan)
{
    for (guint i = 0; i < pop3_plan_count(plan); i++) {
        Pop3Item *item = pop3_plan_item(plan, i);
        if (!item->is_header_first || item->step != POP3_FETCH_HEADERS)
            continue;
        item->step = POP3_FETCH;
        item->is_asked = FALSE;
    }
}
