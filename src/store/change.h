/*
 * change.h - what a user does to messages and folders: each change is its visible effect and its journal
 * entries in one transaction (DESIGN.md: Journal).
 *
 *      a key, a command ── one durable job in the user's lane ──> one group of entries
 *                                                                     ├──> undo.h takes it back
 *                                                                     └──> the engine plays it (journal.h)
 *
 * What is shown of a row (flags, keywords, folder) is always what the server has with the row's unsettled
 * entries laid over it, in their order: so a sync in between flips nothing back, and a change that the server
 * refuses is computed back. What exists only here (a row without a server's half) is changed at once and only
 * remembered for undo.
 *
 * All on the writer thread, within a job handed in as durable (BUG otherwise); FALSE and STORE on failure,
 * INPUT for what cannot be. A message that is gone is passed over, and one that is as wanted already gets no
 * entry.
 */
#ifndef TERN_STORE_CHANGE_H
#define TERN_STORE_CHANGE_H

#include "store/writer.h"

/* What a person calls it; the group is described by it. */
typedef enum {
    STORE_CHANGE_FLAGS, /* none of the following */
    STORE_CHANGE_READ,
    STORE_CHANGE_UNREAD,
    STORE_CHANGE_FLAG,
    STORE_CHANGE_UNFLAG,
    STORE_CHANGE_TAG,
    STORE_CHANGE_UNTAG,
    STORE_CHANGE_MOVE,
    STORE_CHANGE_COPY,
    STORE_CHANGE_ARCHIVE,
    STORE_CHANGE_DELETE,
    STORE_CHANGE_UNDELETE,
    STORE_CHANGE_JUNK,
    STORE_CHANGE_NOT_JUNK,
    STORE_CHANGE_EXPUNGE,
    STORE_CHANGE_READ_ALL,
    STORE_CHANGE_EMPTY,
    STORE_CHANGE_CREATE,
    STORE_CHANGE_RENAME,
    STORE_CHANGE_DELETE_FOLDER,
    STORE_CHANGE_SUBSCRIBE,
    STORE_CHANGE_UNSUBSCRIBE,
    STORE_CHANGE_IMPORT,
    STORE_CHANGES_END
} StoreChangeKind;

/* To be called first, since what is left of a change of many is made before another begins: what this job's
 * group is called; `name` (a folder or keyword, for words; may be NULL) is copied. FALSE: the disk would not
 * take that rest, and the job must end, since its transaction may be gone. */
gboolean store_change_begin(StoreTxn *txn, StoreChangeKind kind, const char *name, GError **error);
/* The group is of the commands of the profile, which share their undo, and not of this opening of the
 * store. */
void store_change_as_command(StoreTxn *txn);
/* The group is nothing that a person would undo (a message that is opened is read): undo passes over it, and
 * what can be made again stays so. */
void store_change_aside(StoreTxn *txn);
/* The group that this job has made so far; 0: nothing was changed. */
int64_t store_change_group(const StoreTxn *txn);

/* ---- messages ---- */

/* STORE_FORWARDED is the keyword $Forwarded. */
gboolean store_change_flags(StoreTxn *txn, int64_t message_id, uint32_t set, uint32_t clear, GError **error);
/* Whether a keyword can be called so (RFC 3501: an atom). Any thread. */
gboolean store_is_keyword(const char *name);
/* Whether it shows this keyword: 1, 0; -1 and STORE. */
int store_change_has_keyword(StoreTxn *txn, int64_t message_id, const char *keyword, GError **error);
/* Where the server keeps labels (label.h), that is a label, but for what begins with $. INPUT: no keyword, or
 * no label, can be called so. */
gboolean store_change_keyword(StoreTxn *txn, int64_t message_id, const char *keyword, gboolean set,
                              GError **error);
/* Into a folder of any account; a row keeps its id, and gets the other account's threads. INPUT: a folder
 * that holds no messages. */
gboolean store_change_move(StoreTxn *txn, int64_t message_id, int64_t folder_id, GError **error);
/* *copy_out (may be NULL): the new row's id. */
gboolean store_change_copy(StoreTxn *txn, int64_t message_id, int64_t folder_id, int64_t *copy_out,
                           GError **error);
/* How many messages the folder's account has that are the same: by Message-ID and size, without a Message-ID
 * (then of that folder alone) by time and size. */
gboolean store_txn_alike(StoreTxn *txn, int64_t folder_id, const StoreNewMessage *message, int64_t *count_out,
                         GError **error);
/* A message that is to be put into a server's folder, out of a file that is named so and stays until then:
 * shown at once. Its UID counts for nothing; its size is that on the server. */
gboolean store_change_append(StoreTxn *txn, int64_t folder_id, const StoreNewMessage *message,
                             const char *file, GError **error);
/* For good. It is not shown any more, and can be undone as long as it is held back: STORE_HELD_S seconds, or
 * until store_change_release(). */
#define STORE_HELD_S 60
gboolean store_change_expunge(StoreTxn *txn, int64_t message_id, GError **error);
/* The same at once, of what nobody will miss, since something newer stands in its place. */
gboolean store_change_replaced(StoreTxn *txn, int64_t message_id, GError **error);

/* The same done to each of many: what a person calls one change is one, however long it takes. More than
 * STORE_PIECE_ROWS are changed in pieces, each with a commit of its own, and the job's `done` is called
 * after the last: others get their turn in between, undo takes back the whole, and after a kill whoever
 * comes next makes the rest (pieces.h). */
typedef enum {                      /* as kept in the table */
               STORE_EACH_FLAGS,    /* set, clear */
               STORE_EACH_KEYWORDS, /* keywords */
               STORE_EACH_MOVE,     /* to folder */
               STORE_EACH_COPY,     /* to folder */
               STORE_EACH_ARCHIVE,
               STORE_EACH_DELETE,
               STORE_EACH_UNDELETE,
               STORE_EACH_JUNK,
               STORE_EACH_NOT_JUNK,
               STORE_EACH_EXPUNGE,
               STORE_EACH_END
} StoreEach;
typedef struct {
    StoreEach what;
    uint32_t set, clear;
    int64_t folder;
    const char *const *keywords; /* "+name" sets one, "-name" takes it away */
} StoreEachChange;
gboolean store_change_each(StoreTxn *txn, const StoreEachChange *change, const int64_t *ids, guint n,
                           GError **error);

/* What these mean in mail: the folder of that role (made where there is none), and, for junk, the keywords
 * $Junk and $NotJunk that filters learn from (RFC 9051, 2.3.2). A message that is not junk goes to the Inbox
 * if it was in Junk. */
gboolean store_change_archive(StoreTxn *txn, int64_t message_id, GError **error);
gboolean store_change_junk(StoreTxn *txn, int64_t message_id, gboolean is_junk, GError **error);
/* To the Trash; one that is in it is expunged. */
gboolean store_change_delete(StoreTxn *txn, int64_t message_id, GError **error);
/* Not marked as deleted any more; and out of the Trash, to the folder that it was moved from as far as the
 * journal knows, else to the Inbox. */
gboolean store_change_undelete(StoreTxn *txn, int64_t message_id, GError **error);

/* The messages that a folder shows now: those without STORE_SEEN are set so; all are expunged. Very many in
 * pieces, as by store_change_each(). */
gboolean store_change_read_all(StoreTxn *txn, int64_t folder_id, GError **error);
gboolean store_change_empty(StoreTxn *txn, int64_t folder_id, GError **error);

/* What is held back of this opening's own groups (or the commands') is played from now on. */
gboolean store_change_release(StoreTxn *txn, GError **error);

/* store_rights_problem() of a folder; NULL with no error: it can be done, or the folder is gone. */
char *store_txn_rights_problem(StoreTxn *txn, int64_t folder_id, guint needed, GError **error);

/* ---- folders ---- */

/* `name`: levels parted by '/'. One that was deleted here, which the server was not told yet, stays instead, with
 * what is in it. INPUT: there is one, the name is none, or there is no more room. */
gboolean store_change_create_folder(StoreTxn *txn, int64_t account_id, const char *name, StoreRole role,
                                    int64_t *folder_out, GError **error);
/* With all that is under it; also to another parent. */
gboolean store_change_rename_folder(StoreTxn *txn, int64_t folder_id, const char *name, GError **error);
/* With its mail, and without what is under it; held back like an expunge. INPUT: the Inbox. */
gboolean store_change_delete_folder(StoreTxn *txn, int64_t folder_id, GError **error);
gboolean store_change_subscribe(StoreTxn *txn, int64_t folder_id, gboolean on, GError **error);

/* The account's folder of that role; where there is none, one is made (a change of this job's group), called
 * as the configuration says (store_txn_set_role_name()), else as most servers do. */
gboolean store_change_role_folder(StoreTxn *txn, int64_t account_id, StoreRole role, int64_t *folder_out,
                                  GError **error);

#endif
