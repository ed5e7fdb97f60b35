/* encode.c - see encode.h. */
#include "mime/encode.h"

#include <string.h>

/* ---- encoded words ---- */

/* Of one encoded word's text, so that it has at most 75 bytes in all (RFC 2047, 2). */
#define WORD_BYTES 45

/* A word that no line has room for would be cut anywhere on its way. */
#define MOST_WORD_BYTES 900

static gboolean is_plain(const char *text, gsize bytes)
{
    if (bytes > MOST_WORD_BYTES)
        return FALSE;
    for (gsize i = 0; i < bytes; i++)
        if ((guchar)text[i] >= 0x7f || (guchar)text[i] < ' ')
            return FALSE;
    return !g_strstr_len(text, (gssize)bytes, "=?"); /* which would be taken for one */
}

/* Whole characters only. */
static void append_words(GString *into, const char *text, gsize bytes)
{
    while (bytes > 0) {
        gsize piece = MIN(bytes, WORD_BYTES);
        while (piece < bytes && piece > 0 && ((guchar)text[piece] & 0xc0) == 0x80)
            piece--;
        g_autofree char *base64 = g_base64_encode((const guchar *)text, piece);
        g_string_append_printf(into, "=?UTF-8?B?%s?=%s", base64, piece < bytes ? " " : "");
        text += piece;
        bytes -= piece;
    }
}

static char *clean(const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);

    for (char *at = valid; *at; at++)
        if ((guchar)*at < ' ' || *at == 0x7f)
            *at = ' ';
    return valid;
}

/* From the first word that needs it to the last one: the spaces between encoded words do not count. */
char *mime_encode_text(const char *utf8)
{
    g_autofree char *text = clean(utf8);
    GString *out = g_string_new(NULL);
    const char *from = NULL, *to = NULL;

    for (const char *word = text; *word;) {
        const gsize bytes = strcspn(word, " ");
        if (!is_plain(word, bytes)) {
            from = from ? from : word;
            to = word + bytes;
        }
        word += bytes + strspn(word + bytes, " ");
    }
    if (!from)
        return g_string_free(g_string_assign(out, text), FALSE);
    g_string_append_len(out, text, from - text);
    append_words(out, from, (gsize)(to - from));
    g_string_append(out, to);
    return g_string_free(out, FALSE);
}

/* ---- addresses ---- */

static char *quote(const char *text)
{
    GString *out = g_string_new("\"");

    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    return g_string_free(g_string_append_c(out, '"'), FALSE);
}

char *mime_encode_phrase(const char *utf8)
{
    g_autofree char *text = clean(utf8);

    if (!is_plain(text, strlen(text))) {
        GString *out = g_string_new(NULL);
        append_words(out, text, strlen(text));
        return g_string_free(out, FALSE);
    }
    return strpbrk(text, "()<>[]:;@\\,.\"") ? quote(text) : g_steal_pointer(&text);
}

char *mime_ascii_domain(const char *address)
{
    const char *at = strrchr(address, '@');
    g_autofree char *domain = at && !g_str_is_ascii(at) ? g_hostname_to_ascii(at + 1) : NULL;

    return domain ? g_strdup_printf("%.*s@%s", (int)(at - address), address, domain) : g_strdup(address);
}

char *mime_encode_address(const char *name, const char *address)
{
    g_autofree char *wired = mime_ascii_domain(address), *safe = clean(wired);
    g_autofree char *phrase = name && *name ? mime_encode_phrase(name) : NULL;

    return phrase ? g_strdup_printf("%s <%s>", phrase, safe) : g_steal_pointer(&safe);
}

/* ---- parameters ---- */

/* Up to the ';' that ends a parameter: one in quotes does not. */
static gsize param_bytes(const char *text)
{
    gboolean is_quoted = FALSE;
    gsize i = 0;

    for (; text[i] && (is_quoted || text[i] != ';'); i++) {
        if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (text[i] == '\\' && is_quoted && text[i + 1])
            i++;
    }
    return i;
}

static void append_extended(GString *into, const char *value, gsize bytes)
{
    const gboolean is_quoted = bytes > 0 && value[0] == '"';
    const gsize end = is_quoted && bytes >= 2 && value[bytes - 1] == '"' ? bytes - 1 : bytes;

    for (gsize i = is_quoted ? 1 : 0; i < end; i++) {
        if (is_quoted && value[i] == '\\' && i + 1 < end)
            i++;
        if (g_ascii_isalnum(value[i]) || strchr("-._~", value[i]))
            g_string_append_c(into, value[i]);
        else
            g_string_append_printf(into, "%%%02X", (guchar)value[i]);
    }
}

char *mime_encode_params(const char *value)
{
    g_autofree char *text = clean(value);
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at;) {
        gsize bytes = param_bytes(at);
        const char *equals = memchr(at, '=', bytes);
        gsize used = bytes;
        while (used > 0 && at[used - 1] == ' ')
            used--;
        if (equals && !is_plain(at, used)) {
            g_string_append_len(out, at, equals - at);
            g_string_append(out, "*=UTF-8''");
            append_extended(out, equals + 1, (gsize)(at + used - equals - 1));
        } else {
            g_string_append_len(out, at, (gssize)bytes);
        }
        if (at[bytes] == ';')
            g_string_append_c(out, at[bytes++]);
        at += bytes;
    }
    return g_string_free(out, FALSE);
}

/* ---- folding ---- */

#define LINE_BYTES 78

void mime_fold_field(GString *into, const char *name, const char *value)
{
    gsize column = strlen(name) + 1;

    g_string_append_printf(into, "%s:", name);
    value += strspn(value, " \t");
    while (*value) {
        const gsize spaces = strspn(value, " \t"), word = strcspn(value + spaces, " \t");
        const gboolean is_first = column == strlen(name) + 1;
        if (!is_first && word > 0 && column + spaces + word > LINE_BYTES) {
            g_string_append_c(into, '\n');
            column = 0;
        }
        if (is_first || (spaces == 0 && column == 0))
            g_string_append_c(into, ' ');
        g_string_append_len(into, value, (gssize)(spaces + word));
        column += spaces + word + (is_first ? 1 : 0);
        value += spaces + word;
    }
    g_string_append_c(into, '\n');
}

/* ---- bodies ---- */

#define BODY_LINE_BYTES 76

/* Whether the byte at `i` may stand for itself. A space at a line's end may not, nor what a mailbox file
 * takes for the beginning of a message ("From "). */
static gboolean is_literal(const char *bytes, gsize size, gsize i, gboolean is_line_start)
{
    const char c = bytes[i];

    if (c == ' ' || c == '\t')
        return i + 1 < size && bytes[i + 1] != '\n';
    if (is_line_start && (c == '.' || (c == 'F' && size - i >= 5 && !memcmp(bytes + i, "From ", 5))))
        return FALSE;
    return c > ' ' && c < 0x7f && c != '=';
}

void mime_append_qp(GString *into, const char *bytes, gsize size)
{
    gsize column = 0;
    gboolean is_line_start = TRUE;

    for (gsize i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            g_string_append_c(into, '\n');
            column = 0;
            is_line_start = TRUE;
            continue;
        }
        const gboolean is_literal_byte = is_literal(bytes, size, i, is_line_start);
        const gsize width = is_literal_byte ? 1 : 3;
        if (column + width > BODY_LINE_BYTES - 1) {
            g_string_append(into, "=\n");
            column = 0;
        }
        if (is_literal_byte)
            g_string_append_c(into, bytes[i]);
        else
            g_string_append_printf(into, "=%02X", (guchar)bytes[i]);
        column += width;
        is_line_start = FALSE;
    }
    if (!is_line_start) /* the last line had no end, and gets none */
        g_string_append(into, "=\n");
}

void mime_append_base64(GString *into, const void *bytes, gsize size)
{
    enum { PIECE = BODY_LINE_BYTES / 4 * 3 };

    for (gsize at = 0; at < size; at += PIECE) {
        g_autofree char *line = g_base64_encode((const guchar *)bytes + at, MIN(size - at, (gsize)PIECE));
        g_string_append_printf(into, "%s\n", line);
    }
}
