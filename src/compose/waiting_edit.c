/*
 * waiting_edit.c - a message that waits in the outbox becomes a draft again (waiting.h).
 *
 *      held ──> read, draft saved ──> gone from the outbox
 *
 * In this order: who sends does not take it meanwhile, and a crash leaves it in at least one place.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "compose/address.h"
#include "compose/draft_private.h"
#include "compose/reply_private.h"
#include "compose/waiting.h"
#include "compose/when.h"

#include <string.h>

#define RECEIPT_FIELD "Disposition-Notification-To"

/* ---- out of the outbox, and back ---- */

/* As it was before it was held. */
typedef struct {
    OutboxState state;
    int64_t not_before_s;
} Before;

static gboolean hold(OutboxEnvelope *envelope, void *data, GError **error)
{
    Before *before = data;

    *before = (Before){envelope->state, envelope->not_before_s};
    if (envelope->state == OUTBOX_HELD || envelope->state == OUTBOX_QUEUED ||
        envelope->state == OUTBOX_FAILED) {
        envelope->state = OUTBOX_HELD;
        envelope->not_before_s = 0;
        return TRUE;
    }
    tern_error_set(error, TERN_ERROR_INPUT, "%s",
                   envelope->state == OUTBOX_UNKNOWN
                       ? _("the message may have been sent; say first whether it was")
                   : envelope->state == OUTBOX_SENT ? _("the message was sent already")
                                                    : _("the message is on its way and cannot be edited"));
    return FALSE;
}

static gboolean put_back(OutboxEnvelope *envelope, void *data, GError **error)
{
    const Before *before = data;

    (void)error;
    if (envelope->state != OUTBOX_HELD)
        return FALSE;
    envelope->state = before->state;
    envelope->not_before_s = before->not_before_s;
    return TRUE;
}

/* ---- what it says ---- */

/* What its writer added, and not what this identity adds. */
static void take_own_fields(Draft *draft, const MimeMessage *message)
{
    const GPtrArray *fields = mime_message_fields(message);

    g_ptr_array_set_size(draft->own_fields, 0);
    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        if (g_ascii_strcasecmp(field->name, RECEIPT_FIELD) != 0) /* it is asked for anew */
            draft_take_field(draft, field);
    }
}

/* From, when it is one's own; the answer that it is. */
static void take_header(Draft *draft, const MimeMessage *message, const OutboxEnvelope *envelope,
                        const Config *config)
{
    const MimeEnvelope *header = mime_message_envelope(message);
    const MimeAddress *from = header->from->len ? header->from->pdata[0] : NULL;
    MimeMailbox *mailbox = from ? people_mailbox_new(from) : NULL;
    g_autoptr(Identity) identity = mailbox ? identity_of(config, mailbox) : NULL;
    const guint n = g_strv_length(header->references);

    if (identity) {
        g_autofree char *text = mime_mailbox_format(mailbox);
        draft_set(draft, DRAFT_FROM, text);
    }
    if (mailbox)
        mime_mailbox_free(mailbox);
    if (config_account(config,
                       envelope->account)) { /* renamed or removed: the draft has another one already */
        g_free(draft->account);
        draft->account = g_strdup(envelope->account);
    }
    draft->asks = (envelope->notify & OUTBOX_NOTIFY_SUCCESS ? DRAFT_ASKS_DELIVERY : 0) |
                  (envelope->requires_tls ? DRAFT_ASKS_TLS : 0) |
                  (mime_message_field(message, RECEIPT_FIELD) ? DRAFT_ASKS_RECEIPT : 0);
    draft->kind = envelope->answers ? DRAFT_REPLY : envelope->forwards ? DRAFT_FORWARD : DRAFT_NEW;
    draft->original = MAX(envelope->answers ? envelope->answers : envelope->forwards, 0);
    draft->original_id = envelope->forwards ? g_strdup(envelope->original_id) : NULL;
    reply_set_list(draft, DRAFT_REPLY_TO, header->reply_to);
    g_free(draft->copy_to);
    draft->copy_to = g_strdup(envelope->copy_to);
    take_own_fields(draft, message);
    g_strfreev(draft->references);
    draft->references = g_strdupv(header->references);
    if (n > 0 && mime_message_field(message, "In-Reply-To"))
        draft->in_reply_to = g_strdup(header->references[n - 1]);
}

static gboolean is_named(const GPtrArray *addresses, const char *address)
{
    for (guint i = 0; addresses && i < addresses->len; i++)
        if (compose_address_equal(addresses->pdata[i], address))
            return TRUE;
    return FALSE;
}

/* HTML beside the text is made anew of that. */
static gboolean has_html(const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_body_parts(message, TRUE);

    return parts->len && g_str_equal(((const MimePart *)parts->pdata[0])->type, "text/html");
}

/* Who has not got it and is named in no field: they were in Bcc. */
static void take_bcc(Draft *draft, const OutboxEnvelope *envelope)
{
    g_autoptr(GString) rest = g_string_new(NULL);

    draft_set(draft, DRAFT_BCC, ""); /* the identity's own, who are in the envelope where they were wanted */
    g_autoptr(DraftAddresses) addresses = draft_check(draft, FALSE, NULL, NULL, NULL);
    g_autoptr(GPtrArray) named = addresses ? draft_recipients(addresses, NULL) : NULL;
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate != OUTBOX_TAKEN && !is_named(named, recipient->address))
            g_string_append_printf(rest, "%s%s", rest->len ? ", " : "", recipient->address);
    }
    draft_set(draft, DRAFT_BCC, rest->str);
}

static gboolean has_not_got_it(const OutboxEnvelope *envelope, const char *address)
{
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const OutboxRecipient *recipient = envelope->recipients->pdata[i];
        if (recipient->fate != OUTBOX_TAKEN && compose_address_equal(recipient->address, address))
            return TRUE;
    }
    return FALSE;
}

/* Of those whom the field names; one that is no list names nobody whom take_bcc() has not got. */
static void keep_rest(Draft *draft, DraftField field, const OutboxEnvelope *envelope)
{
    g_autoptr(GPtrArray) named = compose_addresses_parse(draft->fields[field], NULL, NULL);
    g_autoptr(GPtrArray) rest = g_ptr_array_new(); /* named's */

    for (guint i = 0; named && i < named->len; i++) {
        const MimeMailbox *mailbox = named->pdata[i];
        if (mailbox->address && has_not_got_it(envelope, mailbox->address))
            g_ptr_array_add(rest, named->pdata[i]);
    }
    g_autofree char *text = compose_addresses_format(rest);
    draft_set(draft, field, text);
}

/* Only those who have not got it, each where they were (who was in Bcc stays unseen), and as a message of its
 * own. */
static void take_rest(Draft *draft, const OutboxEnvelope *envelope, char **notice_out)
{
    g_autofree char *rest = waiting_for(envelope);
    g_autofree char *sentence = g_strdup_printf(_("Only to those who have not got it: %s"), rest);

    keep_rest(draft, DRAFT_TO, envelope);
    keep_rest(draft, DRAFT_CC, envelope);
    reply_notice(notice_out, sentence);
}

/* A saved draft of the message; NULL and the error, and nothing is left of it. */
static Draft *read_draft(Outbox *outbox, const OutboxEnvelope *envelope, const ReplyWants *wants,
                         char **notice_out, GError **error)
{
    g_autofree char *path = outbox_message_path(outbox, envelope->id);
    const ReplySource source = {.path = path, .account = envelope->account};
    g_autoptr(MimeMessage) message = mime_message_read(path, error);

    if (!message)
        return NULL;
    if (mime_message_field(message, "Resent-From")) {
        tern_error_set(error, TERN_ERROR_INPUT, "%s",
                       _("a message that is sent on as it is cannot be edited; throw it away and send it on "
                         "again"));
        return NULL;
    }
    Draft *draft = edit_as_new(&source, wants, notice_out, error);
    if (!draft)
        return NULL;
    take_header(draft, message, envelope, wants->config);
    draft->is_markdown = has_html(message);
    take_bcc(draft, envelope);
    if (outbox_envelope_count(envelope, OUTBOX_TAKEN) > 0)
        take_rest(draft, envelope, notice_out);
    else
        draft->message_id = g_strdup(envelope->message_id);
    if (draft_save(draft, wants->data, error))
        return draft;
    draft_remove(draft, wants->data);
    draft_free(draft);
    return NULL;
}

static Draft *take_out(Outbox *outbox, const OutboxEnvelope *envelope, const ReplyWants *wants,
                       char **notice_out, GError **error)
{
    Draft *draft = read_draft(outbox, envelope, wants, notice_out, error);

    if (!draft || waiting_drop(outbox, envelope->id, error))
        return draft;
    draft_remove(draft, wants->data);
    draft_free(draft);
    return NULL;
}

/* A draft has no time at which it goes. */
static void tell_time(const OutboxEnvelope *held, const Before *before, char **notice_out)
{
    const int64_t now_s = clock_wall_s();

    if (before->state != OUTBOX_HELD || held->is_undoable || before->not_before_s <= now_s)
        return;
    g_autofree char *when = when_format(before->not_before_s, now_s);
    g_autofree char *sentence =
        g_strdup_printf(_("It was to go out %s; send it later again, or it goes at once"), when);
    reply_notice(notice_out, sentence);
}

Draft *waiting_edit(Outbox *outbox, int64_t id, const ReplyWants *wants, char **notice_out, GError **error)
{
    g_autoptr(OutboxEnvelope) held = NULL;
    Before before = {OUTBOX_HELD, 0};

    if (!outbox_change(outbox, id, hold, &before, &held, error))
        return NULL;
    if (!held) {
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %" G_GINT64_FORMAT " in the outbox"),
                       id);
        return NULL;
    }
    Draft *draft = take_out(outbox, held, wants, notice_out, error);
    if (draft)
        tell_time(held, &before, notice_out);
    else
        outbox_change(outbox, id, put_back, &before, NULL, NULL);
    return draft;
}
