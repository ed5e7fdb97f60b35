/* mbox_private.h - what the files that work on an open mbox share (mbox.h). */
#ifndef TERN_MAILDIR_MBOX_PRIVATE_H
#define TERN_MAILDIR_MBOX_PRIVATE_H

#include "maildir/mbox.h"

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
};

/* FALSE and STORE from errno. */
gboolean mbox_fail(const Mbox *mbox, const char *sentence, GError **error);

/* ---- mbox_lock.c ---- */

/* Both locks; may be called within each other. Opens the file anew, where it is another one now; `makes`: it is made where
 * there is none. */
gboolean mbox_lock(Mbox *mbox, gboolean makes, GError **error);
void mbox_unlock(Mbox *mbox);

/* ---- mbox_write.c ---- */

/* Under the locks: goes on with a writing that was cut off. */
gboolean mbox_recover(Mbox *mbox, GError **error);

/* ---- mbox.c ---- */

/* Under the locks: the index is that of the file as it is. */
gboolean mbox_refresh(Mbox *mbox, GError **error);

#endif
