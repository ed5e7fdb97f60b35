/* mbox_lock.c - see mbox.h: the locks that other programs look at. */
#include "maildir/mbox_private.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Between two tries. */
#define TRY_MS 100
/* Others hold it for so long before somebody is told. */
#define TOLD_US (2 * SECOND_US)

static char *dotlock_of(const Mbox *mbox)
{
    return g_strconcat(mbox->path, ".lock", NULL);
}

/* A new file's name is durable before mail is in it, but in a folder that one may not open (a spool). */
static int open_file(const Mbox *mbox, gboolean makes)
{
    const int how = (mbox->journal ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    g_autofree char *folder = g_path_get_dirname(mbox->path);
    int fd = open(mbox->path, how);

    if (fd >= 0 || errno != ENOENT || !makes)
        return fd;
    fd = open(mbox->path, how | O_CREAT, 0600);
    if (fd < 0 || file_sync_folder(folder, NULL) || errno == EACCES)
        return fd;
    close(fd);
    errno = EIO;
    return -1;
}

/* Whether the path is that of the open file: it may have been replaced between opening and locking it. */
static gboolean is_at_path(const Mbox *mbox, const struct stat *is)
{
    struct stat at_path;

    return stat(mbox->path, &at_path) == 0 && at_path.st_dev == is->st_dev && at_path.st_ino == is->st_ino;
}

/* 1; others have it: 0; -1 and errno. The file may be another one than before: a program may have replaced
 * it. */
static int lock_file(Mbox *mbox, gboolean makes)
{
    struct flock lock = {.l_type = mbox->journal ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
    struct stat is;

    if (mbox->fd >= 0)
        close(mbox->fd);
    mbox->fd = open_file(mbox, makes);
    if (mbox->fd < 0)
        return errno == ENOENT ? 1 : -1;
    if (fstat(mbox->fd, &is) < 0)
        return -1;
    if (!S_ISREG(is.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    /* Of the open file, not of the process: closing another descriptor of it does not give it back. */
    if (fcntl(mbox->fd, F_OFD_SETLK, &lock) == 0) {
        if (is_at_path(mbox, &is))
            return 1;
        close(mbox->fd); /* and with it the lock of a file that is nobody's any more */
        mbox->fd = -1;
        return 0;
    }
    return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

static void drop_dotlock(Mbox *mbox)
{
    g_autofree char *path = dotlock_of(mbox);

    if (mbox->has_dotlock)
        unlink(path);
    mbox->has_dotlock = FALSE;
}

/* 1, 0, -1 as above. */
static int try_both(Mbox *mbox, gboolean makes)
{
    g_autofree char *path = dotlock_of(mbox);
    const int dotlock = mbox->journal ? mbox_dotlock_take(path, &mbox->dotlock_seen) : 1;

    if (dotlock == 0)
        return 0;
    /* A spool's folder belongs to the system: those who may not write there go by fcntl alone. */
    if (dotlock < 0 && errno != EACCES && errno != EPERM && errno != EROFS)
        return -1;
    mbox->has_dotlock = dotlock == 1 && mbox->journal != NULL;
    const int locked = lock_file(mbox, makes);
    if (locked != 1) {
        const int saved = errno;
        drop_dotlock(mbox);
        errno = saved;
    }
    return locked;
}

/* Whoever sees nothing happen wants to know why. */
static void tell_waiting(Mbox *mbox)
{
    g_autofree char *shown = g_filename_display_name(mbox->path);
    g_autofree char *sentence = g_strdup_printf(
        _("waiting for another program that has locked the mailbox %s; if none runs, delete %s.lock"), shown,
        shown);

    if (mbox->options.tell)
        mbox->options.tell(sentence, mbox->options.data);
    mbox->options.tell = NULL;
}

gboolean mbox_lock(Mbox *mbox, gboolean makes, GError **error)
{
    const int64_t began_us = clock_now_us(), deadline_us = began_us + MBOX_LOCK_S * SECOND_US;
    int locked;

    if (mbox->lock_depth > 0 && (mbox->fd >= 0 || !makes)) {
        mbox->lock_depth++;
        return TRUE;
    }
    mbox->dotlock_seen = (MboxDotlockSeen){0};
    while ((locked = try_both(mbox, makes)) == 0 && clock_timeout_ms(deadline_us) != 0) {
        if (clock_now_us() - began_us > TOLD_US)
            tell_waiting(mbox);
        struct pollfd cancel = {cancel_fd(mbox->options.cancel), POLLIN, 0};
        if (cancel_check(mbox->options.cancel, error))
            return FALSE;
        poll(&cancel, 1, TRY_MS);
    }
    if (locked < 0)
        return mbox_fail(mbox, _("cannot lock the mailbox"), error);
    if (locked == 0) {
        tern_error_set(error, TERN_ERROR_STORE,
                       _("another program has locked the mailbox %s; if none runs, delete %s.lock"),
                       mbox->path, mbox->path);
        return FALSE;
    }
    mbox->lock_depth++;
    return TRUE;
}

void mbox_unlock(Mbox *mbox)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

    if (--mbox->lock_depth > 0)
        return;
    if (mbox->fd >= 0)
        fcntl(mbox->fd, F_OFD_SETLK, &lock);
    drop_dotlock(mbox);
}
