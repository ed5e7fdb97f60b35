/*
 * tree.h - a thread as a tree, made for the page that shows it.
 *
 * A message stands below the one it answers, or the nearest ancestor that its References name and that is
 * here; siblings by date. Further messages without any ancestor here stand below the first, since they belong
 * to its thread. A reply to itself, or in a circle, is taken for one without a parent; of several messages
 * with one Message-ID the oldest gets the replies.
 */
#ifndef TERN_STORE_TREE_H
#define TERN_STORE_TREE_H

#include "store/reader.h"

typedef struct {
    int64_t key, id, size_bytes;
    int64_t mid, parent_mid; /* hashes */
    uint32_t flags;
    int attachments;
    int parent, first_child, next_sibling; /* indexes of nodes, -1: none */
    int depth;
    gboolean is_last;
    uint64_t bits;
} TreeNode;

typedef struct {
    int64_t thread;
    guint n, unread;
    TreeNode *nodes; /* by date, oldest first */
    guint *order;    /* indexes of nodes as they are shown */
} Tree;

/* The thread's messages in a folder. NULL and STORE. */
Tree *tree_load(StoreReader *reader, int64_t folder, int64_t account, int64_t thread, GError **error);
void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)

#endif
