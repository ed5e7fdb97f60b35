/* tree.c - see tree.h. */
#include "store/key.h"
#include "store/text_list.h"
#include "store/tree.h"
#include "store/types.h"

void tree_free(Tree *tree)
{
    if (!tree)
        return;
    g_free(tree->nodes);
    g_free(tree->order);
    g_free(tree);
}

static GArray *read_nodes(StoreReader *reader, int64_t folder, int64_t thread, GError **error)
{
    g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(TreeNode));
    sqlite3_stmt *statement = STORE_START(reader->db, SQL_THREAD_TREE, error, thread,
                                          key_folder_first(folder), key_folder_last(folder));
    int row = -1;

    while (statement && (row = store_db_step(reader->db, statement, error)) == 1) {
        TreeNode node = {.key = sqlite3_column_int64(statement, 0),
                         .id = sqlite3_column_int64(statement, 1),
                         .flags = (uint32_t)sqlite3_column_int64(statement, 2),
                         .size_bytes = sqlite3_column_int64(statement, 3),
                         .attachments = sqlite3_column_int(statement, 4),
                         .mid = sqlite3_column_int64(statement, 5),
                         .parent_mid = sqlite3_column_int64(statement, 6),
                         .parent = -1,
                         .first_child = -1,
                         .next_sibling = -1};
        g_array_append_val(nodes, node);
    }
    return row < 0 ? NULL : g_steal_pointer(&nodes);
}

/* Message-ID's hash -> index of its oldest message, plus 1. */
static GHashTable *index_by_mid(const Tree *tree)
{
    GHashTable *index = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = tree->n; i-- > 0;) {
        if (tree->nodes[i].mid)
            g_hash_table_replace(index, &tree->nodes[i].mid, GINT_TO_POINTER((int)i + 1));
    }
    return index;
}

static gboolean would_be_circle(const Tree *tree, int node, int parent)
{
    while (parent >= 0 && parent != node)
        parent = tree->nodes[parent].parent;
    return parent == node;
}

typedef struct {
    StoreDb *db;
    int64_t account;
    const Tree *tree;
    GHashTable *index;
    int node, parent;
} Search;

static gboolean try_reference(const char *text, gsize size, void *data)
{
    Search *search = data;
    int64_t hash = store_db_hash(search->db, search->account, text, size);
    int parent = GPOINTER_TO_INT(g_hash_table_lookup(search->index, &hash)) - 1;

    if (parent >= 0 && !would_be_circle(search->tree, search->node, parent))
        search->parent = parent;
    return search->parent < 0;
}

/* The nearest ancestor that is here, where the direct one is not. */
static gboolean find_ancestor(Search *search, GError **error)
{
    sqlite3_stmt *statement =
        STORE_START(search->db, SQL_ENVELOPE_REFS, error, search->tree->nodes[search->node].id);
    int row = statement ? store_db_step(search->db, statement, error) : -1;

    if (row != 1)
        return row == 0;
    const void *references = sqlite3_column_blob(statement, 0);
    text_list_each_back(references, (gsize)sqlite3_column_bytes(statement, 0), try_reference, search);
    sqlite3_reset(statement);
    return TRUE;
}

static gboolean find_parents(StoreReader *reader, int64_t account, Tree *tree, GError **error)
{
    g_autoptr(GHashTable) index = index_by_mid(tree);

    for (guint i = 0; i < tree->n; i++) {
        TreeNode *node = &tree->nodes[i];
        if (!node->parent_mid)
            continue;
        int parent = GPOINTER_TO_INT(g_hash_table_lookup(index, &node->parent_mid)) - 1;
        if (parent < 0 || would_be_circle(tree, (int)i, parent)) {
            Search search = {reader->db, account, tree, index, (int)i, -1};
            if (!find_ancestor(&search, error))
                return FALSE;
            parent = search.parent;
        }
        node->parent = parent;
    }
    return TRUE;
}

/* Children by date; all but the first of those without a parent below that one. */
static int link_children(Tree *tree)
{
    int root = 0;

    while (tree->nodes[root].parent >= 0)
        root++;
    for (int i = (int)tree->n; i-- > 0;) {
        TreeNode *node = &tree->nodes[i];
        if (i == root)
            continue;
        if (node->parent < 0)
            node->parent = root;
        node->is_last = tree->nodes[node->parent].first_child < 0;
        node->next_sibling = tree->nodes[node->parent].first_child;
        tree->nodes[node->parent].first_child = i;
    }
    tree->nodes[root].is_last = TRUE;
    return root;
}

static uint64_t depth_bit(int depth)
{
    return depth < 64 ? UINT64_C(1) << depth : 0;
}

/* Depth first, without recursion: a thread may be a thousand replies deep. */
static void put_in_order(Tree *tree, int root)
{
    guint n = 0;
    int i = root;

    while (i >= 0) {
        TreeNode *node = &tree->nodes[i];
        tree->order[n++] = (guint)i;
        if (node->parent >= 0) {
            node->depth = tree->nodes[node->parent].depth + 1;
            node->bits = tree->nodes[node->parent].bits;
        }
        if (!node->is_last)
            node->bits |= depth_bit(node->depth);
        if (node->first_child >= 0) {
            i = node->first_child;
            continue;
        }
        while (i >= 0 && tree->nodes[i].next_sibling < 0)
            i = tree->nodes[i].parent;
        i = i >= 0 ? tree->nodes[i].next_sibling : -1;
    }
}

Tree *tree_load(StoreReader *reader, int64_t folder, int64_t account, int64_t thread, GError **error)
{
    g_autoptr(Tree) tree = g_new0(Tree, 1);
    GArray *nodes = read_nodes(reader, folder, thread, error);

    if (!nodes)
        return NULL;
    tree->thread = thread;
    tree->n = nodes->len;
    tree->nodes = (TreeNode *)(void *)g_array_free(nodes, FALSE);
    tree->order = g_new(guint, tree->n + 1);
    for (guint i = 0; i < tree->n; i++)
        tree->unread += !(tree->nodes[i].flags & STORE_SEEN);
    if (!find_parents(reader, account, tree, error))
        return NULL;
    if (tree->n)
        put_in_order(tree, link_children(tree));
    return g_steal_pointer(&tree);
}
