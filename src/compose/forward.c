/* forward.c - messages that go on to others (reply.h). */
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "compose/address.h"
#include "compose/message.h"
#include "compose/quote.h"
#include "compose/reply_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- files of the draft's own ---- */

/* A new file in the draft's folder; *path_out is to be freed. -1 and STORE. */
static int own_file(const Draft *draft, const char *data, char **path_out, GError **error)
{
    g_autofree char *folder = draft_files_folder(draft, data, TRUE, error);

    if (!folder)
        return -1;
    for (guint n = 1;; n++) {
        g_autofree char *name = g_strdup_printf("%u", n);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make the file %s"), path);
        *path_out = g_steal_pointer(&path);
        return fd;
    }
}

static gboolean attach_own(Draft *draft, const char *path, const char *name, const char *type, GError **error)
{
    if (!draft_attach(draft, path, name, type, error))
        return FALSE;
    ((DraftAttachment *)draft->attachments->pdata[draft->attachments->len - 1])->is_own = TRUE;
    return TRUE;
}

static gboolean attach_part(Draft *draft, const MimeMessage *message, const MimePart *part, const char *data,
                            GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *name = sanitise_file_name(part->filename ? part->filename : "");
    int fd = own_file(draft, data, &path, error);

    if (fd < 0)
        return FALSE;
    gboolean ok = mime_part_write(message, part, fd, error);
    close(fd);
    return ok && attach_own(draft, path, name, part->type, error);
}

gboolean reply_attach_parts(Draft *draft, const MimeMessage *message, const char *data, GError **error)
{
    g_autoptr(GPtrArray) parts = mime_message_beside_text(message);

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        if (!attach_part(draft, message, part, data, error))
            return FALSE;
        draft->is_digest |= mime_part_is_in_digest(part);
    }
    return TRUE;
}

gboolean reply_check_readable(const MimeMessage *message, GError **error)
{
    if (!mime_message_is_encrypted(message))
        return TRUE;
    tern_error_set(error, TERN_ERROR_INPUT,
                   _("this message is encrypted, which tern cannot open; it stays as it is"));
    return FALSE;
}

/* A line, or as much of it as there is room for. Gives its bytes; 0: the end, or an error (ferror()). */
static gsize read_line(FILE *in, char *line, gsize room)
{
    gsize n = 0;

    for (int c = 0; n < room && c != '\n' && (c = getc(in)) != EOF;)
        line[n++] = (char)c;
    return n;
}

/* Whether a line goes with the header; one that goes on with another goes where that went. */
static gboolean is_kept(const char *line, gsize bytes, gboolean was_kept)
{
    MimeRawField field;

    if (mime_field_line(line, line + bytes, NULL) == MIME_LINE_CONTINUATION)
        return was_kept;
    return !mime_field_next(&(const char *){line}, line + bytes, &field) || !mime_field_is_private(&field);
}

/* The header up to its empty line, without what only its writer was to see. */
static gboolean copy_header(FILE *in, int out, GError **error)
{
    char line[4096];
    gboolean begins = TRUE, keeps = TRUE, is_end = FALSE;

    for (gsize n; !is_end && (n = read_line(in, line, sizeof line)) > 0; begins = line[n - 1] == '\n') {
        is_end = begins && mime_field_line(line, line + n, NULL) == MIME_LINE_EMPTY;
        if (begins)
            keeps = is_kept(line, n, keeps);
        if (keeps && !file_write_all(out, line, n, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean copy_rest(FILE *in, int out, GError **error)
{
    char bytes[16384];

    for (gsize n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        if (!file_write_all(out, bytes, n, error))
            return FALSE;
    return TRUE;
}

static gboolean copy_message(const char *from, int out, GError **error)
{
    FILE *in = fopen(from, "re");
    gboolean ok = in && copy_header(in, out, error) && copy_rest(in, out, error);

    if (!in || (ok && ferror(in))) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot copy the message %s"), from);
        ok = FALSE;
    }
    if (in)
        fclose(in);
    return ok;
}

/* The whole message as a file of the draft's own, byte for byte but for the fields that nobody else was to
 * see: one's own copy of what was sent names those in Bcc, a draft what it stands for here. To be freed. */
static char *own_copy(const Draft *draft, const char *from, const char *data, GError **error)
{
    g_autofree char *path = NULL;
    int fd = own_file(draft, data, &path, error);

    if (fd < 0)
        return NULL;
    gboolean ok = copy_message(from, fd, error);
    close(fd);
    return ok ? g_steal_pointer(&path) : NULL;
}

/* ---- the drafts ---- */

Draft *reply_end_with(Draft *draft, gboolean ok, const char *data)
{
    if (ok)
        return draft;
    draft_remove(draft, data);
    draft_free(draft);
    return NULL;
}

static Draft *draft_for(const ReplySource *source, const MimeMessage *message, const ReplyWants *wants,
                        Identity **identity_out, GError **error)
{
    g_autoptr(GPtrArray) receivers = reply_receivers(message);
    g_autoptr(GPtrArray) delivered = reply_delivered(message);
    const IdentityHints hints = {source->account, source->folder, receivers, NULL, delivered};
    Draft *draft = reply_draft(&hints, wants, identity_out, error);

    if (draft) {
        draft->kind = DRAFT_FORWARD;
        draft->original = source->id;
        draft->original_id = g_strdup(mime_message_envelope(message)->message_id);
        draft->copy_to = reply_copy_to(draft, source, wants, FALSE);
    }
    return draft;
}

static char *people_line(const GPtrArray *addresses)
{
    GString *line = g_string_new(NULL);

    for (guint i = 0; i < addresses->len; i++) {
        const MimeAddress *one = addresses->pdata[i];
        const MimeMailbox mailbox = {.name = one->name, .address = one->address};
        g_autofree char *text = mime_mailbox_format(&mailbox);
        g_string_append_printf(line, "%s%s", i ? ", " : "", text);
    }
    g_autofree char *safe = sanitise(line->str, (gssize)line->len, SANITISE_OPEN);
    g_string_free(line, TRUE);
    return g_strdelimit(g_steal_pointer(&safe), "\n", ' ');
}

static void add_forwarded(GString *body, const MimeMessage *message, const ReplyWants *wants)
{
    const MimeEnvelope *envelope = mime_message_envelope(message);
    g_autofree char *text = quote_own_text(message, wants->prefer_html, QUOTE_COLS);
    g_autofree char *from = people_line(envelope->from), *to = people_line(envelope->to);
    g_autofree char *cc = people_line(envelope->cc), *date = quote_attribution("%d", envelope);
    g_autofree char *subject = quote_attribution("%s", envelope);

    g_string_append_printf(body, "\n\n%s\n", QUOTE_FORWARDED);
    g_string_append_printf(body, "From: %s\nDate: %s\nSubject: %s\nTo: %s\n", from, date, subject, to);
    if (*cc)
        g_string_append_printf(body, "Cc: %s\n", cc);
    g_string_append_printf(body, "\n%s", text + strspn(text, "\n"));
}

Draft *forward_inline(const ReplySource *source, const ReplyWants *wants, char **notice_out, GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(source->path, error);
    g_autoptr(Identity) identity = NULL;
    g_autoptr(GString) body = g_string_new(NULL);

    if (message && mime_message_is_encrypted(message)) {
        reply_notice(notice_out, _("The message is encrypted, and goes on as it is, attached"));
        return forward_attached(source, 1, wants, notice_out, error);
    }
    Draft *draft = message ? draft_for(source, message, wants, &identity, error) : NULL;
    if (!draft)
        return NULL;
    reply_set_subject(draft, "Fwd: ", mime_message_envelope(message)->subject);
    add_forwarded(body, message, wants);
    reply_add_signature(draft, body, identity, notice_out);
    reply_set_body(draft, body, 0);
    return reply_end_with(draft, reply_attach_parts(draft, message, wants->data, error), wants->data);
}

static char *message_name(const MimeEnvelope *envelope)
{
    g_autofree char *wanted =
        g_strconcat(*envelope->subject ? envelope->subject : _("message"), ".eml", NULL);

    return sanitise_file_name(g_strdelimit(wanted, "/\\", '-'));
}

static gboolean attach_message(Draft *draft, const ReplySource *source, const MimeMessage *message,
                               const char *data, GError **error)
{
    g_autofree char *name = message_name(mime_message_envelope(message));
    g_autofree char *path = own_copy(draft, source->path, data, error);

    return path && attach_own(draft, path, name, "message/rfc822", error);
}

gboolean forward_add(Draft *draft, const ReplySource *sources, guint n, const char *data, GError **error)
{
    for (guint i = 0; i < n; i++) {
        g_autoptr(MimeMessage) message = mime_message_read(sources[i].path, error);
        if (!message || !attach_message(draft, &sources[i], message, data, error))
            return FALSE;
    }
    return TRUE;
}

Draft *forward_attached(const ReplySource *sources, guint n, const ReplyWants *wants, char **notice_out,
                        GError **error)
{
    g_autoptr(GString) body = g_string_new("\n");
    g_autoptr(Identity) identity = NULL;
    Draft *draft = NULL;

    g_assert(n > 0);
    for (guint i = 0; i < n; i++) {
        g_autoptr(MimeMessage) message = mime_message_read(sources[i].path, error);
        if (message && !draft) {
            draft = draft_for(&sources[i], message, wants, &identity, error);
            if (draft)
                reply_set_subject(draft, "Fwd: ", mime_message_envelope(message)->subject);
        }
        if (!draft)
            return NULL;
        if (!message || !attach_message(draft, &sources[i], message, wants->data, error))
            return reply_end_with(draft, FALSE, wants->data);
    }
    if (n > 1) {
        g_autofree char *subject =
            g_strdup_printf(ngettext_("%u forwarded message", "%u forwarded messages", n), n);
        draft_set(draft, DRAFT_SUBJECT, subject);
        draft->original = 0;
        g_clear_pointer(&draft->original_id, g_free); /* no row is the one that was forwarded */
    }
    reply_add_signature(draft, body, identity, notice_out);
    reply_set_body(draft, body, 0);
    return draft;
}

Draft *forward_digest(const ReplySource *sources, guint n, const ReplyWants *wants, char **notice_out,
                      GError **error)
{
    Draft *draft = forward_attached(sources, n, wants, notice_out, error);

    if (draft)
        draft->is_digest = TRUE;
    return draft;
}

void reply_set_list(Draft *draft, DraftField field, const GPtrArray *addresses)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);

    for (guint i = 0; i < addresses->len; i++) {
        const MimeAddress *one = addresses->pdata[i];
        if (*one->address)
            g_ptr_array_add(list, people_mailbox_new(one));
    }
    g_autofree char *text = compose_addresses_format(list);
    draft_set(draft, field, text);
}

/* Whether the text names a picture of its own message, which makes it Markdown. */
static gboolean names_pictures(const Draft *draft, const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_beside_text(message);

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        g_autofree char *link = part->filename ? g_uri_escape_string(part->filename, NULL, TRUE) : NULL;
        if (link && part->content_id && g_str_has_prefix(part->type, "image/") &&
            (strstr(draft->body, part->filename) || strstr(draft->body, link)))
            return TRUE;
    }
    return FALSE;
}

Draft *edit_as_new(const ReplySource *source, const ReplyWants *wants, G_GNUC_UNUSED char **notice_out,
                   GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(source->path, error);
    g_autoptr(Identity) identity = NULL;
    Draft *draft = message && reply_check_readable(message, error)
                       ? draft_for(source, message, wants, &identity, error)
                       : NULL;

    if (!draft)
        return NULL;
    const MimeEnvelope *envelope = mime_message_envelope(message);
    g_autofree char *text = quote_own_text(message, wants->prefer_html, QUOTE_COLS);
    draft->kind = DRAFT_NEW;
    draft->original = 0;
    g_clear_pointer(&draft->original_id, g_free);
    reply_set_list(draft, DRAFT_TO, envelope->to);
    reply_set_list(draft, DRAFT_CC, envelope->cc);
    draft_set(draft, DRAFT_SUBJECT, envelope->subject);
    draft_set_body(draft, text, strlen(text));
    draft->is_markdown = names_pictures(draft, message);
    return reply_end_with(draft, reply_attach_parts(draft, message, wants->data, error), wants->data);
}

Draft *resend_new(const ReplySource *source, const ReplyWants *wants, G_GNUC_UNUSED char **notice_out,
                  GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(source->path, error);
    g_autoptr(Identity) identity = NULL;
    Draft *draft = message ? draft_for(source, message, wants, &identity, error) : NULL;

    if (!draft)
        return NULL;
    g_autofree char *text = quote_own_text(message, wants->prefer_html, QUOTE_COLS);
    draft->kind = DRAFT_RESEND;
    draft_set(draft, DRAFT_SUBJECT, mime_message_envelope(message)->subject);
    draft_set(draft, DRAFT_REPLY_TO, "");
    draft_set(draft, DRAFT_BCC, "");
    draft_set_body(draft, text, strlen(text)); /* to be looked at; what goes out is the message */
    draft->resent = own_copy(draft, source->path, wants->data, error);
    return reply_end_with(draft, draft->resent != NULL, wants->data);
}
