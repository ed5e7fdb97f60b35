/* outbox_sending.c - see outbox.h: for who sends; what a process that is no more has left is put right
 * first. */
#include "maildir/outbox_private.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

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
    g_autofree char *path = outbox_envelope_path(outbox, id);
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_load(path, id, error);

    if (!envelope)
        return FALSE;
    if (outbox_is_removed(outbox, envelope)) {
        outbox_remove_locked(outbox, envelope,
                             NULL); /* what cannot be taken away is tried again by the next one */
        return TRUE;
    }
    return outbox_change_locked(outbox, envelope, recover, NULL, error);
}

static gboolean recover_all(const Outbox *outbox, GError **error)
{
    const int lock_fd = outbox_lock(outbox, TRUE, error);
    g_autoptr(GArray) ids = lock_fd >= 0 ? outbox_ids_in(outbox, "envelopes", "", error) : NULL;
    g_autofree char *folder = outbox_path(outbox, "envelopes", NULL);
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
    g_autofree char *folder = outbox_path(outbox, "tmp", NULL);
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
    g_autofree char *path = outbox_path(outbox, "sender", NULL);
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

/* ---- hearing of what others put in ---- */

int outbox_watch(const Outbox *outbox)
{
    g_autofree char *path = outbox_path(outbox, "envelopes", NULL);
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
