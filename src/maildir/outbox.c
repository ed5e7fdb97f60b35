/* outbox.c - see outbox.h and outbox_private.h: the folder itself, and a message that is put in. */
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
#include <unistd.h>

struct OutboxFile {
    int fd;
    char *path; /* in tmp/; NULL: it was queued */
};

char *outbox_path(const Outbox *outbox, const char *folder, const char *name)
{
    return g_build_filename(outbox->path, folder, name, NULL);
}

char *outbox_envelope_path(const Outbox *outbox, int64_t id)
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
        g_autofree char *path = outbox_path(outbox, FOLDERS[i], NULL);
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

int outbox_lock(const Outbox *outbox, gboolean exclusive, GError **error)
{
    g_autofree char *path = outbox_path(outbox, "outbox_lock", NULL);

    return file_lock(path, exclusive, TRUE, error);
}

/* ---- putting a message in ---- */

OutboxFile *outbox_begin(Outbox *outbox, GError **error)
{
    g_autofree char *path = outbox_path(outbox, "tmp", "message-XXXXXX");
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
    g_autofree char *path = outbox_path(outbox, "last", NULL);
    g_autofree char *text = access(path, F_OK) == 0 ? file_read(path, 100, NULL, NULL) : NULL;
    g_autoptr(GArray) messages = outbox_ids_in(outbox, "cur", ".tern:2,S", error);
    g_autoptr(GArray) envelopes = messages ? outbox_ids_in(outbox, "envelopes", "", error) : NULL;

    if (!envelopes)
        return 0;
    const int64_t counted = text ? CLAMP(strtoll(text, NULL, 10), 0, INT64_C(1) << 53) : 0;
    const int64_t id = MAX(MAX(last_of(messages), last_of(envelopes)), counted) + 1;
    return write_last(path, id, error) ? id : 0;
}

/* The file gets its name in cur/, whole and durable. */
static gboolean settle_message(Outbox *outbox, OutboxFile *file, int64_t id, GError **error)
{
    g_autofree char *to = outbox_message_path(outbox, id), *folder = outbox_path(outbox, "cur", NULL);

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
    const int lock_fd = outbox_lock(outbox, TRUE, error);
    if (lock_fd < 0)
        return FALSE;
    envelope->id = next_id(outbox, error);
    envelope->queued_s = clock_wall_s();
    g_autofree char *path = outbox_envelope_path(outbox, envelope->id);
    const gboolean ok = envelope->id > 0 && settle_message(outbox, file, envelope->id, error) &&
                        outbox_envelope_save(envelope, path, error);
    if (ok)
        g_clear_pointer(&file->path, g_free);
    else if (envelope->id > 0)
        unlink(path); /* it may be there, though nobody can promise that: what was refused must not go out */
    close(lock_fd);
    return ok;
}
