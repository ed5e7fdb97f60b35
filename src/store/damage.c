/* damage.c - see damage.h: how damage is known. */
#include "store/damage.h"

#include "store/promise.h"
#include "store/wal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void store_damage_note(const char *path)
{
    g_autofree char *mark = g_strconcat(path, STORE_DAMAGE_MARK, NULL);
    const int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
}

gboolean store_damage_was_used(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *notice = g_build_filename(folder, "notice", NULL); /* see notice.h */

    return access(notice, F_OK) == 0;
}

void store_damage_look(const char *path)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    StorePromise promise;

    store_promise_read(path, &promise);
    if (store_wal_is_cut(log, &promise.log))
        store_damage_note(path);
}

gboolean store_damage_is_seen(const char *path)
{
    g_autofree char *mark = g_strconcat(path, STORE_DAMAGE_MARK, NULL),
                    *log = g_strconcat(path, "-wal", NULL);
    struct stat status;

    if (access(mark, F_OK) == 0)
        return TRUE;
    if (stat(path, &status) != 0)
        return FALSE;
    return !S_ISREG(status.st_mode) || (status.st_size == 0 && store_damage_was_used(path)) ||
           store_wal_is_broken(log);
}
