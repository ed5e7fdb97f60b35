/*
 * maildir.h - one folder of a Maildir, open: its files, their flags and keywords, and messages coming and
 * going.
 *
 *      ROOT/ .        new/ cur/ tmp/  tern-keywords      the Inbox
 *      ROOT/.Work     new/ cur/ tmp/  tern-keywords      "Work" (folders.h)
 *
 *      a message: tmp/X ──fsync──> new/X, or cur/X:2,S ──rename──> cur/X:2,FS   known by X, its base, wherever it goes
 *
 * Flags stand in the file's name; keywords in a file of their own beside it (keywords.h). Other programs
 * change the same folder at any time: what is not where it was last is looked for. Each call does one thing
 * to one message and can be made again after a kill; maildir_flush() makes all that was done durable at once,
 * so a group shares its fsyncs.
 *
 * A handle belongs to one thread. A `base` is the caller's own string, not one of the handle's MaildirFiles.
 * Errors are STORE and name the path. Blocks on the disk.
 */
#ifndef TERN_MAILDIR_MAILDIR_H
#define TERN_MAILDIR_MAILDIR_H

#include "maildir/name.h"

typedef struct MaildirFolder MaildirFolder;

/* `raw_name`: as name.h spells it. NULL and STORE: it is not there, or cannot be read. */
MaildirFolder *maildir_open(const char *root, const char *raw_name, GError **error);
/* What was not flushed is on the disk for everybody but a power cut. NULL is allowed. */
void maildir_close(MaildirFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MaildirFolder, maildir_close)

/* ---- what is there ---- */

typedef struct {
    const char *name; /* in new/ or cur/ */
    const char *base; /* of it; the same for this message for ever */
    gboolean is_new;
    uint32_t flags; /* MaildirFlag */
    uint32_t letters;
} MaildirFile;

/* A number that is another one when anything in the folder has changed since; two stat(2). 0: it changed so
 * lately that a further change might not show. */
guint64 maildir_stamp(const MaildirFolder *folder);

/* Reads the folder: MaildirFile, each base once, in the order of their bases; the folder's, until the next
 * call that changes something. A file that is renamed meanwhile may be missing: look again before it counts
 * as gone. */
const GPtrArray *maildir_list(MaildirFolder *folder, GError **error);

/* Where that message is now: 1; it is gone: 0; -1. `like_flags`: what its flags were last, which spares
 * reading the folder. *file_out lives as above. */
int maildir_find(MaildirFolder *folder, const char *base, uint32_t like_flags, MaildirFile *file_out,
                 GError **error);

/* Whether it has one of the names that it most likely has: at most three faccessat(2), and what others have
 * marked may be missed. */
gboolean maildir_is_likely(const MaildirFolder *folder, const char *base, uint32_t like_flags);

/* Its keywords, NULL-terminated, to be freed; NULL: none. */
char **maildir_keywords(MaildirFolder *folder, const MaildirFile *file);

/* Opened for reading; *size_out and *mtime_s_out of it. -1 without an error: it is gone; -1 and STORE, or
 * INPUT for what is no plain file (a link, a FIFO, a folder), with its name. */
int maildir_read(MaildirFolder *folder, const MaildirFile *file, int64_t *size_out, int64_t *mtime_s_out,
                 GError **error);

/* The whole path of a message by its base, to be freed; NULL: it is not there. Needs no handle; for who only
 * reads. */
char *maildir_path(const char *root, const char *raw_name, const char *base, uint32_t like_flags);
/* The same where it is named as `like_flags` say: some stat(2), however large the folder is. */
char *maildir_likely_path(const char *root, const char *raw_name, const char *base, uint32_t like_flags);

/* ---- what is done to a message: 1; it is gone: 0; -1 ---- */

/* `set`, `clear`: flags. `add`, `remove`: keywords, NULL-terminated, NULL: none. */
int maildir_change(MaildirFolder *folder, const char *base, uint32_t like_flags, uint32_t set, uint32_t clear,
                   const char *const *add, const char *const *remove, GError **error);

/* Into another folder of the same Maildir. *base_out (to be freed): its base there, another one only where
 * that folder has one already. One that is there and not here any more was moved before: 1. */
int maildir_move(MaildirFolder *folder, const char *base, uint32_t like_flags, MaildirFolder *to,
                 char **base_out, GError **error);

/* As `new_base`; one that is there already was made before: 1. */
int maildir_copy(MaildirFolder *folder, const char *base, uint32_t like_flags, MaildirFolder *to,
                 const char *new_base, GError **error);

/* Another program has moved that file there: its keywords, which stand beside it, follow. Durable. FALSE and
 * STORE. */
gboolean maildir_follow(MaildirFolder *folder, const char *base, MaildirFolder *to, GError **error);

/* For good. */
int maildir_remove(MaildirFolder *folder, const char *base, uint32_t like_flags, GError **error);

/* Keywords and names as they are now survive a power cut. The folder where messages went first. */
gboolean maildir_flush(MaildirFolder *folder, GError **error);

/* ---- delivery ---- */

typedef struct MaildirDelivery MaildirDelivery;

/* A file in tmp/ to be written to. `base` NULL: a new one. */
MaildirDelivery *maildir_deliver(MaildirFolder *folder, const char *base, GError **error);
int maildir_delivery_fd(const MaildirDelivery *delivery);
/* fsync, ahead of the commit, which then does none: the one thing that may be done on another thread, while
 * nothing else is done to this delivery. Then its descriptor is closed: many may wait for their commit. */
gboolean maildir_delivery_sync(MaildirDelivery *delivery, GError **error);
/* fsync, then its name: in new/ where it has no flags, else in cur/. `arrival_s` 0: now; else the file's
 * time. `keywords` as above. maildir_flush() comes before anything is built on it. Frees, also on failure.
 * *base_out (may be NULL). */
gboolean maildir_delivery_commit(MaildirDelivery *delivery, uint32_t flags, const char *const *keywords,
                                 int64_t arrival_s, char **base_out, GError **error);
void maildir_delivery_discard(MaildirDelivery *delivery);
/* All of these in one: what is left of the file `fd`. */
gboolean maildir_deliver_file(MaildirFolder *folder, const char *base, int fd, uint32_t flags,
                              const char *const *keywords, int64_t arrival_s, GError **error);

#endif
