/* outbox_change.c - see outbox.h and outbox_private.h: an envelope is written anew, a message goes. */
#include "maildir/outbox_private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <unistd.h>

gboolean outbox_change_locked(const Outbox *outbox, OutboxEnvelope *envelope, OutboxChange change, void *data,
                              GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *path = envelope ? outbox_envelope_path(outbox, envelope->id) : NULL;

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
    const int lock_fd = outbox_lock(outbox, TRUE, error);
    g_autoptr(GError) failed = NULL;

    if (envelope_out)
        *envelope_out = NULL;
    if (lock_fd < 0)
        return FALSE;
    g_autoptr(OutboxEnvelope) envelope = outbox_read_locked(outbox, id, &failed);
    const gboolean ok = !failed && outbox_change_locked(outbox, envelope, change, data, &failed);
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
gboolean outbox_remove_locked(const Outbox *outbox, OutboxEnvelope *envelope, GError **error)
{
    g_autofree char *path = outbox_envelope_path(outbox, envelope->id),
                    *message = outbox_message_path(outbox, envelope->id),
                    *folder = outbox_path(outbox, "cur", NULL);
    const gboolean is_orphan = access(path, F_OK) != 0, is_said = outbox_is_done(envelope);

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
    g_autoptr(OutboxEnvelope) now = outbox_read_locked(outbox, id, &unread);

    return now || unread;
}

gboolean outbox_remove(Outbox *outbox, int64_t id, OutboxChange may, void *data, GError **error)
{
    const int lock_fd = outbox_lock(outbox, TRUE, error);
    g_autoptr(GError) failed = NULL;

    if (lock_fd < 0)
        return FALSE;
    g_autoptr(OutboxEnvelope) envelope = outbox_read_locked(outbox, id, &failed);
    const gboolean goes = !failed && envelope && (!may || may(envelope, data, &failed)) && !failed;
    if (goes && !outbox_remove_locked(outbox, envelope, &failed) && !is_there(outbox, id))
        g_clear_error(&failed); /* it is gone; who sends takes the files away */
    close(lock_fd);
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}
