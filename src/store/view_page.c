/*
 * view_page.c - pages (view.h): rows of the list around an anchor.
 *
 * A page is two walks from the anchor, one up and one down, each a range of keys of the folder's rows (flat)
 * or of its threads' newest rows (threaded). An unfolded thread stands in place of its newest row with its
 * whole tree.
 */
#include "base/text.h"
#include "store/key.h"
#include "store/text_list.h"
#include "store/view_private.h"

#include <string.h>

typedef struct {
    StoreView *view;
    StoreReader *reader;
    int64_t account;
    gboolean is_sent; /* shows recipients */
    Place place;
    Tree *tree;   /* of the anchor's thread, when that is unfolded */
    int position; /* of the anchor in it */
} Run;

static void row_free(void *data)
{
    StoreRow *row = data;

    if (!row)
        return;
    g_free(row->person);
    g_free(row->subject);
    g_strfreev(row->keywords);
    g_free(row);
}

void store_page_free(StorePage *page)
{
    if (!page)
        return;
    g_ptr_array_unref(page->rows);
    g_free(page);
}

static gboolean add_keywords(Run *run, StoreRow *row, GError **error)
{
    if (!(row->flags & STORE_HAS_KEYWORDS))
        return TRUE;
    if (!reader_keywords(run->reader, row->anchor.id, row->flags, FALSE, &row->keywords, error))
        return FALSE;
    if (!*row->keywords)
        g_clear_pointer(&row->keywords, g_strfreev);
    return TRUE;
}

static char *subject_at(sqlite3_stmt *statement, int column)
{
    const char *subject = (const char *)sqlite3_column_text(statement, column);

    return g_strdup(subject ? subject : "");
}

static char *people_at(sqlite3_stmt *statement, int column)
{
    const void *people = sqlite3_column_blob(statement, column);

    return text_list_people(people, (gsize)sqlite3_column_bytes(statement, column));
}

/* A row of SQL_PAGE_COLUMNS: a message, or a folded thread. */
static StoreRow *row_at(Run *run, sqlite3_stmt *statement)
{
    StoreRow *row = g_new0(StoreRow, 1);
    gboolean is_threaded = run->view->is_threaded;

    row->anchor = (StoreAnchor){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                sqlite3_column_int64(statement, 2)};
    row->flags = (uint32_t)sqlite3_column_int64(statement, 3);
    row->size_bytes = sqlite3_column_int64(statement, 4);
    row->attachments = sqlite3_column_int(statement, 5);
    row->thread_messages = is_threaded ? sqlite3_column_int(statement, 6) : 1;
    row->thread_unread = is_threaded ? sqlite3_column_int(statement, 7) : !(row->flags & STORE_SEEN);
    row->is_thread_row = row->thread_messages > 1;
    row->is_folded = row->is_thread_row;
    row->is_last_child = TRUE;
    row->subject = subject_at(statement, 8);
    row->person = people_at(statement, 9);
    row->date_s = sqlite3_column_int64(statement, 10);
    return row;
}

static gboolean is_repeated(const char *subject, const char *parent)
{
    return !strcmp(text_subject_base(subject), text_subject_base(parent));
}

static gboolean add_envelope(Run *run, const Tree *tree, const TreeNode *node, StoreRow *row, GError **error)
{
    StoreDb *db = run->reader->db;
    sqlite3_stmt *statement = STORE_START(db, SQL_ENVELOPE_SHOWN, error, node->id, run->is_sent);
    int found = statement ? store_db_step(db, statement, error) : -1;

    row->subject = found == 1 ? subject_at(statement, 0) : g_strdup("");
    row->person = found == 1 ? people_at(statement, 1) : g_strdup("");
    row->date_s = found == 1 ? sqlite3_column_int64(statement, 2) : key_seconds(node->key);
    if (found == 1)
        sqlite3_reset(statement);
    if (found < 0 || node->parent < 0)
        return found >= 0;
    statement = STORE_START(db, SQL_ENVELOPE_SUBJECT, error, tree->nodes[node->parent].id);
    found = statement ? store_db_step(db, statement, error) : -1;
    if (found == 1) {
        g_autofree char *parent = subject_at(statement, 0);
        row->is_subject_repeated = is_repeated(row->subject, parent);
        sqlite3_reset(statement);
    }
    return found >= 0;
}

static gboolean add_tree_row(Run *run, const Tree *tree, guint position, GPtrArray *rows, GError **error)
{
    const TreeNode *node = &tree->nodes[tree->order[position]];
    StoreRow *row = g_new0(StoreRow, 1);

    g_ptr_array_add(rows, row);
    row->anchor = (StoreAnchor){node->key, node->id, tree->thread};
    row->flags = node->flags;
    row->size_bytes = node->size_bytes;
    row->attachments = node->attachments;
    row->thread_messages = (int)tree->n;
    row->thread_unread = (int)tree->unread;
    row->is_thread_row = position == 0 && tree->n > 1;
    row->depth = node->depth;
    row->tree_bits = node->bits;
    row->is_last_child = node->is_last;
    return add_envelope(run, tree, node, row, error) && add_keywords(run, row, error);
}

/* A tree's rows from `position` on, upwards or downwards, until `limit` rows are there. */
static gboolean add_tree(Run *run, const Tree *tree, int position, gboolean up, GPtrArray *rows, guint limit,
                         GError **error)
{
    while (position >= 0 && position < (int)tree->n && rows->len < limit) {
        if (!add_tree_row(run, tree, (guint)position, rows, error))
            return FALSE;
        position += up ? -1 : 1;
    }
    return TRUE;
}

/* What stands in the list for a row that was read: itself, or its unfolded thread. */
static gboolean add_row(Run *run, sqlite3_stmt *statement, gboolean up, GPtrArray *rows, guint limit,
                        GError **error)
{
    int64_t thread = sqlite3_column_int64(statement, 2);

    if (!run->view->is_threaded || sqlite3_column_int64(statement, 6) < 2 ||
        store_view_is_folded(run->view, thread)) {
        StoreRow *row = row_at(run, statement);
        g_ptr_array_add(rows, row);
        return add_keywords(run, row, error);
    }
    g_autoptr(Tree) tree = tree_load(run->reader, run->view->folder, run->account, thread, error);
    return tree && add_tree(run, tree, up ? (int)tree->n - 1 : 0, up, rows, limit, error);
}

/* Rows with keys from `from` to `to`, in the direction of the walk, until `limit` are there. */
static gboolean walk(Run *run, int64_t from, int64_t to, gboolean up, GPtrArray *rows, guint limit,
                     GError **error)
{
    static const StoreSql STATEMENTS[2][2] = {{SQL_FLAT_DOWN, SQL_FLAT_UP}, {SQL_TOPS_DOWN, SQL_TOPS_UP}};
    int found = -1;

    if (from > to || rows->len >= limit)
        return TRUE;
    sqlite3_stmt *statement =
        STORE_START(run->reader->db, STATEMENTS[run->view->is_threaded != FALSE][up], error, from, to,
                    limit - rows->len, run->is_sent, run->view->folder);
    while (statement && rows->len < limit &&
           (found = store_db_step(run->reader->db, statement, error)) == 1) {
        if (!add_row(run, statement, up, rows, limit, error))
            return FALSE;
    }
    if (statement)
        sqlite3_reset(statement);
    return found >= 0;
}

static gboolean walk_up(Run *run, GPtrArray *rows, guint limit, GError **error)
{
    return (!run->tree || add_tree(run, run->tree, run->position - 1, TRUE, rows, limit, error)) &&
           walk(run, run->place.key + 1, key_folder_last(run->view->folder), TRUE, rows, limit, error);
}

static gboolean walk_down(Run *run, GPtrArray *rows, guint limit, GError **error)
{
    return (!run->tree || add_tree(run, run->tree, run->position, FALSE, rows, limit, error)) &&
           walk(run, key_folder_first(run->view->folder), run->place.key - (run->tree != NULL), FALSE, rows,
                limit, error);
}

/* The anchor's place, and whether the view shows recipients: what the walks need to know. 1; 0: no such
 * folder; -1. */
static int prepare(Run *run, StoreAnchor anchor, GError **error)
{
    int64_t role[1] = {0}, account[1] = {0};
    int found = STORE_GET(run->reader->db, SQL_FOLDER_ROLE, error, role, run->view->folder);

    if (found == 1)
        found = STORE_GET(run->reader->db, SQL_FOLDER_ACCOUNT, error, account, run->view->folder);
    if (found <= 0)
        return found;
    run->is_sent = role[0] == STORE_ROLE_SENT || role[0] == STORE_ROLE_DRAFTS;
    run->account = account[0];
    if (!view_place(run->view, run->reader, anchor, &run->place, error))
        return -1;
    if (!run->view->is_threaded || run->place.top < 2 || store_view_is_folded(run->view, run->place.thread))
        return 1;
    run->tree = tree_load(run->reader, run->view->folder, run->account, run->place.thread, error);
    if (!run->tree)
        return -1;
    run->position = (int)view_tree_position(run->tree, &run->place);
    return 1;
}

/* The page from what stands above the anchor, nearest first, and from the anchor on. One more row was read in
 * each direction than is shown: it tells whether the list goes on. */
static StorePage *join_walks(GPtrArray *up, GPtrArray *down, guint before, guint after)
{
    StorePage *page = g_new0(StorePage, 1);
    /* Nothing at or below the anchor: the last row of all is nearest. */
    gboolean is_past_end = !down->len && up->len;
    guint shown_up = MIN(up->len, before + is_past_end), shown_down = MIN(down->len, after + 1);

    page->rows = g_ptr_array_new_with_free_func(row_free);
    page->at_first = shown_up == up->len;
    page->at_last = shown_down == down->len;
    for (guint i = shown_up; i-- > 0;)
        g_ptr_array_add(page->rows, g_steal_pointer(&up->pdata[i]));
    for (guint i = 0; i < shown_down; i++)
        g_ptr_array_add(page->rows, g_steal_pointer(&down->pdata[i]));
    page->anchor_row = is_past_end ? shown_up - 1 : shown_up;
    if (!page->rows->len)
        page->anchor_row = 0;
    return page;
}

StorePage *store_view_page(StoreView *view, StoreReader *reader, StoreAnchor anchor, int before, int after,
                           GError **error)
{
    Run run = {.view = view, .reader = reader};
    g_autoptr(GPtrArray) up = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(GPtrArray) down = g_ptr_array_new_with_free_func(row_free);
    guint n_before = (guint)MAX(before, 0), n_after = (guint)MAX(after, 0);

    if (!reader_begin(reader, error))
        return NULL;
    int found = prepare(&run, anchor, error);
    /* Two more above: one for "goes on", one in case the anchor itself has to come from there. */
    gboolean is_done = found == 0 || (found == 1 && walk_down(&run, down, n_after + 2, error) &&
                                      walk_up(&run, up, n_before + 2, error));
    reader_end(reader);
    tree_free(run.tree);
    return is_done ? join_walks(up, down, n_before, n_after) : NULL;
}
