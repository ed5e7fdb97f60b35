/* identity_change.c - see identity_change.h. */
#include "compose/identity_change.h"

#include "compose/address.h"
#include "mime/message.h"

#include <string.h>

/* ---- fields ---- */

static void change_reply_to(Draft *draft, const Identity *from, const Identity *to)
{
    const char *old = from ? identity_reply_to(from) : NULL, *new_ = identity_reply_to(to);

    if (g_str_equal(draft->fields[DRAFT_REPLY_TO], old ? old : ""))
        draft_set(draft, DRAFT_REPLY_TO, new_ ? new_ : "");
}

static void change_bcc(Draft *draft, const Identity *from, const Identity *to)
{
    g_autoptr(GPtrArray) list = compose_addresses_parse(draft->fields[DRAFT_BCC], NULL, NULL);

    if (!list) /* in the middle of being typed: it stays as it is */
        return;
    for (guint i = list->len; i > 0 && from && identity_bcc_self(from); i--) {
        const MimeMailbox *one = list->pdata[i - 1];
        if (one->address && compose_address_equal(one->address, from->address))
            g_ptr_array_remove_index(list, i - 1);
    }
    if (identity_bcc_self(to))
        g_ptr_array_add(list, mime_mailbox_new(NULL, "", to->address));
    g_autofree char *text = compose_addresses_format(list);
    draft_set(draft, DRAFT_BCC, text);
}

static gboolean is_in(const GPtrArray *fields, const MimeField *wanted)
{
    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        if (g_ascii_strcasecmp(field->name, wanted->name) == 0 && g_str_equal(field->value, wanted->value))
            return TRUE;
    }
    return FALSE;
}

static void change_own_fields(Draft *draft, const Identity *from, const Identity *to)
{
    g_autoptr(GPtrArray) old = from ? identity_fields(from) : g_ptr_array_new();
    GPtrArray *fields = identity_fields(to);

    for (guint i = draft->own_fields->len; i > 0; i--)
        if (is_in(old, draft->own_fields->pdata[i - 1]))
            g_ptr_array_remove_index(draft->own_fields, i - 1);
    while (fields->len)
        g_ptr_array_add(draft->own_fields, g_ptr_array_steal_index(fields, 0));
    g_ptr_array_unref(fields);
}

/* ---- the text ---- */

static char *ending(const char *signature)
{
    return signature && *signature ? g_strdup_printf("-- \n%s\n", signature) : g_strdup("");
}

static gboolean change_signature(Draft *draft, const char *old_signature, const char *new_signature)
{
    g_autofree char *old = ending(old_signature), *new_ = ending(new_signature);
    g_autoptr(GString) body = g_string_new(draft->body);
    const gsize bytes = strlen(old);

    if (g_str_equal(old, new_))
        return TRUE;
    if (*old && (body->len < bytes || !g_str_has_suffix(body->str, old) ||
                 (body->len > bytes && body->str[body->len - bytes - 1] != '\n')))
        return FALSE;
    g_string_truncate(body, body->len - bytes);
    if (!*old && body->len && !g_str_has_suffix(body->str, "\n"))
        g_string_append_c(body, '\n');
    if (*new_ && !*old)
        g_string_append_c(body, '\n');
    g_string_append(body, new_);
    draft_set_body(draft, body->str, body->len);
    return TRUE;
}

gboolean draft_change_identity(Draft *draft, const Identity *from, const Identity *to,
                               const char *old_signature, const char *new_signature)
{
    const MimeMailbox mailbox = {.name = to->name, .address = to->address};
    g_autofree char *typed = mime_mailbox_format(&mailbox);

    draft_set(draft, DRAFT_FROM, typed);
    if (g_strcmp0(draft->account, to->account->id) != 0)
        g_clear_pointer(&draft->copy_to, g_free); /* a folder of the other account */
    g_free(draft->account);
    draft->account = g_strdup(to->account->id);
    if (draft->kind == DRAFT_RESEND) /* it goes out as it is */
        return TRUE;
    change_reply_to(draft, from, to);
    change_bcc(draft, from, to);
    change_own_fields(draft, from, to);
    return change_signature(draft, old_signature, new_signature);
}
