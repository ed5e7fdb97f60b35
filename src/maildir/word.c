/* word.c - see word.h. */
#include "maildir/word.h"

static gboolean is_plain(guchar c)
{
    return c > ' ' && c != '%' && c != 0x7f;
}

void word_append(GString *text, const char *word)
{
    for (; *word; word++) {
        if (is_plain((guchar)*word))
            g_string_append_c(text, *word);
        else
            g_string_append_printf(text, "%%%02X", (guchar)*word);
    }
}

char *word_decode(char *word)
{
    char *to = word;

    for (const char *at = word; *at; at++) {
        const int high = *at == '%' ? g_ascii_xdigit_value(at[1]) : -1;
        const int low = high >= 0 ? g_ascii_xdigit_value(at[2]) : -1;
        const int byte = low >= 0 ? high << 4 | low : 0;
        *to++ = byte ? (char)byte : *at;
        at += byte ? 2 : 0;
    }
    *to = '\0';
    return word;
}
