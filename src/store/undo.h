/*
 * undo.h - taking changes back, and making them again: a stack of groups for each maker.
 *
 * A screen's maker is its opening of the store; the commands of a profile share one
 * (store_change_as_command()). What is not played yet is taken out of the journal; what is gets its inverse
 * as new entries. A new change ends what could be made again. Held changes (change.h) can be taken back until
 * they are played; then nothing can.
 */
#ifndef TERN_STORE_UNDO_H
#define TERN_STORE_UNDO_H

#include "store/change.h"

typedef struct {
    int64_t id;
    StoreChangeKind kind;
    int messages;     /* that it changed */
    char *name;       /* the folder, keyword … that it was about; NULL: none */
    gboolean is_held; /* some of it waits for its time (STORE_HELD_S) */
    /* Nothing was done. store_undo(): it was deleted for good meanwhile, or what `why` says (a clause for
     * people; else NULL). store_redo(): what `why` says, or without it: it was an import, whose messages are not here any
     * more. */
    gboolean is_too_late;
    char *why;
} StoreGroup;
void store_group_free(StoreGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreGroup, store_group_free)

/* "3 messages moved to Archive", to be freed. */
char *store_group_describe(const StoreGroup *group);

/* The maker's newest group that can be taken back, or be made again. NULL without an error: there is none. In
 * a durable job of the user's lane. INPUT when a folder of it is gone, or its name taken. */
StoreGroup *store_undo(StoreTxn *txn, GError **error);
StoreGroup *store_redo(StoreTxn *txn, GError **error);

/* What a job has made so far, for the line that tells it; NULL without an error: nothing. */
StoreGroup *store_txn_group(StoreTxn *txn, GError **error);

#endif
