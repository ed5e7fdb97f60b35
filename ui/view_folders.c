/* view_folders.c - the folders of all accounts with what is unread in them: as a view of its own, and as the
 * sidebar. How a row looks is in folder_draw.c. */
#include "ui/views.h"

#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/folder_commands.h"
#include "ui/folder_draw.h"
#include "ui/folder_tree.h"
#include "ui/screen.h"
#include "ui/ui.h"

typedef struct {
    View view;
    GPtrArray *rows; /* FolderRow * */
    guint cursor, top;
    int height;
    gint64 wanted_id;    /* the folder that the cursor goes to with the next rows; 0: it stays */
    gboolean is_stale;   /* the store has changed since; it is read when that is seen */
    gboolean is_awaited; /* the reader is at it */
    gboolean with_hidden;
} ViewFolders;

static FolderRow *row_at(const ViewFolders *folders, guint n)
{
    return n < folders->rows->len ? folders->rows->pdata[n] : NULL;
}

/* ---- reading ---- */

static void put_cursor(ViewFolders *folders, const char *account, const char *path)
{
    for (guint i = 0; account && i < folders->rows->len; i++) {
        const FolderRow *row = folders->rows->pdata[i];
        if (g_str_equal(row->account, account) && g_strcmp0(row->path, path) == 0) {
            folders->cursor = i;
            return;
        }
    }
    folders->cursor = MIN(folders->cursor, folders->rows->len ? folders->rows->len - 1 : 0);
}

static gboolean put_cursor_on(ViewFolders *folders, gint64 folder_id)
{
    for (guint i = 0; folder_id && i < folders->rows->len; i++) {
        if (((FolderRow *)folders->rows->pdata[i])->id == folder_id) {
            folders->cursor = i;
            return TRUE;
        }
    }
    return FALSE;
}

static guint next_row(const ViewFolders *folders, guint from, int step, gboolean unread);

/* The cursor stays on its folder. */
static void take_rows(ViewFolders *folders, GPtrArray *rows)
{
    const FolderRow *row = row_at(folders, folders->cursor);
    g_autofree char *account = row ? g_strdup(row->account) : NULL, *path = row ? g_strdup(row->path) : NULL;

    g_ptr_array_unref(folders->rows);
    folders->rows = rows;
    if (!account)
        folders->cursor = next_row(folders, 0, 1, FALSE);
    put_cursor(folders, account, path);
    put_cursor_on(folders, folders->wanted_id);
    folders->wanted_id = 0;
    row = row_at(folders, folders->cursor);
    if (row && !row->path) /* its folder is gone, and an account's heading stands there now */
        folders->cursor = next_row(folders, folders->cursor, folders->cursor ? -1 : 1, FALSE);
}

static void read_failed(ViewFolders *folders, GError **error)
{
    folders->is_stale = TRUE;
    ui_read_failed(folders->view.ui, error);
}

static void read_folders(ViewFolders *folders)
{
    Ui *ui = folders->view.ui;
    g_autoptr(GError) error = NULL;

    folders->is_stale = FALSE;
    folder_marks_refresh(ui_folder_marks(ui));
    GPtrArray *rows = folder_reader_read(ui_folder_reader(ui), ui_folder_marks(ui), folders->with_hidden,
                                         config_accounts(ui_config(ui)), &error);
    if (rows)
        take_rows(folders, rows);
    else if (error)
        read_failed(folders, &error);
    else
        folders->is_awaited = TRUE;
}

/* Only what is looked at is read. */
static void freshen(ViewFolders *folders)
{
    if (folders->is_stale && !folders->is_awaited)
        read_folders(folders);
}

void view_folders_taken(View *view)
{
    ViewFolders *folders = (ViewFolders *)view;
    g_autoptr(GError) error = NULL;
    GPtrArray *rows = folder_reader_take(ui_folder_reader(view->ui), &error);

    folders->is_awaited = FALSE;
    if (rows)
        take_rows(folders, rows);
    else if (error)
        read_failed(folders, &error);
}

static void folders_changed(View *view, const EngineEvent *event)
{
    if (!event)
        ((ViewFolders *)view)->is_stale = TRUE;
}

void view_folders_select(View *view, gint64 folder_id)
{
    ViewFolders *folders = (ViewFolders *)view;

    folders->wanted_id = put_cursor_on(folders, folder_id) ? 0 : folder_id;
}

gint64 view_folders_selected(View *view)
{
    const FolderRow *row = row_at((ViewFolders *)view, ((ViewFolders *)view)->cursor);

    return row ? row->id : 0;
}

/* ---- moving ---- */

/* The next row from `from` on that can be opened, or folded; `from` itself where there is none. */
static guint next_row(const ViewFolders *folders, guint from, int step, gboolean unread)
{
    for (gint64 i = (gint64)from + step; i >= 0 && i < folders->rows->len; i += step) {
        const FolderRow *row = row_at(folders, (guint)i);
        if (row->path && (!unread || (row->id && row->unread > 0)))
            return (guint)i;
    }
    return from;
}

static void move_by(ViewFolders *folders, int rows)
{
    for (int i = 0; i < ABS(rows); i++)
        folders->cursor = next_row(folders, folders->cursor, rows < 0 ? -1 : 1, FALSE);
}

static void fold(ViewFolders *folders)
{
    const FolderRow *row = row_at(folders, folders->cursor);

    if (!row || !row->has_children) {
        ui_news(folders->view.ui, "%s", _("This folder has no folders below it"));
        return;
    }
    g_autofree char *key = folder_row_key(row);
    folder_marks_set(ui_folder_marks(folders->view.ui), FOLDER_FOLDED, key, !row->is_folded);
    folders->is_stale = TRUE;
}

static gboolean is_any_folded(const ViewFolders *folders)
{
    for (guint i = 0; i < folders->rows->len; i++)
        if (((FolderRow *)folders->rows->pdata[i])->is_folded)
            return TRUE;
    return FALSE;
}

static void fold_all(ViewFolders *folders)
{
    FolderMarks *marks = ui_folder_marks(folders->view.ui);
    gboolean is_folding = !is_any_folded(folders);
    g_autoptr(GHashTable) folded = folder_marks_copy(marks, FOLDER_FOLDED);
    GHashTableIter iter;
    void *folder;

    /* What stands folded within what is folded, too. */
    g_hash_table_iter_init(&iter, folded);
    while (!is_folding && g_hash_table_iter_next(&iter, &folder, NULL))
        folder_marks_set(marks, FOLDER_FOLDED, folder, FALSE);
    for (guint i = 0; is_folding && i < folders->rows->len; i++) {
        const FolderRow *row = folders->rows->pdata[i];
        g_autofree char *key = row->has_children ? folder_row_key(row) : NULL;
        if (key)
            folder_marks_set(marks, FOLDER_FOLDED, key, TRUE);
    }
    folders->is_stale = TRUE;
}

static void hide(ViewFolders *folders)
{
    Ui *ui = folders->view.ui;
    const FolderRow *row = row_at(folders, folders->cursor);

    if (!row || !row->path)
        return;
    g_autofree char *key = folder_row_key(row);
    FolderMarks *marks = ui_folder_marks(ui);
    const gboolean is_shown = !folder_marks_set(marks, FOLDER_HIDDEN, key, TRUE);
    if (is_shown)
        folder_marks_set(marks, FOLDER_HIDDEN, key, FALSE);
    if (folder_marks_problem(marks))
        ui_error(ui, folder_marks_problem(marks)->message);
    else if (is_shown)
        ui_news(ui, _("“%s” is shown again"), row->path);
    else
        ui_news(ui,
                folders->with_hidden ? _("Hidden: %s")
                                     : _("Hidden: %s. M-h shows hidden folders, H brings one back."),
                row->path);
    folders->is_stale = TRUE;
}

static void show_hidden(ViewFolders *folders)
{
    guint n = folder_marks_count(ui_folder_marks(folders->view.ui), FOLDER_HIDDEN);

    if (!n && !folders->with_hidden) {
        ui_news(folders->view.ui, "%s", _("No folder is hidden; H hides one"));
        return;
    }
    folders->with_hidden = !folders->with_hidden;
    folders->is_stale = TRUE;
}

static void open_row(ViewFolders *folders)
{
    const FolderRow *row = row_at(folders, folders->cursor);

    if (row && row->id)
        ui_open_folder(folders->view.ui, row->id);
    else if (row && row->has_children)
        fold(folders);
}

/* With the folder one stands on; a heading stands for its account. */
static gboolean change_folder(ViewFolders *folders, int command, const char *argument)
{
    const FolderRow *row = row_at(folders, folders->cursor);

    return row && folder_command(folders->view.ui, row->account, row->id, command, argument);
}

static gboolean folders_command(View *view, int command, const char *argument)
{
    ViewFolders *folders = (ViewFolders *)view;
    int page = MAX(folders->height - 1, 1);

    freshen(folders);
    switch (command) {
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        move_by(folders, command == COMMAND_NEXT ? 1 : -1);
        return TRUE;
    case COMMAND_PAGE_DOWN:
    case COMMAND_PAGE_UP:
        move_by(folders, command == COMMAND_PAGE_DOWN ? page : -page);
        return TRUE;
    case COMMAND_HALF_DOWN:
    case COMMAND_HALF_UP:
        move_by(folders, command == COMMAND_HALF_DOWN ? (page + 1) / 2 : -((page + 1) / 2));
        return TRUE;
    case COMMAND_FIRST:
        folders->cursor = next_row(folders, 0, 1, FALSE);
        return TRUE;
    case COMMAND_LAST:
        move_by(folders, (int)folders->rows->len);
        return TRUE;
    case COMMAND_NEXT_UNREAD:
    case COMMAND_PREVIOUS_UNREAD:
        folders->cursor = next_row(folders, folders->cursor, command == COMMAND_NEXT_UNREAD ? 1 : -1, TRUE);
        return TRUE;
    case COMMAND_OPEN:
        open_row(folders);
        return TRUE;
    case COMMAND_FOLD:
        fold(folders);
        return TRUE;
    case COMMAND_FOLD_ALL:
        fold_all(folders);
        return TRUE;
    case COMMAND_HIDE:
        hide(folders);
        return TRUE;
    case COMMAND_SHOW_HIDDEN:
        show_hidden(folders);
        return TRUE;
    default:
        return change_folder(folders, command, argument);
    }
}

/* ---- drawing ---- */

static void scroll_into_view(ViewFolders *folders, int rows)
{
    guint height = (guint)MAX(rows, 1), count = folders->rows->len;

    folders->height = rows;
    if (folders->cursor < folders->top)
        folders->top = folders->cursor;
    if (folders->cursor >= folders->top + height)
        folders->top = folders->cursor - height + 1;
    /* The account's heading above its first folder is worth its row. */
    if (folders->cursor == 1 && folders->top == 1)
        folders->top = 0;
    if (folders->top + height > count)
        folders->top = count > height ? count - height : 0;
}

static gboolean has_folders(const ViewFolders *folders)
{
    for (guint i = 0; i < folders->rows->len; i++)
        if (((FolderRow *)folders->rows->pdata[i])->path)
            return TRUE;
    return FALSE;
}

static void folders_draw(View *view, ViewRect rect, gboolean focused)
{
    ViewFolders *folders = (ViewFolders *)view;

    freshen(folders);
    scroll_into_view(folders, rect.rows);
    if (!has_folders(folders))
        screen_text_cut(rect.row + MIN((int)folders->rows->len, rect.rows - 1), rect.column + 1,
                        rect.columns - 1, SLOT_DIM, _("The folders are being fetched."));
    for (int i = 0; i < rect.rows; i++) {
        const FolderRow *row = row_at(folders, folders->top + (guint)i);
        ViewRect line = {rect.row + i, rect.column, 1, rect.columns};
        if (row && !row->path)
            folder_draw_heading(view->ui, row, line);
        else if (row)
            folder_draw(view->ui, row, line, focused && folders->top + (guint)i == folders->cursor);
    }
}

void view_folders_draw_sidebar(View *view, ViewRect rect, gboolean focused, gint64 folder_id)
{
    ViewFolders *folders = (ViewFolders *)view;

    freshen(folders);
    scroll_into_view(folders, rect.rows);
    for (int i = 0; i < rect.rows; i++) {
        guint n = folders->top + (guint)i;
        const FolderRow *row = row_at(folders, n);
        if (!row)
            break;
        unsigned style = !row->path                             ? SLOT_HEADER_NAME | STYLE_BOLD
                         : folder_unread(folders->view.ui, row) ? SLOT_SIDEBAR_UNREAD | STYLE_BOLD
                         : row->is_selectable                   ? SLOT_SIDEBAR
                                                                : SLOT_DIM;
        /* The open folder is marked; the cursor, where it is another one, too: J, K and C-o move and open
         * it. */
        if (row->path && n == folders->cursor && (focused || row->id != folder_id))
            style |= STYLE_CURSOR;
        else if (row->id && row->id == folder_id)
            style = SLOT_SIDEBAR_CURSOR | (style & STYLE_BOLD);
        ViewRect line = {rect.row + i, rect.column, 1, rect.columns};
        if ((style & STYLE_SLOT) == SLOT_SIDEBAR_CURSOR)
            screen_fill(line.row, line.column, line.columns, style);
        folder_draw_sidebar(view->ui, row, line, style);
    }
}

static void folders_title(View *view, char **left_out, char **right_out)
{
    guint n = config_accounts(ui_config(view->ui))->len;

    *left_out = g_strdup(_("Folders"));
    *right_out = g_strdup_printf(ngettext_("%u account", "%u accounts", n), n);
}

static void folders_free(View *view)
{
    ViewFolders *folders = (ViewFolders *)view;

    g_ptr_array_unref(folders->rows);
    g_free(folders);
}

static const ViewOps FOLDERS_OPS = {
    .name = "folders",
    .context = CONTEXT_FOLDERS,
    .hints = "open,next-unread,fold,folder,sync,command,help,back",
    .draw = folders_draw,
    .command = folders_command,
    .changed = folders_changed,
    .title = folders_title,
    .free = folders_free,
};

View *view_folders_new(Ui *ui)
{
    ViewFolders *folders = g_new0(ViewFolders, 1);

    folders->view = (View){&FOLDERS_OPS, ui};
    folders->rows = g_ptr_array_new_with_free_func((GDestroyNotify)folder_row_free);
    folders->is_stale = TRUE;
    return &folders->view;
}
