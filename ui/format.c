/* format.c - see format.h. */
#include "ui/format.h"

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
