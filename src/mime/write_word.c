/* write_word.c - see write_word.h. */
#include "mime/write_word.h"

#include <string.h>

#define PREFIX "=?utf-8?"
#define WORD_COLUMNS 75
#define FRAME_COLUMNS 12 /* "=?utf-8?q?" and "?=" */
/* A word of ASCII that is longer gets encoded, since encoded words can be parted; a line has 998. */
#define LONG_BYTES 400

gboolean mime_word_needs_encoding(const char *word, gsize bytes, G_GNUC_UNUSED MimeWordPlace place)
{
    if (bytes > LONG_BYTES || g_strstr_len(word, (gssize)bytes, "=?"))
        return TRUE;
    for (gsize i = 0; i < bytes; i++)
        if ((guchar)word[i] >= 0x7f)
            return TRUE;
    return FALSE;
}

static gboolean is_plain(guchar c, MimeWordPlace place)
{
    if (g_ascii_isalnum(c))
        return TRUE;
    if (place == MIME_WORD_PHRASE)
        return c && strchr("!*+-/", c);
    return c > ' ' && c < 0x7f && c != '=' && c != '?' && c != '_';
}

static gsize q_bytes(const char *text, gsize bytes, MimeWordPlace place)
{
    gsize n = 0;

    for (gsize i = 0; i < bytes; i++)
        n += text[i] == ' ' || is_plain((guchar)text[i], place) ? 1 : 3;
    return n;
}

static char *q_word(const char *text, gsize bytes, MimeWordPlace place)
{
    GString *out = g_string_new(PREFIX "q?");

    for (gsize i = 0; i < bytes; i++) {
        guchar c = (guchar)text[i];
        if (c == ' ')
            g_string_append_c(out, '_');
        else if (is_plain(c, place))
            g_string_append_c(out, (char)c);
        else
            g_string_append_printf(out, "=%02X", c);
    }
    g_string_append(out, "?=");
    return g_string_free(out, FALSE);
}

static char *b_word(const char *text, gsize bytes)
{
    g_autofree char *base64 = g_base64_encode((const guchar *)text, bytes);

    return g_strdup_printf(PREFIX "b?%s?=", base64);
}

/* How many bytes of the text one word holds. */
static gsize fit(const char *text, gsize bytes, gboolean is_q, MimeWordPlace place, gsize columns)
{
    gsize taken = 0, room = columns - FRAME_COLUMNS, used = 0;

    if (!is_q)
        room = room / 4 * 3;

    while (taken < bytes) {
        gsize n = (gsize)(g_utf8_next_char(text + taken) - (text + taken));
        used += is_q ? q_bytes(text + taken, n, place) : n;
        if (used > room)
            break;
        taken += n;
    }
    return taken;
}

char **mime_word_encode(const char *text, gsize bytes, MimeWordPlace place, gsize first_columns)
{
    GPtrArray *words = g_ptr_array_new();
    /* The one that people can read, unless the other is much shorter. */
    gboolean is_q = q_bytes(text, bytes, place) <= (bytes + 2) / 3 * 6;
    gsize columns = first_columns >= 3 * FRAME_COLUMNS ? MIN(first_columns, WORD_COLUMNS) : WORD_COLUMNS;

    while (bytes > 0) {
        gsize n = fit(text, bytes, is_q, place, columns);
        columns = WORD_COLUMNS;
        g_ptr_array_add(words, is_q ? q_word(text, n, place) : b_word(text, n));
        text += n;
        bytes -= n;
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}
