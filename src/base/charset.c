/*
 * charset.c - see charset.h.
 *
 * Three steps: find the name that iconv knows (with another one to fall back on where senders mean a
 * superset), convert with U+FFFD for what cannot be read, and go over the result once more, so that what
 * comes out is valid UTF-8 without NULs whatever iconv did.
 */
#include "base/charset.h"

#include "base/charset_names.h"
#include "base/text.h"

#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* Each thread's open converters, by name. They stay open: opening one loads a module, which costs some 1000
 * times what a subject does, so that a hostile header of ever other charsets would take half a minute; and
 * all the names that glibc knows (1,173) take 13 MB. */
static pthread_key_t converters_key;

static void converters_init(void)
{
    if (pthread_key_create(&converters_key, (GDestroyNotify)g_hash_table_unref) != 0)
        g_error("no thread key for the charset converters");
}

static void converter_close(gpointer converter)
{
    iconv_close(converter);
}

/* A converter from `name` to UTF-8 in its initial state, or (iconv_t)-1. It stays this thread's. */
static iconv_t converter_get(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, converters_init);
    GHashTable *converters = pthread_getspecific(converters_key);
    if (!converters) {
        converters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, converter_close);
        pthread_setspecific(converters_key, converters);
    }
    iconv_t converter = g_hash_table_lookup(converters, name);
    if (converter) {
        iconv(converter, NULL, NULL, NULL, NULL);
        return converter;
    }
    converter = iconv_open("UTF-8", name);
    if (converter != (iconv_t)-1)
        g_hash_table_insert(converters, g_strdup(name), converter);
    return converter;
}

/* Appends valid UTF-8, at most up to `limit` bytes of `out`: each broken sequence and each NUL becomes one
 * U+FFFD. */
static void append_utf8(GString *out, const char *bytes, gsize size, gsize limit)
{
    const char *end = bytes + size, *bad;

    while (bytes < end && out->len < limit) {
        g_utf8_validate_len(bytes, (gsize)(end - bytes), &bad);
        gsize fitting = MIN((gsize)(bad - bytes), limit - out->len);
        while (fitting < (gsize)(bad - bytes) && fitting > 0 && ((guchar)bytes[fitting] & 0xC0) == 0x80)
            fitting--;
        g_string_append_len(out, bytes, (gssize)fitting);
        if (fitting < (gsize)(bad - bytes) || bad == end || out->len + strlen(REPLACEMENT) > limit)
            return;
        g_string_append(out, REPLACEMENT);
        gsize expected = (guchar)*bad >= 0xF0 ? 4 : (guchar)*bad >= 0xE0 ? 3 : (guchar)*bad >= 0xC2 ? 2 : 1;
        for (bytes = bad + 1; bytes < end && --expected > 0 && ((guchar)*bytes & 0xC0) == 0x80;)
            bytes++;
    }
}

/* Bytes to pass over where a character cannot be read. */
static gsize unit_bytes(const char *name)
{
    static const char *const WIDE[] = {"utf-16", "ucs-2", "utf-32", "ucs-4"};

    for (gsize i = 0; i < G_N_ELEMENTS(WIDE); i++)
        if (g_ascii_strncasecmp(name, WIDE[i], strlen(WIDE[i])) == 0)
            return i < 2 ? 2 : 4;
    return 1;
}

/* Converts by iconv, stops soon after `limit` bytes. Tells in *bad_out how often it had to write U+FFFD. */
static GString *convert(const char *name, const char *bytes, gsize size, gsize limit, guint *bad_out)
{
    GString *out = g_string_sized_new(MIN(size, limit) + 64);
    iconv_t converter = converter_get(name);
    char *in = (char *)bytes;
    gsize in_left = size, unit = unit_bytes(name);
    gboolean is_flushing = FALSE;

    *bad_out = 0;
    while (out->len < limit && converter != (iconv_t)-1) {
        char chunk[4096], *write = chunk;
        gsize room = sizeof chunk;
        is_flushing = in_left == 0;
        gsize result = iconv(converter, is_flushing ? NULL : &in, &in_left, &write, &room);
        int error = errno;
        g_string_append_len(out, chunk, write - chunk);
        if (is_flushing)
            break;
        if (result != (gsize)-1 || error == E2BIG)
            continue;
        g_string_append(out, REPLACEMENT);
        *bad_out += 1;
        gsize skipped = error == EINVAL ? in_left : MIN(unit, in_left);
        in += skipped;
        in_left -= skipped;
    }
    return out;
}

/* HZ (RFC 1843): ~{ and ~} around two-byte characters without their high bits. As EUC-CN. */
static GString *unwrap_hz(const char *bytes, gsize size)
{
    GString *out = g_string_sized_new(size);
    gboolean is_double = FALSE;

    for (gsize i = 0; i < size; i++) {
        char c = bytes[i], next = i + 1 < size ? bytes[i + 1] : '\0';
        if (c == '~' && (next == '{' || next == '}' || next == '~' || next == '\n')) {
            is_double = next == '{' || (is_double && next == '~');
            if (next == '~')
                g_string_append_c(out, '~');
            i++;
            continue;
        }
        is_double &= c != '\n';
        g_string_append_c(out, is_double && (guchar)c > ' ' ? (char)(c | 0x80) : c);
    }
    return out;
}

/* ISO-2022-JP with all that mailers put into it (RFC 1468, JIS X 0212, half-width kana). As EUC-JP. */
static GString *unwrap_iso2022jp(const char *bytes, gsize size)
{
    static const struct {
        const char *escape;
        char lead;      /* of each character in EUC-JP; 0: none */
        guint8 columns; /* bytes a character; 0: ASCII */
    } SETS[] = {{"\x1b(B", 0, 0}, {"\x1b(J", 0, 0},       {"\x1b(I", '\x8E', 1}, {"\x1b$@", 0, 2},
                {"\x1b$B", 0, 2}, {"\x1b$(D", '\x8F', 2}, {"\x0e", '\x8E', 1},   {"\x0f", 0, 0}};
    GString *out = g_string_sized_new(size);
    gsize set = 0, i = 0, k;

    while (i < size) {
        for (k = 0; k < G_N_ELEMENTS(SETS); k++)
            if (size - i >= strlen(SETS[k].escape) &&
                memcmp(bytes + i, SETS[k].escape, strlen(SETS[k].escape)) == 0)
                break;
        if (k < G_N_ELEMENTS(SETS)) {
            set = k;
            i += strlen(SETS[k].escape);
            continue;
        }
        gsize n = MIN(SETS[set].columns, size - i);
        if (bytes[i] == '\n')
            set = 0;
        if (n == 0 || (guchar)bytes[i] <= ' ') {
            g_string_append_c(out, bytes[i++]);
            continue;
        }
        if (SETS[set].lead)
            g_string_append_c(out, SETS[set].lead);
        for (; n > 0; n--, i++)
            g_string_append_c(out, (guchar)bytes[i] > ' ' ? (char)(bytes[i] | 0x80) : bytes[i]);
    }
    return out;
}

/* What UTF-16 begins with should; NULL: it does not. glibc's "UTF-16" would keep the order of one text for the
 * next. */
static const char *utf16_by_mark(const char *bytes, gsize size)
{
    if (size < 2)
        return NULL;
    return memcmp(bytes, "\xFF\xFE", 2) == 0   ? "UTF-16LE"
           : memcmp(bytes, "\xFE\xFF", 2) == 0 ? "UTF-16BE"
                                               : NULL;
}

/* Without a mark ASCII characters tell. */
static const char *utf16_name(const char *bytes, gsize size)
{
    const char *marked = utf16_by_mark(bytes, size);
    gsize zeros[2] = {0, 0};

    for (gsize i = 0; i < MIN(size, 512); i++)
        zeros[i % 2] += bytes[i] == '\0';
    return marked ? marked : zeros[0] > zeros[1] ? "UTF-16BE" : "UTF-16LE";
}

static gboolean has_bytes(const char *bytes, gsize size, guchar low, guchar high)
{
    for (gsize i = 0; i < size; i++)
        if ((guchar)bytes[i] >= low && (guchar)bytes[i] <= high)
            return TRUE;
    return FALSE;
}

/* Whether it is UTF-8; NULs do not matter, nor does a character that is cut off at the end when there are
 * whole ones before it ("café" in Latin-1 ends like a cut one, too). */
static gboolean is_utf8(const char *bytes, gsize size)
{
    const char *end = bytes + size, *start = bytes, *bad = bytes;

    while (!g_utf8_validate_len(bytes, (gsize)(end - bytes), &bad) && *bad == '\0')
        bytes = bad + 1;
    if (bad == end)
        return TRUE;
    return end - bad < 4 && g_utf8_get_char_validated(bad, end - bad) == (gunichar)-2 &&
           has_bytes(start, (gsize)(bad - start), 0x80, 0xFF);
}

/* By iconv; where that leaves something unread, by the superset that the sender may have meant. */
static GString *convert_best(const CharsetName *charset, const char *bytes, gsize size, gsize limit)
{
    guint bad, superset_bad;
    GString *text = convert(charset->iconv, bytes, size, limit, &bad);

    if (bad == 0 || !charset->superset)
        return text;
    GString *other = convert(charset->superset, bytes, size, limit, &superset_bad);
    gboolean is_better = superset_bad < bad;
    g_string_free(is_better ? text : other, TRUE);
    return is_better ? other : text;
}

/* The charset that a name stands for; FALSE: nobody knows it. `name` (room for it) lives as long as
 * *found_out. */
static gboolean find_charset(const char *declared, char name[CHARSET_NAME_BYTES + 1], CharsetName *found_out)
{
    const CharsetName *known;

    if (!declared || !charset_name_normalise(declared, name) || charset_name_is_unknown(name))
        return FALSE;
    if ((known = charset_name_find(name)))
        *found_out = *known;
    else if (converter_get(name) != (iconv_t)-1)
        *found_out = (CharsetName){NULL, name, NULL,
                                   charset_name_contains_ascii(name) ? CHARSET_ASCII : CHARSET_OTHER};
    else
        return FALSE;
    return TRUE;
}

/* The charset to read these bytes by, from its declared name and from what they look like. */
static CharsetName choose_charset(const char *declared, char name[CHARSET_NAME_BYTES + 1], const char *bytes,
                                  gsize size)
{
    CharsetName charset;

    const gboolean is_known = find_charset(declared, name, &charset);

    if ((!is_known || charset_name_is_ascii(name)) && utf16_by_mark(bytes, size)) /* what an editor saved so */
        return (CharsetName){NULL, utf16_by_mark(bytes, size), NULL, CHARSET_UTF16};
    if (!is_known || charset_name_is_ascii(name))
        charset = (CharsetName){NULL, "CP1252", NULL, is_utf8(bytes, size) ? CHARSET_UTF8 : CHARSET_ASCII};
    else if (charset.kind == CHARSET_LATIN1)
        charset.iconv = has_bytes(bytes, size, 0x80, 0x9F) ? "CP1252" : "ISO-8859-1";
    else if (charset.kind == CHARSET_UTF16)
        charset.iconv = utf16_name(bytes, size);
    /* Plain ASCII needs no converter. */
    if ((charset.kind == CHARSET_LATIN1 || charset.kind == CHARSET_ASCII) &&
        !has_bytes(bytes, size, 0x80, 0xFF))
        charset.kind = CHARSET_UTF8;
    return charset;
}

char *charset_to_utf8(const char *bytes, gsize size, const char *declared, gsize max_bytes, gsize *size_out)
{
    bytes = size > 0 ? bytes : "";
    char name[CHARSET_NAME_BYTES + 1];
    CharsetName charset = choose_charset(declared, name, bytes, size);
    GString *unwrapped = charset.kind == CHARSET_HZ          ? unwrap_hz(bytes, size)
                         : charset.kind == CHARSET_ISO2022JP ? unwrap_iso2022jp(bytes, size)
                                                             : NULL;
    GString *converted = NULL;
    GString *text = g_string_sized_new(MIN(size, max_bytes) + 1);

    if (unwrapped) {
        bytes = unwrapped->str;
        size = unwrapped->len;
    }
    if (charset.kind != CHARSET_UTF8) {
        converted = convert_best(&charset, bytes, size, max_bytes);
        bytes = converted->str;
        size = converted->len;
    }
    gsize mark = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    append_utf8(text, bytes + mark, size - mark, max_bytes);
    if (converted)
        g_string_free(converted, TRUE);
    if (unwrapped)
        g_string_free(unwrapped, TRUE);
    if (size_out)
        *size_out = text->len;
    return g_string_free(text, FALSE);
}

gboolean charset_is_known(const char *charset)
{
    char name[CHARSET_NAME_BYTES + 1];
    CharsetName found;

    return find_charset(charset, name, &found);
}

gboolean charset_locale_is_utf8(void)
{
    return g_ascii_strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

char *charset_to_locale(const char *text)
{
    gsize left = strlen(text);
    char *in = (char *)text;
    iconv_t converter = charset_locale_is_utf8() ? (iconv_t)-1 : iconv_open(nl_langinfo(CODESET), "UTF-8");

    if (converter == (iconv_t)-1)
        return g_strdup(text);
    GString *out = g_string_sized_new(left);
    while (left > 0) {
        char chunk[1024], *write = chunk;
        gsize room = sizeof chunk;
        gsize result = iconv(converter, &in, &left, &write, &room);
        int error = errno;
        g_string_append_len(out, chunk, write - chunk);
        if (result != (gsize)-1 || error == E2BIG)
            continue;
        /* One character that the locale lacks; its marks are dropped one by one after it. */
        gsize bytes = MIN((gsize)(g_utf8_next_char(in) - in), left);
        for (int columns = text_width_cols(in, (gssize)bytes); columns > 0; columns--)
            g_string_append_c(out, '?');
        in += bytes;
        left -= bytes;
    }
    iconv_close(converter);
    return g_string_free(out, FALSE);
}
