/* edit.c - see edit.h. */
#include "ui/edit.h"

#include "base/text.h"
#include "ui/screen.h"

#include <string.h>

/* A prompt is a line, not a document. */
#define EDIT_MAX_BYTES 4096

void edit_init(Edit *edit, const char *text)
{
    edit->text = g_string_new(text);
    edit->cursor = edit->text->len;
}

void edit_clear(Edit *edit)
{
    g_string_free(edit->text, TRUE);
    edit->text = NULL;
}

void edit_set(Edit *edit, const char *text)
{
    g_string_assign(edit->text, text);
    edit->cursor = edit->text->len;
}

/* ---- places ---- */

static gsize after(const Edit *edit, gsize at)
{
    return at + text_next_grapheme(edit->text->str + at, edit->text->len - at, NULL);
}

/* Graphemes are found forwards only; a line is short. */
static gsize before(const Edit *edit, gsize at)
{
    gsize previous = 0;

    for (gsize next = 0; next < at; next = after(edit, next))
        previous = next;
    return previous;
}

static gsize word_before(const Edit *edit, gsize at)
{
    const char *text = edit->text->str;

    while (at > 0 && text[at - 1] == ' ')
        at--;
    while (at > 0 && text[at - 1] != ' ')
        at--;
    return at;
}

static gsize word_after(const Edit *edit, gsize at)
{
    const char *text = edit->text->str;

    while (text[at] == ' ')
        at++;
    while (text[at] && text[at] != ' ')
        at++;
    return at;
}

static EditResult move(Edit *edit, gsize to)
{
    edit->cursor = to;
    return EDIT_MOVED;
}

static EditResult cut(Edit *edit, gsize from, gsize to)
{
    if (from == to)
        return EDIT_MOVED;
    g_string_erase(edit->text, (gssize)from, (gssize)(to - from));
    edit->cursor = from;
    return EDIT_CHANGED;
}

static EditResult insert(Edit *edit, gunichar character)
{
    char utf8[6];
    int length = g_unichar_to_utf8(character, utf8);

    if (edit->text->len + (gsize)length > EDIT_MAX_BYTES)
        return EDIT_MOVED;
    g_string_insert_len(edit->text, (gssize)edit->cursor, utf8, length);
    edit->cursor += (gsize)length;
    return EDIT_CHANGED;
}

static EditResult edit_control(Edit *edit, Key key)
{
    switch (key) {
    case KEY_ENTER_CHAR:
        return EDIT_ACCEPTED;
    case KEY_ESCAPE_CHAR:
    case KEY_CONTROL('c'):
    case KEY_CONTROL('g'):
        return EDIT_CANCELLED;
    case KEY_CONTROL('a'):
        return move(edit, 0);
    case KEY_CONTROL('e'):
        return move(edit, edit->text->len);
    case KEY_CONTROL('b'):
        return move(edit, before(edit, edit->cursor));
    case KEY_CONTROL('f'):
        return move(edit, after(edit, edit->cursor));
    case KEY_CONTROL('d'):
        return cut(edit, edit->cursor, after(edit, edit->cursor));
    case KEY_CONTROL('u'):
        return cut(edit, 0, edit->cursor);
    case KEY_CONTROL('k'):
        return cut(edit, edit->cursor, edit->text->len);
    case KEY_CONTROL('w'):
        return cut(edit, word_before(edit, edit->cursor), edit->cursor);
    default:
        return EDIT_IGNORED;
    }
}

EditResult edit_key(Edit *edit, Key key)
{
    gunichar character;

    if (key_is_text(key, &character))
        return insert(edit, character);
    if (key == key_named("BS"))
        return edit->text->len ? cut(edit, before(edit, edit->cursor), edit->cursor) : EDIT_CANCELLED;
    if (key == key_named("Del"))
        return cut(edit, edit->cursor, after(edit, edit->cursor));
    if (key == key_named("Left"))
        return move(edit, before(edit, edit->cursor));
    if (key == key_named("Right"))
        return move(edit, after(edit, edit->cursor));
    if (key == key_named("Home"))
        return move(edit, 0);
    if (key == key_named("End"))
        return move(edit, edit->text->len);
    if (key == (KEY_META_BIT | 'b'))
        return move(edit, word_before(edit, edit->cursor));
    if (key == (KEY_META_BIT | 'f'))
        return move(edit, word_after(edit, edit->cursor));
    return edit_control(edit, key);
}

void edit_draw(const Edit *edit, const char *label, int row, int column, int columns)
{
    int used = screen_text(row, column, columns, SLOT_PROMPT, label);
    int room = MAX(columns - used - 1, 1);
    gsize start = 0;

    /* Scrolled by characters until the cursor is in sight. */
    while (text_width_cols(edit->text->str + start, (gssize)(edit->cursor - start)) > room)
        start = after(edit, start);
    screen_text(row, column + used, columns - used, SLOT_NORMAL, edit->text->str + start);
    screen_cursor(row,
                  column + used + text_width_cols(edit->text->str + start, (gssize)(edit->cursor - start)));
}
