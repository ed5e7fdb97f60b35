/* file.c - see file.h. */
#include "base/file.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define FOLDER_ITSELF (O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) /* and no link to one */

/* Not in <linux/magic.h> of Debian 12. */
#define CIFS_MAGIC 0xFF534D42
#define GFS2_MAGIC 0x01161970
#define LUSTRE_MAGIC 0x0BD00BD0

/* Sets the error from errno (gettext leaves it alone). The second is FALSE, for `return FAIL(…)`. */
#define SET_ERROR(...) tern_error_set_errno(error, TERN_ERROR_STORE, errno, __VA_ARGS__)
#define FAIL(...) (SET_ERROR(__VA_ARGS__), FALSE)

/* Reads until the end of the file, or one byte more than `max_bytes`, which says that there is too much. */
static gboolean read_all(int fd, GByteArray *into, gsize max_bytes)
{
    guint8 piece[16384];

    while (into->len <= max_bytes) {
        gsize room = MIN(sizeof piece, max_bytes + 1 - into->len);
        ssize_t n = read(fd, piece, room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        g_byte_array_append(into, piece, (guint)n);
    }
    return TRUE;
}

char *file_read(const char *path, gsize max_bytes, gsize *size_out, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO would wait for a writer */
    struct stat st;
    if (fd < 0) {
        SET_ERROR(_("cannot open %s"), path);
        return NULL;
    }
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        close(fd);
        tern_error_set(error, TERN_ERROR_STORE, _("%s is no plain file"), path);
        return NULL;
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gboolean ok = read_all(fd, bytes, max_bytes) || FAIL(_("cannot read %s"), path);
    close(fd);
    if (ok && bytes->len > max_bytes) {
        tern_error_set(error, TERN_ERROR_LIMIT, _("%s is larger than %" G_GSIZE_FORMAT " bytes"), path,
                       max_bytes);
        ok = FALSE;
    }
    if (!ok)
        return NULL;
    if (size_out)
        *size_out = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
}

gssize file_read_at(int fd, void *data, gsize size, int64_t at)
{
    char *bytes = data;
    gsize got = 0;

    while (got < size) {
        const ssize_t n = pread(fd, bytes + got, size - got, at + (int64_t)got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (gsize)n;
    }
    return (gssize)got;
}

gboolean file_write_all(int fd, const void *data, gsize size, GError **error)
{
    const char *at = data;

    while (size) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FAIL(_("cannot write a file"));
        at += n;
        size -= (gsize)n;
    }
    return TRUE;
}

gboolean file_copy_rest(int from, int to, const char *unread, GError **error)
{
    char piece[32 << 10];
    ssize_t n;

    while ((n = read(from, piece, sizeof piece)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            tern_error_set_errno(error, TERN_ERROR_STORE, errno, "%s", unread);
            return FALSE;
        }
        if (!file_write_all(to, piece, (gsize)n, error))
            return FALSE;
    }
    return TRUE;
}

gboolean file_sync_folder(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return FAIL(_("cannot open the folder %s"), path);
    /* EINVAL: a file system that has no such thing (some FUSE ones); it then promises nothing anyway. */
    gboolean ok = fsync(fd) == 0 || errno == EINVAL || FAIL(_("cannot sync the folder %s"), path);
    close(fd);
    return ok;
}

gboolean file_write_atomic(const char *path, const void *data, gsize size, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    g_autofree char *folder = g_path_get_dirname(path);

    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return FAIL(_("cannot make a file beside %s"), path);
    gboolean ok = file_write_all(fd, data, size, error);
    if (ok && fsync(fd) < 0)
        ok = FAIL(_("cannot sync %s"), temporary);
    if (close(fd) < 0 && ok)
        ok = FAIL(_("cannot write %s"), temporary);
    if (ok && rename(temporary, path) < 0)
        ok = FAIL(_("cannot replace %s"), path);
    if (!ok) {
        unlink(temporary);
        return FALSE;
    }
    return file_sync_folder(folder, error);
}

gboolean file_make_folder(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    struct stat is;

    if (mkdir(path, FOLDER_MODE) == 0)
        return file_sync_folder(parent, error);
    if (errno == EEXIST && stat(path, &is) == 0 && S_ISDIR(is.st_mode))
        return TRUE;
    if (errno == ENOENT && !g_str_equal(parent, path)) {
        if (!file_make_folder(parent, error))
            return FALSE;
        if (mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST)
            return file_sync_folder(parent, error);
    }
    return FAIL(_("cannot make the folder %s"), path);
}

int file_lock(const char *path, gboolean exclusive, gboolean wait, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    /* On a medium that cannot be written, where nobody has it exclusively. */
    if (fd < 0 && !exclusive)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        SET_ERROR(_("cannot open the lock file %s"), path);
        return -1;
    }
    int how = (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB);
    int failed;
    while ((failed = flock(fd, how)) < 0 && errno == EINTR)
        ;
    if (!failed)
        return fd;
    if (errno != EWOULDBLOCK)
        SET_ERROR(_("cannot lock %s"), path);
    close(fd);
    return -1;
}

/* Every step is taken from a descriptor and follows no link, so that nobody can put one into the way
 * meanwhile. The descriptor is closed. */
static gboolean empty_folder_at(int fd)
{
    DIR *dir = fdopendir(fd);
    const struct dirent *entry;
    gboolean ok = dir != NULL;

    if (!dir)
        close(fd);
    while (ok && (errno = 0, entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (g_str_equal(name, ".") || g_str_equal(name, "..") || unlinkat(fd, name, 0) == 0 ||
            errno == ENOENT)
            continue;
        const int below = errno == EISDIR ? openat(fd, name, O_RDONLY | FOLDER_ITSELF) : -1;
        ok = below >= 0 && empty_folder_at(below) && unlinkat(fd, name, AT_REMOVEDIR) == 0;
    }
    ok = ok && errno == 0;
    const int saved = errno;
    if (dir)
        closedir(dir);
    errno = saved;
    return ok;
}

gboolean file_empty_folder(const char *path, GError **error)
{
    const int fd = open(path, O_RDONLY | FOLDER_ITSELF);

    if (fd < 0 && errno == ENOENT)
        return TRUE;
    return (fd >= 0 && empty_folder_at(fd)) || FAIL(_("cannot empty the folder %s"), path);
}

gboolean file_is_on_network(const char *path, const char **type_out)
{
    static const struct {
        unsigned long magic;
        const char *name;
    } NETWORK[] = {{NFS_SUPER_MAGIC, "NFS"}, {SMB_SUPER_MAGIC, "SMB"}, {SMB2_SUPER_MAGIC, "SMB"},
                   {CIFS_MAGIC, "CIFS"},     {AFS_SUPER_MAGIC, "AFS"}, {CODA_SUPER_MAGIC, "Coda"},
                   {NCP_SUPER_MAGIC, "NCP"}, {V9FS_MAGIC, "9P"},       {CEPH_SUPER_MAGIC, "Ceph"},
                   {GFS2_MAGIC, "GFS2"},     {LUSTRE_MAGIC, "Lustre"}};
    struct statfs is;

    if (statfs(path, &is) < 0)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(NETWORK); i++) {
        if ((unsigned long)is.f_type == NETWORK[i].magic) {
            if (type_out)
                *type_out = NETWORK[i].name;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean file_leaves_reserve(const char *path, int64_t bytes)
{
    struct statvfs space;

    if (statvfs(path, &space) < 0 || space.f_blocks == 0)
        return TRUE;
    const uint64_t tenth = space.f_blocks / 10 * space.f_frsize;
    const uint64_t reserve = MIN(tenth, (uint64_t)LIMIT_DISK_RESERVE_BYTES);
    return space.f_bavail * space.f_frsize >= reserve + (uint64_t)MAX(bytes, 0);
}
