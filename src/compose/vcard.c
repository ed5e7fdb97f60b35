/* vcard.c - see vcard.h: reading. */
#include "compose/vcard_private.h"

#include "base/limits.h"

#include <string.h>

void vcard_free(VCard *card)
{
    if (!card)
        return;
    g_free(card->name);
    g_free(card->nickname);
    g_strfreev(card->addresses);
    g_free(card->uid);
    g_strfreev(card->members);
    g_free(card);
}

/* A card that is being read. */
typedef struct {
    const char *begin; /* NULL: none is */
    char *formatted, *structured, *organization, *nickname, *uid;
    GPtrArray *addresses, *members;
    int best; /* the preference of the address that stands first, 101: there is none */
    gboolean is_group;
} Reading;

static void reading_begin(Reading *reading, const char *begin)
{
    *reading = (Reading){.begin = begin,
                         .addresses = g_ptr_array_new_with_free_func(g_free),
                         .members = g_ptr_array_new_with_free_func(g_free),
                         .best = 101};
}

static void reading_clear(Reading *reading)
{
    g_free(reading->formatted);
    g_free(reading->structured);
    g_free(reading->organization);
    g_free(reading->nickname);
    g_free(reading->uid);
    g_clear_pointer(&reading->addresses, g_ptr_array_unref);
    g_clear_pointer(&reading->members, g_ptr_array_unref);
    *reading = (Reading){0};
}

/* PREF=1 to 100 of 4.0, TYPE=pref of 3.0, PREF of 2.1; without one it is as the last. */
static int preference(const VCardLine *line)
{
    g_autofree char *number = vcard_line_parameter(line, "PREF");
    g_autofree char *types = vcard_line_parameter(line, "TYPE");
    g_auto(GStrv) words = g_strsplit(types ? types : "", ",", -1);

    for (char **word = words; *word; word++)
        if (!g_ascii_strcasecmp(*word, "pref"))
            return 1;
    if (!number)
        return 100;
    return *number ? (int)CLAMP(g_ascii_strtoll(number, NULL, 10), 1, 100) : 1;
}

static void take_address(Reading *reading, const VCardLine *line)
{
    g_autofree char *text = vcard_line_text(line);
    const char *address = !g_ascii_strncasecmp(text, "mailto:", 7) ? text + 7 : text;
    const int rank = preference(line);

    if (!strchr(address, '@') || reading->addresses->len >= LIMIT_VCARD_VALUES)
        return;
    g_ptr_array_insert(reading->addresses, rank < reading->best ? 0 : -1, g_strdup(address));
    reading->best = MIN(reading->best, rank);
}

/* "Family;Given;Additional;Prefix;Suffix" as it is said: prefix, given, additional, family, suffix. */
static char *said_name(const VCardLine *line)
{
    static const guint ORDER[] = {3, 1, 2, 0, 4};
    GString *name = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(ORDER); i++) {
        g_autofree char *word = vcard_line_component(line, ORDER[i]);
        if (*word)
            g_string_append_printf(name, "%s%s", name->len ? " " : "", word);
    }
    return g_string_free(name, FALSE);
}

static void take_first(char **into, char *text)
{
    if (!*into && *text)
        *into = text;
    else
        g_free(text);
}

static void take_member(Reading *reading, const VCardLine *line)
{
    if (reading->members->len < LIMIT_ADDRESSES)
        g_ptr_array_add(reading->members, vcard_line_text(line));
}

static void take_kind(Reading *reading, const VCardLine *line)
{
    g_autofree char *kind = vcard_line_text(line);

    reading->is_group |= !g_ascii_strcasecmp(kind, "group");
}

static void take_line(Reading *reading, const VCardLine *line)
{
    if (vcard_line_is(line, "EMAIL"))
        take_address(reading, line);
    else if (vcard_line_is(line, "FN"))
        take_first(&reading->formatted, vcard_line_text(line));
    else if (vcard_line_is(line, "N"))
        take_first(&reading->structured, said_name(line));
    else if (vcard_line_is(line, "ORG"))
        take_first(&reading->organization, vcard_line_component(line, 0));
    else if (vcard_line_is(line, "NICKNAME"))
        take_first(&reading->nickname, vcard_line_text(line));
    else if (vcard_line_is(line, "UID"))
        take_first(&reading->uid, vcard_line_text(line));
    else if (vcard_line_is(line, "KIND") || vcard_line_is(line, "X-ADDRESSBOOKSERVER-KIND"))
        take_kind(reading, line);
    else if (vcard_line_is(line, "MEMBER") || vcard_line_is(line, "X-ADDRESSBOOKSERVER-MEMBER"))
        take_member(reading, line);
}

static char **to_strv(GPtrArray *list)
{
    char **strv = g_new0(char *, list->len + 1);

    for (guint i = 0; i < list->len; i++)
        strv[i] = g_steal_pointer(&list->pdata[i]);
    return strv;
}

static VCard *finish(Reading *reading, const char *text, const char *end)
{
    VCard *card = g_new0(VCard, 1);
    const char *name = reading->formatted      ? reading->formatted
                       : reading->structured   ? reading->structured
                       : reading->organization ? reading->organization
                       : reading->nickname     ? reading->nickname
                                               : "";

    *card = (VCard){.name = g_strdup(name),
                    .nickname = g_strdup(reading->nickname ? reading->nickname : ""),
                    .addresses = to_strv(reading->addresses),
                    .uid = g_strdup(reading->uid ? reading->uid : ""),
                    .is_group = reading->is_group,
                    .members = to_strv(reading->members),
                    .from = (gsize)(reading->begin - text),
                    .bytes = (gsize)(end - reading->begin)};
    return card;
}

GPtrArray *vcard_parse(const char *text, gsize size)
{
    GPtrArray *cards = g_ptr_array_new_with_free_func((GDestroyNotify)vcard_free);
    const char *cursor = text, *end = text + size;
    Reading reading = {0};
    VCardLine line;

    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        cursor += 3;
    while (cards->len < LIMIT_VCARDS && vcard_line_next(&cursor, end, &line)) {
        if (vcard_line_frames(&line, "BEGIN")) { /* within a card: the one before was never ended */
            reading_clear(&reading);
            reading_begin(&reading, line.begin);
        } else if (reading.begin && vcard_line_frames(&line, "END")) {
            g_ptr_array_add(cards, finish(&reading, text, line.end));
            reading_clear(&reading);
        } else if (reading.begin && line.value) {
            take_line(&reading, &line);
        }
        vcard_line_clear(&line);
    }
    reading_clear(&reading);
    return cards;
}
