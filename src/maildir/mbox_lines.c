/* mbox_lines.c - see mbox_lines.h. */
#include "maildir/mbox_lines.h"

#include <string.h>

static gboolean refill(MboxSource *source, int64_t at)
{
    const gsize wanted = (gsize)MIN((int64_t)MBOX_BUFFER_BYTES, source->size - at);
    gsize held = 0;

    while (held < wanted) {
        const gssize n = source->read(source->data, at + (int64_t)held, source->buffer + held, wanted - held);
        source->failed |= n < 0;
        if (n <= 0)
            break;
        held += (gsize)n;
    }
    source->start = at;
    source->held = held;
    return held > 0;
}

gboolean mbox_piece_at(MboxSource *source, int64_t at, MboxLine *line)
{
    if (at >= source->size)
        return FALSE;
    const gboolean is_held = at >= source->start && at < source->start + (int64_t)source->held;
    gsize from = is_held ? (gsize)(at - source->start) : 0;
    const char *newline = is_held ? memchr(source->buffer + from, '\n', source->held - from) : NULL;
    if (!newline && (!is_held || from > 0)) {
        if (!refill(source, at))
            return FALSE;
        from = 0;
        newline = memchr(source->buffer, '\n', source->held);
    }
    line->text = source->buffer + from;
    line->size = newline ? (gsize)(newline + 1 - line->text) : source->held - from;
    return line->size > 0;
}

gboolean mbox_is_blank(const MboxLine *line)
{
    return line->is_start && (line->size == 1 || (line->size == 2 && line->text[0] == '\r')) &&
           line->text[line->size - 1] == '\n';
}

gboolean mbox_is_separator(const char *text, gsize size)
{
    if (size < 6 || memcmp(text, "From ", 5) != 0)
        return FALSE;
    for (gsize i = 6; i + 2 < size; i++)
        if (text[i] == ':' && g_ascii_isdigit(text[i - 1]) && g_ascii_isdigit(text[i + 1]) &&
            g_ascii_isdigit(text[i + 2]))
            return TRUE;
    return FALSE;
}
