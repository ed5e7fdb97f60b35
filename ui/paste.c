/* paste.c - see paste.h. */
#include "ui/paste.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/limits.h"
#include "ui/screen.h"

#include <string.h>

#define ABANDONED_US SECOND_US

static struct {
    GString *bytes; /* NULL: nothing was pasted */
    gboolean is_open, is_too_long;
    gint64 came_us;
    guint n_mark;  /* so many bytes of the end have come */
    gsize mark_at; /* where they began */
} paste;

static void wipe(void)
{
    if (!paste.bytes)
        return;
    explicit_bzero(paste.bytes->str, paste.bytes->allocated_len);
    g_string_free(paste.bytes, TRUE);
    paste.bytes = NULL;
}

void paste_begin(void)
{
    wipe();
    /* All at once: a buffer that grows leaves copies behind. */
    paste.bytes = g_string_sized_new(LIMIT_PASTE_BYTES);
    paste.is_open = TRUE;
    paste.is_too_long = FALSE;
    paste.n_mark = 0;
    paste.came_us = clock_now_us();
}

gboolean paste_is_open(void)
{
    return paste.is_open;
}

/* On a slow line the end's bytes may come one by one, which curses takes for keys of their own. */
static gboolean ends_with_mark(int code)
{
    static const char MARK[] = "\033[201~";

    if (code == MARK[0] || code != MARK[paste.n_mark])
        paste.n_mark = 0;
    if (code != MARK[paste.n_mark])
        return FALSE;
    if (paste.n_mark++ == 0)
        paste.mark_at = paste.bytes->len;
    if (MARK[paste.n_mark])
        return FALSE;
    g_string_truncate(paste.bytes, paste.mark_at);
    return TRUE;
}

gboolean paste_add(int code)
{
    gboolean is_end = code == SCREEN_PASTE_END || ends_with_mark(code);

    paste.came_us = clock_now_us();
    /* What looks like a key within the text is nothing that can be typed into a line. */
    if (!is_end && code > 0 && code <= 0xff) {
        if (paste.bytes->len < LIMIT_PASTE_BYTES)
            g_string_append_c(paste.bytes, (char)code);
        else
            paste.is_too_long = TRUE;
    }
    paste.is_open = !is_end;
    return is_end;
}

gboolean paste_is_abandoned(void)
{
    if (!paste.is_open || clock_now_us() - paste.came_us < ABANDONED_US)
        return FALSE;
    paste.is_open = FALSE;
    return TRUE;
}

/* A terminal sends a line's end as Enter does. */
static void mend_line_ends(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (*from != '\n' || from == text || from[-1] != '\r')
            *to++ = *from;
    *to = '\0';
    g_strdelimit(text, "\r", '\n');
}

gboolean paste_is_too_long(void)
{
    return paste.is_too_long;
}

char *paste_take(void)
{
    char *text = NULL;

    if (paste.bytes) {
        mend_line_ends(paste.bytes->str);
        text = charset_locale_is_utf8() ? g_strdup(paste.bytes->str)
                                        : g_locale_to_utf8(paste.bytes->str, -1, NULL, NULL, NULL);
    }
    wipe();
    return text ? text : g_strdup("");
}

void paste_free(char *text)
{
    explicit_bzero(text, strlen(text));
    g_free(text);
}
