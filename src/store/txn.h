/*
 * txn.h - what the files of src/store/ that change rows share: the transaction, a row, and the counts that
 * follow it.
 *
 * All on the writer thread. Everything here is FALSE (or -1) and STORE on failure, after which the job is
 * rolled back.
 */
#ifndef TERN_STORE_TXN_H
#define TERN_STORE_TXN_H

#include "store/change.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/key.h"
#include "store/writer.h"

#include <glib.h>

/* A change of counts. */
typedef struct {
    int64_t messages, unread, threads;
} StoreCounts;

/* What a job's changes are: of a person, the taking back of some, or those made again. */
typedef enum { STORE_WAY_NEW, STORE_WAY_UNDO, STORE_WAY_REDO } StoreWay;

struct StoreTxn {
    StoreDb *db;
    gboolean is_durable;
    int64_t maker;          /* of change groups: this opening of the store */
    gboolean is_command;    /* this job's group is of the profile's commands instead */
    gboolean is_aside;      /* undo does not see it */
    int64_t group;          /* of this job's journal entries; 0: none yet */
    StoreChangeKind change; /* what the group is called */
    char *change_name;      /* and what it is about, or NULL */
    StoreWay way;
    int64_t changes_before; /* sqlite3_total_changes at its beginning */

    /* What the job has learnt and not written yet; forgotten with it (store_txn_forget()). */
    GHashTable *counts;       /* finest bucket slot -> StoreCounts *; written by store_counts_flush() */
    GHashTable *thread_sizes; /* thread -> number of its messages, as far as it was needed */
    GHashTable *full_seconds; /* first key of a full second -> first second after it that has room */
    struct {
        int64_t folder, account;
        /* the folder whose account was asked for last; the one that messages were last put into; 0: none */
    } known, target;

    GError *failure; /* of what was to be done before the job's change; fails the job */

    /* Pieces (pieces.h). */
    gboolean has_pieces; /* some wait */
    int64_t unfinished;  /* this job's group, when it has put some aside; else 0 */
    struct {
        int64_t group; /* whose pieces could not be made; 0: none */
        GError *why;
    } broken; /* for the writer to tell and clear */

    int taken_back;      /* changes that it refused since their folder is gone */
    int lost;            /* messages that were on their way out of it */
    const GArray *saved; /* StoreSaved, of those that are not lost for it; NULL: none */

    GArray *deleted; /* int64_t: body_id of what this transaction takes away */
    gboolean
        keeps_bodies; /* rows go since the server took the messages away, which may come again in another folder */
    gboolean has_cast_off; /* there are folders whose rows are still to be taken away */
};

StoreTxn *store_txn_new(StoreDb *db, int64_t maker);
void store_txn_free(StoreTxn *txn);
/* Forgets what the last job learnt: after it has ended, or failed. */
void store_txn_forget(StoreTxn *txn);
/* What it learnt alone, when part of the job is taken back. */
void store_txn_forget_learnt(StoreTxn *txn);
/* The same of folders only: one of them changed. */
void store_txn_forget_folders(StoreTxn *txn);

/* ---- txn.c ---- */

/* The numbers in table meta that are handed out and moved on. */
gboolean store_meta_get(StoreTxn *txn, const char *name, int64_t *value_out, GError **error);
gboolean store_meta_set(StoreTxn *txn, const char *name, int64_t value, GError **error);
gboolean store_folder_account(StoreTxn *txn, int64_t folder, int64_t *account_out, GError **error);

/* ---- row.c ---- */

typedef struct {
    int64_t key, id;
    uint32_t flags; /* shown */
    int64_t thread;
    int64_t top, top_unread;
    int64_t size_bytes;
    int attachments;
    int64_t mid, parent;
    int64_t server_folder; /* 0: it exists only here */
    uint32_t uid, server_flags;
} StoreRowData;

/* 1, 0 when there is none, -1. */
int store_row_by_id(StoreTxn *txn, int64_t id, StoreRowData *row, GError **error);
int store_row_by_key(StoreTxn *txn, int64_t key, StoreRowData *row, GError **error);
int store_row_by_uid(StoreTxn *txn, int64_t folder, uint32_t uid, StoreRowData *row, GError **error);

/* A free key for a new row of that folder and date, in the order of arrival (that is, of UIDs) within a
 * second. `is_backfill`: its second's rows come from the newest to the oldest. */
gboolean store_row_key(StoreTxn *txn, int64_t folder, int64_t seconds, uint32_t uid, gboolean is_backfill,
                       int64_t *key_out, GError **error);
/* Adds the row as it is but for `top`, which follows, with counts. */
gboolean store_row_add(StoreTxn *txn, StoreRowData *row, gboolean is_new_thread, GError **error);
/* Takes it away, with envelope, keywords and counts. */
gboolean store_row_delete(StoreTxn *txn, const StoreRowData *row, GError **error);
/* The same of the row of that id; one that is not there is passed over. */
gboolean store_row_delete_by_id(StoreTxn *txn, int64_t id, GError **error);
/* For these two the row is as it was read just now, or as one of them left it. Shows it in another folder, or
 * nowhere; the key is a new one. */
#define STORE_NOWHERE 0
gboolean store_row_move(StoreTxn *txn, StoreRowData *row, int64_t folder, GError **error);
/* Changes what is shown. */
gboolean store_row_show(StoreTxn *txn, StoreRowData *row, uint32_t flags, GError **error);

/* ---- flags.c ---- */

/* The server's half from the server, the shown half from it and the journal. */
gboolean store_row_set_server(StoreTxn *txn, StoreRowData *row, uint32_t uid, uint32_t flags,
                              const char *const *keywords, gboolean *changed_out, GError **error);
/* What is shown of it (flags, folder, and, if an entry or `has_keywords` says so, keywords) from the server's
 * half and the unsettled entries; a row without a server's half has no such. *changed_out (may be NULL) is
 * set when it is new. */
gboolean store_row_compute(StoreTxn *txn, StoreRowData *row, gboolean has_keywords, gboolean *changed_out,
                           GError **error);
/* One keyword in the server's half, or in the shown one; flags are not touched. */
gboolean store_row_set_keyword(StoreTxn *txn, const StoreRowData *row, const char *name, gboolean set,
                               gboolean server, GError **error);
/* Makes the bits of *flags that keywords bring those of the server's keywords, or of the shown ones. */
gboolean store_keyword_bits(StoreTxn *txn, int64_t id, gboolean server, uint32_t *flags, GError **error);
/* A new row's keywords; both halves the same. */
gboolean store_keywords_add(StoreTxn *txn, int64_t id, const char *const *keywords, GError **error);
/* The server's half of a row's keywords, NULL-terminated, to be freed; NULL and STORE. */
char **store_keywords_read(StoreTxn *txn, int64_t id, GError **error);
/* Flags as they are kept: with the bits that keywords bring. */
uint32_t store_flags_with_keywords(uint32_t flags, const char *const *keywords);

/* ---- journal.c: entries as they are written, and read again ---- */

/* What an entry says, as the files that make, settle and undo it hand it around; text belongs to the entry.
 * `clear` of a folder that was made: 1: it was there before; negative: minus the number of the deletion that
 * was taken back instead, since the folder was not gone from the server yet. */
typedef struct {
    int64_t id, group, account;
    StoreVerb verb;
    int64_t message, folder, set, clear, copy, old_folder, old_uid;
    StoreEntryState state;
    char *name, *old_name;
    int64_t not_before_s; /* only when it is added */
} StoreEntryData;
void store_entry_data_clear(StoreEntryData *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreEntryData, store_entry_data_clear)
void store_entry_data_free(void *entry);
/* 1, 0 when there is none, -1. */
int store_entry_get(StoreTxn *txn, int64_t id, StoreEntryData *entry, GError **error);
/* StoreEntryData * of a group, or the unsettled ones about an account's folders, in order, with a free
 * function; NULL and STORE. */
GPtrArray *store_entries_of_group(StoreTxn *txn, int64_t group, GError **error);
GPtrArray *store_entries_about_folders(StoreTxn *txn, int64_t account, GError **error);
/* Of the entries of these ids, in their order; those that are gone are left out. */
GPtrArray *store_entries_by_id(StoreTxn *txn, const int64_t *ids, guint n, GError **error);
/* The verb called so; STORE_VERBS: none of ours. */
StoreVerb store_verb_of(const char *name);
/* Adds an entry to this job's group, which is made at the first. */
gboolean store_journal_add(StoreTxn *txn, const StoreEntryData *entry, GError **error);
/* That group, in txn->group. */
gboolean store_journal_group(StoreTxn *txn, GError **error);
/* Of this job's groups. */
int64_t store_txn_maker(const StoreTxn *txn);

/* ---- journal_settle.c: what became of an entry ---- */

/* The end of a group's entries about rows that the server has, as far as they were not sent; what is shown is
 * to be computed with store_journal_show(). Entries with a `copy` are left. */
gboolean store_journal_take_back(StoreTxn *txn, int64_t group, GError **error);
/* What is shown of a row after an entry of that verb has ended; a row that is gone, or only here, is passed
 * over. */
gboolean store_journal_show(StoreTxn *txn, int64_t id, StoreVerb verb, GError **error);
/* Its end, and what is shown computed again: `state` UNDONE or REFUSED. */
gboolean store_entry_take_back(StoreTxn *txn, const StoreEntryData *entry, StoreEntryState state,
                               const char *why, GError **error);

/* ---- journal_gone.c ---- */

/* The first entry that is still to change a row's flags or keywords, and the id that the next row was to get
 * when it was made: 1, 0, -1. */
int store_journal_changes(StoreTxn *txn, int64_t id, int64_t *entry_out, int64_t *next_id_out,
                          GError **error);
/* The row is there again: what store_journal_row_gone() has settled from that entry on is to be done. 0:
 * nothing. */
gboolean store_journal_revive(StoreTxn *txn, int64_t id, int64_t entry, GError **error);
/* A row is about to go: nothing waits for it any more, and copies of it that were not made yet go too. */
gboolean store_journal_row_gone(StoreTxn *txn, int64_t id, GError **error);
/* A folder is about to go: nothing is on its way into it any more, and what is shown elsewhere goes with
 * it. */
gboolean store_journal_folder_gone(StoreTxn *txn, int64_t folder, GError **error);

/* ---- journal_place.c ---- */

/* The row stands there on the server now. A younger row that has the place is joined with it; one that only
 * took it for its own, being the same message, waits again. */
gboolean store_row_place(StoreTxn *txn, StoreRowData *row, int64_t folder, uint32_t uid, GError **error);

/* ---- change_folder.c ---- */

/* The inverse of the entry that made a folder: it is deleted only if it is empty when that is played, whoever
 * put something into it meanwhile. Where the entry took a deletion back, it is that one which goes on. */
gboolean store_change_unmake_folder(StoreTxn *txn, const StoreEntryData *made, GError **error);

/* ---- undo.c ---- */

/* A piece of taking a group back, or making it again: these entries of it, in the order of their ids
 * downwards, or upwards. */
gboolean store_undo_entries(StoreTxn *txn, const int64_t *ids, guint n, GError **error);
gboolean store_redo_entries(StoreTxn *txn, const int64_t *ids, guint n, GError **error);

/* ---- sent.c: where messages stood whose move is on its way ---- */

/* old_uid of a sent move whose message is known to have left its place. */
#define STORE_OLD_UID_GONE (-1)
/* Whether there are some that left this folder: 1, 0, -1; as below. */
int store_sent_any(StoreTxn *txn, int64_t folder, GError **error);
/* The server's flags of such a place, known by its UID. 0: it is none. */
int store_sent_flags(StoreTxn *txn, int64_t folder, uint32_t uid, uint32_t flags, const char *const *keywords,
                     gboolean *changed_out, GError **error);
/* The same for a message that is the one whose UID was forgotten; it has this one then. */
int store_sent_adopt(StoreTxn *txn, int64_t folder, int64_t account, const StoreNewMessage *message,
                     gboolean *changed_out, GError **error);
gboolean store_sent_expunged(StoreTxn *txn, int64_t folder, uint32_t uid, GError **error);
/* With store_txn_forget_uids(), and with store_txn_drop_orphans(). */
gboolean store_sent_forget_uids(StoreTxn *txn, int64_t folder, GError **error);
gboolean store_sent_drop_orphans(StoreTxn *txn, int64_t folder, GError **error);

/* ---- change.c ---- */

/* store_change_begin() in the middle of a job, which holds rows. */
void store_change_call(StoreTxn *txn, StoreChangeKind kind, const char *name);
/* A keyword or label by its name in the store (label.h), as the journal has it: undone, or made again. */
gboolean store_change_name(StoreTxn *txn, int64_t message_id, const char *name, gboolean set, GError **error);
/* A row like it, under a new id: shown in one folder (or STORE_NOWHERE), and standing on the server in
 * another, or nowhere yet (`uid` 0), or not at all (`server_folder` 0). */
gboolean store_row_copy(StoreTxn *txn, const StoreRowData *row, int64_t folder, int64_t server_folder,
                        uint32_t uid, int64_t *id_out, GError **error);
/* Of the account that the row belongs to, wherever it is shown. */
gboolean store_row_account(StoreTxn *txn, const StoreRowData *row, int64_t *account_out, GError **error);

/* Whether its server keeps labels: 1, 0; -1 and STORE. */
int store_account_has_labels(StoreTxn *txn, int64_t account_id, GError **error);

/* ---- email.c: what is the same wherever it stands ---- */

/* A row's server calls it so; NULL: it does not tell, and what was told stays. */
gboolean store_email_set(StoreTxn *txn, int64_t account, int64_t id, const char *email_id, GError **error);
/* A copy in the same account. */
gboolean store_email_copy(StoreTxn *txn, int64_t from_id, int64_t to_id, GError **error);
/* The row goes; its text with it, unless another one has the same, or may get it yet (txn->keeps_bodies). */
gboolean store_email_row_gone(StoreTxn *txn, const StoreRowData *row, GError **error);
/* Where another client has moved the message of a row that is to go, as far as that place was looked at: 1,
 * 0, -1. Where the server does not tell what is the same, only one whose flags are to be changed is looked
 * for: by Message-ID and size, of those that came since that was wanted and were not put there from here; the
 * last of them, since a move puts it there last. */
int store_email_follow(StoreTxn *txn, const StoreRowData *row, int64_t *folder_out, uint32_t *uid_out,
                       GError **error);
/* Whether anything has departed that may return: 1, 0, -1. */
int store_email_has_departed(StoreTxn *txn, GError **error);
/* The id of the row that a new message was before another client has moved it: 1, 0, -1; only once.
 * *entry_out: for store_journal_revive(). */
int store_email_returned(StoreTxn *txn, int64_t account, const StoreNewMessage *message, int64_t *id_out,
                         int64_t *entry_out, GError **error);
/* Those that did not come for so long that they will not. */
gboolean store_email_forget_departed(StoreTxn *txn, GError **error);

/* ---- add.c ---- */

/* The time that a message stands at in its folder. */
int64_t store_message_seconds(const StoreNewMessage *message);

/* ---- across.c: messages that go to another account ---- */

/* Whether showing the row in that folder takes it to another account than the one whose threads it belongs
 * to: that account in *account_out, else 0. */
gboolean store_across_account(StoreTxn *txn, const StoreRowData *row, int64_t folder, int64_t *account_out,
                              GError **error);
/* Thread, mid and parent of the row in that account, by the envelope of the message `like`. */
gboolean store_across_join(StoreTxn *txn, int64_t account, int64_t like, StoreRowData *row,
                           gboolean *is_new_thread_out, GError **error);
/* Of a row that goes to that account: the entry that brings its bytes here, unless they are in a file. */
gboolean store_across_fetch(StoreTxn *txn, const StoreRowData *row, GError **error);
/* The row's move to another account is done, and it stands there: what stands still where it stood gets a
 * row of its own, which is shown nowhere, and an entry that takes it away. */
gboolean store_across_left(StoreTxn *txn, const StoreRowData *row, int64_t folder, uint32_t uid,
                           GError **error);
/* A folder is about to go: what is on its way out of it and in a file is on its way from there from now on. */
gboolean store_across_save(StoreTxn *txn, int64_t folder, GError **error);
/* The same: what was saved so and was to go into it goes to the Inbox. */
gboolean store_across_redirect(StoreTxn *txn, int64_t folder, GError **error);
/* 1: the row stands in another account than the entry's; 0, -1. */
int store_across_is(StoreTxn *txn, const StoreEntryData *entry, const StoreRowData *row, GError **error);
/* Its bytes cannot be had: what would take it to another account is refused. */
gboolean store_across_refuse(StoreTxn *txn, const StoreEntryData *fetch, const char *why, GError **error);
/* A move of the row was taken back: what was done to it in the account where it is not goes on where it is.
 * */
gboolean store_across_rehome(StoreTxn *txn, int64_t message, GError **error);

/* ---- folder.c ---- */

/* A number that no folder has. FALSE and LIMIT: there is none left. */
gboolean store_folder_number(StoreTxn *txn, int64_t *id_out, GError **error);

/* ---- account.c ---- */

/* What the configuration calls the folder of a role, to be freed; NULL in *name_out: it does not say. */
gboolean store_role_name_get(StoreTxn *txn, int64_t account_id, StoreRole role, char **name_out,
                             GError **error);

/* ---- change_folder.c ---- */

/* What an entry about a folder did is undone. */
gboolean store_folder_take_back(StoreTxn *txn, const StoreEntryData *entry, GError **error);

/* Before the server's list is taken: a folder whose renaming waits to be heard of, and is done there, is
 * known by its new name from now on. */
gboolean store_folders_take_renamed(StoreTxn *txn, int64_t account, const StoreListed *listed, guint n,
                                    GError **error);

/* What is shown of an account's folders, after the server's list was taken: renames, deletions and
 * subscriptions that wait are laid over it. */
gboolean store_folders_compute(StoreTxn *txn, int64_t account, GError **error);

/* ---- thread.c ---- */

/* The thread a new message belongs to: joined with others where it links them. *is_new_out: nothing is in it
 * yet. Fills in row->thread, mid and parent. */
gboolean store_thread_join(StoreTxn *txn, int64_t account, const StoreNewMessage *message, StoreRowData *row,
                           gboolean *is_new_out, GError **error);
/* After `n` messages were joined: moves part of the new references to the large table. */
gboolean store_thread_settle(StoreTxn *txn, guint n, GError **error);
/* The thread that a message with this Message-ID is in, 0: none. */
gboolean store_thread_find(StoreTxn *txn, int64_t mid, int64_t *thread_out, GError **error);

/* ---- bucket.c ---- */

void store_counts_add(StoreTxn *txn, int64_t key, int messages, int unread, int threads);
/* Before each commit. */
gboolean store_counts_flush(StoreTxn *txn, GError **error);
gboolean store_counts_delete_folder(StoreTxn *txn, int64_t folder, GError **error);

/* ---- cast_off.c ---- */

/* Deletes a folder: it is seen no more. */
gboolean store_folder_cast_off(StoreTxn *txn, int64_t folder, GError **error);
/* A piece of what such folders leave behind; has_cast_off tells whether there is more. */
gboolean store_cast_off_piece(StoreTxn *txn, GError **error);

#endif
