/*
 * disk.h - accounts whose mail lives on this disk: the folders are the server; private to the engine.
 *
 *      maildir:PATH   PATH as Maildir++                      the journal ── played to ──> files ── read into ──> the store
 *      mbox:PATH      the file as Inbox, other folders in data/mail/ACCOUNT
 *      pop3 …         data/mail/ACCOUNT as Maildir++; what is fetched is delivered into its Inbox (maildir/maildir.h),
 *                     and disk_sync() of the Inbox makes rows of it
 *
 * Everything here is a plain call on the caller's thread: a worker's, a command's, or that of a POP3
 * connection. Between disk_begin() and disk_end() the account's folders are this caller's among all processes
 * of the profile (other programs, who know no such lock, are looked out for); so nothing is played or read in
 * twice. What waits is played before anything is read in: a message that a killed process has moved is then
 * known where it is.
 */
#ifndef TERN_ENGINE_DISK_H
#define TERN_ENGINE_DISK_H

#include "base/cancel.h"
#include "base/paths.h"
#include "base/wake.h"
#include "config/config.h"
#include "engine/sync_imap.h"
#include "store/read.h"

/* Borrowed for the calls; made by the caller, of whom some may be NULL. */
typedef struct {
    const ConfigAccount *account;
    const Config
        *config; /* of all accounts, for what comes from another one; may be NULL where nothing is played */
    const Paths *paths;
    Store *store;
    StoreReader *reader;
    Cancel *
        cancel; /* ends waiting for the lock and for the writer, and a sync between two messages; NULL: nothing does */
    Wake *room; /* set by the store when the writer has room */
    void (*progress)(const char *folder, int64_t done, int64_t total, void *data); /* NULL: nobody looks */
    void (*refused)(const char *sentence, void *data);                             /* for people; NULL */
    void (*passed_over)(const char *sentence, void *data); /* of an import: no message; NULL: as refused */
    void *data;
    int lock_fd, depth; /* disk_begin()'s */
} Disk;

/* Whether an account's folders are here: maildir, mbox, pop3. */
gboolean disk_is_local(const ConfigAccount *account);
/* Whether nothing of it is anywhere else: maildir, mbox. */
gboolean disk_is_whole(const ConfigAccount *account);
/* The Maildir of its folders, to be freed. */
char *disk_root(const ConfigAccount *account, const Paths *paths);

/* May be called within each other by the same caller. FALSE: CANCELLED, STORE, or, with `wait_us` over, no
 * error. */
gboolean disk_begin(Disk *disk, int64_t wait_us, GError **error);
void disk_end(Disk *disk);

/* The folders into the store; those that every account of its kind has are made at first. FALSE and STORE. */
gboolean disk_folders(Disk *disk, GError **error);
/* One folder into the store, by what has changed. FALSE and STORE. */
gboolean disk_sync(Disk *disk, const StoreFolder *folder, SyncResult *result, GError **error);
/* What is due of the journal, to the disk. What cannot be done now is tried later, what cannot be done at all
 * taken back. FALSE: the store fails, the Maildir is not there (all of it waits), or CANCELLED. */
gboolean disk_play(Disk *disk, GError **error);
/* disk_begin(), for as long as it takes, and disk_play(). */
gboolean disk_begin_played(Disk *disk, GError **error);

/* The file of a message, to be freed; NULL: it is gone, or (mbox) in no file of its own. Reads its folder
 * where another program has changed its flags; with `is_likely` it is then NULL instead. */
char *disk_message_path(const ConfigAccount *account, const Paths *paths, const StoreMessage *message,
                        gboolean is_likely);
/* The message's bytes to a descriptor, for those that are in no file of their own. FALSE and REFUSED (gone)
 * or STORE. */
gboolean disk_fetch(Disk *disk, const StoreMessage *message, int fd, int64_t *bytes_out, GError **error);

#endif
