/*
 * mbox_known.h - an mbox as it was when it was read last, kept in a file of tern's own: so that a large one
 * that has only grown is not read whole. Private to maildir.
 *
 *      tern-mbox 1  DEV INO SIZE MTIME CTIME SETTLED UNQUOTED LENGTHS
 *      FROM HEADER BODY END NEXT DATE FLAGS MARKS MARKS-END CHECK HIDDEN NAME SENDER KEYWORD…      one line a message
 *
 * With the same inode and times it is that mailbox, if it was settled then: not touched in the last seconds,
 * within which a second change has the same time. One that is larger is looked at: all separators and marks
 * are to stand where they were, the first message and the last one to be what they were, all of it; then only
 * what stands behind is new. Whatever else has happened to it makes it read whole. What is in a message
 * between the first and the last, its marks apart, is believed, until that message is read or written: mbox.c
 * then looks whether it is the one of that name. Any thread; blocks on the disk.
 */
#ifndef TERN_MAILDIR_MBOX_KNOWN_H
#define TERN_MAILDIR_MBOX_KNOWN_H

#include "maildir/mbox_scan.h"

#include <sys/stat.h>

/* A file, as it is at a time. */
typedef struct {
    guint64 dev, ino;
    int64_t size, mtime_ns, ctime_ns;
    gboolean is_settled;
} MboxState;
MboxState mbox_state(const struct stat *is);

/* The index of the open file, which is in that state; NULL: it is to be read whole. *is_kept_out: what is
 * kept says all that is in it, as it is now. */
MboxIndex *mbox_known_recall(const char *path, int fd, const MboxState *now, gboolean *is_kept_out);
/* That it cannot be kept is no failure: then the next one reads it whole. */
void mbox_known_keep(const char *path, const MboxIndex *index, const MboxState *as);
void mbox_known_forget(const char *path);

/* The two halves of that, pure. The text is to be freed; NULL: it is none, or says what cannot be. */
char *mbox_known_format(const MboxIndex *index, const MboxState *as);
MboxIndex *mbox_known_parse(const char *text, MboxState *as_out);

/* Bytes of the open file, of which `data` is the descriptor: an MboxRead. */
gssize mbox_read_at(void *data, int64_t offset, char *buffer, gsize size);
/* Whether that message, all of it, stands in the open file where it stood. Reads it. */
gboolean mbox_stands(int fd, const MboxMessage *message);

#endif
