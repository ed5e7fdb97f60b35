/*
 * mbox_dotlock.h - FILE.lock, the lock of mail programs that share no other; private to maildir.
 *
 *      "4711\n"                                 of a process of this machine (liblockfile)
 *      "4711:host"                              of a process of that machine (Dovecot)
 *      "4711 host pid:[4026531836] 98765\n"     and of what world of numbers there (namespaces(7)), and
 *                                               since when it lives, in ticks since the start of the machine (tern)
 *      "0", "", …                               of somebody (procmail, mutt)
 *
 * Left by the dead: one whose process is here and has ended, at once; one of nobody in particular when nobody
 * has touched it for five minutes. One of a living process never, however old: but what began at another time
 * than a tern's lock says, or only after an old lock was made, is another process that got the same number
 * (after the machine was started anew). A number without a host counts only where the file system is this
 * machine's own, and the numbers here are the machine's; one of another world is nobody's.
 *
 * What goes by the time of day has to have been there, unchanged, while the caller waited a moment: a clock that
 * jumps makes no lock old that somebody has just made. Any thread.
 */
#ifndef TERN_MAILDIR_MBOX_DOTLOCK_H
#define TERN_MAILDIR_MBOX_DOTLOCK_H

#include <glib.h>
#include <stdint.h>
#include <sys/stat.h>

/* The lock that a caller waits for, and since when; zeroes at first. */
typedef struct {
    struct stat as;
    int64_t since_us;
} MboxDotlockSeen;

/* Made for this process: 1; others have it: 0; -1 and errno: it cannot be made. One of the dead is taken
 * away. `seen`: the same for each try of one who waits. */
int mbox_dotlock_take(const char *path, MboxDotlockSeen *seen);

/* Where one looks from. */
typedef struct {
    const char *host, *space; /* "" where they are not known */
    gboolean is_own_disk;     /* a number without a host is one of here */
} MboxDotlockHere;

typedef struct {
    pid_t pid;     /* 0: it does not say, or not of here */
    guint64 ticks; /* 0: it does not say */
} MboxDotlockOwner;

/* Whose it is, by what is in it. Pure. */
MboxDotlockOwner mbox_dotlock_owner(const char *text, gsize size, const MboxDotlockHere *here);

#endif
