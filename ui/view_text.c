/* view_text.c - a text of tern's own: help, links, the first start. Lines are wrapped to the place they get,
 * and searched. */
#include "ui/views.h"

#include "base/i18n.h"
#include "base/text.h"
#include "ui/command.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/ui.h"

#include <string.h>

/* From here on key, name and text stand beside each other. */
#define BESIDE_COLUMNS 60

typedef struct {
    View view;
    char *title, *pattern;
    GPtrArray *lines; /* TextLine * */
    GArray *shown;    /* Shown: the lines as wrapped for `columns` */
    int columns, key_columns, name_columns;
    guint top, height;
} ViewText;

/* One row on the screen: a piece of a line's text; the key and name stand in its first. */
typedef struct {
    const TextLine *line;
    gsize offset, length;
    gboolean is_first;
} Shown;

TextLine *text_line_new(gboolean is_heading, const char *key, const char *name, const char *text)
{
    TextLine *line = g_new0(TextLine, 1);

    *line = (TextLine){is_heading, g_strdup(key), g_strdup(name), g_strdup(text ? text : "")};
    return line;
}

void text_line_free(TextLine *line)
{
    g_free(line->key);
    g_free(line->name);
    g_free(line->text);
    g_free(line);
}

/* ---- wrapping ---- */

typedef struct {
    ViewText *text;
    const TextLine *line;
    gboolean is_first;
} Wrapping;

static void add_row(gsize offset, gsize length, G_GNUC_UNUSED int width_cols, void *data)
{
    Wrapping *wrapping = data;
    Shown shown = {wrapping->line, offset, length, wrapping->is_first};

    g_array_append_val(wrapping->text->shown, shown);
    wrapping->is_first = FALSE;
}

static int text_column(const ViewText *text)
{
    if (text->columns < BESIDE_COLUMNS)
        return text->key_columns ? text->key_columns + 1 : 0;
    return (text->key_columns ? text->key_columns + 2 : 0) +
           (text->name_columns ? text->name_columns + 2 : 0);
}

static void wrap(ViewText *text, int columns)
{
    int widest_key = 0, widest_name = 0;

    text->columns = columns;
    for (guint i = 0; i < text->lines->len; i++) {
        const TextLine *line = text->lines->pdata[i];
        widest_key = MAX(widest_key, line->key ? screen_width(line->key) : 0);
        widest_name = MAX(widest_name, line->name ? screen_width(line->name) : 0);
    }
    text->key_columns = MIN(widest_key, columns < BESIDE_COLUMNS ? columns / 4 : columns / 3);
    text->name_columns = columns < BESIDE_COLUMNS ? 0 : widest_name;
    g_array_set_size(text->shown, 0);
    for (guint i = 0; i < text->lines->len; i++) {
        Wrapping wrapping = {text, text->lines->pdata[i], TRUE};
        const char *words = wrapping.line->text;
        gboolean is_whole = wrapping.line->is_heading || (!wrapping.line->key && !wrapping.line->name);
        text_wrap(words, strlen(words), MAX(columns - (is_whole ? 0 : text_column(text)) - 2, 4), add_row,
                  &wrapping);
        if (wrapping.is_first)
            add_row(0, 0, 0, &wrapping);
    }
}

/* ---- moving ---- */

static guint last_top(const ViewText *text)
{
    return text->shown->len > text->height ? text->shown->len - text->height : 0;
}

static void go(ViewText *text, gint64 line)
{
    text->top = (guint)CLAMP(line, 0, (gint64)last_top(text));
}

static gboolean row_matches(const ViewText *text, guint n)
{
    const Shown *shown = &g_array_index(text->shown, Shown, n);
    g_autofree char *all = g_strdup_printf("%s %s %s", shown->line->key ? shown->line->key : "",
                                           shown->line->name ? shown->line->name : "", shown->line->text);
    g_autofree char *folded = g_utf8_casefold(all, -1);

    return shown->is_first && strstr(folded, text->pattern);
}

static void search(ViewText *text, const char *pattern, gboolean backwards)
{
    gint64 step = backwards ? -1 : 1;

    if (pattern) {
        g_free(text->pattern);
        text->pattern = g_utf8_casefold(pattern, -1);
    }
    for (gint64 i = (gint64)text->top + (pattern ? 0 : step); text->pattern && i >= 0 && i < text->shown->len;
         i += step) {
        if (!row_matches(text, (guint)i))
            continue;
        go(text, i);
        return;
    }
    ui_news(text->view.ui, "%s", backwards ? _("Not found above") : _("Not found below"));
}

static void search_asked(G_GNUC_UNUSED Ui *ui, void *data, const char *pattern)
{
    if (pattern && *pattern)
        search(data, pattern, FALSE);
}

static gboolean text_command(View *view, int command, const char *argument)
{
    ViewText *text = (ViewText *)view;
    gint64 page = MAX((gint64)text->height - 1, 1), half = (page + 1) / 2, top = text->top;

    switch (command) {
    case COMMAND_NEXT:
    case COMMAND_LINE_DOWN:
        go(text, top + 1);
        return TRUE;
    case COMMAND_PREVIOUS:
    case COMMAND_LINE_UP:
        go(text, top - 1);
        return TRUE;
    case COMMAND_PAGE_DOWN:
    case COMMAND_PAGE_UP:
        go(text, command == COMMAND_PAGE_DOWN ? top + page : top - page);
        return TRUE;
    case COMMAND_HALF_DOWN:
    case COMMAND_HALF_UP:
        go(text, command == COMMAND_HALF_DOWN ? top + half : top - half);
        return TRUE;
    case COMMAND_FIRST:
        go(text, 0);
        return TRUE;
    case COMMAND_LAST:
        go(text, G_MAXINT);
        return TRUE;
    case COMMAND_SEARCH:
        if (argument)
            search(text, argument, FALSE);
        else
            prompt_open(view->ui, &(PromptWants){
                                      .label = "/", .history = "search", .done = search_asked, .data = text});
        return TRUE;
    case COMMAND_NEXT_MATCH:
    case COMMAND_PREVIOUS_MATCH:
        search(text, NULL, command == COMMAND_PREVIOUS_MATCH);
        return TRUE;
    default:
        return FALSE;
    }
}

/* ---- drawing ---- */

static void draw_row(const ViewText *text, guint n, int row, int column)
{
    const Shown *shown = &g_array_index(text->shown, Shown, n);
    const TextLine *line = shown->line;
    g_autofree char *words = g_strndup(line->text + shown->offset, shown->length);
    gboolean is_match = text->pattern && row_matches(text, n);
    int at = column;

    if (line->is_heading) {
        screen_text(row, column, text->columns, SLOT_HEADER_NAME | STYLE_BOLD, words);
        return;
    }
    if (line->key && shown->is_first)
        screen_text_cut(row, at, text->key_columns, is_match ? SLOT_MATCH : SLOT_HEADER_NAME, line->key);
    at += text->key_columns ? text->key_columns + 2 : 0;
    if (line->name && shown->is_first && text->name_columns)
        screen_text_cut(row, at, text->name_columns, is_match ? SLOT_MATCH : SLOT_NORMAL, line->name);
    at = line->key || line->name ? column + text_column(text) : column;
    screen_text(row, at, text->columns - (at - column), line->name ? SLOT_DIM : SLOT_NORMAL, words);
}

static void text_draw(View *view, ViewRect rect, G_GNUC_UNUSED gboolean focused)
{
    ViewText *text = (ViewText *)view;
    int margin = rect.columns > 24 ? 1 : 0;

    if (text->columns != rect.columns - margin)
        wrap(text, rect.columns - margin);
    text->height = (guint)MAX(rect.rows, 0);
    go(text, text->top);
    for (guint i = 0; i < text->height && text->top + i < text->shown->len; i++)
        draw_row(text, text->top + i, rect.row + (int)i, rect.column + margin);
}

static void text_title(View *view, char **left_out, char **right_out)
{
    *left_out = g_strdup(((ViewText *)view)->title);
    *right_out = NULL;
}

static void text_status(View *view, char **left_out, char **right_out)
{
    const ViewText *text = (ViewText *)view;
    guint end = last_top(text);

    *left_out = NULL;
    *right_out = end == 0           ? g_strdup(_("All"))
                 : text->top == 0   ? g_strdup(_("Top"))
                 : text->top >= end ? g_strdup(_("End"))
                                    : g_strdup_printf("%u%%", text->top * 100 / end);
}

static void text_changed(G_GNUC_UNUSED View *view, G_GNUC_UNUSED const EngineEvent *event)
{
}

static void text_free(View *view)
{
    ViewText *text = (ViewText *)view;

    g_free(text->title);
    g_free(text->pattern);
    g_ptr_array_unref(text->lines);
    g_array_unref(text->shown);
    g_free(text);
}

static const ViewOps TEXT_OPS = {
    .name = "help",
    .context = CONTEXT_HELP,
    .hints = "back,line-down,page-down,search,next-match,command",
    .draw = text_draw,
    .command = text_command,
    .changed = text_changed,
    .title = text_title,
    .status = text_status,
    .free = text_free,
};

View *view_text_new(Ui *ui, const char *title, GPtrArray *lines)
{
    ViewText *text = g_new0(ViewText, 1);

    text->view = (View){&TEXT_OPS, ui};
    text->title = g_strdup(title);
    text->lines = lines;
    text->shown = g_array_new(FALSE, FALSE, sizeof(Shown));
    return &text->view;
}

View *view_text_of(Ui *ui, const char *title, const char *text)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);
    g_auto(GStrv) split = g_strsplit(text, "\n", -1);

    for (char **line = split; *line; line++)
        g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, *line));
    return view_text_new(ui, title, lines);
}
