/* vcard_line.c - see vcard_private.h: RFC 6350 3.2 to 3.4, and what 2.1 did otherwise. */
#include "compose/vcard_private.h"

#include "base/charset.h"
#include "base/limits.h"

#include <string.h>

/* ---- lines ---- */

static const char *line_end(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (gsize)(end - at));

    return newline ? newline + 1 : end;
}

static gsize without_end(const char *at, const char *end)
{
    while (end > at && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    return (gsize)(end - at);
}

/* Quoted-printable goes on below a line that ends in '=' (2.1). */
static gboolean is_quoted_printable(const GString *line)
{
    const char *colon = memchr(line->str, ':', line->len);
    g_autofree char *head = g_ascii_strdown(line->str, colon ? colon - line->str : 0);

    return strstr(head, "quoted-printable") != NULL;
}

/* What no line may swallow. */
static gboolean ends_card(const char *at, const char *end)
{
    return end - at >= 9 && !g_ascii_strncasecmp(at, "END:VCARD", 9);
}

/* The whole property; past the limit its text is dropped as it is read. */
static const char *unfold(const char *at, const char *end, GString *text)
{
    const char *next = line_end(at, end);

    g_string_append_len(text, at, (gssize)MIN(without_end(at, next), LIMIT_VCARD_LINE_BYTES + 1));
    const gboolean is_qp = text->len > 0 && text->str[text->len - 1] == '=' && is_quoted_printable(text);
    while (next < end) {
        const gboolean is_folded = *next == ' ' || *next == '\t';
        const gboolean goes_on = is_qp && text->str[text->len - 1] == '=' && !ends_card(next, end);
        if (!is_folded && !goes_on)
            break;
        if (goes_on)
            g_string_truncate(text, text->len - 1);
        at = is_folded ? next + 1 : next;
        next = line_end(next, end);
        at = MIN(at, next);
        if (text->len <= LIMIT_VCARD_LINE_BYTES)
            g_string_append_len(text, at, (gssize)MIN(without_end(at, next), LIMIT_VCARD_LINE_BYTES + 1));
        if (text->len == 0)
            break;
    }
    return next;
}

/* Parts the text at its first ':' and ';' outside of quotes. */
static void part(VCardLine *line)
{
    const char *at = line->text;
    gboolean is_quoted = FALSE;

    while (*at && *at != ';' && *at != ':')
        at++;
    line->name = line->text;
    line->name_bytes = (gsize)(at - line->text);
    line->parameters = at + (*at == ';');
    for (; *at && (is_quoted || *at != ':'); at++)
        is_quoted ^= *at == '"';
    line->parameters_bytes = at > line->parameters ? (gsize)(at - line->parameters) : 0;
    line->value = *at == ':' ? at + 1 : NULL;
    const char *dot = memchr(line->name, '.', line->name_bytes);
    if (dot) { /* "item1." joins properties for Apple; here it means nothing */
        line->name_bytes -= (gsize)(dot + 1 - line->name);
        line->name = dot + 1;
    }
}

gboolean vcard_line_next(const char **cursor, const char *end, VCardLine *line_out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (*cursor >= end)
        return FALSE;
    *line_out = (VCardLine){.begin = *cursor};
    *cursor = line_out->end = unfold(*cursor, end, text);
    const gboolean is_property = text->len <= LIMIT_VCARD_LINE_BYTES && !memchr(text->str, '\0', text->len);
    line_out->text = g_strdup(is_property ? text->str : "");
    part(line_out);
    return TRUE;
}

void vcard_line_clear(VCardLine *line)
{
    g_clear_pointer(&line->text, g_free);
}

gboolean vcard_line_is(const VCardLine *line, const char *name)
{
    return line->value && strlen(name) == line->name_bytes &&
           !g_ascii_strncasecmp(line->name, name, line->name_bytes);
}

gboolean vcard_line_frames(const VCardLine *line, const char *word)
{
    return vcard_line_is(line, word) && !g_ascii_strncasecmp(line->value, "VCARD", 5);
}

/* ---- parameters ---- */

/* Where the parameter that begins at `at` ends: at a ';' outside of quotes. */
static const char *parameter_end(const char *at, const char *end)
{
    gboolean is_quoted = FALSE;

    for (; at < end && (is_quoted || *at != ';'); at++)
        is_quoted ^= *at == '"';
    return at;
}

char *vcard_line_parameter(const VCardLine *line, const char *name)
{
    const char *end = line->parameters + line->parameters_bytes, *next;
    const gsize bytes = strlen(name);
    GString *found = NULL;

    for (const char *at = line->parameters; at < end; at = next + 1) {
        next = parameter_end(at, end);
        const char *equals = memchr(at, '=', (gsize)(next - at));
        const gsize name_bytes = (gsize)((equals ? equals : next) - at);
        if (name_bytes != bytes || g_ascii_strncasecmp(at, name, bytes) != 0)
            continue;
        found = found ? g_string_append_c(found, ',') : g_string_new(NULL);
        if (equals)
            g_string_append_len(found, equals + 1, next - equals - 1);
    }
    if (found)
        g_string_replace(found, "\"", "", 0);
    return found ? g_string_free(found, FALSE) : NULL;
}

/* ---- values ---- */

static char *decode_quoted_printable(const char *value, gsize *size_out)
{
    GString *bytes = g_string_new(NULL);

    for (const char *at = value; *at; at++) {
        const int high = *at == '=' ? g_ascii_xdigit_value(at[1]) : -1;
        const int low = high >= 0 ? g_ascii_xdigit_value(at[2]) : -1;
        char byte = *at;
        if (low >= 0) {
            byte = (char)(high << 4 | low);
            at += 2;
        }
        g_string_append_c(bytes, byte);
    }
    *size_out = bytes->len;
    return g_string_free(bytes, FALSE);
}

/* As UTF-8, escapes still in it. 2.1 names an encoding also without "ENCODING=". */
static char *decode(const VCardLine *line)
{
    g_autofree char *encoding = vcard_line_parameter(line, "ENCODING");
    g_autofree char *bare = vcard_line_parameter(line, "QUOTED-PRINTABLE");
    g_autofree char *charset = vcard_line_parameter(line, "CHARSET");
    gsize size = strlen(line->value);
    g_autofree char *bytes = bare || (encoding && !g_ascii_strcasecmp(encoding, "quoted-printable"))
                                 ? decode_quoted_printable(line->value, &size)
                                 : g_strdup(line->value);

    return charset_to_utf8(bytes, size, charset, LIMIT_VCARD_LINE_BYTES, NULL);
}

/* The component of that number of a text, parted by `separator` where no backslash stands before it;
 * escapes undone. '\0': all of it. */
static char *unescape(const char *text, char separator, guint n)
{
    GString *out = g_string_new(NULL);
    guint here = 0;

    for (; *text && here <= n; text++) {
        char c = *text;
        if (c == separator) {
            here++;
            continue;
        }
        if (c == '\\' && text[1]) {
            c = *++text;
            c = c == 'n' || c == 'N' ? ' ' : c;
        }
        if (here == n)
            g_string_append_c(out, c);
    }
    return g_strstrip(g_string_free(out, FALSE));
}

char *vcard_line_text(const VCardLine *line)
{
    g_autofree char *text = decode(line);

    return unescape(text, '\0', 0);
}

char *vcard_line_component(const VCardLine *line, guint n)
{
    g_autofree char *text = decode(line);

    return unescape(text, ';', n);
}
