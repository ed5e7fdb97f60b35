/*
 * when.h - a time to come, as a person types it, and as it is told.
 *
 *     9:00 · 6pm                     today, or tomorrow where that is over
 *     tomorrow · tomorrow 9:00       a day without a time is 8:00
 *     mon 9:00 · 24 dec · 2026-12-24 18:00
 *     2h · 90 min · in 3 days
 *
 * Local time; a time that a change of clocks leaves out is the one after it. Pure but for the time zone; any
 * thread.
 */
#ifndef TERN_COMPOSE_WHEN_H
#define TERN_COMPOSE_WHEN_H

#include <glib.h>
#include <stdint.h>

/* FALSE and INPUT: it is no time, over already, or more than two years away. */
gboolean when_parse(const char *text, int64_t now_s, int64_t *at_s_out, GError **error);

/* "today 18:00", "tomorrow 09:00", "Mon 7 Dec 09:00", with the year where it is another one; to be freed. */
char *when_format(int64_t at_s, int64_t now_s);

#endif
