/*
 * draft_file.c - drafts as files (draft.h): a Maildir, so that other programs find them, too.
 *
 * What is no field of a message stands in X-Tern- fields:
 *
 *     X-Tern-Draft: reply; account=work; original=4711; cursor=120   what it is
 *     X-Tern-To: ada@                                                a field as typed, which is no list (yet)
 *     X-Tern-Attachment: application/pdf; path=…; name=…; own=no     one for each; both percent-encoded
 */
#include "compose/draft.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/address.h"
#include "compose/draft_private.h"
#include "mime/message.h"
#include "mime/param.h"
#include "mime/write_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was put aside is there for so long. */
#define ASIDE_S (30 * 86400)

static const char *const KINDS[] = {"new", "reply", "forward", "resend"};

static char *folder_of(const char *data, const char *part)
{
    return g_build_filename(data, "drafts", part, NULL);
}

/* The file of a draft in cur or aside, whatever flags it has by now, to be freed; NULL: there is none. */
static char *find_file(const char *data, const char *part, const char *id)
{
    g_autofree char *folder = folder_of(data, part);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    gsize n = strlen(id);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir))
        if (strncmp(name, id, n) == 0 && (name[n] == ':' || !name[n]))
            return g_build_filename(folder, name, NULL);
    return NULL;
}

/* ---- writing ---- */

/* The field itself where it is one; what was typed, where that is more. */
static void write_field(GString *out, const Draft *draft, DraftField field)
{
    const char *text = draft->fields[field], *name = draft_field_name(field);
    g_autofree char *tern_name = g_strconcat("X-Tern-", name, NULL);
    g_autoptr(GPtrArray) list = NULL;
    const gsize before = out->len;

    if (!*text)
        return;
    if (field == DRAFT_SUBJECT) {
        if (!mime_write_text(out, name, text, NULL))
            mime_write_text(out, name, "", NULL);
        return;
    }
    list = compose_addresses_parse(text, NULL, NULL);
    g_autofree char *again = list ? compose_addresses_format(list) : NULL;
    if (list && !mime_write_addresses(out, name, list, NULL))
        g_clear_pointer(&again, g_free);
    /* Decoded words may hold what a name has in quotes only, such as a comma and somebody else's address. */
    if (g_strcmp0(again, text) != 0 || !g_str_is_ascii(text) || strstr(out->str + before, "=?"))
        mime_write_text(out, tern_name, text, NULL);
}

static void write_state(GString *out, const Draft *draft)
{
    g_autofree char *original = g_strdup_printf("%" G_GINT64_FORMAT, draft->original);
    g_autofree char *cursor = g_strdup_printf("%" G_GSIZE_FORMAT, draft->cursor);
    g_autofree char *account = g_uri_escape_string(draft->account ? draft->account : "", NULL, FALSE);
    g_autofree char *resent = g_uri_escape_string(draft->resent ? draft->resent : "", NULL, FALSE);
    g_autofree char *filed = g_uri_escape_string(draft->filed ? draft->filed : "", NULL, FALSE);
    g_autofree char *copy_to = g_uri_escape_string(draft->copy_to ? draft->copy_to : "", NULL, FALSE);
    g_autofree char *home = g_uri_escape_string(draft->home ? draft->home : "", NULL, FALSE);
    g_autofree char *original_id =
        g_uri_escape_string(draft->original_id ? draft->original_id : "", NULL, FALSE);
    /* A text without a last line end gets one in the file. */
    const char *end = *draft->body && !g_str_has_suffix(draft->body, "\n") ? "open" : "closed";
    g_autofree char *asks = g_strdup_printf("%u", draft->asks);
    const char *markdown = draft->is_markdown ? "yes" : "no", *digest = draft->is_digest ? "yes" : "no";
    const char *from = draft->is_from_chosen ? "chosen" : "";
    const char *template = draft->is_template ? "yes" : "no";
    const char *signature = draft->signature ? draft->signature : "";
    const char *parameters[] = {
        "account",     account,     "original", original, "cursor",   cursor,   "asks",      asks,
        "end",         end,         "resent",   resent,   "filed",    filed,    "copy-to",   copy_to,
        "markdown",    markdown,    "from",     from,     "template", template, "signature", signature,
        "original-id", original_id, "home",     home,     "digest",   digest,   NULL};

    mime_write_value(out, "X-Tern-Draft", KINDS[draft->kind], parameters, NULL);
    for (guint i = 0; i < draft->attachments->len; i++) {
        const DraftAttachment *attachment = draft->attachments->pdata[i];
        g_autofree char *path = g_uri_escape_string(attachment->path, NULL, FALSE);
        g_autofree char *name = g_uri_escape_string(attachment->name, NULL, FALSE);
        const char *pairs[] = {"path", path, "name", name, "own", attachment->is_own ? "yes" : "no", NULL};
        mime_write_value(out, "X-Tern-Attachment", attachment->type, pairs, NULL);
    }
}

void draft_write_wishes(GString *out, const Draft *draft)
{
    g_autofree char *asks = g_strdup_printf("%u", draft->asks);
    g_autofree char *copy_to = g_uri_escape_string(draft->copy_to ? draft->copy_to : "", NULL, FALSE);
    g_autofree char *home = g_uri_escape_string(draft->home ? draft->home : "", NULL, FALSE);
    g_autofree char *original_id =
        g_uri_escape_string(draft->original_id ? draft->original_id : "", NULL, FALSE);
    const char *parameters[] = {"asks",        asks,
                                "markdown",    draft->is_markdown ? "yes" : "no",
                                "copy-to",     copy_to,
                                "from",        draft->is_from_chosen ? "chosen" : "",
                                "template",    draft->is_template ? "yes" : "no",
                                "signature",   draft->signature ? draft->signature : "",
                                "home",        home,
                                "original-id", original_id,
                                NULL};

    mime_write_value(out, "X-Tern-Draft", KINDS[draft->kind], parameters, NULL);
}

DraftKind draft_kind_of(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (g_str_equal(name, KINDS[i]))
            return (DraftKind)i;
    return DRAFT_NEW;
}

GString *draft_header(const Draft *draft, const char *message_id)
{
    GString *out = g_string_new(NULL);
    const char *id[] = {message_id, NULL}, *parent[] = {draft->in_reply_to, NULL};

    for (DraftField field = 0; field < DRAFT_FIELDS; field++)
        write_field(out, draft, field);
    mime_write_date(out, "Date", clock_wall_s(), 0);
    mime_write_ids(out, "Message-ID", id);
    mime_write_ids(out, "In-Reply-To", parent);
    mime_write_ids(out, "References", (const char *const *)draft->references);
    for (guint i = 0; i < draft->own_fields->len; i++) {
        const MimeField *own = draft->own_fields->pdata[i];
        mime_write_text(out, own->name, own->value, NULL);
    }
    return out;
}

static gboolean write_file(const Draft *draft, const char *path, GError **error)
{
    g_autoptr(GString) header = draft_header(draft, draft->message_id);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot save the draft in %s"), path);
        return FALSE;
    }
    write_state(header, draft);
    g_string_append(header, "MIME-Version: 1.0\n");
    MimeWriter *writer = mime_writer_new(fd);
    mime_writer_add(writer, header->str, (gssize)header->len);
    mime_write_text_part(writer, draft->body, (MimeTextWants){.subtype = "plain"});
    gboolean ok = mime_writer_close(writer, error);
    if (ok && fsync(fd) != 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot save the draft in %s"), path);
        ok = FALSE;
    }
    close(fd);
    return ok;
}

gboolean draft_save(const Draft *draft, const char *data, GError **error)
{
    g_autofree char *cur = folder_of(data, "cur"), *new_ = folder_of(data, "new"),
                    *tmp = folder_of(data, "tmp");
    g_autofree char *temporary = g_build_filename(tmp, draft->id, NULL);
    g_autofree char *name = g_strconcat(draft->id, ":2,DS", NULL);
    g_autofree char *old = find_file(data, "cur", draft->id);
    g_autofree char *path = old ? g_strdup(old) : g_build_filename(cur, name, NULL);

    if (!file_make_folder(cur, error) || !file_make_folder(new_, error) || !file_make_folder(tmp, error))
        return FALSE;
    gboolean ok = write_file(draft, temporary, error);
    if (ok && rename(temporary, path) != 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot save the draft in %s"), path);
        ok = FALSE;
    }
    if (!ok)
        unlink(temporary);
    return ok && file_sync_folder(cur, error);
}

/* ---- reading ---- */

static char *parameter(const char *value, const char *name)
{
    g_autofree char *text = mime_param_get(value, name, FALSE);
    char *plain = text ? g_uri_unescape_string(text, NULL) : NULL;

    return plain ? plain : g_strdup("");
}

static gint64 number(const char *value, const char *name)
{
    g_autofree char *text = parameter(value, name);

    return MAX(g_ascii_strtoll(text, NULL, 10), 0);
}

/* A folder's name, or NULL: it is none that could be one. */
static char *folder_name(const char *value)
{
    g_autofree char *name = parameter(value, "copy-to");
    gboolean is_clean = *name && g_utf8_validate(name, -1, NULL);

    for (const char *p = name; is_clean && *p; p++)
        is_clean = !g_ascii_iscntrl(*p);
    return is_clean ? g_steal_pointer(&name) : NULL;
}

/* NULL where it is empty. */
static void read_text(char **text, const char *value, const char *name)
{
    g_free(*text);
    *text = parameter(value, name);
    if (!**text)
        g_clear_pointer(text, g_free);
}

void draft_read_wishes(Draft *draft, const char *value)
{
    g_autofree char *markdown = parameter(value, "markdown"), *from = parameter(value, "from");
    g_autofree char *template = parameter(value, "template");

    draft->asks = (guint)number(value, "asks") & (DRAFT_ASKS_DELIVERY | DRAFT_ASKS_RECEIPT | DRAFT_ASKS_TLS);
    g_free(draft->copy_to);
    draft->copy_to = folder_name(value);
    draft->is_markdown = g_str_equal(markdown, "yes");
    draft->is_from_chosen = g_str_equal(from, "chosen");
    draft->is_template = g_str_equal(template, "yes");
    read_text(&draft->signature, value, "signature");
    read_text(&draft->home, value, "home");
    read_text(&draft->original_id, value, "original-id");
}

static void read_state(Draft *draft, const char *value, gboolean *is_open_out)
{
    g_autofree char *kind = mime_param_main(value), *end = parameter(value, "end");
    g_autofree char *digest = parameter(value, "digest");

    draft->kind = draft_kind_of(kind);
    g_free(draft->account);
    draft->account = parameter(value, "account");
    draft->original = number(value, "original");
    draft->cursor = (gsize)number(value, "cursor");
    read_text(&draft->resent, value, "resent");
    read_text(&draft->filed, value, "filed");
    draft_read_wishes(draft, value);
    draft->is_digest = g_str_equal(digest, "yes");
    *is_open_out = g_str_equal(end, "open");
}

/* One that is no longer there stays in the list, so that sending tells it. */
static void read_attachment(Draft *draft, const char *value)
{
    g_autofree char *path = parameter(value, "path"), *name = parameter(value, "name");
    g_autofree char *type = mime_param_main(value), *own = parameter(value, "own");

    if (!g_path_is_absolute(path))
        return;
    if (!draft_attach(draft, path, name, type, NULL)) {
        DraftAttachment *attachment = g_new0(DraftAttachment, 1);
        *attachment =
            (DraftAttachment){g_strdup(path), g_strdup(name), g_strdup(type), g_strdup(type), 0, FALSE};
        g_ptr_array_add(draft->attachments, attachment);
    }
    DraftAttachment *last = draft->attachments->pdata[draft->attachments->len - 1];
    last->is_own = g_str_equal(own, "yes");
}

gboolean draft_field_is_known(const char *name)
{
    static const char *const KNOWN[] = {"Date",       "Message-ID",   "In-Reply-To",
                                        "References", "MIME-Version", NULL};

    for (int i = 0; KNOWN[i]; i++)
        if (g_ascii_strcasecmp(KNOWN[i], name) == 0)
            return TRUE;
    return g_ascii_strncasecmp(name, "Content-", 8) == 0;
}

void draft_add_field(Draft *draft, const char *name, const char *value)
{
    MimeField *own = g_new0(MimeField, 1);

    *own = (MimeField){g_strdup(name), g_strdup(value)};
    g_ptr_array_add(draft->own_fields, own);
}

void draft_take_field(Draft *draft, const MimeField *field)
{
    g_autoptr(GString) written = g_string_new(NULL);

    if (identity_field_is_free(field->name) && !draft_field_is_known(field->name) &&
        mime_write_text(written, field->name, field->value, NULL))
        draft_add_field(draft, field->name, field->value);
}

/* A field of the message, or as it was typed, which counts more and comes later. */
gboolean draft_read_typed(Draft *draft, const MimeField *field)
{
    gboolean is_terns = g_ascii_strncasecmp(field->name, "X-Tern-", 7) == 0;

    for (DraftField i = 0; i < DRAFT_FIELDS; i++) {
        if (g_ascii_strcasecmp(field->name + (is_terns ? 7 : 0), draft_field_name(i)) != 0)
            continue;
        draft_set(draft, i, field->value);
        return TRUE;
    }
    return FALSE;
}

static void read_ids(Draft *draft, const MimeEnvelope *envelope)
{
    draft->message_id = g_strdup(envelope->message_id);
    g_strfreev(draft->references);
    draft->references = g_strdupv(envelope->references);
}

void draft_read_parent(Draft *draft, const char *value)
{
    const char *open = strchr(value, '<');

    g_free(draft->in_reply_to);
    draft->in_reply_to = open ? g_strndup(open + 1, strcspn(open + 1, "> \t")) : NULL;
}

static void read_fields(Draft *draft, const MimeMessage *message, gboolean *is_open_out)
{
    const GPtrArray *fields = mime_message_fields(message);

    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        if (g_ascii_strcasecmp(field->name, "X-Tern-Draft") == 0) {
            read_state(draft, field->value, is_open_out);
        } else if (g_ascii_strcasecmp(field->name, "X-Tern-Attachment") == 0) {
            read_attachment(draft, field->value);
        } else if (g_ascii_strcasecmp(field->name, "In-Reply-To") == 0) {
            draft_read_parent(draft, field->value);
        } else if (!draft_read_typed(draft, field) && !draft_field_is_known(field->name)) {
            draft_add_field(draft, field->name, field->value);
        }
    }
}

void draft_read_body(Draft *draft, const MimeMessage *message, gboolean is_open)
{
    g_autoptr(GPtrArray) parts = mime_message_body_parts(message, FALSE);
    gsize cursor = draft->cursor, size = 0;

    if (!parts->len)
        return;
    g_autofree char *text = mime_part_text(message, parts->pdata[0], NULL, &size, NULL);
    if (is_open && size && text[size - 1] == '\n')
        size--;
    draft->cursor = 0;
    draft_set_body(draft, text, size);
    draft->cursor = MIN(cursor, strlen(draft->body));
    while (draft->cursor && !g_utf8_validate(draft->body + draft->cursor, -1, NULL))
        draft->cursor--;
}

Draft *draft_load(const char *data, const char *id, GError **error)
{
    g_autofree char *path = find_file(data, "cur", id);
    g_autoptr(MimeMessage) message = path ? mime_message_read(path, error) : NULL;
    gboolean is_open = FALSE;

    if (!path)
        tern_error_set(error, TERN_ERROR_STORE, _("there is no draft %s"), id);
    if (!message)
        return NULL;
    Draft *draft = draft_new(NULL);
    g_free(draft->id);
    draft->id = g_strdup(id);
    read_fields(draft, message, &is_open);
    read_ids(draft, mime_message_envelope(message));
    draft_read_body(draft, message, is_open);
    return draft;
}

/* ---- all of them ---- */

char *draft_files_folder(const Draft *draft, const char *data, gboolean make, GError **error)
{
    g_autofree char *folder = g_build_filename(data, "drafts", "files", draft->id, NULL);

    if (make && !file_make_folder(folder, error))
        return NULL;
    return g_steal_pointer(&folder);
}

void draft_remove(const Draft *draft, const char *data)
{
    g_autofree char *path = find_file(data, "cur", draft->id);
    g_autofree char *files = draft_files_folder(draft, data, FALSE, NULL);

    if (path)
        unlink(path);
    if (file_empty_folder(files, NULL))
        rmdir(files);
}

gboolean draft_put_aside(const char *data, const char *id)
{
    g_autofree char *path = find_file(data, "cur", id), *folder = folder_of(data, "aside");
    g_autofree char *name = path ? g_path_get_basename(path) : NULL;

    if (!path || !file_make_folder(folder, NULL) || utimensat(AT_FDCWD, path, NULL, 0) != 0) /* since when */
        return FALSE;
    g_autofree char *to = g_build_filename(folder, name, NULL);
    return rename(path, to) == 0;
}

gboolean draft_is_aside(const char *data, const char *id)
{
    g_autofree char *path = find_file(data, "aside", id);

    return path != NULL;
}

void draft_clean_aside(const char *data)
{
    g_autofree char *folder = folder_of(data, "aside");
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat is;
        if (lstat(path, &is) == 0 && S_ISREG(is.st_mode) && is.st_mtime < clock_wall_s() - ASIDE_S)
            unlink(path);
    }
}

static int by_id(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *draft_list(const char *data, GError **error)
{
    g_autofree char *folder = folder_of(data, "cur");
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

    if (why && !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        tern_error_set(error, TERN_ERROR_STORE, _("the drafts cannot be listed: %s"), why->message);
        g_ptr_array_unref(ids);
        return NULL;
    }
    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir))
        if (*name != '.')
            g_ptr_array_add(ids, g_strndup(name, strcspn(name, ":")));
    g_ptr_array_sort(ids, by_id);
    return ids;
}
