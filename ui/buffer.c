/* buffer.c - see buffer.h: the text, its rows, and changes that can be taken back. Keys are in
 * buffer_keys.c. */
#include "ui/buffer_private.h"

#include "base/text.h"

#include <string.h>

#define UNDO_MAX 2000

/* One change: at `from` stood `old`, now `new` stands there. */
typedef struct {
    gsize from;
    char *old, *new;
    gsize cursor; /* before it */
} Change;

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

BufferResult buffer_replace(Buffer *buffer, gsize from, gsize bytes, const char *new)
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

BufferResult buffer_take_back(Buffer *buffer)
{
    if (!buffer->undo->len)
        return BUFFER_MOVED;
    Change *change = g_ptr_array_steal_index(buffer->undo, buffer->undo->len - 1);
    put(buffer, change->from, change->new, change->old);
    buffer->cursor = change->cursor;
    g_ptr_array_add(buffer->redo, change);
    return BUFFER_CHANGED;
}

BufferResult buffer_do_again(Buffer *buffer)
{
    if (!buffer->redo->len)
        return BUFFER_MOVED;
    Change *change = g_ptr_array_steal_index(buffer->redo, buffer->redo->len - 1);
    put(buffer, change->from, change->old, change->new);
    buffer->cursor = change->from + strlen(change->new);
    g_ptr_array_add(buffer->undo, change);
    return BUFFER_CHANGED;
}
