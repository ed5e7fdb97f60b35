/*
 * batch.h - messages on their way from FETCH answers into the store; private to the engine.
 *
 *      worker thread: batch_add() … batch_submit() ──bulk lane──> writer thread: store_txn_add(), the mark
 *
 * A batch is one transaction. What a folder's sync remembers (`mark`) goes with the batch that makes it true,
 * and once a batch failed, none that follows it in the same Tally is written: a mark never covers a hole.
 */
#ifndef TERN_ENGINE_BATCH_H
#define TERN_ENGINE_BATCH_H

#include "imap/fetch.h"
#include "store/writer.h"

/* Rows in one transaction, so that a user's change waits for some 20 ms at most. */
#define BATCH_MESSAGES 1000

/* What came of all batches of one sync; shared with the writer thread by reference. */
typedef struct Tally Tally;
Tally *tally_new(void);
Tally *tally_ref(Tally *tally);
void tally_unref(Tally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tally, tally_unref)
/* FALSE and the first error once a batch failed. */
gboolean tally_check(Tally *tally, GError **error);
StoreChanges tally_changes(Tally *tally);

typedef struct Batch Batch;
Batch *batch_new(int64_t folder_id);
void batch_free(Batch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Batch, batch_free)

/* Takes in one message with its header; one without UID or header is passed over. */
void batch_add(Batch *batch, const ImapFetched *message);
/* One that is in a file on this disk (store/files.h). Borrowed for the call. */
typedef struct {
    uint32_t uid, flags;
    const char *const *keywords; /* NULL: none */
    int64_t arrival_s, size_bytes;
    int attachments; /* -1: not known */
    const char *header;
    gsize header_bytes;
    const char *file;
} BatchLocal;
void batch_add_local(Batch *batch, const BatchLocal *message);
/* The server's flags of a message that has a row; STORE_WITH_LABELS as in StoreFlag. */
void batch_add_flags(Batch *batch, uint32_t uid, uint32_t flags, const char *const *keywords);
/* A UID that the server no longer has. */
void batch_add_gone(Batch *batch, uint32_t uid);
/* To be remembered in the same transaction. */
void batch_set_mark(Batch *batch, const StoreSync *mark);

/* Its messages as the store takes them, in the order in which they came; borrowed for the calls. FALSE: one
 * call said so. */
gboolean batch_each(const Batch *batch,
                    gboolean (*take)(const StoreNewMessage *message, guint n, void *data, GError **error),
                    void *data, GError **error);

/* Whether it holds as much as one transaction should; nothing (but for a mark). */
gboolean batch_is_full(const Batch *batch);
gboolean batch_is_empty(const Batch *batch);

/* Hands it to the writer, which frees it. Messages are written before flags, and expunges last. */
void batch_submit(Batch *batch, Store *store, Tally *tally);

/* IMAP flags as the store's bits, and those that are keywords as a newly allocated array into the same
 * strings (NULL: none). System flags that tern does not know are dropped. */
uint32_t batch_flags(const char *const *flags, const char ***keywords_out);
/* The same of all that a FETCH tells, labels as well (STORE_WITH_LABELS); the array and its strings are new. */
uint32_t batch_told(const ImapFetched *message, char ***keywords_out);

#endif
