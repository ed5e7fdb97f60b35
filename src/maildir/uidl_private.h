/*
 * uidl_private.h - the inside of a log of UIDLs, for the files that make it up (uidl.h).
 *
 *      uidl.c            what is in it, its lines, its file
 *      uidl_mailbox.c    whose it is: put aside, taken back, or the same mailbox's by another name
 *      uidl_aside.c      the logs that were put aside
 *      uidl_mark.c       the marks of its files
 */
#ifndef TERN_MAILDIR_UIDL_PRIVATE_H
#define TERN_MAILDIR_UIDL_PRIVATE_H

#include "maildir/uidl.h"

#define UIDL_FIRST_LINE "tern-uidl 1\n"

struct UidlLog {
    char *path;
    int fd, lock_fd;
    GHashTable *by_uidl; /* UidlEntry *, owned */
    GHashTable *by_hash, *by_base;
    GHashTable *decided; /* words, in a set */
    char *mailbox;       /* whose it is; NULL: nobody has told */
    char *in_marks;      /* whose it was when it began, where its marks say so; NULL: they do not */
    GString *waiting;    /* lines to be appended */
    int64_t size_bytes;  /* of the file, as far as it is good */
    guint lines;
};

/* A copy of the entry, in place of what is known by its UIDL; it may be made of that. */
void uidl_log_remember(UidlLog *log, const UidlEntry *from);
void uidl_log_take_mailbox(UidlLog *log, const char *mailbox);

/* A line of a sign and a word, with its check. */
void uidl_write_word(GString *text, char sign, const char *word);
/* The file as it would be if it began today, in its place, durably. FALSE and STORE. */
gboolean uidl_log_rewrite(UidlLog *log, GError **error);
/* Opens it, whose lock the caller has and keeps. NULL and STORE. */
UidlLog *uidl_log_open_locked(const char *path, GError **error);
/* FALSE, with STORE by errno: the sentence and the file's name. */
gboolean uidl_log_fail(const UidlLog *log, const char *sentence, GError **error);

#endif
