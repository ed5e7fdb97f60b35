/*
 * files.h - which file a message of a local account is: a UID stands for a name (DESIGN.md: Store).
 *
 *      mail_file:  folder, uid ──> name      a base (maildir/name.h), or what an mbox knows a message by
 *
 * A folder on this disk has a server's half like one of IMAP, but its UIDs are given here, ascending, and
 * written with the names in the same jobs as the rows. A row that goes takes its name along. Jobs on the
 * writer thread; FALSE, NULL or -1 and STORE on failure.
 */
#ifndef TERN_STORE_FILES_H
#define TERN_STORE_FILES_H

#include "store/writer.h"

/* ---- jobs ---- */

/* `n` UIDs of a folder that nobody has had, the first one in *first_out. FALSE and LIMIT: there are none
 * left. */
gboolean store_txn_take_uids(StoreTxn *txn, int64_t folder_id, uint32_t n, uint32_t *first_out,
                             GError **error);
/* The message with that UID is in this file. A name that another UID of the folder had is this one's now. */
gboolean store_txn_set_file(StoreTxn *txn, int64_t folder_id, uint32_t uid, const char *name, GError **error);
/* It has left the folder. */
gboolean store_txn_drop_file(StoreTxn *txn, int64_t folder_id, uint32_t uid, GError **error);
/* Another program has moved that file, by its name, to another folder of the account: the row of that UID
 * goes with it, as it is, under a UID of its own there. One that has no row is passed over. */
gboolean store_txn_move_file(StoreTxn *txn, int64_t folder_id, uint32_t uid, int64_t to, const char *name,
                             GError **error);
/* A local folder was read whole: its UIDVALIDITY (kept, where it has one) and what it is known to be
 * unchanged by. */
gboolean store_txn_set_local_sync(StoreTxn *txn, int64_t folder_id, uint32_t uid_validity, uint64_t stamp,
                                  int64_t synced_s, GError **error);

/* ---- reading ---- */

typedef struct {
    uint32_t uid;
    uint32_t flags; /* the server's */
    int64_t id;     /* the row */
    const char *name;
} StoreFile;
typedef struct {
    GArray *files; /* StoreFile, ascending by the bytes of their names */
    GStringChunk *names;
} StoreFiles;
/* Those of a folder that have a row. */
StoreFiles *store_read_files(StoreReader *reader, int64_t folder_id, GError **error);
void store_files_free(StoreFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreFiles, store_files_free)

/* The name of one, to be freed; NULL without an error: it has none. */
char *store_read_file_name(StoreReader *reader, int64_t folder_id, uint32_t uid, GError **error);

/* The UID that a folder has of that name: 1; 0; -1. */
int store_read_file_uid(StoreReader *reader, int64_t folder_id, const char *name, uint32_t *uid_out,
                        GError **error);

/* The folder and UID where the account has a message of that name: 1; 0; -1. */
int store_read_file_place(StoreReader *reader, const char *account, const char *name, int64_t *folder_out,
                          uint32_t *uid_out, GError **error);

#endif
