/*
 * plan_private.h - what the files of a plan share (plan.h).
 *
 *      plan.c         what is known beside what the server lists, and what may be asked of a plan
 *      plan_decide.c  what is to be done with a message by what is known of it
 *      plan_look.c    which message it is, after its header was seen
 */
#ifndef TERN_POP3_PLAN_PRIVATE_H
#define TERN_POP3_PLAN_PRIVATE_H

#include "pop3/plan.h"

/* What is known, with what has been recognised in this session. */
typedef struct {
    Pop3Known known;
    const Pop3Item *claimed_by; /* the message on the server that is it; NULL: none */
    gboolean is_named;          /* its UIDL stands on another message now */
    Pop3Item *successor;        /* which is to be known by that; NULL: none is */
} PlanEntry;

struct Pop3Plan {
    Pop3List *list;
    Pop3Policy policy;
    Pop3Item *items; /* of the list's messages, newest first */
    guint *order;    /* in which they are taken: indices of `items` */
    PlanEntry *entries;
    guint n_entries;
    GHashTable *by_uidl;    /* const char * to PlanEntry * */
    GHashTable *by_headers; /* guint64 * to PlanEntry *: the first of those with this hash */
    GHashTable *keys;       /* a set of those that are in use, so that no two messages get the same */
    GStringChunk *texts;
    PlanEntry *asked; /* NULL: nothing is asked for */
    /* It has its UIDL, alone, and its size; NULL: it is to be looked for by its header. */
    Pop3Item *asked_item;
    gboolean is_asked_gone; /* another message has its UIDL and size */
    gboolean are_uidls_new; /* none of those that are known is there */
    gboolean has_twins;     /* of which nobody knows by what UIDL they are here */
    GHashTable *octets;     /* of what is known, a set; NULL: what is known is there, as it was */
};

/* ---- plan_decide.c ---- */

/* Of a message that was not looked at. */
void pop3_plan_decide(Pop3Plan *plan, Pop3Item *item);
/* Of one that is known, and was claimed. */
void pop3_plan_decide_known(Pop3Plan *plan, Pop3Item *item);
/* Of one that is wanted: whole, or its header, or not at all. */
void pop3_plan_fetch(Pop3Plan *plan, Pop3Item *item);
void pop3_plan_leave(Pop3Item *item, Pop3Stays stays);
/* The message on the server is that one. */
void pop3_plan_claim(Pop3Item *item, PlanEntry *entry);
/* Whether the policy has it deleted now. */
gboolean pop3_plan_is_due(const Pop3Policy *policy, const Pop3Known *known);
/* What stands alone by this UIDL on the server; NULL: nobody knows it. */
PlanEntry *pop3_plan_find_by_uidl(const Pop3Plan *plan, const Pop3Item *item);

#endif
