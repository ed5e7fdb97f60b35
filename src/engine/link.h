/*
 * link.h - the states of one connection, and when the next try is; private to the engine.
 *
 *                ┌──────────── it will pass (network, server) ───────────┐
 *                v                                                       │
 *    OFFLINE   WAITING ── its time, a person, the network ──> CONNECTING ──> IDLE <──> WORKING
 *                ^                                               │
 *                └── a person ── ATTENTION <── password, certificate, configuration
 *
 * A password that was right before is tried again a few times, minutes apart: servers refuse logins while they are
 * started, and do not all say why.
 *
 * It knows no socket and no clock. The owner of the connection says what happened and when, and does
 * what comes out: connect when link_due_us() has come, probe when a nudge says so. Times are
 * clock_now_us()'s.
 */
#ifndef TERN_ENGINE_LINK_H
#define TERN_ENGINE_LINK_H

#include "engine/engine.h"

typedef struct {
    EngineState state;
    guint failures;     /* in a row; what a connection that lived long enough makes forgotten */
    int64_t up_at_us;   /* since when it is logged in */
    int64_t lost_at_us; /* when it was lost, or could not be had */
    int64_t
        retry_at_us; /* in WAITING, and in ATTENTION where it is tried again by itself; there 0: it is not */
    int64_t least_at_us; /* in WAITING: the server wants nobody before */
    gboolean was_let_in; /* by the password of that version (auth.h) */
    guint let_in_by;
    guint refusals;       /* of that since, in a row */
    gboolean is_prompted; /* this try is made since another connection could be had */
    GError *error;        /* why it is in WAITING or ATTENTION; NULL: for no reason of its own */
    guint64 random;
} Link;

/* `seed`: anything that differs between connections, so that they do not all come back at once. */
void link_init(Link *link, guint64 seed);
void link_clear(Link *link);

/* Whether a try may begin now. `is_asked`: a person waits for it, so that it may come before its time, though
 * not at each key. FALSE and why not: what it waits for, or what a person has to do. */
gboolean link_may_begin(const Link *link, gboolean is_asked, int64_t now_us, GError **error);
void link_begin(Link *link);
void link_up(Link *link, int64_t now_us);
/* WORKING or IDLE, while it is up. */
void link_set_working(Link *link, gboolean is_working);
/* The connection failed, or could not be had, for that reason. `least_us`: not again before (a server that
 * said so); 0 otherwise. Backoff with jitter from 1 s to 5 min. */
void link_lost(Link *link, const GError *error, int64_t least_us, int64_t now_us);
/* It was closed on purpose: nothing is to be done until somebody asks. */
void link_down(Link *link);

typedef enum {
    LINK_NUDGE_PERSON,  /* asks for it: whatever it waited for counts no more */
    LINK_NUDGE_NETWORK, /* there is another network */
    LINK_NUDGE_SLEPT,   /* the machine slept */
} LinkNudge;
/* Another connection to the same server could be had: whatever this one waited for has probably passed, but
 * it is not forgotten. */
void link_prompt(Link *link, int64_t now_us);
/* TRUE: it is up, but may be dead without having noticed; probe it. */
gboolean link_nudge(Link *link, LinkNudge why, int64_t now_us);

/* It failed, and no try is under way: the next one waits for its time or for a person. */
gboolean link_is_held_back(const Link *link);
/* When it is to begin by itself; DEADLINE_NONE: not. */
int64_t link_due_us(const Link *link);

/* Whether after this error the connection is still good: the server, or our own disk, only refused one thing,
 * or what was asked for does not exist. */
gboolean link_survives(const GError *error);

/* How long connections lived on which nothing was said. Where a router on the way forgets them, IDLE is to be
 * renewed before it does. */
typedef struct {
    int64_t drops_us[2]; /* the last two, the newest first; 0: none */
} LinkHistory;
/* The connection was dropped after `quiet_us` without a byte, or has survived that long. */
void link_history_note(LinkHistory *history, int64_t quiet_us, gboolean is_dropped);
/* After how much quiet to say something (RFC 2177 wants it within 29 minutes in any case). */
int64_t link_history_renew_us(const LinkHistory *history);

#endif
