/* word.c - see word.h. */
#include "mime/word.h"

#include "base/charset.h"

#include <string.h>

#define MAX_CHARSET_BYTES 64
#define MAX_WORD_BYTES 2000

typedef struct {
    const char *charset;
    gsize charset_bytes;
    char encoding; /* 'b' or 'q' */
    const char *text, *text_end, *end;
} Word;

typedef struct {
    GString *out;
    GByteArray *pending; /* bytes of adjacent words in `charset`, not decoded yet */
    char charset[MAX_CHARSET_BYTES + 1];
    const char *fallback;
    gsize max_bytes;
} Decoder;

/* Up to the text of a word: "=?charset?q?". A language (RFC 2231 5) is left out of the charset. */
static gboolean match_head(const char *p, const char *end, Word *word)
{
    if (end - p < 8 || p[0] != '=' || p[1] != '?')
        return FALSE;
    word->charset = p + 2;
    const char *stop = end - word->charset > MAX_CHARSET_BYTES ? word->charset + MAX_CHARSET_BYTES : end;
    const char *q = word->charset;
    while (q < stop && *q != '?' && *q > ' ')
        q++;
    if (q == word->charset || q + 3 > end || *q != '?' || q[2] != '?')
        return FALSE;
    const char *star = memchr(word->charset, '*', (gsize)(q - word->charset));
    word->charset_bytes = (gsize)((star ? star : q) - word->charset);
    word->encoding = g_ascii_tolower(q[1]);
    word->text = q + 3;
    return word->encoding == 'b' || word->encoding == 'q';
}

/* `last_end` is the last "?=" of the whole text, so that many heads without an end cost nothing. */
static gboolean match(const char *p, const char *end, const char *last_end, Word *word)
{
    if (!last_end || !match_head(p, end, word) || word->text > last_end)
        return FALSE;
    word->text_end = memmem(word->text, (gsize)(end - word->text), "?=", 2);
    word->end = word->text_end + 2;
    return TRUE;
}

gsize mime_word_length(const char *text, const char *end, const char **searched)
{
    Word word;

    if (!match_head(text, end, &word))
        return 0;
    if (end - text > MAX_WORD_BYTES)
        end = text + MAX_WORD_BYTES;
    const char *p = MAX(word.text, *searched);
    for (; p + 1 < end && !strchr("<>\"@", *p); p++)
        if (p[0] == '?' && p[1] == '=')
            return (gsize)(p + 2 - text);
    *searched = MAX(p, *searched);
    return 0;
}

static void decode_q(GByteArray *bytes, const char *p, const char *end)
{
    while (p < end) {
        guint8 byte = (guint8)*p;
        if (byte == '_') {
            byte = ' ';
        } else if (byte == '=' && end - p > 2 && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            byte = (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        }
        g_byte_array_append(bytes, &byte, 1);
        p++;
    }
}

/* Padding that is missing is put in; what is no base64 is passed over. */
static void decode_b(GByteArray *bytes, const char *p, const char *end)
{
    guint start = bytes->len;
    gsize size = (gsize)(end - p);
    int state = 0;
    guint save = 0;

    g_byte_array_set_size(bytes, start + (guint)(size / 4 * 3 + 8));
    gsize used = g_base64_decode_step(p, size, bytes->data + start, &state, &save);
    int left = ABS(state);
    if (left > 1)
        used += g_base64_decode_step("==", (gsize)(4 - left), bytes->data + start + used, &state, &save);
    g_byte_array_set_size(bytes, start + (guint)used);
}

static void flush(Decoder *d)
{
    if (!d->pending->len)
        return;
    gsize size = 0;
    g_autofree char *text =
        charset_to_utf8((const char *)d->pending->data, d->pending->len, d->charset, d->max_bytes, &size);
    g_string_append_len(d->out, text, (gssize)size);
    g_byte_array_set_size(d->pending, 0);
}

static gboolean is_plain(const char *text, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if (!text[i] || (guchar)text[i] >= 0x80)
            return FALSE;
    return TRUE;
}

/* Valid UTF-8, NULs allowed. */
static gboolean is_utf8(const char *text, gsize size)
{
    const char *end = text + size;

    while (text < end && !g_utf8_validate_len(text, (gsize)(end - text), &text)) {
        if (*text != '\0')
            return FALSE;
        text++;
    }
    return TRUE;
}

static void add_raw(Decoder *d, const char *text, gsize size)
{
    flush(d);
    if (is_plain(text, size)) {
        g_string_append_len(d->out, text, (gssize)size);
        return;
    }
    gsize utf8_size = 0;
    const char *charset = is_utf8(text, size) ? "utf-8" : d->fallback;
    g_autofree char *utf8 = charset_to_utf8(text, size, charset, d->max_bytes, &utf8_size);
    g_string_append_len(d->out, utf8, (gssize)utf8_size);
}

static void add_word(Decoder *d, const Word *word)
{
    if (d->pending->len && (strlen(d->charset) != word->charset_bytes ||
                            g_ascii_strncasecmp(d->charset, word->charset, word->charset_bytes) != 0))
        flush(d);
    memcpy(d->charset, word->charset, word->charset_bytes);
    d->charset[word->charset_bytes] = '\0';
    if (word->encoding == 'q')
        decode_q(d->pending, word->text, word->text_end);
    else
        decode_b(d->pending, word->text, word->text_end);
}

static gboolean is_white(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p == end;
}

static void decode_words(Decoder *d, const char *p, const char *end, const char *last_end)
{
    const char *raw = p;
    gboolean after_word = FALSE;
    Word word;

    while (p < end && d->out->len + d->pending->len <= d->max_bytes && (gsize)(p - raw) / 4 <= d->max_bytes) {
        if (!match(p, end, last_end, &word)) {
            const char *next = memmem(p + 1, (gsize)(end - p - 1), "=?", 2);
            p = next ? next : end;
            continue;
        }
        if (!after_word || !is_white(raw, p))
            add_raw(d, raw, (gsize)(p - raw));
        add_word(d, &word);
        after_word = TRUE;
        raw = p = word.end;
    }
    if (raw < end && d->out->len <= d->max_bytes)
        add_raw(d, raw, (gsize)(end - raw));
    flush(d);
}

char *mime_word_decode(const char *text, gsize size, const char *charset, gsize max_bytes)
{
    if (size <= max_bytes && is_plain(text, size) && !memmem(text, size, "=?", 2))
        return g_strndup(text, size);

    Decoder d = {.out = g_string_sized_new(MIN(size, max_bytes) + 1),
                 .pending = g_byte_array_new(),
                 .fallback = charset,
                 .max_bytes = max_bytes};
    const char *last_end = NULL;
    for (const char *p = text + size; !last_end && p - text >= 2; p--)
        if (p[-2] == '?' && p[-1] == '=')
            last_end = p - 2;
    decode_words(&d, text, text + size, last_end);
    if (d.out->len > max_bytes) {
        const char *cut = g_utf8_find_prev_char(d.out->str, d.out->str + max_bytes + 1);
        g_string_truncate(d.out, cut ? (gsize)(cut - d.out->str) : 0);
    }
    g_byte_array_free(d.pending, TRUE);
    return g_string_free(d.out, FALSE);
}
