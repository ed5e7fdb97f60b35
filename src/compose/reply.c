/* reply.c - answers, and what all drafts begin with (reply.h); forward.c has the others. */
#include "compose/reply.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "compose/address.h"
#include "compose/identity_change.h"
#include "compose/quote.h"
#include "compose/reply_private.h"
#include "mime/address.h"

#include <string.h>

void reply_notice(char **notice_out, const char *sentence)
{
    if (!notice_out)
        return;
    char *all = *notice_out ? g_strconcat(*notice_out, ". ", sentence, NULL) : g_strdup(sentence);
    g_free(*notice_out);
    *notice_out = all;
}

void reply_add_signature(Draft *draft, GString *body, const Identity *identity, char **notice_out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *signature = identity_signature(identity, &error);

    if (!signature)
        reply_notice(notice_out, error->message);
    else if (*signature)
        g_string_append_printf(body, "%s-- \n%s\n",
                               body->len && g_str_has_suffix(body->str, "\n\n") ? "" : "\n", signature);
    draft_note_signature(draft, signature);
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
    reply_add_signature(draft, body, identity, notice_out);
    reply_set_body(draft, body, 0);
    return draft;
}

/* ---- what an answer begins with ---- */

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

/* Each server writes its field above those that are there, and an alias before what it stands for. */
GPtrArray *reply_delivered(const MimeMessage *message)
{
    static const char *const NAMES[] = {"X-Original-To", "Envelope-To", "Delivered-To"};
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    const GPtrArray *fields = mime_message_fields(message);

    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++)
        for (guint k = fields->len; k > 0; k--) {
            const MimeField *field = fields->pdata[k - 1];
            if (g_ascii_strcasecmp(field->name, NAMES[i]) == 0)
                mime_address_parse(field->value, strlen(field->value), NULL, all, NULL);
        }
    return all;
}

/* References, then the message itself (RFC 5322 3.6.4), of each, once; what is answered is the last one. */
static void add_references(Draft *draft, const MimeEnvelope *envelope)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    for (char **id = draft->references; *id; id++)
        g_ptr_array_add(ids, *id);
    for (char **id = envelope->references; *id; id++)
        if (!g_strv_contains((const char *const *)draft->references, *id))
            g_ptr_array_add(ids, *id);
    if (envelope->message_id &&
        !g_strv_contains((const char *const *)draft->references, envelope->message_id))
        g_ptr_array_add(ids, envelope->message_id);
    g_ptr_array_add(ids, NULL);
    char **all = g_strdupv((char **)ids->pdata);
    g_strfreev(draft->references);
    draft->references = all;
    g_free(draft->in_reply_to);
    draft->in_reply_to = g_strdup(envelope->message_id);
}

void reply_set_subject(Draft *draft, const char *prefix, const char *subject)
{
    g_autofree char *all = g_strconcat(prefix, text_subject_base(subject), NULL);

    draft_set(draft, DRAFT_SUBJECT, all);
}

/* ---- answers to one, or to several ---- */

static gboolean is_among(const GPtrArray *list, const MimeMailbox *one)
{
    for (guint i = 0; i < list->len; i++) {
        const MimeMailbox *other = list->pdata[i];
        if (one->address && other->address && compose_address_equal(one->address, other->address))
            return TRUE;
    }
    return FALSE;
}

/* Those of `more` that are in neither list. */
static void add_new(GPtrArray *list, const GPtrArray *other, const GPtrArray *more)
{
    for (guint i = 0; i < more->len; i++) {
        const MimeMailbox *one = more->pdata[i];
        if (!is_among(list, one) && !is_among(other, one))
            g_ptr_array_add(list, mime_mailbox_new(one->group, one->name, one->address));
    }
}

static void set_people(Draft *draft, const GPtrArray *to, const GPtrArray *cc)
{
    g_autofree char *to_text = compose_addresses_format(to), *cc_text = compose_addresses_format(cc);

    draft_set(draft, DRAFT_TO, to_text);
    draft_set(draft, DRAFT_CC, cc_text);
}

static void add_quote(GString *body, const MimeMessage *message, const ReplyWants *wants)
{
    g_autofree char *text = quote_visible_text(message, wants->prefer_html, QUOTE_COLS);
    g_autofree char *quote = quote_marked(text);
    g_autofree char *attribution = quote_attribution(wants->attribution, mime_message_envelope(message));

    g_string_append_printf(body, "%s%s\n%s", body->len && !g_str_has_suffix(body->str, "\n\n") ? "\n" : "",
                           attribution, quote);
}

static void write_answer(Draft *draft, const GPtrArray *messages, const Identity *identity,
                         const ReplyWants *wants, char **notice_out)
{
    g_autoptr(GString) body = g_string_new(wants->quotes && !wants->is_below ? "\n\n" : "");
    gsize cursor = 0;

    for (guint i = 0; wants->quotes && i < messages->len; i++)
        add_quote(body, messages->pdata[i], wants);
    if (wants->quotes && wants->is_below) {
        g_string_append(body, "\n");
        cursor = body->len;
        g_string_append(body, "\n");
    }
    reply_add_signature(draft, body, identity, notice_out);
    reply_set_body(draft, body, cursor);
}

/* All of them, parsed: MimeMessage *. NULL: one cannot be read. */
static GPtrArray *read_all(const ReplySource *sources, guint n, GError **error)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)mime_message_free);

    for (guint i = 0; i < n; i++) {
        MimeMessage *message = mime_message_read(sources[i].path, error);
        if (!message)
            return NULL;
        g_ptr_array_add(messages, message);
    }
    return g_steal_pointer(&messages);
}

/* Whom the answer goes to; *redirected_out: look at it. */
static gboolean find_people(const GPtrArray *messages, PeopleWho who, const Config *config, GPtrArray *to,
                            GPtrArray *cc, gboolean *redirected_out, GError **error)
{
    *redirected_out = FALSE;
    for (guint i = 0; i < messages->len; i++) {
        g_auto(People) people = {0};
        if (!people_of_reply(&people, config, messages->pdata[i], who, error))
            return FALSE;
        add_new(to, cc, people.to);
        add_new(cc, to, people.cc);
        *redirected_out |= people.is_redirected;
    }
    return TRUE;
}

/* One who got a copy of one message and wrote the other is written to. */
static void drop_double(GPtrArray *cc, const GPtrArray *to)
{
    for (guint i = cc->len; i > 0; i--)
        if (is_among(to, cc->pdata[i - 1]))
            g_ptr_array_remove_index(cc, i - 1);
}

Draft *reply_new(const ReplySource *sources, guint n, PeopleWho who, const ReplyWants *wants,
                 char **notice_out, GError **error)
{
    const ReplySource *last = &sources[n - 1];
    g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free),
                         cc = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    g_autoptr(GPtrArray) messages = read_all(sources, n, error);
    g_autoptr(Identity) identity = NULL;
    gboolean is_redirected;

    if (!messages || !find_people(messages, who, wants->config, to, cc, &is_redirected, error))
        return NULL;
    drop_double(cc, to);
    g_autoptr(GPtrArray) receivers = reply_receivers(messages->pdata[n - 1]);
    g_autoptr(GPtrArray) delivered = reply_delivered(messages->pdata[n - 1]);
    const MimeMailbox *first = to->len ? to->pdata[0] : NULL;
    const IdentityHints hints = {last->account, last->folder, receivers, first ? first->address : NULL,
                                 delivered};
    Draft *draft = reply_draft(&hints, wants, &identity, error);
    if (!draft)
        return NULL;
    draft->kind = DRAFT_REPLY;
    draft->original = last->id;
    draft->copy_to = reply_copy_to(draft, last, wants, config_bool(wants->config, "copy-beside"));
    set_people(draft, to, cc);
    for (guint i = 0; i < n; i++)
        add_references(draft, mime_message_envelope(messages->pdata[i]));
    reply_set_subject(draft, "Re: ", mime_message_envelope(messages->pdata[n - 1])->subject);
    write_answer(draft, messages, identity, wants, notice_out);
    if (is_redirected)
        reply_notice(notice_out,
                     _("Look at To: the sender wants answers at another domain than the message's own"));
    return draft;
}
