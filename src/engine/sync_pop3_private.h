/*
 * sync_pop3_private.h - what the files of a visit to a POP3 mailbox share (sync_pop3.h).
 *
 *      sync_pop3.c         the visit, and what people should know of it
 *      sync_pop3_log.c     the log of UIDLs that it has: whose it is, and what a person has decided
 */
#ifndef TERN_ENGINE_SYNC_POP3_PRIVATE_H
#define TERN_ENGINE_SYNC_POP3_PRIVATE_H

#include "engine/sync_pop3.h"
#include "maildir/uidl.h"

/* The word that the log keeps once the question was answered. */
#define SYNC_POP3_MAY_DELETE "may-delete"

/* Where the account's log is, to be freed. */
char *sync_pop3_log_path(const ConfigAccount *account, const Paths *paths);

/* The log of the mailbox that has this list, in place of `taken`, which is the account's, whoever's it is: the
 * mailbox's own, the one that it had by another name, or a new one; with what is decided by now. NULL and STORE. */
UidlLog *sync_pop3_own_log(const SyncPop3 *sync, UidlLog *taken, const Pop3List *list, GError **error);

#endif
