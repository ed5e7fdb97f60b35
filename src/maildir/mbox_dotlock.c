/* mbox_dotlock.c - see mbox_dotlock.h. */
#include "maildir/mbox_dotlock.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* As procmail and mutt have it. */
#define STALE_S 300
/* What the time of day and that since boot are rounded by, together. */
#define ROUNDED_S 2
#define HOST_BYTES 256
/* Of the file: more says nothing that could be meant. */
#define TEXT_BYTES 512

/* "" where it has none. */
static void name_host(char host[HOST_BYTES])
{
    memset(host, 0, HOST_BYTES);
    if (gethostname(host, HOST_BYTES - 1) != 0)
        *host = '\0';
}

/* ---- whose it is ---- */

pid_t mbox_dotlock_owner(const char *text, gsize size, const char *host, gboolean is_own_disk)
{
    g_autofree char *all = g_strndup(text, MIN(size, TEXT_BYTES));
    char *after;
    const guint64 pid = g_ascii_isdigit(*all) ? g_ascii_strtoull(all, &after, 10) : 0;

    if (pid == 0 || pid > INT_MAX || size > TEXT_BYTES || strlen(all) != size)
        return 0;
    if (*after == ':')
        after++;
    else if (*after && !g_ascii_isspace(*after))
        return 0;
    g_strstrip(after);
    const gboolean is_here = *after ? *host && g_ascii_strcasecmp(after, host) == 0 : is_own_disk;
    return is_here ? (pid_t)pid : 0;
}

/* Seconds since 1970; -1: unknown. The 22nd word of /proc/PID/stat (proc(5)); the second may have blanks and
 * brackets. */
static int64_t began_s(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid), *text = NULL;
    const char *after = NULL;
    guint64 ticks;

    if (g_file_get_contents(path, &text, NULL, NULL))
        after = strrchr(text, ')');
    if (!after)
        return -1;
    g_auto(GStrv) words = g_strsplit(after, " ", 22);
    if (g_strv_length(words) < 21 || !g_ascii_string_to_unsigned(words[20], 10, 0, G_MAXINT64, &ticks, NULL))
        return -1;
    const int64_t up_s = clock_boot_us() / SECOND_US;
    return clock_wall_s() - up_s + (int64_t)(ticks / (guint64)MAX(sysconf(_SC_CLK_TCK), 1));
}

static gboolean is_left(pid_t owner, const struct stat *lock)
{
    const gboolean is_old = clock_wall_s() - (int64_t)lock->st_mtime > STALE_S;

    if (owner <= 0)
        return is_old;
    if (kill(owner, 0) < 0 && errno == ESRCH)
        return TRUE;
    return is_old && began_s(owner) > (int64_t)lock->st_mtime + ROUNDED_S;
}

/* ---- taking it ---- */

static gboolean is_at_path(const char *path, const struct stat *is)
{
    struct stat at_path;

    return lstat(path, &at_path) == 0 && at_path.st_dev == is->st_dev && at_path.st_ino == is->st_ino;
}

/* One tern at a time looks and takes away (flock): else the second of two that have seen a dead one's would
 * take away what the first has made in its place. What one may not open goes by its age alone. */
static gboolean take_away(const char *path)
{
    const int how = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const int for_writing = open(path, O_RDWR | how); /* NFS locks no other file */
    const int fd = for_writing >= 0 ? for_writing : open(path, O_RDONLY | how);
    const gboolean is_anothers = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    char text[TEXT_BYTES + 1], host[HOST_BYTES];
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat is;
    pid_t owner = 0;
    gboolean gone = FALSE;

    if (fd >= 0 && !is_anothers) {
        const ssize_t size = read(fd, text, sizeof text);
        name_host(host);
        if (size > 0)
            owner = mbox_dotlock_owner(text, (gsize)size, host, !file_is_on_network(folder, NULL));
    }
    if (!is_anothers && (fd >= 0 ? fstat(fd, &is) : lstat(path, &is)) == 0)
        gone = is_left(owner, &is) && is_at_path(path, &is) && unlink(path) == 0;
    if (fd >= 0)
        close(fd);
    return gone;
}

static int make(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    char host[HOST_BYTES];

    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    name_host(host);
    /* At once, so that nobody sees half a number. */
    g_autofree char *text = g_strdup_printf("%d%s%s\n", (int)getpid(), *host ? " " : "", host);
    if (write(fd, text, strlen(text)) < 0)
        errno = 0; /* then it goes by its age */
    close(fd);
    return 1;
}

int mbox_dotlock_take(const char *path)
{
    const int made = make(path);

    return made == 0 && take_away(path) ? make(path) : made;
}
