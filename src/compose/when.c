/* when.c - see when.h. */
#include "compose/when.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>
#include <time.h>

#define DAY_S (24 * 60 * 60)
#define MOST_AHEAD_S (INT64_C(2) * 366 * DAY_S)
/* A day without a time. */
#define MORNING_HOUR 8
/* Nobody types more, and a number of more digits is none. */
#define MOST_WORDS 6
#define MOST_DIGITS 4

static const char *const DAYS[] = {N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"),
                                   N_("Thu"), N_("Fri"), N_("Sat")};
static const char *const MONTHS[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
                                     N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
static const char *const WHOLE_DAYS[] = {N_("Sunday"),   N_("Monday"), N_("Tuesday"), N_("Wednesday"),
                                         N_("Thursday"), N_("Friday"), N_("Saturday")};
static const char *const WHOLE_MONTHS[] = {N_("January"),   N_("February"), N_("March"),    N_("April"),
                                           N_("May"),       N_("June"),     N_("July"),     N_("August"),
                                           N_("September"), N_("October"),  N_("November"), N_("December")};

/* What was typed so far; -1: nothing of it. */
typedef struct {
    int weekday, days_ahead;
    int year, month, day;
    int hour, minute;
    int64_t ahead_s;
    int number;           /* that a word to come belongs to */
    gboolean wants_ahead; /* "in" */
} Parsed;

/* ---- one word ---- */

static gboolean all_digits(const char *word, int *number_out)
{
    const gsize n = strspn(word, "0123456789");

    if (n == 0 || n > MOST_DIGITS || word[n])
        return FALSE;
    *number_out = (int)g_ascii_strtoll(word, NULL, 10);
    return TRUE;
}

/* Whether it begins the whole name, and is no shorter than the short one. */
static gboolean is_name(const char *word, const char *name, const char *whole)
{
    g_autofree char *least = g_utf8_strdown(name, -1), *most = g_utf8_strdown(whole, -1);

    return g_str_has_prefix(word, least) && (g_str_equal(word, least) || g_str_has_prefix(most, word));
}

/* "mon", "mond" and "monday", but neither "months" nor "money"; -1: none of them. */
static int find_name(const char *word, const char *const names[], const char *const whole[], int n)
{
    for (int i = 0; i < n; i++)
        if (is_name(word, names[i], whole[i]) || is_name(word, _(names[i]), _(whole[i])))
            return i;
    return -1;
}

/* Seconds of "h", "hours", "min" …; 0: no unit. */
static int64_t unit_of(const char *word)
{
    static const struct {
        const char *names;
        int64_t seconds;
    } UNITS[] = {{"m min mins minute minutes", 60},
                 {"h hour hours", 60 * 60},
                 {"d day days", DAY_S},
                 {"w week weeks", 7 * DAY_S}};

    for (guint i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        g_auto(GStrv) names = g_strsplit(UNITS[i].names, " ", -1);
        if (g_strv_contains((const char *const *)names, word))
            return UNITS[i].seconds;
    }
    return 0;
}

static gboolean set_time(Parsed *parsed, int hour, int minute)
{
    if (parsed->hour >= 0 || hour > 23 || minute > 59)
        return FALSE;
    parsed->hour = hour;
    parsed->minute = minute;
    return TRUE;
}

/* "9:00", "9pm", "9:30am". */
static gboolean take_time(Parsed *parsed, const char *word)
{
    char *end;
    const gsize digits = strspn(word, "0123456789");
    int64_t hour = digits > 0 && digits <= 2 ? g_ascii_strtoll(word, &end, 10) : -1, minute = 0;

    if (hour < 0)
        return FALSE;
    const gboolean has_minutes = *end == ':';
    if (has_minutes) {
        if (strspn(end + 1, "0123456789") != 2)
            return FALSE;
        minute = g_ascii_strtoll(end + 1, &end, 10);
    }
    if (!*end)
        return has_minutes && set_time(parsed, (int)hour, (int)minute);
    if ((strcmp(end, "am") != 0 && strcmp(end, "pm") != 0) || hour < 1 || hour > 12)
        return FALSE;
    return set_time(parsed, (int)(hour % 12 + (*end == 'p' ? 12 : 0)), (int)minute);
}

/* "2026-12-24". */
static gboolean take_date(Parsed *parsed, const char *word)
{
    g_auto(GStrv) parts = g_strsplit(word, "-", 4);

    return parsed->day < 0 && g_strv_length(parts) == 3 && all_digits(parts[0], &parsed->year) &&
           all_digits(parts[1], &parsed->month) && all_digits(parts[2], &parsed->day) &&
           parsed->year >= 1970 && --parsed->month >= 0 && parsed->month < 12;
}

/* "2h": number and unit in one. */
static gboolean take_span(Parsed *parsed, const char *word)
{
    const gsize digits = strspn(word, "0123456789");
    const int64_t unit_s = digits > 0 && digits <= MOST_DIGITS ? unit_of(word + digits) : 0;

    if (!unit_s || parsed->ahead_s)
        return FALSE;
    parsed->ahead_s = g_ascii_strtoll(word, NULL, 10) * unit_s;
    return parsed->ahead_s > 0;
}

static gboolean take_name(Parsed *parsed, const char *word)
{
    const int month = find_name(word, MONTHS, WHOLE_MONTHS, G_N_ELEMENTS(MONTHS)),
              weekday = find_name(word, DAYS, WHOLE_DAYS, G_N_ELEMENTS(DAYS));
    const int64_t unit_s = unit_of(word);

    if (unit_s && parsed->number > 0 && !parsed->ahead_s) {
        parsed->ahead_s = parsed->number * unit_s;
        parsed->number = -1;
    } else if (g_str_equal(word, "today") || g_str_equal(word, _("today"))) {
        parsed->days_ahead = 0;
    } else if (g_str_equal(word, "tomorrow") || g_str_equal(word, _("tomorrow"))) {
        parsed->days_ahead = 1;
    } else if (month >= 0 && parsed->number > 0 && parsed->day < 0) { /* 24 dec */
        parsed->month = month;
        parsed->day = parsed->number;
        parsed->number = -1;
    } else if (weekday >= 0 && parsed->weekday < 0) {
        parsed->weekday = weekday;
    } else if (g_str_equal(word, "in")) {
        parsed->wants_ahead = TRUE;
    } else {
        return g_str_equal(word, "at");
    }
    return TRUE;
}

static gboolean take_word(Parsed *parsed, const char *word)
{
    int number;

    if (all_digits(word, &number)) {
        if (parsed->number >= 0)
            return FALSE;
        parsed->number = number;
        return TRUE;
    }
    return take_time(parsed, word) || take_span(parsed, word) || take_date(parsed, word) ||
           take_name(parsed, word);
}

/* ---- what they say together ---- */

static gboolean read_words(const char *text, Parsed *parsed)
{
    g_autofree char *lower = g_utf8_validate(text, -1, NULL) ? g_utf8_strdown(text, -1) : NULL;
    g_auto(GStrv) words = g_strsplit_set(lower ? lower : "", " ,\t", -1);
    guint n = 0;

    *parsed = (Parsed){-1, -1, -1, -1, -1, -1, -1, 0, -1, FALSE};
    for (char **word = words; *word; word++)
        if (**word && (++n > MOST_WORDS || !take_word(parsed, *word)))
            return FALSE;
    if (parsed->number >= 0 && parsed->hour < 0) { /* "tomorrow 9" */
        if (!set_time(parsed, parsed->number, 0))
            return FALSE;
        parsed->number = -1;
    }
    const int named = (parsed->weekday >= 0) + (parsed->days_ahead >= 0) + (parsed->day >= 0);
    const gboolean is_span = parsed->ahead_s > 0;
    return n > 0 && parsed->number < 0 && named <= 1 && (is_span || !parsed->wants_ahead) &&
           (is_span ? named == 0 && parsed->hour < 0 : named == 1 || parsed->hour >= 0);
}

static int64_t local_time(struct tm tm)
{
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm);
}

/* Whether mktime() would make another day of it: 31 Feb. */
static gboolean is_day(int year, int month, int day)
{
    return day >= 1 && day <= 31 && g_date_valid_dmy((GDateDay)day, (GDateMonth)(month + 1), (GDateYear)year);
}

/* -1: there is no such day. */
static int64_t time_of(const Parsed *parsed, int64_t now_s)
{
    const time_t now = (time_t)now_s;
    struct tm tm = {0};

    localtime_r(&now, &tm);
    const struct tm today = tm;
    tm.tm_hour = parsed->hour >= 0 ? parsed->hour : MORNING_HOUR;
    tm.tm_min = parsed->hour >= 0 ? parsed->minute : 0;
    tm.tm_sec = 0;
    if (parsed->day >= 0) {
        tm.tm_year = parsed->year >= 0 ? parsed->year - 1900 : today.tm_year;
        tm.tm_mon = parsed->month;
        tm.tm_mday = parsed->day;
        if (parsed->year < 0 && local_time(tm) <= now_s)
            tm.tm_year++;
        return is_day(tm.tm_year + 1900, tm.tm_mon, tm.tm_mday) ? local_time(tm) : -1;
    }
    if (parsed->days_ahead > 0)
        tm.tm_mday += parsed->days_ahead;
    if (parsed->weekday >= 0)
        tm.tm_mday += (parsed->weekday - today.tm_wday + 7) % 7;
    if (parsed->days_ahead < 0 && local_time(tm) <= now_s)
        tm.tm_mday += parsed->weekday >= 0 ? 7 : 1;
    return local_time(tm);
}

gboolean when_parse(const char *text, int64_t now_s, int64_t *at_s_out, GError **error)
{
    Parsed parsed;
    int64_t at_s = -1;

    if (read_words(text, &parsed))
        at_s = parsed.ahead_s > 0 ? now_s + parsed.ahead_s : time_of(&parsed, now_s);
    if (at_s < 0)
        tern_error_set(error, TERN_ERROR_INPUT, "%s",
                       _("that is no time; try “tomorrow 9:00”, “mon 8:30”, “24 dec 18:00” or “2h”"));
    else if (at_s <= now_s)
        tern_error_set(error, TERN_ERROR_INPUT, "%s", _("that time is over already"));
    else if (at_s > now_s + MOST_AHEAD_S)
        tern_error_set(error, TERN_ERROR_INPUT, "%s", _("that is more than two years away"));
    else
        *at_s_out = at_s;
    return at_s > now_s && at_s <= now_s + MOST_AHEAD_S;
}

char *when_format(int64_t at_s, int64_t now_s)
{
    const time_t at = (time_t)at_s, now = (time_t)now_s;
    struct tm then = {0}, today = {0}, tomorrow;

    localtime_r(&at, &then);
    localtime_r(&now, &today);
    tomorrow = today;
    tomorrow.tm_mday++;
    tomorrow.tm_hour = 12;
    tomorrow.tm_isdst = -1;
    mktime(&tomorrow);
    if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday)
        return g_strdup_printf("%s %02d:%02d", _("today"), then.tm_hour, then.tm_min);
    if (then.tm_year == tomorrow.tm_year && then.tm_yday == tomorrow.tm_yday)
        return g_strdup_printf("%s %02d:%02d", _("tomorrow"), then.tm_hour, then.tm_min);
    if (then.tm_year == today.tm_year)
        return g_strdup_printf("%s %d %s %02d:%02d", _(DAYS[then.tm_wday]), then.tm_mday,
                               _(MONTHS[then.tm_mon]), then.tm_hour, then.tm_min);
    return g_strdup_printf("%s %d %s %d %02d:%02d", _(DAYS[then.tm_wday]), then.tm_mday,
                           _(MONTHS[then.tm_mon]), then.tm_year + 1900, then.tm_hour, then.tm_min);
}
