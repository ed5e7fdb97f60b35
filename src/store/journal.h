/*
 * journal.h - what was changed here and is not settled with the server: for whoever plays it, and for `tern
 * journal`.
 *
 *      waiting ──> sent ──> done          sent: committed before a COPY, MOVE or expunge goes out; after a lost
 *      held ───┘    └─────> refused       answer only UIDs from the destination's UIDNEXT on are looked at
 *      waiting, held ─────> undone
 *
 * Entries name rows; where a row stands on the server is read with the entry, when it is played.
 *
 * Between accounts a move is three entries, each played by its account when the one before it is settled:
 * `fetch` (the source has the bytes here), `move` (the target has the message: APPEND, or a file), and, made
 * when that is done, `expunge` of what stands still at the source. Until the target is known to have it,
 * nothing is changed at the source.
 */
#ifndef TERN_STORE_JOURNAL_H
#define TERN_STORE_JOURNAL_H

#include "store/writer.h"

typedef enum {
    STORE_VERB_FLAGS,   /* set, clear */
    STORE_VERB_KEYWORD, /* name; set: 1 or 0 */
    STORE_VERB_MOVE,    /* to folder */
    STORE_VERB_COPY,    /* to folder, as row `copy` */
    STORE_VERB_EXPUNGE,
    STORE_VERB_CREATE,    /* folder, called name; set: its role */
    STORE_VERB_RENAME,    /* folder, to name */
    STORE_VERB_DELETE,    /* folder */
    STORE_VERB_SUBSCRIBE, /* folder; set: 1 or 0 */
    STORE_VERB_APPEND, /* the message and its `copy` are one row, which the server has not got: its bytes are in the file `name` */
    STORE_VERB_FETCH, /* the message's bytes are to be here, since it goes to another account */
    STORE_VERBS
} StoreVerb;
/* "flags", "move" … as in JSON. Static. */
const char *store_verb_name(StoreVerb verb);

/* As kept in the table. */
typedef enum {
    STORE_ENTRY_WAITING,
    STORE_ENTRY_HELD,
    STORE_ENTRY_SENT,
    STORE_ENTRY_DONE,
    STORE_ENTRY_UNDONE,
    STORE_ENTRY_REFUSED
} StoreEntryState;
const char *store_entry_state_name(StoreEntryState state);

typedef struct {
    int64_t id, group;
    StoreVerb verb;
    StoreEntryState state;
    int tries;
    int64_t not_before_s;
    int64_t message; /* row; 0: the entry is about a folder */
    int64_t folder;  /* destination, or the folder itself */
    int64_t copy;    /* the row that a copy is */
    uint32_t set,
        clear; /* of a deleted folder, set: only if it is empty; clear: 1 + the messages known to be in it, 0: unknown */
    char *name;
    char *account;
    char *folder_name,
        *folder_raw; /* of `folder`; NULL: gone. folder_raw "" while the server has not got it */
    char *error;     /* why it was refused, or is tried again */

    /* Where the row stands on the server; server_folder 0: the row is gone. uid 0: it waits for one. */
    int64_t server_folder;
    uint32_t uid;
    char *server_raw; /* that folder's raw name; NULL: row or folder is gone */
    char *message_id; /* NULL: none */
    int64_t size_bytes;
    /* The row stands in another account than the entry's, which has to bring it over: a move or copy between
     * accounts. */
    gboolean is_across;
    /* Of a sent one: where the row stood, and the destination's numbers before. */
    int64_t old_folder;
    uint32_t old_uid, uid_validity, uid_next;
    char *old_raw;
} StoreEntry;
void store_entry_free(StoreEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreEntry, store_entry_free)

/* Those of an account that are to be played now, StoreEntry * in order, at most `limit`: without those whose
 * time has not come, and those of a row or folder that an earlier one of these stops. Where very many of
 * those are passed it ends sooner, but not without one as long as there is one: who plays asks again.
 * *next_s_out (may be NULL): when the next one's time comes as far as it was looked, 0: never. Costs what it
 * passes. */
GPtrArray *store_read_journal_due(StoreReader *reader, const char *account, int limit, int64_t *next_s_out,
                                  GError **error);
/* Whether there is one: a look or two at an index, unless some wait for their time while others do not. -1 on
 * failure. */
int store_journal_is_due(StoreReader *reader, const char *account, int64_t *next_s_out, GError **error);
/* How many wait in all accounts: a count over an index of those alone. */
gboolean store_read_journal_count(StoreReader *reader, int64_t *count_out, GError **error);
/* For people: of an account or NULL, unsettled ones, or all that are kept; in order. */
GPtrArray *store_read_journal(StoreReader *reader, const char *account, gboolean all, GError **error);

/* ---- what became of entries; in jobs of the user's lane ---- */

/* An entry that is gone or settled is passed over in each of these. */

/* 1: it is not settled, nor just being taken back, and its message stands where it stood when the entry was
 * read: a sync since then may have learnt that the folder's UIDs are others. 0, -1. */
int store_journal_stands(StoreTxn *txn, const StoreEntry *entry, GError **error);
/* Of a move, copy or expunge. To be durable before the command is sent: undoing it is too late for an expunge
 * from now on, and the row of a move waits in the destination. The numbers are the destination's, of moves
 * and copies. */
gboolean store_journal_sent(StoreTxn *txn, int64_t entry, uint32_t uid_validity, uint32_t uid_next,
                            GError **error);
/* The server has done it. `uid`: of a move or copy, the one it has now in the destination, 0: not told; a
 * younger row that has it is joined with the entry's, whose id stays. */
gboolean store_journal_done(StoreTxn *txn, int64_t entry, uint32_t uid, GError **error);
/* The same for a folder that was made or renamed: how the server spells its name and parts levels. */
gboolean store_journal_done_folder(StoreTxn *txn, int64_t entry, const char *raw_name, char delimiter,
                                   GError **error);
/* Before store_journal_done_folder() of one that was to be made, and was there already: undo does not delete
 * it. */
gboolean store_journal_was_there(StoreTxn *txn, int64_t entry, GError **error);
/* Before store_journal_done() of a sent move that was made by a COPY alone: what stands still where the row
 * stood is shown nowhere, and gets an entry that takes it away. */
gboolean store_journal_left_behind(StoreTxn *txn, int64_t entry, GError **error);
/* Before store_journal_done() of one between accounts: how many bytes the message has there. */
gboolean store_journal_set_size(StoreTxn *txn, int64_t entry, int64_t size_bytes, GError **error);
/* Of a move or copy between accounts that finds the message's bytes gone from here: they are brought again
 * before it is tried again, not before that time. */
gboolean store_journal_fetch_again(StoreTxn *txn, int64_t entry, int64_t not_before_s, GError **error);
/* A move or copy between accounts whose message is to be found in that file (of the kind that STORE_VERB_APPEND
 * names) should its folder go from the server: see store_txn_save(). */
#define STORE_SAVED "saved-" /* how such a file's name begins */
typedef struct {
    int64_t entry;
    char *file;
} StoreSaved;
/* For the job's store_txn_folders(): when the folder that such a message stands in goes, it goes on as an
 * imported one, in a group that nothing takes back. StoreSaved in the order of entries, borrowed. */
void store_txn_save(StoreTxn *txn, const GArray *saved);
/* 1: a move or copy of a row whose text is kept by that number (StoreMessage) is not settled, so it may be
 * wanted for another account; 0, -1. */
int store_journal_is_leaving(StoreReader *reader, int64_t body_id, GError **error);
/* 1: that row has got its place in the folder by a move or copy; 0, -1. */
int store_journal_has_placed(StoreReader *reader, int64_t message, int64_t folder, GError **error);
/* It will not: what is shown is computed back. `why`: for people. */
gboolean store_journal_refused(StoreTxn *txn, int64_t entry, const char *why, GError **error);
/* Not now. A sent one waits again, its row where it stood. */
gboolean store_journal_later(StoreTxn *txn, int64_t entry, const char *why, int64_t not_before_s,
                             GError **error);
/* Takes away settled ones that are older than 30 days, and groups that have none left. Does a piece of
 * STORE_PIECE_ROWS, and is to be handed in again, in the bulk lane, until *is_done_out. */
gboolean store_journal_prune(StoreTxn *txn, gboolean *is_done_out, GError **error);

#endif
