/* What is read as addresses is written as one field, and typed again it reads the same; links bring no line
 * ends. */
#include "base/limits.h"
#include "compose/address.h"
#include "compose/mailto.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One field: every line end but the last is followed by a blank, and no line is too long. */
static void check_field(const GString *field)
{
    const char *line = field->str;

    for (const char *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (!end || end - line > 998 || (end[1] && end[1] != ' ' && end[1] != '\t') ||
            memchr(line, '\r', end - line))
            abort();
    }
}

static void check_addresses(const char *text)
{
    g_autoptr(GPtrArray) list = compose_addresses_parse(text, NULL, NULL);
    g_autoptr(GString) field = g_string_new(NULL);

    if (!list)
        return;
    g_autofree char *again = compose_addresses_format(list);
    g_autoptr(GPtrArray) second = compose_addresses_parse(again, NULL, NULL);
    g_autofree char *third = second ? compose_addresses_format(second) : NULL;
    if (!second || second->len != list->len || strcmp(again, third) != 0)
        abort();
    if (mime_write_addresses(field, "To", list, NULL))
        check_field(field);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *link = g_strconcat("mailto:", text, NULL);
    g_autoptr(Mailto) mailto = mailto_parse(link, NULL);
    g_autoptr(GString) field = g_string_new(NULL);

    check_addresses(text);
    check_addresses(mailto->to);
    if (strpbrk(mailto->to, "\r\n") || strpbrk(mailto->cc, "\r\n") || strchr(mailto->body, '\r'))
        abort();
    if (!mime_write_text(field, "Subject", mailto->subject, NULL))
        abort();
    check_field(field);
    return 0;
}
