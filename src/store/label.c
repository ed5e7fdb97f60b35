/* label.c - see label.h. */
#include "store/label.h"

#include <string.h>

/* Gmail takes up to 225 characters. */
#define LABEL_BYTES_MAX 1000

char *label_keyword(const char *label)
{
    const gsize bytes = strlen(label);

    if (!bytes || bytes > LABEL_BYTES_MAX || *label == '\\' || !g_utf8_validate(label, (gssize)bytes, NULL))
        return NULL;
    for (const char *at = label; *at; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return NULL;
    return g_strdup_printf("%c%s", LABEL_MARK, label);
}

gboolean label_is(const char *name)
{
    return *name == LABEL_MARK;
}

const char *label_shown(const char *name)
{
    return label_is(name) ? name + 1 : name;
}
