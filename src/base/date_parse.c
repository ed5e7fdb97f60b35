/*
 * date_parse.c - reading the dates of mail (date.h).
 *
 * Mailers write dates in many orders, so the text is taken apart into words, and each is known by what it
 * looks like: a month's name, a time with colons, a zone, a number that can only be a day or a year.
 */
#include "base/date.h"

#include <string.h>

#define UNSET G_MININT

typedef struct {
    int year, month, day, hour, minute, second, offset_min;
    gboolean is_pm, is_am;
} Fields;

static const char MONTHS[] = "janfebmaraprmayjunjulaugsepoctnovdec";

/* Zones by name (RFC 5322 4.3, and what mailers write besides). Others, and military letters, count as
 * UTC. */
static const struct {
    const char *name;
    int offset_min;
} ZONES[] = {
    {"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300},  {"mst", -420},  {"mdt", -360},
    {"pst", -480}, {"pdt", -420}, {"cet", 60},   {"cest", 120},  {"met", 60},    {"mest", 120},
    {"bst", 60},   {"eet", 120},  {"eest", 180}, {"wet", 0},     {"west", 60},   {"jst", 540},
    {"kst", 540},  {"msk", 180},  {"hst", -600}, {"akst", -540}, {"akdt", -480},
};

/* Days from 1970-01-01 in the Gregorian calendar; `month` from 1. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
    gboolean is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 ? (is_leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static gboolean to_time(const Fields *f, int64_t *time_s_out)
{
    int second = f->second == 60 ? 59 : f->second; /* a leap second */

    if (f->year < 0 || f->year > 9999 || f->month < 1 || f->month > 12 || f->day < 1 ||
        f->day > days_in_month(f->year, f->month) || f->hour > 23 || f->minute > 59 || second > 59)
        return FALSE;
    *time_s_out = days_from_civil(f->year, f->month, f->day) * 86400 + f->hour * 3600 + f->minute * 60 +
                  second - (int64_t)f->offset_min * 60;
    return TRUE;
}

/* Digits at *p (at most `max`); -1 when there are none. */
static int read_number(const char **p, int max)
{
    int value = 0, n = 0;

    for (; n < max && g_ascii_isdigit((*p)[n]); n++)
        value = value * 10 + ((*p)[n] - '0');
    *p += n;
    return n > 0 ? value : -1;
}

/* A month by the first three letters of a word; 0: none. */
static int read_month(const char *word)
{
    for (int month = 1; month <= 12; month++)
        if (g_ascii_strncasecmp(word, MONTHS + 3 * (month - 1), 3) == 0)
            return month;
    return 0;
}

/* "+0100", "-07:00", "+1": minutes east of UTC; FALSE when it is no zone. */
static gboolean read_offset(const char *word, int *offset_min_out)
{
    const char *p = word + 1;
    gsize digits = strspn(p, "0123456789");

    if ((word[0] != '+' && word[0] != '-') || digits == 0 || digits > 4)
        return FALSE;
    int hours = read_number(&p, digits <= 2 ? 2 : (int)digits - 2);
    p += *p == ':';
    int minutes = *p ? read_number(&p, 2) : 0;
    if (*p)
        return FALSE;
    /* One that cannot be is as good as none. */
    int offset = hours < 24 && minutes >= 0 && minutes < 60 ? hours * 60 + minutes : 0;
    *offset_min_out = word[0] == '-' ? -offset : offset;
    return TRUE;
}

static void read_zone(const char *word, Fields *f)
{
    const char *sign = strpbrk(word, "+-");

    if (sign) { /* "GMT+0100" */
        read_offset(sign, &f->offset_min);
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(ZONES); i++)
        if (g_ascii_strcasecmp(word, ZONES[i].name) == 0 && f->offset_min == UNSET)
            f->offset_min = ZONES[i].offset_min;
}

/* "11:58", "11:58:07.25", "11.58.07". */
static gboolean read_time(const char *word, Fields *f)
{
    const char *p = word;
    int hour = read_number(&p, 2);

    if (hour < 0 || (*p != ':' && *p != '.') || !g_ascii_isdigit(p[1]) || f->hour != UNSET)
        return FALSE;
    char separator = *p++;
    int minute = read_number(&p, 2), second = 0;
    if (*p == separator && g_ascii_isdigit(p[1])) {
        p++;
        second = read_number(&p, 2);
    }
    if (*p == '.' || *p == ',') /* fractions */
        p += 1 + strspn(p + 1, "0123456789");
    if (g_ascii_strcasecmp(p, "pm") == 0)
        f->is_pm = TRUE;
    else if (g_ascii_strcasecmp(p, "am") == 0)
        f->is_am = TRUE;
    else if (*p == '+' || *p == '-' || g_ascii_isalpha(*p))
        read_zone(p, f);
    else if (*p)
        return FALSE;
    if (minute < 0 || second < 0)
        return FALSE;
    f->hour = hour;
    f->minute = minute;
    f->second = second;
    return TRUE;
}

static void read_year(int year, gsize digits, Fields *f)
{
    if (digits == 2)
        year += year < 50 ? 2000 : 1900;
    else if (digits == 3)
        year += 1900;
    f->year = year;
}

static gboolean read_digits(const char *word, Fields *f)
{
    gsize digits = strlen(word);
    const char *p = word;

    if (digits > 4)
        return TRUE; /* no part of a date: passed over */
    int number = read_number(&p, 4);
    if (digits <= 2 && f->day == UNSET && number >= 1 && number <= 31)
        f->day = number;
    else if (f->year == UNSET)
        read_year(number, digits, f);
    return TRUE;
}

/* "24-Nov-2026", "24/11/2026" is not read (which is the month?), "2026-11-24",
 * "2026-11-24T11:58:00+01:00". */
static gboolean read_joined_date(const char *word, Fields *f)
{
    const char *p = word;
    gsize first_digits = strspn(word, "0123456789");
    int first = read_number(&p, 4), month;

    if (first < 0 || *p != '-' || f->month != UNSET)
        return FALSE;
    p++;
    if ((month = read_month(p)) > 0)
        p += strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    else if (first_digits != 4 || (month = read_number(&p, 2)) < 0)
        return FALSE;
    if (*p++ != '-')
        return FALSE;
    gsize last_digits = strspn(p, "0123456789");
    int last = read_number(&p, 4);
    if (last < 0)
        return FALSE;
    f->month = month;
    f->day = first_digits == 4 ? last : first;
    read_year(first_digits == 4 ? first : last, first_digits == 4 ? 4 : last_digits, f);
    return (*p != 'T' && *p != 't') || read_time(p + 1, f);
}

/* One word of the date; what is not known is passed over (a day's name, a comment's rest). */
static void read_word(const char *word, Fields *f)
{
    if (word[0] == '+' || word[0] == '-') {
        read_offset(word, &f->offset_min);
    } else if (g_ascii_isdigit(word[0])) {
        if (word[strspn(word, "0123456789")] == '\0')
            read_digits(word, f);
        else if (!read_joined_date(word, f))
            read_time(word, f);
    } else if (g_ascii_strcasecmp(word, "pm") == 0) {
        f->is_pm = TRUE;
    } else if (g_ascii_strcasecmp(word, "am") == 0) {
        f->is_am = TRUE;
    } else if (f->month == UNSET && read_month(word) > 0) {
        f->month = read_month(word);
    } else {
        read_zone(word, f);
    }
}

/* The next word at *p into `word`, comments passed over; FALSE at the end. */
static gboolean next_word(const char **p, char word[32])
{
    int depth = 0;
    gsize n = 0;

    for (; **p; ++*p) {
        gboolean is_space = strchr(" \t\r\n,", **p) != NULL;
        if (**p == '(')
            depth++;
        if (depth == 0 && !is_space) {
            if (n < 31)
                word[n++] = **p;
        } else if (n > 0) {
            break;
        }
        if (**p == ')' && depth > 0)
            depth--;
    }
    word[n] = '\0';
    return n > 0;
}

gboolean date_parse_rfc5322(const char *text, int64_t *time_s_out, int *offset_min_out)
{
    Fields f = {UNSET, UNSET, UNSET, UNSET, UNSET, UNSET, UNSET, FALSE, FALSE};
    char word[32];

    for (int words = 0; words < 32 && next_word(&text, word); words++)
        read_word(word, &f);
    if (f.year == UNSET || f.month == UNSET || f.day == UNSET)
        return FALSE;
    if (f.hour == UNSET)
        f.hour = f.minute = f.second = 0;
    if (f.is_pm && f.hour < 12)
        f.hour += 12;
    else if (f.is_am && f.hour == 12)
        f.hour = 0;
    if (f.offset_min == UNSET)
        f.offset_min = 0;
    if (offset_min_out)
        *offset_min_out = f.offset_min;
    return to_time(&f, time_s_out);
}

gboolean date_parse_imap(const char *text, int64_t *time_s_out)
{
    Fields f = {0};
    const char *p = text + strspn(text, " ");

    f.day = read_number(&p, 2);
    if (f.day < 0 || *p++ != '-' || !(f.month = read_month(p)) || p[3] != '-')
        return FALSE;
    p += 4;
    if ((f.year = read_number(&p, 4)) < 0 || *p++ != ' ')
        return FALSE;
    if ((f.hour = read_number(&p, 2)) < 0 || *p++ != ':' || (f.minute = read_number(&p, 2)) < 0 ||
        *p++ != ':' || (f.second = read_number(&p, 2)) < 0 || *p++ != ' ')
        return FALSE;
    if (strlen(p) != 5 || !read_offset(p, &f.offset_min))
        return FALSE;
    return to_time(&f, time_s_out);
}
