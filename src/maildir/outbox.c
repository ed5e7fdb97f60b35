/* outbox.c - see outbox.h. */
#include "maildir/outbox_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct Outbox {
    char *path;
};

struct OutboxFile {
    int fd;
    char *path; /* in tmp/; NULL: it was queued */
};

static char *path_in(const Outbox *outbox, const char *folder, const char *name)
{
    return g_build_filename(outbox->path, folder, name, NULL);
}

static char *envelope_path(const Outbox *outbox, int64_t id)
{
    return g_strdup_printf("%s/envelopes/%" G_GINT64_FORMAT, outbox->path, id);
}

char *outbox_message_path(const Outbox *outbox, int64_t id)
{
    return g_strdup_printf("%s/cur/%" G_GINT64_FORMAT ".tern:2,S", outbox->path, id);
}

Outbox *outbox_open(const char *data, GError **error)
{
    static const char *const FOLDERS[] = {"tmp", "new", "cur", "envelopes"};
    g_autoptr(Outbox) outbox = g_new0(Outbox, 1);

    outbox->path = g_build_filename(data, "outbox", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(FOLDERS); i++) {
        g_autofree char *path = path_in(outbox, FOLDERS[i], NULL);
        if (access(path, F_OK) == 0)
            continue;
        if (!file_make_folder(path, error) || !file_sync_folder(outbox->path, error))
            return NULL;
    }
    return g_steal_pointer(&outbox);
}

void outbox_free(Outbox *outbox)
{
    if (!outbox)
        return;
    g_free(outbox->path);
    g_free(outbox);
}

/* The outbox as it is does not change meanwhile; `exclusive`: but by the caller. */
static int lock(const Outbox *outbox, gboolean exclusive, GError **error)
{
    g_autofree char *path = path_in(outbox, "lock", NULL);

    return file_lock(path, exclusive, TRUE, error);
}

/* ---- putting a message in ---- */

OutboxFile *outbox_begin(Outbox *outbox, GError **error)
{
    g_autofree char *path = path_in(outbox, "tmp", "message-XXXXXX");
    const int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file in %s/tmp"), outbox->path);
        return NULL;
    }
    OutboxFile *file = g_new0(OutboxFile, 1);
    file->fd = fd;
    file->path = g_steal_pointer(&path);
    return file;
}

int outbox_file_fd(const OutboxFile *file)
{
    return file->fd;
}

void outbox_file_free(OutboxFile *file)
{
    if (!file)
        return;
    close(file->fd);
    if (file->path)
        unlink(file->path);
    g_free(file->path);
    g_free(file);
}

static int compare_ids(gconstpointer a, gconstpointer b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The numbers that begin the names in one of the folders, ascending; `ending` follows them. */
static GArray *ids_in(const Outbox *outbox, const char *folder, const char *ending, GError **error)
{
    g_autofree char *path = path_in(outbox, folder, NULL);
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &failed);
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const char *name;

    if (!dir) {
        tern_error_set(error, TERN_ERROR_STORE, _("%s cannot be read: %s"), path, failed->message);
        g_array_unref(ids);
        return NULL;
    }
    while ((name = g_dir_read_name(dir))) {
        char *end;
        const int64_t id = strtoll(name, &end, 10);
        if (id > 0 && g_ascii_isdigit(*name) && !strcmp(end, ending))
            g_array_append_val(ids, id);
    }
    g_array_sort(ids, compare_ids);
    return ids;
}

static int64_t last_of(const GArray *ids)
{
    return ids && ids->len > 0 ? g_array_index(ids, int64_t, ids->len - 1) : 0;
}

/* The counter in place: what it says is never shorter than before. */
static gboolean write_last(const char *path, int64_t id, GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "\n", id);
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const gboolean ok = fd >= 0 && file_write_all(fd, text, strlen(text), error);

    if (fd < 0)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
    else
        close(fd);
    return ok;
}

/* A number that no message had; with the outbox locked. A lost counter is made up for by what is there: it
 * need not be durable, since after a power loss nobody is left who knows the number of one that is gone. */
static int64_t next_id(Outbox *outbox, GError **error)
{
    g_autofree char *path = path_in(outbox, "last", NULL);
    g_autofree char *text = access(path, F_OK) == 0 ? file_read(path, 100, NULL, NULL) : NULL;
    g_autoptr(GArray) messages = ids_in(outbox, "cur", ".tern:2,S", error);
    g_autoptr(GArray) envelopes = messages ? ids_in(outbox, "envelopes", "", error) : NULL;

    if (!envelopes)
        return 0;
    const int64_t counted = text ? CLAMP(strtoll(text, NULL, 10), 0, INT64_C(1) << 53) : 0;
    const int64_t id = MAX(MAX(last_of(messages), last_of(envelopes)), counted) + 1;
    return write_last(path, id, error) ? id : 0;
}

/* The file gets its name in cur/, whole and durable. */
static gboolean settle_message(Outbox *outbox, OutboxFile *file, int64_t id, GError **error)
{
    g_autofree char *to = outbox_message_path(outbox, id), *folder = path_in(outbox, "cur", NULL);

    if (rename(file->path, to) != 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make %s"), to);
        return FALSE;
    }
    g_free(file->path);
    file->path = g_steal_pointer(&to); /* from now on this is what a failure takes away */
    return file_sync_folder(folder, error);
}

gboolean outbox_queue(Outbox *outbox, OutboxFile *file, OutboxEnvelope *envelope, GError **error)
{
    if (fsync(file->fd) != 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("%s cannot be written"), file->path);
        return FALSE;
    }
    const int lock_fd = lock(outbox, TRUE, error);
    if (lock_fd < 0)
        return FALSE;
    envelope->id = next_id(outbox, error);
    envelope->queued_s = clock_wall_s();
    g_autofree char *path = envelope_path(outbox, envelope->id);
    const gboolean ok = envelope->id > 0 && settle_message(outbox, file, envelope->id, error) &&
                        outbox_envelope_save(envelope, path, error);
    if (ok)
        g_clear_pointer(&file->path, g_free);
    else if (envelope->id > 0)
        unlink(path); /* it may be there, though nobody can promise that: what was refused must not go out */
    close(lock_fd);
    return ok;
}

/* ---- what is there ---- */

/* Nothing says whom that message is for: whoever put it here was ended before, and was not told that it
 * is. */
static OutboxEnvelope *orphan(int64_t id)
{
    OutboxEnvelope *envelope = outbox_envelope_new("", "");

    envelope->id = id;
    envelope->state = OUTBOX_FAILED;
    envelope->error =
        g_strdup(_("it was not put into the outbox to the end: nothing says whom it is for; cancel it"));
    return envelope;
}

/* Sent, and nothing is left to do. */
static gboolean is_done(const OutboxEnvelope *envelope)
{
    return envelope->state == OUTBOX_SENT && !envelope->wants_copy && !envelope->answers &&
           !envelope->forwards;
}

/* Whether somebody had begun to remove it (remove_both()). */
static gboolean is_removed(const Outbox *outbox, const OutboxEnvelope *envelope)
{
    g_autofree char *message = outbox_message_path(outbox, envelope->id);

    return envelope->is_gone || (is_done(envelope) && access(message, F_OK) != 0);
}

/* With the outbox locked. NULL without an error: there is none, or it is being removed. */
static OutboxEnvelope *read_locked(const Outbox *outbox, int64_t id, GError **error)
{
    g_autofree char *path = envelope_path(outbox, id), *message = outbox_message_path(outbox, id);

    if (access(path, F_OK) != 0)
        return access(message, F_OK) == 0 ? orphan(id) : NULL;
    OutboxEnvelope *envelope = outbox_envelope_load(path, id, error);
    if (!envelope || !is_removed(outbox, envelope))
        return envelope;
    outbox_envelope_free(envelope);
    return NULL;
}

OutboxEnvelope *outbox_read(Outbox *outbox, int64_t id, GError **error)
{
    const int lock_fd = lock(outbox, FALSE, error);
    OutboxEnvelope *envelope = lock_fd >= 0 ? read_locked(outbox, id, error) : NULL;

    if (lock_fd >= 0)
        close(lock_fd);
    return envelope;
}

/* Of messages and envelopes, each once, ascending. */
static GArray *all_ids(const Outbox *outbox, GError **error)
{
    GArray *ids = ids_in(outbox, "envelopes", "", error);
    g_autoptr(GArray) messages = ids ? ids_in(outbox, "cur", ".tern:2,S", error) : NULL;

    if (!messages) {
        g_clear_pointer(&ids, g_array_unref);
        return NULL;
    }
    g_array_append_vals(ids, messages->data, messages->len);
    g_array_sort(ids, compare_ids);
    for (guint i = ids->len; i > 1; i--)
        if (g_array_index(ids, int64_t, i - 1) == g_array_index(ids, int64_t, i - 2))
            g_array_remove_index(ids, i - 1);
    return ids;
}

static GPtrArray *list_locked(const Outbox *outbox, const char *account, GError **error)
{
    g_autoptr(GArray) ids = all_ids(outbox, error);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)outbox_envelope_free);

    for (guint i = 0; ids && i < ids->len; i++) {
        GError *failed = NULL;
        g_autoptr(OutboxEnvelope) envelope = read_locked(outbox, g_array_index(ids, int64_t, i), &failed);
        if (failed) {
            g_propagate_error(error, failed);
            return NULL;
        }
        if (envelope && (!account || !strcmp(account, envelope->account)))
            g_ptr_array_add(all, g_steal_pointer(&envelope));
    }
    return ids ? g_steal_pointer(&all) : NULL;
}

GPtrArray *outbox_list(Outbox *outbox, const char *account, GError **error)
{
    const int lock_fd = lock(outbox, FALSE, error);
    GPtrArray *all = lock_fd >= 0 ? list_locked(outbox, account, error) : NULL;

    if (lock_fd >= 0)
        close(lock_fd);
    return all;
}

int outbox_open_message(Outbox *outbox, int64_t id, GError **error)
{
    g_autofree char *path = outbox_message_path(outbox, id);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno,
                             _("the message in the outbox cannot be read (%s)"), path);
    return fd;
}

int outbox_open_copy(Outbox *outbox, const OutboxEnvelope *envelope, GError **error)
{
    const int message = outbox_open_message(outbox, envelope->id, error);
    g_autofree char *path = path_in(outbox, "tmp", "copy-XXXXXX");
    /* Of a resent message it is another's header that it would stand in, but these come first there too. */
    const int copy = message >= 0 && envelope->bcc ? g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600) : -1;

    if (message < 0 || !envelope->bcc)
        return message;
    if (copy < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file in %s/tmp"), outbox->path);
        close(message);
        return -1;
    }
    unlink(path);
    const gboolean ok = file_write_all(copy, envelope->bcc, strlen(envelope->bcc), error) &&
                        file_copy_rest(message, copy, _("a message in the outbox cannot be read"), error) &&
                        lseek(copy, 0, SEEK_SET) == 0;
    close(message);
    if (ok)
        return copy;
    close(copy);
    return -1;
}

/* ---- changing it ---- */

/* With the outbox locked. `envelope`: as it is now, or NULL. */
static gboolean change_locked(const Outbox *outbox, OutboxEnvelope *envelope, OutboxChange change, void *data,
                              GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *path = envelope ? envelope_path(outbox, envelope->id) : NULL;

    if (!envelope)
        return TRUE;
    if (change(envelope, data, &failed) && !failed)
        return outbox_envelope_save(envelope, path, error);
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

gboolean outbox_change(Outbox *outbox, int64_t id, OutboxChange change, void *data,
                       OutboxEnvelope **envelope_out, GError **error)
{
    const int lock_fd = lock(outbox, TRUE, error);
    g_autoptr(GError) failed = NULL;

    if (envelope_out)
        *envelope_out = NULL;
    if (lock_fd < 0)
        return FALSE;
    g_autoptr(OutboxEnvelope) envelope = read_locked(outbox, id, &failed);
    const gboolean ok = !failed && change_locked(outbox, envelope, change, data, &failed);
    close(lock_fd);
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (envelope_out)
        *envelope_out = g_steal_pointer(&envelope);
    return ok;
}

static gboolean remove_file(const char *path, GError **error)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return TRUE;
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("%s cannot be removed"), path);
    return FALSE;
}

/* The envelope says so first: a message without one, or one without its message, would be told of as
 * damage, after a power loss too. Where all is done it has said so already, and a write is saved. */
static gboolean remove_both(const Outbox *outbox, OutboxEnvelope *envelope, GError **error)
{
    g_autofree char *path = envelope_path(outbox, envelope->id),
                    *message = outbox_message_path(outbox, envelope->id),
                    *folder = path_in(outbox, "cur", NULL);
    const gboolean is_orphan = access(path, F_OK) != 0, is_said = is_done(envelope);

    envelope->is_gone = TRUE;
    if (!is_orphan && !is_said && !outbox_envelope_save(envelope, path, error))
        return FALSE;
    if (remove_file(message, error))
        return file_sync_folder(folder, error) && remove_file(path, error);
    if (is_said)
        outbox_envelope_save(envelope, path, NULL); /* the message that stays says nothing */
    return FALSE;
}

/* With the outbox locked. */
static gboolean is_there(const Outbox *outbox, int64_t id)
{
    g_autoptr(GError) unread = NULL;
    g_autoptr(OutboxEnvelope) now = read_locked(outbox, id, &unread);

    return now || unread;
}

gboolean outbox_remove(Outbox *outbox, int64_t id, OutboxChange may, void *data, GError **error)
{
    const int lock_fd = lock(outbox, TRUE, error);
    g_autoptr(GError) failed = NULL;

    if (lock_fd < 0)
        return FALSE;
    g_autoptr(OutboxEnvelope) envelope = read_locked(outbox, id, &failed);
    const gboolean goes = !failed && envelope && (!may || may(envelope, data, &failed)) && !failed;
    if (goes && !remove_both(outbox, envelope, &failed) && !is_there(outbox, id))
        g_clear_error(&failed); /* it is gone; who sends takes the files away */
    close(lock_fd);
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

/* ---- for who sends ---- */

static gboolean recover(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    if (envelope->state != OUTBOX_SENDING)
        return FALSE;
    envelope->state = envelope->is_marked ? OUTBOX_UNKNOWN : OUTBOX_QUEUED;
    if (envelope->is_marked) {
        g_free(envelope->error);
        envelope->error = g_strdup(_("tern was ended while it was being sent: it may have been sent"));
    }
    return TRUE;
}

/* With the outbox locked: what was begun before is taken to where it says so. */
static gboolean recover_one(const Outbox *outbox, int64_t id, GError **error)
{
    g_autofree char *path = envelope_path(outbox, id);
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_load(path, id, error);

    if (!envelope)
        return FALSE;
    if (is_removed(outbox, envelope)) {
        remove_both(outbox, envelope, NULL); /* what cannot be taken away is tried again by the next one */
        return TRUE;
    }
    return change_locked(outbox, envelope, recover, NULL, error);
}

static gboolean recover_all(const Outbox *outbox, GError **error)
{
    const int lock_fd = lock(outbox, TRUE, error);
    g_autoptr(GArray) ids = lock_fd >= 0 ? ids_in(outbox, "envelopes", "", error) : NULL;
    g_autofree char *folder = path_in(outbox, "envelopes", NULL);
    /* What can be read of a process that was killed may not be durable yet. */
    gboolean ok = ids && file_sync_folder(folder, error);

    for (guint i = 0; ok && i < ids->len; i++)
        ok = recover_one(outbox, g_array_index(ids, int64_t, i), error);
    if (lock_fd >= 0)
        close(lock_fd);
    return ok;
}

/* Those of processes that are no more; nobody writes a message for a day. */
static void sweep_temporary(const Outbox *outbox)
{
    g_autofree char *folder = path_in(outbox, "tmp", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat about;
        if (lstat(path, &about) == 0 && about.st_mtime < clock_wall_s() - 24 * 60 * 60)
            unlink(path);
    }
}

int outbox_begin_sending(Outbox *outbox, GError **error)
{
    g_autofree char *path = path_in(outbox, "sender", NULL);
    const int fd = file_lock(path, TRUE, FALSE, error);

    if (fd < 0)
        return -1;
    if (recover_all(outbox, error)) {
        sweep_temporary(outbox);
        return fd;
    }
    close(fd);
    return -1;
}

int outbox_watch(const Outbox *outbox)
{
    g_autofree char *path = path_in(outbox, "envelopes", NULL);
    const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd >= 0 && inotify_add_watch(fd, path, IN_MOVED_TO) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void outbox_watch_clear(int fd)
{
    char events[4096];

    while (fd >= 0 && read(fd, events, sizeof events) > 0)
        ;
}
