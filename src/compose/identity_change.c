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

void draft_change_identity(Draft *draft, const Identity *from, const Identity *to)
{
    g_autofree char *typed = identity_format(to);

    draft_set(draft, DRAFT_FROM, typed);
    if (g_strcmp0(draft->account, to->account->id) != 0)
        g_clear_pointer(&draft->copy_to, g_free); /* a folder of the other account */
    g_free(draft->account);
    draft->account = g_strdup(to->account->id);
    if (draft->kind == DRAFT_RESEND) /* it goes out as it is */
        return;
    change_reply_to(draft, from, to);
    change_bcc(draft, from, to);
    change_own_fields(draft, from, to);
}

/* ---- the text ---- */

#define MARK "-- \n"
/* A forwarded text may have any number of them. */
#define MARKS_MAX 100

/* "12.<SHA-256>" of its 12 bytes; to be freed. */
static char *name_of(const char *text, gsize bytes)
{
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, bytes);

    return g_strdup_printf("%" G_GSIZE_FORMAT ".%s", bytes, sum);
}

void draft_note_signature(Draft *draft, const char *signature)
{
    g_free(draft->signature);
    draft->signature = signature && *signature ? name_of(signature, strlen(signature)) : NULL;
}

/* The next line "-- " from there on; NULL: none. */
static const char *find_mark(const char *body, const char *from)
{
    const char *at = strstr(from, MARK);

    while (at && at > body && at[-1] != '\n')
        at = strstr(at + 1, MARK);
    return at;
}

/* Where the mark of the draft's signature stands; a forwarded text may have the same below. NULL: it was
 * changed by hand. *bytes_out: with its last line end. */
static const char *find_signature(const Draft *draft, gsize *bytes_out)
{
    const gsize bytes = g_ascii_strtoull(draft->signature, NULL, 10);
    const char *at = find_mark(draft->body, draft->body);

    *bytes_out = strlen(MARK) + bytes + 1;
    for (int n = 0; at && n < MARKS_MAX; n++, at = find_mark(draft->body, at + 1)) {
        const char *text = at + strlen(MARK);
        if (strlen(text) <= bytes || text[bytes] != '\n')
            continue;
        g_autofree char *name = name_of(text, bytes);
        if (g_str_equal(name, draft->signature))
            return at;
    }
    return NULL;
}

gboolean draft_change_signature(Draft *draft, const char *signature)
{
    const gboolean is_any = signature && *signature;
    gsize bytes = 0;
    const char *old = draft->signature ? find_signature(draft, &bytes) : NULL;
    const gsize at = old ? (gsize)(old - draft->body) : strlen(draft->body);

    if (draft->kind == DRAFT_RESEND || (!is_any && !draft->signature))
        return TRUE;
    if (draft->signature ? !old : find_mark(draft->body, draft->body) != NULL)
        return FALSE;
    g_autoptr(GString) body = g_string_new_len(draft->body, (gssize)at);
    if (!old && at && body->str[at - 1] != '\n')
        g_string_append_c(body, '\n');
    if (!old && !g_str_has_suffix(body->str, "\n\n"))
        g_string_append_c(body, '\n');
    if (is_any)
        g_string_append_printf(body, MARK "%s\n", signature);
    if (old)
        g_string_append(body, old + bytes);
    if (draft->cursor > at) /* it stays at what was written behind */
        draft->cursor = draft->cursor >= at + bytes ? draft->cursor + body->len - strlen(draft->body) : at;
    draft_set_body(draft, body->str, body->len);
    draft_note_signature(draft, signature);
    return TRUE;
}
