/*
 * writer_behind.c - the writer's own jobs, in the bulk lane, one after the other, so that everybody else gets
 * a turn.
 *
 * What a deleted folder leaves behind is taken away so. So is made the rest of a change of very many messages
 * (pieces.h), whose job is put aside, and ends with the last piece.
 */
#include "store/writer_private.h"

#include "store/pieces.h"

/* ---- what deleted folders leave ---- */

static gboolean tidy(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_cast_off_piece(txn, error);
}

static void end_tidying(void *data, const GError *error)
{
    Writer *writer = data;

    /* A full disk, say: it goes on at the next start, or when another folder is deleted. */
    if (error)
        writer->txn->has_cast_off = FALSE;
    pthread_mutex_lock(&writer->lock);
    writer->is_tidying = FALSE;
    pthread_mutex_unlock(&writer->lock);
}

/* Hands in the next piece, if there is one. A store that closes leaves the rest for its next opening. */
static void tidy_on(Writer *writer)
{
    if (!writer->txn->has_cast_off)
        return;
    pthread_mutex_lock(&writer->lock);
    const gboolean is_due = !writer->is_tidying && !writer->is_closing;
    writer->is_tidying |= is_due;
    pthread_mutex_unlock(&writer->lock);
    if (is_due)
        writer_submit(writer, STORE_LANE_BULK, FALSE, tidy, end_tidying, writer, NULL);
}

/* ---- changes of very many messages ---- */

static gboolean make_piece(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_pieces_run(txn, error);
}

/* Ends the jobs whose pieces are made, or cannot be; `failure`: none of them can for now. */
static void end_unfinished(Writer *writer, const GError *failure)
{
    StoreTxn *txn = writer->txn;
    guint n = writer->unfinished.n;

    for (Job *job; n > 0 && (job = lane_pop(&writer->unfinished)); n--) {
        const GError *why = job->unfinished == txn->broken.group ? txn->broken.why : failure;
        if (why || store_pieces_any(txn, job->unfinished, NULL) != 1)
            job_end(job, why);
        else
            lane_push(&writer->unfinished, job);
    }
    txn->broken.group = 0;
    g_clear_error(&txn->broken.why);
}

static void end_piece(void *data, const GError *error)
{
    Writer *writer = data;

    writer->has_piece = FALSE;
    /* A full disk, say: it goes on with the next change, or at the next start. */
    if (error) {
        writer->txn->has_pieces = FALSE;
        end_unfinished(writer, error);
    }
}

/* Hands in the next one; also when the store closes, since the command was given. Not durable: where it is
 * lost, what was to be done is there again with it, and the first commit made that durable. */
static void hand_in_piece(Writer *writer)
{
    end_unfinished(writer, NULL);
    if (!writer->txn->has_pieces || writer->has_piece)
        return;
    writer->has_piece = TRUE;
    writer_submit(writer, STORE_LANE_BULK, FALSE, make_piece, end_piece, writer, NULL);
}

/* ---- both ---- */

void writer_go_on(Writer *writer)
{
    hand_in_piece(writer);
    tidy_on(writer);
}

void writer_go_on_from_before(Writer *writer)
{
    int64_t folder[1];

    writer->txn->has_cast_off =
        store_db_get(writer->db, store_db_start(writer->db, SQL_FOLDER_CAST_OFF_ANY, 0, NULL, NULL), 1,
                     folder, NULL) == 1;
    writer->txn->has_pieces = store_pieces_any(writer->txn, 0, NULL) == 1;
    writer_go_on(writer);
}
