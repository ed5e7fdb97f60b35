/*
 * ids.h - which messages are meant: their ids and what a command has to know of them, without their
 * envelopes.
 *
 * NULL, FALSE or -1 and STORE on failure (see store_is_busy()); nothing here costs more than the rows that
 * are named.
 */
#ifndef TERN_STORE_IDS_H
#define TERN_STORE_IDS_H

#include "store/writer.h"

typedef struct {
    int64_t id, thread, folder_id;
    uint32_t flags; /* as shown */
} StoreRowState;

/* One message: 1; it is gone: 0; -1. */
int store_read_state(StoreReader *reader, int64_t id, StoreRowState *state_out, GError **error);
/* The messages of a thread in a folder: StoreRowState, oldest first. */
GArray *store_read_thread(StoreReader *reader, int64_t folder_id, int64_t thread, GError **error);
/* The id of the message that came last; whatever comes later has a higher one. 0: there is none. */
gboolean store_read_last_id(StoreReader *reader, int64_t *id_out, GError **error);
/* Adds the ids (int64_t) of a folder's messages up to `last_id`, in no order. */
gboolean store_read_folder_ids(StoreReader *reader, int64_t folder_id, int64_t last_id, GArray *ids,
                               GError **error);
/* An account's folder with that role; NULL without an error: it has none. */
StoreFolder *store_read_role_folder(StoreReader *reader, const char *account, StoreRole role, GError **error);
/* A number that another store.db would not have: with it an id that is kept elsewhere says which store it is
 * of. Never 0. */
int64_t store_read_stamp(const StoreReader *reader);

/* The same on the writer thread. */
int store_txn_state(StoreTxn *txn, int64_t id, StoreRowState *state_out, GError **error);
/* The row of a message with that Message-ID, in this account or else in another one; 0: none is known. Writer
 * thread. */
gboolean store_txn_find_message(StoreTxn *txn, const char *account, const char *message_id, int64_t *id_out,
                                GError **error);
/* Adds the ids (int64_t) of a folder's messages up to `last_id`, as far as all of `flags` are set. Writer
 * thread. */
gboolean store_txn_folder_ids(StoreTxn *txn, int64_t folder_id, int64_t last_id, uint32_t flags, GArray *ids,
                              GError **error);

#endif
