/*
 * crowd.h - how many connections an account may have, where a server says "too many"; private to the engine.
 *
 * Servers allow so many for each user or address (Gmail 15, Dovecot 10, Yahoo 5 …), and other programs of the
 * same person take theirs. Whoever is refused one goes on with those that stand, and tries for one more only
 * after a while. Pure.
 */
#ifndef TERN_ENGINE_CROWD_H
#define TERN_ENGINE_CROWD_H

#include <glib.h>
#include <stdint.h>

typedef struct {
    int most;            /* max-connections */
    int allowed;         /* now */
    int64_t raise_at_us; /* when one more may be tried; DEADLINE_NONE: all are allowed */
} Crowd;

void crowd_init(Crowd *crowd, int most);
/* How many there may be now, at least 1. */
int crowd_allowed(Crowd *crowd, int64_t now_us);
/* One was refused while `n_open` others stood. How long to wait before that one is tried again: link_lost()'s
 * least_us. */
int64_t crowd_refused(Crowd *crowd, int n_open, int64_t now_us);

/* Whether a refusal says that there are too many connections or logins: its response code (RFC 5530; NULL:
 * none), and its text, or a sentence with it. */
gboolean crowd_is_refusal(const char *code, const char *text);

#endif
