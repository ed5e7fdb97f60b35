/* draft.c - see draft.h; the file that it is kept in is draft_file.c. */
#include "compose/draft.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/address.h"
#include "compose/attach_words.h"
#include "mime/message.h"
#include "render/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What shared-mime-info looks at. */
#define SNIFF_BYTES 4096

const char *draft_field_name(DraftField field)
{
    static const char *const NAMES[] = {"From", "To", "Cc", "Bcc", "Reply-To", "Subject"};

    return NAMES[field];
}

void draft_attachment_free(DraftAttachment *attachment)
{
    g_free(attachment->path);
    g_free(attachment->name);
    g_free(attachment->type);
    g_free(attachment->words);
    g_free(attachment);
}

static void own_field_free(void *data)
{
    MimeField *field = data;

    g_free(field->name);
    g_free(field->value);
    g_free(field);
}

Draft *draft_new(const Identity *identity)
{
    Draft *draft = g_new0(Draft, 1);

    draft->id =
        g_strdup_printf("%" G_GINT64_FORMAT ".%08x%08x", clock_wall_s(), g_random_int(), g_random_int());
    for (int i = 0; i < DRAFT_FIELDS; i++)
        draft->fields[i] = g_strdup("");
    draft->body = g_strdup("");
    draft->references = g_new0(char *, 1);
    draft->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)draft_attachment_free);
    draft->own_fields = g_ptr_array_new_with_free_func(own_field_free);
    if (!identity)
        return draft;
    g_autofree char *typed = identity_format(identity);
    draft_set(draft, DRAFT_FROM, typed);
    draft->account = g_strdup(identity->account->id);
    if (identity_reply_to(identity))
        draft_set(draft, DRAFT_REPLY_TO, identity_reply_to(identity));
    if (identity_bcc_self(identity))
        draft_set(draft, DRAFT_BCC, identity->address);
    g_ptr_array_unref(draft->own_fields);
    draft->own_fields = identity_fields(identity);
    return draft;
}

static void *copy_attachment(const void *from, G_GNUC_UNUSED void *data)
{
    const DraftAttachment *attachment = from;
    DraftAttachment *copy = g_new0(DraftAttachment, 1);

    *copy =
        (DraftAttachment){g_strdup(attachment->path),  g_strdup(attachment->name), g_strdup(attachment->type),
                          g_strdup(attachment->words), attachment->size_bytes,     attachment->is_own};
    return copy;
}

static void *copy_field(const void *from, G_GNUC_UNUSED void *data)
{
    const MimeField *field = from;
    MimeField *copy = g_new0(MimeField, 1);

    *copy = (MimeField){g_strdup(field->name), g_strdup(field->value)};
    return copy;
}

Draft *draft_copy(const Draft *draft)
{
    Draft *copy = g_new0(Draft, 1);

    *copy = *draft;
    copy->id = g_strdup(draft->id);
    copy->account = g_strdup(draft->account);
    for (int i = 0; i < DRAFT_FIELDS; i++)
        copy->fields[i] = g_strdup(draft->fields[i]);
    copy->body = g_strdup(draft->body);
    copy->message_id = g_strdup(draft->message_id);
    copy->in_reply_to = g_strdup(draft->in_reply_to);
    copy->original_id = g_strdup(draft->original_id);
    copy->references = g_strdupv(draft->references);
    copy->asks = draft->asks;
    copy->is_digest = draft->is_digest;
    copy->is_markdown = draft->is_markdown;
    copy->signature = g_strdup(draft->signature);
    copy->resent = g_strdup(draft->resent);
    copy->filed = g_strdup(draft->filed);
    copy->copy_to = g_strdup(draft->copy_to);
    copy->home = g_strdup(draft->home);
    copy->attachments = g_ptr_array_copy(draft->attachments, (GCopyFunc)copy_attachment, NULL);
    g_ptr_array_set_free_func(copy->attachments, (GDestroyNotify)draft_attachment_free);
    copy->own_fields = g_ptr_array_copy(draft->own_fields, (GCopyFunc)copy_field, NULL);
    g_ptr_array_set_free_func(copy->own_fields, own_field_free);
    return copy;
}

void draft_free(Draft *draft)
{
    if (!draft)
        return;
    g_free(draft->id);
    g_free(draft->account);
    for (int i = 0; i < DRAFT_FIELDS; i++)
        g_free(draft->fields[i]);
    g_free(draft->body);
    g_free(draft->message_id);
    g_free(draft->in_reply_to);
    g_free(draft->original_id);
    g_strfreev(draft->references);
    g_free(draft->signature);
    g_free(draft->resent);
    g_free(draft->filed);
    g_free(draft->copy_to);
    g_free(draft->home);
    g_ptr_array_unref(draft->attachments);
    g_ptr_array_unref(draft->own_fields);
    g_free(draft);
}

void draft_set(Draft *draft, DraftField field, const char *text)
{
    char *line = charset_to_utf8(text, strlen(text), "utf-8", LIMIT_HEADER_BYTES, NULL);

    for (char *at = line; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
            memset(at, ' ', (gsize)(g_utf8_next_char(at) - at));
    }
    g_free(draft->fields[field]);
    draft->fields[field] = g_strstrip(line);
}

void draft_set_body(Draft *draft, const char *text, gsize bytes)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autofree char *utf8 = charset_to_utf8(text, bytes, NULL, LIMIT_DRAFT_BYTES, NULL);

    for (const char *at = utf8; *at; at++)
        if (*at != '\r')
            g_string_append_c(body, *at);
        else if (at[1] != '\n')
            g_string_append_c(body, '\n');
    g_free(draft->body);
    draft->body = g_strdup(body->str);
    draft->cursor = MIN(draft->cursor, body->len);
}

/* ---- attachments ---- */

char *draft_file_type(const char *path)
{
    g_autofree guchar *bytes = g_malloc(SNIFF_BYTES);
    gboolean is_uncertain = TRUE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd >= 0 ? read(fd, bytes, SNIFF_BYTES) : 0;

    if (fd >= 0)
        close(fd);
    g_autofree char *content = g_content_type_guess(path, bytes, n > 0 ? (gsize)n : 0, &is_uncertain);
    g_autofree char *type = g_content_type_get_mime_type(content);
    /* "inode/x-empty", "application/x-zerosize": what is true here and says nothing there. */
    if (!type || !strchr(type, '/') || g_str_has_prefix(type, "inode/") ||
        g_str_equal(type, "application/x-zerosize"))
        return g_strdup("application/octet-stream");
    return g_ascii_strdown(type, -1);
}

/* "type/subtype", both tokens (RFC 2045 5.1): it may come from a message. */
static gboolean is_type(const char *type)
{
    const char *slash = strchr(type, '/');

    for (const char *at = type; *at; at++)
        if (at != slash && !g_ascii_isalnum(*at) && !strchr("!#$&-^_.+", *at))
            return FALSE;
    return slash && slash > type && slash[1] && strlen(type) < 128;
}

/* As the pager calls it, else as shared-mime-info does. */
static char *type_words(const char *type)
{
    const char *name = render_type_name(type);
    g_autofree char *content = g_str_equal(name, type) ? g_content_type_from_mime_type(type) : NULL;
    char *words = content ? g_content_type_get_description(content) : NULL;

    return words ? words : g_strdup(name);
}

const char *draft_attach_problem(const char *path)
{
    struct stat is;

    if (stat(path, &is) != 0)
        return g_strerror(errno);
    if (S_ISDIR(is.st_mode))
        return _("it is a folder");
    if (!S_ISREG(is.st_mode)) /* a pipe, a device: its end may never come */
        return _("it is no file");
    return access(path, R_OK) != 0 ? g_strerror(errno) : NULL;
}

gboolean draft_attach(Draft *draft, const char *path, const char *name, const char *type, GError **error)
{
    const char *problem = draft_attach_problem(path);
    struct stat is = {0};

    if (!problem && stat(path, &is) != 0)
        problem = g_strerror(errno);
    if (problem) {
        g_autofree char *shown = g_filename_display_name(path);
        tern_error_set(error, TERN_ERROR_INPUT, _("cannot attach %s: %s"), shown, problem);
        return FALSE;
    }
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *shown = g_filename_display_name(base);
    DraftAttachment *attachment = g_new0(DraftAttachment, 1);
    attachment->path = g_canonicalize_filename(path, NULL);
    attachment->name = g_strdup(name && *name ? name : shown);
    attachment->type = type && is_type(type) ? g_strdup(type) : draft_file_type(path);
    attachment->words = type_words(attachment->type);
    attachment->size_bytes = is.st_size;
    g_ptr_array_add(draft->attachments, attachment);
    return TRUE;
}

void draft_detach(Draft *draft, guint n)
{
    const DraftAttachment *attachment = draft->attachments->pdata[n];

    if (attachment->is_own)
        unlink(attachment->path);
    g_ptr_array_remove_index(draft->attachments, n);
}

/* ---- what is in it ---- */

/* Calls for each line that the writer wrote: no quotes, no attribution that stands right before one, no
 * signature. */
static GString *own_text(const Draft *draft)
{
    g_auto(GStrv) lines = g_strsplit(draft->body, "\n", -1);
    GString *own = g_string_new(NULL);

    for (int i = 0; lines[i] && !g_str_equal(lines[i], "-- "); i++) {
        gboolean is_attribution = g_str_has_suffix(lines[i], ":") && lines[i + 1] && lines[i + 1][0] == '>';
        if (lines[i][0] != '>' && !is_attribution)
            g_string_append_printf(own, "%s\n", lines[i]);
    }
    return own;
}

/* One's own blind copy (bcc-self) is nobody whom the writer has typed. */
static gboolean has_bcc(const Draft *draft)
{
    g_autoptr(GPtrArray) from = compose_addresses_parse(draft->fields[DRAFT_FROM], NULL, NULL);
    g_autoptr(GPtrArray) bcc = compose_addresses_parse(draft->fields[DRAFT_BCC], NULL, NULL);
    const char *own = from && from->len ? ((const MimeMailbox *)from->pdata[0])->address : NULL;

    for (guint i = 0; bcc && i < bcc->len; i++) {
        const MimeMailbox *mailbox = bcc->pdata[i];
        if (!own || !mailbox->address || !compose_address_equal(mailbox->address, own))
            return TRUE;
    }
    return !bcc;
}

gboolean draft_is_empty(const Draft *draft)
{
    g_autoptr(GString) own = own_text(draft);

    return !*draft->fields[DRAFT_TO] && !*draft->fields[DRAFT_CC] && !has_bcc(draft) &&
           !*draft->fields[DRAFT_SUBJECT] && !draft->attachments->len &&
           strspn(own->str, " \t\n") == own->len;
}

gboolean draft_misses_attachment(const Draft *draft)
{
    g_autoptr(GString) own = NULL;

    if (draft->attachments->len || draft->kind == DRAFT_RESEND)
        return FALSE;
    own = own_text(draft);
    if (draft->kind == DRAFT_NEW)
        g_string_append(own, draft->fields[DRAFT_SUBJECT]);
    return attach_words_are_in(own->str);
}

/* ---- checked ---- */

void draft_addresses_free(DraftAddresses *addresses)
{
    g_clear_pointer(&addresses->from, g_ptr_array_unref);
    g_clear_pointer(&addresses->to, g_ptr_array_unref);
    g_clear_pointer(&addresses->cc, g_ptr_array_unref);
    g_clear_pointer(&addresses->bcc, g_ptr_array_unref);
    g_clear_pointer(&addresses->reply_to, g_ptr_array_unref);
    g_free(addresses);
}

static guint count_people(const GPtrArray *list)
{
    guint n = 0;

    for (guint i = 0; i < list->len; i++)
        n += ((const MimeMailbox *)list->pdata[i])->address != NULL;
    return n;
}

DraftAddresses *draft_check(const Draft *draft, gboolean to_send, DraftField *field_out, gsize *where_out,
                            GError **error)
{
    g_autoptr(DraftAddresses) addresses = g_new0(DraftAddresses, 1);
    GPtrArray **const lists[] = {&addresses->from, &addresses->to, &addresses->cc, &addresses->bcc,
                                 &addresses->reply_to};
    DraftField field = DRAFT_FROM;
    gsize where = 0;
    gboolean ok = TRUE;

    for (guint i = 0; i < G_N_ELEMENTS(lists) && ok; i++) {
        field = (DraftField)i;
        *lists[i] = compose_addresses_parse(draft->fields[i], &where, error);
        ok = *lists[i] != NULL;
        if (!ok)
            g_prefix_error(error, "%s: ", draft_field_name(field));
    }
    if (ok && (addresses->from->len != 1 || count_people(addresses->from) != 1)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("From: it needs one address"));
        field = DRAFT_FROM;
        ok = FALSE;
    }
    if (ok && to_send && !count_people(addresses->to) && !count_people(addresses->cc) &&
        !count_people(addresses->bcc)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("there is nobody to send it to"));
        field = DRAFT_TO;
        ok = FALSE;
    }
    if (ok)
        return g_steal_pointer(&addresses);
    if (field_out)
        *field_out = field;
    if (where_out)
        *where_out = where;
    return NULL;
}

GPtrArray *draft_recipients(const DraftAddresses *addresses, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const GPtrArray *const lists[] = {addresses->to, addresses->cc, addresses->bcc};

    for (guint list = 0; list < G_N_ELEMENTS(lists); list++) {
        for (guint i = 0; i < lists[list]->len; i++) {
            const MimeMailbox *mailbox = lists[list]->pdata[i];
            char *address = mailbox->address ? mime_address_ascii_domain(mailbox->address, error) : NULL;
            if (mailbox->address && !address)
                return NULL;
            if (address && g_hash_table_add(seen, g_ascii_strdown(address, -1)))
                g_ptr_array_add(all, address);
            else
                g_free(address);
        }
    }
    return g_steal_pointer(&all);
}
