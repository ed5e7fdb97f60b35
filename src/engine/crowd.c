/* crowd.c - see crowd.h. */
#include "engine/crowd.h"
#include "auth/auth.h"
#include "base/clock.h"

/* Until one more is tried. Gmail counts connections that are gone for some 10 minutes. */
#define RAISE_US (15 * 60 * SECOND_US)
/* The only connection was refused: the others are of other programs, or logins are throttled. */
#define ALONE_US (60 * SECOND_US)

void crowd_init(Crowd *crowd, int most)
{
    *crowd = (Crowd){.most = MAX(most, 1), .allowed = MAX(most, 1), .raise_at_us = DEADLINE_NONE};
}

int crowd_allowed(Crowd *crowd, int64_t now_us)
{
    if (now_us >= crowd->raise_at_us) {
        crowd->allowed++;
        crowd->raise_at_us = crowd->allowed < crowd->most ? now_us + RAISE_US : DEADLINE_NONE;
    }
    return crowd->allowed;
}

int64_t crowd_refused(Crowd *crowd, int n_open, int64_t now_us)
{
    crowd->allowed = CLAMP(n_open, 1, crowd->most);
    crowd->raise_at_us = crowd->allowed < crowd->most ? now_us + RAISE_US : DEADLINE_NONE;
    return n_open > 0 ? RAISE_US : ALONE_US;
}

gboolean crowd_is_refusal(const char *code, const char *text)
{
    if (code && (g_ascii_strcasecmp(code, "LIMIT") == 0 || g_ascii_strcasecmp(code, "INUSE") == 0))
        return TRUE;
    return text && auth_refusal_is_crowded(text);
}
