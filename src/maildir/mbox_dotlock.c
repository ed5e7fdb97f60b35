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
/* So long somebody has to look at what goes by the time of day. */
#define SEEN_US (2 * SECOND_US)
#define NAME_BYTES 256
/* Of the file: more says nothing that could be meant. */
#define TEXT_BYTES 512
/* The world of numbers that the kernel begins with (PROC_PID_INIT_INO, Linux 3.8 and later). */
#define FIRST_SPACE "pid:[4026531836]"

/* "" where it has none. */
static void name_host(char host[NAME_BYTES])
{
    memset(host, 0, NAME_BYTES);
    if (gethostname(host, NAME_BYTES - 1) != 0)
        *host = '\0';
}

/* "" where there is no /proc. */
static void name_space(char space[NAME_BYTES])
{
    memset(space, 0, NAME_BYTES);
    if (readlink("/proc/self/ns/pid", space, NAME_BYTES - 1) < 0)
        *space = '\0';
}

/* ---- whose it is ---- */

/* "host", or "host space ticks". */
static gboolean read_place(char **words, const MboxDotlockHere *here, guint64 *ticks)
{
    const guint n = g_strv_length(words);

    if (n == 0)
        return here->is_own_disk;
    if (!*here->host || g_ascii_strcasecmp(words[0], here->host) != 0)
        return FALSE;
    return n == 1 || (n == 3 && *here->space && g_str_equal(words[1], here->space) &&
                      g_ascii_string_to_unsigned(words[2], 10, 1, G_MAXINT64, ticks, NULL));
}

MboxDotlockOwner mbox_dotlock_owner(const char *text, gsize size, const MboxDotlockHere *here)
{
    g_autofree char *all = g_strndup(text, MIN(size, TEXT_BYTES));
    MboxDotlockOwner owner = {0};
    char *after;
    const guint64 pid = g_ascii_isdigit(*all) ? g_ascii_strtoull(all, &after, 10) : 0;

    if (pid == 0 || pid > INT_MAX || size > TEXT_BYTES || strlen(all) != size)
        return owner;
    if (*after == ':')
        after++;
    else if (*after && !g_ascii_isspace(*after))
        return owner;
    g_strstrip(after);
    g_auto(GStrv) words = g_strsplit(after, " ", 4);
    if (read_place(words, here, &owner.ticks))
        owner.pid = (pid_t)pid;
    return owner;
}

/* Since the start of the machine; 0: unknown. The 22nd word of /proc/PID/stat (proc(5)); the second may have
 * blanks and brackets. */
static guint64 ticks_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid), *text = NULL;
    const char *after = NULL;
    guint64 ticks;

    if (g_file_get_contents(path, &text, NULL, NULL))
        after = strrchr(text, ')');
    if (!after)
        return 0;
    g_auto(GStrv) words = g_strsplit(after, " ", 22);
    return g_strv_length(words) >= 21 &&
                   g_ascii_string_to_unsigned(words[20], 10, 0, G_MAXINT64, &ticks, NULL)
               ? MAX(ticks, 1)
               : 0;
}

/* Seconds since 1970, by the clock as it is now. */
static int64_t to_wall_s(guint64 ticks)
{
    const int64_t up_s = clock_boot_us() / SECOND_US;

    return clock_wall_s() - up_s + (int64_t)(ticks / (guint64)MAX(sysconf(_SC_CLK_TCK), 1));
}

static gboolean is_same_lock(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
           one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* Whether the caller has looked at it for long enough. */
static gboolean was_seen(MboxDotlockSeen *seen, const struct stat *lock)
{
    const int64_t now_us = clock_now_us();

    if (!is_same_lock(&seen->as, lock)) {
        seen->as = *lock;
        seen->since_us = now_us;
    }
    return now_us - seen->since_us >= SEEN_US;
}

static gboolean is_left(const MboxDotlockOwner *owner, const struct stat *lock, MboxDotlockSeen *seen)
{
    const gboolean is_old = was_seen(seen, lock) && clock_wall_s() - (int64_t)lock->st_mtime > STALE_S;

    if (owner->pid <= 0)
        return is_old;
    if (kill(owner->pid, 0) < 0 && errno == ESRCH)
        return TRUE;
    const guint64 ticks = ticks_of(owner->pid);
    if (owner->ticks && ticks)
        return ticks != owner->ticks;
    return is_old && ticks && to_wall_s(ticks) > (int64_t)lock->st_mtime + ROUNDED_S;
}

/* ---- taking it ---- */

static gboolean is_at_path(const char *path, const struct stat *is)
{
    struct stat at_path;

    return lstat(path, &at_path) == 0 && at_path.st_dev == is->st_dev && at_path.st_ino == is->st_ino;
}

static MboxDotlockOwner owner_by(const char *path, const char *text, ssize_t size)
{
    char host[NAME_BYTES], space[NAME_BYTES];
    g_autofree char *folder = g_path_get_dirname(path);

    name_host(host);
    name_space(space);
    const gboolean is_elsewhere = *space && strcmp(space, FIRST_SPACE) != 0;
    const MboxDotlockHere here = {host, space, !is_elsewhere && !file_is_on_network(folder, NULL)};
    return mbox_dotlock_owner(text, (gsize)MAX(size, 0), &here);
}

/* One tern at a time looks and takes away (flock): else the second of two that have seen a dead one's would
 * take away what the first has made in its place. What one may not open goes by its age alone. */
static gboolean take_away(const char *path, MboxDotlockSeen *seen)
{
    const int how = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const int for_writing = open(path, O_RDWR | how); /* NFS locks no other file */
    const int fd = for_writing >= 0 ? for_writing : open(path, O_RDONLY | how);
    const gboolean is_anothers = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    char text[TEXT_BYTES + 1];
    MboxDotlockOwner owner = {0};
    struct stat is;
    gboolean gone = FALSE;

    if (fd >= 0 && !is_anothers) {
        const ssize_t size = read(fd, text, sizeof text);
        owner = owner_by(path, text, size);
    }
    if (!is_anothers && (fd >= 0 ? fstat(fd, &is) : lstat(path, &is)) == 0)
        gone = is_left(&owner, &is, seen) && is_at_path(path, &is) && unlink(path) == 0;
    if (fd >= 0)
        close(fd);
    return gone;
}

/* What stands in a lock of ours: mbox_dotlock_owner() reads it. To be freed. */
static char *own_text(void)
{
    char host[NAME_BYTES], space[NAME_BYTES];

    name_host(host);
    name_space(space);
    const guint64 ticks = ticks_of(getpid());
    return *host && *space && ticks
               ? g_strdup_printf("%d %s %s %" G_GUINT64_FORMAT "\n", (int)getpid(), host, space, ticks)
               : g_strdup_printf("%d%s%s\n", (int)getpid(), *host ? " " : "", host);
}

/* The text before the file, and then at once: nobody sees half a number, and a kill hardly leaves an empty lock,
 * which goes by its age only. */
static int make(const char *path)
{
    g_autofree char *text = own_text();
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    if (write(fd, text, strlen(text)) < 0)
        errno = 0; /* then it goes by its age */
    close(fd);
    return 1;
}

int mbox_dotlock_take(const char *path, MboxDotlockSeen *seen)
{
    const int made = make(path);

    return made == 0 && take_away(path, seen) ? make(path) : made;
}
