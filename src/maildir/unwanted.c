/* unwanted.c - see unwanted.h. */
#include "maildir/unwanted.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "maildir/uidl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static gboolean fail(const char *path, GError **error)
{
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot keep %s"), path);
    return FALSE;
}

/* Alone with it; -1 and STORE, or -1 without an error where it does not exist and is not to be made. */
static int open_alone(const char *path, int flags, GError **error)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

    if (fd < 0 && (errno != ENOENT || flags & O_CREAT))
        fail(path, error);
    while (fd >= 0 && flock(fd, LOCK_EX) < 0)
        if (errno != EINTR) {
            fail(path, error);
            close(fd);
            return -1;
        }
    return fd;
}

static GString *lines_of(const GPtrArray *bases)
{
    GString *lines = g_string_new(NULL);

    for (guint i = 0; i < bases->len; i++) {
        const char *base = bases->pdata[i];
        g_autofree char *mark = uidl_mark_of(base);
        if (mark && !strchr(base, '\n'))
            g_string_append_printf(lines, "%s\n", base);
    }
    return lines;
}

gboolean unwanted_add(const char *path, const GPtrArray *bases, GError **error)
{
    g_autoptr(GString) lines = lines_of(bases);
    g_autofree char *folder = g_path_get_dirname(path);

    if (lines->len == 0)
        return TRUE;
    const int fd = file_make_folder(folder, error) ? open_alone(path, O_CREAT | O_APPEND, error) : -1;
    if (fd < 0)
        return FALSE;
    gboolean ok = file_write_all(fd, lines->str, lines->len, error);
    if (ok && fdatasync(fd) < 0)
        ok = fail(path, error);
    close(fd);
    return ok && file_sync_folder(folder, error);
}

/* Whole lines; the last one may have been torn by a power cut. */
static GPtrArray *read_lines(const char *path, GError **error)
{
    g_autofree char *text = file_read(path, LIMIT_UIDL_LOG_BYTES, NULL, error);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    if (!text)
        return NULL;
    for (char *at = text, *end; (end = strchr(at, '\n')); at = end + 1)
        g_ptr_array_add(lines, g_strndup(at, (gsize)(end - at)));
    return g_steal_pointer(&lines);
}

gboolean unwanted_take(const char *path, gboolean (*take)(const GPtrArray *bases, void *data, GError **error),
                       void *data, GError **error)
{
    GError *failed = NULL;
    const int fd = open_alone(path, 0, &failed);

    if (fd < 0) {
        if (failed)
            g_propagate_error(error, failed);
        return !failed;
    }
    g_autoptr(GPtrArray) lines = read_lines(path, error);
    gboolean ok = lines && (lines->len == 0 || take(lines, data, error));
    if (ok && lines->len > 0 && ftruncate(fd, 0) < 0)
        ok = fail(path, error);
    close(fd);
    return ok;
}
