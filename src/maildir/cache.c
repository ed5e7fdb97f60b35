/* cache.c - see cache.h. */
#include "maildir/cache.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading a file writes its time at most so often. */
#define READ_AGAIN_S (24 * 60 * 60)

struct CacheFile {
    char *cache_folder, *temporary;
    int fd;
};

char *cache_path(const char *cache_folder, CacheName name)
{
    return g_strdup_printf("%s/messages/%02x/%" G_GINT64_FORMAT "-%016" G_GINT64_MODIFIER "x", cache_folder,
                           (unsigned)(name.id & 0xff), name.id, (guint64)name.token);
}

/* An empty one is what a power cut left: every message has a header. */
static gboolean is_there(const char *path, struct stat *is)
{
    return stat(path, is) == 0 && is->st_size > 0;
}

gboolean cache_has(const char *cache_folder, CacheName name)
{
    g_autofree char *path = cache_path(cache_folder, name);
    struct stat is;

    return is_there(path, &is);
}

char *cache_find(const char *cache_folder, CacheName name)
{
    g_autofree char *path = cache_path(cache_folder, name);
    struct stat is;

    if (!is_there(path, &is))
        return NULL;
    /* Either way: a clock that was wrong may have set a time to come, which would keep the file for ever. */
    if (ABS(clock_wall_s() - (int64_t)is.st_mtime) > READ_AGAIN_S)
        utimensat(AT_FDCWD, path, NULL, 0);
    return g_steal_pointer(&path);
}

CacheFile *cache_file_new(const char *cache_folder, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s/messages/new/XXXXXX", cache_folder);
    int fd = mkostemp(temporary, O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        g_autofree char *folder = g_path_get_dirname(temporary);
        if (!file_make_folder(folder, error))
            return NULL;
        g_free(temporary);
        temporary = g_strconcat(folder, "/XXXXXX", NULL);
        fd = mkostemp(temporary, O_CLOEXEC);
    }
    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file in %s/messages"),
                             cache_folder);
        return NULL;
    }
    CacheFile *file = g_new(CacheFile, 1);
    *file = (CacheFile){g_strdup(cache_folder), g_steal_pointer(&temporary), fd};
    return file;
}

int cache_file_fd(const CacheFile *file)
{
    return file->fd;
}

static void free_file(CacheFile *file)
{
    g_free(file->cache_folder);
    g_free(file->temporary);
    g_free(file);
}

static gboolean put_on_shelf(const CacheFile *file, const char *path)
{
    if (rename(file->temporary, path) == 0)
        return TRUE;
    if (errno != ENOENT)
        return FALSE;
    g_autofree char *shelf = g_path_get_dirname(path);
    /* messages/ holds the temporary file, too. Not file_make_folder(): nothing here is worth waiting for
     * the disk. */
    return (mkdir(shelf, 0700) == 0 || errno == EEXIST) && rename(file->temporary, path) == 0;
}

/* No fsync: after a power cut the file may be empty or short, but it can be had again; whoever lets it go at
 * the server syncs it first (engine/play_fetch.c). */
gboolean cache_file_commit(CacheFile *file, CacheName name, int64_t read_s, GError **error)
{
    g_autofree char *path = cache_path(file->cache_folder, name);
    const struct timespec times[] = {{.tv_sec = read_s}, {.tv_sec = read_s}};

    if (read_s)
        futimens(file->fd, times);
    const gboolean is_done = close(file->fd) == 0 && put_on_shelf(file, path);
    if (!is_done) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
        unlink(file->temporary);
    }
    free_file(file);
    return is_done;
}

void cache_file_discard(CacheFile *file)
{
    if (!file)
        return;
    close(file->fd);
    unlink(file->temporary);
    free_file(file);
}
