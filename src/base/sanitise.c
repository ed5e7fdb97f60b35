/* sanitise.c - see sanitise.h. One pass over the characters; what stays and what goes is decided in put(). */
#include "base/sanitise.h"

#include "base/limits.h"
#include "base/text.h"

#include <string.h>
#include <unictype.h>
#include <unistr.h>

#define DOT "·"
#define DOTTED_CIRCLE 0x25CC
#define BLACK_FLAG 0x1F3F4
#define ZWNJ 0x200C
#define ZWJ 0x200D

#define SHOWN_CATEGORIES                                                                                     \
    (UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S | UC_CATEGORY_MASK_Zs)

typedef struct {
    GString *out;
    SanitiseMode mode;
    gsize line;      /* where the line begins in `out` */
    gboolean is_rtl; /* it holds right-to-left letters */
    ucs4_t previous; /* the last character of the line in `out`, 0: none */
    ucs4_t base;     /* the last one that is no mark or joiner */
    guint marks;     /* on it */
    gsize column_at; /* up to here the line's columns are counted, for tabs */
    int column;
} Sanitiser;

static gboolean is_category(ucs4_t c, guint32 mask)
{
    return uc_is_general_category_withtable(c, mask);
}

static gboolean is_variation_selector(ucs4_t c)
{
    return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF) || (c >= 0x180B && c <= 0x180F);
}

static gboolean is_emoji(ucs4_t c)
{
    return (uc_is_property_extended_pictographic(c) && is_category(c, SHOWN_CATEGORIES)) ||
           (c >= 0x1F3FB && c <= 0x1F3FF);
}

static gboolean is_rtl(ucs4_t c)
{
    if (c < 0x590)
        return FALSE;
    int bidi = uc_bidi_category(c);
    return bidi == UC_BIDI_R || bidi == UC_BIDI_AL || bidi == UC_BIDI_AN;
}

static void emit(Sanitiser *s, ucs4_t c)
{
    g_string_append_unichar(s->out, c);
    s->previous = c;
}

static void emit_base(Sanitiser *s, ucs4_t c)
{
    emit(s, c);
    s->base = c;
    s->marks = 0;
    s->is_rtl |= is_rtl(c);
}

static void emit_dot(Sanitiser *s)
{
    emit_base(s, 0xB7);
}

static void end_line(Sanitiser *s)
{
    if (s->is_rtl && s->mode != SANITISE_OPEN) {
        g_string_insert(s->out, (gssize)s->line, SANITISE_ISOLATE);
        g_string_append(s->out, SANITISE_ISOLATE_END);
    }
}

static void put_newline(Sanitiser *s)
{
    if (s->mode == SANITISE_LINE) {
        emit_base(s, ' ');
        return;
    }
    end_line(s);
    g_string_append_c(s->out, '\n');
    s->line = s->column_at = s->out->len;
    s->is_rtl = FALSE;
    s->previous = s->base = 0;
    s->marks = 0;
    s->column = 0;
}

static void put_tab(Sanitiser *s)
{
    int spaces = 1;

    if (s->mode != SANITISE_LINE) {
        s->column += text_width_cols(s->out->str + s->column_at, (gssize)(s->out->len - s->column_at));
        spaces = 8 - s->column % 8;
        s->column += spaces;
    }
    for (; spaces > 0; spaces--)
        emit_base(s, ' ');
    s->column_at = s->out->len;
}

static void put_control(Sanitiser *s, ucs4_t c, ucs4_t next)
{
    if (c == '\n')
        put_newline(s);
    else if (c == '\t')
        put_tab(s);
    else if (c != '\r' || next != '\n')
        emit_dot(s);
}

static void put_mark(Sanitiser *s, ucs4_t c)
{
    if (is_variation_selector(c)) {
        if (s->previous && s->previous != ' ' && is_category(s->previous, SHOWN_CATEGORIES))
            emit(s, c);
        return;
    }
    if (uc_is_property_default_ignorable_code_point(c) || s->marks >= LIMIT_COMBINING_MARKS)
        return;
    if (!s->previous)
        emit_base(s, DOTTED_CIRCLE);
    emit(s, c);
    s->marks++;
    s->is_rtl |= is_rtl(c);
}

/* Characters that are not seen: nearly all go. */
static void put_invisible(Sanitiser *s, ucs4_t c, ucs4_t next)
{
    if (c >= 0xE0000 && c <= 0xE007F) { /* Tags: hidden text, but for the flags of England, Scotland, Wales */
        if (s->base != BLACK_FLAG)
            emit_dot(s);
        return;
    }
    if ((c != ZWJ && c != ZWNJ) || !s->previous)
        return;
    gboolean after =
        is_category(s->previous, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M) || is_emoji(s->previous);
    gboolean before =
        (is_category(next, UC_CATEGORY_MASK_L) && !uc_is_property_default_ignorable_code_point(next)) ||
        is_emoji(next);
    if (after && before)
        emit(s, c);
}

static void put(Sanitiser *s, ucs4_t c, ucs4_t next)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0))
        put_control(s, c, next);
    else if (c < 0x300 && c != 0xAD)
        emit_base(s, c);
    else if (c == 0x2028 || c == 0x2029)
        put_newline(s);
    else if (is_category(c, UC_CATEGORY_MASK_M))
        put_mark(s, c);
    else if (uc_is_property_default_ignorable_code_point(c) || is_category(c, UC_CATEGORY_MASK_Cf))
        put_invisible(s, c, next);
    else if (is_category(c, SHOWN_CATEGORIES))
        emit_base(s, c);
    else
        emit_dot(s);
}

/* How many of the bytes are printable ASCII, which is all right in any mode. */
static gsize plain_run(const char *text, gsize bytes)
{
    gsize n = 0;

    while (n < bytes && (guchar)text[n] >= 0x20 && (guchar)text[n] < 0x7F)
        n++;
    return n;
}

char *sanitise(const char *text, gssize bytes, SanitiseMode mode)
{
    gsize size = bytes < 0 ? strlen(text) : (gsize)bytes, at = 0;
    Sanitiser s = {.out = g_string_sized_new(size + 16), .mode = mode};

    while (at < size) {
        gsize plain = plain_run(text + at, size - at);
        if (plain > 0) {
            g_string_append_len(s.out, text + at, (gssize)plain);
            at += plain;
            s.previous = s.base = (guchar)text[at - 1];
            s.marks = 0;
            continue;
        }
        ucs4_t c, next = 0;
        at += u8_mbtouc(&c, (const uint8_t *)text + at, size - at);
        if (at < size && (c == '\r' || c == ZWJ || c == ZWNJ))
            u8_mbtouc(&next, (const uint8_t *)text + at, size - at);
        put(&s, c, next);
    }
    end_line(&s);
    return g_string_free(s.out, FALSE);
}

gboolean sanitise_is_safe(const char *text, gssize bytes, SanitiseMode mode)
{
    gsize size = bytes < 0 ? strlen(text) : (gsize)bytes;

    if (plain_run(text, size) == size)
        return TRUE;
    g_autofree char *safe = sanitise(text, (gssize)size, mode);
    return strlen(safe) == size && memcmp(safe, text, size) == 0;
}

gboolean sanitise_needs_isolate(const char *text, gsize bytes)
{
    for (gsize at = 0; at < bytes;) {
        ucs4_t c = (guchar)text[at];
        at += c < 0x80 ? 1 : (gsize)u8_mbtouc(&c, (const uint8_t *)text + at, bytes - at);
        if (c >= 0x590 && is_rtl(c))
            return TRUE;
    }
    return FALSE;
}
