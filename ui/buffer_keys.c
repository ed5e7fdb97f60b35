/* buffer_keys.c - see buffer.h: what each key does to the text. */
#include "ui/buffer_private.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "compose/flow.h"
#include "ui/cursor.h"

#include <string.h>

#define REFLOW_COLUMNS 72
#define TAB_COLUMNS 8

static gboolean is_word(gunichar character)
{
    return g_unichar_isalnum(character) || g_unichar_ismark(character) || character == '_';
}

static BufferResult go(Buffer *buffer, gsize at)
{
    buffer->cursor = at;
    return BUFFER_MOVED;
}

static BufferResult by_rows(Buffer *buffer, int by)
{
    int column, n = (int)buffer_cursor_row(buffer, &column);
    int target = CLAMP(n + by, 0, (int)buffer->rows->len - 1);

    column = buffer->wanted >= 0 ? buffer->wanted : column;
    if (target == n)
        return go(buffer, by < 0 ? 0 : buffer->text->len);
    const BufferRow row = buffer_row(buffer, (guint)target);
    buffer->cursor = row.offset + text_fit(buffer->text->str + row.offset, (gssize)row.length, column, NULL);
    buffer->wanted = column;
    return BUFFER_MOVED;
}

static BufferResult left(Buffer *buffer)
{
    return go(buffer, cursor_before(buffer->text, buffer->cursor));
}
static BufferResult right(Buffer *buffer)
{
    return go(buffer, cursor_after(buffer->text, buffer->cursor));
}
static BufferResult up(Buffer *buffer)
{
    return by_rows(buffer, -1);
}
static BufferResult down(Buffer *buffer)
{
    return by_rows(buffer, 1);
}
static BufferResult page_up(Buffer *buffer)
{
    return by_rows(buffer, -buffer->page);
}
static BufferResult page_down(Buffer *buffer)
{
    return by_rows(buffer, buffer->page);
}
static BufferResult to_start(Buffer *buffer)
{
    return go(buffer, cursor_line_start(buffer->text, buffer->cursor));
}
static BufferResult to_end(Buffer *buffer)
{
    return go(buffer, cursor_line_end(buffer->text, buffer->cursor));
}
static BufferResult word_left(Buffer *buffer)
{
    return go(buffer, cursor_word_before(buffer->text, buffer->cursor, is_word));
}
static BufferResult word_right(Buffer *buffer)
{
    return go(buffer, cursor_word_after(buffer->text, buffer->cursor, is_word));
}
static BufferResult rub_out(Buffer *buffer)
{
    gsize from = cursor_before(buffer->text, buffer->cursor);

    return from < buffer->cursor ? buffer_replace(buffer, from, buffer->cursor - from, "") : BUFFER_MOVED;
}
static BufferResult take_out(Buffer *buffer)
{
    gsize end = cursor_after(buffer->text, buffer->cursor);

    return end > buffer->cursor ? buffer_replace(buffer, buffer->cursor, end - buffer->cursor, "")
                                : BUFFER_MOVED;
}
static BufferResult new_line(Buffer *buffer)
{
    return buffer_replace(buffer, buffer->cursor, 0, "\n");
}

static BufferResult tab(Buffer *buffer)
{
    gsize from = cursor_line_start(buffer->text, buffer->cursor);
    int column = text_width_cols(buffer->text->str + from, (gssize)(buffer->cursor - from));
    g_autofree char *blanks = g_strnfill((gsize)(TAB_COLUMNS - column % TAB_COLUMNS), ' ');

    return buffer_replace(buffer, buffer->cursor, 0, blanks);
}

/* Cuts that follow each other are brought back as one. */
static BufferResult cut(Buffer *buffer, gsize from, gsize to)
{
    g_autofree char *text = g_strndup(buffer->text->str + from, to - from);
    gboolean is_backwards = to == buffer->cursor && from != to;
    const char *old = buffer->is_cutting && buffer->cut ? buffer->cut : "";

    if (from == to)
        return BUFFER_MOVED;
    char *all = is_backwards ? g_strconcat(text, old, NULL) : g_strconcat(old, text, NULL);
    g_free(buffer->cut);
    buffer->cut = all;
    return buffer_replace(buffer, from, to - from, "");
}

static BufferResult cut_to_end(Buffer *buffer)
{
    gsize end = cursor_line_end(buffer->text, buffer->cursor);

    /* At the line's end its end goes; of a whole line the end goes with it. */
    if (buffer->text->str[end] &&
        (end == buffer->cursor || cursor_line_start(buffer->text, buffer->cursor) == buffer->cursor))
        end++;
    return cut(buffer, buffer->cursor, end);
}
static BufferResult cut_to_start(Buffer *buffer)
{
    return cut(buffer, cursor_line_start(buffer->text, buffer->cursor), buffer->cursor);
}
static BufferResult cut_word_left(Buffer *buffer)
{
    return cut(buffer, cursor_word_before(buffer->text, buffer->cursor, is_word), buffer->cursor);
}
static BufferResult cut_word_right(Buffer *buffer)
{
    return cut(buffer, buffer->cursor, cursor_word_after(buffer->text, buffer->cursor, is_word));
}
static BufferResult bring_back(Buffer *buffer)
{
    return buffer->cut ? buffer_replace(buffer, buffer->cursor, 0, buffer->cut) : BUFFER_MOVED;
}

static BufferResult reflow(Buffer *buffer)
{
    gsize from, bytes;
    g_autofree char *text = flow_reflow(buffer->text->str, buffer->cursor, REFLOW_COLUMNS, &from, &bytes);

    if (!bytes || strncmp(buffer->text->str + from, text, MAX(bytes, strlen(text))) == 0)
        return BUFFER_MOVED;
    gsize cursor = buffer->cursor;
    BufferResult result = buffer_replace(buffer, from, bytes, text);
    buffer->cursor = MIN(cursor, buffer->cursor);
    while (!g_utf8_validate(buffer->text->str + buffer->cursor, -1, NULL))
        buffer->cursor--;
    return result;
}

static BufferResult leave(G_GNUC_UNUSED Buffer *buffer)
{
    return BUFFER_LEFT;
}

typedef enum { PLAIN, KEEPS_COLUMN, CUTS } KeyKind;

static const struct {
    const char *keys;
    BufferResult (*run)(Buffer *buffer);
    KeyKind kind;
} KEYS[] = {
    {"Esc C-x C-g", leave, PLAIN},
    {"Enter", new_line, PLAIN},
    {"BS", rub_out, PLAIN},
    {"Del C-d", take_out, PLAIN},
    {"Left C-b", left, PLAIN},
    {"Right C-f", right, PLAIN},
    {"Up C-p", up, KEEPS_COLUMN},
    {"Down C-n", down, KEEPS_COLUMN},
    {"PgUp M-v", page_up, KEEPS_COLUMN},
    {"PgDn C-v", page_down, KEEPS_COLUMN},
    {"Home C-a", to_start, PLAIN},
    {"End C-e", to_end, PLAIN},
    {"M-b", word_left, PLAIN},
    {"M-f", word_right, PLAIN},
    {"C-k", cut_to_end, CUTS},
    {"C-u", cut_to_start, CUTS},
    {"C-w M-BS", cut_word_left, CUTS},
    {"M-d", cut_word_right, CUTS},
    {"C-y", bring_back, PLAIN},
    {"M-u", buffer_take_back, PLAIN},
    {"C-r", buffer_do_again, PLAIN},
    {"M-q", reflow, PLAIN},
    {"Tab", tab, PLAIN},
};

/* Ctrl-_ has no name among the letters. */
#define KEY_UNDO ((Key)0x1f)

BufferResult buffer_key(Buffer *buffer, Key key)
{
    char utf8[7] = {0};
    gunichar character;
    KeyKind kind = PLAIN;
    BufferResult result = BUFFER_IGNORED;
    gboolean is_text = key_is_text(key, &character);

    if (is_text) {
        g_unichar_to_utf8(character, utf8);
        result = buffer_replace(buffer, buffer->cursor, 0, utf8);
    } else if (key == KEY_UNDO) {
        result = buffer_take_back(buffer);
    }
    for (guint i = 0; !is_text && key != KEY_UNDO && i < G_N_ELEMENTS(KEYS); i++) {
        if (!key_is_among(key, KEYS[i].keys))
            continue;
        kind = KEYS[i].kind;
        result = KEYS[i].run(buffer);
        break;
    }
    buffer->is_typing = is_text && !g_unichar_isspace(character);
    buffer->is_cutting = kind == CUTS;
    if (kind != KEEPS_COLUMN)
        buffer->wanted = -1;
    return result;
}

BufferResult buffer_paste(Buffer *buffer, const char *text)
{
    g_autofree char *safe = sanitise(text, -1, SANITISE_OPEN);

    buffer->is_typing = buffer->is_cutting = FALSE;
    buffer->wanted = -1;
    return *safe ? buffer_replace(buffer, buffer->cursor, 0, safe) : BUFFER_MOVED;
}
