/*
 * early.h - what comes first over a slow link: headers, so that the list can be read while large messages
 * still come.
 *
 *      newest ──────────────────────────────> oldest     9 MB   3 KB   5 MB   900 KB  2 KB   7 MB …
 *      1. a few large ones by TOP: how fast is it?       TOP           TOP    TOP            TOP
 *      2. it is slow: the newest of all, large by TOP           RETR                  RETR          TOP …
 *      3. everything, as ever                            RETR          RETR   RETR           RETR   RETR …
 *
 * What came by its header first is a stub in between (plan.h), and is one for the next visit if this one is
 * cut off: it is fetched then, and deleted on the server not before it was. Only what is new and has a
 * UIDL of its own is taken so. Pure; any thread.
 */
#ifndef TERN_POP3_EARLY_H
#define TERN_POP3_EARLY_H

#include "pop3/plan.h"

/* How fast headers came, that were all asked for at once: from the end of the first to that of the last, so
 * that the way there and back does not count. */
typedef struct {
    guint n; /* after the first */
    uint64_t octets;
    int64_t us;
} Pop3Pace;

/* Chooses the few that tell the pace; how many. 0: nothing is so large that it would be worth it, or the
 * policy has no patience_us. */
guint pop3_early_probe(Pop3Plan *plan);
/* Chooses the newest ones that are to come before the rest, as that would take longer than patience_us; how
 * many. 0: it does not. */
guint pop3_early_choose(Pop3Plan *plan, const Pop3Pace *pace);
/* What was chosen has come: from now on everything is fetched as the plan had it. */
void pop3_early_end(Pop3Plan *plan);

#endif
