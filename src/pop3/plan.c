/* plan.c - see plan.h and plan_private.h: a plan, made of what is known and what the server lists. */
#include "pop3/plan_private.h"

#include <string.h>

static void learn_known(Pop3Plan *plan, const Pop3Known *known, guint n)
{
    plan->entries = g_new0(PlanEntry, n);
    plan->n_entries = n;
    for (guint i = 0; i < n; i++) {
        PlanEntry *entry = &plan->entries[i];
        entry->known = known[i];
        entry->known.uidl = g_string_chunk_insert(plan->texts, known[i].uidl);
        g_hash_table_insert(plan->by_uidl, (gpointer)entry->known.uidl, entry);
        g_hash_table_add(plan->keys, (gpointer)entry->known.uidl);
        if (entry->known.headers && !g_hash_table_contains(plan->by_headers, &entry->known.headers))
            g_hash_table_insert(plan->by_headers, &entry->known.headers, entry);
    }
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
        pop3_plan_decide(plan, &plan->items[i]);
    return plan;
}

static void free_tables(Pop3Plan *plan)
{
    g_hash_table_unref(plan->by_uidl);
    g_hash_table_unref(plan->by_headers);
    g_hash_table_unref(plan->keys);
    if (plan->octets)
        g_hash_table_unref(plan->octets);
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

/* ---- what may be asked of it ---- */

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
