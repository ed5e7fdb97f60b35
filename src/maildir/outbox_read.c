/* outbox_read.c - see outbox.h and outbox_private.h: what is there. */
#include "maildir/outbox_private.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- which ---- */

static int compare_ids(gconstpointer a, gconstpointer b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

GArray *outbox_ids_in(const Outbox *outbox, const char *folder, const char *ending, GError **error)
{
    g_autofree char *path = outbox_path(outbox, folder, NULL);
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

/* Of messages and envelopes, each once, ascending. */
static GArray *all_ids(const Outbox *outbox, GError **error)
{
    GArray *ids = outbox_ids_in(outbox, "envelopes", "", error);
    g_autoptr(GArray) messages = ids ? outbox_ids_in(outbox, "cur", ".tern:2,S", error) : NULL;

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

/* ---- envelopes ---- */

/* Nothing says whom that message is for: whoever put it here was ended before, and was not told that it
 * is. */
static OutboxEnvelope *orphan(int64_t id)
{
    OutboxEnvelope *envelope = outbox_envelope_new("", "");

    envelope->id = id;
    envelope->state = OUTBOX_FAILED;
    envelope->error = g_strdup(
        _("it was not put into the outbox to the end: nothing says whom it is for; cancel it (what was "
          "written in tern is still among the drafts)"));
    return envelope;
}

gboolean outbox_is_done(const OutboxEnvelope *envelope)
{
    return envelope->state == OUTBOX_SENT && !envelope->wants_copy && !envelope->answers &&
           !envelope->forwards;
}

gboolean outbox_is_removed(const Outbox *outbox, const OutboxEnvelope *envelope)
{
    g_autofree char *message = outbox_message_path(outbox, envelope->id);

    return envelope->is_gone || (outbox_is_done(envelope) && access(message, F_OK) != 0);
}

OutboxEnvelope *outbox_read_locked(const Outbox *outbox, int64_t id, GError **error)
{
    g_autofree char *path = outbox_envelope_path(outbox, id), *message = outbox_message_path(outbox, id);

    if (access(path, F_OK) != 0)
        return access(message, F_OK) == 0 ? orphan(id) : NULL;
    OutboxEnvelope *envelope = outbox_envelope_load(path, id, error);
    if (!envelope || !outbox_is_removed(outbox, envelope))
        return envelope;
    outbox_envelope_free(envelope);
    return NULL;
}

OutboxEnvelope *outbox_read(Outbox *outbox, int64_t id, GError **error)
{
    const int lock_fd = outbox_lock(outbox, FALSE, error);
    OutboxEnvelope *envelope = lock_fd >= 0 ? outbox_read_locked(outbox, id, error) : NULL;

    if (lock_fd >= 0)
        close(lock_fd);
    return envelope;
}

static GPtrArray *list_locked(const Outbox *outbox, const char *account, GError **error)
{
    g_autoptr(GArray) ids = all_ids(outbox, error);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)outbox_envelope_free);

    for (guint i = 0; ids && i < ids->len; i++) {
        GError *failed = NULL;
        g_autoptr(OutboxEnvelope) envelope =
            outbox_read_locked(outbox, g_array_index(ids, int64_t, i), &failed);
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
    const int lock_fd = outbox_lock(outbox, FALSE, error);
    GPtrArray *all = lock_fd >= 0 ? list_locked(outbox, account, error) : NULL;

    if (lock_fd >= 0)
        close(lock_fd);
    return all;
}

/* Whether its time has come; else *next_s is at most when it will. */
static gboolean is_due(const OutboxEnvelope *envelope, int64_t now_s, int64_t *next_s)
{
    if (!outbox_may_go(envelope))
        return FALSE;
    if (envelope->not_before_s > now_s && (*next_s == 0 || envelope->not_before_s < *next_s))
        *next_s = envelope->not_before_s;
    return envelope->not_before_s <= now_s;
}

static OutboxEnvelope *next_due_locked(const Outbox *outbox, const char *account, int64_t now_s,
                                       int64_t *next_s, GError **error)
{
    g_autoptr(GArray) ids = all_ids(outbox, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        GError *failed = NULL;
        g_autoptr(OutboxEnvelope) envelope =
            outbox_read_locked(outbox, g_array_index(ids, int64_t, i), &failed);
        if (failed) {
            g_propagate_error(error, failed);
            return NULL;
        }
        if (envelope && !strcmp(account, envelope->account) && is_due(envelope, now_s, next_s))
            return g_steal_pointer(&envelope);
    }
    return NULL;
}

OutboxEnvelope *outbox_next_due(Outbox *outbox, const char *account, int64_t now_s, int64_t *next_s_out,
                                GError **error)
{
    const int lock_fd = outbox_lock(outbox, FALSE, error);

    *next_s_out = 0;
    if (lock_fd < 0)
        return NULL;
    OutboxEnvelope *envelope = next_due_locked(outbox, account, now_s, next_s_out, error);
    close(lock_fd);
    return envelope;
}

/* ---- messages ---- */

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
    g_autofree char *path = outbox_path(outbox, "tmp", "copy-XXXXXX");
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
