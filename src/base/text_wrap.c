/*
 * text_wrap.c - breaking text into lines (text.h).
 *
 * Word by word: most words fit and are only measured. One that does not is looked at for places inside where
 * it may be broken (u8_possible_linebreaks() for what is not ASCII, hyphens otherwise), in one pass over the
 * word, so that a Chinese paragraph, which is one word, costs no more than its length.
 */
#include "base/text.h"

#include <string.h>
#include <unilbrk.h>

typedef struct {
    const char *text;
    int cols;
    TextLineFunc emit;
    void *data;
    gsize start, end; /* the line so far; the space after its last word is not in it */
    int width;
    gboolean is_empty; /* nothing stands on it yet */
} Wrap;

static void wrap_emit(Wrap *wrap, gsize next_start)
{
    wrap->emit(wrap->start, wrap->end - wrap->start, wrap->width, wrap->data);
    wrap->start = wrap->end = next_start;
    wrap->width = 0;
    wrap->is_empty = TRUE;
}

static void wrap_add(Wrap *wrap, gsize end, int width)
{
    wrap->end = end;
    wrap->width += width;
    wrap->is_empty = FALSE;
}

/* A piece that nothing in it says where to break, longer than a line: between graphemes. */
static void wrap_add_hard(Wrap *wrap, gsize start, gsize end)
{
    int width;

    while (start < end) {
        gsize n = text_next_grapheme(wrap->text + start, end - start, &width);
        if (wrap->width + width > wrap->cols && !wrap->is_empty)
            wrap_emit(wrap, start);
        start += n;
        wrap_add(wrap, start, width);
    }
}

static gboolean is_url(const char *word, gsize size)
{
    return g_strstr_len(word, (gssize)size, "://") ||
           (size > 4 && g_ascii_strncasecmp(word, "www.", 4) == 0) ||
           (size > 8 && g_ascii_strncasecmp(word + (word[0] == '<'), "mailto:", 7) == 0);
}

static gboolean is_ascii(const char *word, gsize size)
{
    for (gsize i = 0; i < size; i++)
        if ((guchar)word[i] >= 0x80)
            return FALSE;
    return TRUE;
}

/* Marks in `breaks` the bytes of a word before which it may be broken. */
static void find_breaks(const char *word, gsize size, char *breaks)
{
    memset(breaks, UC_BREAK_PROHIBITED, size);
    if (is_url(word, size))
        return;
    if (!is_ascii(word, size)) {
        u8_possible_linebreaks((const uint8_t *)word, size, "UTF-8", breaks);
        return;
    }
    for (gsize i = 2; i < size; i++) /* after hyphens, but not before numbers */
        if (word[i - 1] == '-' && g_ascii_isalnum(word[i - 2]) && g_ascii_isalpha(word[i]))
            breaks[i] = UC_BREAK_POSSIBLE;
}

/* A word that does not fit on the line, with `gap` spaces in front: by the pieces it may be broken into. */
static void wrap_add_pieces(Wrap *wrap, gsize start, gsize end, int gap)
{
    const char *word = wrap->text + start;
    gsize size = end - start, from = 0;
    g_autofree char *breaks = g_malloc(size);

    find_breaks(word, size, breaks);
    for (gsize i = 1; i <= size; i++) {
        if (i < size && breaks[i] != UC_BREAK_POSSIBLE && breaks[i] != UC_BREAK_MANDATORY)
            continue;
        int width = text_width_cols(word + from, (gssize)(i - from));
        if (gap > wrap->cols - wrap->width - width) {
            if (!wrap->is_empty)
                wrap_emit(wrap, start + from);
            wrap->start = wrap->end = start + from; /* an indentation that leaves no room goes */
            gap = 0;
        }
        if (width <= wrap->cols)
            wrap_add(wrap, start + i, gap + width);
        else
            wrap_add_hard(wrap, start + from, start + i);
        gap = 0;
        from = i;
    }
}

static void wrap_paragraph(Wrap *wrap, gsize start, gsize end)
{
    gsize position = start;

    wrap->start = wrap->end = start;
    wrap->width = 0;
    wrap->is_empty = TRUE;
    while (position < end) {
        gsize word = position;
        while (word < end && wrap->text[word] == ' ')
            word++;
        if (word == end)
            break;
        const char *space = memchr(wrap->text + word, ' ', end - word);
        gsize word_end = space ? (gsize)(space - wrap->text) : end;
        int gap = (int)MIN(word - position, (gsize)wrap->cols + 1);
        int width = text_width_cols(wrap->text + word, (gssize)(word_end - word));
        if (width <= wrap->cols - wrap->width - gap)
            wrap_add(wrap, word_end, gap + width);
        else
            wrap_add_pieces(wrap, word, word_end, gap);
        position = word_end;
    }
    wrap_emit(wrap, end);
}

void text_wrap(const char *text, gsize bytes, int cols, TextLineFunc line, void *data)
{
    Wrap wrap = {.text = text, .cols = MAX(cols, 2), .emit = line, .data = data};
    gsize start = 0;

    for (;;) {
        const char *newline = memchr(text + start, '\n', bytes - start);
        gsize end = newline ? (gsize)(newline - text) : bytes;
        wrap_paragraph(&wrap, start, end);
        if (!newline)
            break;
        start = end + 1;
    }
}
