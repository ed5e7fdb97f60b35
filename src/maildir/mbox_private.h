/* mbox_private.h - what the files that work on an open mbox share (mbox.h). */
#ifndef TERN_MAILDIR_MBOX_PRIVATE_H
#define TERN_MAILDIR_MBOX_PRIVATE_H

#include "maildir/mbox.h"
#include "maildir/mbox_dotlock.h"

#include <stdio.h>
#include <sys/stat.h>

/* What is to be done to a message. */
typedef struct {
    gboolean is_removed;
    uint32_t set, clear;
    GPtrArray *add, *remove; /* char * */
} MboxEdit;

struct Mbox {
    char *path, *journal;
    int fd;              /* -1: the file is not there */
    MboxIndex *index;    /* NULL: to be read */
    GPtrArray *visible;  /* of the index, without what is hidden */
    GHashTable *by_name; /* of those */
    struct stat read_as; /* the file, when it was read */
    GHashTable *edits;   /* name -> MboxEdit * */
    FILE *added;         /* messages as they will stand in the file; NULL: none */
    int64_t added_bytes; /* of it, that are whole messages */
    int lock_depth;
    gboolean has_dotlock;
    MboxDotlockSeen dotlock_seen; /* while it is waited for */
    MboxOptions options;          /* tell NULL: nobody, or it was told */
    char *known;                  /* its; NULL: nothing is kept */
    gboolean is_recalled;         /* the index was not made of all that is in the file */
};

/* FALSE and STORE from errno. */
gboolean mbox_fail(const Mbox *mbox, const char *sentence, GError **error);

/* ---- mbox_lock.c ---- */

/* Both locks; may be called within each other. Opens the file anew, where it is another one now; `makes`: it
 * is made where there is none. */
gboolean mbox_lock(Mbox *mbox, gboolean makes, GError **error);
void mbox_unlock(Mbox *mbox);

/* ---- mbox_content.c ---- */

/* All of it, through interruptions; FALSE and errno, also where there is less. */
gboolean mbox_read_all(int fd, char *bytes, gsize size, int64_t at);
gboolean mbox_write_at(int fd, const char *bytes, gsize size, int64_t at);

/* What is to stand in the file, on its way into the journal. */
typedef struct {
    FILE *file;
    guint32 check; /* from MBOX_CHECK_START on */
    int64_t size;
    char last[2];
} MboxContent;

/* FALSE and errno. */
gboolean mbox_content_add(MboxContent *content, const char *bytes, gsize size);
gboolean mbox_content_add_range(MboxContent *content, int fd, int64_t at, int64_t end);
/* An empty line, if none stands there yet: a separator comes after one. */
gboolean mbox_content_add_gap(MboxContent *content);

/* ---- mbox_journal.c ---- */

/* FALSE and errno. */
typedef gboolean (*MboxProduce)(MboxContent *content, void *data);

/* Under the locks: what is to stand from `offset` on, durably beside the file, which is as it was. FALSE and
 * STORE. */
gboolean mbox_journal_write(const Mbox *mbox, int64_t offset, MboxProduce produce, void *data,
                            GError **error);
/* Under the locks: does what the journal has, if there is one, also where that was begun before and cut off.
 * FALSE and STORE: the next opening goes on; with `may_undo` (nobody has begun yet) the journal is gone and
 * the file as it was, if there was no room. */
gboolean mbox_recover(Mbox *mbox, gboolean may_undo, GError **error);

/* ---- mbox.c ---- */

/* Under the locks: the index is that of the file as it is. */
gboolean mbox_refresh(Mbox *mbox, GError **error);
/* The same, and made of all that is in it: for what writes into it. */
gboolean mbox_refresh_whole(Mbox *mbox, GError **error);

#endif
