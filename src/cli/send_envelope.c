/* send_envelope.c - see send.h. */
#include "cli/send.h"

#include "base/error.h"
#include "base/i18n.h"
#include "compose/alias.h"
#include "engine/engine.h"
#include "mime/address.h"
#include "mime/encode.h"

#include <string.h>

/* ---- who sends ---- */

static Identity *of_address(const CliSend *send, const char *address)
{
    const MimeMailbox from = {.name = (char *)"", .address = (char *)address};

    return address && *address ? identity_of(send->context->config, &from) : NULL;
}

static Identity *first_that_sends(const CliSend *send, GError **error)
{
    const GPtrArray *accounts = config_accounts(send->context->config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        if (account->outgoing.protocol != CONFIG_NONE)
            return identity_named(send->context->config, account->id);
    }
    tern_error_set(error, TERN_ERROR_CONFIG, _("no account in %s can send: outgoing = … is missing"),
                   config_path(send->context->config));
    return NULL;
}

static Identity *named(const CliSend *send, GError **error)
{
    Identity *identity = identity_named(send->context->config, send->identity);

    if (!identity)
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("no account or identity is called “%s” or has that address"), send->identity);
    return identity;
}

/* The first that is one's own; NULL: none is. */
static const char *own_of(const CliSend *send, char **addresses)
{
    for (; *addresses; addresses++)
        if (identity_is_own(send->context->config, *addresses))
            return *addresses;
    return NULL;
}

static Identity *of_message(const CliSend *send, const MimeOutgoing *message, GError **error)
{
    Identity *identity = of_address(send, send->sender);
    g_auto(GStrv) speakers = identity ? NULL : mime_outgoing_senders(message, error);

    if (identity || !speakers)
        return identity;
    identity = of_address(send, own_of(send, speakers));
    return identity ? identity : first_that_sends(send, error);
}

Identity *cli_send_identity(const CliSend *send, const MimeOutgoing *message, GError **error)
{
    g_autoptr(Identity) identity = send->identity ? named(send, error) : of_message(send, message, error);

    if (!identity || identity->account->outgoing.protocol != CONFIG_NONE)
        return g_steal_pointer(&identity);
    tern_error_set(error, TERN_ERROR_CONFIG, _("the account “%s” cannot send: it has no outgoing = … in %s"),
                   identity->account->id, config_path(send->context->config));
    return NULL;
}

/* ---- from whom ---- */

/* Of who sends it on nothing is said but by that account: what others have written stays theirs. */
static char *sender_of_message(const CliSend *send, const Identity *identity, const MimeOutgoing *message,
                               GError **error)
{
    const MimeEnvelope *header = mime_outgoing_envelope(message);
    g_auto(GStrv) speakers = mime_outgoing_senders(message, error);
    const MimeAddress *from = header->from->len > 0 ? header->from->pdata[0] : NULL;

    if (!speakers)
        return NULL;
    const char *own = own_of(send, speakers);
    if (own)
        return g_strdup(own);
    if (mime_outgoing_is_resent(message))
        return g_strdup(identity->address);
    return g_strdup(from && *from->address ? from->address : identity->address);
}

static gboolean check(const char *address, GError **error)
{
    if (engine_address_is_valid(address))
        return TRUE;
    g_autofree char *safe = g_strescape(address, NULL);
    tern_error_set(error, TERN_ERROR_INPUT, _("%s is no mail address"), safe);
    return FALSE;
}

/* As it stands in MAIL FROM; "": none. To be freed; NULL and INPUT. */
static char *sender_of(const CliSend *send, const Identity *identity, const MimeOutgoing *message,
                       GError **error)
{
    g_autofree char *sender =
        send->sender ? g_strdup(send->sender) : sender_of_message(send, identity, message, error);

    if (!sender || !*sender || !strcmp(sender, "<>"))
        return sender ? g_strdup("") : NULL;
    return check(sender, error) ? g_steal_pointer(&sender) : NULL;
}

/* ---- for whom ---- */

static gboolean add(OutboxEnvelope *envelope, const char *address, GError **error)
{
    if (!check(address, error))
        return FALSE;
    outbox_envelope_add(envelope, address);
    return TRUE;
}

/* All that a short name stands for. */
static gboolean add_list(OutboxEnvelope *envelope, const char *text, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    gboolean is_cut = FALSE, ok = TRUE;

    mime_address_parse(text, strlen(text), NULL, list, &is_cut);
    if (is_cut)
        tern_error_set(error, TERN_ERROR_LIMIT, _("a short name stands for too many addresses"));
    for (guint i = 0; i < list->len && ok && !is_cut; i++) {
        const MimeAddress *one = list->pdata[i];
        g_autofree char *address = mime_ascii_domain(*one->address ? one->address : one->name);
        ok = add(envelope, address, error);
    }
    return ok && !is_cut;
}

/* An address, or a word without an @, which may be a short name. */
static gboolean add_word(const CliSend *send, OutboxEnvelope *envelope, const char *word, GError **error)
{
    const gboolean is_name = !send->is_literal && !strchr(word, '@');
    g_autofree char *whole = is_name ? alias_expand(send->context->config, word) : NULL;

    return whole && strcmp(whole, word) != 0 ? add_list(envelope, whole, error) : add(envelope, word, error);
}

static gboolean add_words(const CliSend *send, OutboxEnvelope *envelope, char **words, GError **error)
{
    for (; *words; words++)
        if (!add_word(send, envelope, *words, error))
            return FALSE;
    return TRUE;
}

static gboolean add_recipients(const CliSend *send, MimeOutgoing *message, OutboxEnvelope *envelope,
                               GError **error)
{
    const gboolean is_sound = mime_outgoing_check(message, !send->takes_recipients, error);
    g_auto(GStrv) told = is_sound && send->takes_recipients ? mime_outgoing_recipients(message, error) : NULL;

    if (!is_sound || (send->takes_recipients && !told) ||
        !add_words(send, envelope, send->addresses, error) ||
        (told && !add_words(send, envelope, told, error)))
        return FALSE;
    if (envelope->recipients->len > 0)
        return TRUE;
    tern_error_set(error, TERN_ERROR_INPUT,
                   send->takes_recipients
                       ? _("the message has no recipient: no To, Cc or Bcc names one")
                       : _("whom is it for? Name the addresses, or take them from the message with -t"));
    return FALSE;
}

OutboxEnvelope *cli_send_envelope(const CliSend *send, const Identity *identity, MimeOutgoing *message,
                                  GError **error)
{
    g_autofree char *sender = sender_of(send, identity, message, error);
    g_autoptr(OutboxEnvelope) envelope = sender ? outbox_envelope_new(identity->account->id, sender) : NULL;

    if (!envelope || !add_recipients(send, message, envelope, error))
        return NULL;
    envelope->subject = g_strdup(mime_outgoing_envelope(message)->subject);
    envelope->message_id = g_strdup(mime_outgoing_message_id(message));
    envelope->wants_copy = !send->no_copy;
    envelope->notify = send->notices;
    envelope->returned = send->returned;
    envelope->requires_tls = send->requires_tls;
    if (send->at_s > 0) {
        envelope->state = OUTBOX_HELD;
        envelope->not_before_s = send->at_s;
    }
    return g_steal_pointer(&envelope);
}
