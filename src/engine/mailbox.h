/*
 * mailbox.h - which mailbox an account reads: whom it logs in as, and where; private to the engine.
 *
 *      incoming = imaps://ada@IMAP.example.org.:993     "ada@imap.example.org"
 *
 * Port, TLS and the way there may change and it is the same one. A person may name another user or host under
 * the same account name; what is known of the one mailbox must not be done to the other then: UIDs, changes
 * that wait, UIDLs, the answer to the question of a POP3 account's first visit.
 */
#ifndef TERN_ENGINE_MAILBOX_H
#define TERN_ENGINE_MAILBOX_H

#include "config/config.h"
#include "store/store.h"

/* Of an account on a server, to be freed. */
char *mailbox_name(const ConfigAccount *account);

/* Before anything is done with an IMAP account that is logged in: whether the store's folders are of this
 * mailbox. Where they are of another one, they are read anew from now on and changes that waited for it are
 * dropped (store_txn_set_mailbox()); *told_out is what a person should know of it, to be freed, else NULL.
 * Blocks on the disk at the first time. FALSE and STORE. */
gboolean mailbox_check(const ConfigAccount *account, Store *store, StoreReader *reader, char **told_out,
                       GError **error);

#endif
