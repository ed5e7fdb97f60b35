/*
 * mbox_dotlock.h - FILE.lock, the lock of mail programs that share no other; private to maildir.
 *
 *      "4711\n"            of a process of this machine (liblockfile)
 *      "4711 host\n"       of a process of that machine (tern; "4711:host" is Dovecot's)
 *      "0", "", …          of somebody (procmail, mutt)
 *
 * Left by the dead: one whose process is here and has ended, at once; one of nobody in particular when nobody
 * has touched it for five minutes. One of a living process never, however old: but what began only after an
 * old lock was made is another process that got the same number (after the machine was started anew). A
 * number without a host counts only where the file system is this machine's own. Any thread.
 */
#ifndef TERN_MAILDIR_MBOX_DOTLOCK_H
#define TERN_MAILDIR_MBOX_DOTLOCK_H

#include <glib.h>
#include <sys/types.h>

/* Made for this process: 1; others have it: 0; -1 and errno: it cannot be made. One of the dead is taken
 * away. */
int mbox_dotlock_take(const char *path);

/* Whose it is, by what is in it, if that is a process of `host`, or (with `is_own_disk`) of no named host; 0:
 * it does not say. Pure. */
pid_t mbox_dotlock_owner(const char *text, gsize size, const char *host, gboolean is_own_disk);

#endif
