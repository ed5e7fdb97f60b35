/* vcard_write.c - see vcard.h: cards made, and changed with all that tern does not know of left as it is. */
#include "compose/vcard_private.h"

#include "compose/address.h"

#include <string.h>

/* Bytes of a line before it is folded (RFC 6350, 3.2), a multiple of nothing: characters stay whole. */
#define FOLD_BYTES 74

static void append_escaped(GString *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\,;", *text))
            g_string_append_c(out, '\\');
        g_string_append_c(out, (guchar)*text < ' ' ? ' ' : *text);
    }
}

/* A property in lines of its own. */
static void append_folded(GString *out, const GString *line, const char *line_end)
{
    const char *at = line->str, *end = line->str + line->len;

    while (end - at > FOLD_BYTES) {
        const char *cut = g_utf8_find_prev_char(at, at + FOLD_BYTES + 1);
        cut = cut && cut > at ? cut : at + FOLD_BYTES;
        g_string_append_len(out, at, cut - at);
        g_string_append_printf(out, "%s ", line_end);
        at = cut;
    }
    g_string_append_printf(out, "%s%s", at, line_end);
}

static void append_property(GString *out, const char *name, const char *text, const char *line_end)
{
    g_autoptr(GString) line = g_string_new(name);

    g_string_append_c(line, ':');
    append_escaped(line, text);
    append_folded(out, line, line_end);
}

/* FN, and N (which 3.0 asks for): the last word is taken for the family's. */
static void append_name(GString *out, const char *name, const char *line_end)
{
    g_autoptr(GString) line = g_string_new("N:");
    const char *space = strrchr(name, ' ');
    g_autofree char *given = g_strndup(name, space ? (gsize)(space - name) : 0);

    append_property(out, "FN", name, line_end);
    append_escaped(line, space ? space + 1 : name);
    g_string_append_c(line, ';');
    append_escaped(line, given);
    g_string_append(line, ";;;");
    append_folded(out, line, line_end);
}

/* Who has no name is called by the first address. */
static const char *shown_name(const char *name, const char *const *addresses)
{
    if (*name)
        return name;
    return addresses[0] ? addresses[0] : "";
}

char *vcard_new(const char *name, const char *const *addresses)
{
    GString *card = g_string_new("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    g_autofree char *uuid = g_uuid_string_random();

    g_string_append_printf(card, "UID:urn:uuid:%s\r\n", uuid);
    append_name(card, shown_name(name, addresses), "\r\n");
    for (; *addresses; addresses++)
        append_property(card, "EMAIL;TYPE=internet", *addresses, "\r\n");
    g_string_append(card, "END:VCARD\r\n");
    return g_string_free(card, FALSE);
}

/* Takes the address off the list of those that are to be added, if it is on it. */
static gboolean take_off(GPtrArray *wanted, const char *address)
{
    const char *bare = !g_ascii_strncasecmp(address, "mailto:", 7) ? address + 7 : address;

    for (guint i = 0; i < wanted->len; i++)
        if (compose_address_equal(wanted->pdata[i], bare)) {
            g_ptr_array_remove_index(wanted, i);
            return TRUE;
        }
    return FALSE;
}

/* Whether a line stays as it is. A name that is the same keeps its lines, an address its own. */
static gboolean stays(const VCardLine *line, gboolean is_renamed, GPtrArray *wanted)
{
    if (vcard_line_is(line, "FN") || vcard_line_is(line, "N"))
        return !is_renamed;
    if (!vcard_line_is(line, "EMAIL"))
        return TRUE;
    g_autofree char *address = vcard_line_text(line);
    return take_off(wanted, address);
}

static gboolean has_name(const char *text, gsize bytes, const char *name)
{
    g_autoptr(GPtrArray) cards = vcard_parse(text, bytes);

    return cards->len == 1 && g_str_equal(((const VCard *)cards->pdata[0])->name, name);
}

char *vcard_change(const char *text, gsize bytes, const char *name, const char *const *addresses)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GPtrArray) wanted = g_ptr_array_new();
    const char *line_end = memchr(text, '\r', bytes) ? "\r\n" : "\n", *cursor = text;
    const gboolean is_renamed = !has_name(text, bytes, name);
    VCardLine line;

    for (const char *const *address = addresses; *address; address++)
        g_ptr_array_add(wanted, (char *)*address);
    while (vcard_line_next(&cursor, text + bytes, &line)) {
        if (vcard_line_frames(&line, "END")) {
            if (is_renamed)
                append_name(out, shown_name(name, addresses), line_end);
            for (guint i = 0; i < wanted->len; i++)
                append_property(out, "EMAIL;TYPE=internet", wanted->pdata[i], line_end);
        }
        if (stays(&line, is_renamed, wanted))
            g_string_append_len(out, line.begin, line.end - line.begin);
        vcard_line_clear(&line);
    }
    return g_string_free(out, FALSE);
}
