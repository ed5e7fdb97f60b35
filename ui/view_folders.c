/* view_folders.c - the folders of all accounts with what is unread in them: as a view of its own, and as the
 * sidebar. */
#include "ui/views.h"

#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/folder_commands.h"
#include "ui/folder_tree.h"
#include "ui/format.h"
#include "ui/outbox.h"
#include "ui/overlay.h"
#include "ui/screen.h"
#include "ui/ui.h"

/* A mailbox that is so full is worth a warning. */
#define NEARLY_FULL_PERCENT 90

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
    if (!folder_marks_set(ui_folder_marks(ui), FOLDER_HIDDEN, key, TRUE)) {
        folder_marks_set(ui_folder_marks(ui), FOLDER_HIDDEN, key, FALSE);
        ui_news(ui, _("“%s” is shown again"), row->path);
    } else
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

static int unread_of(const ViewFolders *folders, const FolderRow *row)
{
    int unread = row->unread + (row->id ? overlay_unread(ui_overlay(folders->view.ui), row->id) : 0);

    return MAX(unread, 0);
}

/* "41% of 15 GB" at the right end; the columns that it takes, with the gap before it. */
static int draw_quota(const FolderRow *row, ViewRect rect)
{
    const StoreQuota *quota = &row->quota;

    if (!quota->limit_bytes)
        return 0;
    const double share = (double)quota->used_bytes * 100 / (double)quota->limit_bytes;
    g_autofree char *limit = format_size(quota->limit_bytes);
    g_autofree char *text = g_strdup_printf(_("%.0f%% of %s"), share, limit);
    const int start = screen_text_right(rect.row, rect.column, rect.columns,
                                        share >= NEARLY_FULL_PERCENT ? SLOT_SECURITY_WARN : SLOT_DIM, text);
    return rect.column + rect.columns - start + 3;
}

/* "! 1 not sent" at the right end; the columns that it takes, with the gap before it. */
static int draw_trouble(const ViewFolders *folders, const FolderRow *row, ViewRect rect)
{
    g_autofree char *trouble = outbox_trouble(folders->view.ui, row->account);

    if (!trouble)
        return 0;
    g_autofree char *text = g_strdup_printf("%s %s", screen_symbol(SYMBOL_ATTENTION), trouble);
    const int start = screen_text_right(rect.row, rect.column, rect.columns, SLOT_SECURITY_BAD, text);
    return rect.column + rect.columns - start + 3;
}

static void draw_heading(const ViewFolders *folders, const FolderRow *row, ViewRect rect)
{
    const ConfigAccount *account = config_account(ui_config(folders->view.ui), row->account);
    int slot = SLOT_DIM, columns = rect.columns - 1;
    g_autofree char *state = ui_account_status(folders->view.ui, row->account, &slot);
    if (row->space != STORE_SPACE_OWN) {
        screen_text_cut(rect.row, rect.column + 1, columns - 1, SLOT_DIM | STYLE_BOLD, row->name);
        return;
    }
    g_autofree char *text =
        account && account->address && *account->address
            ? g_strdup_printf("%s %s %s", row->account, screen_symbol(SYMBOL_DASH), account->address)
            : g_strdup(row->account);

    columns -= draw_trouble(folders, row, (ViewRect){rect.row, rect.column, 1, columns});
    if (rect.columns > 40)
        columns -= draw_quota(row, (ViewRect){rect.row, rect.column + columns / 2, 1, columns - columns / 2});
    if (state && rect.columns > 40)
        columns = screen_text_right(rect.row, rect.column + columns / 2, columns - columns / 2,
                                    slot == SLOT_STATUS_ERROR ? SLOT_SECURITY_BAD : SLOT_DIM, state) -
                  rect.column - 1;
    screen_text_cut(rect.row, rect.column + 1, columns - 1, SLOT_HEADER_NAME | STYLE_BOLD, text);
}

/* What the folder is for, where its name does not say it. */
static const char *role_word(const FolderRow *row)
{
    static const char *const WORDS[] = {
        [STORE_ROLE_SENT] = N_("sent"),       [STORE_ROLE_DRAFTS] = N_("drafts"),
        [STORE_ROLE_TRASH] = N_("trash"),     [STORE_ROLE_JUNK] = N_("junk"),
        [STORE_ROLE_ARCHIVE] = N_("archive"), [STORE_ROLE_ALL] = N_("all mail"),
        [STORE_ROLE_FLAGGED] = N_("flagged"),
    };
    const char *word = (guint)row->role < G_N_ELEMENTS(WORDS) ? WORDS[row->role] : NULL;

    return word && g_ascii_strcasecmp(row->name, word) != 0 ? _(word) : NULL;
}

static gboolean is_read_only(const FolderRow *row)
{
    return row->id && !(row->rights & STORE_MAY_CHANGE);
}

static void draw_folder(const ViewFolders *folders, const FolderRow *row, ViewRect rect, gboolean has_cursor)
{
    unsigned cursor = has_cursor ? STYLE_CURSOR : 0;
    int unread = unread_of(folders, row), indent = MIN(row->depth * 2, rect.columns / 3);
    int end = rect.column + rect.columns - 1;
    unsigned slot = row->is_hidden       ? SLOT_DIM
                    : unread             ? SLOT_SIDEBAR_UNREAD
                    : row->is_selectable ? SLOT_SIDEBAR
                                         : SLOT_DIM;
    unsigned style = slot | cursor | (unread ? STYLE_BOLD : 0);

    if (has_cursor)
        screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL | cursor);
    if (row->has_children)
        screen_text(rect.row, rect.column + indent, 1, SLOT_TREE | cursor,
                    screen_symbol(row->is_folded ? SYMBOL_FOLDED : SYMBOL_UNFOLDED));
    if (row->id && rect.columns > 50) {
        g_autofree char *messages = format_count(row->messages);
        screen_text_right(rect.row, end - 11, 11, SLOT_COUNT | cursor, messages);
        end -= 11;
    }
    if (unread) {
        g_autofree char *count = format_count(unread);
        g_autofree char *words = rect.columns > 50 ? g_strdup_printf(_("%s unread"), count) : g_strdup(count);
        int width = screen_width(words);
        screen_text(rect.row, end - width, width, style, words);
        end -= width + 1;
    }
    int column = rect.column + 2 + indent;
    const char *word = row->is_hidden ? _("hidden") : is_read_only(row) ? _("read only") : role_word(row);
    column += screen_text_cut(rect.row, column, end - column, style, row->name) + 2;
    if (word && rect.columns > 50)
        screen_text_cut(rect.row, column, end - column, SLOT_DIM | cursor, word);
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
            draw_heading(folders, row, line);
        else if (row)
            draw_folder(folders, row, line, focused && folders->top + (guint)i == folders->cursor);
    }
}

static void draw_sidebar_row(const ViewFolders *folders, const FolderRow *row, ViewRect rect,
                             gboolean is_heading, unsigned style)
{
    int indent = is_heading ? 1 : 2 + MIN(row->depth * 2, rect.columns / 3), unread = unread_of(folders, row);
    int end = rect.column + rect.columns - 1;

    if (style & STYLE_CURSOR)
        screen_fill(rect.row, rect.column, rect.columns, style);
    if (is_heading && row->space == STORE_SPACE_OWN) {
        g_autofree char *trouble = outbox_trouble(folders->view.ui, row->account);
        if (trouble)
            screen_text(rect.row, rect.column, 1, SLOT_SECURITY_BAD, screen_symbol(SYMBOL_ATTENTION));
    }
    if (row->has_children)
        screen_text(rect.row, rect.column + indent - 2, 1, SLOT_TREE | (style & STYLE_CURSOR),
                    screen_symbol(row->is_folded ? SYMBOL_FOLDED : SYMBOL_UNFOLDED));
    if (unread) {
        g_autofree char *count = format_count(unread);
        int width = screen_width(count);
        screen_text(rect.row, end - width, width, is_heading ? SLOT_COUNT : style, count);
        end -= width + 1;
    }
    screen_text_cut(rect.row, rect.column + indent, end - rect.column - indent, style, row->name);
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
        unsigned style = !row->path                ? SLOT_HEADER_NAME | STYLE_BOLD
                         : unread_of(folders, row) ? SLOT_SIDEBAR_UNREAD | STYLE_BOLD
                         : row->is_selectable      ? SLOT_SIDEBAR
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
        draw_sidebar_row(folders, row, line, !row->path, style);
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
