/*
 * writer.h - the way into the store: jobs for the writer thread, and what a job may do.
 *
 * A job is a function that runs on the writer thread within one BEGIN IMMEDIATE … COMMIT, which small jobs of
 * a lane share. The user's jobs go before bulk ones; bulk is to be handed in in pieces of at most some 1,000
 * rows, so that a user's change waits at most some 20 ms. Jobs of one lane keep their order. The bulk lane is
 * bounded by its users: a worker asks store_bulk_waiting() and polls its Wake of store_set_bulk_room()
 * together with its socket.
 */
#ifndef TERN_STORE_WRITER_H
#define TERN_STORE_WRITER_H

#include "store/store.h"

typedef struct StoreTxn StoreTxn;

typedef enum { STORE_LANE_USER, STORE_LANE_BULK } StoreLane;

/* FALSE and an error takes back all that this job did, and nothing of others. */
typedef gboolean (*StoreJobFunc)(StoreTxn *txn, void *data, GError **error);
/* After COMMIT (error NULL), or after it failed. On the writer thread: set a Wake or push to a queue, no
 * more. */
typedef void (*StoreDoneFunc)(void *data, const GError *error);

/* Hands in a job; never blocks. `data` is freed by `free_data` after `done`; both functions may be NULL.
 * `durable`: fsynced (synchronous FULL), for what exists only here. Any thread. */
void store_submit(Store *store, StoreLane lane, gboolean durable, StoreJobFunc run, StoreDoneFunc done,
                  void *data, GDestroyNotify free_data);

/* The same, and waits for its commit: for workers and commands, never the ui thread. */
gboolean store_run(Store *store, StoreLane lane, gboolean durable, StoreJobFunc run, void *data,
                   GError **error);

/* How many bulk jobs wait or run; workers keep it below STORE_BULK_JOBS. `room` is set when one is done. */
#define STORE_BULK_JOBS 4
guint store_bulk_waiting(Store *store);
void store_set_bulk_room(Store *store, Wake *room);
void store_unset_bulk_room(Store *store, Wake *room);

/* Who is told of messages that this process has taken out of the store for good, so that their files can go
 * too; one at a time, NULL ends it. Called on the writer thread after the commit: put the ids aside, no
 * more. */
typedef void (*StoreDeletedFunc)(const int64_t *ids, guint n, void *data);
void store_set_deleted(Store *store, StoreDeletedFunc func, void *data);

/* ---- what a job may do; all on the writer thread, all FALSE and STORE on failure ---- */

/* The account of that name, made where there is none. */
gboolean store_txn_account(StoreTxn *txn, const char *name, int64_t *account_id_out, GError **error);
/* The account's mail is that mailbox's ("user@host"). Where it was another one's until now, nothing that is
 * known by UID is believed: each folder is read anew by its next sync, as after a changed UIDVALIDITY, so that
 * rows of messages that are there too keep their ids. Changes that wait for the other mailbox are refused, and
 * undone they cannot be any more; what brings its own message (an import) or makes a folder goes on. */
typedef struct {
    char *was;   /* the other one, to be freed; NULL: it is the same, or the first */
    int dropped; /* changes */
} StoreOtherMailbox;
gboolean store_txn_set_mailbox(StoreTxn *txn, const char *account, const char *mailbox,
                               StoreOtherMailbox *other_out, GError **error);
/* How strong a login a server ("host:port") offers to an account, or what else of its logins is to be kept
 * under a name; what the number means is the caller's. */
gboolean store_txn_set_login(StoreTxn *txn, const char *account, const char *server, int strength,
                             GError **error);

/* A folder as the server lists it. */
typedef struct {
    const char *name, *raw_name;
    char delimiter;
    StoreRole role;
    StoreSpace space;
    gboolean selectable, subscribed, has_status;
    uint32_t messages, unseen;
    const char *mailbox_id; /* of one whose name is new: what the server calls it; NULL: it was not asked */
} StoreListed;
/* Makes the account's folders those: new ones added, gone ones deleted, others updated; a folder is known by
 * its raw_name; one of a new name by its mailbox_id, where what was known by that is not in the list any
 * more: another client has renamed it, and its rows stay. A deleted folder is not shown from then on; its
 * rows are taken away behind, in pieces, also after a restart. An empty list is taken for a mistake and
 * refused (PROTOCOL); more folders in all accounts together than 8,191 are too many (LIMIT). */
gboolean store_txn_folders(StoreTxn *txn, int64_t account_id, const StoreListed *listed, guint n,
                           GError **error);
/* The same of a list that has gaps: what is known and not in it stays. */
gboolean store_txn_folders_seen(StoreTxn *txn, int64_t account_id, const StoreListed *listed, guint n,
                                GError **error);
/* How many unsettled changes this job has refused, since the folder that messages were to go to went away:
 * whoever made them is to be told. */
int store_txn_taken_back(const StoreTxn *txn);
/* How many messages were to be moved or copied out of a folder that went away with them: the same. */
int store_txn_lost(const StoreTxn *txn);

/* What the server calls a folder whatever its name is (RFC 8474, 4.1). */
gboolean store_txn_set_mailbox_id(StoreTxn *txn, int64_t folder_id, const char *mailbox_id, GError **error);

gboolean store_txn_set_sync(StoreTxn *txn, int64_t folder_id, const StoreSync *sync, GError **error);

/* What one may do in a folder: a set of StoreRight. */
gboolean store_txn_set_rights(StoreTxn *txn, int64_t folder_id, guint rights, GError **error);
/* How the configuration calls the folder of a role; NULL: it does not say. */
gboolean store_txn_set_role_name(StoreTxn *txn, int64_t account_id, StoreRole role, const char *name,
                                 GError **error);
/* The raw name of the folder that the server itself says is for that, whichever has the role here; NULL: it
 * says of none. Of STORE_ROLE_NONE: "", once it was asked at all. */
gboolean store_txn_set_told_role(StoreTxn *txn, int64_t account_id, StoreRole role, const char *raw_name,
                                 GError **error);
/* What a folder is for, before the server's list is read again. */
gboolean store_txn_set_role(StoreTxn *txn, int64_t folder_id, StoreRole role, GError **error);
/* Whether its server keeps labels (label.h): then tags are labels. Where that is news, all flags of its folders
 * are asked for with their next sync. */
gboolean store_txn_set_labels(StoreTxn *txn, int64_t account_id, gboolean has_labels, GError **error);
gboolean store_txn_set_quota(StoreTxn *txn, int64_t account_id, const StoreQuota *quota, GError **error);

/* Rows for messages of a folder, in any order (sorted by key inside): envelopes, threads, counts. A UID that
 * already has a row gets its server half renewed; one that fits a row waiting for a UID (Message-ID, size,
 * Date) adopts it: both count as changed, where something did change. UID 0: the message exists only here.
 * `changes` is added to, and may be NULL, here and below. */
typedef struct {
    int added, changed, removed;
} StoreChanges;
gboolean store_txn_add(StoreTxn *txn, int64_t folder_id, const StoreNewMessage *messages, guint n,
                       StoreChanges *changes, GError **error);

/* The server's flags and keywords of one message; the shown half follows, but for what the journal holds
 * back. A UID without a row is passed over. */
gboolean store_txn_flags(StoreTxn *txn, int64_t folder_id, uint32_t uid, uint32_t flags,
                         const char *const *keywords, StoreChanges *changes, GError **error);

/* UIDs that the server no longer has; those without a row are passed over. */
gboolean store_txn_expunge(StoreTxn *txn, int64_t folder_id, const uint32_t *uids, guint n,
                           StoreChanges *changes, GError **error);

/* UIDVALIDITY changed: the rows lose their UIDs and wait to be adopted by store_txn_add(), which keeps their
 * ids; store_txn_drop_orphans() ends the waiting and takes away those that nobody wanted. Both do a piece of
 * STORE_PIECE_ROWS, and are to be handed in again, each time as a job of its own, until *is_done_out.
 * `untold`: store_read_untold() of before the sync saw the folder; rows that began to wait later may be
 * adopted by the next one. */
#define STORE_PIECE_ROWS 1000
gboolean store_txn_forget_uids(StoreTxn *txn, int64_t folder_id, gboolean *is_done_out, GError **error);
gboolean store_txn_drop_orphans(StoreTxn *txn, int64_t folder_id, int64_t untold, StoreChanges *changes,
                                gboolean *is_done_out, GError **error);

/* Of a message whose structure the server has told so that nobody can read it: not known, and not to be asked
 * for again. */
#define STORE_NO_STRUCTURE (-2)
/* How many attachments it has, or STORE_NO_STRUCTURE. */
gboolean store_txn_set_attachments(StoreTxn *txn, int64_t message_id, int attachments, GError **error);

/* Rows changed by this transaction so far (sqlite3_total_changes); for tests and the bench. */
int64_t store_txn_total_changes(StoreTxn *txn);

#endif
