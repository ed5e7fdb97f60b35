/*
 * plan.h - what a session is to do with each message, decided from what the server has and what is known:
 * which to fetch, to look at first, to delete, and which stay there and why. No I/O; any thread.
 *
 *      on the server           known           step
 *      12  2,100  aaa          –               POP3_FETCH, then deleted if that is the policy
 *      11  9.8 MB bbb          –               POP3_FETCH_HEADERS: larger than max-size; then it is known as a
 *                                              stub, which is never deleted there; when asked for it is looked at,
 *                                              unless it was just now, and fetched if it still has that header
 *      10  1,300  ccc          1,300           POP3_LEAVE, or POP3_LOOK and then POP3_DELETE when its time has come
 *       9  1,400  ddd          1,300           POP3_LOOK: another message under an old UIDL, new or known, or one that
 *                                              has changed
 *       8    700  –            –               POP3_LOOK: known by its header, or new
 *       7  1,500  eee          1,500, in doubt POP3_LOOK: what came for it was another one's text, or was not
 *
 * What is deleted was fetched whole in this session (and is on disk: download.h), or is known by its UIDL, by
 * its size and by its header. Whatever is in doubt stays. A UIDL that stands on two messages is worth
 * nothing: they are known by their headers, and never deleted. Where none of the UIDLs that are known is
 * there any more, the server has given new ones (or some, where one that is known is not what it was): what
 * has the header of a known message is that message (POP3_RENAME).
 */
#ifndef TERN_POP3_PLAN_H
#define TERN_POP3_PLAN_H

#include "pop3/session.h"

/* A message that was fetched before, as the log of UIDLs has it. */
typedef struct {
    const char *uidl;      /* or what stands for one: a plan's item has it as `key` */
    uint64_t octets;       /* as LIST said then, or what came, where that was less */
    guint64 headers;       /* the hash of headers.h; 0: not known */
    int64_t fetched_s;     /* UTC; of a stub: when its header was seen there last */
    gboolean is_unwanted;  /* deleted here */
    gboolean is_stub;      /* only its header is here, as it is larger than max_octets */
    gboolean is_asked_for; /* a stub that somebody wants whole */
    gboolean is_doubtful;  /* what came may be another one's text */
    gboolean is_nowhere;   /* it is not here any more, as far as one can tell: never to be deleted there */
} Pop3Known;

typedef enum { POP3_KEEP_NOT, POP3_KEEP_ALWAYS, POP3_KEEP_FOR, POP3_KEEP_UNTIL_DELETED } Pop3Keep;

typedef struct {
    Pop3Keep keep;
    int64_t age_s;       /* POP3_KEEP_FOR: since it was fetched */
    uint64_t max_octets; /* larger ones come as headers, or stay there where there is no TOP; 0: all come */
    gboolean
        only_asked; /* nothing is done but to fetch what is asked for, looked for by its header where its UIDL is no help */
    int64_t now_s;       /* UTC */
    gboolean may_delete; /* the question of the first run is answered */
    gboolean can_top;    /* the server has TOP; else a look costs the whole message */
    int64_t patience_us; /* headers first of what takes longer (early.h); 0: never */
} Pop3Policy;

typedef enum {
    POP3_LEAVE,
    POP3_LOOK, /* its header has to be seen before anything is decided: pop3_plan_look() */
    POP3_FETCH,
    POP3_FETCH_HEADERS,
    POP3_DELETE,
    POP3_RENAME, /* known, and now by the item's `key` */
} Pop3Step;

/* Why a message stays that would be deleted, or is not fetched. */
typedef enum {
    POP3_STAYS_NOT,
    POP3_STAYS_ASKED,     /* until the question is answered */
    POP3_STAYS_SIZE,      /* its size is not what it was */
    POP3_STAYS_AMBIGUOUS, /* its UIDL stands on others too, or is known as that of another */
    POP3_STAYS_NAMELESS,  /* it has no UIDL, and was not fetched in this session */
    POP3_STAYS_UNSEEN,    /* its header was not kept, or cannot be seen now, or it is not here */
    POP3_STAYS_SHORT,     /* less came than LIST had announced */
    POP3_STAYS_TWICE,     /* what came is another one's: one of the two was perhaps never sent */
    POP3_STAYS_LARGE,     /* larger than max_octets, and not even its header can be had alone */
    POP3_STAYS_HUGE,      /* larger than tern takes (LIMIT_MESSAGE_BYTES) */
    POP3_STAYS_REFUSED,   /* the server does not give it */
    POP3_STAYS_UNDELETED, /* it is here, and the server does not delete it */
    POP3_N_STAYS,
} Pop3Stays;

typedef struct {
    const Pop3Message *message;
    const Pop3Known *known; /* NULL: none, as far as one can tell */
    Pop3Step step;
    Pop3Stays stays;
    const char *key;       /* under which it is to be known; NULL while that is not known */
    guint64 headers;       /* as looked at; 0: not yet, or it has none */
    gboolean deletes_then; /* POP3_FETCH: once it is safe */
    gboolean is_nameless, is_ambiguous, is_looked;
    gboolean
        is_settled; /* what is known was in doubt, or is a stub, and is this message, as its header says */
    gboolean is_doubtful;     /* download.h: what came may be another one's text */
    gboolean is_asked;        /* download.h: it was sent for */
    gboolean is_whole;        /* the same: all of it has come */
    gboolean is_early;        /* early.h: it comes before the others, */
    gboolean is_header_first; /* and of it the header, which is a stub until the rest comes */
} Pop3Item;

typedef struct Pop3Plan Pop3Plan;

/* Takes the list; copies what is known. */
Pop3Plan *pop3_plan_new(Pop3List *list, const Pop3Known *known, guint n_known, const Pop3Policy *policy);
void pop3_plan_free(Pop3Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pop3Plan, pop3_plan_free)

/* The items in the order in which they are taken, newest first; the plan's. */
guint pop3_plan_count(const Pop3Plan *plan);
Pop3Item *pop3_plan_item(Pop3Plan *plan, guint index);
/* The one of a message's number; it is there. */
Pop3Item *pop3_plan_find(Pop3Plan *plan, guint number);
const Pop3Policy *pop3_plan_policy(const Pop3Plan *plan);

/* The header of an item with POP3_LOOK was seen (`headers` 0: it has none): decides anew, and never for
 * another look. */
void pop3_plan_look(Pop3Plan *plan, Pop3Item *item, guint64 headers);
/* It cannot be seen. */
void pop3_plan_cannot_look(Pop3Plan *plan, Pop3Item *item);
/* An item with POP3_FETCH turns out to have been fetched by a session that was cut off. */
void pop3_plan_is_here(Pop3Item *item);
/* Another message that is known and has the header of what came whole for an item: which of the two it is
 * nobody can tell. NULL: there is none. */
const Pop3Known *pop3_plan_find_other(const Pop3Plan *plan, const Pop3Item *item, guint64 headers);
/* What came whole for an item is once more the text that is known by its UIDL, and that its header has shown to be
 * another one's. */
gboolean pop3_plan_is_the_same_again(const Pop3Plan *plan, const Pop3Item *item, guint64 headers);
/* What came whole for an item is not what its stub was, which was not looked at in this visit. */
gboolean pop3_plan_is_of_no_stub(const Pop3Item *item, guint64 headers);
/* The server has no TOP after all. */
void pop3_plan_without_top(Pop3Plan *plan);
/* A message that made an end of the last session is taken after all others. */
void pop3_plan_postpone(Pop3Plan *plan, const char *key);

/* How many would be deleted now if the question were answered. */
guint pop3_plan_withheld(const Pop3Plan *plan);
/* What is known and no longer on the server, of a mailbox in which something that is known is left: const
 * char *, the plan's. (One in which nothing is may be there again tomorrow; nothing is known of one
 * that was visited for what is asked for, but of that, or whose UIDLs have moved on.) To be asked when
 * nothing is left to be looked at. */
GPtrArray *pop3_plan_absent(Pop3Plan *plan);

#endif
