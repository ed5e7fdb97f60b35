/* buffer.c - see buffer.h. */
#include "ui/buffer.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "compose/flow.h"

#include <string.h>

#define UNDO_MAX 2000
#define REFLOW_COLUMNS 72
#define TAB_COLUMNS 8

/* One change: at `from` stood `old`, now `new` stands there. */
typedef struct {
    gsize from;
    char *old, *new;
    gsize cursor; /* before it */
} Change;

struct Buffer {
    GString *text;
    gsize cursor;
    int columns, page;
    int wanted; /* the column that moving up and down keeps to; -1: the cursor's */
    GArray *rows;
    GPtrArray *undo, *redo; /* Change * */
    gboolean is_typing;     /* the next letter belongs to the last change */
    gboolean is_cutting;    /* the next cut is added to the last one */
    char *cut;
};

static void change_free(void *data)
{
    Change *change = data;

    g_free(change->old);
    g_free(change->new);
    g_free(change);
}

Buffer *buffer_new(const char *text, gsize cursor)
{
    Buffer *buffer = g_new0(Buffer, 1);

    buffer->text = g_string_new(text);
    buffer->cursor = MIN(cursor, buffer->text->len);
    buffer->rows = g_array_new(FALSE, FALSE, sizeof(BufferRow));
    buffer->undo = g_ptr_array_new_with_free_func(change_free);
    buffer->redo = g_ptr_array_new_with_free_func(change_free);
    buffer->wanted = -1;
    buffer_layout(buffer, 80, 20);
    return buffer;
}

void buffer_free(Buffer *buffer)
{
    if (!buffer)
        return;
    g_string_free(buffer->text, TRUE);
    g_array_unref(buffer->rows);
    g_ptr_array_unref(buffer->undo);
    g_ptr_array_unref(buffer->redo);
    g_free(buffer->cut);
    g_free(buffer);
}

const char *buffer_text(const Buffer *buffer)
{
    return buffer->text->str;
}

gsize buffer_cursor(const Buffer *buffer)
{
    return buffer->cursor;
}

/* ---- rows ---- */

typedef struct {
    Buffer *buffer;
    gsize base;
} Wrapping;

static void add_row(gsize offset, gsize length, G_GNUC_UNUSED int width_cols, void *data)
{
    const Wrapping *wrapping = data;
    const BufferRow row = {wrapping->base + offset, length};

    g_array_append_val(wrapping->buffer->rows, row);
}

static void wrap(Buffer *buffer)
{
    const char *text = buffer->text->str;
    Wrapping wrapping = {buffer, 0};

    g_array_set_size(buffer->rows, 0);
    for (;;) {
        gsize n = strcspn(text + wrapping.base, "\n");
        text_wrap(text + wrapping.base, n, buffer->columns, add_row, &wrapping);
        if (!text[wrapping.base + n])
            return;
        wrapping.base += n + 1;
    }
}

void buffer_layout(Buffer *buffer, int columns, int page)
{
    columns = MAX(columns - 1, 2); /* the cursor stands behind the last letter, too */
    buffer->page = MAX(page, 1);
    if (columns == buffer->columns)
        return;
    buffer->columns = columns;
    wrap(buffer);
}

guint buffer_rows(const Buffer *buffer)
{
    return buffer->rows->len;
}

BufferRow buffer_row(const Buffer *buffer, guint n)
{
    return g_array_index(buffer->rows, BufferRow, n);
}

static guint row_of(const Buffer *buffer, gsize at)
{
    guint low = 0, high = buffer->rows->len;

    while (high - low > 1) {
        guint middle = (low + high) / 2;
        if (buffer_row(buffer, middle).offset <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

guint buffer_cursor_row(const Buffer *buffer, int *column_out)
{
    guint n = row_of(buffer, buffer->cursor);
    const gsize from = buffer_row(buffer, n).offset;

    *column_out =
        MIN(text_width_cols(buffer->text->str + from, (gssize)(buffer->cursor - from)), buffer->columns);
    return n;
}

/* ---- changing ---- */

static void put(Buffer *buffer, gsize from, const char *old, const char *new)
{
    g_string_erase(buffer->text, (gssize)from, (gssize)strlen(old));
    g_string_insert(buffer->text, (gssize)from, new);
    wrap(buffer);
}

/* Letters that are typed one after the other are one change. */
static gboolean joins(const Buffer *buffer, gsize from, gsize bytes)
{
    const Change *last = buffer->undo->len ? buffer->undo->pdata[buffer->undo->len - 1] : NULL;

    return buffer->is_typing && last && bytes == 0 && !*last->old && last->from + strlen(last->new) == from;
}

static BufferResult replace(Buffer *buffer, gsize from, gsize bytes, const char *new)
{
    g_autofree char *old = g_strndup(buffer->text->str + from, bytes);

    if (buffer->text->len - bytes + strlen(new) > BUFFER_MAX_BYTES)
        return BUFFER_MOVED;
    g_ptr_array_set_size(buffer->redo, 0);
    if (joins(buffer, from, bytes)) {
        Change *last = buffer->undo->pdata[buffer->undo->len - 1];
        char *both = g_strconcat(last->new, new, NULL);
        g_free(last->new);
        last->new = both;
    } else {
        Change *change = g_new0(Change, 1);
        *change = (Change){from, g_strdup(old), g_strdup(new), buffer->cursor};
        g_ptr_array_add(buffer->undo, change);
        if (buffer->undo->len > UNDO_MAX)
            g_ptr_array_remove_index(buffer->undo, 0);
    }
    put(buffer, from, old, new);
    buffer->cursor = from + strlen(new);
    return BUFFER_CHANGED;
}

static BufferResult take_back(Buffer *buffer)
{
    if (!buffer->undo->len)
        return BUFFER_MOVED;
    Change *change = g_ptr_array_steal_index(buffer->undo, buffer->undo->len - 1);
    put(buffer, change->from, change->new, change->old);
    buffer->cursor = change->cursor;
    g_ptr_array_add(buffer->redo, change);
    return BUFFER_CHANGED;
}

static BufferResult do_again(Buffer *buffer)
{
    if (!buffer->redo->len)
        return BUFFER_MOVED;
    Change *change = g_ptr_array_steal_index(buffer->redo, buffer->redo->len - 1);
    put(buffer, change->from, change->old, change->new);
    buffer->cursor = change->from + strlen(change->new);
    g_ptr_array_add(buffer->undo, change);
    return BUFFER_CHANGED;
}

/* ---- places ---- */

static gsize after(const Buffer *buffer, gsize at)
{
    return at + text_next_grapheme(buffer->text->str + at, buffer->text->len - at, NULL);
}

static gsize line_start(const Buffer *buffer, gsize at)
{
    while (at > 0 && buffer->text->str[at - 1] != '\n')
        at--;
    return at;
}

static gsize line_end(const Buffer *buffer, gsize at)
{
    return at + strcspn(buffer->text->str + at, "\n");
}

static gsize before(const Buffer *buffer, gsize at)
{
    gsize from = line_start(buffer, at), next;

    if (from == at)
        return at > 0 ? at - 1 : 0;
    while ((next = after(buffer, from)) < at)
        from = next;
    return from;
}

static gboolean is_word(const Buffer *buffer, gsize at)
{
    gunichar c = g_utf8_get_char(buffer->text->str + at);

    return g_unichar_isalnum(c) || g_unichar_ismark(c) || c == '_';
}

static gsize word_before(const Buffer *buffer, gsize at)
{
    while (at > 0 && !is_word(buffer, before(buffer, at)))
        at = before(buffer, at);
    while (at > 0 && is_word(buffer, before(buffer, at)))
        at = before(buffer, at);
    return at;
}

static gsize word_after(const Buffer *buffer, gsize at)
{
    while (at < buffer->text->len && !is_word(buffer, at))
        at = after(buffer, at);
    while (at < buffer->text->len && is_word(buffer, at))
        at = after(buffer, at);
    return at;
}

/* ---- what keys do ---- */

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
    return go(buffer, before(buffer, buffer->cursor));
}
static BufferResult right(Buffer *buffer)
{
    return go(buffer, after(buffer, buffer->cursor));
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
    return go(buffer, line_start(buffer, buffer->cursor));
}
static BufferResult to_end(Buffer *buffer)
{
    return go(buffer, line_end(buffer, buffer->cursor));
}
static BufferResult word_left(Buffer *buffer)
{
    return go(buffer, word_before(buffer, buffer->cursor));
}
static BufferResult word_right(Buffer *buffer)
{
    return go(buffer, word_after(buffer, buffer->cursor));
}
static BufferResult rub_out(Buffer *buffer)
{
    gsize from = before(buffer, buffer->cursor);

    return from < buffer->cursor ? replace(buffer, from, buffer->cursor - from, "") : BUFFER_MOVED;
}
static BufferResult take_out(Buffer *buffer)
{
    gsize end = after(buffer, buffer->cursor);

    return end > buffer->cursor ? replace(buffer, buffer->cursor, end - buffer->cursor, "") : BUFFER_MOVED;
}
static BufferResult new_line(Buffer *buffer)
{
    return replace(buffer, buffer->cursor, 0, "\n");
}

static BufferResult tab(Buffer *buffer)
{
    gsize from = line_start(buffer, buffer->cursor);
    int column = text_width_cols(buffer->text->str + from, (gssize)(buffer->cursor - from));
    g_autofree char *blanks = g_strnfill((gsize)(TAB_COLUMNS - column % TAB_COLUMNS), ' ');

    return replace(buffer, buffer->cursor, 0, blanks);
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
    return replace(buffer, from, to - from, "");
}

static BufferResult cut_to_end(Buffer *buffer)
{
    gsize end = line_end(buffer, buffer->cursor);

    /* At the line's end its end goes; of a whole line the end goes with it. */
    if (buffer->text->str[end] &&
        (end == buffer->cursor || line_start(buffer, buffer->cursor) == buffer->cursor))
        end++;
    return cut(buffer, buffer->cursor, end);
}
static BufferResult cut_to_start(Buffer *buffer)
{
    return cut(buffer, line_start(buffer, buffer->cursor), buffer->cursor);
}
static BufferResult cut_word_left(Buffer *buffer)
{
    return cut(buffer, word_before(buffer, buffer->cursor), buffer->cursor);
}
static BufferResult cut_word_right(Buffer *buffer)
{
    return cut(buffer, buffer->cursor, word_after(buffer, buffer->cursor));
}
static BufferResult bring_back(Buffer *buffer)
{
    return buffer->cut ? replace(buffer, buffer->cursor, 0, buffer->cut) : BUFFER_MOVED;
}

static BufferResult reflow(Buffer *buffer)
{
    gsize from, bytes;
    g_autofree char *text = flow_reflow(buffer->text->str, buffer->cursor, REFLOW_COLUMNS, &from, &bytes);

    if (!bytes || strncmp(buffer->text->str + from, text, MAX(bytes, strlen(text))) == 0)
        return BUFFER_MOVED;
    gsize cursor = buffer->cursor;
    BufferResult result = replace(buffer, from, bytes, text);
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
    {"M-u", take_back, PLAIN},
    {"C-r", do_again, PLAIN},
    {"M-q", reflow, PLAIN},
    {"Tab", tab, PLAIN},
};

/* Ctrl-_ has no name among the letters. */
#define KEY_UNDO ((Key)0x1f)

static gboolean is_among(Key key, const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);
    Key keys[KEYS_MAX];

    for (char **word = words; *word; word++)
        if (keys_parse(*word, keys, NULL) == 1 && keys[0] == key)
            return TRUE;
    return FALSE;
}

BufferResult buffer_key(Buffer *buffer, Key key)
{
    char utf8[7] = {0};
    gunichar character;
    KeyKind kind = PLAIN;
    BufferResult result = BUFFER_IGNORED;
    gboolean is_text = key_is_text(key, &character);

    if (is_text) {
        g_unichar_to_utf8(character, utf8);
        result = replace(buffer, buffer->cursor, 0, utf8);
    } else if (key == KEY_UNDO) {
        result = take_back(buffer);
    }
    for (guint i = 0; !is_text && key != KEY_UNDO && i < G_N_ELEMENTS(KEYS); i++) {
        if (!is_among(key, KEYS[i].keys))
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
    return *safe ? replace(buffer, buffer->cursor, 0, safe) : BUFFER_MOVED;
}
