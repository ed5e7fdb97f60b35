/* folder_tree.c - see folder_tree.h. */
#include "ui/folder_tree.h"

#include "base/i18n.h"
#include "store/folder_marks.h"

#include <string.h>

void folder_row_free(FolderRow *row)
{
    g_free(row->account);
    g_free(row->path);
    g_free(row);
}

char *folder_row_key(const FolderRow *row)
{
    return g_strdup_printf("%s/%s", row->account, row->path ? row->path : "");
}

static int depth_of(const char *path)
{
    int depth = 0;

    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static FolderRow *row_new(const char *account, const char *path, StoreSpace space)
{
    FolderRow *row = g_new0(FolderRow, 1);

    row->account = g_strdup(account);
    row->space = space;
    row->rights = STORE_MAY_ALL;
    row->path = g_strdup(path);
    row->name = row->account;
    if (path) {
        const char *slash = strrchr(row->path, '/');
        row->name = slash ? slash + 1 : row->path;
        row->depth = depth_of(path);
        if (space != STORE_SPACE_OWN && row->depth > 0)
            row->depth--; /* the first level is the heading's */
        if (g_ascii_strcasecmp(path, "INBOX") == 0)
            row->name = _("Inbox");
    }
    return row;
}

static gboolean is_below(const char *path, const char *parent)
{
    gsize length = strlen(parent);

    return strncmp(path, parent, length) == 0 && path[length] == '/';
}

/* Levels above this folder that no row stands for yet: on some servers a parent is no folder. What is below
 * one level stands together, so that the last row tells. */
static void add_missing_levels(GPtrArray *rows, const StoreFolder *folder)
{
    const char *slash = strchr(folder->name, '/');

    if (slash && folder->space != STORE_SPACE_OWN)
        slash = strchr(slash + 1, '/');
    for (; slash; slash = strchr(slash + 1, '/')) {
        g_autofree char *level = g_strndup(folder->name, (gsize)(slash - folder->name));
        const FolderRow *last = rows->pdata[rows->len - 1];
        if (!last->path || !(g_str_equal(last->path, level) || is_below(last->path, level))) {
            g_ptr_array_add(rows, row_new(folder->account, level, folder->space));
        }
    }
}

static FolderRow *folder_row(const StoreFolder *folder)
{
    FolderRow *row = row_new(folder->account, folder->name, folder->space);

    row->id = folder->selectable ? folder->id : 0;
    row->role = folder->role;
    row->rights = folder->rights;
    row->is_selectable = folder->selectable;
    row->messages = MAX(store_folder_messages(folder), 0);
    row->unread = MAX(store_folder_unread(folder), 0);
    return row;
}

static void mark_children(GPtrArray *rows, GHashTable *folded)
{
    for (guint i = 0; i + 1 < rows->len; i++) {
        FolderRow *row = rows->pdata[i];
        const FolderRow *next = rows->pdata[i + 1];
        row->has_children = row->path && next->path && g_str_equal(next->account, row->account) &&
                            is_below(next->path, row->path);
        if (!row->has_children || !g_hash_table_size(folded))
            continue;
        g_autofree char *key = folder_row_key(row);
        row->is_folded = g_hash_table_contains(folded, key);
    }
}

/* Unread mail of several folders together. What stands in a folder of all mail (\All) stands in others too:
 * it counts there alone, and beside it count only those that it leaves out (RFC 6154). A server that tells
 * nothing of it is asked of the others. */
typedef struct {
    int all, left_out, others;
} UnreadSum;

static void unread_add(UnreadSum *sum, const FolderRow *row)
{
    if (row->role == STORE_ROLE_ALL)
        sum->all += row->unread;
    else if (row->role == STORE_ROLE_TRASH || row->role == STORE_ROLE_JUNK || row->space != STORE_SPACE_OWN)
        sum->left_out += row->unread;
    else if (row->role != STORE_ROLE_FLAGGED) /* which has nothing of its own */
        sum->others += row->unread;
}

static int unread_total(const UnreadSum *sum)
{
    return sum->left_out + (sum->all ? sum->all : sum->others);
}

/* What is below a folded row goes; its unread mail counts for that row. */
static GPtrArray *without_folded(GPtrArray *all)
{
    GPtrArray *rows = g_ptr_array_new_full(all->len, (GDestroyNotify)folder_row_free);
    FolderRow *folded = NULL;
    UnreadSum sum;

    for (guint i = 0; i < all->len; i++) {
        FolderRow *row = all->pdata[i];
        if (folded && row->path && g_str_equal(row->account, folded->account) &&
            is_below(row->path, folded->path)) {
            if (!row->is_hidden)
                unread_add(&sum, row);
            folded->unread = unread_total(&sum);
            folder_row_free(row);
            continue;
        }
        g_ptr_array_add(rows, row);
        folded = row->is_folded ? row : NULL;
        sum = (UnreadSum){0};
        unread_add(&sum, row);
    }
    g_ptr_array_free(all, TRUE);
    return rows;
}

/* Headings of the accounts that come before this one (NULL: of all that are left). One that never got through
 * to its server has something to say all the same. */
static char **add_empty_accounts(GPtrArray *rows, char **left, const char *before)
{
    for (; left && *left && g_strcmp0(*left, before); left++)
        g_ptr_array_add(rows, row_new(*left, NULL, STORE_SPACE_OWN));
    return left && *left ? left + 1 : left;
}

/* "shared", where only what is below it is of use: the heading stands for it. */
static gboolean is_root_of_space(const StoreFolder *folder)
{
    return folder->space != STORE_SPACE_OWN && !folder->selectable && !strchr(folder->name, '/');
}

/* Before the first of another user's folders, and of shared ones. */
static void add_space_heading(GPtrArray *rows, const StoreFolder *folder)
{
    const FolderRow *last = rows->pdata[rows->len - 1];

    if (folder->space == STORE_SPACE_OWN || last->space == folder->space)
        return;
    FolderRow *row = row_new(folder->account, NULL, folder->space);
    row->name = folder->space == STORE_SPACE_OTHERS ? _("Other users") : _("Shared");
    g_ptr_array_add(rows, row);
}

static int place_of(const char *account, char **accounts)
{
    int place = 0;

    while (accounts[place] && !g_str_equal(accounts[place], account))
        place++;
    return place;
}

static int compare_places(gconstpointer a, gconstpointer b, gpointer accounts)
{
    const StoreFolder *const *one = a, *const *other = b;

    return place_of((*one)->account, accounts) - place_of((*other)->account, accounts);
}

/* As the configuration has its accounts; whatever it does not name comes last. The folders stay the
 * caller's. */
static GPtrArray *in_order_of(const GPtrArray *folders, char **accounts)
{
    GPtrArray *sorted = g_ptr_array_new();

    for (guint i = 0; i < folders->len; i++)
        g_ptr_array_add(sorted, folders->pdata[i]);
    if (accounts && accounts[0])
        g_ptr_array_sort_with_data(sorted, compare_places, accounts); /* stable */
    return sorted;
}

GPtrArray *folder_tree(const GPtrArray *folders, const FolderTreeWants *wants)
{
    GPtrArray *rows = g_ptr_array_new(); /* without_folded() takes them over */
    g_autoptr(GPtrArray) sorted = in_order_of(folders, wants->accounts);
    FolderRow *heading = NULL;
    UnreadSum sum = {0};
    char **accounts_left = wants->accounts;

    for (guint i = 0; i < sorted->len; i++) {
        const StoreFolder *folder = sorted->pdata[i];
        gboolean hidden = folder_marks_hides(wants->hidden, folder->account, folder->name);
        if (!heading || !g_str_equal(heading->account, folder->account)) {
            accounts_left = add_empty_accounts(rows, accounts_left, folder->account);
            heading = row_new(folder->account, NULL, STORE_SPACE_OWN);
            g_ptr_array_add(rows, heading);
            sum = (UnreadSum){0};
        }
        if ((hidden && !wants->with_hidden) || is_root_of_space(folder))
            continue;
        add_space_heading(rows, folder);
        add_missing_levels(rows, folder);
        FolderRow *row = folder_row(folder);
        row->is_hidden = hidden;
        g_ptr_array_add(rows, row);
        if (!hidden)
            unread_add(&sum, row);
        heading->unread = unread_total(&sum);
    }
    add_empty_accounts(rows, accounts_left, NULL);
    mark_children(rows, wants->folded);
    return without_folded(rows);
}
