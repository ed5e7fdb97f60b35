/*
 * folder_tree.h - the folders of all accounts as the rows of a list: accounts as headings, levels below each
 * other.
 *
 * Made anew from the store each time; what is folded or hidden is kept by name (store/folder_marks.h). Pure but for
 * the store's values.
 */
#ifndef TERN_UI_FOLDER_TREE_H
#define TERN_UI_FOLDER_TREE_H

#include "store/types.h"

#include <glib.h>

typedef struct {
    char *account; /* always */
    char *path;       /* "Projects/tern"; NULL: a heading, of the account or of folders that are not one's own */
    const char *name; /* what is shown: the last level, or the account; within path or account */
    int depth;        /* of a folder: 0 for the first level */
    gint64 id;        /* 0: a level that is no folder by itself, or a heading */
    StoreRole role;
    StoreSpace space; /* whose it is, or those below this heading */
    guint rights;     /* StoreRight */
    StoreQuota quota; /* of an account's heading, filled in by the reader */
    gboolean is_selectable, has_children, is_folded, is_hidden;
    int messages, unread; /* as shown; of a heading: unread of all its folders, each message once as far as roles tell */
} FolderRow;
void folder_row_free(FolderRow *row);

/* Sets of "account/path". What is below a folded folder is left out and counts for that; a hidden one is left
 * out with all below it, and its mail counts nowhere. */
typedef struct {
    GHashTable *folded, *hidden;
    gboolean with_hidden; /* they are there all the same, marked */
    char **accounts;      /* in their order, and with a heading even without a folder; NULL: none */
} FolderTreeWants;

/* The rows for folders, an account's in the store's order (each with what is below it right after it).
 * FolderRow * with a free function. */
GPtrArray *folder_tree(const GPtrArray *folders, const FolderTreeWants *wants);

/* The key of a row in the set of folded ones, to be freed. */
char *folder_row_key(const FolderRow *row);

#endif
