/* folder_draw.c - see folder_draw.h. */
#include "ui/folder_draw.h"

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/outbox.h"
#include "ui/overlay.h"
#include "ui/screen.h"
#include "ui/ui.h"

/* A mailbox that is so full is worth a warning. */
#define NEARLY_FULL_PERCENT 90

int folder_unread(Ui *ui, const FolderRow *row)
{
    int unread = row->unread + (row->id ? overlay_unread(ui_overlay(ui), row->id) : 0);

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
static int draw_trouble(Ui *ui, const FolderRow *row, ViewRect rect)
{
    g_autofree char *trouble = outbox_trouble(ui, row->account);

    if (!trouble)
        return 0;
    g_autofree char *text = g_strdup_printf("%s %s", screen_symbol(SYMBOL_ATTENTION), trouble);
    const int start = screen_text_right(rect.row, rect.column, rect.columns, SLOT_SECURITY_BAD, text);
    return rect.column + rect.columns - start + 3;
}

void folder_draw_heading(Ui *ui, const FolderRow *row, ViewRect rect)
{
    const ConfigAccount *account = config_account(ui_config(ui), row->account);
    int slot = SLOT_DIM, columns = rect.columns - 1;
    g_autofree char *state = ui_account_status(ui, row->account, &slot);
    if (row->space != STORE_SPACE_OWN) {
        screen_text_cut(rect.row, rect.column + 1, columns - 1, SLOT_DIM | STYLE_BOLD, row->name);
        return;
    }
    g_autofree char *text =
        account && account->address && *account->address
            ? g_strdup_printf("%s %s %s", row->account, screen_symbol(SYMBOL_DASH), account->address)
        : account
            ? g_strdup(row->account)
            : g_strdup_printf(_("%s %s not in the configuration"), row->account, screen_symbol(SYMBOL_DASH));

    columns -= draw_trouble(ui, row, (ViewRect){rect.row, rect.column, 1, columns});
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

void folder_draw(Ui *ui, const FolderRow *row, ViewRect rect, gboolean has_cursor)
{
    unsigned cursor = has_cursor ? STYLE_CURSOR : 0;
    int unread = folder_unread(ui, row), indent = MIN(row->depth * 2, rect.columns / 3);
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

void folder_draw_sidebar(Ui *ui, const FolderRow *row, ViewRect rect, unsigned style)
{
    const gboolean is_heading = !row->path;
    int indent = is_heading ? 1 : 2 + MIN(row->depth * 2, rect.columns / 3), unread = folder_unread(ui, row);
    int end = rect.column + rect.columns - 1;

    if (style & STYLE_CURSOR)
        screen_fill(rect.row, rect.column, rect.columns, style);
    if (is_heading && row->space == STORE_SPACE_OWN) {
        g_autofree char *trouble = outbox_trouble(ui, row->account);
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
