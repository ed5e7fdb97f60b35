/* folder_tree.c - see folder_tree.h. */
#include "ui/folder_tree.h"

#include "base/i18n.h"

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

static FolderRow *row_new(const char *account, const char *path)
{
    FolderRow *row = g_new0(FolderRow, 1);

    row->account = g_strdup(account);
    row->path = g_strdup(path);
    row->name = row->account;
    if (path) {
        const char *slash = strrchr(row->path, '/');
        row->name = slash ? slash + 1 : row->path;
        row->depth = depth_of(path);
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

/* Levels above this folder that no row stands for yet: on some servers a parent is no folder. What is below one level
 * stands together, so that the last row tells. */
static void add_missing_levels(GPtrArray *rows, const StoreFolder *folder)
{
    for (const char *slash = strchr(folder->name, '/'); slash; slash = strchr(slash + 1, '/')) {
        g_autofree char *level = g_strndup(folder->name, (gsize)(slash - folder->name));
        const FolderRow *last = rows->pdata[rows->len - 1];
        if (!last->path || !(g_str_equal(last->path, level) || is_below(last->path, level)))
            g_ptr_array_add(rows, row_new(folder->account, level));
    }
}

static void add_folder(GPtrArray *rows, const StoreFolder *folder)
{
    FolderRow *row = row_new(folder->account, folder->name);
    gboolean is_synced = folder->sync.uid_validity != 0;

    row->id = folder->selectable ? folder->id : 0;
    row->is_selectable = folder->selectable;
    row->messages = is_synced ? folder->messages : (int)folder->server_messages;
    row->unread = is_synced ? folder->unread : (int)folder->server_unseen;
    g_ptr_array_add(rows, row);
}

static void mark_children(GPtrArray *rows, GHashTable *folded)
{
    for (guint i = 0; i < rows->len; i++) {
        FolderRow *row = rows->pdata[i];
        const FolderRow *next = i + 1 < rows->len ? rows->pdata[i + 1] : NULL;
        g_autofree char *key = folder_row_key(row);
        row->has_children = row->path && next && next->path && g_str_equal(next->account, row->account) &&
                            is_below(next->path, row->path);
        row->is_folded = row->has_children && g_hash_table_contains(folded, key);
    }
}

/* What is below a folded row goes; its unread mail counts for that row. */
static void drop_folded(GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        FolderRow *row = rows->pdata[i];
        guint n = 0;
        for (guint below = i + 1; row->is_folded && below < rows->len; below++, n++) {
            const FolderRow *next = rows->pdata[below];
            if (!next->path || !g_str_equal(next->account, row->account) || !is_below(next->path, row->path))
                break;
            row->unread += next->unread;
        }
        if (n > 0)
            g_ptr_array_remove_range(rows, i + 1, n);
    }
}

GPtrArray *folder_tree(const GPtrArray *folders, GHashTable *folded)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)folder_row_free);
    FolderRow *heading = NULL;

    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (!heading || !g_str_equal(heading->account, folder->account)) {
            heading = row_new(folder->account, NULL);
            g_ptr_array_add(rows, heading);
        }
        add_missing_levels(rows, folder);
        add_folder(rows, folder);
        heading->unread += ((FolderRow *)rows->pdata[rows->len - 1])->unread;
    }
    mark_children(rows, folded);
    drop_folded(rows);
    return rows;
}
