/* lookup.c - see lookup.h. */
#include "compose/lookup.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/spawn.h"
#include "compose/address.h"
#include "compose/people.h"

#include <string.h>

#define LOOKUP_US (10 * SECOND_US)

/* What begins like an option is none of the typist's to give. */
static char *harmless(const char *typed)
{
    return g_strdup(typed + strspn(typed, "- "));
}

char **lookup_words(const char *command, const char *typed, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *text = harmless(typed);
    gboolean has_place = FALSE;
    char **parsed;

    if (!g_shell_parse_argv(command, NULL, &parsed, &failed)) {
        tern_error_set(error, TERN_ERROR_CONFIG, _("query-command: “%s” cannot be read as words: %s"),
                       command, failed->message);
        return NULL;
    }
    for (char **word = parsed; *word; word++) {
        g_autoptr(GString) filled = g_string_new(*word);
        has_place |= word > parsed && strstr(*word, "%s");
        if (word > parsed) /* the program itself is never typed */
            g_string_replace(filled, "%s", text, 0);
        g_ptr_array_add(words, g_strdup(filled->str));
    }
    if (!has_place)
        g_ptr_array_add(words, g_steal_pointer(&text));
    g_ptr_array_add(words, NULL);
    g_strfreev(parsed);
    return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

/* "address<Tab>name<Tab>…"; NULL: it is no such line. */
static MimeMailbox *mailbox_of(const char *line)
{
    g_auto(GStrv) columns = g_strsplit(line, "\t", 3);
    char *address = columns[0] ? g_strstrip(columns[0]) : NULL;

    if (!address || !columns[1] || !compose_address_check(address, NULL))
        return NULL;
    return people_mailbox_new(&(MimeAddress){.name = g_strstrip(columns[1]), .address = address});
}

GPtrArray *lookup_parse(const char *output)
{
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    g_autofree char *text = charset_to_utf8(output, strlen(output), NULL, LIMIT_LOOKUP_BYTES, NULL);

    for (char *line = text; line && *line && found->len < LIMIT_ADDRESSES;) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        MimeMailbox *mailbox = mailbox_of(line);
        if (mailbox)
            g_ptr_array_add(found, mailbox);
        line = end;
    }
    return found;
}

GPtrArray *lookup_run(const char *command, const char *typed, Cancel *cancel, GError **error)
{
    g_auto(GStrv) words = lookup_words(command, typed, error);
    g_autofree char *output = words ? spawn_search_argv((const char *const *)words, LIMIT_LOOKUP_BYTES,
                                                        clock_now_us() + LOOKUP_US, cancel, error)
                                    : NULL;

    return output ? lookup_parse(output) : NULL;
}
