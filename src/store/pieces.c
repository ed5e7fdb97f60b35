/* pieces.c - see pieces.h. */
#include "store/pieces.h"

#include "base/error.h"
#include "base/i18n.h"
#include "store/undo.h"

#include <string.h>

typedef struct {
    int64_t id, group;
    int what;
    StoreEachChange change;
    char **keywords;
    GArray *ids; /* int64_t */
} Piece;

static void piece_clear(Piece *piece)
{
    g_clear_pointer(&piece->keywords, g_strfreev);
    g_clear_pointer(&piece->ids, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Piece, piece_clear)

/* ---- what is done to each ---- */

static gboolean each_flags(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    return store_change_flags(txn, id, change->set, change->clear, error);
}

static gboolean each_keywords(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    for (guint i = 0; change->keywords && change->keywords[i]; i++) {
        const char *keyword = change->keywords[i];
        if (!store_change_keyword(txn, id, keyword + 1, *keyword == '+', error))
            return FALSE;
    }
    return TRUE;
}

static gboolean each_move(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    return store_change_move(txn, id, change->folder, error);
}

static gboolean each_copy(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    return store_change_copy(txn, id, change->folder, NULL, error);
}

static gboolean each_archive(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    (void)change;
    return store_change_archive(txn, id, error);
}

static gboolean each_delete(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    (void)change;
    return store_change_delete(txn, id, error);
}

static gboolean each_undelete(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    (void)change;
    return store_change_undelete(txn, id, error);
}

static gboolean each_junk(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    return store_change_junk(txn, id, change->what == STORE_EACH_JUNK, error);
}

static gboolean each_expunge(StoreTxn *txn, const StoreEachChange *change, int64_t id, GError **error)
{
    (void)change;
    return store_change_expunge(txn, id, error);
}

static gboolean (*const EACH[STORE_EACH_END])(StoreTxn *, const StoreEachChange *, int64_t, GError **) = {
    [STORE_EACH_FLAGS] = each_flags,       [STORE_EACH_KEYWORDS] = each_keywords,
    [STORE_EACH_MOVE] = each_move,         [STORE_EACH_COPY] = each_copy,
    [STORE_EACH_ARCHIVE] = each_archive,   [STORE_EACH_DELETE] = each_delete,
    [STORE_EACH_UNDELETE] = each_undelete, [STORE_EACH_JUNK] = each_junk,
    [STORE_EACH_NOT_JUNK] = each_junk,     [STORE_EACH_EXPUNGE] = each_expunge,
};

static gboolean change_each(StoreTxn *txn, const StoreEachChange *change, const int64_t *ids, guint n,
                            GError **error)
{
    for (guint i = 0; i < n; i++)
        if (!EACH[change->what](txn, change, ids[i], error))
            return FALSE;
    return TRUE;
}

gboolean store_change_each(StoreTxn *txn, const StoreEachChange *change, const int64_t *ids, guint n,
                           GError **error)
{
    const guint first = MIN(n, STORE_PIECE_ROWS);

    return change_each(txn, change, ids, first, error) &&
           (n == first || store_pieces_add(txn, change->what, change, 0, ids + first, n - first, error));
}

/* ---- what waits ---- */

static gboolean add_piece(StoreTxn *txn, int what, const StoreEachChange *change, int64_t undoes,
                          const int64_t *ids, guint n, GError **error)
{
    g_autofree int64_t *written = g_new(int64_t, n);
    g_autofree char *keywords =
        change->keywords ? g_strjoinv("\n", (char **)(gpointer)change->keywords) : NULL;

    for (guint i = 0; i < n; i++)
        written[i] = GINT64_TO_BE(ids[i]);
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_PIECE_ADD, error, txn->group, what, change->set,
                                          change->clear, change->folder, undoes);
    if (statement) {
        sqlite3_bind_text(statement, 7, keywords, -1, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 8, written, (int)(n * sizeof *written), SQLITE_STATIC);
    }
    return store_db_finish(txn->db, statement, error);
}

gboolean store_pieces_add(StoreTxn *txn, int what, const StoreEachChange *change, int64_t undoes,
                          const int64_t *ids, guint n, GError **error)
{
    if (!store_journal_group(txn, error))
        return FALSE;
    for (guint from = 0; from < n; from += STORE_PIECE_ROWS)
        if (!add_piece(txn, what, change, undoes, ids + from, MIN(n - from, STORE_PIECE_ROWS), error))
            return FALSE;
    txn->unfinished = txn->group;
    txn->has_pieces = TRUE;
    return TRUE;
}

static GArray *ids_at(sqlite3_stmt *statement, int column)
{
    const int n = sqlite3_column_bytes(statement, column) / (int)sizeof(int64_t);
    GArray *ids = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), (guint)n);

    if (n)
        g_array_append_vals(ids, sqlite3_column_blob(statement, column), (guint)n);
    for (int i = 0; i < n; i++)
        g_array_index(ids, int64_t, i) = GINT64_FROM_BE(g_array_index(ids, int64_t, i));
    return ids;
}

/* The first one: 1; there is none: 0; -1. */
static int read_first(StoreTxn *txn, Piece *piece, GError **error)
{
    sqlite3_stmt *statement = store_db_start(txn->db, SQL_PIECE_FIRST, 0, NULL, error);
    const int found = statement ? store_db_step(txn->db, statement, error) : -1;

    if (found != 1)
        return found;
    const char *keywords = (const char *)sqlite3_column_text(statement, 6);
    *piece = (Piece){.id = sqlite3_column_int64(statement, 0),
                     .group = sqlite3_column_int64(statement, 1),
                     .what = sqlite3_column_int(statement, 2),
                     .keywords = keywords ? g_strsplit(keywords, "\n", -1) : NULL,
                     .ids = ids_at(statement, 7)};
    piece->change = (StoreEachChange){.what = (StoreEach)piece->what,
                                      .set = (uint32_t)sqlite3_column_int64(statement, 3),
                                      .clear = (uint32_t)sqlite3_column_int64(statement, 4),
                                      .folder = sqlite3_column_int64(statement, 5),
                                      .keywords = (const char *const *)piece->keywords};
    sqlite3_reset(statement);
    return 1;
}

int store_pieces_any(StoreTxn *txn, int64_t group, GError **error)
{
    int64_t one[1];

    return STORE_GET(txn->db, SQL_PIECE_ANY, error, one, group);
}

/* ---- one of them ---- */

static gboolean do_piece(StoreTxn *txn, const Piece *piece, GError **error)
{
    const int64_t *ids = (const int64_t *)(const void *)piece->ids->data;
    const guint n = piece->ids->len;

    switch (piece->what) {
    case STORE_EACH_UNDO:
        return store_undo_entries(txn, ids, n, error);
    case STORE_EACH_REDO:
        return store_redo_entries(txn, ids, n, error);
    default:
        if (piece->what < 0 || piece->what >= STORE_EACH_END) {
            tern_error_set(error, TERN_ERROR_STORE, _("the rest of a change cannot be read"));
            return FALSE;
        }
        return change_each(txn, &piece->change, ids, n, error);
    }
}

/* In the name of whoever began it, into the same group. */
static gboolean do_as_its_maker(StoreTxn *txn, const Piece *piece, GError **error)
{
    const int64_t own_maker = txn->maker, own_group = txn->group;
    const gboolean own_is_command = txn->is_command;
    int64_t maker[1];
    const int found = STORE_GET(txn->db, SQL_GROUP_MAKER, error, maker, piece->group);

    if (found <= 0)
        return found == 0;
    txn->maker = maker[0];
    txn->is_command = FALSE;
    txn->group = piece->group;
    const gboolean is_done = do_piece(txn, piece, error);
    txn->maker = own_maker;
    txn->is_command = own_is_command;
    txn->group = own_group;
    return is_done;
}

/* Whether what failed last was the disk or a lock, which may pass. */
static gboolean is_of_disk(const StoreTxn *txn)
{
    const int code = sqlite3_errcode(txn->db->handle) & 0xff;

    switch (code) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
        return TRUE;
    default:
        return FALSE;
    }
}

/* Takes back what the piece did, and ends its command; `why` is kept for whoever waits for that. */
static gboolean give_up(StoreTxn *txn, const Piece *piece, guint n_deleted, GError *why, GError **error)
{
    store_db_reset_all(txn->db);
    store_txn_forget_learnt(txn);
    g_array_set_size(txn->deleted, n_deleted);
    if (txn->broken.why)
        g_error_free(why);
    else
        txn->broken.why = why;
    txn->broken.group = piece->group;
    return store_db_exec(txn->db, "ROLLBACK TO piece; RELEASE piece", error) &&
           STORE_RUN(txn->db, SQL_PIECE_GIVE_UP, error, piece->group);
}

static gboolean run_piece(StoreTxn *txn, const Piece *piece, GError **error)
{
    const guint n_deleted = txn->deleted->len;
    GError *failure = NULL;

    /* What is only remembered is written first: the savepoint does not know of it. */
    if (!store_counts_flush(txn, error) || !store_db_exec(txn->db, "SAVEPOINT piece", error))
        return FALSE;
    if (do_as_its_maker(txn, piece, &failure))
        return store_db_exec(txn->db, "RELEASE piece", error) &&
               STORE_RUN(txn->db, SQL_PIECE_DONE, error, piece->id);
    if (!is_of_disk(txn))
        return give_up(txn, piece, n_deleted, failure, error);
    g_propagate_error(error, failure);
    return FALSE;
}

gboolean store_pieces_run(StoreTxn *txn, GError **error)
{
    g_auto(Piece) piece = {0};
    const int found = read_first(txn, &piece, error);

    txn->has_pieces = found == 1;
    if (found <= 0)
        return found == 0;
    /* With the last piece: a command that changed nothing at all is nothing to be undone. */
    return run_piece(txn, &piece, error) && STORE_RUN(txn->db, SQL_GROUP_DROP_EMPTY, error, piece.group);
}

gboolean store_pieces_finish(StoreTxn *txn, GError **error)
{
    do {
        if (!store_pieces_run(txn, error))
            return FALSE;
    } while (txn->has_pieces);
    return TRUE;
}
