/* send.c - see send.h. */
#include "compose/send.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "compose/message.h"
#include "maildir/outbox_limit.h"
#include "compose/waiting.h"
#include "maildir/uploads.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S 86400
/* A part's header and boundary, and the message's own. */
#define FRAME_BYTES 500

gboolean send_check_tls(const ConfigAccount *account, gboolean is_required, GError **error)
{
    const gboolean ok = !is_required || account->outgoing.protocol != CONFIG_SENDMAIL;

    if (!ok)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account %s sends by a command (sendmail:…), which cannot promise that the "
                         "message stays encrypted on its way; do not ask for that, or send by smtps://…"),
                       account->id);
    return ok;
}

const ConfigAccount *send_account(const Config *config, const Draft *draft, GError **error)
{
    g_autoptr(DraftAddresses) addresses = draft_check(draft, FALSE, NULL, NULL, NULL);
    g_autoptr(Identity) identity = addresses ? identity_of(config, addresses->from->pdata[0]) : NULL;
    const ConfigAccount *account = identity         ? identity->account
                                   : draft->account ? config_account(config, draft->account)
                                                    : NULL;

    if (!account)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("From: no account of the configuration writes from this address"));
    else if (account->outgoing.protocol == CONFIG_NONE)
        tern_error_set(
            error, TERN_ERROR_CONFIG,
            _("the account %s cannot send; add for example outgoing = smtps://ada@smtp.example.org"),
            account->id);
    else if (send_check_tls(account, (draft->asks & DRAFT_ASKS_TLS) != 0, error))
        return account;
    return NULL;
}

/* For the copy alone; NULL: there is nobody. */
static char *bcc_field(const Draft *draft, const DraftAddresses *addresses)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *name = draft->resent ? "Resent-Bcc" : "Bcc";

    return mime_write_addresses(out, name, addresses->bcc, NULL) && out->len ? g_strdup(out->str) : NULL;
}

int64_t send_limit(const char *data, const char *account)
{
    return outbox_limit(data, account);
}

int64_t send_size(const Draft *draft)
{
    const int64_t text_bytes = (int64_t)strlen(draft->body);
    int64_t bytes = text_bytes * (draft->is_markdown ? 2 : 1) + FRAME_BYTES;

    for (guint i = 0; i < draft->attachments->len; i++) {
        const DraftAttachment *attachment = draft->attachments->pdata[i];
        const gboolean is_message = g_str_equal(attachment->type, "message/rfc822");
        /* 57 bytes become a line of 76, and its end. */
        bytes += (is_message ? attachment->size_bytes : attachment->size_bytes / 57 * 78 + 78) + FRAME_BYTES;
    }
    return bytes;
}

/* The row that gets a flag, and its Message-ID. Of a draft that was begun on another device only that is
 * known. */
static void note_original(OutboxEnvelope *envelope, const Draft *draft)
{
    const char *id = draft->kind == DRAFT_REPLY     ? draft->in_reply_to
                     : draft->kind == DRAFT_FORWARD ? draft->original_id
                                                    : NULL;
    const int64_t row = draft->original ? draft->original : id ? OUTBOX_ROW_UNKNOWN : 0;

    envelope->answers = draft->kind == DRAFT_REPLY ? row : 0;
    envelope->forwards = draft->kind == DRAFT_FORWARD ? row : 0;
    envelope->original_id = row ? g_strdup(id ? id : "") : NULL;
}

static OutboxEnvelope *envelope_of(const Draft *draft, const DraftAddresses *addresses,
                                   const ConfigAccount *account, const SendWants *wants, GError **error)
{
    const MimeMailbox *from = addresses->from->pdata[0];
    g_autofree char *sender = mime_address_ascii_domain(from->address, error);
    g_autoptr(GPtrArray) recipients = sender ? draft_recipients(addresses, error) : NULL;

    if (!recipients)
        return NULL;
    OutboxEnvelope *envelope = outbox_envelope_new(account->id, sender);
    for (guint i = 0; i < recipients->len; i++)
        outbox_envelope_add(envelope, recipients->pdata[i]);
    envelope->subject = g_strdup(draft->fields[DRAFT_SUBJECT]);
    envelope->message_id = g_strdup(draft->message_id);
    envelope->wants_copy = TRUE;
    /* Of another account's folders nobody knows: the account may have been changed since. */
    envelope->copy_to = g_strcmp0(draft->account, account->id) == 0 ? g_strdup(draft->copy_to) : NULL;
    envelope->bcc = bcc_field(draft, addresses);
    if (draft->asks & DRAFT_ASKS_DELIVERY)
        envelope->notify = OUTBOX_NOTIFY_SUCCESS | OUTBOX_NOTIFY_FAILURE | OUTBOX_NOTIFY_DELAY;
    envelope->requires_tls = (draft->asks & DRAFT_ASKS_TLS) != 0;
    note_original(envelope, draft);
    if (wants->delay_s > 0 || wants->at_s > 0) {
        envelope->state = OUTBOX_HELD;
        envelope->not_before_s = wants->at_s;
        envelope->is_undoable = wants->at_s <= 0;
        if (envelope->is_undoable)
            outbox_wait(envelope, wants->delay_s);
    }
    return envelope;
}

/* The draft without its own files. */
static void remove_file(const Draft *draft, const char *data)
{
    g_autofree char *name = g_strconcat(draft->id, ":2,DS", NULL);
    g_autofree char *path = g_build_filename(data, "drafts", "cur", name, NULL);

    unlink(path);
}

/* They stay for a day from now on, however old they are: it may be taken back (send_clean()). */
static void keep_files(const Draft *draft, const char *data)
{
    g_autofree char *folder = draft_files_folder(draft, data, FALSE, NULL);

    if (folder)
        utimensat(AT_FDCWD, folder, NULL, 0);
}

/* A draft without a Message-ID gets the one that the message will have, on the disk too: should both be there
 * after a crash, it tells. */
static gboolean give_id(Draft *draft, const DraftAddresses *addresses, const char *data, GError **error)
{
    if (draft->message_id)
        return TRUE;
    compose_message_id(draft, ((const MimeMailbox *)addresses->from->pdata[0])->address);
    return draft_save(draft, data, error);
}

gboolean send_queue(Draft *draft, const SendWants *wants, int64_t *id_out, GError **error)
{
    g_autoptr(DraftAddresses) addresses = draft_check(draft, TRUE, NULL, NULL, error);
    const ConfigAccount *account = addresses ? send_account(wants->config, draft, error) : NULL;
    const gboolean has_id = account && give_id(draft, addresses, wants->data, error);
    g_autoptr(Outbox) outbox = has_id ? outbox_open(wants->data, error) : NULL;
    g_autoptr(OutboxFile) file = outbox ? outbox_begin(outbox, error) : NULL;
    const ComposeOptions options = {.now_s = clock_wall_s(),
                                    .language = account ? account->language : NULL,
                                    .is_flowed = config_bool(wants->config, "text-flowed"),
                                    /* A server that takes no 8BITMIME gets it without (mime/outgoing.h); what
                                       a command does with it nobody knows. */
                                    .may_8bit = account && account->outgoing.protocol == CONFIG_SMTP,
                                    .progress = wants->progress,
                                    .progress_data = wants->progress_data};

    if (!file || !compose_message_write(draft, addresses, &options, outbox_file_fd(file), error))
        return FALSE;
    g_autoptr(OutboxEnvelope) envelope = envelope_of(draft, addresses, account, wants, error);
    if (!envelope || !outbox_queue(outbox, file, envelope, error))
        return FALSE;
    if (id_out)
        *id_out = envelope->id;
    keep_files(draft, wants->data);
    upload_drop(wants->data, draft->id,
                NULL); /* before the draft goes, so that after a crash one of them tells */
    remove_file(draft, wants->data);
    return TRUE;
}

/* data: set where it was there and goes; what is gone already is not asked about. */
static gboolean may_come_back(OutboxEnvelope *envelope, void *data, GError **error)
{
    const gboolean waits = envelope->state == OUTBOX_HELD || envelope->state == OUTBOX_QUEUED ||
                           envelope->state == OUTBOX_FAILED;
    gboolean *comes_back = data;

    *comes_back = waits && outbox_envelope_count(envelope, OUTBOX_TAKEN) == 0;
    if (*comes_back)
        return TRUE;
    tern_error_set(error, TERN_ERROR_INPUT, "%s",
                   waits ? _("the message was sent to some already and cannot be taken back")
                   : envelope->state == OUTBOX_SENT
                       ? _("the message was sent already")
                       : _("the message is on its way and cannot be taken back"));
    return FALSE;
}

gboolean send_take_back(const Draft *draft, int64_t id, const char *data, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(Outbox) outbox = outbox_open(data, error);
    gboolean comes_back = FALSE;

    if (!outbox)
        return FALSE;
    /* First the draft: a crash in between leaves the message in the outbox, and a draft that nobody asked
     * for. */
    if (draft_save(draft, data, &why) && outbox_remove(outbox, id, may_come_back, &comes_back, &why) &&
        comes_back)
        return TRUE;
    remove_file(draft, data);
    if (why)
        g_propagate_error(error, g_steal_pointer(&why));
    else
        tern_error_set(error, TERN_ERROR_INPUT, _("the message was sent already"));
    return FALSE;
}

/* ---- the end ---- */

static gboolean is_released(const OutboxEnvelope *envelope, int64_t until_s)
{
    return envelope->is_undoable && envelope->state == OUTBOX_HELD && outbox_may_go(envelope) &&
           envelope->not_before_s <= until_s;
}

static gboolean release(OutboxEnvelope *envelope, void *data, G_GNUC_UNUSED GError **error)
{
    const int64_t *until_s = data;

    if (!is_released(envelope, *until_s))
        return FALSE;
    envelope->state = OUTBOX_QUEUED;
    envelope->not_before_s = 0;
    return TRUE;
}

GPtrArray *send_release(const char *data, int64_t within_s, GError **error)
{
    g_autoptr(Outbox) outbox = outbox_open(data, error);
    g_autoptr(GPtrArray) before = outbox ? outbox_list(outbox, NULL, error) : NULL;
    int64_t until_s = clock_wall_s() + within_s;

    for (guint i = 0; before && i < before->len; i++) {
        const OutboxEnvelope *envelope = before->pdata[i];
        if (is_released(envelope, until_s) &&
            !outbox_change(outbox, envelope->id, release, &until_s, NULL, error))
            return NULL;
    }
    g_autoptr(GPtrArray) now = before ? outbox_list(outbox, NULL, error) : NULL;
    return now ? waiting_due(now, clock_wall_s()) : NULL;
}

static char *stays(const Config *config, const OutboxEnvelope *envelope)
{
    g_autofree char *target = waiting_for(envelope), *stray = waiting_stray(envelope, config);
    g_autofree char *why = stray ? g_steal_pointer(&stray) : waiting_why(envelope, clock_wall_s());
    g_autofree char *sentence = g_strdup_printf(_("“%s” to %s stays in the outbox. %s"),
                                                outbox_envelope_subject(envelope), target, why);

    return sanitise(sentence, -1, SANITISE_LINE);
}

GPtrArray *send_stays(const Config *config, const char *data, GError **error)
{
    g_autoptr(Outbox) outbox = outbox_open(data, error);
    g_autoptr(GPtrArray) all = outbox ? outbox_list(outbox, NULL, error) : NULL;
    GPtrArray *sentences = all ? g_ptr_array_new_with_free_func(g_free) : NULL;

    for (guint i = 0; all && i < all->len; i++) {
        const OutboxEnvelope *envelope = all->pdata[i];
        const gboolean is_put_aside = envelope->state == OUTBOX_HELD && envelope->not_before_s == 0;
        if (envelope->state != OUTBOX_SENT && !is_put_aside)
            g_ptr_array_add(sentences, stays(config, envelope));
    }
    return sentences;
}

void send_clean(const char *data)
{
    g_autofree char *folder = g_build_filename(data, "drafts", "files", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) ids = draft_list(data, NULL);

    for (const char *name = dir && ids ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat is;
        if (g_ptr_array_find_with_equal_func(ids, name, g_str_equal, NULL) || draft_is_aside(data, name) ||
            lstat(path, &is) != 0 || !S_ISDIR(is.st_mode) || is.st_mtime > clock_wall_s() - DAY_S)
            continue;
        if (file_empty_folder(path, NULL))
            rmdir(path);
    }
}
