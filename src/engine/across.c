/* across.c - see across.h. */
#include "engine/across.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LATER_S 5
#define LATER_MOST_S 3600
/* A file that no entry names was left by an import that was killed. */
#define STRAY_S (60 * 60)

int64_t across_later_s(int tries)
{
    return clock_wall_s() + MIN((int64_t)LATER_S << MIN(tries, 16), LATER_MOST_S);
}

void across_message_clear(AcrossMessage *message)
{
    if (message->fd >= 0)
        close(message->fd);
    message->fd = -1;
    g_clear_pointer(&message->keywords, g_strfreev);
}

struct Across {
    const Config *config;
    const Paths *paths;
    Store *store;
    StoreReader *reader;
    int64_t lock_wait_us;
    Cancel *cancel;
    /* The folder that messages are read from which are in no file of their own. */
    Disk disk;
    DiskBox *box;      /* NULL: none is open */
    char *raw_name;    /* its */
    GError *is_in_use; /* it cannot be had: nobody waits for it a second time */
};

Across *across_new(const Config *config, const Paths *paths, Store *store, StoreReader *reader,
                   int64_t lock_wait_us, Cancel *cancel)
{
    Across *across = g_new0(Across, 1);

    across->config = config;
    across->paths = paths;
    across->store = store;
    across->reader = reader;
    across->lock_wait_us = lock_wait_us;
    across->cancel = cancel;
    return across;
}

void across_release(Across *across)
{
    g_clear_pointer(&across->box, disk_box_free);
    g_clear_pointer(&across->raw_name, g_free);
    if (across->disk.depth)
        disk_end(&across->disk);
    across->disk.account = NULL;
    g_clear_error(&across->is_in_use);
}

void across_free(Across *across)
{
    if (!across)
        return;
    across_release(across);
    g_free(across);
}

/* ---- what is in no file of its own ---- */

static gboolean begin(Across *across, const ConfigAccount *account, GError **error)
{
    GError *failed = NULL;

    across->disk = (Disk){.account = account,
                          .paths = across->paths,
                          .store = across->store,
                          .reader = across->reader,
                          .cancel = across->cancel};
    if (disk_begin(&across->disk, across->lock_wait_us, &failed))
        return TRUE;
    if (!failed)
        tern_error_set(&failed, TERN_ERROR_NETWORK, _("the folders of the account “%s” are in use"),
                       account->id);
    across->is_in_use = g_error_copy(failed);
    g_propagate_error(error, failed);
    return FALSE;
}

/* The folder that the message is in, kept open for the next one. */
static DiskBox *box_of(Across *across, const ConfigAccount *account, const StoreMessage *message,
                       GError **error)
{
    if (across->disk.account != account || g_strcmp0(across->raw_name, message->file_folder)) {
        across_release(across);
        across->raw_name = g_strdup(message->file_folder);
        if (!begin(across, account, error))
            return NULL;
        GError *failed = NULL;
        across->box = disk_box_open(&across->disk, message->file_folder, &failed);
        if (failed) { /* it holds for the folder's other messages, which are no less there for it */
            across->is_in_use = g_error_copy(failed);
            g_propagate_error(error, failed);
            return NULL;
        }
    }
    if (!across->is_in_use)
        return across->box;
    if (error && !*error)
        *error = g_error_copy(across->is_in_use);
    return NULL;
}

/* To a file that has no name. 1, 0, -1. */
static int write_between(Across *across, DiskBox *box, const StoreMessage *message, int fd, GError **error)
{
    g_auto(DiskAside) aside = {0};
    GError *failed = NULL;
    const int found =
        box->ops->write_out(box->of, message->file_name, message->file_flags, fd, &aside, &failed);

    if (found < 0 && !across->is_in_use && tern_error_is(failed, TERN_ERROR_STORE))
        across->is_in_use = g_error_copy(failed); /* another program's lock, most likely */
    if (failed)
        g_propagate_error(error, failed);
    return found == 1 && lseek(fd, 0, SEEK_SET) != 0 ? -1 : found;
}

static int open_between(Across *across, const ConfigAccount *account, const StoreMessage *message,
                        GError **error)
{
    DiskBox *box = box_of(across, account, message, error);
    FILE *between = box ? tmpfile() : NULL;
    int fd = -1;

    if (box && !between)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno,
                             _("a file for the copy of a message cannot be made"));
    if (!between)
        return -1;
    if (write_between(across, box, message, fileno(between), error) == 1)
        fd = fcntl(fileno(between), F_DUPFD_CLOEXEC, 0);
    fclose(between);
    return fd;
}

/* ---- what was imported ---- */

char *across_folder(const Paths *paths, const char *account)
{
    return g_build_filename(paths->data, "imports", account, NULL);
}

static gboolean copy_bytes(int from, int to, GError **error)
{
    char buffer[32768];
    int64_t at = 0;
    gssize n;

    while ((n = file_read_at(from, buffer, sizeof buffer, at)) > 0) {
        if (!file_write_all(to, buffer, (gsize)n, error))
            return FALSE;
        at += n;
    }
    if (n == 0 && fdatasync(to) == 0)
        return TRUE;
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be copied"));
    return FALSE;
}

/* A name that no other has or had: one that an open entry names is never written again. */
char *across_write_file(const char *folder, const char *start, int from, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s-XXXXXX", folder, start);
    const int to = mkostemp(path, O_CLOEXEC);

    if (to < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("%s cannot be written"), path);
        return NULL;
    }
    const gboolean ok = copy_bytes(from, to, error);
    close(to);
    if (!ok)
        unlink(path);
    return ok ? g_path_get_basename(path) : NULL;
}

static char *imported_path(const Across *across, const StoreEntry *entry)
{
    g_autofree char *folder = across_folder(across->paths, entry->account);

    return g_build_filename(folder, entry->name, NULL);
}

static int open_imported(const Across *across, const StoreEntry *entry, GError **error)
{
    g_autofree char *path = imported_path(across, entry);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 && errno != ENOENT)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
    return fd;
}

/* The names that the account's entries know files by: TRUE in the table where the entry is settled. NULL:
 * not known. */
static GHashTable *read_named(StoreReader *reader, const char *account)
{
    g_autoptr(GPtrArray) entries = store_read_journal(reader, account, TRUE, NULL);
    GHashTable *named = entries ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;

    for (guint i = 0; named && i < entries->len; i++) {
        const StoreEntry *entry = entries->pdata[i];
        if (entry->verb == STORE_VERB_APPEND && entry->name)
            g_hash_table_insert(named, g_strdup(entry->name),
                                GINT_TO_POINTER(entry->state > STORE_ENTRY_SENT));
    }
    return named;
}

/* One that no entry names may be of an import that is just under way. */
static gboolean is_stray(GHashTable *named, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct stat is;
    void *settled;

    if (g_hash_table_lookup_extended(named, name, NULL, &settled))
        return settled != NULL;
    return stat(path, &is) == 0 && clock_wall_s() - (int64_t)is.st_mtime > STRAY_S;
}

void across_remove_strays(const Paths *paths, StoreReader *reader, const char *account)
{
    g_autofree char *folder = across_folder(paths, account);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GHashTable) named = NULL;
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        if (!named && !(named = read_named(reader, account)))
            return;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (is_stray(named, folder, name))
            unlink(path);
    }
}

void across_remove_all_strays(const Config *config, const Paths *paths, StoreReader *reader)
{
    const GPtrArray *accounts = config_accounts(config);

    for (guint i = 0; i < accounts->len; i++)
        across_remove_strays(paths, reader, ((const ConfigAccount *)accounts->pdata[i])->id);
}

void across_end(const Across *across, const StoreEntry *entry)
{
    if (entry->verb != STORE_VERB_APPEND)
        return;
    g_autofree char *path = imported_path(across, entry);
    unlink(path);
}

/* ---- any message ---- */

int across_open_message(Across *across, const StoreMessage *message, GError **error)
{
    const ConfigAccount *account =
        message->server_account ? config_account(across->config, message->server_account) : NULL;
    g_autofree char *path = engine_message_path(across->config, across->paths, message);
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (path && fd < 0 && errno != ENOENT)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
    if (path || !message->file_name || !account)
        return fd;
    return open_between(across, account, message, error);
}

int across_open(Across *across, const StoreEntry *entry, AcrossMessage *out, GError **error)
{
    GError *failed = NULL;

    *out = (AcrossMessage){.fd = -1};
    g_autoptr(StoreMessage) from = store_read_message(across->reader, entry->message, &failed);
    g_autoptr(StoreMessage) copy =
        from && entry->copy ? store_read_message(across->reader, entry->copy, &failed) : NULL;
    const StoreMessage *to = entry->copy ? copy : from;
    if (from && to)
        out->fd = entry->verb == STORE_VERB_APPEND ? open_imported(across, entry, &failed)
                                                   : across_open_message(across, from, &failed);
    if (failed) {
        g_propagate_error(error, failed);
        return -1;
    }
    if (out->fd < 0)
        return 0;
    out->flags = to->flags;
    out->keywords = g_strdupv(to->keywords);
    out->arrival_s = to->arrival_s;
    return 1;
}
