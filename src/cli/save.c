/* save.c - see save.h. */
#include "cli/save.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* After so many files of one name something else is wrong. */
#define MOST_COPIES 1000

/* "plan (2).pdf"; the first has no number. */
static char *numbered(const char *name, int number)
{
    const char *dot = strrchr(name, '.');

    if (number == 1)
        return g_strdup(name);
    if (!dot || dot == name)
        return g_strdup_printf("%s (%d)", name, number);
    return g_strdup_printf("%.*s (%d)%s", (int)(dot - name), name, number, dot);
}

/* A new file of that name in the folder; *path_out is to be freed. */
static int create(const char *folder, const char *name, char **path_out, GError **error)
{
    int fd = -1;

    for (int number = 1; fd < 0 && number <= MOST_COPIES; number++) {
        g_autofree char *file = numbered(name, number);
        g_autofree char *path = g_build_filename(folder, file, NULL);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST) {
            tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
            return -1;
        }
        if (fd >= 0)
            *path_out = g_steal_pointer(&path);
    }
    if (fd < 0)
        tern_error_set(error, TERN_ERROR_STORE, _("%s already holds %d files called %s"), folder, MOST_COPIES,
                       name);
    return fd;
}

char *cli_save_part(const MimeMessage *message, const MimePart *part, const char *folder, GError **error)
{
    g_autofree char *plain = part->filename ? NULL : g_strdup_printf("part-%s", part->number);
    g_autofree char *name = sanitise_file_name(part->filename ? part->filename : plain);
    g_autofree char *path = NULL;
    int fd = create(folder, name, &path, error);

    if (fd < 0)
        return NULL;
    gboolean ok = mime_part_write(message, part, fd, error);
    if (close(fd) != 0 && ok) { /* where a full disk is told of last */
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
        ok = FALSE;
    }
    if (ok)
        return g_steal_pointer(&path);
    unlink(path); /* nothing half-written */
    return NULL;
}
