/* wrapped.c - see wrapped.h. */
#include "ui/wrapped.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "ui/screen.h"

#include <string.h>

typedef struct {
    const char *text;
    GPtrArray *lines; /* char * */
} Lines;

static void add_line(gsize offset, gsize length, G_GNUC_UNUSED int width_cols, void *data)
{
    Lines *lines = data;

    g_ptr_array_add(lines->lines, g_strndup(lines->text + offset, length));
}

static int margin_of(int columns)
{
    return columns > 20 ? 1 : 0;
}

/* The last one says what to do; the one before it says that there was more. */
static void leave_out_middle(GPtrArray *texts, guint rows)
{
    g_ptr_array_remove_range(texts, rows - 1, texts->len - rows);
    if (rows < 2)
        return;
    char **before = (char **)&texts->pdata[rows - 2];
    char *marked = g_strconcat(*before, " …", NULL);
    g_free(*before);
    *before = marked;
}

/* At most so many lines, 0: as many as it takes. What has one alone is not wrapped: whoever draws it cuts it. */
static GPtrArray *lines_of(const char *text, int columns, int rows)
{
    g_autofree char *safe = sanitise(text, -1, SANITISE_LINE);
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    Lines lines = {safe, texts};

    if (rows == 1)
        g_ptr_array_add(texts, g_strdup(safe));
    else
        text_wrap(safe, strlen(safe), MAX(columns - margin_of(columns), 2), add_line, &lines);
    if (rows > 0 && (int)texts->len > rows)
        leave_out_middle(texts, (guint)rows);
    return texts;
}

int wrapped_rows(int columns, const char *text)
{
    g_autoptr(GPtrArray) texts = lines_of(text, columns, 0);

    return MAX((int)texts->len, 1);
}

void wrapped_draw_in(ViewRect rect, unsigned style, const char *text)
{
    g_autoptr(GPtrArray) texts = lines_of(text, rect.columns, rect.rows);
    const int margin = margin_of(rect.columns);

    for (int i = 0; i < MIN((int)texts->len, rect.rows); i++)
        screen_text_cut(rect.row + i, rect.column + margin, rect.columns - margin, style, texts->pdata[i]);
}

int wrapped_draw(int bottom, int rows, int columns, unsigned style, const char *text)
{
    g_autoptr(GPtrArray) texts = lines_of(text, columns, CLAMP(rows, 1, bottom + 1));
    int margin = margin_of(columns), end = margin;

    for (int i = 0; i < (int)texts->len; i++) {
        int row = bottom - (int)texts->len + 1 + i;
        screen_fill(row, 0, columns, SLOT_NORMAL);
        end = margin + screen_text_cut(row, margin, columns - margin, style, texts->pdata[i]);
    }
    return end;
}
