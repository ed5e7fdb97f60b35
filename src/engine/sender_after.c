/*
 * sender_after.c - see sender_private.h. What a message that was sent leaves to do: the flags of the one
 * that it answers or forwards, and its copy. The envelope stays until all of it is done, so that a kill in
 * between forgets nothing.
 *
 * A copy on a server is the worker's (copies.h); one in a folder of this disk is filed here, under a name
 * that is the message's own, so that doing it twice makes one.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/roles.h"
#include "engine/sender_private.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"
#include "store/change.h"
#include "store/ids.h"

#include <string.h>
#include <unistd.h>

/* ---- flags ---- */

/* Up to where a draft's own reader takes a Message-ID. */
static gsize id_bytes(const char *id)
{
    return strcspn(id, "> \t");
}

static gboolean flag_row(StoreTxn *txn, int64_t id, const OutboxEnvelope *envelope, GError **error)
{
    if (!store_change_begin(txn, STORE_CHANGE_FLAGS, NULL, error))
        return FALSE;
    store_change_aside(txn);
    return store_change_flags(txn, id, envelope->answers ? STORE_ANSWERED : STORE_FORWARDED, 0, error);
}

static gboolean set_flags(StoreTxn *txn, void *data, GError **error)
{
    const OutboxEnvelope *envelope = data;

    return flag_row(txn, envelope->answers ? envelope->answers : envelope->forwards, envelope, error);
}

/* The same in the row that the message is in now; it may be in none. */
static gboolean find_and_set_flags(StoreTxn *txn, void *data, GError **error)
{
    const OutboxEnvelope *envelope = data;
    g_autofree char *message_id = g_strndup(envelope->original_id, id_bytes(envelope->original_id));
    int64_t id = 0;

    return !*message_id || (store_txn_find_message(txn, envelope->account, message_id, &id, error) &&
                            (!id || flag_row(txn, id, envelope, error)));
}

static gboolean forget_flags(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->answers = envelope->forwards = 0;
    return TRUE;
}

static gboolean is_same_id(const char *one, const char *other)
{
    const gsize n = id_bytes(one);

    return n == id_bytes(other) && !strncmp(one, other, n);
}

/* Whether the row is still the message that was answered or forwarded: in a store that was made anew it may
 * be another one, or none. FALSE and STORE. */
static gboolean look_at_original(Sender *sender, const OutboxEnvelope *envelope, gboolean *is_it_out,
                                 GError **error)
{
    const int64_t id = envelope->answers ? envelope->answers : envelope->forwards;
    g_autoptr(GError) failed = NULL;

    *is_it_out = TRUE;
    if (!envelope->original_id)
        return TRUE;
    if (!sender_open_reader(sender, error))
        return FALSE;
    g_autoptr(StoreMessage) row = store_read_message(sender->reader, id, &failed);
    *is_it_out = row && is_same_id(row->message_id ? row->message_id : "", envelope->original_id);
    const gboolean ok = failed == NULL;
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return ok;
}

/* Twice rather than not at all. */
static gboolean flag_original(Sender *sender, const OutboxEnvelope *envelope, GError **error)
{
    gboolean is_it;

    if (!look_at_original(sender, envelope, &is_it, error))
        return FALSE;
    return store_run(sender->context.store, STORE_LANE_USER, TRUE, is_it ? set_flags : find_and_set_flags,
                     (void *)envelope, error) &&
           outbox_change(sender->outbox, envelope->id, forget_flags, NULL, NULL, error);
}

/* ---- a copy on this disk ---- */

static gboolean deliver_once(Sender *sender, const OutboxEnvelope *envelope, MaildirFolder *folder,
                             GError **error)
{
    g_autofree char *base =
        g_strdup_printf("%" G_GINT64_FORMAT ".T%" G_GINT64_FORMAT "M%08x.tern", envelope->queued_s,
                        envelope->id, g_str_hash(envelope->message_id ? envelope->message_id : ""));
    MaildirFile file;
    const int found = maildir_find(folder, base, MAILDIR_SEEN, &file, error);
    const int fd = found == 0 ? outbox_open_copy(sender->outbox, envelope, error) : -1;
    const gboolean ok =
        found > 0 || (fd >= 0 && maildir_deliver_file(folder, base, fd, MAILDIR_SEEN, NULL, 0, error) &&
                      maildir_flush(folder, error));

    if (fd >= 0)
        close(fd);
    return ok;
}

static gboolean set_filed(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->wants_copy = FALSE;
    return TRUE;
}

static gboolean file_copy(Sender *sender, const OutboxEnvelope *envelope, GError **error)
{
    const ConfigAccount *account = sender->context.account;
    const char *configured = role_configured(account, IMAP_ROLE_SENT);
    const char *name = envelope->copy_to ? envelope->copy_to : configured ? configured : "Sent";
    g_autofree char *root = disk_root(account, sender->context.paths),
                    *raw_name = maildir_raw_name(name, error);

    const Disk disk = {.account = account,
                       .paths = sender->context.paths,
                       .store = sender->context.store,
                       .reader = sender->reader};

    if (!raw_name || !disk_make_root(&disk, root, error) || !maildir_make_folder(root, raw_name, error))
        return FALSE;
    g_autoptr(MaildirFolder) folder = maildir_open(root, raw_name, error);
    return folder && deliver_once(sender, envelope, folder, error) &&
           outbox_change(sender->outbox, envelope->id, set_filed, NULL, NULL, error);
}

/* What was sent is sent: a disk that is away, or full, holds up neither the connection nor other
 * messages. It is tried again when somebody asks for mail to be sent, a sync or the next start does. */
static void file_copy_or_wait(Sender *sender, const OutboxEnvelope *envelope)
{
    g_autoptr(GError) failed = NULL;

    if (sender_open_reader(sender, &failed) && file_copy(sender, envelope, &failed))
        return;
    EngineEvent *event = engine_event_new(ENGINE_EVENT_ALERT, 0, sender_account(sender));
    event->what = g_strdup_printf(_("“%s” was sent, and its copy waits: %s"),
                                  outbox_envelope_subject(envelope), failed->message);
    sender->context.post(event, sender->context.crew, sender->context.data);
}

/* ---- all of it ---- */

static gboolean is_finished(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    return envelope->state == OUTBOX_SENT && !envelope->wants_copy && !envelope->answers &&
           !envelope->forwards;
}

gboolean sender_after(Sender *sender, const OutboxEnvelope *envelope, GError **error)
{
    const gboolean is_local = disk_is_local(sender->context.account);

    if (outbox_envelope_count(envelope, OUTBOX_TAKEN) == 0)
        return TRUE;
    if ((envelope->answers || envelope->forwards) && !flag_original(sender, envelope, error))
        return FALSE;
    if (envelope->wants_copy && is_local)
        file_copy_or_wait(sender, envelope);
    else if (envelope->wants_copy)
        sender->context.copy_waits(sender_account(sender), sender->context.data);
    return outbox_remove(sender->outbox, envelope->id, is_finished, NULL, error);
}

void sender_catch_up(Sender *sender)
{
    g_autoptr(GPtrArray) all = outbox_list(sender->outbox, sender_account(sender), NULL);

    for (guint i = 0; all && i < all->len; i++) {
        const OutboxEnvelope *envelope = all->pdata[i];
        if (envelope->state != OUTBOX_SENDING)
            sender_after(sender, envelope, NULL); /* what fails is tried again by the next tern */
    }
}
