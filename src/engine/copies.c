/* copies.c - see copies.h. */
#include "engine/copies.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/find.h"
#include "engine/link.h"
#include "engine/quirks.h"
#include "imap/append.h"
#include "imap/select.h"
#include "store/change.h"

#include <string.h>
#include <unistd.h>

/* What the server refused is tried again after that. */
#define RETRY_S (60 * 60)

/* ---- which wait ---- */

static gboolean wants_copy(const OutboxEnvelope *envelope)
{
    return envelope->wants_copy && envelope->state != OUTBOX_SENDING &&
           outbox_envelope_count(envelope, OUTBOX_TAKEN) > 0;
}

/* The folder of that name, or else of that role; NULL: there is none, or it is still to be made. */
static StoreFolder *find_folder(const GPtrArray *folders, const char *name, StoreRole role)
{
    for (guint i = 0; i < folders->len; i++) {
        StoreFolder *folder = folders->pdata[i];
        const gboolean is_it = name ? !strcmp(folder->name, name) : folder->role == role;
        if (is_it && !store_raw_name_is_new(folder->raw_name))
            return folder;
    }
    return NULL;
}

static StoreFolder *folder_of(const GPtrArray *folders, const OutboxEnvelope *envelope)
{
    return find_folder(folders, envelope->copy_to, STORE_ROLE_SENT);
}

typedef struct {
    const char *account;
    StoreRole role;
} MakeJob;

static gboolean make_folder(StoreTxn *txn, void *data, GError **error)
{
    const MakeJob *job = data;
    int64_t account_id, folder_id;

    if (!store_change_begin(txn, STORE_CHANGE_CREATE, NULL, error))
        return FALSE;
    store_change_aside(txn);
    return store_txn_account(txn, job->account, &account_id, error) &&
           store_change_role_folder(txn, account_id, job->role, &folder_id, error);
}

static gboolean is_filed_by_server(const Copies *with, const OutboxEnvelope *envelope)
{
    const ConfigServer *outgoing = &with->account->outgoing;

    return !envelope->copy_to && outgoing->protocol == CONFIG_SMTP && outgoing->host &&
           quirks_files_sent(with->session, with->account->incoming.host, outgoing->host);
}

/* ---- what becomes of them ---- */

static gboolean set_copying(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->is_copying = TRUE;
    return TRUE;
}

static gboolean set_filed(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->wants_copy = envelope->is_copying = FALSE;
    return TRUE;
}

static gboolean set_refused(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)error;
    envelope->is_copying = FALSE;
    if (envelope
            ->copy_to) { /* a folder of the writer's choice is gone: the next visit files it as all others */
        g_clear_pointer(&envelope->copy_to, g_free);
        return TRUE;
    }
    if (envelope->state == OUTBOX_SENT) { /* else it says why the message itself is where it is */
        g_free(envelope->error);
        envelope->error = g_strdup(data);
        outbox_wait(envelope, RETRY_S);
    }
    return TRUE;
}

static gboolean is_finished(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    return envelope->state == OUTBOX_SENT && !envelope->wants_copy && !envelope->answers &&
           !envelope->forwards;
}

static gboolean has_filed(Outbox *outbox, int64_t id, GError **error)
{
    return outbox_change(outbox, id, set_filed, NULL, NULL, error) &&
           outbox_remove(outbox, id, is_finished, NULL, error);
}

/* ---- one copy ---- */

/* Whether an APPEND that got no answer was done: 1, 0, -1. */
static int is_there(const Copies *with, const OutboxEnvelope *envelope, const StoreFolder *folder,
                    GError **error)
{
    g_autofree char *message_id = g_strdup_printf("<%s>", envelope->message_id ? envelope->message_id : "");
    ImapSelected selected;

    if (!envelope->message_id)
        return 0;
    if (!imap_select(with->session, folder->raw_name, TRUE, &selected, error))
        return -1;
    ImapUidSet *found = find_message_id(with->session, 1, message_id, error);
    const int is_there = !found ? -1 : imap_uid_set_count(found) > 0;
    imap_uid_set_free(found);
    return is_there;
}

static gboolean append(const Copies *with, Outbox *outbox, const OutboxEnvelope *envelope,
                       const StoreFolder *folder, GError **error)
{
    static const char *const FLAGS[] = {"\\Seen", NULL};
    const int fd = outbox_open_copy(outbox, envelope, error);
    const ImapAppend message = {.fd = fd, .flags = FLAGS, .date_s = envelope->queued_s};
    ImapAppended appended;
    uint32_t uid_validity;

    if (fd < 0)
        return FALSE;
    const gboolean ok =
        outbox_change(outbox, envelope->id, set_copying, NULL, NULL, error) &&
        imap_append(with->session, folder->raw_name, &message, 1, &appended, &uid_validity, error);
    close(fd);
    return ok;
}

static gboolean refuse(const Copies *with, Outbox *outbox, const OutboxEnvelope *envelope,
                       const StoreFolder *folder, const GError *failed, GError **error)
{
    g_autofree char *sentence =
        g_strdup_printf(_("“%s” was sent, but its copy could not be put into “%s”: %s"),
                        outbox_envelope_subject(envelope), folder->name, failed->message);

    with->refused(sentence, with->data);
    return outbox_change(outbox, envelope->id, set_refused, sentence, NULL, error);
}

static gboolean file_one(const Copies *with, Outbox *outbox, const OutboxEnvelope *envelope,
                         const StoreFolder *folder, GError **error)
{
    g_autoptr(GError) failed = NULL;
    const int found = envelope->is_copying ? is_there(with, envelope, folder, &failed) : 0;

    if (found > 0 || (found == 0 && append(with, outbox, envelope, folder, &failed)))
        return has_filed(outbox, envelope->id, error) && with->sync(folder->id, with->data, error);
    if (tern_error_is(failed, TERN_ERROR_REFUSED))
        return refuse(with, outbox, envelope, folder, failed, error);
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

/* ---- what nobody knows of ---- */

static gboolean set_sent(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    if (envelope->state != OUTBOX_UNKNOWN) /* a person was faster */
        return FALSE;
    for (guint i = 0; i < envelope->recipients->len; i++) {
        OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate == OUTBOX_WAITING)
            recipient->fate = OUTBOX_TAKEN;
    }
    envelope->state = outbox_envelope_count(envelope, OUTBOX_REFUSED) > 0 ? OUTBOX_FAILED : OUTBOX_SENT;
    envelope->wants_copy = FALSE;
    g_clear_pointer(&envelope->error, g_free);
    return TRUE;
}

/* Where the server files what it sends by itself, a message that is filed was sent. That one is not says
 * nothing: it may come yet. */
static gboolean settle_unknown(const Copies *with, Outbox *outbox, const OutboxEnvelope *envelope,
                               const GPtrArray *folders, GError **error)
{
    g_autoptr(GError) failed = NULL;
    const StoreFolder *folder = folder_of(folders, envelope);
    const int found = folder ? is_there(with, envelope, folder, &failed) : 0;

    if (found > 0)
        return outbox_change(outbox, envelope->id, set_sent, NULL, NULL, error) &&
               outbox_remove(outbox, envelope->id, is_finished, NULL, error);
    if (!failed || tern_error_is(failed, TERN_ERROR_REFUSED))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

/* ---- all of them ---- */

StoreFolder *copies_role_folder(const Copies *with, GPtrArray **folders, StoreRole role, GError **error)
{
    StoreFolder *folder = find_folder(*folders, NULL, role);
    MakeJob job = {with->account->id, role};

    if (folder)
        return folder;
    if (!store_run(with->store, STORE_LANE_USER, TRUE, make_folder, &job, error) ||
        !with->play(with->data, error))
        return NULL;
    GPtrArray *again = store_read_folders(with->reader, with->account->id, error);
    if (!again)
        return NULL;
    g_ptr_array_unref(*folders);
    *folders = again;
    return find_folder(*folders, NULL, role);
}

static gboolean file_or_wait(const Copies *with, Outbox *outbox, const OutboxEnvelope *envelope,
                             GPtrArray **folders, GError **error)
{
    g_autoptr(GError) failed = NULL;

    if (is_filed_by_server(with, envelope))
        return has_filed(outbox, envelope->id, error);
    const StoreFolder *folder = envelope->copy_to ? folder_of(*folders, envelope) : NULL;
    if (!folder) /* one that was chosen, and is gone meanwhile, keeps no copy waiting for ever */
        folder = copies_role_folder(with, folders, STORE_ROLE_SENT, &failed);
    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    return !folder ||
           (with->checkpoint(with->data, error) && file_one(with, outbox, envelope, folder, error));
}

gboolean copies_file(const Copies *with, GError **error)
{
    g_autoptr(Outbox) outbox = outbox_open(with->paths->data, error);
    g_autoptr(GPtrArray) all = outbox ? outbox_list(outbox, with->account->id, error) : NULL;
    g_autoptr(GPtrArray) folders = NULL;
    gboolean ok = all != NULL;

    for (guint i = 0; ok && i < all->len; i++) {
        const OutboxEnvelope *envelope = all->pdata[i];
        const gboolean is_held = envelope->state == OUTBOX_SENT && envelope->not_before_s > clock_wall_s();
        /* One that was sent to some before has its copy since, which says nothing of the others. */
        const gboolean is_unknown = envelope->state == OUTBOX_UNKNOWN &&
                                    outbox_envelope_count(envelope, OUTBOX_TAKEN) == 0 &&
                                    is_filed_by_server(with, envelope);
        if ((!wants_copy(envelope) || is_held) && !is_unknown)
            continue;
        if (!folders && !(folders = store_read_folders(with->reader, with->account->id, error)))
            return FALSE;
        if (folders->len == 0) /* nobody knows yet which there are */
            return TRUE;
        ok = is_unknown ? settle_unknown(with, outbox, envelope, folders, error)
                        : file_or_wait(with, outbox, envelope, &folders, error);
    }
    return ok;
}
