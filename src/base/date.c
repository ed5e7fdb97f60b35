/* date.c - see date.h: dates as people and scripts read them. Reading them is in date_parse.c. */
#include "base/date.h"

#include "base/i18n.h"
#include "base/text.h"

#include <time.h>

#define MIN_TIME_S INT64_C(-62167219200) /* 0000-01-01 */
#define MAX_TIME_S INT64_C(253402300799) /* 9999-12-31 23:59:59 */
#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

static const char *const DAYS[] = {N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"),
                                   N_("Thu"), N_("Fri"), N_("Sat")};
static const char *const MONTHS[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
                                     N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};

static struct tm split_utc(int64_t time_s)
{
    time_t t = (time_t)CLAMP(time_s, MIN_TIME_S, MAX_TIME_S);
    struct tm tm = {0};

    gmtime_r(&t, &tm);
    return tm;
}

/* Where the zone would lead out of the years of four digits it is UTC. */
static struct tm split_local(int64_t time_s)
{
    time_t t = (time_t)CLAMP(time_s, MIN_TIME_S, MAX_TIME_S);
    struct tm tm = {0};

    localtime_r(&t, &tm);
    return tm.tm_year + 1900 < 0 || tm.tm_year + 1900 > 9999 ? split_utc(time_s) : tm;
}

/* Seconds from 1970 to that day in the calendar it is written in: for counting days. */
static int64_t day_number(const struct tm *tm)
{
    struct tm noon = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday, .tm_hour = 12};

    return (int64_t)timegm(&noon) / DAY_S;
}

char *date_rfc3339(int64_t time_s, int offset_min)
{
    int offset = CLAMP(offset_min, -24 * 60 + 1, 24 * 60 - 1);
    struct tm tm = split_utc(CLAMP(time_s, MIN_TIME_S, MAX_TIME_S) + (int64_t)offset * MINUTE_S);
    char zone[8] = "Z";

    if (offset != 0)
        g_snprintf(zone, sizeof zone, "%c%02d:%02d", offset < 0 ? '-' : '+', ABS(offset) / 60,
                   ABS(offset) % 60);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d%s", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                           tm.tm_hour, tm.tm_min, tm.tm_sec, zone);
}

char *date_short(int64_t time_s, int64_t now_s)
{
    struct tm then = split_local(time_s), now = split_local(now_s);
    int64_t days = day_number(&now) - day_number(&then);

    if (days == 0)
        return g_strdup_printf("%02d:%02d", then.tm_hour, then.tm_min);
    if (days > 0 && days < 7)
        return g_strdup(_(DAYS[then.tm_wday]));
    if (then.tm_year == now.tm_year)
        return g_strdup_printf("%d %s", then.tm_mday, _(MONTHS[then.tm_mon]));
    return g_strdup_printf("%04d-%02d", then.tm_year + 1900, then.tm_mon + 1);
}

/* Small numbers in words. */
static char *number_word(int64_t n)
{
    static const char *const WORDS[] = {
        N_("no"),    N_("one"),   N_("two"),  N_("three"), N_("four"),   N_("five"),   N_("six"),
        N_("seven"), N_("eight"), N_("nine"), N_("ten"),   N_("eleven"), N_("twelve"),
    };
    if (n >= 0 && n < (int64_t)G_N_ELEMENTS(WORDS))
        return g_strdup(_(WORDS[n]));
    return g_strdup_printf("%" G_GINT64_FORMAT, n);
}

/* "two hours ago", "in three days". */
static char *relative(int64_t then_s, int64_t now_s)
{
    static const struct {
        int64_t below_s, unit_s;
        const char *one, *many_past, *one_future, *many_future;
    } UNITS[] = {
        {HOUR_S, MINUTE_S, N_("a minute ago"), N_("%s minutes ago"), N_("in a minute"), N_("in %s minutes")},
        {DAY_S, HOUR_S, N_("an hour ago"), N_("%s hours ago"), N_("in an hour"), N_("in %s hours")},
        {14 * DAY_S, DAY_S, N_("a day ago"), N_("%s days ago"), N_("in a day"), N_("in %s days")},
        {60 * DAY_S, 7 * DAY_S, N_("a week ago"), N_("%s weeks ago"), N_("in a week"), N_("in %s weeks")},
        {730 * DAY_S, 30 * DAY_S, N_("a month ago"), N_("%s months ago"), N_("in a month"),
         N_("in %s months")},
        {G_MAXINT64, 365 * DAY_S, N_("a year ago"), N_("%s years ago"), N_("in a year"), N_("in %s years")},
    };
    int64_t apart_s = ABS(now_s - then_s);
    gsize i = 0;

    if (apart_s < MINUTE_S)
        return g_strdup(_("just now"));
    while (apart_s >= UNITS[i].below_s)
        i++;
    int64_t n = apart_s / UNITS[i].unit_s;
    gboolean is_past = then_s <= now_s;
    if (n == 1)
        return g_strdup(is_past ? _(UNITS[i].one) : _(UNITS[i].one_future));
    g_autofree char *number = number_word(n);
    g_auto(GStrv) parts = g_strsplit(is_past ? _(UNITS[i].many_past) : _(UNITS[i].many_future), "%s", 2);
    return g_strjoinv(number, parts);
}

static int64_t shown_time(int64_t time_s)
{
    return CLAMP(time_s, MIN_TIME_S, MAX_TIME_S);
}

char *date_day_and_time(int64_t time_s)
{
    struct tm then = split_local(shown_time(time_s));

    return g_strdup_printf("%s %d %s %04d, %02d:%02d", _(DAYS[then.tm_wday]), then.tm_mday,
                           _(MONTHS[then.tm_mon]), then.tm_year + 1900, then.tm_hour, then.tm_min);
}

char *date_long(int64_t time_s, int offset_min, int64_t now_s)
{
    int64_t shown_s = shown_time(time_s);
    struct tm then = split_local(shown_s);
    g_autofree char *when = date_day_and_time(time_s);
    g_autofree char *apart = relative(shown_s, CLAMP(now_s, MIN_TIME_S, MAX_TIME_S));
    g_autofree char *there = NULL;

    if (then.tm_gmtoff != (long)offset_min * MINUTE_S && ABS(offset_min) < 24 * 60) {
        struct tm sent = split_utc(shown_s + (int64_t)offset_min * MINUTE_S);
        /* Translators: the sender's time and zone, where they differ from here: "sent 02:58 -0800". */
        there = g_strdup_printf(_(", sent %02d:%02d %c%02d%02d"), sent.tm_hour, sent.tm_min,
                                offset_min < 0 ? '-' : '+', ABS(offset_min) / 60, ABS(offset_min) % 60);
    }
    return g_strdup_printf("%s (%s%s)", when, apart, there ? there : "");
}
