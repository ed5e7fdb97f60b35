/* link.c - see link.h. */
#include "engine/link.h"
#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"

/* The first wait and the last one, and how they grow: an outage of n seconds is over for tern after some n /
 * 2 more. */
#define FIRST_US (1 * SECOND_US)
#define LAST_US (300 * SECOND_US)
/* A connection that lived so long was a good one; before that it may be a server that throws tern out again
 * and again. */
#define LIVED_US (30 * SECOND_US)
/* What a person asks for does not wait for its time, but a key that is held down does not connect ten times a
 * second. */
#define ASKED_US (2 * SECOND_US)

/* A password that was right before: after 2, 8 and 32 minutes, since each wrong try counts with the server. */
#define REFUSED_US (120 * SECOND_US)
#define REFUSALS 3

/* IDLE without a reason to renew it sooner. */
#define RENEW_US (24 * 60 * SECOND_US)
/* Never sooner: that would be polling. */
#define LEAST_RENEW_US (60 * SECOND_US)

void link_init(Link *link, guint64 seed)
{
    *link = (Link){.state = ENGINE_OFFLINE, .random = seed};
}

void link_clear(Link *link)
{
    g_clear_error(&link->error);
}

/* ---- backoff ---- */

/* From 0 to 1 (xorshift64*): good enough to part connections that were lost together. */
static double next_random(Link *link)
{
    link->random += 0x9E3779B97F4A7C15;
    guint64 mixed = link->random;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return (double)((mixed ^ (mixed >> 31)) >> 11) / 9007199254740992.0;
}

/* 1, 1.5, 2.25 … s, each longer by up to its half, at most 5 min. */
static int64_t next_wait_us(Link *link)
{
    int64_t base_us = FIRST_US;

    for (guint i = 0; i < link->failures && base_us < LAST_US * 2 / 3; i++)
        base_us += base_us / 2;
    base_us = MIN(base_us, LAST_US * 2 / 3);
    return base_us + (int64_t)((double)base_us / 2 * next_random(link));
}

/* ---- what happens ---- */

static void set_state(Link *link, EngineState state)
{
    link->state = state;
    link->retry_at_us = 0;
    g_clear_error(&link->error);
}

static gboolean is_up(const Link *link)
{
    return link->state == ENGINE_IDLE || link->state == ENGINE_WORKING;
}

gboolean link_may_begin(const Link *link, gboolean is_asked, int64_t now_us, GError **error)
{
    if (link->state == ENGINE_WAITING) {
        if (now_us >= link->retry_at_us || (is_asked && now_us - link->lost_at_us >= ASKED_US))
            return TRUE;
    } else if (link->state != ENGINE_ATTENTION || (link->retry_at_us && now_us >= link->retry_at_us)) {
        return TRUE;
    }
    if (error)
        *error = link->error
                     ? g_error_copy(link->error)
                     : g_error_new_literal(TERN_ERROR, TERN_ERROR_NETWORK, _("there is no connection"));
    return FALSE;
}

void link_begin(Link *link)
{
    set_state(link, ENGINE_CONNECTING);
}

void link_up(Link *link, int64_t now_us)
{
    set_state(link, ENGINE_IDLE);
    link->up_at_us = now_us;
    link->was_let_in = TRUE;
    link->let_in_by = auth_password_version();
    link->refusals = 0;
}

void link_set_working(Link *link, gboolean is_working)
{
    if (is_up(link))
        link->state = is_working ? ENGINE_WORKING : ENGINE_IDLE;
}

static gboolean needs_person(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_AUTH) || tern_error_is(error, TERN_ERROR_TLS) ||
           tern_error_is(error, TERN_ERROR_CONFIG);
}

/* The password, though it was refused. */
static gboolean may_be_right(const Link *link)
{
    return link->was_let_in && link->let_in_by == auth_password_version() && link->refusals < REFUSALS;
}

void link_lost(Link *link, const GError *error, int64_t least_us, int64_t now_us)
{
    const gboolean was_up = is_up(link); /* then no password was refused, but one is missing */
    const gboolean has_lived = was_up && now_us - link->up_at_us >= LIVED_US;

    set_state(link, needs_person(error) ? ENGINE_ATTENTION : ENGINE_WAITING);
    link->lost_at_us = now_us;
    link->least_at_us = now_us + least_us;
    link->is_prompted = FALSE;
    if (has_lived)
        link->failures = 0;
    if (tern_error_is(error, TERN_ERROR_CANCELLED)) { /* tern itself broke it off: nobody is to be spared */
        link->retry_at_us = now_us;
        return;
    }
    link->error = g_error_copy(error);
    if (link->state == ENGINE_WAITING)
        link->retry_at_us = now_us + MAX(next_wait_us(link), least_us);
    else if (tern_error_is(error, TERN_ERROR_AUTH) && !was_up && may_be_right(link))
        link->retry_at_us = now_us + (REFUSED_US << 2 * link->refusals++);
    link->failures++;
}

void link_down(Link *link)
{
    set_state(link, ENGINE_OFFLINE);
    link->failures = 0;
}

/* A certificate that is not trusted may be the one of a hotel's login page. A password does not become right
 * by another network, and each wrong try counts with the server. */
static gboolean helps(const Link *link, LinkNudge why)
{
    if (link->state == ENGINE_WAITING || why == LINK_NUDGE_PERSON)
        return link_is_held_back(link);
    return link->state == ENGINE_ATTENTION && tern_error_is(link->error, TERN_ERROR_TLS);
}

gboolean link_nudge(Link *link, LinkNudge why, int64_t now_us)
{
    if (helps(link, why)) {
        link->state = ENGINE_WAITING;
        link->retry_at_us = now_us;
        link->failures = 0;
    }
    return is_up(link) && why != LINK_NUDGE_PERSON;
}

void link_prompt(Link *link, int64_t now_us)
{
    const gboolean is_refused =
        link->state == ENGINE_ATTENTION && tern_error_is(link->error, TERN_ERROR_AUTH);

    if (is_refused) { /* the other one has the same password */
        link->state = ENGINE_WAITING;
        link->retry_at_us = now_us;
    }
    if (link->state != ENGINE_WAITING)
        return;
    link->is_prompted = TRUE;
    link->retry_at_us = MIN(link->retry_at_us, MAX(now_us, link->least_at_us));
}

gboolean link_is_held_back(const Link *link)
{
    return link->state == ENGINE_WAITING || link->state == ENGINE_ATTENTION;
}

int64_t link_due_us(const Link *link)
{
    const gboolean is_due =
        link->state == ENGINE_WAITING || (link->state == ENGINE_ATTENTION && link->retry_at_us);

    return is_due ? link->retry_at_us : DEADLINE_NONE;
}

gboolean link_survives(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_REFUSED) || tern_error_is(error, TERN_ERROR_STORE) ||
           tern_error_is(error, TERN_ERROR_INPUT);
}

/* ---- history ---- */

void link_history_note(LinkHistory *history, int64_t quiet_us, gboolean is_dropped)
{
    if (is_dropped) {
        if (quiet_us < LEAST_RENEW_US) /* whatever that was, quiet was not the reason */
            return;
        history->drops_us[1] = history->drops_us[0];
        history->drops_us[0] = quiet_us;
        return;
    }
    /* What survives longer refutes what was believed. */
    for (gsize i = 0; i < G_N_ELEMENTS(history->drops_us); i++)
        if (history->drops_us[i] < quiet_us)
            history->drops_us[i] = 0;
}

int64_t link_history_renew_us(const LinkHistory *history)
{
    const int64_t least_us = MIN(history->drops_us[0], history->drops_us[1]);
    const int64_t most_us = MAX(history->drops_us[0], history->drops_us[1]);

    /* Once is chance; twice after the same time is a router's clock. */
    if (least_us == 0 || most_us - least_us > least_us / 4)
        return RENEW_US;
    return CLAMP(least_us / 4 * 3, LEAST_RENEW_US, RENEW_US);
}
