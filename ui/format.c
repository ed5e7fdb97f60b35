/* format.c - see format.h. */
#include "ui/format.h"

#include "base/i18n.h"

#include <string.h>

char *format_count(gint64 number)
{
    g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, ABS(number));
    GString *text = g_string_new(number < 0 ? "-" : NULL);
    gsize length = strlen(digits);

    for (gsize i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            g_string_append_c(text, ',');
        g_string_append_c(text, digits[i]);
    }
    return g_string_free(text, FALSE);
}

char *format_size(gint64 bytes)
{
    static const char *const UNITS[] = {N_("%s bytes"), N_("%s KB"), N_("%s MB"), N_("%s GB"), N_("%s TB")};
    double size = (double)bytes;
    guint unit = 0;

    for (; size >= 1000 && unit + 1 < G_N_ELEMENTS(UNITS); unit++)
        size /= 1024;
    g_autofree char *number =
        size < 9.95 && unit ? g_strdup_printf("%.1f", size) : g_strdup_printf("%.0f", size);
    if (g_str_has_suffix(number, ".0"))
        number[strlen(number) - 2] = '\0';
    g_auto(GStrv) parts = g_strsplit(_(UNITS[unit]), "%s", 2);
    return g_strjoinv(number, parts);
}
