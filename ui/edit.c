/* edit.c - see edit.h. */
#include "ui/edit.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "ui/cursor.h"
#include "ui/screen.h"

#include <string.h>

/* A prompt is a line, not a document. */
#define EDIT_MAX_BYTES 4096

static void wipe(Edit *edit)
{
    if (edit->is_secret)
        explicit_bzero(edit->text->str, edit->text->allocated_len);
}

void edit_init(Edit *edit, const char *text)
{
    /* As large as it may become: a secret leaves no copies behind by growing. */
    *edit = (Edit){.text = g_string_sized_new(EDIT_MAX_BYTES)};
    edit_set(edit, text);
}

void edit_clear(Edit *edit)
{
    wipe(edit);
    g_string_free(edit->text, TRUE);
    g_free(edit->killed);
    edit->text = NULL;
    edit->killed = NULL;
}

void edit_set(Edit *edit, const char *text)
{
    g_string_assign(edit->text, text);
    edit->cursor = edit->text->len;
}

/* In a prompt a word is what stands between blanks: an address, a path. */
static gboolean is_word(gunichar character)
{
    return character != ' ';
}

/* ---- changes ---- */

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

static EditResult take_away(Edit *edit, gsize from, gsize to)
{
    if (from != to && !edit->is_secret) {
        g_free(edit->killed);
        edit->killed = g_strndup(edit->text->str + from, to - from);
    }
    return cut(edit, from, to);
}

/* As much of it as there is room for, whole characters. */
static EditResult insert(Edit *edit, const char *text)
{
    gsize length = strlen(text), room = EDIT_MAX_BYTES - edit->text->len;

    if (length > room) {
        for (length = 0; length + (gsize)(g_utf8_next_char(text + length) - (text + length)) <= room;)
            length = (gsize)(g_utf8_next_char(text + length) - text);
    }
    if (!length)
        return EDIT_MOVED;
    g_string_insert_len(edit->text, (gssize)edit->cursor, text, (gssize)length);
    edit->cursor += length;
    return EDIT_CHANGED;
}

/* ---- keys ---- */

static EditResult to_start(Edit *edit)
{
    return move(edit, 0);
}

static EditResult to_end(Edit *edit)
{
    return move(edit, edit->text->len);
}

static EditResult left(Edit *edit)
{
    return move(edit, cursor_before(edit->text, edit->cursor));
}

static EditResult right(Edit *edit)
{
    return move(edit, cursor_after(edit->text, edit->cursor));
}

static EditResult word_left(Edit *edit)
{
    return move(edit, cursor_word_before(edit->text, edit->cursor, is_word));
}

static EditResult word_right(Edit *edit)
{
    return move(edit, cursor_word_after(edit->text, edit->cursor, is_word));
}

static EditResult rub_out(Edit *edit)
{
    return edit->text->len ? cut(edit, cursor_before(edit->text, edit->cursor), edit->cursor)
                           : EDIT_CANCELLED;
}

static EditResult take_out(Edit *edit)
{
    return cut(edit, edit->cursor, cursor_after(edit->text, edit->cursor));
}

static EditResult kill_to_start(Edit *edit)
{
    return take_away(edit, 0, edit->cursor);
}

static EditResult kill_to_end(Edit *edit)
{
    return take_away(edit, edit->cursor, edit->text->len);
}

static EditResult kill_word_left(Edit *edit)
{
    return take_away(edit, cursor_word_before(edit->text, edit->cursor, is_word), edit->cursor);
}

static EditResult kill_word_right(Edit *edit)
{
    return take_away(edit, edit->cursor, cursor_word_after(edit->text, edit->cursor, is_word));
}

static EditResult bring_back(Edit *edit)
{
    return edit->killed ? insert(edit, edit->killed) : EDIT_MOVED;
}

/* The character before the cursor changes places with the one under it; at the end the last two do. */
static EditResult swap(Edit *edit)
{
    gsize second = edit->cursor < edit->text->len ? edit->cursor : cursor_before(edit->text, edit->cursor);
    gsize first = cursor_before(edit->text, second), end = cursor_after(edit->text, second);

    if (first == second || second == end)
        return EDIT_MOVED;
    g_autofree char *moved = g_strndup(edit->text->str + first, second - first);
    g_string_erase(edit->text, (gssize)first, (gssize)(second - first));
    g_string_insert(edit->text, (gssize)(first + end - second), moved);
    edit->cursor = end;
    return EDIT_CHANGED;
}

static EditResult accept(G_GNUC_UNUSED Edit *edit)
{
    return EDIT_ACCEPTED;
}

static EditResult cancel(G_GNUC_UNUSED Edit *edit)
{
    return EDIT_CANCELLED;
}

static const struct {
    const char *keys; /* alternatives, parted by blanks */
    EditResult (*run)(Edit *edit);
} KEYS[] = {
    {"Enter", accept},
    {"Esc C-c C-g", cancel},
    {"BS", rub_out},
    {"Del C-d", take_out},
    {"Left C-b", left},
    {"Right C-f", right},
    {"Home C-a", to_start},
    {"End C-e", to_end},
    {"M-b", word_left},
    {"M-f", word_right},
    {"C-u", kill_to_start},
    {"C-k", kill_to_end},
    {"C-w M-BS", kill_word_left},
    {"M-d", kill_word_right},
    {"C-y", bring_back},
    {"C-t", swap},
};

EditResult edit_key(Edit *edit, Key key)
{
    char utf8[7] = {0};
    gunichar character;

    if (key_is_text(key, &character)) {
        g_unichar_to_utf8(character, utf8);
        return insert(edit, utf8);
    }
    for (guint i = 0; i < G_N_ELEMENTS(KEYS); i++)
        if (key_is_among(key, KEYS[i].keys))
            return KEYS[i].run(edit);
    return EDIT_IGNORED;
}

EditResult edit_paste(Edit *edit, const char *text)
{
    /* Of a secret its first line, as it is, for it is not shown; and no copy of it. */
    if (edit->is_secret) {
        gsize length = strcspn(text, "\r\n");
        if (!g_utf8_validate(text, (gssize)length, NULL) || edit->text->len + length > EDIT_MAX_BYTES)
            return EDIT_MOVED;
        g_string_insert_len(edit->text, (gssize)edit->cursor, text, (gssize)length);
        return edit->cursor += length, EDIT_CHANGED;
    }
    g_autofree char *safe = sanitise(text, -1, SANITISE_LINE);
    /* What ends with a line's end was a line: the blank that it became is nothing that was meant. */
    return insert(edit, g_strchomp(safe));
}

/* ---- drawing ---- */

static char *stars(const Edit *edit, gsize *cursor_out)
{
    GString *text = g_string_new(NULL);

    for (gsize at = 0; at < edit->text->len; at = cursor_after(edit->text, at)) {
        if (at == edit->cursor)
            *cursor_out = text->len;
        g_string_append_c(text, '*');
    }
    if (edit->cursor == edit->text->len)
        *cursor_out = text->len;
    return g_string_free(text, FALSE);
}

void edit_draw(const Edit *edit, const char *label, int row, int column, int columns)
{
    gsize cursor = edit->cursor, start = 0;
    g_autofree char *hidden = edit->is_secret ? stars(edit, &cursor) : NULL;
    const char *text = hidden ? hidden : edit->text->str;
    /* A long label leaves a third of the row to what is typed. */
    int used = screen_text_cut(row, column, MAX(columns * 2 / 3, 1), SLOT_PROMPT, label);
    int room = MAX(columns - used - 1, 1), width = text_width_cols(text, (gssize)cursor), left_out;

    /* Scrolled by characters until the cursor is in sight. */
    while (width > room) {
        gsize step = text_next_grapheme(text + start, strlen(text + start), &left_out);
        start += step;
        width -= left_out;
    }
    screen_text(row, column + used, columns - used, SLOT_NORMAL, text + start);
    screen_cursor(row, column + used + width);
}
