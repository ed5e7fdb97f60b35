/* test-base-date.c - dates as mailers write them and people read them. */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#define NOW INT64_C(1795521600) /* Tue 24 Nov 2026 12:00 UTC */
#define HOUR 3600
#define DAY 86400

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected; /* RFC 3339; NULL: cannot be read */
    } ROWS[] = {
        {"Tue, 24 Nov 2026 11:58:00 +0100", "2026-11-24T11:58:00+01:00"},
        {"24 Nov 2026 11:58:00 +0100", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 Nov 2026 11:58 -0730", "2026-11-24T11:58:00-07:30"},
        {"Tue,24 Nov 2026 11:58:00 GMT", "2026-11-24T11:58:00Z"},
        {"Tue, 24 Nov 26 11:58:00 EST", "2026-11-24T11:58:00-05:00"},
        {"Tue, 1 Nov 94 08:49:37 UT", "1994-11-01T08:49:37Z"},
        {"Sun, 06 Nov 126 08:49:37 +0000", "2026-11-06T08:49:37Z"},
        {"Tue, 24 Nov 2026 11:58:00 +0100 (CET)", "2026-11-24T11:58:00+01:00"},
        {"Tue (day (nested)), 24 (x) Nov 2026 11:58:00 (y) +0100", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 Nov 2026\r\n\t11:58:00 +0100", "2026-11-24T11:58:00+01:00"},
        {"Tue Nov 24 11:58:00 2026", "2026-11-24T11:58:00Z"},
        {"Tue Nov 24 11:58:00 CET 2026", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 November 2026 11:58:00 +0100", "2026-11-24T11:58:00+01:00"},
        {"TUE, 24 NOV 2026 11:58:00 +0100", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 Nov 2026 11.58.00 +0100", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 Nov 2026 11:58:00 GMT+0100", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 Nov 2026 11:58:00 +01:00", "2026-11-24T11:58:00+01:00"},
        {"Tue, 24 Nov 2026 11:58:00 PM", "2026-11-24T23:58:00Z"},
        {"24 Nov 2026 12:05 AM +0200", "2026-11-24T00:05:00+02:00"},
        {"24-Nov-2026 11:58:00 +0100", "2026-11-24T11:58:00+01:00"},
        {"2026-11-24T11:58:00+01:00", "2026-11-24T11:58:00+01:00"},
        {"2026-11-24 11:58:00.123Z", "2026-11-24T11:58:00Z"},
        {"Tue, 24 Nov 2026 11:58:00", "2026-11-24T11:58:00Z"},
        {"24 Nov 2026", "2026-11-24T00:00:00Z"},
        {"Tue, 24 Nov 2026 23:59:60 +0000", "2026-11-24T23:59:59Z"},
        {"Tue, 24 Nov 2026 11:58:00 +9999", "2026-11-24T11:58:00Z"},
        {"Thu, 29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00Z"},
        {"Thu, 01 Jan 1970 00:00:00 -0000", "1970-01-01T00:00:00Z"},
        {"Fri, 31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59Z"},
        {"Mon, 29 Feb 2023 00:00:00 +0000", NULL},
        {"Mon, 31 Nov 2026 00:00:00 +0000", NULL},
        {"Mon, 24 Nov 2026 25:00:00 +0000", NULL},
        {"24/11/2026", NULL},
        {"yesterday", NULL},
        {"", NULL},
        {"((((", NULL},
        {"Nov Nov Nov 99999999999999999999 1", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        int64_t time_s = 0;
        int offset_min = 0;
        gboolean is_read = date_parse_rfc5322(ROWS[i].text, &time_s, &offset_min);
        g_autofree char *text = is_read ? date_rfc3339(time_s, offset_min) : NULL;
        if (g_strcmp0(text, ROWS[i].expected) != 0)
            fail_msg("'%s' is read as %s, expected %s", ROWS[i].text, text, ROWS[i].expected);
    }
}

static void test_parse_imap(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_s; /* -1: cannot be read */
    } ROWS[] = {
        {"17-Jul-1996 02:44:25 -0700", 837596665},
        {" 1-Jan-1970 00:00:10 +0000", 10},
        {"24-Nov-2026 13:00:00 +0100", NOW},
        {"24-Nov-2026", -1},
        {"24-Nox-2026 13:00:00 +0100", -1},
        {"32-Nov-2026 13:00:00 +0100", -1},
        {"24-Nov-2026 13:00:00", -1},
        {"", -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        int64_t time_s = -1;
        gboolean is_read = date_parse_imap(ROWS[i].text, &time_s);
        assert_int_equal(is_read, ROWS[i].time_s >= 0);
        assert_int_equal(is_read ? time_s : -1, ROWS[i].time_s);
    }
}

static void test_shown(void **state)
{
    (void)state;
    static const struct {
        int64_t time_s;
        int offset_min;
        const char *in_short, *in_long; /* in Berlin's time */
    } ROWS[] = {
        {NOW - 2 * HOUR, 60, "11:00", "Tue 24 Nov 2026, 11:00 (two hours ago)"},
        {NOW - 2 * HOUR, -480, "11:00", "Tue 24 Nov 2026, 11:00 (two hours ago, sent 02:00 -0800)"},
        {NOW, 60, "13:00", "Tue 24 Nov 2026, 13:00 (just now)"},
        {NOW - 60, 60, "12:59", "Tue 24 Nov 2026, 12:59 (a minute ago)"},
        {NOW - 59 * 60, 60, "12:01", "Tue 24 Nov 2026, 12:01 (59 minutes ago)"},
        {NOW - 14 * HOUR, 60, "Mon", "Mon 23 Nov 2026, 23:00 (14 hours ago)"},
        {NOW - 6 * DAY, 60, "Wed", "Wed 18 Nov 2026, 13:00 (six days ago)"},
        {NOW - 7 * DAY, 60, "17 Nov", "Tue 17 Nov 2026, 13:00 (seven days ago)"},
        {NOW - 21 * DAY, 60, "3 Nov", "Tue 3 Nov 2026, 13:00 (three weeks ago)"},
        {NOW - 150 * DAY, 120, "27 Jun", "Sat 27 Jun 2026, 14:00 (five months ago)"},
        {NOW - 400 * DAY, 120, "2025-10", "Mon 20 Oct 2025, 14:00 (13 months ago)"},
        {NOW - 1000 * DAY, 60, "2024-02", "Wed 28 Feb 2024, 13:00 (two years ago)"},
        {NOW + 2 * HOUR, 60, "15:00", "Tue 24 Nov 2026, 15:00 (in two hours)"},
        {NOW + 2 * DAY, 60, "26 Nov", "Thu 26 Nov 2026, 13:00 (in two days)"},
        {NOW + 400 * DAY, 60, "2027-12", "Wed 29 Dec 2027, 13:00 (in 13 months)"},
        /* What no clock said in earnest is shown as it was written. */
        {0, 60, "1970-01", "Thu 1 Jan 1970, 01:00 (56 years ago)"},
        {INT64_C(-11644473600), 0, "1601-01", "Mon 1 Jan 1601, 00:53 (426 years ago, sent 00:00 +0000)"},
        {INT64_C(253394611200), 120, "9999-10", "Mon 4 Oct 9999, 02:00 (in 7978 years)"},
        {INT64_C(253402257600), 60, "9999-12", "Fri 31 Dec 9999, 13:00 (in 7978 years)"},
        {INT64_C(253402300799), 0, "9999-12",
         "Fri 31 Dec 9999, 23:59 (in 7978 years)"}, /* here it is 10000 */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *in_short = date_short(ROWS[i].time_s, NOW);
        g_autofree char *in_long = date_long(ROWS[i].time_s, ROWS[i].offset_min, NOW);
        assert_string_equal(in_short, ROWS[i].in_short);
        assert_string_equal(in_long, ROWS[i].in_long);
    }
}

static void test_extremes(void **state)
{
    (void)state;
    static const int64_t TIMES[] = {
        INT64_MIN, INT64_MAX, -1, 0, INT64_C(-62167219201), INT64_C(253402300800)};
    for (gsize i = 0; i < G_N_ELEMENTS(TIMES); i++) {
        g_autofree char *in_short = date_short(TIMES[i], NOW);
        g_autofree char *in_long = date_long(TIMES[i], INT_MAX, NOW);
        g_autofree char *backwards = date_long(NOW, INT_MIN + 1, TIMES[i]);
        g_autofree char *exact = date_rfc3339(TIMES[i], INT_MAX);
        assert_true(g_utf8_strlen(in_short, -1) <= 7);
        assert_non_null(in_long);
        assert_non_null(backwards);
        assert_int_equal(g_utf8_strlen(exact, -1), 25);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_imap),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_extremes),
    };
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
