/*
 * read.h - single things out of the store, by a reader of the calling thread: accounts, folders, messages.
 *
 * NULL with no error set means that there is no such thing.
 */
#ifndef TERN_STORE_READ_H
#define TERN_STORE_READ_H

#include "store/store.h"

/* The strength that was set by store_txn_set_login(); 0: none was. */
gboolean store_read_login(StoreReader *reader, const char *account, const char *server, int *strength_out,
                          GError **error);

/* What was set by store_txn_set_mailbox(), to be freed; NULL with no error: nothing was. */
char *store_read_mailbox(StoreReader *reader, const char *account, GError **error);

/* FALSE and STORE; all 0 where nothing is known. */
gboolean store_read_quota(StoreReader *reader, const char *account, StoreQuota *quota_out, GError **error);

/* Who says what an account's folders are for, by role: how the configuration calls the folder, and the raw
 * name of the one that the server names (told[STORE_ROLE_NONE]: it was asked). NULL: it does not say. */
typedef struct {
    char *configured[STORE_ROLES], *told[STORE_ROLES];
} StoreRoleNames;
/* As they were when the folders were listed last; to be cleared. FALSE and STORE. */
gboolean store_read_role_names(StoreReader *reader, const char *account, StoreRoleNames *names_out,
                               GError **error);
void store_role_names_clear(StoreRoleNames *names);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreRoleNames, store_role_names_clear)

/* Folders of an account (NULL: of all, accounts in the order they were added), in the order to be shown:
 * one's own before those of others and shared ones, each after its parent, siblings with Inbox first, then
 * those with other roles, then by name. StoreFolder * with a free function. Costs folders, not messages. */
GPtrArray *store_read_folders(StoreReader *reader, const char *account, GError **error);
StoreFolder *store_read_folder(StoreReader *reader, const char *account, const char *name, GError **error);
StoreFolder *store_read_folder_by_id(StoreReader *reader, int64_t folder_id, GError **error);
/* How many folders an account can have, beside those of the others and deleted ones whose rows are not gone
 * yet. */
gboolean store_read_folder_room(StoreReader *reader, const char *account, int64_t *room_out, GError **error);

StoreMessage *store_read_message(StoreReader *reader, int64_t id, GError **error);

/* What is always the same of a message, as a number: with its body_id it names the file that holds it. */
uint64_t store_message_token(const StoreMessage *message);
/* A message whose text is kept by that number. */
StoreMessage *store_read_body_owner(StoreReader *reader, int64_t body_id, GError **error);

/* What a row shares with all that are the same (StoreMessage.body_id): 1; 0: nothing; -1. */
int store_read_shared_body(StoreReader *reader, int64_t id, int64_t *body_out, GError **error);

/* What fetching whole messages needs to know of them. */
typedef struct {
    int64_t key, id, folder_id; /* the folder where the server has it */
    int64_t body_id;            /* as in StoreMessage */
    uint32_t uid;
    int64_t size_bytes, arrival_s;
    int64_t sorted_s; /* the time that it stands at in its folder */
    uint64_t token;
} StoreBody;
/* Of a folder, the newest first, from below a key on (INT64_MAX: from the top). StoreBody, at most
 * `limit`. */
GArray *store_read_bodies(StoreReader *reader, int64_t folder_id, int64_t below_key, int limit,
                          GError **error);
/* Of all folders, those with a higher id than that, ascending by id. */
GArray *store_read_bodies_after(StoreReader *reader, int64_t id, int limit, GError **error);

/* The server's half of a folder's rows, ascending by UID: for syncs without QRESYNC. */
typedef struct {
    uint32_t uid, flags; /* flags: the server's */
    int64_t id;
} StoreUid;
GArray *store_read_uids(StoreReader *reader, int64_t folder_id, uint32_t from_uid, uint32_t to_uid,
                        GError **error);

/* Of a folder's rows from that UID on, with a higher id than `after_id`: those that are shown in it, unread
 * and not marked as deleted. StoreUid with the shown flags, ascending by UID. */
GArray *store_read_unread_from(StoreReader *reader, int64_t folder_id, uint32_t from_uid, int64_t after_id,
                               GError **error);

/* How many they are. Costs them, but not much: 100,000 in some 3 ms. */
gboolean store_read_uid_count(StoreReader *reader, int64_t folder_id, int64_t *count_out, GError **error);

/* How many moves and copies were done whose UIDs the server did not tell: asked before a folder is selected,
 * for store_txn_drop_orphans(). */
gboolean store_read_untold(StoreReader *reader, int64_t *untold_out, GError **error);

/* 1: rows of the folder wait for a UID (a move that the server did not answer with one, a changed
 * UIDVALIDITY). 0: none does. -1: failed. */
int store_read_has_waiting(StoreReader *reader, int64_t folder_id, GError **error);

/* The newest messages of a folder whose structure (attachments) is not known yet, but may be asked for:
 * StoreUid, at most `limit`. */
GArray *store_read_unstructured(StoreReader *reader, int64_t folder_id, int limit, GError **error);

#endif
