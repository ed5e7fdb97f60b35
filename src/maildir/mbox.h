/*
 * mbox.h - a mailbox that is one file, such as a local spool: read, marked, added to, with the locks that
 * others use.
 *
 *      mbox_change(), mbox_remove(), mbox_add() ── kept here ── mbox_flush(): one writing of the file
 *
 *      FILE.lock (dotlock) and fcntl ──> JOURNAL: what is to stand from an offset on, and what stood there, fsynced
 *                                    ──> written in place, fsynced ──> JOURNAL goes
 *
 * In place, since who delivers may wait with the file open, and would deliver to the old one after a rename.
 * A kill at any point is made good by the next opening, from the journal (mbox_journal.c); what others have
 * appended meanwhile stays. A journal has up to twice the file's size, for as long as it is written. The
 * syntax is in mbox_scan.h, which says how a message is known.
 *
 * A handle belongs to one thread; nothing is locked between calls, so that others can deliver: a file that
 * has changed is read anew (one that has only grown, from its last message on), and what was to be done to it
 * done to the messages by their names. Errors are STORE. Blocks on the disk, and
 * up to MBOX_LOCK_S for others' locks.
 */
#ifndef TERN_MAILDIR_MBOX_H
#define TERN_MAILDIR_MBOX_H

#include "base/cancel.h"
#include "maildir/mbox_scan.h"

#define MBOX_LOCK_S 30

typedef struct Mbox Mbox;

/* `journal`: a path of the caller's on a disk that stays; NULL: only to be read. A file that is not there is
 * an empty mailbox, which is made when something is added. NULL and STORE, also for what is no mbox. */
Mbox *mbox_open(const char *path, const char *journal, GError **error);
/* All may be NULL; the caller's for as long as it is open. */
typedef struct {
    /* Ends any waiting for others: then the call that waited fails with CANCELLED. */
    Cancel *cancel;
    /* Called once, by a sentence for people, when others hold the file for longer than a moment; from then on
     * it is waited for as long as ever. */
    void (*tell)(const char *sentence, void *data);
    void *data;
    /* A file of the caller's, which may go at any time, for what is known of the mailbox (mbox_known.h): one
     * that has only grown since is not read whole then. */
    const char *known;
} MboxOptions;
Mbox *mbox_open_with(const char *path, const char *journal, const MboxOptions *options, GError **error);
/* What was not flushed is forgotten. NULL is allowed. */
void mbox_close(Mbox *mbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mbox, mbox_close)

/* As maildir_stamp(). */
guint64 mbox_stamp(const Mbox *mbox);
/* MboxMessage * in the file's order, without hidden ones; the mailbox's, until the next call but mbox_read()
 * and mbox_write(). What was changed and not flushed is not in it. */
const GPtrArray *mbox_list(Mbox *mbox, GError **error);
/* 1; it is gone: 0; -1. */
int mbox_find(Mbox *mbox, const char *name, const MboxMessage **message_out, GError **error);

/* The message by itself to a descriptor: without separator and marks, unquoted; at most `limit` bytes of it
 * (-1: all). Under the locks; STORE, and nothing written, if others have moved it in the file since it was
 * listed or found: what lists it anew finds it. */
gboolean mbox_write(Mbox *mbox, const MboxMessage *message, int64_t limit, int fd, GError **error);

/* 1; it is gone: 0; -1. Done when it is flushed. */
int mbox_change(Mbox *mbox, const char *name, uint32_t set, uint32_t clear, const char *const *add,
                const char *const *remove, GError **error);
int mbox_remove(Mbox *mbox, const char *name, GError **error);
/* All of a file, from its first byte on, as a message. `sender`: of its separator line, one word; it makes
 * the message known again when it is added twice, which is once. *name_out, to be freed. */
gboolean mbox_add(Mbox *mbox, int fd, const char *sender, int64_t date_s, uint32_t flags,
                  char *const *keywords, char **name_out, GError **error);
gboolean mbox_flush(Mbox *mbox, GError **error);

#endif
