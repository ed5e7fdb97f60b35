/* utf7.c - see utf7.h. */
#include "base/utf7.h"

#include <string.h>

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static gboolean is_direct(guchar c, const char *also)
{
    return c >= 0x20 && c <= 0x7e && !strchr(also, c);
}

/* One run of base64, big-endian UTF-16 inside; `bits` are those not yet written, in the low end of `held`. */
typedef struct {
    GString *out;
    guint32 held;
    guint bits;
} Base64;

static void put_unit(Base64 *base64, guint16 unit)
{
    base64->held = base64->held << 16 | unit;
    base64->bits += 16;
    while (base64->bits >= 6) {
        base64->bits -= 6;
        g_string_append_c(base64->out, BASE64[base64->held >> base64->bits & 63]);
    }
}

static void put_character(Base64 *base64, gunichar c)
{
    if (c < 0x10000) {
        put_unit(base64, (guint16)c);
        return;
    }
    put_unit(base64, (guint16)(0xd800 + ((c - 0x10000) >> 10)));
    put_unit(base64, (guint16)(0xdc00 + ((c - 0x10000) & 0x3ff)));
}

char *utf7_encode(const char *name, const char *also)
{
    GString *out = g_string_new(NULL);

    while (*name) {
        if (is_direct((guchar)*name, also)) {
            g_string_append(out, *name == '&' ? "&-" : (char[]){*name, '\0'});
            name++;
            continue;
        }

        Base64 base64 = {.out = out};
        g_string_append_c(out, '&');
        for (; *name && !is_direct((guchar)*name, also); name = g_utf8_next_char(name))
            put_character(&base64, g_utf8_get_char(name));
        if (base64.bits > 0)
            g_string_append_c(out, BASE64[base64.held << (6 - base64.bits) & 63]);
        g_string_append_c(out, '-');
    }
    return g_string_free(out, FALSE);
}

/* Takes a UTF-16 unit; *high is a first surrogate that waits for its second. FALSE for what is no character
 * of a name. */
static gboolean take_unit(GString *out, guint16 *high, guint16 unit)
{
    if (*high) {
        if (unit < 0xdc00 || unit > 0xdfff)
            return FALSE;
        g_string_append_unichar(out,
                                0x10000u + ((gunichar)(*high - 0xd800) << 10) + (gunichar)(unit - 0xdc00));
        *high = 0;
        return TRUE;
    }
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return FALSE;
    if (unit >= 0xd800 && unit <= 0xdbff)
        *high = unit;
    else if (unit >= 0x20)
        g_string_append_unichar(out, unit);
    return unit >= 0x20;
}

/* A run of base64 up to its '-': the pointer to that, or NULL. */
static const char *decode_run(GString *out, const char *at)
{
    guint32 held = 0;
    guint bits = 0;
    guint16 high = 0;

    for (; *at != '-'; at++) {
        const char *digit = *at ? strchr(BASE64, *at) : NULL;
        if (!digit)
            return NULL;
        held = held << 6 | (guint32)(digit - BASE64);
        bits += 6;
        if (bits < 16)
            continue;
        bits -= 16;
        if (!take_unit(out, &high, (guint16)(held >> bits)))
            return NULL;
    }
    return high ? NULL : at;
}

char *utf7_decode(const char *raw, const char *also)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (const char *at = raw; *at; at++) {
        if (!is_direct((guchar)*at, also))
            return NULL;
        if (*at != '&')
            g_string_append_c(out, *at);
        else if (at[1] == '-')
            g_string_append_c(out, *at++);
        else if (!(at = decode_run(out, at + 1)))
            return NULL;
    }

    g_autofree char *again = utf7_encode(out->str, also);
    if (strcmp(again, raw) != 0)
        return NULL;
    return g_strdup(out->str);
}

char *utf7_show(const char *raw)
{
    char *decoded = utf7_decode(raw, "");
    if (decoded)
        return decoded;

    GString *shown = g_string_new(NULL);
    while (*raw) {
        const char *end;
        g_utf8_validate(raw, -1, &end);
        g_string_append_len(shown, raw, end - raw);
        raw = end;
        if (*raw)
            g_string_append_printf(shown, "\\x%02X", (guchar)*raw++);
    }
    return g_string_free(shown, FALSE);
}
