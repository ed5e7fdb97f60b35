/* reply.c - answers, and what all drafts begin with (reply.h); forward.c has the others. */
#include "compose/reply.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "compose/address.h"
#include "compose/quote.h"
#include "compose/reply_private.h"

#include <string.h>

void reply_notice(char **notice_out, const char *sentence)
{
    if (!notice_out)
        return;
    char *all = *notice_out ? g_strconcat(*notice_out, ". ", sentence, NULL) : g_strdup(sentence);
    g_free(*notice_out);
    *notice_out = all;
}

void reply_add_signature(GString *body, const Identity *identity, char **notice_out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *signature = identity_signature(identity, &error);

    if (!signature)
        reply_notice(notice_out, error->message);
    else if (*signature)
        g_string_append_printf(body, "%s-- \n%s\n",
                               body->len && g_str_has_suffix(body->str, "\n\n") ? "" : "\n", signature);
}

Draft *reply_draft(const IdentityHints *hints, const ReplyWants *wants, Identity **identity_out,
                   GError **error)
{
    g_autoptr(Identity) identity = identity_choose(wants->config, hints);

    if (!identity) {
        tern_error_set(
            error, TERN_ERROR_CONFIG,
            _("there is no account to write from; tern.conf needs an [account …] with an address"));
        return NULL;
    }
    Draft *draft = draft_new(identity);
    draft->is_markdown = config_bool(wants->config, "markdown");
    *identity_out = g_steal_pointer(&identity);
    return draft;
}

/* Only what is written in a folder of the same account can be filed there. */
char *reply_copy_to(const Draft *draft, const ReplySource *source, const ReplyWants *wants,
                    gboolean is_beside)
{
    const ConfigAccount *account = draft->account ? config_account(wants->config, draft->account) : NULL;

    return account && g_strcmp0(draft->account, source->account) == 0
               ? identity_copy_to(account, source->folder, is_beside)
               : NULL;
}

void reply_set_body(Draft *draft, GString *body, gsize cursor)
{
    draft_set_body(draft, body->str, body->len);
    draft->cursor = MIN(cursor, strlen(draft->body));
}

Draft *compose_new(const IdentityHints *hints, const ReplyWants *wants, char **notice_out, GError **error)
{
    const IdentityHints none = {0};
    g_autoptr(Identity) identity = NULL;
    g_autoptr(GString) body = g_string_new(NULL);
    Draft *draft = reply_draft(hints ? hints : &none, wants, &identity, error);

    if (!draft)
        return NULL;
    if (hints)
        draft->copy_to = reply_copy_to(
            draft, &(ReplySource){.account = hints->account, .folder = hints->folder}, wants, FALSE);
    reply_add_signature(body, identity, notice_out);
    reply_set_body(draft, body, 0);
    return draft;
}

/* ---- answers ---- */

/* Everybody that the message says it was sent to, to find out which of one's addresses got it. */
GPtrArray *reply_receivers(const MimeMessage *message)
{
    const MimeEnvelope *envelope = mime_message_envelope(message);
    const GPtrArray *const lists[] = {envelope->to, envelope->cc, envelope->from};
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len; k++)
            g_ptr_array_add(all, lists[i]->pdata[k]);
    return all;
}

/* References, then the message itself (RFC 5322 3.6.4). */
static void set_references(Draft *draft, const MimeEnvelope *envelope)
{
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (char **id = envelope->references; *id; id++)
        g_strv_builder_add(ids, *id);
    if (envelope->message_id)
        g_strv_builder_add(ids, envelope->message_id);
    g_strfreev(draft->references);
    draft->references = g_strv_builder_end(ids);
    draft->in_reply_to = g_strdup(envelope->message_id);
}

void reply_set_subject(Draft *draft, const char *prefix, const char *subject)
{
    g_autofree char *all = g_strconcat(prefix, text_subject_base(subject), NULL);

    draft_set(draft, DRAFT_SUBJECT, all);
}

static void set_people(Draft *draft, const People *people)
{
    g_autofree char *to = compose_addresses_format(people->to), *cc = compose_addresses_format(people->cc);

    draft_set(draft, DRAFT_TO, to);
    draft_set(draft, DRAFT_CC, cc);
}

static void write_answer(Draft *draft, const MimeMessage *message, const Identity *identity,
                         const ReplyWants *wants, char **notice_out)
{
    g_autoptr(GString) body = g_string_new(NULL);
    gsize cursor = 0;

    if (wants->quotes) {
        g_autofree char *text = quote_visible_text(message, wants->prefer_html, FALSE, QUOTE_COLS);
        g_autofree char *quote = quote_marked(text);
        g_autofree char *attribution = quote_attribution(wants->attribution, mime_message_envelope(message));
        g_string_append_printf(body, "%s%s\n%s", wants->is_below ? "" : "\n\n", attribution, quote);
        if (wants->is_below) {
            g_string_append(body, "\n");
            cursor = body->len;
            g_string_append(body, "\n");
        }
    }
    reply_add_signature(body, identity, notice_out);
    reply_set_body(draft, body, cursor);
}

Draft *reply_new(const ReplySource *source, PeopleWho who, const ReplyWants *wants, char **notice_out,
                 GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(source->path, error);
    g_auto(People) people = {0};
    g_autoptr(Identity) identity = NULL;

    if (!message || !people_of_reply(&people, wants->config, message, who, error))
        return NULL;
    g_autoptr(GPtrArray) receivers = reply_receivers(message);
    const MimeMailbox *first = people.to->len ? people.to->pdata[0] : NULL;
    const IdentityHints hints = {source->account, source->folder, receivers, first ? first->address : NULL};
    Draft *draft = reply_draft(&hints, wants, &identity, error);
    if (!draft)
        return NULL;
    draft->kind = DRAFT_REPLY;
    draft->original = source->id;
    draft->copy_to = reply_copy_to(draft, source, wants, config_bool(wants->config, "copy-beside"));
    set_people(draft, &people);
    set_references(draft, mime_message_envelope(message));
    reply_set_subject(draft, "Re: ", mime_message_envelope(message)->subject);
    write_answer(draft, message, identity, wants, notice_out);
    if (people.is_redirected)
        reply_notice(notice_out,
                     _("Look at To: the sender wants answers at another domain than the message's own"));
    return draft;
}
