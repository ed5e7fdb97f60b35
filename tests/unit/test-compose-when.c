/* test-compose-when.c - times to come, as they are typed and as they are told. */
#include "compose/when.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* Monday 2026-11-30 13:45:30 in Berlin. */
#define NOW INT64_C(1796042730)

static const struct {
    const char *text, *expected; /* NULL: refused */
} TYPED[] = {
    {"18:00", "2026-11-30 18:00"},
    {"9:00", "2026-12-01 09:00"}, /* over for today */
    {"6pm", "2026-11-30 18:00"},
    {"12am", "2026-12-01 00:00"},
    {"12pm", "2026-12-01 12:00"},
    {"9:30am", "2026-12-01 09:30"},
    {"tomorrow", "2026-12-01 08:00"},
    {"Tomorrow 9:00", "2026-12-01 09:00"},
    {"9:00 tomorrow", "2026-12-01 09:00"},
    {"tomorrow 9", "2026-12-01 09:00"},
    {"tomorrow at 9", "2026-12-01 09:00"},
    {"today 14:00", "2026-11-30 14:00"},
    {"mon 9:00", "2026-12-07 09:00"}, /* this Monday at nine is over */
    {"mon 14:00", "2026-11-30 14:00"},
    {"Friday", "2026-12-04 08:00"},
    {"mond 9:00", "2026-12-07 09:00"},
    {"thurs", "2026-12-03 08:00"},
    {"wednesday 7:15", "2026-12-02 07:15"},
    {"24 dec 18:00", "2026-12-24 18:00"},
    {"24 december", "2026-12-24 08:00"},
    {"3 sept", "2027-09-03 08:00"},
    {"31 may", "2027-05-31 08:00"},
    {"1 jan", "2027-01-01 08:00"},
    {"1 nov", "2027-11-01 08:00"}, /* of next year */
    {"2026-12-24", "2026-12-24 08:00"},
    {"2027-02-28 7:05", "2027-02-28 07:05"},
    {"2h", "2026-11-30 15:45"},
    {"in 90 min", "2026-11-30 15:15"},
    {"3 days", "2026-12-03 13:45"},
    {"2 weeks", "2026-12-14 13:45"},
    {"  2h  ", "2026-11-30 15:45"},
    {"2027-03-28 2:30", "2027-03-28 03:30"}, /* the clocks go forward at two */
    {"2h, tomorrow", NULL},
    {"today 9:00", NULL},
    {"2026-11-29", NULL},
    {"2029-01-01", NULL},
    {"2027-02-29", NULL},
    {"31 feb", NULL},
    {"0 dec", NULL},
    {"25:00", NULL},
    {"9:60", NULL},
    {"13pm", NULL},
    {"0am", NULL},
    {"9:5", NULL},
    {"0h", NULL},
    {"99999h", NULL},
    {"9 9", NULL},
    {"mon tue", NULL},
    {"9:00 10:00", NULL},
    {"soon", NULL},
    {"in", NULL},
    {"in 3 months", NULL},
    {"3 months", NULL},
    {"1 month", NULL},
    {"in 1 year", NULL},
    {"2 years", NULL},
    {"in 3 mon", NULL}, /* months are meant */
    {"money 9:00", NULL},
    {"sunrise", NULL},
    {"mondays", NULL},
    {"mo", NULL},
    {"5 decimal", NULL},
    {"5 mayor", NULL},
    {"", NULL},
    {"\xff", NULL},
    {"1 2 3 4 5 6 7 8", NULL},
};

static char *as_text(int64_t at_s)
{
    const time_t at = (time_t)at_s;
    struct tm tm = {0};
    char text[32];

    localtime_r(&at, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
    return g_strdup(text);
}

static void test_typed(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(TYPED); i++) {
        g_autoptr(GError) error = NULL;
        int64_t at_s = 0;
        const gboolean ok = when_parse(TYPED[i].text, NOW, &at_s, &error);
        g_autofree char *got = ok ? as_text(at_s) : NULL;
        if (g_strcmp0(got, TYPED[i].expected) != 0)
            fail_msg("“%s” is %s, not %s", TYPED[i].text, got ? got : "refused",
                     TYPED[i].expected ? TYPED[i].expected : "to be refused");
        assert_true(ok ? !error : tern_error_is(error, TERN_ERROR_INPUT));
    }
}

static void test_told(void **state)
{
    static const struct {
        int64_t at_s;
        const char *expected;
    } TOLD[] = {
        {NOW + 3600, "today 14:45"},
        {NOW + 12 * 3600, "tomorrow 01:45"},
        {NOW + INT64_C(7) * 86400, "Mon 7 Dec 13:45"},
        {NOW + INT64_C(40) * 86400, "Sat 9 Jan 2027 13:45"},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(TOLD); i++) {
        g_autofree char *got = when_format(TOLD[i].at_s, NOW);
        assert_string_equal(got, TOLD[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_typed), cmocka_unit_test(test_told)};

    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
