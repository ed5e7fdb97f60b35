/* units.c - see units.h. */
#include "config/units.h"

typedef struct {
    char letter;
    int64_t factor;
} Unit;

/* From the largest; a letter of '\0' is the unit of plain digits. */
static const Unit SIZES[] = {
    {'T', INT64_C(1) << 40},
    {'G', INT64_C(1) << 30},
    {'M', INT64_C(1) << 20},
    {'K', INT64_C(1) << 10},
    {'\0', 1},
};
static const Unit DURATIONS[] = {
    {'y', 365 * 86400}, {'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1},
};

static gboolean parse(const char *text, const Unit *units, gsize n, int64_t *value_out)
{
    char *end = NULL;

    if (!g_ascii_isdigit(*text))
        return FALSE;
    guint64 number = g_ascii_strtoull(text, &end, 10);
    for (gsize i = 0; i < n; i++) {
        if (units[i].letter != *end || (*end && end[1]))
            continue;
        if (number > (guint64)(INT64_MAX / units[i].factor))
            return FALSE;
        *value_out = (int64_t)number * units[i].factor;
        return TRUE;
    }
    return FALSE;
}

static char *format(int64_t value, const Unit *units, gsize n)
{
    for (gsize i = 0; i < n - 1; i++)
        if (value && value % units[i].factor == 0)
            return g_strdup_printf("%" G_GINT64_FORMAT "%c", value / units[i].factor, units[i].letter);
    return units[n - 1].letter ? g_strdup_printf("%" G_GINT64_FORMAT "%c", value, units[n - 1].letter)
                               : g_strdup_printf("%" G_GINT64_FORMAT, value);
}

gboolean units_parse_size(const char *text, int64_t *bytes_out)
{
    return parse(text, SIZES, G_N_ELEMENTS(SIZES), bytes_out);
}

gboolean units_parse_duration(const char *text, int64_t *seconds_out)
{
    int64_t seconds;

    if (!parse(text, DURATIONS, G_N_ELEMENTS(DURATIONS), &seconds) || seconds > 100 * DURATIONS[0].factor)
        return FALSE;
    *seconds_out = seconds;
    return TRUE;
}

char *units_format_size(int64_t bytes)
{
    return format(bytes, SIZES, G_N_ELEMENTS(SIZES));
}

char *units_format_duration(int64_t seconds)
{
    return format(seconds, DURATIONS, G_N_ELEMENTS(DURATIONS));
}
