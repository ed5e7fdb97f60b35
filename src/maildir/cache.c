/* cache.c - see cache.h. */
#include "maildir/cache.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct CacheFile {
    char *path, *temporary;
    int fd;
};

static char *folder_of(const char *cache_folder, int64_t message_id)
{
    return g_strdup_printf("%s/messages/%02x", cache_folder, (unsigned)(message_id & 0xff));
}

char *cache_path(const char *cache_folder, int64_t message_id)
{
    g_autofree char *folder = folder_of(cache_folder, message_id);
    return g_strdup_printf("%s/%" G_GINT64_FORMAT, folder, message_id);
}

char *cache_find(const char *cache_folder, int64_t message_id)
{
    g_autofree char *path = cache_path(cache_folder, message_id);
    struct stat is;

    return stat(path, &is) == 0 && is.st_size > 0 ? g_steal_pointer(&path) : NULL;
}

CacheFile *cache_file_new(const char *cache_folder, int64_t message_id, GError **error)
{
    g_autofree char *folder = folder_of(cache_folder, message_id);
    g_autofree char *path = cache_path(cache_folder, message_id);
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);

    if (!file_make_folder(folder, error))
        return NULL;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file in %s"), folder);
        return NULL;
    }
    CacheFile *file = g_new0(CacheFile, 1);
    file->path = g_steal_pointer(&path);
    file->temporary = g_steal_pointer(&temporary);
    file->fd = fd;
    return file;
}

int cache_file_fd(const CacheFile *file)
{
    return file->fd;
}

static void free_file(CacheFile *file)
{
    g_free(file->path);
    g_free(file->temporary);
    g_free(file);
}

/* No fsync: after a power cut the file may be empty or short, but it can be had again; an empty one is told by its
 * size, since every message has a header. */
gboolean cache_file_commit(CacheFile *file, GError **error)
{
    gboolean ok = close(file->fd) == 0 && rename(file->temporary, file->path) == 0;

    if (!ok) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), file->path);
        unlink(file->temporary);
    }
    free_file(file);
    return ok;
}

void cache_file_discard(CacheFile *file)
{
    if (!file)
        return;
    close(file->fd);
    unlink(file->temporary);
    free_file(file);
}
