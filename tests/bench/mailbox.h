/*
 * mailbox.h - a made-up mailbox of any size for the benches: names, subjects and threads as people have them.
 *
 * The same number of messages is always the same mailbox. Dates go over eight years whatever the size; two of
 * five messages answer one of the last hundred or so, and carry the References that mailers send.
 */
#ifndef TERN_TESTS_BENCH_MAILBOX_H
#define TERN_TESTS_BENCH_MAILBOX_H

#include "store/writer.h"

typedef struct Mailbox Mailbox;

Mailbox *mailbox_new(guint n);
void mailbox_free(Mailbox *mailbox);

/* Message `i` (0: the oldest; its UID is i + 1). Messages are made in rising order; what comes back is good
 * until another 2,000 were made. */
StoreNewMessage mailbox_message(Mailbox *mailbox, guint i);

/* Account "work" and its folders in a store. Gives the INBOX's id. */
gboolean mailbox_folders(StoreTxn *txn, int64_t *inbox_out, GError **error);

/* Adds all messages to the folder in batches of 1,000, newest last. `progress` is called after each; may be
 * NULL. */
gboolean mailbox_fill(Mailbox *mailbox, Store *store, int64_t folder, void (*progress)(guint done),
                      GError **error);

#endif
