/*
 * resume.c - see resume.h; and going on with a draft that lies in a folder (reply.h), whoever put it there.
 *
 * One of tern's own says so (X-Tern-Draft) and has its text and fields as they were typed, what its writer
 * asks for, and the folder for its copy; what else such fields could say here (paths of files) is not looked
 * at, since anybody could have written them.
 */
#include "compose/resume.h"

#include "base/error.h"
#include "base/i18n.h"
#include "compose/address.h"
#include "compose/difference.h"
#include "compose/draft_private.h"
#include "compose/editor.h"
#include "compose/quote.h"
#include "compose/reply_private.h"
#include "compose/upload.h"
#include "maildir/uploads.h"
#include "mime/address.h"
#include "mime/param.h"

#include <string.h>
#include <unistd.h>

static gboolean has_unfinished(const GPtrArray *addresses)
{
    for (guint i = 0; i < addresses->len; i++)
        if (!*((const MimeAddress *)addresses->pdata[i])->address)
            return TRUE;
    return FALSE;
}

/* Whom it goes to; as text where its writer has not finished an address, who then sees that before sending. */
static void set_people(Draft *draft, DraftField field, const MimeMessage *message, const char *name,
                       const GPtrArray *addresses)
{
    g_autofree char *text = has_unfinished(addresses) ? mime_message_field_all(message, name) : NULL;

    if (text)
        draft_set(draft, field, text);
    else
        reply_set_list(draft, field, addresses);
}

static void set_bcc(Draft *draft, const MimeMessage *message)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    const GPtrArray *fields = mime_message_fields(message);

    for (guint i = 0; i < fields->len; i++) { /* each by itself: what is wrong in one spoils no other */
        const MimeField *field = fields->pdata[i];
        if (!g_ascii_strcasecmp(field->name, "Bcc"))
            mime_address_parse(field->value, strlen(field->value), NULL, list, NULL);
    }
    set_people(draft, DRAFT_BCC, message, "Bcc", list);
}

/* Whom it is from: the address in it where it is one's own, else that of the account. */
static void set_from(Draft *draft, const MimeEnvelope *envelope, const Config *config)
{
    const MimeAddress *from = envelope->from->len ? envelope->from->pdata[0] : NULL;
    const MimeMailbox mailbox = {.name = from ? from->name : NULL, .address = from ? from->address : NULL};
    g_autoptr(Identity) identity = identity_of(config, &mailbox);

    if (!identity)
        return;
    g_autofree char *text = mime_mailbox_format(&mailbox);
    draft_set(draft, DRAFT_FROM, text);
    g_free(draft->account);
    draft->account = g_strdup(identity->account->id);
    g_ptr_array_unref(draft->own_fields);
    draft->own_fields = identity_fields(identity);
}

/* As tern wrote them: lists that are not finished, and fields of one's own. */
static void read_own(Draft *draft, const MimeMessage *message)
{
    const GPtrArray *fields = mime_message_fields(message);

    g_ptr_array_set_size(draft->own_fields, 0);
    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        const gboolean is_terns = g_ascii_strncasecmp(field->name, "X-Tern-", 7) == 0;
        if (is_terns)
            draft_read_typed(draft, field);
        else
            draft_take_field(draft, field);
    }
}

/* What is not kept of a draft that another program made. */
static void tell_what_is_lost(const MimeMessage *message, char **notice_out)
{
    g_autoptr(GPtrArray) parts = mime_message_parts(message), kept = mime_message_beside_text(message);

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        if (!g_str_equal(part->type, "text/html") || g_ptr_array_find(kept, part, NULL))
            continue;
        reply_notice(notice_out, _("This draft was HTML; what goes on is its text"));
        return;
    }
}

static void set_body(Draft *draft, const MimeMessage *message, gboolean is_own, char **notice_out)
{
    g_autoptr(GPtrArray) parts = mime_message_body_parts(message, FALSE);
    const MimePart *first = parts->len ? parts->pdata[0] : NULL;

    if (!is_own)
        tell_what_is_lost(message, notice_out);
    if (first && g_str_equal(first->type, "text/plain") &&
        (is_own || (parts->len == 1 && !first->is_flowed))) {
        draft_read_body(draft, message, FALSE);
        return;
    }
    g_autofree char *text = quote_own_text(message, FALSE, QUOTE_COLS);
    draft_set_body(draft, text, strlen(text));
}

static void set_ids(Draft *draft, const MimeMessage *message)
{
    const char *parent = mime_message_field(message, "In-Reply-To");

    if (parent)
        draft_read_parent(draft, parent);
    g_strfreev(draft->references);
    draft->references = g_strdupv(mime_message_envelope(message)->references);
}

Draft *resume_new(const ReplySource *source, const ReplyWants *wants, char **notice_out, GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(source->path, error);
    const IdentityHints hints = {.account = source->account, .folder = source->folder};
    g_autoptr(Identity) identity = NULL;
    Draft *draft =
        message && reply_check_readable(message, error) ? reply_draft(&hints, wants, &identity, error) : NULL;

    if (!draft)
        return NULL;
    const MimeEnvelope *envelope = mime_message_envelope(message);
    const char *own = mime_message_field(message, "X-Tern-Draft");
    set_from(draft, envelope, wants->config);
    set_people(draft, DRAFT_TO, message, "To", envelope->to);
    set_people(draft, DRAFT_CC, message, "Cc", envelope->cc);
    reply_set_list(draft, DRAFT_REPLY_TO, envelope->reply_to);
    set_bcc(draft, message);
    draft_set(draft, DRAFT_SUBJECT, envelope->subject);
    set_ids(draft, message);
    if (own)
        read_own(draft, message);
    if (own && strchr(own, ';'))
        draft_read_wishes(draft, own);
    if (g_strcmp0(draft->account, source->account) != 0) /* it is a folder of that account */
        g_clear_pointer(&draft->copy_to, g_free);
    g_autofree char *kind = own ? mime_param_main(own) : g_strdup("new");
    draft->kind = draft_kind_of(kind);
    if (draft->kind == DRAFT_RESEND || (draft->kind == DRAFT_NEW && draft->in_reply_to))
        draft->kind = draft->in_reply_to ? DRAFT_REPLY : DRAFT_NEW;
    set_body(draft, message, own != NULL, notice_out);
    return reply_end_with(draft, reply_attach_parts(draft, message, wants->data, error), wants->data);
}

/* ---- opened again ---- */

void kept_clear(Kept *kept)
{
    g_clear_pointer(&kept->draft, draft_free);
    g_clear_pointer(&kept->difference, g_free);
    if (kept->hold_fd >= 0)
        close(kept->hold_fd);
    kept->hold_fd = -1;
}

gboolean kept_hold(Kept *kept, const char *data, const char *id, GError **error)
{
    GError *failed = NULL;

    kept->hold_fd = draft_hold(data, id, &failed);
    if (kept->hold_fd >= 0)
        return TRUE;
    if (!failed)
        tern_error_set(&failed, TERN_ERROR_INPUT,
                       _("this draft is open already, here or in another tern; close it there first"));
    g_propagate_error(error, failed);
    return FALSE;
}

static void add_names(Draft *draft, const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_attachments(message);

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        DraftAttachment *one = g_new0(DraftAttachment, 1);
        one->name = g_strdup(part->filename ? part->filename : "");
        g_ptr_array_add(draft->attachments, one);
    }
}

/* To be compared with: the newest version that was handed over; NULL: none is there. */
static Draft *handed_over(const char *data, const char *id)
{
    g_autofree char *name = g_strconcat(id, ".eml", NULL);
    g_autofree char *path = g_build_filename(data, "drafts", "upload", name, NULL);
    g_autoptr(MimeMessage) message =
        g_file_test(path, G_FILE_TEST_EXISTS) ? mime_message_read(path, NULL) : NULL;
    Draft *draft = message ? draft_new(NULL) : NULL;

    if (draft) {
        const GPtrArray *fields = mime_message_fields(message);
        for (guint i = 0; i < fields->len; i++)
            draft_read_typed(draft, fields->pdata[i]);
        draft_read_body(draft, message, FALSE);
        add_names(draft, message);
    }
    return draft;
}

gboolean kept_open(Kept *kept, const char *data, const char *id, GError **error)
{
    if (!kept_hold(kept, data, id, error))
        return FALSE;
    kept->draft = draft_load(data, id, error);
    if (!kept->draft)
        return FALSE;
    g_autoptr(Draft) before = kept->draft->filed ? draft_copy(kept->draft) : handed_over(data, id);
    if (!before)
        before = draft_copy(kept->draft);
    if (editor_recover(kept->draft, data)) /* tern was killed under an editor */
        g_clear_pointer(&kept->draft->filed, g_free);
    kept->difference = draft_difference(before, kept->draft, &kept->lines);
    return TRUE;
}

gboolean kept_open_row(Kept *kept, const char *data, int64_t row, int64_t store, GError **error)
{
    g_autofree char *id = draft_of_row(data, row, store);
    g_autoptr(GError) failed = NULL;

    if (id && kept_open(kept, data, id, &failed))
        return TRUE;
    kept_clear(kept);
    if (failed && tern_error_is(failed, TERN_ERROR_INPUT)) /* it is open */
        g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE; /* of what was only looked at nothing is kept */
}

gboolean kept_resume(Kept *kept, const ReplySource *source, int64_t store, const ReplyWants *wants,
                     char **notice_out, GError **error)
{
    GError *failed = NULL;

    if (kept_open_row(kept, wants->data, source->id, store, &failed))
        return TRUE;
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    g_autofree char *id = draft_of_row(wants->data, source->id, store);
    kept->draft = resume_new(source, wants, notice_out, error);
    kept->is_new = TRUE;
    if (id)
        upload_forget(wants->data, id);
    return kept->draft && kept_hold(kept, wants->data, kept->draft->id, error) &&
           upload_adopt(wants->data, kept->draft->id, source->account, source->id, store, error);
}
