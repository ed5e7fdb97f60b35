/* damage.c - see damage.h. */
#include "store/damage.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "store/rescue.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK ".is-damaged"
/* What is being put together, whole from the moment when the damaged file has another name. */
#define RESCUED ".rescued"
#define WAL_HEADER_BYTES 32
/* Names that are tried for the file that is set aside: one for each time of a day. */
#define ASIDE_MAX 1000

static const char *const PARTS[] = {"", "-wal", "-shm"};

void store_damage_note(const char *path)
{
    g_autofree char *mark = g_strconcat(path, MARK, NULL);
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

/* Whether SQLite would pass over the log, and with it over what was written last: it begins with one of two
 * numbers (SQLite's file format, 4.1), which are there before anything else is. */
static gboolean has_broken_log(const char *path)
{
    static const unsigned char MAGIC[] = {0x37, 0x7f, 0x06};
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    unsigned char head[WAL_HEADER_BYTES];
    const int fd = open(log, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == EISDIR;
    const ssize_t size = read(fd, head, sizeof head);
    close(fd);
    return size == (ssize_t)sizeof head &&
           (memcmp(head, MAGIC, sizeof MAGIC) != 0 || (head[3] & 0xfe) != 0x82);
}

gboolean store_damage_is_seen(const char *path)
{
    g_autofree char *mark = g_strconcat(path, MARK, NULL);
    struct stat status;

    if (access(mark, F_OK) == 0)
        return TRUE;
    if (stat(path, &status) != 0)
        return FALSE;
    return !S_ISREG(status.st_mode) || (status.st_size == 0 && store_damage_was_used(path)) ||
           has_broken_log(path);
}

/* ---- setting aside ---- */

/* A name that nothing has yet. */
static char *aside_name(const char *path)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(clock_wall_s());
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d");

    for (int i = 1; i < ASIDE_MAX; i++) {
        g_autofree char *name = i == 1 ? g_strdup_printf("%s.damaged-%s", path, date)
                                       : g_strdup_printf("%s.damaged-%s-%d", path, date, i);
        struct stat status;
        if (lstat(name, &status) != 0)
            return g_steal_pointer(&name);
    }
    return g_strdup_printf("%s.damaged", path);
}

static gboolean rename_file(const char *from, const char *to, GError **error)
{
    if (rename(from, to) == 0 || errno == ENOENT)
        return TRUE;
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("the damaged mail store %s cannot be set aside"),
                         from);
    return FALSE;
}

/* The log and its index first: without them the file is still seen as what is to be set aside. */
static gboolean set_aside(const char *path, const char *aside, GError **error)
{
    for (guint i = G_N_ELEMENTS(PARTS); i > 0; i--) {
        g_autofree char *from = g_strconcat(path, PARTS[i - 1], NULL),
                        *to = g_strconcat(aside, PARTS[i - 1], NULL);
        if (!rename_file(from, to, error))
            return FALSE;
    }
    return TRUE;
}

static void remove_rescued(const char *rescued)
{
    for (guint i = 0; i < G_N_ELEMENTS(PARTS); i++) {
        g_autofree char *name = g_strconcat(rescued, PARTS[i], NULL);
        unlink(name);
    }
}

static char *tell(const char *aside, const StoreRescued *rescued)
{
    g_autoptr(GString) told = g_string_new(NULL);

    g_string_printf(
        told, _("the mail store was damaged; what was there is now %s, and mail is fetched anew."), aside);
    if (rescued->n_kept)
        g_string_append_printf(told,
                               ngettext_(" %d change that was not sent yet is kept.",
                                         " %d changes that were not sent yet are kept.", rescued->n_kept),
                               rescued->n_kept);
    if (rescued->n_lost)
        g_string_append_printf(told, ngettext_(" %d is lost: %s.", " %d are lost: %s.", rescued->n_lost),
                               rescued->n_lost, rescued->lost->str);
    if (!rescued->is_whole)
        g_string_append(told,
                        _(" More changes that were not sent may be lost: not all of them could be read."));
    return g_string_free(g_steal_pointer(&told), FALSE);
}

static gboolean put_in_place(const char *path, const char *rescued, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path), *mark = g_strconcat(path, MARK, NULL);

    if (!file_sync_folder(folder, error) || !rename_file(rescued, path, error) ||
        !file_sync_folder(folder, error))
        return FALSE;
    unlink(mark);
    return TRUE;
}

gboolean store_damage_repair(const char *path, char **told_out, GError **error)
{
    g_autofree char *rescued_path = g_strconcat(path, RESCUED, NULL), *aside = aside_name(path);
    g_auto(StoreRescued) rescued = {0};
    struct stat status;

    *told_out = NULL;
    store_damage_note(path);
    /* Killed between the two names, or somebody has moved the file away: then there may be nothing to put in
     * its place. */
    if (lstat(path, &status) != 0)
        return put_in_place(path, rescued_path, error);
    remove_rescued(rescued_path);
    if (!schema_make(rescued_path, error) || !store_rescue(path, rescued_path, &rescued, error) ||
        !set_aside(path, aside, error) || !put_in_place(path, rescued_path, error))
        return FALSE;
    *told_out = tell(aside, &rescued);
    return TRUE;
}
