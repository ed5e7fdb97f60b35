/*
 * copies.h - the copy of what was sent, in the account's folder for that, by APPEND; private to the engine,
 * on a worker's thread.
 *
 * The message stays in the outbox until its copy is filed, so it survives whatever comes. Before the APPEND
 * goes out the envelope says so (is_copying): after a lost answer it is looked for by its Message-ID first.
 * None is made where the server files what it sends by itself (quirks_files_sent(): Gmail, Microsoft 365);
 * there, a message of which nobody knows whether it was sent is looked for too, unless it was sent to some
 * before: then it is filed since.
 */
#ifndef TERN_ENGINE_COPIES_H
#define TERN_ENGINE_COPIES_H

#include "config/config.h"
#include "imap/session.h"
#include "maildir/outbox.h"
#include "store/read.h"

/* Borrowed for the call. */
typedef struct {
    ImapSession *session;
    Store *store;
    StoreReader *reader;
    const Paths *paths;
    const ConfigAccount *account;
    /* Between two commands; see worker_checkpoint(). */
    gboolean (*checkpoint)(void *data, GError **error);
    /* Plays the journal: a folder that is missing is made so. */
    gboolean (*play)(void *data, GError **error);
    /* Brings a folder up to date, so that what was filed is seen. */
    gboolean (*sync)(int64_t folder_id, void *data, GError **error);
    /* That a copy was refused, in words. */
    void (*refused)(const char *sentence, void *data);
    void *data;
} Copies;

/* Files all copies that wait, once the account's folders are known. FALSE: the session is dead, or the disk
 * does not take it; the rest waits. Selects folders. */
gboolean copies_file(const Copies *with, GError **error);

/* The account's folder of a role, one of *folders (StoreFolder *), made by the journal where there is none:
 * then *folders is read again. NULL without an error: not now. */
StoreFolder *copies_role_folder(const Copies *with, GPtrArray **folders, StoreRole role, GError **error);

#endif
