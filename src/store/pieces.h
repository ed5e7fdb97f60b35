/*
 * pieces.h - a change of very many messages, made in pieces with a commit after each, so that others get
 * their turn.
 *
 *      the command's job ──> its first piece, and what is left to do: rows of table `piece`, each with
 *                            STORE_PIECE_ROWS ids
 *      the writer itself ──> takes one after the other (bulk lane), each with its row in one transaction
 *      the command's `done` is called after the last one
 *
 * Pieces need no fsync of their own: power that fails takes a piece and brings back its row. What it is
 * about was frozen with the first commit, and all of it is one group, so one undo takes it back. A process
 * that is killed in between leaves the rest in the table, and the next writer of the profile makes it: when
 * it starts, or before the next change of a person, which so comes after the whole of the one before it, in
 * every process.
 *
 * All on the writer thread. Within src/store/ only, but for store_change_each() (change.h).
 */
#ifndef TERN_STORE_PIECES_H
#define TERN_STORE_PIECES_H

#include "store/txn.h"

/* What is done to each, beside StoreEach, in the same numbers. These name entries of the journal, and not
 * messages. */
#define STORE_EACH_UNDO STORE_EACH_END
#define STORE_EACH_REDO (STORE_EACH_END + 1)

/* Puts aside what is to be done to these ids, in that order; the job's group is made where there is none.
 * `undoes`: the group that is taken back, whose entries are not played from now on; else 0. */
gboolean store_pieces_add(StoreTxn *txn, int what, const StoreEachChange *change, int64_t undoes,
                          const int64_t *ids, guint n, GError **error);

/* Makes the first piece that waits; txn->has_pieces tells whether there was one. A piece that cannot be made
 * (the folder is gone) ends its command, whose group and reason are in txn->broken then. FALSE: the disk; it
 * is to be tried again. */
gboolean store_pieces_run(StoreTxn *txn, GError **error);
/* Makes all of them, whoever began them; before a change, which has to come after them. */
gboolean store_pieces_finish(StoreTxn *txn, GError **error);
/* Whether there is one of that group, 0: of any. 1, 0, -1. */
int store_pieces_any(StoreTxn *txn, int64_t group, GError **error);

#endif
