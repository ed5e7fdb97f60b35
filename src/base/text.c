/*
 * text.c - see text.h: graphemes, columns, comparing. Wrapping is in text_wrap.c.
 *
 * libunistring 1.0 (Debian 12) finds grapheme breaks between pairs of characters, so what needs more context
 * is done here: flags (two regional indicators) and emoji joined by ZWJ.
 */
#include "base/text.h"

#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

#define ZWJ 0x200D
#define VS16 0xFE0F

/* Characters that never join a neighbour of the same kind, and are as wide as this says: the ones that nearly
 * all text is made of, for which Unicode's tables need not be asked. 0: ask. */
static int simple_width(ucs4_t c)
{
    if (c < 0x300)
        return (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c != 0xA9 && c != 0xAD && c != 0xAE) ? 1 : 0;
    if ((c >= 0x391 && c <= 0x481) || (c >= 0x2010 && c <= 0x2027) || (c >= 0x2500 && c <= 0x257F))
        return 1;
    if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA))
        return 2;
    return 0;
}

static gboolean is_regional_indicator(ucs4_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

static int char_width(ucs4_t c)
{
    int width = uc_width(c, "UTF-8");
    return width < 0 ? 1 : width;
}

static int decode(const char *text, gsize bytes, ucs4_t *c_out)
{
    return u8_mbtouc(c_out, (const uint8_t *)text, bytes);
}

/* The cluster that begins with `first` (already `length` bytes), by the rules of UAX #29. */
static gsize extend_cluster(const char *text, gsize bytes, ucs4_t first, gsize length, int *width_out)
{
    gboolean is_pictograph = uc_is_property_extended_pictographic(first);
    ucs4_t previous = first, next;
    int width = char_width(first);

    while (length < bytes) {
        int n = decode(text + length, bytes - length, &next);
        gboolean joins_flag = length == 4 && is_regional_indicator(first) && is_regional_indicator(next);
        gboolean joins_emoji = is_pictograph && previous == ZWJ && uc_is_property_extended_pictographic(next);
        gboolean is_tone = is_pictograph && next >= 0x1F3FB && next <= 0x1F3FF;

        if (!joins_flag && !joins_emoji &&
            (is_regional_indicator(next) || uc_is_grapheme_break(previous, next)))
            break;
        if (joins_flag || joins_emoji || is_tone || (next == VS16 && uc_is_property_emoji(first)))
            width = 2;
        else if (width + char_width(next) <= 2)
            width += char_width(next);
        else /* terminals give each spacing mark its own cell: a cluster of several, wider than two, is in pieces */
            break;
        previous = next;
        length += n;
    }
    *width_out = width;
    return length;
}

gsize text_next_grapheme(const char *text, gsize bytes, int *width_out)
{
    int ignored = 0, *width = width_out ? width_out : &ignored;
    ucs4_t first, next;

    *width = 0;
    if (bytes == 0)
        return 0;
    *width = 1;
    if ((guchar)text[0] < 0x80 && (bytes == 1 || (guchar)text[1] < 0x80))
        return 1;
    gsize length = decode(text, bytes, &first);
    if (length == bytes || (guchar)text[length] < 0x80) {
        *width = first < 0x80 ? 1 : char_width(first);
        return length;
    }
    if ((*width = simple_width(first)) > 0) {
        decode(text + length, bytes - length, &next);
        if (simple_width(next) > 0)
            return length;
    }
    if (first < 0x20)
        return *width = 1, length;
    return extend_cluster(text, bytes, first, length, width);
}

gsize text_fit(const char *text, gssize bytes, int cols, int *width_out)
{
    gsize size = bytes < 0 ? strlen(text) : (gsize)bytes, used = 0;
    int total = 0, width;

    while (used < size) {
        /* ASCII before ASCII needs no second look. */
        while (used + 1 < size && total < cols && (guchar)text[used] < 0x80 &&
               (guchar)text[used + 1] < 0x80) {
            used++;
            total++;
        }
        gsize n = text_next_grapheme(text + used, size - used, &width);
        if (width > cols - total)
            break;
        total += width;
        used += n;
    }
    if (width_out)
        *width_out = total;
    return used;
}

int text_width_cols(const char *text, gssize bytes)
{
    int width;

    text_fit(text, bytes, G_MAXINT, &width);
    return width;
}

char *text_ellipsize(const char *text, int cols, gboolean ascii)
{
    const char *mark = ascii ? "..." : "…";
    int mark_cols = ascii ? 3 : 1;

    cols = MAX(cols, 0);
    if (text[text_fit(text, -1, cols, NULL)] == '\0')
        return g_strdup(text);
    if (cols < mark_cols)
        return g_strndup(mark, (gsize)(ascii ? cols : 0));
    gsize fitting = text_fit(text, -1, cols - mark_cols, NULL);
    while (fitting > 0 && text[fitting - 1] == ' ')
        fitting--;
    return g_strdup_printf("%.*s%s", (int)fitting, text, mark);
}

char *text_pad(const char *text, int cols, gboolean ascii)
{
    g_autofree char *cut = text_ellipsize(text, cols, ascii);
    int missing = MAX(cols, 0) - text_width_cols(cut, -1);

    return g_strdup_printf("%s%*s", cut, missing, "");
}

char *text_fold(const char *text)
{
    gsize size = strlen(text), folded_size;

    if (g_str_is_ascii(text))
        return g_ascii_strdown(text, (gssize)size);
    uint8_t *folded = u8_casefold((const uint8_t *)text, size, NULL, UNINORM_NFKC, NULL, &folded_size);
    if (!folded)
        return g_strdup(text);
    char *copy = g_strndup((const char *)folded, folded_size);
    free(folded);
    return copy;
}

static gboolean is_domain_of(const char *domain, const char *other)
{
    const gsize size = strlen(domain), other_size = strlen(other);

    return g_str_has_suffix(other, domain) && (size == other_size || other[other_size - size - 1] == '.');
}

/* Wide forms of '@', and of letters, count as what they look like. */
static gboolean shows_other_address(const char *name, const char *address)
{
    const char *own = strrchr(address, '@');

    if (!*address || (!strchr(name, '@') && g_str_is_ascii(name)))
        return FALSE;
    g_autofree char *folded = text_fold(name), *real = text_fold(own ? own + 1 : "");
    for (const char *at = strchr(folded, '@'); at; at = strchr(at + 1, '@')) {
        gsize length = strcspn(at + 1, " <>()[]\"',;@");
        while (length > 0 && at[length] == '.')
            length--;
        g_autofree char *shown = g_strndup(at + 1, length);
        if (*shown != '.' && strchr(shown, '.') && !is_domain_of(shown, real) && !is_domain_of(real, shown))
            return TRUE;
    }
    return FALSE;
}

const char *text_person(const char *name, const char *address)
{
    if (!address)
        address = "";
    return name && *name && !shows_other_address(name, address) ? name : address;
}

/* What mailers of many languages put before a colon when they answer or forward; compared without case. */
static const char *const PREFIXES[] = {
    "re",   "fwd", "fw",    "aw",   "wg",   "antw", "antwort", "sv",   "vs",     "vb",   "res",   "rv",
    "enc",  "rif", "tr",    "odp",  "ynt",  "ilt",  "i̇lt",     "bls",  "doorst", "vl",   "απ",    "πρθ",
    "σχετ", "отв", "ответ", "回复", "回覆", "答复", "转发",    "轉寄", "返信",   "転送", "תגובה", "הועבר",
};

#define WIDE_COLON "：" /* U+FF1A */

/* Bytes of one leading "Re[2]: " or the like; 0: none. */
static gsize subject_prefix(const char *subject)
{
    gsize length = strcspn(subject, ":[(^ \t");
    const char *wide = g_strstr_len(subject, (gssize)length, WIDE_COLON);

    length = wide ? (gsize)(wide - subject) : length;
    if (length == 0 || length > 24)
        return 0;
    g_autofree char *word = g_utf8_casefold(subject, (gssize)length);
    gboolean is_known = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(PREFIXES) && !is_known; i++)
        is_known = strcmp(word, PREFIXES[i]) == 0;
    if (!is_known)
        return 0;
    const char *end = subject + length;
    if (*end == '[' || *end == '(' || *end == '^') {
        end += 1 + strspn(end + 1, "0123456789");
        end += *end == ']' || *end == ')';
    }
    end += strspn(end, " \t");
    if (*end == ':')
        end++;
    else if (g_str_has_prefix(end, WIDE_COLON))
        end += strlen(WIDE_COLON);
    else
        return 0;
    return (gsize)(end + strspn(end, " \t") - subject);
}

const char *text_subject_base(const char *subject)
{
    gsize length;

    subject += strspn(subject, " \t");
    while ((length = subject_prefix(subject)) > 0)
        subject += length;
    return subject;
}
