/*
 * date.h - times for people and for scripts. Any thread; `now_s` is handed in, so that tests can choose it.
 *
 * Times are seconds since 1970, UTC; offsets minutes east of it. Years outside of 0 to 9999 are shown as the
 * nearest one inside.
 */
#ifndef TERN_BASE_DATE_H
#define TERN_BASE_DATE_H

#include <glib.h>
#include <stdint.h>

/* RFC 3339 with that offset: "2026-11-24T11:58:00+01:00"; "Z" for 0. To be freed. */
char *date_rfc3339(int64_t time_s, int offset_min);

/* For a list's column (SCREENS.md), local time: "12:04" today, "Mon" in the six days before, "16 Nov" this
 * year, "2025-03" otherwise. At most 7 columns. To be freed. */
char *date_short(int64_t time_s, int64_t now_s);

/* Day and time alone: "Tue 24 Nov 2026, 11:58", local time. To be freed. */
char *date_day_and_time(int64_t time_s);

/* For a message's header: "Tue 24 Nov 2026, 11:58 (two hours ago)", local time; the sender's time with its
 * zone where that differs. To be freed. */
char *date_long(int64_t time_s, int offset_min, int64_t now_s);

/* An RFC 5322 date, with the obsolete forms and what mailers get wrong (asctime, ISO 8601, missing zone …);
 * FALSE when nothing can be made of it. */
gboolean date_parse_rfc5322(const char *text, int64_t *time_s_out, int *offset_min_out);

/* IMAP's date-time (RFC 3501): "17-Jul-1996 02:44:25 -0700". */
gboolean date_parse_imap(const char *text, int64_t *time_s_out);

#endif
